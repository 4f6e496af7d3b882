//! Layouts of small hand-made runs, one difficulty each.

use super::*;
use crate::sample;

/// Writes a picture where a person can look at it, if asked to.
fn show(name: &str, report: &Report) -> Figure {
    let figure = render(report, &Options::default());
    if let Some(folder) = option_env!("FIGURES") {
        std::fs::write(format!("{folder}/{name}.svg"), &figure.svg).unwrap();
    }
    figure
}

#[test]
fn split_brain_becomes_the_picture_it_should() {
    let report = sample::split_brain();
    let figure = show("split-brain", &report);
    println!("{}", lay_out(&report, Preset::Figure));
    assert_eq!(figure.labels_omitted, 0);
}
