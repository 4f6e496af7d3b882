//! The figure of every scenario of the catalogue: nothing left out, nothing on top of anything
//! else.

use std::collections::BTreeSet;
use std::fmt::Write;

use reports::figure::{Figure, Options, Preset, render};
use reports::{Contrast, Report, terminal};
use scenarios::{Prepared, Scenario, catalog, prepare, run};
use sim_engine::{CauseGraph, Chain, EventId, Recording, Trace, What};

/// Every system of every scenario and every variant, with a report of its run.
fn every_report() -> Vec<(String, Report)> {
    let mut reports = Vec::new();
    for entry in catalog::ALL {
        let scenario = Scenario::load(entry.name).unwrap_or_else(|problem| panic!("{problem}"));
        let variants = scenario.variants();
        let variants = variants.iter().map(|variant| format!("{}@{variant}", entry.name));
        for name in std::iter::once(entry.name.to_owned()).chain(variants) {
            let scenario = Scenario::load(&name).unwrap_or_else(|problem| panic!("{problem}"));
            for system in scenario.systems() {
                let prepared = prepare(&scenario, system, None)
                    .unwrap_or_else(|problem| panic!("{name}: {problem}"));
                reports.push((name.clone(), report(&prepared, scenario.seed())));
            }
        }
    }
    reports
}

fn report(prepared: &Prepared, seed: u64) -> Report {
    let run = run(prepared, seed, Recording::Everything);
    Report {
        scenario: prepared.scenario.clone(),
        system: prepared.system.clone(),
        title: prepared.title.clone(),
        lesson: prepared.lesson.clone(),
        subtitle: prepared.subtitle.clone(),
        mutant: prepared.mutant.map(|mutant| mutant.0.to_owned()),
        command: format!("partitura run {} --seed {seed}", prepared.scenario),
        outcome: run.outcome,
        trace: run.trace,
        promises: prepared.promises.to_vec(),
        refusals: prepared.refusals,
        topology: prepared.topology.clone(),
        unmet: run.unmet,
        files: Vec::new(),
        preset: Preset::Figure,
        contrast: None,
    }
}

#[test]
fn every_figure_is_complete_readable_and_the_same_twice() {
    let mut failures = String::new();
    for (name, report) in every_report() {
        let figure = render(&report, &Options::default());
        assert_eq!(figure, render(&report, &Options::default()), "{name}");
        let Figure { svg, labels_omitted, collisions } = &figure;
        if !labels_omitted.is_empty() || !collisions.is_empty() {
            writeln!(failures, "{name}: omitted {labels_omitted:?}, {collisions:#?}").unwrap();
        }
        assert!(svg.len() < 1_000_000, "{name}: {} bytes", svg.len());
        check_well_formed(&name, svg);
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn every_report_fits_on_two_screens_and_tells_the_story_of_its_figure() {
    for (name, report) in every_report() {
        let text = terminal(&report, false);
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap_or(0);
        assert!(widest <= 100, "{name}: a line of {widest} columns\n{text}");
        assert!(text.lines().count() <= 72, "{name}: {} lines", text.lines().count());
        let spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let (text, svg) = (spaced(&text), render(&report, &Options::default()).svg);
        for step in reports::Story::of(&report).steps {
            assert!(text.contains(&step.sentence), "{name}: {}", step.sentence);
            let sentence = step.sentence.replace('&', "&amp;").replace('<', "&lt;");
            let sentence = sentence.replace('>', "&gt;").replace('"', "&quot;");
            assert!(svg.contains(&sentence), "{name}: {sentence}");
        }
    }
}

/// True if steps of the scenario did all of this themselves.
fn done_by_steps(trace: &Trace, witness: &[EventId]) -> bool {
    let event = |id: EventId| trace.events.iter().find(|event| event.id == id);
    let by_step = |id: &EventId| {
        let cause = event(*id).and_then(|event| event.cause).and_then(event);
        cause.is_some_and(|cause| matches!(cause.what, What::Step { .. }))
    };
    witness.iter().all(by_step)
}

#[test]
fn every_broken_promise_has_a_short_chain_that_ends_with_it() {
    let mut broken = 0;
    for (name, report) in every_report() {
        let violated = report.trace.events.iter().filter_map(|event| {
            let What::Violated { promise, why, witness } = &event.what else { return None };
            Some((event, *promise, why, witness))
        });
        let graph = CauseGraph::of(&report.trace);
        // The figure draws the chain of what broke first.
        let mut has_links = None;
        for (event, promise, why, witness) in violated {
            broken += 1;
            let chain = Chain::of(&report.trace, &graph, event.id);
            // What an administrator did at once has nothing between the step and the witness.
            let least = usize::from(!done_by_steps(&report.trace, witness));
            assert!((least..=12).contains(&chain.links.len()), "{name}: {promise} {chain:?}");
            assert_eq!(&chain.witness, witness, "{name}");
            has_links.get_or_insert(!chain.links.is_empty());
            let lines = reports::why(&report.trace, promise);
            assert!(lines.len() >= 2 && lines.len() <= 24, "{name}: {lines:?}");
            assert!(lines.last().is_some_and(|last| last.ends_with(why.as_str())), "{lines:?}");
        }
        let drawn = render(&report, &Options::default()).svg.contains("id=\"fig-chain\"");
        assert_eq!(drawn, has_links.unwrap_or(false), "{name}");
    }
    assert!(broken >= 3, "no scenario breaks anything");
}

#[test]
fn every_page_is_complete_and_has_its_size() {
    let sizes = [(Preset::Readme, 900), (Preset::Slide, 1_280), (Preset::Poster, 1_680)];
    let mut failures = String::new();
    for (name, mut report) in every_report() {
        for (preset, width) in sizes {
            report.contrast = None;
            if preset == Preset::Poster {
                let other = Box::new(report.clone());
                report.contrast = Some(Contrast { report: other, comes_first: false });
            }
            let Figure { svg, labels_omitted, collisions } = render(&report, &Options::on(preset));
            if !labels_omitted.is_empty() || !collisions.is_empty() {
                writeln!(failures, "{name} {preset:?}: {labels_omitted:?} {collisions:?}").unwrap();
            }
            assert!(svg.contains(&format!(" width=\"{width}\"")), "{name} {preset:?}");
            let is_slide = svg.contains(" width=\"1280\" height=\"720\"");
            assert_eq!(is_slide, preset == Preset::Slide, "{name}");
            check_well_formed(&name, &svg);
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// How many messages a picture shows as lost, and how many more it says it does not show.
fn losses(svg: &str) -> usize {
    let shown = svg.lines().filter(|line| line.contains("data-state=\"dropped\""));
    let receivers = shown.map(|line| {
        let to = line.split("data-to=\"").nth(1).and_then(|rest| rest.split('"').next());
        to.map_or(0, |to| to.split(' ').count())
    });
    let hidden = svg.split("data-lost-hidden=\"").nth(1).and_then(|rest| rest.split('"').next());
    receivers.sum::<usize>() + hidden.and_then(|n| n.parse::<usize>().ok()).unwrap_or(usize::MAX)
}

#[test]
fn every_lost_message_is_drawn_or_counted() {
    let scenario = Scenario::load("raft-chaos").unwrap();
    let sets =
        ["duration=1500ms", "workload.0.until=1300ms", "chaos.until=1s", "chaos.within=400ms"]
            .map(str::to_owned);
    let scenario = scenario.with_sets(&sets).unwrap();
    let prepared = prepare(&scenario, "raft", None).unwrap();
    let mut lost = 0;
    for seed in 0..200 {
        let report = report(&prepared, seed);
        let dropped = report.trace.events.iter();
        let dropped = dropped.filter(|event| matches!(event.what, What::Dropped { .. })).count();
        assert_eq!(losses(&render(&report, &Options::default()).svg), dropped, "seed {seed}");
        lost += dropped;
    }
    assert!(lost > 1_000, "{lost}");
}

/// Every tag that opens is closed in order, and every id is unique.
fn check_well_formed(name: &str, svg: &str) {
    let mut open = Vec::new();
    let mut ids = BTreeSet::new();
    for part in svg.split('<').skip(1) {
        let (tag, _) = part.split_once('>').unwrap_or_else(|| panic!("{name}: `{part}`"));
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "{name}");
        } else if !tag.ends_with('/') {
            open.extend(tag.split_whitespace().next());
        }
        if let Some((_, rest)) = tag.split_once(" id=\"") {
            let id = rest.split('"').next().unwrap_or_default();
            assert!(ids.insert(id), "{name}: id `{id}` twice");
        }
    }
    assert_eq!(open, Vec::<&str>::new(), "{name}");
}
