//! The story of a run: at most nine numbered sentences, the same in the figure and in the terminal.

mod telling;
mod window;

use std::collections::{BTreeMap, BTreeSet};

use sim_engine::{EventId, Instant, NodeId, What};

use crate::Report;
use crate::scene::Scene;
use telling::Telling;
pub(crate) use window::Window;

/// How many sentences a story has at most.
const STEPS_MAX: usize = 9;
/// What is worth less than this is not told.
const SCORE_MIN: i32 = 30;
/// What is worth less than this is not told in one breath with something else.
const MERGE_MIN: i32 = 60;

/// The story of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// Its sentences in the order of time.
    pub steps: Vec<StoryStep>,
    /// How many more there would have been to tell.
    pub untold: usize,
}

/// One numbered sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoryStep {
    /// Its number, from 1.
    pub number: usize,
    /// When it happened.
    pub at: Instant,
    /// The event it tells of.
    pub event: EventId,
    /// Where it happened; `None` for what happens to the network.
    pub node: Option<NodeId>,
    /// The sentence.
    pub sentence: String,
    /// A word for the picture: `split`, `heal`, `crash`, `restart`.
    pub sign: Option<&'static str>,
}

impl Story {
    /// Tells a run.
    pub fn of(report: &Report) -> Self {
        Self::told(report, &Scene::of(&report.trace))
    }

    pub(crate) fn told(report: &Report, scene: &Scene<'_>) -> Self {
        let window = Window::of(scene);
        let mut tellings = telling::all(scene, trusted_until(report, scene));
        let told = tellings.len();
        tellings.retain(|telling| window.holds(telling.at));
        let outside = told - tellings.len();
        trust_the_scenario(&mut tellings);
        merge_moments(scene, &mut tellings);
        weaken_repeats(scene, &mut tellings);
        tellings.retain(|telling| telling.score >= SCORE_MIN);
        tellings.sort_by_key(|telling| (-telling.score, telling.at, telling.event));
        let untold = outside + tellings.len().saturating_sub(STEPS_MAX);
        tellings.truncate(STEPS_MAX);
        tellings.sort_by_key(|telling| (telling.at, telling.event));
        let steps = tellings.into_iter().enumerate().map(|(i, telling)| StoryStep {
            number: i + 1,
            at: telling.at,
            event: telling.event,
            node: telling.node,
            sentence: telling.sentence,
            sign: telling.sign,
        });
        Self { steps: steps.collect(), untold }
    }
}

/// How long the scenario's own words are true: where a planted bug broke a promise that the
/// scenario relies on, they describe a run that did not happen.
fn trusted_until(report: &Report, scene: &Scene<'_>) -> Instant {
    if report.is_met() || report.mutant.is_none() {
        return Instant::NEVER;
    }
    let broken = scene.events().find(|event| matches!(event.what, What::Violated { .. }));
    broken.map_or(Instant::NEVER, |event| event.at)
}

/// Where the scenario has words of its own for a moment of a node, the protocol's are not needed.
fn trust_the_scenario(tellings: &mut Vec<Telling>) {
    let said: Vec<(Instant, Option<NodeId>)> = tellings
        .iter()
        .filter(|telling| ["step", "said"].contains(&telling.sort) && telling.node.is_some())
        .map(|telling| (telling.at, telling.node))
        .collect();
    keep_signs(tellings);
    tellings.retain(|telling| {
        ["step", "said", "violation"].contains(&telling.sort)
            || !said.contains(&(telling.at, telling.node))
    });
}

/// What the scenario says in place of the protocol keeps the word in the picture.
fn keep_signs(tellings: &mut [Telling]) {
    let signed: Vec<(Instant, Option<NodeId>, &'static str)> =
        tellings.iter().filter_map(|told| Some((told.at, told.node, told.sign?))).collect();
    for said in tellings.iter_mut().filter(|told| told.sort == "said" && told.sign.is_none()) {
        let same = signed.iter().find(|(at, node, _)| (*at, *node) == (said.at, said.node));
        said.sign = same.map(|(.., sign)| *sign);
    }
}

/// What one node does in one moment is one sentence: "n1 steps down. It drops x=2."
fn merge_moments(scene: &Scene<'_>, tellings: &mut Vec<Telling>) {
    let mut merged: Vec<Telling> = Vec::new();
    for telling in tellings.drain(..) {
        match merged.last_mut() {
            Some(last)
                if last.node.is_some()
                    && last.node == telling.node
                    && last.at == telling.at
                    && last.score >= MERGE_MIN
                    && telling.score >= MERGE_MIN
                    && last.sort != "violation"
                    && telling.sort != "violation"
                    && !last.is_merged =>
            {
                let name = telling.node.map(|node| crate::words::name(&scene.trace.cast, node));
                let rest = name.and_then(|name| telling.sentence.strip_prefix(&format!("{name} ")));
                let rest =
                    rest.map_or_else(|| telling.sentence.clone(), |rest| format!("It {rest}"));
                last.sentence = format!("{} {rest}", last.sentence);
                last.score = last.score.max(telling.score);
                last.sign = last.sign.or(telling.sign);
                last.is_merged = true;
            }
            Some(_) | None => merged.push(telling),
        }
    }
    *tellings = merged;
}

/// Each further telling of one sort is worth less, the weightiest first; what one node does just as
/// another did is worth less still, and what was said in the same words is not said again.
fn weaken_repeats(scene: &Scene<'_>, tellings: &mut Vec<Telling>) {
    const AS_ANOTHER: i32 = 25;
    let mut seen: BTreeMap<&'static str, i32> = BTreeMap::new();
    let mut said: BTreeSet<String> = BTreeSet::new();
    let mut done: BTreeSet<String> = BTreeSet::new();
    tellings.sort_by_key(|telling| (-telling.score, telling.at, telling.event));
    tellings.retain_mut(|telling| {
        let n = seen.entry(telling.sort).or_default();
        telling.score -= *n * telling.wear;
        *n += 1;
        let name = telling.node.map(|node| crate::words::name(&scene.trace.cast, node));
        let rest = name.and_then(|name| telling.sentence.strip_prefix(&format!("{name} ")));
        // A crash is news whoever crashes.
        if telling.sign.is_none() && rest.is_some_and(|rest| !done.insert(rest.to_owned())) {
            telling.score -= AS_ANOTHER;
        }
        said.insert(telling.sentence.clone())
    });
}
