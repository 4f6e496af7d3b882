//! Changes of the members: which configuration is in effect, and how a leader brings about the next
//! (dissertation 4; joint consensus 4.3, learners 4.2.1).

use std::sync::Arc;

use sim_engine::{Cast, NodeId};

use super::config::Profile;
use super::durable::Durable;
use super::facts::{Fact, StepDown};
use super::log::{Entry, Payload};
use super::membership::{Change, Membership};
use super::mutants::{CONFIG_NO_NOOP, JOINT_ONE_MAJORITY, OVERLAPPING_CHANGES};
use super::server::{Cx, Out, Role, Server};
use super::upkeep::Upkeep;
use super::{RaftRole, admin::Admin};

/// Every configuration in the log with its index, from the one the log begins with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Configs {
    first: (u64, Arc<Membership>),
    later: Vec<(u64, Arc<Membership>)>,
}

impl Configs {
    /// What a disk says: the configuration of its snapshot, or else that of the cast, and those in
    /// its log.
    pub(super) fn at_boot(cast: &Cast<RaftRole>, durable: &Durable) -> Self {
        let with_role = |wanted: fn(&RaftRole) -> bool| {
            cast.iter().filter(move |(_, seat)| wanted(&seat.role)).map(|(id, _)| id)
        };
        let first = if let Some(snapshot) = &durable.snapshot {
            (snapshot.last.index, Arc::clone(&snapshot.members))
        } else {
            let voters = with_role(|role| matches!(role, RaftRole::Server {}));
            let learners = with_role(|role| matches!(role, RaftRole::Learner {}));
            (0, Arc::new(Membership::new(voters, learners)))
        };
        let mut configs = Self { first, later: Vec::new() };
        configs.note_appended(durable, configs.first.0 + 1);
        configs
    }

    /// Entries from `from` on are new in the log. True if one of them is a configuration.
    fn note_appended(&mut self, durable: &Durable, from: u64) -> bool {
        let entries = durable.log.entries_after(from.saturating_sub(1), u32::MAX);
        let before = self.later.len();
        let indexed = (from..).zip(entries);
        self.later.extend(indexed.filter_map(|(index, entry)| match entry.payload() {
            Payload::Members(members) => Some((index, Arc::clone(members))),
            Payload::Noop | Payload::Command { .. } => None,
        }));
        self.later.len() > before
    }

    /// The latest configuration, with its index.
    pub(super) fn latest(&self) -> &(u64, Arc<Membership>) {
        self.later.last().unwrap_or(&self.first)
    }

    /// The configuration in effect. In the dissertation it is the latest in the log, committed or
    /// not; in etcd the latest that was applied.
    pub(super) fn in_effect(&self, profile: Profile, applied: u64) -> Arc<Membership> {
        let is_in_effect = |index| profile == Profile::Paper || index <= applied;
        let found = self.later.iter().rev().find(|(index, _)| is_in_effect(*index));
        Arc::clone(&found.unwrap_or(&self.first).1)
    }

    /// The configuration as of an index.
    pub(super) fn as_of(&self, index: u64) -> Arc<Membership> {
        self.in_effect(Profile::Etcd, index)
    }

    /// The places of the first two configurations behind an index, if there are two.
    pub(super) fn two_after(&self, index: u64) -> Option<(u64, u64)> {
        let mut behind = self.later.iter().map(|(at, _)| *at).filter(|at| *at > index);
        Some((behind.next()?, behind.next()?))
    }

    /// True if the members ever changed.
    pub(super) fn has_changed(&self) -> bool {
        self.first.0 > 0 || !self.later.is_empty()
    }
}

impl Server {
    /// Entries from `from` on are new: if there is a configuration among them it may be in effect.
    pub(super) fn note_appended_members(&mut self, cx: &mut Cx<'_>, from: u64, out: &mut Out) {
        if self.configs.note_appended(&self.durable, from) {
            self.refresh_members(cx, out);
        }
    }

    /// The log was cut behind `keep`: configurations in what was cut are taken back.
    pub(super) fn note_truncated_members(&mut self, cx: &mut Cx<'_>, keep: u64, out: &mut Out) {
        let before = self.configs.later.len();
        self.configs.later.retain(|(index, _)| *index <= keep);
        if self.configs.later.len() < before {
            self.refresh_members(cx, out);
        }
    }

    /// A snapshot took the place of the log.
    pub(super) fn restart_members(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        self.configs = Configs::at_boot(cx.cast(), &self.durable);
        self.refresh_members(cx, out);
    }

    /// Looks which configuration is in effect.
    pub(super) fn refresh_members(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        let members = self.configs.in_effect(cx.config().profile, self.applied);
        if members == self.members {
            return;
        }
        self.members = Arc::clone(&members);
        out.announce(Fact::Upkeep(Upkeep::MembersChanged { members: Arc::clone(&members) }));
        let (me, last) = (self.id, self.durable.log.last_index());
        if let Role::Leader(leadership) = &mut self.role {
            leadership.set_members(me, &members, last);
        }
    }

    /// True if the server may stand for election.
    pub(super) fn may_stand(&self) -> bool {
        self.members.is_voter(self.id)
    }

    /// The members over whom a majority is counted.
    pub(super) fn counted_members(&self, cx: &Cx<'_>) -> std::borrow::Cow<'_, Membership> {
        if self.members.is_joint() && cx.mutant(JOINT_ONE_MAJORITY) {
            return std::borrow::Cow::Owned(self.members.union());
        }
        std::borrow::Cow::Borrowed(&self.members)
    }

    /// True if an entry of the own term is committed: only then is it sure what is.
    pub(super) fn has_committed_own_term(&self) -> bool {
        self.durable.log.term_at(self.commit) == Some(self.durable.term)
    }

    /// An administrator asks for something.
    pub(super) fn on_admin(&mut self, cx: &mut Cx<'_>, admin: &Admin, out: &mut Out) {
        if let Err(why) = self.try_admin(cx, admin, out) {
            out.announce(Fact::Upkeep(Upkeep::AdminRefused { what: admin.to_string(), why }));
        }
    }

    fn try_admin(
        &mut self,
        cx: &mut Cx<'_>,
        admin: &Admin,
        out: &mut Out,
    ) -> Result<(), &'static str> {
        let find = |name: &str| {
            let id = cx.cast().find(name).filter(|id| cx.cast().seat(*id).role.is_server());
            id.ok_or("no server has that name")
        };
        let all =
            |names: &[String]| names.iter().map(|name| find(name)).collect::<Result<Vec<_>, _>>();
        match admin {
            Admin::Snapshot {} => {
                self.take_snapshot(cx, out);
                Ok(())
            }
            Admin::Transfer { to } => {
                let target = find(to)?;
                self.start_transfer(cx, target, out)
            }
            Admin::AddVoter { server } | Admin::Promote { server } => {
                let change = Change::AddVoter(find(server)?);
                self.propose(cx, |now| now.changed(change), out)
            }
            Admin::AddLearner { server } | Admin::Demote { server } => {
                let change = Change::AddLearner(find(server)?);
                self.propose(cx, |now| now.changed(change), out)
            }
            Admin::Remove { server } => {
                let change = Change::Remove(find(server)?);
                self.propose(cx, |now| now.changed(change), out)
            }
            Admin::Join { add, learn, remove, leave_by_hand } => {
                let voters = all(add)?.into_iter().map(Change::AddVoter);
                let learners = all(learn)?.into_iter().map(Change::AddLearner);
                let changes: Vec<Change> = voters
                    .chain(learners)
                    .chain(all(remove)?.into_iter().map(Change::Remove))
                    .collect();
                self.propose(cx, |now| now.joined(&changes, !leave_by_hand), out)
            }
            Admin::Leave {} => self.propose(cx, Membership::left, out),
        }
    }

    /// Appends the next configuration, if this server leads and the one before it is settled.
    fn propose(
        &mut self,
        cx: &mut Cx<'_>,
        next: impl FnOnce(&Membership) -> Result<Membership, &'static str>,
        out: &mut Out,
    ) -> Result<(), &'static str> {
        if !matches!(self.role, Role::Leader(_)) {
            return Err("it does not lead");
        }
        // One unfinished change at a time. And nobody else's may come back: not before an entry of
        // our own term is committed can we know that none will (the correction of 2015).
        if !self.has_committed_own_term() && !cx.mutant(CONFIG_NO_NOOP) {
            return Err("it has committed nothing in its term yet");
        }
        let (index, latest) = self.configs.latest();
        if *index > self.commit && !cx.mutant(OVERLAPPING_CHANGES) {
            return Err("the change before it is not committed yet");
        }
        let members = Arc::new(next(latest)?);
        self.append_members(cx, members, out);
        Ok(())
    }

    fn append_members(&mut self, cx: &mut Cx<'_>, members: Arc<Membership>, out: &mut Out) {
        let entry = Entry::new(self.durable.term, Payload::Members(members));
        let value = entry.payload().clone();
        self.append_own(cx, entry, out);
        let (index, term) = (self.durable.log.last_index(), self.durable.term);
        out.announce(Fact::EntryAppended { index, term, value });
    }

    /// What follows once the latest configuration is committed: a joint one is left, and a leader
    /// that is no member of a simple one steps down.
    pub(super) fn settle_members(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        let (index, latest) = self.configs.latest();
        if *index > self.commit || !self.configs.has_changed() {
            return;
        }
        if latest.leaves_by_itself()
            && let Ok(next) = latest.left()
        {
            return self.append_members(cx, Arc::new(next), out);
        }
        if !latest.is_voter(self.id) && matches!(self.role, Role::Leader(_)) {
            let term = self.durable.term;
            out.announce(Fact::SteppedDown { why: StepDown::Removed { term } });
            self.become_follower(cx, term, None, out);
        }
    }

    /// Who would have to vote for this server.
    pub(super) fn other_voters(&self) -> Vec<NodeId> {
        let is_voter = |id: &NodeId| *id != self.id && self.members.is_voter(*id);
        self.members.everybody().into_iter().filter(is_voter).collect()
    }
}
