//! Promises about one server.

use sim_engine::{EventId, Look, Moment, Promise, Violation};

use super::{server, slot};
use crate::raft::RaftNode;

/// The term a server shows never decreases, not even across crashes; commit and applied index never
/// decrease in one life.
#[derive(Clone, Debug, Default)]
pub struct Monotony {
    seen: Vec<Seen>,
    exercised: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    /// The highest term in a message it sent.
    shown: u64,
    shown_by: EventId,
    term: u64,
    commit: u64,
    applied: u64,
}

impl Promise<RaftNode> for Monotony {
    fn name(&self) -> &'static str {
        "monotony"
    }

    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        let name = look.cast().name(look.node);
        let seen = slot(&mut self.seen, look.node);
        if look.moment == Moment::Crash {
            // What was only in memory is gone, and may be lower in the next life.
            *seen = Seen { shown: seen.shown, shown_by: seen.shown_by, ..Seen::default() };
            return Ok(());
        }
        for (event, _, message) in look.sent() {
            let Some(term) = message.shown_term() else { continue };
            self.exercised += 1;
            if term < seen.shown {
                let why =
                    format!("{name} shows term {term} after it has shown term {}", seen.shown);
                return Err(Violation::new(why, [seen.shown_by, event]));
            }
            if term > seen.shown {
                (seen.shown, seen.shown_by) = (term, event);
            }
        }
        let Some(server) = server(look, look.node) else { return Ok(()) };
        let now = (server.durable.term, server.commit, server.applied);
        if now.0 < seen.term || now.1 < seen.commit || now.2 < seen.applied {
            let why = format!(
                "{name} went back from term {}, commit {}, applied {} to {now:?}",
                seen.term, seen.commit, seen.applied
            );
            return Err(Violation::new(why, [look.event]));
        }
        (seen.term, seen.commit, seen.applied) = now;
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}
