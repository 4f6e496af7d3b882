//! Promises about participants in doubt.

use sim_engine::{
    Duration, End, EventId, Instant, Look, Moment, NodeId, Promise, Reads, Violation,
};

use super::{Table, participant};
use crate::atomic_commit::facts::Fact;
use crate::atomic_commit::log::Log;
use crate::atomic_commit::participant::Doubt;
use crate::atomic_commit::reasons::By;
use crate::atomic_commit::txn::{Plan, Txn};
use crate::atomic_commit::{CommitNode, Config};

/// A participant holds its locks from its yes to the decision (AC7).
#[derive(Clone, Copy, Debug, Default)]
pub struct LocksHeld {
    exercised: u64,
}

impl Promise<CommitNode> for LocksHeld {
    fn name(&self) -> &'static str {
        "locks-held"
    }

    fn look(&mut self, look: &Look<'_, CommitNode>) -> Result<(), Violation> {
        let Some(participant) = participant(look, look.node) else { return Ok(()) };
        for (txn, doubt) in participant.log.doubts.iter() {
            self.exercised += 1;
            let mut changes = doubt.prepared.changes.iter();
            if let Some(open) = changes.find(|change| !participant.locks.holds(change.key, txn)) {
                let (name, key) = (look.cast().name(look.node), open.key);
                let why = format!("{name} is in doubt about {txn} and has no lock on {key}");
                return Err(Violation::new(why, [look.event]));
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}

/// No participant is in doubt for longer than the limit: what two phases cannot promise. Three
/// promise it to those who were up all the time.
#[derive(Clone, Debug, Default)]
pub struct BoundedDoubt {
    /// Since when each node is in doubt: the event.
    since: Table<Option<EventId>>,
    exercised: u64,
}

impl Promise<CommitNode> for BoundedDoubt {
    fn name(&self) -> &'static str {
        "bounded-doubt"
    }

    fn reads(&self, _: &Config) -> Reads {
        Reads::FACTS
    }

    fn look(&mut self, look: &Look<'_, CommitNode>) -> Result<(), Violation> {
        for (event, fact) in look.facts() {
            if let Fact::Prepared { txn, .. } = fact {
                *self.since.at(look.node, *txn) = Some(event);
            }
            if let Fact::DoubtExceeded { txn, waited, was_down: false } = fact {
                let name = look.cast().name(look.node);
                let why = format!("{name} has been in doubt about {txn} for {waited}");
                let since = *self.since.at(look.node, *txn);
                return Err(Violation::new(why, since.into_iter().chain([event])));
            }
            self.exercised += u64::from(ends_doubt(fact));
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}

fn ends_doubt(fact: &Fact) -> bool {
    matches!(fact, Fact::Done { by: By::Message(_) | By::Peer(_) | By::Itself | By::Timeout, .. })
}

/// Once everybody has been up for long enough, nobody is in doubt (AC5).
///
/// After the failure of all participants three phases do not promise this: only the last to fail
/// might decide, and nobody knows who that was.
#[derive(Clone, Debug, Default)]
pub struct EverybodyDecides {
    /// Since when each seat is up; `None` while it is down.
    up: Vec<Option<Instant>>,
    long_enough: Duration,
    exercised: u64,
}

impl EverybodyDecides {
    fn is_up(&self, id: NodeId, now: Instant) -> bool {
        let since = self.up.get(id.index()).copied().flatten();
        since.is_some_and(|since| now - since >= self.long_enough)
    }

    fn check(
        &self,
        end: &End<'_, CommitNode>,
        (id, txn): (NodeId, Txn),
        (plan, doubt): (&Plan, &Doubt),
    ) -> Result<(), Violation> {
        let long = end.at - doubt.since >= self.long_enough;
        let everybody = plan.participants().chain([plan.coordinator]);
        if !long || !everybody.into_iter().all(|id| self.is_up(id, end.at)) {
            return Ok(());
        }
        let knows = |log: &Log| log.outcomes.of(txn).is_some();
        let can_tell = |id: NodeId| match end.memory(id) {
            Some(CommitNode::Participant(other)) => {
                knows(&other.log)
                    || other.doubts.get(txn).is_some_and(|doubt| !doubt.is_recovering())
            }
            Some(CommitNode::Coordinator(_) | CommitNode::Client(_)) | None => false,
        };
        if doubt.is_recovering() && !plan.participants().any(can_tell) {
            return Ok(());
        }
        let (name, waited) = (end.cast().name(id), end.at - doubt.since);
        let why = format!("{name} is in doubt about {txn} since {waited}, though everybody is up");
        Err(Violation::new(why, []))
    }
}

impl Promise<CommitNode> for EverybodyDecides {
    fn name(&self) -> &'static str {
        "everybody-decides"
    }

    /// Facts, and who boots and crashes.
    fn reads(&self, _: &Config) -> Reads {
        Reads::FACTS.and(Reads::LIVES)
    }

    fn look(&mut self, look: &Look<'_, CommitNode>) -> Result<(), Violation> {
        if self.up.is_empty() {
            self.up.resize(look.cast().len(), None);
            self.long_enough = look.config().doubt_max;
        }
        let up = &mut self.up[look.node.index()];
        match look.moment {
            Moment::Crash => *up = None,
            Moment::Boot | Moment::Step => *up = up.or(Some(look.at)),
        }
        let ended = look.facts().filter(|(_, fact)| ends_doubt(fact)).count();
        self.exercised += u64::try_from(ended).unwrap_or(0);
        Ok(())
    }

    fn at_end(&mut self, end: &End<'_, CommitNode>) -> Result<(), Violation> {
        for id in end.cast().ids() {
            let Some(CommitNode::Participant(participant)) = end.memory(id) else { continue };
            for (txn, doubt) in participant.doubts.iter() {
                let Some(logged) = participant.log.doubts.get(txn) else { continue };
                self.check(end, (id, txn), (&logged.prepared.plan, doubt))?;
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}
