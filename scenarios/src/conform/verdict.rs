//! Whether a recording and the runs agree.

use std::ops::Range;

use reports::sweep::Seeds;
use serde::Serialize;

use super::driver::What;
use super::edges;
use super::micros::Micros;
use super::observed::Observed;
use super::order::{Match, Order, compare, order_of};
use super::results::{ResultLine, results};
use super::stage::Stage;
use super::windows::{Window, phases, windows};

/// What the comparison came to.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Conformity {
    pub(crate) format: &'static str,
    /// The case and the run: `etcd-kill-leader-n3-prevote-3`.
    pub(crate) recording: String,
    pub(crate) system: String,
    pub(crate) seeds: Seeds,
    /// In how many runs every member has the recorded order from beginning to end.
    pub(crate) runs_with_the_same_orders: usize,
    pub(crate) processes: Vec<ProcessLine>,
    pub(crate) edges: Vec<EdgeLine>,
    pub(crate) windows: Vec<Window>,
    pub(crate) results: Vec<ResultLine>,
    pub(crate) conforms: bool,
}

/// The order of one member.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ProcessLine {
    pub(crate) name: String,
    /// `equal` or `differs`.
    pub(crate) order: &'static str,
    /// In how many runs the member has this order from beginning to end. If in none, an equal order
    /// is one whose every piece is in some run.
    pub(crate) runs: usize,
    pub(crate) first_difference: Option<String>,
}

/// A cause and its effect.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct EdgeLine {
    pub(crate) from: &'static str,
    pub(crate) to: &'static str,
    pub(crate) ok: bool,
    /// The first effect without a cause.
    pub(crate) why: Option<String>,
}

/// Compares what was recorded with every run.
pub(super) fn judge(
    stage: &Stage<'_>,
    recorded: &Observed,
    runs: &[Observed],
    seeds: &Range<u64>,
) -> Conformity {
    let recording = stage.recording;
    let table = recording.table;
    let (processes, runs_with_the_same_orders) = processes(stage, recorded, runs);
    let edges = table.edges.iter().map(|edge| {
        let in_runs = || runs.iter().find_map(|run| edges::broken(run, edge, table));
        let in_runs = || in_runs().map(|why| format!("in a run, {why}"));
        let why = edges::broken(recorded, edge, table).or_else(in_runs);
        EdgeLine { from: edge.from, to: edge.to, ok: why.is_none(), why }
    });
    let edges: Vec<_> = edges.collect();
    let windows = windows(recorded, runs, &phases(&stage.driver.deeds), table.moments);
    let results = results(recorded, runs, table);
    let conforms = processes.iter().all(|line| line.order == "equal")
        && edges.iter().all(|edge| edge.ok)
        && windows.iter().all(|window| window.inside)
        && results.iter().all(|line| line.ok);
    Conformity {
        format: "partitura-conform/1",
        recording: format!("{}-{}", recording.file.case, recording.file.run),
        system: recording.file.system.clone(),
        seeds: Seeds {
            from: seeds.start,
            to: seeds.end,
            run: u64::try_from(runs.len()).unwrap_or(u64::MAX),
        },
        runs_with_the_same_orders,
        processes,
        edges,
        windows,
        results,
        conforms,
    }
}

/// Every member's order, and in how many runs all of them are the recorded ones.
fn processes(
    stage: &Stage<'_>,
    recorded: &Observed,
    runs: &[Observed],
) -> (Vec<ProcessLine>, usize) {
    let kinds = stage.recording.table.kinds;
    let names = stage.recording.names();
    let orders =
        |name: &&str| -> Vec<Order> { runs.iter().map(|run| order_of(run, name, kinds)).collect() };
    let simulated: Vec<Vec<Order>> = names.iter().map(orders).collect();
    let wanted: Vec<Order> = names.iter().map(|name| order_of(recorded, name, kinds)).collect();
    let is_same =
        |run: &usize| simulated.iter().zip(&wanted).all(|(own, order)| own[*run] == *order);
    let same = (0..runs.len()).filter(is_same).count();
    let lines = names.iter().enumerate().map(|(place, name)| {
        let part = stage.part_of(name);
        let is_alike = |other: &usize| stage.part_of(names[*other]) == part;
        let alike: Vec<&Order> =
            (0..names.len()).filter(is_alike).flat_map(|other| &simulated[other]).collect();
        line(name, &wanted[place], &compare(&wanted[place], &simulated[place], &alike), kinds)
    });
    (lines.collect(), same)
}

impl Stage<'_> {
    /// The part that a member plays: members of one part can stand in for each other.
    fn part_of(&self, name: &str) -> String {
        let node = self.recording.file.nodes.iter().find(|node| node.name == name);
        let mut part = node.and_then(|node| node.role.clone()).unwrap_or_default();
        let has = |side: &[String]| side.iter().any(|one| one == name);
        for deed in &self.driver.deeds {
            let place = match &deed.what {
                What::Start(node)
                | What::Kill(node)
                | What::Restart(node)
                | What::Pause(node)
                | What::Resume(node) => u64::from(node == name),
                What::Cut(links) | What::Heal(links) => links.iter().fold(1, |place, cut| {
                    let side = u64::from(has(&cut.one)) + 2 * u64::from(has(&cut.other));
                    u64::wrapping_mul(place, 3).wrapping_add(side)
                }),
                // Whom a command names is among its words.
                What::Command { node, words } => {
                    let is_named = words.split_whitespace().any(|word| word == name);
                    u64::from(node == name) + 2 * u64::from(is_named)
                }
            };
            part = format!("{part} {place}");
        }
        part
    }
}

fn line(name: &str, wanted: &Order, found: &Match, kinds: &[&str]) -> ProcessLine {
    let word = |kind: Option<u8>| {
        kind.map_or_else(
            || "nothing more".to_owned(),
            |kind| format!("`{}`", kinds[usize::from(kind)]),
        )
    };
    let (order, runs, first_difference) = match found {
        Match::Whole(runs) => ("equal", *runs, None),
        Match::InPieces => ("equal", 0, None),
        Match::Differs { at, instead } => {
            let before = at.checked_sub(1).and_then(|before| wanted.get(before)).copied();
            let after = match before {
                Some(_) => format!("after {}", word(before)),
                None => "at the beginning".to_owned(),
            };
            let (has, runs) = (word(wanted.get(*at).copied()), word(*instead));
            let what = format!(
                "{after} (number {at}) the recording has {has}, no run has; the nearest runs have \
                 {runs}"
            );
            ("differs", 0, Some(what))
        }
    };
    ProcessLine { name: name.to_owned(), order, runs, first_difference }
}

impl Window {
    /// The window in one line, for people.
    pub(crate) fn sentence(&self, system: &str) -> String {
        let recorded = self
            .recorded_ms
            .map_or_else(|| "never".to_owned(), |time| format!("{} ms", time.round()));
        let simulated = self.simulated_ms.map_or_else(
            || "never".to_owned(),
            |spread| {
                let ms = Micros::round;
                format!(
                    "p5..p95 {}..{} ms, median {}, {}..{} in all",
                    ms(spread.p5),
                    ms(spread.p95),
                    ms(spread.p50),
                    ms(spread.min),
                    ms(spread.max)
                )
            },
        );
        format!("{}: {system} {recorded}; simulator {simulated}", self.event)
    }
}
