//! Promises about what is committed and applied.

use std::hash::BuildHasherDefault;
use std::sync::Arc;

use indexmap::IndexMap;
use sim_engine::{DigestHasher, EventId, Look, NodeId, Promise, Reads, Violation};

use super::{server, slot};
use crate::raft::facts::Fact;
use crate::raft::server::Server;
use crate::raft::upkeep::Upkeep;
use crate::raft::{Membership, Profile, RaftConfig, RaftNode, topics};

/// What is known of one committed index.
#[derive(Clone, Copy, Debug)]
struct Commit {
    /// The digest of the log up to there.
    digest: u64,
    /// The term in which it was committed.
    term: u64,
    event: EventId,
}

/// Every committed entry is in the log of every leader of a later term (Figure 3, "Leader
/// Completeness").
#[derive(Clone, Debug, Default)]
pub struct LeaderCompleteness {
    /// By index, from 1.
    committed: Vec<Commit>,
    exercised: u64,
}

impl Promise<RaftNode> for LeaderCompleteness {
    fn name(&self) -> &'static str {
        "leader-completeness"
    }

    fn reads(&self, _: &RaftConfig) -> Reads {
        Reads::facts(topics::COMMITS.and(topics::ROLES))
    }

    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        for (event, fact) in look.facts() {
            let Some(server) = server(look, look.node) else { continue };
            let log = &server.durable.log;
            if let Fact::Committed { index, term, .. } = fact {
                for index in length(&self.committed) + 1..=*index {
                    let digest = log.digest_at(index).unwrap_or(0);
                    self.committed.push(Commit { digest, term: *term, event });
                }
            }
            let Fact::BecameLeader { term, .. } = fact else { continue };
            // Terms of commits never decrease along the log, so one comparison covers all before
            // it.
            let earlier = self.committed.partition_point(|commit| commit.term < *term);
            let Some(last) = earlier.checked_sub(1).map(|place| self.committed[place]) else {
                continue;
            };
            self.exercised += 1;
            let index = u64::try_from(earlier).unwrap_or(u64::MAX);
            if !log.covers(index, last.digest) {
                let name = look.cast().name(look.node);
                let commit_term = last.term;
                let why = format!(
                    "{name} became leader of term {term} without an entry at or before slot \
                     {index} that \
                     was committed in term {commit_term}"
                );
                return Err(Violation::new(why, [last.event, event]));
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}

/// No two servers apply different entries at the same index (Figure 3, "State Machine Safety").
#[derive(Clone, Debug, Default)]
pub struct StateMachineSafety {
    /// By index, from 1: the digest of everything applied up to there, who did first, and when.
    applied: Vec<(u64, NodeId, EventId)>,
    exercised: u64,
}

impl Promise<RaftNode> for StateMachineSafety {
    fn name(&self) -> &'static str {
        "state-machine-safety"
    }

    fn reads(&self, _: &RaftConfig) -> Reads {
        Reads::facts(topics::APPLIES)
    }

    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        for (event, fact) in look.facts() {
            let (Fact::Applied { index, digest, .. }
            | Fact::Upkeep(Upkeep::SnapshotInstalled { index, digest, .. })) = fact
            else {
                continue;
            };
            if *index == length(&self.applied) + 1 {
                self.applied.push((*digest, look.node, event));
                continue;
            }
            let place = usize::try_from(index - 1).unwrap_or(usize::MAX);
            let Some((first, node, earlier)) = self.applied.get(place).copied() else { continue };
            self.exercised += 1;
            if first != *digest {
                let (one, two) = (look.cast().name(node), look.cast().name(look.node));
                let why = format!("{one} and {two} applied different entries up to slot {index}");
                return Err(Violation::new(why, [earlier, event]));
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}

/// What a leader commits is on the disks of a majority at that moment: of the members that count
/// for that entry, in joined configurations a majority of each.
#[derive(Clone, Debug, Default)]
pub struct Durability {
    /// The members in effect at each server after its last step: where a configuration is in effect
    /// only once it is applied, it commits by those before it.
    before: Vec<Option<Arc<Membership>>>,
    exercised: u64,
}

impl Durability {
    /// Notes the members at this server and returns those that counted in this step.
    fn members(&mut self, look: &Look<'_, RaftNode>, server: &Server) -> Arc<Membership> {
        let before = slot(&mut self.before, look.node);
        let is_same = before.as_ref().is_some_and(|before| Arc::ptr_eq(before, &server.members));
        if is_same {
            return Arc::clone(&server.members);
        }
        let earlier = before.replace(Arc::clone(&server.members));
        match look.config().profile {
            Profile::Etcd => earlier.unwrap_or_else(|| Arc::clone(&server.members)),
            Profile::Paper => Arc::clone(&server.members),
        }
    }
}

impl Promise<RaftNode> for Durability {
    fn name(&self) -> &'static str {
        "durability"
    }

    /// Members change with a fact, or while a server boots.
    fn reads(&self, _: &RaftConfig) -> Reads {
        Reads::facts(topics::COMMITS.and(topics::MEMBERS)).and(Reads::LIVES)
    }

    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        let Some(leader) = server(look, look.node) else { return Ok(()) };
        let members = self.members(look, leader);
        for (event, fact) in look.facts() {
            let Fact::Committed { index, .. } = fact else { continue };
            // A command may have been taken into a snapshot in the same step.
            let Some(wanted) = leader.durable.log.digest_at(*index) else { continue };
            self.exercised += 1;
            let has = |id| look.durable(id).log.covers(*index, wanted);
            if !members.is_quorum(has) {
                let name = look.cast().name(look.node);
                let copies = members.count_voters(has);
                let members = members.count_voters(|_| true);
                let why = format!(
                    "{name} committed slot {index}, which is on {copies} of {members} disks: no \
                     majority"
                );
                return Err(Violation::new(why, [event]));
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}

/// A leader commits by counting copies only entries of its own term (section 5.4.2, Figure 8).
#[derive(Clone, Copy, Debug, Default)]
pub struct CommitLegality {
    exercised: u64,
}

impl Promise<RaftNode> for CommitLegality {
    fn name(&self) -> &'static str {
        "commit-legality"
    }

    fn reads(&self, _: &RaftConfig) -> Reads {
        Reads::facts(topics::COMMITS)
    }

    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        for (event, fact) in look.facts() {
            let Fact::Committed { index, term, .. } = fact else { continue };
            let Some(leader) = server(look, look.node) else { continue };
            let Some(entry_term) = leader.durable.log.term_at(*index) else { continue };
            self.exercised += 1;
            if entry_term != *term {
                let name = look.cast().name(look.node);
                let why = format!(
                    "{name} leads term {term} and committed slot {index}, an entry of term \
                     {entry_term}, by \
                     counting copies"
                );
                return Err(Violation::new(why, [event]));
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}

/// A client's command is executed once, however often it was sent (section 8).
#[derive(Clone, Debug, Default)]
pub struct ExactlyOnce {
    /// Of each command, by session and number: at which index it was executed first, and when.
    executed: IndexMap<(u64, u64), (u64, EventId), BuildHasherDefault<DigestHasher>>,
    /// By index: the command that is known to have been executed there, and nowhere before.
    known: Vec<Option<(u64, u64)>>,
    exercised: u64,
}

impl Promise<RaftNode> for ExactlyOnce {
    fn name(&self) -> &'static str {
        "exactly-once"
    }

    fn reads(&self, _: &RaftConfig) -> Reads {
        Reads::facts(topics::APPLIES)
    }

    fn look(&mut self, look: &Look<'_, RaftNode>) -> Result<(), Violation> {
        for (event, fact) in look.facts() {
            let Fact::Applied { index, executed: Some((session, seq)), .. } = fact else {
                continue;
            };
            self.exercised += 1;
            let place = usize::try_from(*index).unwrap_or(usize::MAX);
            if self.known.len() <= place {
                self.known.resize(place + 1, None);
            }
            // Every server executes the command at the same index, and does so again after a crash.
            if self.known[place] == Some((*session, *seq)) {
                continue;
            }
            let (first_index, earlier) =
                *self.executed.entry((*session, *seq)).or_insert((*index, event));
            if *index != first_index {
                let name = look.cast().name(look.node);
                let why = format!(
                    "{name} executed command {seq} of session {session} at slot {index}; it had \
                     been \
                     executed at slot {first_index}"
                );
                return Err(Violation::new(why, [earlier, event]));
            }
            self.known[place] = Some((*session, *seq));
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}

fn length<T>(list: &[T]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}
