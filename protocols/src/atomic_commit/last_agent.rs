//! The last agent: the one participant that is not asked for its vote. Once all others have voted
//! yes the coordinator promises on its own disk to do whatever the last one says, and leaves the
//! decision to it. That saves a forced write and two messages; the price is that the coordinator,
//! too, is in doubt until the last agent answers.

use std::sync::Arc;

use sim_engine::NodeId;

use super::coordinator::{Coordinator, Phase};
use super::facts::Fact;
use super::few::Few;
use super::message::{Message, Vote};
use super::mutants::{HAND_OVER_UNPREPARED, IMPATIENT_COORDINATOR};
use super::participant::Participant;
use super::reasons::{By, Why};
use super::record::{Change, Prepared, Record};
use super::seats::Alarm;
use super::txn::{Decision, Plan, Txn};
use super::{Cx, Out};

impl Coordinator {
    /// Everybody else has voted yes, or nobody else takes part: the last agent is to decide.
    pub(super) fn hand_over(&mut self, cx: &Cx<'_>, txn: Txn, out: &mut Out) {
        let Some(run) = self.runs.get_mut(txn) else { return };
        let Some(agent) = run.plan.last_agent else { return };
        run.phase = Phase::HandedOver;
        let plan = Arc::clone(&run.plan);
        let alone = plan.is_left_to_one();
        // If it is alone nobody is ever in doubt: who wants to know can ask it again.
        if !alone {
            out.cancel_timer(Alarm::Votes(txn));
            let record = Record::HandedOver(Arc::clone(&plan));
            if cx.mutant(HAND_OVER_UNPREPARED) {
                out.persist_lazily(&mut self.log, record);
            } else {
                // Without this record a restart would abort what the last agent may commit.
                out.persist(&mut self.log, record);
            }
        }
        out.announce(Fact::HandedOver { txn, agent, alone });
        self.ask_last_agent(cx, txn, out);
    }

    /// Leaves the decision to the last agent, for the first time or once more: whoever has decided
    /// answers the same again.
    pub(super) fn ask_last_agent(&mut self, cx: &Cx<'_>, txn: Txn, out: &mut Out) {
        let Some(run) = self.runs.get(txn) else { return };
        let Some(agent) = run.plan.last_agent else { return };
        out.send(agent, Message::Decide(Arc::clone(&run.plan)));
        out.set_timer(Alarm::Resend(txn), cx.config().resend);
    }

    /// The last agent has not answered. The coordinator may not decide alone: it asks again.
    pub(super) fn on_silent_agent(&mut self, cx: &mut Cx<'_>, txn: Txn, out: &mut Out) {
        if cx.mutant(IMPATIENT_COORDINATOR) {
            let agent = self.runs.get(txn).and_then(|run| run.plan.last_agent);
            let why = Why::Silence(agent.into_iter().collect());
            return self.decide(cx, txn, (Decision::Abort, why), out);
        }
        self.ask_last_agent(cx, txn, out);
    }

    /// The last agent has decided.
    pub(super) fn on_decided(
        &mut self,
        cx: &mut Cx<'_>,
        agent: NodeId,
        (txn, decision, value): (Txn, Decision, Option<i64>),
        out: &mut Out,
    ) {
        let Some(run) = self.runs.get_mut(txn) else { return };
        if run.phase != Phase::HandedOver || run.plan.last_agent != Some(agent) {
            return;
        }
        let place = run.plan.participants().position(|id| id == agent);
        if let Some(vote) = place.and_then(|place| run.votes.get_mut(place)) {
            *vote = Some(Vote::Yes(value));
        }
        self.decide(cx, txn, (decision, Why::Learnt(agent)), out);
    }
}

impl Participant {
    /// It is the last agent: everybody else has voted yes.
    pub(super) fn on_decide(&mut self, cx: &mut Cx<'_>, plan: &Arc<Plan>, out: &mut Out) {
        if let Some(decision) = self.log.outcomes.of(plan.txn) {
            self.answer(plan, decision, out);
        } else if !self.works.contains(plan.txn) {
            self.work(cx, plan, (false, false), out);
        }
    }

    /// It decides as it can: its part is done and committed in one record, or aborted. Either is on
    /// its disk before it answers, since the coordinator will ask until it has heard, and must hear
    /// the same each time.
    pub(super) fn settle(
        &mut self,
        plan: &Arc<Plan>,
        part: Result<Few<Change>, &'static str>,
        out: &mut Out,
    ) {
        let txn = plan.txn;
        self.works.remove(txn);
        let (decision, why, moved, record) = match part {
            Ok(changes) => {
                let prepared = Prepared { plan: Arc::clone(plan), changes };
                let moved = prepared.moved();
                let record = Record::CommittedAtOnce(Arc::new(prepared));
                (Decision::Commit, Why::LastAgent, Some(moved), record)
            }
            Err(why) => (Decision::Abort, Why::Cannot(why), None, Record::Aborted(txn)),
        };
        out.persist(&mut self.log, record);
        out.announce(Fact::Decided { txn, decision, why });
        out.announce(Fact::Done { txn, decision, by: By::LastAgent, doubt: None, moved });
        self.last = Some(decision);
        self.answer(plan, decision, out);
    }

    /// Tells the coordinator, with the value its client asked for: that of its last transaction
    /// here, so that a later one has taken its place only if nobody waits for it any longer.
    fn answer(&self, plan: &Plan, decision: Decision, out: &mut Out) {
        let logged = self.log.answered.of(plan.client).filter(|(last, _)| *last == plan.txn);
        let value = logged.and_then(|(_, value)| value);
        out.send(plan.coordinator, Message::Decided { txn: plan.txn, decision, value });
    }
}
