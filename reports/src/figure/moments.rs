//! The moments that must be told apart on the axis, and how much room lies between them.

use sim_engine::Instant;

use super::axis::Room;
use super::text::Font;
use super::{bars, clients, fold, marks, snapshots};
use crate::scene::{Fate, Scene};
use crate::story::Story;

/// More moments than this cannot be told apart on one axis.
const MOMENTS_MAX: usize = 115;

/// Every moment that must be told apart on the axis.
pub(super) fn moments(
    scene: &Scene<'_>,
    story: &Story,
    chosen: &fold::Chosen,
    shots: &[snapshots::Shot],
) -> Vec<Instant> {
    let mut moments = vec![chosen.from, chosen.to];
    moments.extend(chosen.messages.iter().flat_map(|i| fold::moments_of(scene, *i)));
    moments.extend(story.steps.iter().map(|step| step.at));
    moments.extend(shots.iter().map(|shot| shot.at));
    for op in chosen.ops.iter().map(|i| &scene.ops[*i]) {
        moments.push(op.from);
        moments.extend(op.end.map(|(at, ..)| at));
    }
    for trouble in &scene.troubles {
        moments.push(trouble.from);
        moments.extend(trouble.to);
    }
    for down in &scene.downs {
        moments.push(down.from);
        moments.extend(down.to);
    }
    for fired in chosen.timers.iter().map(|i| &scene.fired[*i]) {
        let set = fired.at.nanos().saturating_sub(fired.waited.as_nanos());
        moments.push(Instant::from_nanos(set));
    }
    moments.extend(bars::changes(scene, chosen.from, chosen.to));
    moments.retain(|at| chosen.from <= *at && *at <= chosen.to);
    moments.sort_unstable();
    moments.dedup();
    if moments.len() > MOMENTS_MAX {
        let stride = moments.len().div_ceil(MOMENTS_MAX);
        let last = moments.last().copied();
        moments = moments.into_iter().step_by(stride).chain(last).collect();
    }
    moments
}

/// Which moments need room between them: questions and answers, steps, snapshots, words on bars.
pub(super) fn rooms(
    scene: &Scene<'_>,
    story: &Story,
    chosen: &fold::Chosen,
    shots: &[snapshots::Shot],
) -> Vec<Room> {
    let mut rooms = Vec::new();
    for pair in story.steps.windows(2) {
        let same = pair[0].node == pair[1].node;
        let width = match (same, pair[0].sign) {
            // The word beside the disc needs room too.
            (_, Some(_)) => 600,
            (true, None) => 260,
            (false, None) => 140,
        };
        rooms.push(Room { from: pair[0].at, to: pair[1].at, width });
    }
    for (shot, before) in shots.iter().skip(1).zip(shots) {
        rooms.push(Room { from: before.at, to: shot.at, width: 300 });
    }
    for down in &scene.downs {
        rooms.extend(down.to.map(|to| Room { from: down.from, to, width: 1_250 }));
    }
    for op in chosen.ops.iter().map(|i| &scene.ops[*i]) {
        let words = Font::OP.width(&op.operation.to_string());
        rooms.extend(op.end.map(|(to, ..)| Room { from: op.from, to, width: words + 800 }));
        let wait = clients::wait_of(scene, op).and_then(|(from, ..)| Some((from, op.end?.0)));
        rooms.extend(wait.map(|(from, to)| Room { from, to, width: 2_600 }));
    }
    for fired in chosen.timers.iter().map(|i| &scene.fired[*i]) {
        let set = Instant::from_nanos(fired.at.nanos().saturating_sub(fired.waited.as_nanos()));
        let width = Font::SMALL.width(&marks::timer_words(scene, fired)) + 320;
        rooms.push(Room { from: set.max(chosen.from), to: fired.at, width });
    }
    rooms.extend(answer_rooms(scene, chosen));
    rooms
}

/// A question with its answer between neighbours must leave room for both labels.
fn answer_rooms(scene: &Scene<'_>, chosen: &fold::Chosen) -> Vec<Room> {
    let drawn: Vec<_> = chosen.messages.iter().map(|i| &scene.messages[*i]).collect();
    let mut rooms = Vec::new();
    for question in drawn.iter().filter(|message| !message.routine) {
        let Fate::Arrived { at, event } = question.fate else { continue };
        let answer = drawn.iter().find(|m| m.cause == Some(event) && m.to == question.from);
        let is_near = question.from.number().abs_diff(question.to.number()) <= 2;
        let is_asked = scene.is_client(question.from) || scene.is_client(question.to);
        if let Some(answer) = answer
            && let Fate::Arrived { at: back, .. } = answer.fate
            && is_near
            && !is_asked
        {
            let words = |label: &str| Font::LABEL.width(label).min(1_100);
            let width = words(question.label) + words(answer.label) + 420;
            rooms.push(Room { from: question.sent_at, to: back, width });
        } else if !is_asked {
            rooms.push(Room { from: question.sent_at, to: at, width: 220 });
        }
    }
    rooms
}
