//! Promises about reads that do not go through the log.

use std::collections::BTreeMap;

use sim_engine::{EventId, Look, Operation, Promise, Reads, Violation};

use crate::raft::facts::Fact;
use crate::raft::message::Message;
use crate::raft::upkeep::Upkeep;
use crate::raft::{RaftConfig, RaftNode, topics};

/// A read sees everything that was committed before the client asked for the first time
/// (dissertation 6.4). Reads through the log are entries themselves, and not put to this test.
#[derive(Clone, Debug, Default)]
pub struct FreshReads {
    /// The highest index committed so far, and the event that committed it.
    committed: (u64, EventId),
    /// Of each session, the number of its latest read and what was committed when it was sent.
    asked: BTreeMap<u64, (u64, (u64, EventId))>,
    exercised: u64,
}

impl Promise<RaftNode> for FreshReads {
    fn name(&self) -> &'static str {
        "fresh-reads"
    }

    fn reads(&self, _: &RaftConfig) -> Reads {
        Reads::messages(topics::REQUESTS).and(Reads::facts(topics::COMMITS.and(topics::REQUESTS)))
    }

    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        for (_, _, message) in look.sent() {
            if let Message::ClientRequest { session, seq, operation: Operation::Read { .. } } =
                message
            {
                let asked = self.asked.entry(*session).or_insert((*seq, self.committed));
                if asked.0 != *seq {
                    *asked = (*seq, self.committed);
                }
            }
        }
        for (event, fact) in look.facts() {
            if let Fact::Committed { index, .. } = fact
                && *index > self.committed.0
            {
                self.committed = (*index, event);
            }
            let Fact::Upkeep(Upkeep::ReadServed { session, seq, index }) = fact else { continue };
            let Some((_, (floor, earlier))) =
                self.asked.get(session).filter(|(asked, _)| asked == seq).copied()
            else {
                // An answer to a read the client has given up.
                continue;
            };
            self.exercised += 1;
            if *index < floor {
                let name = look.cast().name(look.node);
                let why = format!(
                    "{name} answered a read from its state as of slot {index}; slot {floor} was \
                     committed before the client asked"
                );
                return Err(Violation::new(why, [earlier, event]));
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}
