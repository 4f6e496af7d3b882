//! Promises about logs.

use std::collections::BTreeMap;

use sim_engine::{EventId, Look, Moment, NodeId, Promise, Reads, Violation};

use super::{server, slot};
use crate::raft::durable::Delta;
use crate::raft::facts::Fact;
use crate::raft::server::Role;
use crate::raft::{Log, RaftConfig, RaftNode, topics};

/// A leader never overwrites or drops entries of its own log (Figure 3, "Leader Append-Only").
#[derive(Clone, Debug, Default)]
pub struct LeaderAppendOnly {
    /// Of each server while it leads: its term, the end of its log, and the last look at it.
    reigns: Vec<Option<Reign>>,
    exercised: u64,
}

#[derive(Clone, Copy, Debug)]
struct Reign {
    term: u64,
    last: u64,
    digest: u64,
    event: EventId,
}

impl Promise<RaftNode> for LeaderAppendOnly {
    fn name(&self) -> &'static str {
        "leader-append-only"
    }

    /// A log changes with a write, a role with a fact; a crash ends a reign, and a disk that lied
    /// may bring the same term back with a shorter log.
    fn reads(&self, _: &RaftConfig) -> Reads {
        Reads::WRITES.and(Reads::facts(topics::ROLES)).and(Reads::LIVES)
    }

    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        let leader =
            server(look, look.node).filter(|server| matches!(server.role, Role::Leader(_)));
        let before = slot(&mut self.reigns, look.node);
        let Some(leader) = leader else {
            *before = None;
            return Ok(());
        };
        let log = &leader.durable.log;
        let (term, last) = (leader.durable.term, log.last_index());
        let now = Reign { term, last, digest: log.digest_at(last).unwrap_or(0), event: look.event };
        let Some(earlier) = before.replace(now).filter(|earlier| earlier.term == term) else {
            return Ok(());
        };
        if (now.last, now.digest) == (earlier.last, earlier.digest) {
            return Ok(());
        }
        if last > earlier.last {
            self.exercised += 1;
        }
        if !log.covers(earlier.last, earlier.digest) {
            let name = look.cast().name(look.node);
            let end = earlier.last;
            let why =
                format!("{name} leads term {term} and changed its own log at or before slot {end}");
            return Err(Violation::new(why, [earlier.event, look.event]));
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}

/// Two logs with an entry of the same index and term are equal up to there (Figure 3, "Log
/// Matching").
#[derive(Clone, Debug, Default)]
pub struct LogMatching {
    /// Of each index, from 1: the first entry seen there on a disk.
    first: Vec<Option<Seen>>,
    /// Entries of other terms, by index and term.
    others: BTreeMap<(u64, u64), Seen>,
    /// Servers whose first disk was looked at.
    known: Vec<bool>,
    exercised: u64,
}

/// An entry as it was seen first.
#[derive(Clone, Copy, Debug)]
struct Seen {
    term: u64,
    /// The digest of the log up to it.
    digest: u64,
    node: NodeId,
    event: EventId,
}

impl LogMatching {
    /// The entry that was seen first at this index and term: this one, if there was none.
    fn first(&mut self, index: u64, now: Seen) -> Seen {
        let place = usize::try_from(index).unwrap_or(usize::MAX);
        if self.first.len() <= place {
            self.first.resize(place + 1, None);
        }
        let first = *self.first[place].get_or_insert(now);
        if first.term == now.term {
            return first;
        }
        *self.others.entry((index, now.term)).or_insert(now)
    }

    fn check(
        &mut self,
        look: &Look<'_, RaftNode>,
        log: &Log,
        indices: std::ops::RangeInclusive<u64>,
    ) -> Result<(), Violation> {
        for index in indices {
            let (Some(term), Some(digest)) = (log.term_at(index), log.digest_at(index)) else {
                break;
            };
            let first =
                self.first(index, Seen { term, digest, node: look.node, event: look.event });
            self.exercised += u64::from(first.node != look.node);
            if first.digest != digest {
                let (one, two) = (look.cast().name(first.node), look.cast().name(look.node));
                let why = format!(
                    "{one} and {two} both have an entry of term {term} at slot {index}, but their \
                     logs \
                     differ at or before it"
                );
                return Err(Violation::new(why, [first.event, look.event]));
            }
        }
        Ok(())
    }
}

impl Promise<RaftNode> for LogMatching {
    fn name(&self) -> &'static str {
        "log-matching"
    }

    fn reads(&self, _: &RaftConfig) -> Reads {
        Reads::DISKS
    }

    /// Reads what is on disk, as it gets there.
    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        let log = &look.durable(look.node).log;
        if !std::mem::replace(slot(&mut self.known, look.node), true) {
            return self.check(look, log, log.start().index.max(1)..=log.last_index());
        }
        let mut appended = 0;
        let mut restarted = false;
        for delta in look.synced {
            match delta {
                Delta::Append(entries) => appended += entries.len(),
                Delta::RestartLog => restarted = true,
                Delta::Ballot { .. }
                | Delta::TruncateAfter(_)
                | Delta::Snapshot(_)
                | Delta::Compact(_) => {}
            }
        }
        let (start, last) = (log.start().index, log.last_index());
        if restarted {
            // At the edge of a snapshot its last entry is compared.
            return self.check(look, log, start.max(1)..=last);
        }
        if appended == 0 {
            return Ok(());
        }
        let new = u64::try_from(appended).unwrap_or(u64::MAX);
        self.check(look, log, (last.saturating_sub(new) + 1).max(start + 1)..=last)
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}

/// A committed entry never leaves a disk that has it, and no server commits what it does not have
/// (section 5.4.3).
#[derive(Clone, Debug, Default)]
pub struct CommittedNeverTruncated {
    /// The digest up to each committed index, from 1, and the event that committed it.
    committed: Vec<(u64, EventId)>,
    /// Of each server: up to which committed index its disk is known to agree.
    held: Vec<u64>,
    exercised: u64,
}

impl CommittedNeverTruncated {
    /// True if anything was committed.
    fn note_commits(&mut self, look: &Look<'_, RaftNode>) -> bool {
        let before = self.committed.len();
        for (event, fact) in look.facts() {
            let Fact::Committed { index, .. } = fact else { continue };
            let Some(leader) = server(look, look.node) else { continue };
            let from = u64::try_from(self.committed.len()).unwrap_or(u64::MAX) + 1;
            for index in from..=*index {
                let digest = leader.durable.log.digest_at(index).unwrap_or(0);
                self.committed.push((digest, event));
            }
        }
        self.committed.len() > before
    }

    /// Notes how much of what is committed a server's disk has. True if that is more than before.
    fn note_held(&mut self, log: &Log, id: NodeId) -> bool {
        let held = slot(&mut self.held, id);
        let before = *held;
        if log.last_index() <= before {
            return false;
        }
        let from = usize::try_from(before).unwrap_or(usize::MAX);
        for (digest, _) in self.committed.get(from..).unwrap_or_default() {
            if !log.covers(*held + 1, *digest) {
                break;
            }
            *held += 1;
        }
        *held > before
    }

    fn digest(&self, index: u64) -> Option<(u64, EventId)> {
        self.committed.get(usize::try_from(index.checked_sub(1)?).ok()?).copied()
    }
}

impl Promise<RaftNode> for CommittedNeverTruncated {
    fn name(&self) -> &'static str {
        "committed-never-truncated"
    }

    fn reads(&self, _: &RaftConfig) -> Reads {
        Reads::facts(topics::COMMITS.and(topics::APPLIES))
            .and(Reads::messages(topics::ANSWERS))
            .and(Reads::DISKS)
            .and(Reads::WRITES)
    }

    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        let is_news = look.has(Reads::facts(topics::COMMITS)) && self.note_commits(look);
        if let Some(server) = server(look, look.node)
            && look.moment != Moment::Crash
            && server.commit > server.durable.log.last_index()
        {
            let name = look.cast().name(look.node);
            let (commit, last) = (server.commit, server.durable.log.last_index());
            let why = format!("{name} has committed slot {commit}, but its log ends at {last}");
            return Err(Violation::new(why, [look.event]));
        }
        if !is_news && !look.has(Reads::DISKS) {
            return Ok(());
        }
        let log = &look.durable(look.node).log;
        let held = *slot(&mut self.held, look.node);
        if let Some((digest, event)) = self.digest(held)
            && !log.covers(held, digest)
        {
            let name = look.cast().name(look.node);
            let why =
                format!("{name} dropped committed entries at or before slot {held} from its disk");
            return Err(Violation::new(why, [event, look.event]));
        }
        let cuts = |delta: &Delta| matches!(delta, Delta::TruncateAfter(_) | Delta::RestartLog);
        if self.note_held(log, look.node) || look.synced.iter().any(cuts) {
            self.exercised += 1;
        }
        if is_news {
            // Others may have had it before it was committed, and lose it before they take a step.
            for id in look.cast().ids() {
                self.exercised += u64::from(self.note_held(&look.durable(id).log, id));
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}
