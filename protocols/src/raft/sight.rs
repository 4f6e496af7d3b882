//! What a node that carries a server may see of it.

use sim_engine::{Instant, NodeId, Operation};

use super::log::Payload;
use super::server::Server;

impl Server {
    /// Who leads its term, as far as this server knows.
    pub fn leader(&self) -> Option<NodeId> {
        self.leader
    }

    /// The highest index known to be committed here.
    pub fn commit(&self) -> u64 {
        self.commit
    }

    /// When it last heard from a leader or gave its vote, by its own clock.
    pub fn heard_at(&self) -> Instant {
        self.heard_at
    }

    /// The client's command at `index`; `None` if there is none, or if it was compacted.
    pub fn command_at(&self, index: u64) -> Option<Operation> {
        match *self.durable.log.entry(index)?.payload() {
            Payload::Command { operation, .. } => Some(operation),
            Payload::Noop | Payload::Members(_) => None,
        }
    }
}
