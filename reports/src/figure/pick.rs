//! How much each round of messages and each operation matters to the story.

use std::collections::{BTreeMap, BTreeSet};

use sim_engine::{Ending, EventId, Instant, NodeId, What};

use super::fold::{Round, SCORE_MIN};
use crate::scene::{Fate, Op, Scene};
use crate::story::{Story, Window};

/// How far back the causes of a told event are followed.
const HOPS_MAX: i32 = 10;

/// What is known of the events of a run when rounds are weighed.
struct Weights {
    /// What a delivery led to.
    led_to: BTreeMap<EventId, i32>,
    /// Messages on the way to something that is told, by how near they are.
    on_the_way: BTreeMap<EventId, i32>,
    /// Causes of told events: what was sent in the same step belongs to them.
    told_causes: BTreeSet<EventId>,
    /// The operation an event comes from.
    root: BTreeMap<EventId, usize>,
}

/// Chooses the operations that are drawn, at most so many.
pub(super) fn pick_ops(
    scene: &Scene<'_>,
    story: &Story,
    window: Window,
    most: usize,
) -> Vec<usize> {
    let way: BTreeSet<EventId> = story
        .steps
        .iter()
        .flat_map(|step| causes_of(scene, step.event))
        .map(|(id, _)| id)
        .collect();
    let told: BTreeSet<EventId> = story.steps.iter().map(|step| step.event).collect();
    let fault = scene.first_fault();
    let mut scored: Vec<(i32, usize)> = Vec::new();
    let mut calm_seen = false;
    for (i, op) in scene.ops.iter().enumerate().filter(|(_, op)| window.holds(op.from)) {
        let ended = op.end.map(|(_, event, _)| event);
        let is_told =
            told.contains(&op.invoked) || ended.is_some_and(|event| told.contains(&event));
        let is_calm = !calm_seen && fault.is_none_or(|fault| op.from < fault);
        calm_seen |= is_calm;
        let score = if is_told { 100 } else { 0 }
            + if way.contains(&op.invoked) { 55 } else { 0 }
            + ending_score(op)
            + if is_calm { 15 } else { 0 }
            + if is_during(scene, op) { 30 } else { 0 };
        scored.push((-score, i));
    }
    scored.sort_unstable();
    scored.truncate(most);
    if scored.len() >= most {
        scored.retain(|(score, _)| *score <= -30);
    }
    let mut ops: Vec<usize> = scored.into_iter().map(|(_, i)| i).collect();
    ops.sort_unstable();
    ops
}

fn ending_score(op: &Op<'_>) -> i32 {
    match op.end.map(|(_, _, ending)| ending) {
        Some(Ending::Ok(_)) => 0,
        Some(Ending::Failed(_)) => 40,
        Some(Ending::Unknown(_)) => 50,
        None => 20,
    }
}

/// True if the operation ended well while a fault was on.
fn is_during(scene: &Scene<'_>, op: &Op<'_>) -> bool {
    let Some((end, _, Ending::Ok(_))) = op.end else { return false };
    let within =
        |from: Instant, to: Option<Instant>| from <= op.from && to.is_none_or(|to| end <= to);
    scene.troubles.iter().any(|trouble| within(trouble.from, trouble.to))
        || scene.downs.iter().any(|down| within(down.from, down.to))
}

/// True if a client has this operation open.
pub(super) fn is_open(op: &Op<'_>, client: NodeId, at: Instant) -> bool {
    op.client == client && op.from <= at && op.end.is_none_or(|(end, ..)| at <= end)
}

/// The chain of causes of an event, itself not included, with the distance.
pub(super) fn causes_of(scene: &Scene<'_>, event: EventId) -> Vec<(EventId, i32)> {
    let mut chain = Vec::new();
    let mut next = scene.causes.get(&event).and_then(|event| event.cause);
    while let Some(id) = next
        && let Ok(hop) = i32::try_from(chain.len())
        && hop < HOPS_MAX
    {
        chain.push((id, hop));
        // A cause is always older; anything else would be a circle.
        next = scene.causes.get(&id).and_then(|event| event.cause).filter(|cause| *cause < id);
    }
    chain
}

impl Weights {
    fn of(scene: &Scene<'_>, story: &Story, ops: &[usize]) -> Self {
        let mut weights = Self {
            led_to: BTreeMap::new(),
            on_the_way: BTreeMap::new(),
            told_causes: BTreeSet::new(),
            root: BTreeMap::new(),
        };
        for i in ops {
            weights.root.insert(scene.ops[*i].invoked, *i);
        }
        for event in scene.events() {
            // A client that asks again after a timeout still serves the same operation.
            if let (Some(node), What::Sent { .. }) = (event.node, &event.what)
                && let Some(op) = ops.iter().find(|i| is_open(&scene.ops[**i], node, event.at))
            {
                weights.root.insert(event.id, *op);
            }
            let Some(cause) = event.cause else { continue };
            if let Some(op) = weights.root.get(&cause).copied() {
                weights.root.entry(event.id).or_insert(op);
            }
            *weights.led_to.entry(cause).or_default() += worth(&event.what);
        }
        for step in &story.steps {
            weights.told_causes.extend(scene.causes.get(&step.event).and_then(|event| event.cause));
            for (id, hop) in causes_of(scene, step.event) {
                let worth = weights.on_the_way.entry(id).or_default();
                *worth = (*worth).max(60 - 4 * hop);
            }
        }
        weights
    }
}

/// How much it matters that a message led to this.
fn worth(what: &What) -> i32 {
    if let What::Fact(fact) = what {
        i32::from(fact.weight) / 2
    } else if matches!(what, What::Stood(_)) {
        40
    } else if matches!(what, What::Finished { .. }) {
        30
    } else if matches!(what, What::Viewed(_)) {
        8
    } else {
        0
    }
}

/// Weighs every round.
pub(super) fn score(scene: &Scene<'_>, story: &Story, ops: &[usize], rounds: &mut [Round]) {
    let weights = Weights::of(scene, story, ops);
    let mut seen: BTreeMap<(&str, &str, NodeId, bool), i32> = BTreeMap::new();
    let mut met: BTreeSet<(NodeId, Instant, bool)> = BTreeSet::new();
    for round in rounds.iter_mut() {
        let mut score = weights.base(scene, round);
        let first = &scene.messages[round.messages[0]];
        let repeats =
            seen.entry((first.kind, first.label, round.sender, round.is_routine)).or_default();
        score -= 10 * (*repeats).min(5);
        *repeats += 1;
        if let Some(fault) = lost_in(scene, round)
            && met.insert((round.sender, fault, round.is_routine))
        {
            score += if round.is_routine { 20 } else { 45 };
        }
        round.score = score;
    }
    lift_answers(scene, rounds);
    show_a_loss(scene, rounds);
}

/// Of every fault at least one lost message is worth an arrow: where none is, the weightiest.
fn show_a_loss(scene: &Scene<'_>, rounds: &mut [Round]) {
    let mut best: BTreeMap<Instant, (i32, usize)> = BTreeMap::new();
    for (i, round) in rounds.iter().enumerate() {
        let with_client = [round.sender, scene.messages[round.messages[0]].to];
        if let Some(fault) = lost_in(scene, round)
            && !with_client.into_iter().any(|id| scene.is_client(id))
        {
            let (score, _) = best.entry(fault).or_insert((round.score, i));
            if round.score > *score {
                best.insert(fault, (round.score, i));
            }
        }
    }
    for (score, i) in best.into_values() {
        rounds[i].score = score.max(SCORE_MIN);
    }
}

impl Weights {
    fn base(&self, scene: &Scene<'_>, round: &Round) -> i32 {
        let mut best = 0;
        for i in &round.messages {
            let message = &scene.messages[*i];
            let mut score = self.on_the_way.get(&message.id).copied().unwrap_or(0);
            if let Fate::Arrived { event, .. } = message.fate {
                score += self.led_to.get(&event).copied().unwrap_or(0).min(60);
            }
            if message.cause.is_some_and(|cause| self.told_causes.contains(&cause)) {
                score += 35;
            }
            let root = self.root.get(&message.id);
            let is_rooted = root.is_some();
            if let Some(op) = root.filter(|_| !message.routine) {
                // What came of an operation that did not end well is what a reader looks for.
                score += if ending_score(&scene.ops[*op]) > 0 { 48 } else { 30 };
            }
            if scene.is_client(message.from) || scene.is_client(message.to) {
                // Traffic of clients without a box in the picture explains nothing.
                score = if is_rooted { score + 10 } else { score - 60 };
            }
            best = best.max(score);
        }
        best + if round.is_routine { -20 } else { 15 }
    }
}

/// When the fault began in which a round, or a part of it, was lost.
fn lost_in(scene: &Scene<'_>, round: &Round) -> Option<Instant> {
    let (to, lost_at) = round.messages.iter().find_map(|i| match scene.messages[*i].fate {
        Fate::Lost { at, .. } => Some((scene.messages[*i].to, at)),
        Fate::Arrived { .. } | Fate::Flying => None,
    })?;
    let covers =
        |from: Instant, to: Option<Instant>| from <= lost_at && to.is_none_or(|to| lost_at <= to);
    let down = scene.downs.iter().rfind(|down| down.node == to && covers(down.from, down.to));
    let trouble = scene.troubles.iter().rfind(|trouble| covers(trouble.from, trouble.to));
    down.map(|down| down.from).or(trouble.map(|trouble| trouble.from))
}

/// Where one answer to a round matters, the others do too: a vote, an ack.
fn lift_answers(scene: &Scene<'_>, rounds: &mut [Round]) {
    let mut round_of: BTreeMap<EventId, usize> = BTreeMap::new();
    for (i, round) in rounds.iter().enumerate() {
        for message in round.messages.iter().map(|m| &scene.messages[*m]) {
            if let Fate::Arrived { event, .. } = message.fate {
                round_of.insert(event, i);
            }
        }
    }
    let asked = |round: &Round| -> Option<usize> {
        let cause = scene.messages[round.messages[0]].cause?;
        round_of.get(&cause).copied()
    };
    let answers: Vec<(usize, usize)> = rounds
        .iter()
        .enumerate()
        .filter(|(_, round)| !round.is_routine)
        .filter_map(|(i, round)| Some((asked(round)?, i)))
        .collect();
    let mut best: BTreeMap<(usize, &str), i32> = BTreeMap::new();
    for (question, answer) in &answers {
        let worth = best.entry((*question, rounds[*answer].kind)).or_default();
        *worth = (*worth).max(rounds[*answer].score);
    }
    for (question, answer) in answers {
        let worth = best.get(&(question, rounds[answer].kind)).copied().unwrap_or(0);
        // An answer that changes nothing still shows that the question arrived: one ack of three.
        let asked = rounds[question].score;
        let lifted = (worth - 15).max(asked - 25).min(asked - 5);
        rounds[answer].score = rounds[answer].score.max(lifted);
    }
}
