//! Bursts: one node sends another the same again and again in one moment, as one that wakes up and
//! answers all that waited for it. One arrow stands for all of them.

use std::collections::BTreeMap;

use sim_engine::{EventId, Instant, NodeId};

use crate::scene::{Fate, Message, Scene};
use crate::story::Window;

/// Fewer messages than this are drawn one by one.
const LEAST: usize = 3;

/// What the messages of a burst have in common.
type Key<'a> = (Instant, NodeId, NodeId, &'a str, &'a str);

/// The messages of bursts: how many the first one stands for, and 0 for all others.
pub(super) fn find(scene: &Scene<'_>, window: Window) -> BTreeMap<EventId, usize> {
    let mut bursts: BTreeMap<Key<'_>, Vec<&Message<'_>>> = BTreeMap::new();
    for message in scene.messages.iter().filter(|message| window.holds(message.sent_at)) {
        // A lost message is drawn or counted as such, and a copy is shown beside its original.
        if message.copy_of.is_none() && matches!(message.fate, Fate::Arrived { .. }) {
            let key = (message.sent_at, message.from, message.to, message.kind, message.label);
            bursts.entry(key).or_default().push(message);
        }
    }
    let mut found = BTreeMap::new();
    for burst in bursts.into_values().filter(|burst| burst.len() >= LEAST) {
        found.extend(burst.iter().map(|message| (message.id, 0)));
        // What arrives first says when the others begin to.
        let first = burst.iter().min_by_key(|message| arrival(message));
        found.extend(first.map(|message| (message.id, burst.len())));
    }
    found
}

fn arrival(message: &Message<'_>) -> Instant {
    match message.fate {
        Fate::Arrived { at, .. } => at,
        Fate::Lost { .. } | Fate::Flying => Instant::NEVER,
    }
}
