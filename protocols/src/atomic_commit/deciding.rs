//! A coordinator's decision: made durable, told, acknowledged, forgotten; and the phase before it
//! where there are three.

use std::sync::Arc;

use sim_engine::NodeId;

use super::config::Presumption;
use super::coordinator::{Coordinator, Phase};
use super::facts::Fact;
use super::message::{Message, Verdict, Vote};
use super::mutants::{DECISION_BEFORE_FORCE, FORGET_EARLY};
use super::reasons::Why;
use super::record::Record;
use super::seats::Alarm;
use super::txn::{Decision, Plan, Txn};
use super::{Cx, Out};

impl Coordinator {
    pub(super) fn decide(
        &mut self,
        cx: &mut Cx<'_>,
        txn: Txn,
        (decision, why): (Decision, Why),
        out: &mut Out,
    ) {
        let Some(run) = self.runs.get_mut(txn) else { return };
        let must_know = |(id, vote): &(NodeId, &Option<Vote>)| match vote {
            // It knows already, or was never asked.
            _ if run.plan.last_agent == Some(*id) => false,
            Some(Vote::No(_) | Vote::Read(_)) => false,
            Some(Vote::Yes(_)) | None => true,
        };
        let votes = run.plan.participants().zip(&run.votes);
        run.missing = votes.filter(must_know).map(|(id, _)| id).collect();
        if run.phase == Phase::Asking {
            out.cancel_timer(Alarm::Collect(txn));
        } else {
            out.cancel_timer(Alarm::Votes(txn));
        }
        let handed_over = run.phase == Phase::HandedOver;
        run.phase = Phase::Decided(decision);
        let plan = Arc::clone(&run.plan);
        let is_commit = decision == Decision::Commit;
        let is_silent = plan.only_reads() || run.missing.is_empty() && is_commit;
        let value = run.value();
        self.last = Some(decision);
        self.waits.remove(txn);
        // A transaction that only read needs no record.
        if !is_silent && plan.coordinator == self.id {
            self.write_decision(cx, plan, (decision, value, handed_over), out);
        }
        out.announce(Fact::Decided { txn, decision, why });
        self.answer_client(cx, txn, decision, out);
        self.tell(cx, txn, out);
    }

    fn write_decision(
        &mut self,
        cx: &Cx<'_>,
        plan: Arc<Plan>,
        (decision, value, handed_over): (Decision, Option<i64>, bool),
        out: &mut Out,
    ) {
        let presumption = cx.config().presumption;
        match decision {
            Decision::Commit if cx.mutant(DECISION_BEFORE_FORCE) => {
                out.persist_lazily(&mut self.log, Record::Commit { plan, value });
            }
            // Until this is on disk PREPARED is, and the last agent knows.
            Decision::Commit if handed_over => {
                out.persist_lazily(&mut self.log, Record::Commit { plan, value });
            }
            // The commit point.
            Decision::Commit => out.persist(&mut self.log, Record::Commit { plan, value }),
            Decision::Abort => match presumption {
                Presumption::Nothing if !handed_over => {
                    out.persist(&mut self.log, Record::Abort(plan));
                }
                // No record means abort.
                Presumption::Abort => {}
                // A collecting record without a commit means abort.
                Presumption::Nothing | Presumption::Commit => {
                    out.persist_lazily(&mut self.log, Record::Abort(plan));
                }
            },
        }
    }

    /// Tells the client, as far as this coordinator ran the transaction for it.
    pub(super) fn answer_client(
        &mut self,
        cx: &Cx<'_>,
        txn: Txn,
        decision: Decision,
        out: &mut Out,
    ) {
        let Some(run) = self.runs.get(txn) else { return };
        if run.plan.coordinator != self.id {
            return;
        }
        let logged = self.log.answered.of(run.plan.client).filter(|(last, _)| *last == txn);
        let result = match decision {
            Decision::Commit => {
                Verdict::Committed(run.value().or_else(|| logged.and_then(|(_, value)| value)))
            }
            Decision::Abort => Verdict::Aborted("the transaction was aborted"),
        };
        self.served.note(run.plan.client, txn, Some(result));
        let (op, life) = (txn.op(), cx.life());
        out.send(run.plan.client, Message::Outcome { op, result, life });
    }

    /// Tells everybody who has not acknowledged the decision; forgets it if nobody need to.
    pub(super) fn tell(&mut self, cx: &Cx<'_>, txn: Txn, out: &mut Out) {
        let Some(run) = self.runs.get(txn) else { return };
        let Phase::Decided(decision) = run.phase else { return };
        for participant in &run.missing {
            let message = Message::decision(txn, decision);
            if cx.mutant(DECISION_BEFORE_FORCE) {
                out.send_now(*participant, message);
            } else {
                out.send(*participant, message);
            }
        }
        let is_commit = decision == Decision::Commit;
        let must_wait = cx.config().wants_ack(is_commit) && !run.missing.is_empty();
        if must_wait && run.plan.coordinator == self.id && !(cx.mutant(FORGET_EARLY) && is_commit) {
            out.set_timer(Alarm::Resend(txn), cx.config().resend);
        } else {
            self.end(txn, out);
        }
    }

    pub(super) fn on_resend(&mut self, cx: &mut Cx<'_>, txn: Txn, out: &mut Out) {
        match self.runs.get(txn).map(|run| run.phase) {
            Some(Phase::HandedOver) => self.on_silent_agent(cx, txn, out),
            Some(_) | None => self.tell(cx, txn, out),
        }
    }

    pub(super) fn on_ack(&mut self, txn: Txn, from: NodeId, out: &mut Out) {
        let Some(run) = self.runs.get_mut(txn) else { return };
        if !matches!(run.phase, Phase::Decided(_)) {
            return;
        }
        run.missing.retain(|id| *id != from);
        if run.missing.is_empty() {
            self.end(txn, out);
        }
    }

    /// Everybody knows, or may find out by what no record means: nothing is left to remember.
    fn end(&mut self, txn: Txn, out: &mut Out) {
        out.cancel_timer(Alarm::Resend(txn));
        if self.log.open.contains(txn) {
            out.persist_lazily(&mut self.log, Record::End(txn));
        }
        self.runs.remove(txn);
        out.announce(Fact::Ended { txn });
    }

    /// Every vote is yes; everybody is told so before anybody commits.
    pub(super) fn pre_commit(&mut self, cx: &mut Cx<'_>, txn: Txn, out: &mut Out) {
        let Some(run) = self.runs.get_mut(txn) else { return };
        run.phase = Phase::PreCommitting;
        run.missing = run.who(|vote| matches!(vote, Some(Vote::Yes(_))));
        if run.missing.is_empty() {
            return self.decide(cx, txn, (Decision::Commit, Why::AllYes), out);
        }
        out.persist(&mut self.log, Record::PreCommit(txn));
        out.announce(Fact::PreCommitBegan { txn });
        for participant in &run.missing {
            out.send(*participant, Message::PreCommit(Arc::clone(&run.plan)));
        }
        out.set_timer(Alarm::Votes(txn), cx.config().vote_timeout);
    }
}
