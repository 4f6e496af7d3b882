//! A small sweep for tests: three parts of ten seeds each.

use std::collections::BTreeMap;

use super::{
    Cell, Expected, FORMAT, FaultTally, Operations, Panicked, PromiseTally, Seeds, SweepSummary,
    Timing, Violated,
};

/// Ten seeds from `from` on; each broken promise with its first seed.
fn part(from: u64, broken: &[(&str, u64)]) -> SweepSummary {
    let violated = |(promise, seed): &(&str, u64)| Violated {
        promise: (*promise).to_owned(),
        seeds: 1 + (from % 20) / 10,
        first_seed: *seed,
        expected: false,
        at: format!("{seed}.5 ms"),
        why: format!("`{promise}` is broken in seed {seed} & <said> so"),
        failure: Some(format!("failures/storm-one-{seed}-{promise}.json")),
        command: format!("cargo run -- --scenario storm --seed {seed}"),
    };
    let promise = |name: &str| {
        let n = u64::from(broken.iter().any(|(broken, _)| *broken == name));
        let is_tested = name != "liveness";
        PromiseTally {
            name: name.to_owned(),
            held: if is_tested { 10 - n } else { 0 },
            violated: n,
            not_exercised: if is_tested { 0 } else { 10 },
            undecided: 0,
            suspended: 0,
        }
    };
    let cells = |name: &str| {
        let n = u64::from(broken.iter().any(|(broken, _)| *broken == name));
        let cell = |held, violated| Cell { held, violated };
        let row = [
            ("none".to_owned(), cell(2, 0)),
            ("crash".to_owned(), cell(6 - n, n)),
            ("partition".to_owned(), cell(3, 0)),
        ];
        (name.to_owned(), BTreeMap::from(row))
    };
    SweepSummary {
        format: FORMAT.to_owned(),
        scenario: "storm".to_owned(),
        system: "one".to_owned(),
        changes: vec!["--mutant forgetful".to_owned()],
        fingerprint: "00000000000000aa".to_owned(),
        seeds: Seeds { from, to: from + 10, run: 10 },
        whole: None,
        expectation: "not-met".to_owned(),
        unmet: vec!["`one-leader` broke in 1 of 10 seeds".to_owned()],
        violated: broken.iter().map(violated).collect(),
        panicked: None,
        promises: ["one-leader", "durability", "liveness"].map(promise).to_vec(),
        milestones: BTreeMap::from([("elected".to_owned(), from + 1), ("merged".to_owned(), 0)]),
        never_reached: vec!["merged".to_owned()],
        faults: vec![FaultTally { kind: "crash".to_owned(), armed: 12, acted: 9, seeds: 6 }],
        promise_by_fault: ["one-leader", "durability"].map(cells).into(),
        operations: Operations { ok: 90, failed: 1, unknown: 9 },
        steps: Vec::new(),
        limited: 0,
        expect: Expected { reaches: vec!["merged".to_owned()], ..Expected::default() },
        digest: "0000000000000001".to_owned(),
        timing: Timing::default(),
    }
}

/// Seeds 0 to 9, 10 to 19 and 20 to 29.
pub(crate) fn parts() -> [SweepSummary; 3] {
    let mut last = part(20, &[]);
    last.panicked = Some(Panicked {
        seeds: 1,
        first_seed: 25,
        message: "index out of bounds".to_owned(),
        command: "cargo run -- --scenario storm --seed 25".to_owned(),
    });
    last.faults.push(FaultTally { kind: "partition".to_owned(), armed: 3, acted: 30, seeds: 3 });
    [part(0, &[("one-leader", 4)]), part(10, &[("one-leader", 15), ("durability", 12)]), last]
}

/// All of them.
pub(crate) fn whole() -> SweepSummary {
    let [mut whole, second, third] = parts();
    super::append(&mut whole, &second);
    super::append(&mut whole, &third);
    whole
}
