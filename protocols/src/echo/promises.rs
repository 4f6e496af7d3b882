//! What echo promises, checked after every step.

use std::collections::BTreeMap;

use sim_engine::{EventId, Look, NodeId, Promise, PromiseInfo, Violation};

use super::{EchoNode, Message};

/// Every promise, in the order of [`Protocol::promises`](sim_engine::Protocol::promises).
pub(super) const ALL: &[PromiseInfo] = &[PromiseInfo {
    name: "numbers-grow",
    says: "A server gives its answers growing numbers, whatever crashes",
    short: "no number twice",
}];

/// A server gives its answers growing numbers, so that no number is ever given twice.
#[derive(Debug, Default)]
pub struct NumbersGrow {
    /// The highest number each server has given, and the message that gave it.
    highest: BTreeMap<NodeId, (u64, EventId)>,
    exercised: u64,
}

impl Promise<EchoNode> for NumbersGrow {
    fn name(&self) -> &'static str {
        "numbers-grow"
    }

    fn look(&mut self, look: &Look<'_, EchoNode>) -> Result<(), Violation> {
        for (event, _, message) in look.sent() {
            let Message::Answer { number, .. } = message else { continue };
            let Some((highest, given)) = self.highest.insert(look.node, (*number, event)) else {
                continue;
            };
            // Only a second answer can be wrong.
            self.exercised += 1;
            if *number <= highest {
                let server = look.cast().name(look.node);
                let why = format!("{server} gave number {number} after {highest}");
                return Err(Violation::new(why, [given, event]));
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}
