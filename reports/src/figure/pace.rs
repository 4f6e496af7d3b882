//! How long messages usually travel, and which take much longer.

use std::collections::BTreeMap;

use sim_engine::NodeId;

use crate::scene::{Fate, Message, Scene};

/// A message is slow if it takes more than so many times the usual time of its link.
const SLOW: u64 = 3;
/// A link on which fewer messages than this arrived has no usual time of its own.
const SAMPLES_MIN: usize = 5;

/// The usual delay of each link, in nanoseconds.
#[derive(Clone, Debug, Default)]
pub(super) struct Pace {
    links: BTreeMap<(NodeId, NodeId), u64>,
}

impl Pace {
    pub(super) fn of(scene: &Scene<'_>) -> Self {
        let mut delays: BTreeMap<(NodeId, NodeId), Vec<u64>> = BTreeMap::new();
        for message in &scene.messages {
            let delay = delay(message);
            delays.entry((message.from, message.to)).or_default().extend(delay);
        }
        let links = delays.into_iter().filter(|(_, delays)| delays.len() >= SAMPLES_MIN);
        let median = |mut delays: Vec<u64>| {
            delays.sort_unstable();
            delays[delays.len() / 2]
        };
        Self { links: links.map(|(link, delays)| (link, median(delays))).collect() }
    }

    /// How much longer than usual a slow message took, in nanoseconds.
    pub(super) fn extra(&self, message: &Message<'_>) -> Option<u64> {
        let usual = *self.links.get(&(message.from, message.to))?;
        let took = delay(message)?;
        (usual > 0 && took > SLOW * usual).then(|| took - usual)
    }
}

fn delay(message: &Message<'_>) -> Option<u64> {
    let Fate::Arrived { at, .. } = message.fate else { return None };
    Some((at - message.sent_at).as_nanos())
}
