//! Lost messages that are not drawn: each is counted, by its cause.

use std::collections::{BTreeMap, BTreeSet};

use sim_engine::DropCause;

use super::canvas::Canvas;
use crate::scene::Fate;
use crate::words;

/// How many lost messages of the run are not drawn, by cause.
pub(super) fn hidden(canvas: &Canvas<'_, '_>) -> BTreeMap<DropCause, u64> {
    let drawn: BTreeSet<usize> = canvas.chosen.messages.iter().copied().collect();
    let mut hidden = BTreeMap::new();
    for (i, message) in canvas.scene.messages.iter().enumerate() {
        let Fate::Lost { why, .. } = message.fate else { continue };
        let has_lanes =
            canvas.lanes.y(message.from).is_some() && canvas.lanes.y(message.to).is_some();
        if !(drawn.contains(&i) && has_lanes) {
            *hidden.entry(why).or_default() += 1;
        }
    }
    hidden
}

/// `57 lost messages are not drawn (50 partition, 7 random loss).`
pub(super) fn sentence(hidden: &BTreeMap<DropCause, u64>) -> Option<String> {
    let total: u64 = hidden.values().sum();
    if total == 0 {
        return None;
    }
    let are = if total == 1 { "is" } else { "are" };
    let lost = words::count(total, "lost message");
    let [(why, _)] = hidden.iter().collect::<Vec<_>>()[..] else {
        let parts: Vec<String> =
            hidden.iter().map(|(why, n)| format!("{n} {}", why.words())).collect();
        return Some(format!("{lost} {are} not drawn ({}).", parts.join(", ")));
    };
    Some(format!("{lost} {are} not drawn ({}).", why.words()))
}
