//! Sweeps as annotations of a workflow on GitHub, and as its summary.

use std::fmt::Write;

use super::SweepSummary;

/// More than these are not shown.
const SHOWN_MAX: usize = 10;

/// Workflow commands, one a line: an error for each reason why a sweep was not as expected.
pub fn annotations(sweeps: &[SweepSummary]) -> String {
    let mut out = String::new();
    let all = sweeps.iter().flat_map(|sweep| sweep.unmet.iter().map(move |why| (sweep, why)));
    for (sweep, why) in all.take(SHOWN_MAX) {
        let broken = sweep
            .violated
            .iter()
            .find(|broken| why.starts_with(&format!("`{}`", broken.promise)))
            .map(|broken| format!("\n{}\n{}", broken.why, broken.command));
        let text = format!("{why}{}", broken.unwrap_or_default());
        let _infallible =
            writeln!(out, "::error title={}::{}", property(&sweep.label()), data(&text));
    }
    out
}

/// A table for the page of a workflow's run.
pub fn markdown(sweeps: &[SweepSummary]) -> String {
    let mut out = String::from("| sweep | seeds | | violated |\n|---|---|---|---|\n");
    for sweep in sweeps {
        let violated = sweep.violated.iter().map(|broken| {
            format!("`{}` in {}, first seed {}", broken.promise, broken.seeds, broken.first_seed)
        });
        let violated = violated.collect::<Vec<_>>().join("; ");
        let _infallible = writeln!(
            out,
            "| {} | {} | {} | {violated} |",
            sweep.label().replace('|', "\\|"),
            sweep.seeds.run,
            sweep.expectation
        );
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::sample;

    #[test]
    fn every_reason_is_an_annotation_of_one_line() {
        let mut sweep = sample::whole();
        sweep.unmet = vec!["`one-leader` broke: 100 %, twice".to_owned(), "other".to_owned()];
        sweep.changes = vec!["--set a=b:c,d".to_owned()];
        let expected = "::error title=storm · one --set a=b%3Ac%2Cd::`one-leader` broke: 100 %25, \
                        twice%0A`one-leader` is broken in seed 4 & <said> so%0Acargo run -- \
                        --scenario storm --seed 4\n::error title=storm · one --set a=b%3Ac%2Cd\
                        ::other\n";
        assert_eq!(annotations(&[sweep.clone()]), expected);
        sweep.unmet = vec!["again".to_owned(); 40];
        assert_eq!(annotations(&[sweep]).lines().count(), SHOWN_MAX);
    }
}
