//! A participant: it does its part behind locks, votes, and acts on the decision.

use std::sync::Arc;

use sim_engine::{Event, Instant, Key, NodeId};

use super::config::{Phases, Variant};
use super::facts::Fact;
use super::few::Few;
use super::locks::{Locks, Waiter};
use super::log::{Lean, Log};
use super::message::{Message, State, Vote};
use super::mutants::{INIT_LATE_YES, RECOVERED_JOINS, UNLOCK_AT_VOTE, YES_BEFORE_FORCE};
use super::reasons::{By, Why};
use super::record::{Change, Prepared, Record};
use super::rules::Asked;
use super::seats::{Accounts, Administration, Alarm, CommitRole};
use super::txn::{Action, Branch, Decision, Plan, Txn};
use super::under_way::UnderWay;
use super::{CommitNode, Cx, Out};

/// A participant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Participant {
    pub(super) id: NodeId,
    pub(super) accounts: Accounts,
    pub(super) log: Log,
    pub(super) locks: Locks,
    /// Transactions it has nothing on disk of: they wait for a lock, or have only been asked about.
    pub(super) works: UnderWay<Work>,
    /// Transactions it has voted yes on, and does not know the decision of.
    pub(super) doubts: UnderWay<Doubt>,
    /// True if an administrator wants no changes.
    pub(super) read_only: bool,
    /// The last decision it heard.
    pub(super) last: Option<Decision>,
}

/// A transaction that has left nothing on disk.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Work {
    pub(super) plan: Arc<Plan>,
    /// True if it has said yes all the same, as the popular telling of three phases has it.
    pub(super) said_yes: bool,
    /// True if it is to be done as a pre-commit.
    pub(super) pre_commit: bool,
    /// True if it waits for a lock, or has waited for one.
    pub(super) waits: bool,
    /// Since when.
    pub(super) since: Instant,
}

/// A transaction in doubt, beside what the log says of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Doubt {
    /// Since when in this life.
    pub(super) since: Instant,
    /// When it last heard of it.
    pub(super) heard: Instant,
    /// True if it was down in the meantime: it asks, and does not decide.
    pub(super) recovering: bool,
    /// True if it has said that it is blocked.
    pub(super) blocked: bool,
    /// What it asked, and what it was answered.
    pub(super) asked: Option<Asked>,
}

impl Participant {
    pub(super) fn boot(cx: &Cx<'_>, log: &Log) -> Self {
        let accounts = match &cx.seat().role {
            CommitRole::Participant(settings) => settings.accounts.clone(),
            CommitRole::Coordinator(_) | CommitRole::Client(_) => Accounts::new(),
        };
        Self {
            id: cx.id(),
            accounts,
            log: log.clone(),
            locks: Locks::default(),
            works: UnderWay::default(),
            doubts: UnderWay::default(),
            read_only: false,
            last: None,
        }
    }

    /// One input.
    pub(super) fn step(&mut self, cx: &mut Cx<'_>, event: Event<CommitNode>, out: &mut Out) {
        match event {
            Event::Started => self.recover(cx, out),
            Event::Message { from, message } => self.on_message(cx, from, message, out),
            Event::Timer(Alarm::Lock(txn)) => {
                self.refuse(cx, txn, "it waited too long for a lock", out);
            }
            Event::Timer(Alarm::Doubt(txn)) => self.on_doubt(cx, txn, out),
            Event::Timer(Alarm::DoubtMax(txn)) => self.on_doubt_max(cx, txn, out),
            Event::Timer(Alarm::Collect(txn)) => self.on_collected(cx, txn, out),
            Event::Admin(Administration::ReadOnly(on)) => self.read_only = on,
            // What it wrote may be lost; the next life reads how far it truly came.
            Event::DiskFailed => out.halt(),
            Event::Timer(Alarm::Votes(_) | Alarm::Resend(_) | Alarm::Retry | Alarm::GiveUp)
            | Event::Command { .. }
            | Event::Synced(_)
            | Event::Received { .. }
            | Event::LinkUp(_)
            | Event::LinkDown { .. } => {}
        }
    }

    fn on_message(&mut self, cx: &mut Cx<'_>, from: NodeId, message: Message, out: &mut Out) {
        match message {
            Message::CanCommit(plan) if cx.config().locks_late() => {
                self.on_can_commit(cx, &plan, out);
            }
            Message::Prepare(plan) | Message::CanCommit(plan) => self.on_prepare(cx, &plan, out),
            Message::Decide(plan) => self.on_decide(cx, &plan, out),
            Message::PreCommit(plan) => self.on_pre_commit(cx, from, &plan, out),
            Message::PreAbort(txn) => self.on_pre_abort(cx, from, txn, out),
            Message::PreAck { txn, to, done } => self.on_pre_ack(cx, from, (txn, to, done), out),
            Message::Commit(txn) => self.on_decision(cx, from, (txn, Decision::Commit), out),
            Message::Abort(txn) => self.on_decision(cx, from, (txn, Decision::Abort), out),
            Message::Inquire { plan, leads } => self.on_inquire(cx, from, (&plan, leads), out),
            Message::State { txn, state } => self.on_state(cx, from, (txn, state), out),
            Message::Read { op, key } => self.on_read((from, op), key, out),
            // For coordinators and clients.
            Message::Begin { .. }
            | Message::Outcome { .. }
            | Message::Value { .. }
            | Message::Vote { .. }
            | Message::Ack(_)
            | Message::Waits { .. }
            | Message::Decided { .. } => {}
        }
    }

    /// After a restart: what it has voted yes on is in doubt and locked, everything else never was.
    fn recover(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        // What a quorum rests on is on disk, so whoever was down counts like everybody else.
        let is_three =
            cx.config().phases == Phases::Three && cx.config().variant != Variant::Quorum;
        let doubts = self.log.doubts.clone();
        for (txn, doubt) in doubts.iter() {
            for change in doubt.prepared.changes.iter() {
                // Nobody else can have it: it was locked when the crash came.
                self.locks.take(change.key, txn).ok();
            }
            let now = cx.local_now();
            let recovering = is_three && !cx.mutant(RECOVERED_JOINS);
            let doubt = Doubt { since: now, heard: now, recovering, blocked: false, asked: None };
            self.doubts.insert(txn, doubt);
            out.announce(Fact::FoundPrepared { txn });
            self.ask(cx, txn, out);
            out.set_timer(Alarm::DoubtMax(txn), cx.config().doubt_max);
        }
    }

    pub(super) fn on_prepare(&mut self, cx: &mut Cx<'_>, plan: &Arc<Plan>, out: &mut Out) {
        let txn = plan.txn;
        if self.log.outcomes.of(txn) == Some(Decision::Abort) {
            // It was asked about it before, or it refused: it has aborted alone.
            let late_yes = cx.mutant(INIT_LATE_YES);
            let vote = if late_yes { Vote::Yes(None) } else { Vote::No("it has aborted already") };
            return out.send(plan.coordinator, Message::Vote { txn, vote });
        }
        if self.log.outcomes.of(txn).is_some() || self.works.contains(txn) {
            return;
        }
        if let Some(doubt) = self.log.doubts.get(txn) {
            // A copy: the same vote again.
            let value = doubt.prepared.value();
            return out.send(plan.coordinator, Message::Vote { txn, vote: Vote::Yes(value) });
        }
        self.work(cx, plan, (false, false), out);
    }

    /// Begins to do its part.
    pub(super) fn work(
        &mut self,
        cx: &mut Cx<'_>,
        plan: &Arc<Plan>,
        (said_yes, pre_commit): (bool, bool),
        out: &mut Out,
    ) {
        let (txn, since) = (plan.txn, cx.local_now());
        let (plan, waits) = (Arc::clone(plan), false);
        let work = Work { plan, said_yes, pre_commit, waits, since };
        self.works.insert(txn, work);
        self.go_on(cx, txn, out);
    }

    /// Takes the locks that are missing; with all of them, does its part and votes.
    pub(super) fn go_on(&mut self, cx: &mut Cx<'_>, txn: Txn, out: &mut Out) {
        let Some(work) = self.works.get_mut(txn) else { return };
        let plan = Arc::clone(&work.plan);
        let Some(branch) = plan.branch(self.id) else { return };
        for (key, _) in branch.actions.iter() {
            let Err(holder) = self.locks.take(*key, txn) else { continue };
            work.waits = true;
            out.announce(Fact::LockWait { waiter: Waiter::Writer(txn), key: *key, holder });
            out.send(plan.coordinator, Message::Waits { waiter: txn, holder });
            return out.set_timer(Alarm::Lock(txn), cx.config().lock_timeout);
        }
        if work.waits {
            out.cancel_timer(Alarm::Lock(txn));
        }
        if branch.only_reads() {
            let value = branch.actions.first().and_then(|(key, _)| self.value(*key));
            self.works.remove(txn);
            out.announce(Fact::OnlyRead { txn });
            out.send(plan.coordinator, Message::Vote { txn, vote: Vote::Read(value) });
            return self.unlock(cx, txn, &plan, out);
        }
        match self.changes(&branch.actions) {
            Ok(changes) if plan.last_agent == Some(self.id) => {
                self.settle(&plan, Ok(changes), out);
                self.unlock(cx, txn, &plan, out);
            }
            Ok(changes) => self.prepare(cx, &plan, changes, out),
            Err(why) => self.refuse(cx, txn, why, out),
        }
    }

    /// The value of a key, before any change that is not committed.
    pub fn value(&self, key: Key) -> Option<i64> {
        self.log.store.get(&key).or_else(|| self.accounts.get(&key)).copied()
    }

    /// What its part comes to, or why it cannot be done.
    pub(super) fn changes(
        &self,
        actions: &Few<(Key, Action)>,
    ) -> Result<Few<Change>, &'static str> {
        if self.read_only {
            return Err("it takes no changes");
        }
        let mut changes = Few::<Change>::default();
        for (key, action) in actions.iter() {
            let earlier = changes.iter().rfind(|change| change.key == *key);
            let undo = earlier.map_or_else(|| self.value(*key), |change| Some(change.redo));
            let redo = match action {
                Action::Read => continue,
                Action::Set(value) => *value,
                Action::Swap(old, new) if undo == Some(*old) => *new,
                Action::Swap(..) => return Err("it holds another value"),
                Action::Add(amount) => match undo.unwrap_or(0).checked_add(*amount) {
                    Some(sum) if sum >= 0 || *amount >= 0 => sum,
                    Some(_) | None => return Err("the account does not hold that much"),
                },
            };
            changes.push(Change { key: *key, undo, redo });
        }
        Ok(changes)
    }

    fn prepare(&mut self, cx: &mut Cx<'_>, plan: &Arc<Plan>, changes: Few<Change>, out: &mut Out) {
        let txn = plan.txn;
        let work = self.works.remove(txn);
        let is_pre_commit = work.is_some_and(|work| work.pre_commit);
        let value = changes.first().map(|change| change.redo);
        let record = Record::Prepared(Arc::new(Prepared { plan: Arc::clone(plan), changes }));
        if cx.mutant(YES_BEFORE_FORCE) {
            out.persist_lazily(&mut self.log, record);
        } else {
            // A yes is a promise that no crash may break.
            out.persist(&mut self.log, record);
        }
        let now = cx.local_now();
        let (recovering, blocked) = (false, false);
        self.doubts.insert(txn, Doubt { since: now, heard: now, recovering, blocked, asked: None });
        out.announce(Fact::Prepared { txn, votes: !is_pre_commit });
        if is_pre_commit {
            self.lean(cx, txn, (Decision::Commit, plan.coordinator), out);
        } else {
            out.send(plan.coordinator, Message::Vote { txn, vote: Vote::Yes(value) });
        }
        if cx.mutant(UNLOCK_AT_VOTE) {
            self.unlock(cx, txn, plan, out);
        }
        out.set_timer(Alarm::Doubt(txn), self.patience(cx, plan));
        out.set_timer(Alarm::DoubtMax(txn), cx.config().doubt_max);
    }

    /// Votes no: it is free to, as long as it has not voted yes.
    pub(super) fn refuse(&mut self, cx: &mut Cx<'_>, txn: Txn, why: &'static str, out: &mut Out) {
        let Some(work) = self.works.remove(txn) else { return };
        if work.waits {
            out.cancel_timer(Alarm::Lock(txn));
        }
        if work.plan.last_agent == Some(self.id) {
            self.settle(&work.plan, Err(why), out);
            return self.unlock(cx, txn, &work.plan, out);
        }
        out.announce(Fact::VotedNo { txn, why });
        if work.pre_commit {
            let to = Decision::Commit;
            out.send(work.plan.coordinator, Message::PreAck { txn, to, done: false });
            // It has said yes before, so it waits for the decision like everybody else.
            self.works.insert(txn, Work { pre_commit: false, waits: false, ..work.clone() });
            return self.unlock(cx, txn, &work.plan, out);
        }
        // Whoever only reads has no part in what is decided: this may be a copy of a question that
        // it has answered before, and forgotten.
        if !work.plan.branch(self.id).is_some_and(Branch::only_reads) {
            self.conclude(cx, (txn, Decision::Abort), By::Free, out);
        }
        out.send(work.plan.coordinator, Message::Vote { txn, vote: Vote::No(why) });
        self.unlock(cx, txn, &work.plan, out);
    }

    /// The decision has come.
    pub(super) fn on_decision(
        &mut self,
        cx: &mut Cx<'_>,
        from: NodeId,
        (txn, decision): (Txn, Decision),
        out: &mut Out,
    ) {
        if self.log.outcomes.of(txn).is_none() {
            self.conclude(cx, (txn, decision), By::Message(from), out);
        }
        if cx.config().wants_ack(decision == Decision::Commit) {
            out.send(from, Message::Ack(txn));
        }
    }

    /// Acts on a decision: to its disk, into its values, and its locks go back.
    pub(super) fn conclude(
        &mut self,
        cx: &mut Cx<'_>,
        (txn, decision): (Txn, Decision),
        by: By,
        out: &mut Out,
    ) {
        self.conclude_with(cx, (txn, decision), (by, None), out);
    }

    /// The same; tells why it was decided if that was done here, and only once it is on its way to
    /// the disk: what a crash undoes was no decision.
    pub(super) fn conclude_with(
        &mut self,
        cx: &mut Cx<'_>,
        (txn, decision): (Txn, Decision),
        (by, why): (By, Option<Why>),
        out: &mut Out,
    ) {
        let doubt = self.doubts.remove(txn);
        let prepared = self.log.doubts.get(txn).map(|doubt| Arc::clone(&doubt.prepared));
        let work = self.works.remove(txn);
        // Without a record of its part there is nothing it could commit: no record means abort.
        let decision = if prepared.is_some() { decision } else { Decision::Abort };
        let record = match decision {
            Decision::Commit => Record::Committed(txn),
            Decision::Abort => Record::Aborted(txn),
        };
        if self.log.outcomes.of(txn).is_some() {
            // It has written that already, to be able to say so.
        } else if cx.config().wants_ack(decision == Decision::Commit) {
            out.persist(&mut self.log, record);
        } else {
            out.persist_lazily(&mut self.log, record);
        }
        if let Some(why) = why {
            out.announce(Fact::Decided { txn, decision, why });
        }
        Self::stop_timers(txn, doubt.as_ref(), work.as_ref(), out);
        let moved = prepared.as_ref().filter(|_| decision == Decision::Commit);
        let moved = moved.map(|prepared| prepared.moved());
        let doubt = doubt.map(|doubt| cx.local_now() - doubt.since);
        out.announce(Fact::Done { txn, decision, by, doubt, moved });
        self.last = Some(decision);
        let plan = prepared.map(|prepared| Arc::clone(&prepared.plan));
        if let Some(plan) = plan.or(work.map(|work| work.plan)) {
            self.unlock(cx, txn, &plan, out);
        }
    }

    /// What it knows of a transaction, if it ever voted yes or knows the decision.
    pub(super) fn state(&self, txn: Txn) -> Option<State> {
        if let Some(decision) = self.log.outcomes.of(txn) {
            return Some(State::Decided(decision));
        }
        let doubt = self.doubts.get(txn)?;
        if doubt.recovering {
            return Some(State::Recovering);
        }
        Some(match self.log.doubts.get(txn)?.lean {
            Lean::Neither => State::Uncertain,
            Lean::Commit => State::PreCommitted,
            Lean::Abort => State::PreAborted,
        })
    }
}
