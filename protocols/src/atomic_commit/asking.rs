//! A coordinator that does not know how a transaction ended: it asks the participants. A backup
//! does so for others, a restarted one for itself, one that waits for a quorum to find one.

use std::sync::Arc;

use sim_engine::NodeId;

use super::config::{Phases, Variant};
use super::coordinator::{Coordinator, Phase, Run};
use super::facts::Fact;
use super::message::{Message, State};
use super::reasons::Why;
use super::rules::Ruling;
use super::seats::Alarm;
use super::txn::{Decision, Plan, Txn};
use super::{Cx, Out};

impl Coordinator {
    /// A participant asks about a transaction of another coordinator.
    pub(super) fn ask_for(&mut self, cx: &Cx<'_>, plan: &Arc<Plan>, out: &mut Out) {
        self.runs.insert(plan.txn, Run::new(Arc::clone(plan), Phase::Asking));
        self.ask(cx, plan.txn, out);
    }

    /// Asks everybody who takes part.
    pub(super) fn ask(&mut self, cx: &Cx<'_>, txn: Txn, out: &mut Out) {
        let Some(run) = self.runs.get_mut(txn) else { return };
        run.phase = Phase::Asking;
        run.asked.states.clear();
        run.asked.moving = None;
        for participant in run.plan.participants() {
            out.send(participant, Message::Inquire { plan: Arc::clone(&run.plan), leads: false });
        }
        out.set_timer(Alarm::Collect(txn), cx.config().collect_timeout);
    }

    pub(super) fn on_state(
        &mut self,
        cx: &mut Cx<'_>,
        from: NodeId,
        (txn, state): (Txn, State),
        out: &mut Out,
    ) {
        let Some(run) = self.runs.get_mut(txn).filter(|run| run.phase == Phase::Asking) else {
            return;
        };
        run.asked.states.insert(from, state);
        let is_known = matches!(state, State::Decided(_));
        if is_known || run.asked.is_complete(&run.plan) {
            self.on_collected(cx, txn, out);
        }
    }

    /// Whoever has not answered by now will not.
    pub(super) fn on_collected(&mut self, cx: &mut Cx<'_>, txn: Txn, out: &mut Out) {
        let Some(run) = self.runs.get_mut(txn).filter(|run| run.phase == Phase::Asking) else {
            return;
        };
        let config = cx.config();
        let is_mine = run.plan.coordinator == self.id;
        if is_mine && run.asked.states.is_empty() {
            return self.ask(cx, txn, out);
        }
        let ruling = run.asked.rule(config, &run.plan);
        let may_lead = config.phases == Phases::Three && config.variant == Variant::Quorum;
        match ruling {
            Ruling::Decide(decision, why @ Why::Learnt(_)) => {
                self.decide(cx, txn, (decision, why), out);
            }
            Ruling::Decide(decision, why) if may_lead => {
                self.decide(cx, txn, (decision, why), out);
            }
            Ruling::Move(side) if may_lead && run.asked.moving.is_none() => {
                run.asked.moving = Some(side);
                for participant in run.asked.in_state(State::Uncertain) {
                    let message = match side {
                        Decision::Commit => Message::PreCommit(Arc::clone(&run.plan)),
                        Decision::Abort => Message::PreAbort(txn),
                    };
                    out.send(participant, message);
                }
                out.set_timer(Alarm::Collect(txn), config.collect_timeout);
            }
            // It was down, and so may not end the transaction itself: somebody else will.
            Ruling::Decide(..) | Ruling::Move(_) | Ruling::Blocked if is_mine => {
                run.asked.states.clear();
                run.asked.moving = None;
                out.set_timer(Alarm::Collect(txn), config.doubt_timeout);
            }
            Ruling::Decide(..) | Ruling::Move(_) | Ruling::Blocked => {
                let uncertain = run.asked.states.keys().copied().collect();
                let mut silent = run.asked.silent(&run.plan);
                silent.push(run.plan.coordinator);
                out.announce(Fact::Blocked { txn, uncertain, silent, first: true });
                // The participants will ask again.
                self.runs.remove(txn);
            }
        }
    }

    pub(super) fn on_pre_ack(
        &mut self,
        cx: &mut Cx<'_>,
        from: NodeId,
        (txn, to, done): (Txn, Decision, bool),
        out: &mut Out,
    ) {
        let Some(run) = self.runs.get_mut(txn) else { return };
        match run.phase {
            Phase::PreCommitting if !done => {
                self.decide(cx, txn, (Decision::Abort, Why::CannotPreCommit(from)), out);
            }
            Phase::PreCommitting => {
                run.missing.retain(|id| *id != from);
                let all = run.plan.branches.len();
                let done = all - run.missing.len();
                let config = cx.config();
                let is_quorum = config.variant == Variant::Quorum && done >= config.quorums(all).0;
                if run.missing.is_empty() || is_quorum {
                    let why = if run.missing.is_empty() { Why::AllYes } else { Why::Quorum };
                    self.decide(cx, txn, (Decision::Commit, why), out);
                }
            }
            Phase::Asking if done => {
                run.asked.states.insert(from, moved(to));
                if run.asked.is_complete(&run.plan) {
                    self.on_collected(cx, txn, out);
                }
            }
            Phase::Asking | Phase::Collecting | Phase::HandedOver | Phase::Decided(_) => {}
        }
    }

    /// Some have not answered the pre-commit in time.
    pub(super) fn on_silent_pre_commit(&mut self, cx: &mut Cx<'_>, txn: Txn, out: &mut Out) {
        let Some(run) = self.runs.get(txn) else { return };
        let why = Why::SilentPreCommit(run.missing.clone());
        match cx.config().variant {
            // They are down, and will learn it when they restart.
            Variant::Skeen => self.decide(cx, txn, (Decision::Commit, why), out),
            Variant::Popular => self.decide(cx, txn, (Decision::Abort, why), out),
            Variant::Quorum => self.ask(cx, txn, out),
        }
    }

    /// Somebody who took this coordinator's place tells it the decision.
    pub(super) fn adopt(
        &mut self,
        cx: &mut Cx<'_>,
        (txn, decision): (Txn, Decision),
        from: NodeId,
        out: &mut Out,
    ) {
        let Some(run) = self.runs.get(txn) else { return };
        if !matches!(run.phase, Phase::Decided(_)) {
            self.decide(cx, txn, (decision, Why::Learnt(from)), out);
        }
    }
}

/// The state of somebody who was moved to a side.
pub(super) const fn moved(to: Decision) -> State {
    match to {
        Decision::Commit => State::PreCommitted,
        Decision::Abort => State::PreAborted,
    }
}
