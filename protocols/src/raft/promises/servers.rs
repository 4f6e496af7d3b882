//! Promises about one server.

use std::collections::BTreeSet;

use sim_engine::{EventId, Look, Moment, Promise, Reads, Violation};

use super::{server, slot};
use crate::raft::durable::Delta;
use crate::raft::message::Message;
use crate::raft::{RaftConfig, RaftNode, topics};

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

    fn reads(&self, _: &RaftConfig) -> Reads {
        Reads::facts(topics::ROLES.and(topics::COMMITS).and(topics::APPLIES))
            .and(Reads::messages(topics::TERMS))
            .and(Reads::LIVES)
    }

    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        let name = || look.cast().name(look.node);
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
                    format!("{} shows term {term} after it has shown term {}", name(), seen.shown);
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
                "{} went back from term {}, commit {}, applied {} to {now:?}",
                name(),
                seen.term,
                seen.commit,
                seen.applied
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

/// No server shows a term in which nobody stood for election: a PreVote asks about a term and
/// raises none (dissertation 9.6).
#[derive(Clone, Debug, Default)]
pub struct TermsAreStoodFor {
    /// The terms candidates asked for votes in, and those that servers woke up with.
    stood: BTreeSet<u64>,
    /// The last of them that was shown.
    latest: Option<u64>,
    /// Servers whose disk was looked at.
    known: Vec<bool>,
    exercised: u64,
}

impl Promise<RaftNode> for TermsAreStoodFor {
    fn name(&self) -> &'static str {
        "terms-are-stood-for"
    }

    fn reads(&self, _: &RaftConfig) -> Reads {
        Reads::messages(topics::TERMS).and(Reads::DISKS)
    }

    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        if !std::mem::replace(slot(&mut self.known, look.node), true) {
            // What is on a disk before the first step is the beginning of the story.
            self.stood.extend(look.cast().ids().map(|id| look.durable(id).term));
        }
        for delta in look.synced {
            // A candidate may crash before it asks anybody.
            if let Delta::Ballot { term, vote: Some(candidate) } = delta
                && *candidate == look.node
            {
                self.stood.insert(*term);
            }
        }
        for (event, _, message) in look.sent() {
            let Some(term) = message.shown_term() else { continue };
            if let Message::RequestVote(_) = message {
                self.stood.insert(term);
                continue;
            }
            self.exercised += 1;
            if self.latest == Some(term) {
                continue;
            }
            if self.stood.contains(&term) {
                self.latest = Some(term);
            } else if !is_own(look, term) {
                let name = look.cast().name(look.node);
                let why = format!("{name} shows term {term}, in which nobody stood for election");
                return Err(Violation::new(why, [event]));
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}

/// True if the server leads this term: a cluster of one elects without asking anybody.
fn is_own(look: &Look<'_, RaftNode>, term: u64) -> bool {
    use crate::raft::server::Role;
    server(look, look.node)
        .is_some_and(|server| server.durable.term == term && matches!(server.role, Role::Leader(_)))
}
