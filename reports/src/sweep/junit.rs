//! Sweeps as JUnit: a suite for each, a case for each promise.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{PromiseTally, SweepSummary};

/// The report that CI systems read.
pub fn junit(sweeps: &[SweepSummary]) -> String {
    let mut report = Report::new("partitura");
    for sweep in sweeps {
        report.add_test_suite(suite(sweep));
    }
    // Writing to memory cannot fail.
    report.to_string().unwrap_or_default()
}

fn suite(sweep: &SweepSummary) -> TestSuite {
    let name = sweep.label();
    let mut suite = TestSuite::new(name.clone());
    for promise in &sweep.promises {
        let mut case = TestCase::new(promise.name.clone(), status(sweep, promise));
        case.set_classname(name.clone());
        suite.add_test_case(case);
    }
    let others = sweep.unmet.iter().filter(|why| {
        !sweep.promises.iter().any(|promise| why.starts_with(&format!("`{}`", promise.name)))
    });
    let mut rest = match others.cloned().collect::<Vec<_>>() {
        unmet if unmet.is_empty() => TestCaseStatus::success(),
        unmet => {
            let is_bug = sweep.panicked.is_some();
            let kind = if is_bug { NonSuccessKind::Error } else { NonSuccessKind::Failure };
            let mut status = TestCaseStatus::non_success(kind);
            status.set_message(unmet.join("; "));
            status
        }
    };
    if let Some(panic) = &sweep.panicked {
        rest.set_description(format!("{}\n{}", panic.message, panic.command));
    }
    let mut case = TestCase::new("expectation", rest);
    case.set_classname(name);
    suite.add_test_case(case);
    suite
}

fn status(sweep: &SweepSummary, promise: &PromiseTally) -> TestCaseStatus {
    let about = format!("`{}`", promise.name);
    let broken = sweep.violated.iter().find(|broken| broken.promise == promise.name);
    if let Some(why) = sweep.unmet.iter().find(|why| why.starts_with(&about)) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        let Some(broken) = broken else {
            status.set_message(why.clone());
            return status;
        };
        status.set_message(format!("{why} at {}: {}", broken.at, broken.why));
        status.set_type(promise.name.clone());
        let file = broken.failure.iter().map(|file| format!("cargo run -- replay {file}"));
        let lines: Vec<String> = std::iter::once(broken.command.clone()).chain(file).collect();
        status.set_description(lines.join("\n"));
        return status;
    }
    if broken.is_none() && promise.held == 0 {
        let mut status = TestCaseStatus::skipped();
        status.set_message("never put to the test");
        return status;
    }
    TestCaseStatus::success()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sweep::sample;

    #[test]
    fn every_promise_is_a_case() {
        let mut sweep = sample::whole();
        sweep.unmet = vec![
            "`one-leader` broke in 3 of 30 seeds, first in seed 4".to_owned(),
            "`durability` broke in 2 of 30 seeds, first in seed 12".to_owned(),
            "1 of 30 seeds ended in a bug of Partitura, first seed 25".to_owned(),
        ];
        insta::assert_snapshot!(junit(&[sweep, sample::parts()[2].clone()]));
    }
}
