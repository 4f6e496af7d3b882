//! A participant in doubt: it asks, and is asked; and in three phases it may have to end the
//! transaction itself.

use std::sync::Arc;

use sim_engine::{Duration, NodeId};

use super::asking::moved;
use super::config::{Phases, Variant};
use super::facts::Fact;
use super::log::Lean;
use super::message::{Message, State, Vote};
use super::mutants::{NEVER_ASK, READY_TIMEOUT_DECIDES, SKIP_PRE_COMMIT, UNCERTAIN_SAYS_ABORT};
use super::participant::{Doubt, Participant, Work};
use super::reasons::{By, Why};
use super::record::Record;
use super::rules::{Asked, Ruling};
use super::seats::{Alarm, CommitRole};
use super::txn::{Decision, Plan, Txn};
use super::{Cx, Out};

impl Participant {
    /// How long it waits before it asks. Where somebody is elected, each waits longer than the one
    /// before it, so that the first of those who are up asks first.
    pub(super) fn patience(&self, cx: &Cx<'_>, plan: &Plan) -> Duration {
        let config = cx.config();
        if config.phases == Phases::Two || config.variant == Variant::Popular {
            return config.doubt_timeout;
        }
        let rank = plan.participants().position(|id| id == self.id).unwrap_or(0);
        config.doubt_timeout + config.rank_step.times(u64::try_from(rank).unwrap_or(0))
    }

    /// It has heard nothing for long enough.
    pub(super) fn on_doubt(&mut self, cx: &mut Cx<'_>, txn: Txn, out: &mut Out) {
        let (config, now) = (cx.config(), cx.local_now());
        if let Some(work) = self.works.get(txn).filter(|work| work.said_yes) {
            // It said yes, but has promised nothing: the popular telling lets it abort.
            let plan = Arc::clone(&work.plan);
            self.conclude(cx, (txn, Decision::Abort), By::Timeout, out);
            return self.unlock(cx, txn, &plan, out);
        }
        let Some(doubt) = self.doubts.get(txn) else { return };
        let waited = now - doubt.heard;
        if cx.mutant(READY_TIMEOUT_DECIDES) {
            return self.conclude(cx, (txn, Decision::Abort), By::Timeout, out);
        }
        let leads = config.phases == Phases::Three && !doubt.recovering;
        match config.variant {
            Variant::Popular if leads => {
                let is_moved = self.state(txn) == Some(State::PreCommitted);
                let decision = if is_moved { Decision::Commit } else { Decision::Abort };
                self.conclude(cx, (txn, decision), By::Timeout, out);
            }
            Variant::Skeen | Variant::Quorum if leads => {
                out.announce(Fact::TookOver { txn, waited });
                self.ask(cx, txn, out);
            }
            Variant::Skeen | Variant::Popular | Variant::Quorum => {
                let again = doubt.blocked || doubt.asked.is_some();
                out.announce(Fact::InDoubt { txn, waited, again });
                self.ask(cx, txn, out);
            }
        }
    }

    pub(super) fn on_doubt_max(&mut self, cx: &Cx<'_>, txn: Txn, out: &mut Out) {
        let Some(doubt) = self.doubts.get(txn) else { return };
        let waited = cx.local_now() - doubt.since;
        out.announce(Fact::DoubtExceeded { txn, waited, was_down: doubt.recovering });
        out.set_timer(Alarm::DoubtMax(txn), cx.config().doubt_max);
    }

    /// Asks those who may know: the coordinator and its backups, and in a cooperative system the
    /// other participants.
    pub(super) fn ask(&mut self, cx: &Cx<'_>, txn: Txn, out: &mut Out) {
        let Some(prepared) = self.log.doubts.get(txn).map(|d| Arc::clone(&d.prepared)) else {
            return;
        };
        let own = self.state(txn);
        let (config, plan, me) = (cx.config(), &prepared.plan, self.id);
        let Some(doubt) = self.doubts.get_mut(txn) else { return };
        if cx.mutant(NEVER_ASK) {
            return;
        }
        let leads = config.phases == Phases::Three && !doubt.recovering;
        let mut asked = Asked::default();
        asked.states.extend(own.map(|own| (me, own)));
        doubt.asked = Some(asked);
        let peers = config.phases == Phases::Three || config.cooperative;
        let peers = plan.peers(me).filter(|_| peers);
        let is_backup =
            |role: &CommitRole| matches!(role, CommitRole::Coordinator(it) if it.backup);
        let backups = cx.cast().iter().filter(|(_, seat)| is_backup(&seat.role)).map(|(id, _)| id);
        for whom in std::iter::once(plan.coordinator).chain(backups).chain(peers) {
            out.send(whom, Message::Inquire { plan: Arc::clone(plan), leads });
        }
        out.set_timer(Alarm::Collect(txn), config.collect_timeout);
        out.set_timer(Alarm::Doubt(txn), self.patience(cx, plan));
    }

    /// Somebody asks what it knows. If it has not voted yes it is free, and aborts: then the one
    /// who asks may, too.
    pub(super) fn on_inquire(
        &mut self,
        cx: &mut Cx<'_>,
        from: NodeId,
        (plan, leads): (&Arc<Plan>, bool),
        out: &mut Out,
    ) {
        let txn = plan.txn;
        let known = self.state(txn);
        let state = known.unwrap_or(State::Decided(Decision::Abort));
        let may_forget = known.is_none() || !cx.config().wants_ack(false);
        if state == State::Decided(Decision::Abort) && may_forget {
            // Whoever asks acts on it. Were it forgotten in a crash, a late PREPARE would be voted
            // yes on.
            out.persist(&mut self.log, Record::Aborted(txn));
        }
        if known.is_none() {
            self.conclude(cx, (txn, Decision::Abort), By::Free, out);
        }
        // Somebody else is about to end it.
        if let Some(doubt) = self.doubts.get_mut(txn)
            && leads
        {
            doubt.heard = cx.local_now();
            out.set_timer(Alarm::Doubt(txn), self.patience(cx, plan));
        }
        let lies = cx.mutant(UNCERTAIN_SAYS_ABORT) && state == State::Uncertain;
        let state = if lies { State::Decided(Decision::Abort) } else { state };
        out.send(from, Message::State { txn, state });
    }

    pub(super) fn on_state(
        &mut self,
        cx: &mut Cx<'_>,
        from: NodeId,
        (txn, state): (Txn, State),
        out: &mut Out,
    ) {
        let Some(prepared) = self.log.doubts.get(txn).map(|d| Arc::clone(&d.prepared)) else {
            return;
        };
        let Some(doubt) = self.doubts.get_mut(txn) else { return };
        if let State::Decided(decision) = state {
            return self.learn(cx, (txn, decision), from, out);
        }
        let Some(asked) = &mut doubt.asked else { return };
        asked.states.insert(from, state);
        if asked.is_complete(&prepared.plan) {
            self.on_collected(cx, txn, out);
        }
    }

    /// It has asked, and somebody knew.
    fn learn(
        &mut self,
        cx: &mut Cx<'_>,
        (txn, decision): (Txn, Decision),
        from: NodeId,
        out: &mut Out,
    ) {
        let Some(doubt) = self.log.doubts.get(txn) else { return };
        let plan = Arc::clone(&doubt.prepared.plan);
        let leads = cx.config().phases == Phases::Three
            && self.doubts.get(txn).is_some_and(|doubt| !doubt.recovering);
        let by = if from == plan.coordinator { By::Message(from) } else { By::Peer(from) };
        self.conclude(cx, (txn, decision), by, out);
        if leads {
            self.tell(&plan, decision, out);
        }
    }

    /// Tells the others, and the coordinator should it be up.
    fn tell(&self, plan: &Plan, decision: Decision, out: &mut Out) {
        for whom in plan.peers(self.id).chain(std::iter::once(plan.coordinator)) {
            out.send(whom, Message::decision(plan.txn, decision));
        }
    }

    /// Whoever has not answered by now will not.
    pub(super) fn on_collected(&mut self, cx: &mut Cx<'_>, txn: Txn, out: &mut Out) {
        let Some(prepared) = self.log.doubts.get(txn).map(|d| Arc::clone(&d.prepared)) else {
            return;
        };
        let plan = &prepared.plan;
        let Some(doubt) = self.doubts.get_mut(txn) else { return };
        let (config, recovering) = (cx.config(), doubt.recovering);
        let Some(asked) = doubt.asked.as_mut() else { return };
        let joins = !recovering || config.variant == Variant::Quorum;
        match asked.rule(config, plan) {
            Ruling::Decide(decision, why) if joins => {
                self.end(cx, plan, (decision, why), out);
            }
            Ruling::Move(side) if joins && asked.moving.is_none() => {
                if cx.mutant(SKIP_PRE_COMMIT) {
                    let why = Why::SomebodyPreCommitted;
                    return self.end(cx, plan, (Decision::Commit, why), out);
                }
                asked.moving = Some(side);
                let undecided = asked.in_state(State::Uncertain);
                for whom in undecided.into_iter().filter(|id| *id != self.id) {
                    let message = match side {
                        Decision::Commit => Message::PreCommit(Arc::clone(plan)),
                        Decision::Abort => Message::PreAbort(txn),
                    };
                    out.send(whom, message);
                }
                self.lean(cx, txn, (side, self.id), out);
                out.set_timer(Alarm::Collect(txn), config.collect_timeout);
            }
            Ruling::Decide(..) | Ruling::Move(_) | Ruling::Blocked => {
                if !doubt.blocked {
                    doubt.blocked = true;
                    let uncertain: Vec<NodeId> = asked.states.keys().copied().collect();
                    let first = uncertain.first() == Some(&self.id);
                    let asks_peers = config.phases == Phases::Three || config.cooperative;
                    let mut silent = if asks_peers { asked.silent(plan) } else { Vec::new() };
                    silent.push(plan.coordinator);
                    out.announce(Fact::Blocked { txn, uncertain, silent, first });
                }
                doubt.asked = None;
            }
        }
    }

    /// Decides in place of the coordinator.
    fn end(
        &mut self,
        cx: &mut Cx<'_>,
        plan: &Arc<Plan>,
        (decision, why): (Decision, Why),
        out: &mut Out,
    ) {
        self.conclude_with(cx, (plan.txn, decision), (By::Itself, Some(why)), out);
        self.tell(plan, decision, out);
    }

    /// The popular telling: it says whether it could, and does nothing yet.
    pub(super) fn on_can_commit(&mut self, cx: &mut Cx<'_>, plan: &Arc<Plan>, out: &mut Out) {
        let txn = plan.txn;
        let Some(branch) = plan.branch(self.id) else { return };
        if branch.only_reads() {
            // There is no second phase for it: it reads, and its vote is all.
            return self.on_prepare(cx, plan, out);
        }
        if self.log.outcomes.of(txn).is_some() || self.works.contains(txn) {
            return;
        }
        let could = self.changes(&branch.actions);
        let vote = match could {
            Ok(_) => Vote::Yes(None),
            Err(why) => Vote::No(why),
        };
        out.send(plan.coordinator, Message::Vote { txn, vote });
        if let Vote::No(why) = vote {
            return out.announce(Fact::VotedNo { txn, why });
        }
        let (plan, since) = (Arc::clone(plan), cx.local_now());
        self.works
            .insert(txn, Work { plan, said_yes: true, pre_commit: false, waits: false, since });
        out.announce(Fact::SaidYes { txn });
        out.set_timer(Alarm::Doubt(txn), cx.config().doubt_timeout);
    }

    /// Everybody has voted yes.
    pub(super) fn on_pre_commit(
        &mut self,
        cx: &mut Cx<'_>,
        from: NodeId,
        plan: &Arc<Plan>,
        out: &mut Out,
    ) {
        let txn = plan.txn;
        if self.log.doubts.contains(txn) {
            return self.lean(cx, txn, (Decision::Commit, from), out);
        }
        match self.works.get_mut(txn) {
            Some(work) if work.said_yes && !work.pre_commit => {
                work.pre_commit = true;
                self.go_on(cx, txn, out);
            }
            Some(_) => {}
            // It has aborted: the answer that helps is the decision.
            None => {
                let (to, done) = (Decision::Commit, false);
                out.send(from, Message::PreAck { txn, to, done });
            }
        }
    }

    pub(super) fn on_pre_abort(&mut self, cx: &mut Cx<'_>, from: NodeId, txn: Txn, out: &mut Out) {
        self.lean(cx, txn, (Decision::Abort, from), out);
    }

    /// Moves to one side, and never from one to the other.
    pub(super) fn lean(
        &mut self,
        cx: &mut Cx<'_>,
        txn: Txn,
        (side, to): (Decision, NodeId),
        out: &mut Out,
    ) {
        let Some(state) = self.log.doubts.get(txn).map(|doubt| doubt.lean) else { return };
        let Some(plan) = self.log.doubts.get(txn).map(|d| Arc::clone(&d.prepared.plan)) else {
            return;
        };
        let wanted = match side {
            Decision::Commit => Lean::Commit,
            Decision::Abort => Lean::Abort,
        };
        if state == Lean::Neither {
            match side {
                Decision::Commit => {
                    out.persist(&mut self.log, Record::PreCommitted(txn));
                    out.announce(Fact::PreCommitted { txn });
                }
                Decision::Abort => {
                    out.persist(&mut self.log, Record::PreAborted(txn));
                    out.announce(Fact::PreAborted { txn });
                }
            }
        } else if state != wanted {
            return;
        }
        if let Some(doubt) = self.doubts.get_mut(txn) {
            doubt.heard = cx.local_now();
            if let Some(asked) = doubt.asked.as_mut().filter(|_| to == self.id) {
                asked.states.insert(self.id, moved(side));
            }
        }
        if to != self.id {
            out.send(to, Message::PreAck { txn, to: side, done: true });
            out.set_timer(Alarm::Doubt(txn), self.patience(cx, &plan));
        }
    }

    pub(super) fn on_pre_ack(
        &mut self,
        cx: &mut Cx<'_>,
        from: NodeId,
        (txn, to, done): (Txn, Decision, bool),
        out: &mut Out,
    ) {
        let Some(plan) = self.log.doubts.get(txn).map(|d| Arc::clone(&d.prepared.plan)) else {
            return;
        };
        let Some(doubt) = self.doubts.get_mut(txn) else { return };
        let Some(asked) = doubt.asked.as_mut().filter(|asked| asked.moving == Some(to)) else {
            return;
        };
        if done {
            asked.states.insert(from, moved(to));
        }
        if asked.is_complete(&plan) {
            self.on_collected(cx, txn, out);
        }
    }
}

impl Doubt {
    /// True if it was down since it voted.
    pub const fn is_recovering(&self) -> bool {
        self.recovering
    }
}
