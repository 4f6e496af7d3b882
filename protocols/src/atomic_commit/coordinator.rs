//! A coordinator: it gathers votes, decides, and tells until everybody knows.

use std::sync::Arc;

use sim_engine::{Event, NodeId, OpId, Operation};

use super::config::{Phases, Presumption};
use super::directory::Directory;
use super::facts::Fact;
use super::latest::Latest;
use super::log::{Log, Stage};
use super::message::{Message, State, Verdict, Vote};
use super::mutants::{ABORT_ANYWAY, MAJORITY_VOTE, NO_COLLECTING};
use super::reasons::Why;
use super::record::Record;
use super::rules::Asked;
use super::seats::{Alarm, CommitRole};
use super::txn::{Decision, Plan, Txn};
use super::under_way::UnderWay;
use super::waits::Waits;
use super::{CommitNode, Cx, Out};

/// A coordinator, or a backup that ends what others left undecided.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Coordinator {
    pub(super) id: NodeId,
    pub(super) is_backup: bool,
    pub(super) log: Log,
    pub(super) directory: Directory,
    /// Every transaction it has not forgotten.
    pub(super) runs: UnderWay<Run>,
    /// What it knows of the last transaction of each client: so that a copy of a request is not
    /// taken for a new one.
    pub(super) served: Latest<Option<Verdict>>,
    /// Who waits for whom among its transactions.
    pub(super) waits: Waits,
    /// The last decision it made.
    pub(super) last: Option<Decision>,
}

/// A transaction under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    pub(super) plan: Arc<Plan>,
    pub(super) phase: Phase,
    /// The votes, in the order of the plan's branches.
    pub(super) votes: Vec<Option<Vote>>,
    /// Who has not answered the pre-commit, or not acknowledged the decision.
    pub(super) missing: Vec<NodeId>,
    /// What it was told by those it asked.
    pub(super) asked: Asked,
}

/// How far a transaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Votes come in.
    Collecting,
    /// Answers to the pre-commit come in.
    PreCommitting,
    /// It has left the decision to the last agent, and is in doubt.
    HandedOver,
    /// It does not know how it ended, and asks.
    Asking,
    /// It is decided.
    Decided(Decision),
}

impl Run {
    pub(super) fn new(plan: Arc<Plan>, phase: Phase) -> Self {
        let votes = vec![None; plan.branches.len()];
        Self { plan, phase, votes, missing: Vec::new(), asked: Asked::default() }
    }

    /// The value its client asked for: the first that a participant told.
    pub(super) fn value(&self) -> Option<i64> {
        self.votes.iter().find_map(|vote| match vote {
            Some(Vote::Yes(value) | Vote::Read(value)) => *value,
            Some(Vote::No(_)) | None => None,
        })
    }

    /// The participants whose vote fits.
    pub(super) fn who(&self, fits: impl Fn(Option<Vote>) -> bool) -> Vec<NodeId> {
        let votes = self.plan.participants().zip(&self.votes);
        votes.filter(|(_, vote)| fits(**vote)).map(|(id, _)| id).collect()
    }
}

impl Coordinator {
    pub(super) fn boot(cx: &Cx<'_>, log: &Log) -> Self {
        let is_backup =
            matches!(&cx.seat().role, CommitRole::Coordinator(settings) if settings.backup);
        Self {
            id: cx.id(),
            is_backup,
            log: log.clone(),
            directory: Directory::of(cx.cast()),
            runs: UnderWay::default(),
            served: Latest::default(),
            waits: Waits::default(),
            last: None,
        }
    }

    /// One input.
    pub(super) fn step(&mut self, cx: &mut Cx<'_>, event: Event<CommitNode>, out: &mut Out) {
        match event {
            Event::Started => self.recover(cx, out),
            Event::Message { from, message } => self.on_message(cx, from, message, out),
            Event::Timer(Alarm::Votes(txn)) => self.on_silence(cx, txn, out),
            Event::Timer(Alarm::Resend(txn)) => self.on_resend(cx, txn, out),
            Event::Timer(Alarm::Collect(txn)) => self.on_collected(cx, txn, out),
            // What it wrote may be lost; the next life reads how far it truly came.
            Event::DiskFailed => out.halt(),
            Event::Timer(
                Alarm::Doubt(_)
                | Alarm::DoubtMax(_)
                | Alarm::Lock(_)
                | Alarm::Retry
                | Alarm::GiveUp,
            )
            | Event::Command { .. }
            | Event::Admin(_)
            | Event::Synced(_)
            | Event::Received { .. }
            | Event::LinkUp(_)
            | Event::LinkDown { .. } => {}
        }
    }

    fn on_message(&mut self, cx: &mut Cx<'_>, from: NodeId, message: Message, out: &mut Out) {
        match message {
            Message::Begin { op, operation, life } => {
                self.on_begin(cx, (from, op), (operation, life), out);
            }
            Message::Vote { txn, vote } => self.on_vote(cx, from, (txn, vote), out),
            Message::PreAck { txn, to, done } => self.on_pre_ack(cx, from, (txn, to, done), out),
            Message::Ack(txn) => self.on_ack(txn, from, out),
            Message::Inquire { plan, .. } => self.on_inquire(cx, from, &plan, out),
            Message::State { txn, state } => self.on_state(cx, from, (txn, state), out),
            Message::Waits { waiter, holder } => self.on_waits(cx, waiter, holder, out),
            Message::Decided { txn, decision, value } => {
                self.on_decided(cx, from, (txn, decision, value), out);
            }
            // The decision of somebody who took its place; it asks when it wants to know.
            Message::Commit(txn) => self.adopt(cx, (txn, Decision::Commit), from, out),
            Message::Abort(txn) => self.adopt(cx, (txn, Decision::Abort), from, out),
            // For clients and participants.
            Message::Outcome { .. }
            | Message::Read { .. }
            | Message::Value { .. }
            | Message::Prepare(_)
            | Message::CanCommit(_)
            | Message::PreCommit(_)
            | Message::PreAbort(_)
            | Message::Decide(_) => {}
        }
    }

    fn on_begin(
        &mut self,
        cx: &mut Cx<'_>,
        (client, op): (NodeId, OpId),
        (operation, life): (Operation, u32),
        out: &mut Out,
    ) {
        let txn = Txn::of(op);
        if self.runs.contains(txn) || self.is_backup {
            // It is under way: its client will be told.
            return;
        }
        let config = cx.config();
        let planned =
            Plan::new((self.id, client), op, operation, (&self.directory, config.last_agent));
        let plan = match planned {
            Ok(plan) => plan,
            Err(why) => {
                let (result, life) = (Verdict::Aborted(why), cx.life());
                return out.send(client, Message::Outcome { op, result, life });
            }
        };
        // Whoever decides alone knows what it has done, however often it is asked.
        if life != cx.life() && !plan.is_left_to_one() {
            self.remember(client, txn);
        }
        match self.served.of(client) {
            Some((last, _)) if txn < last => return,
            Some((last, verdict)) if txn == last => {
                if let Some(result) = verdict {
                    let life = cx.life();
                    out.send(client, Message::Outcome { op, result, life });
                }
                return;
            }
            Some(_) | None => {}
        }
        self.begin(cx, Arc::new(plan), out);
    }

    /// What an earlier life may have done for a client. It cannot know which requests it had seen:
    /// one that was first asked of an earlier life may be a copy, and is not begun.
    fn remember(&mut self, client: NodeId, txn: Txn) {
        let (last, verdict) = match self.log.answered.of(client) {
            Some((last, value)) if last >= txn => (last, Verdict::Committed(value)),
            Some(_) | None => (txn, Verdict::Aborted("the coordinator restarted")),
        };
        if self.served.of(client).is_none_or(|(known, _)| known < last) {
            self.served.note(client, last, Some(verdict));
        }
    }

    fn begin(&mut self, cx: &mut Cx<'_>, plan: Arc<Plan>, out: &mut Out) {
        let (config, txn) = (cx.config(), plan.txn);
        if plan.is_left_to_one() {
            self.served.note(plan.client, txn, None);
            out.announce(Fact::Began { plan: Arc::clone(&plan) });
            self.runs.insert(txn, Run::new(plan, Phase::Collecting));
            return self.hand_over(cx, txn, out);
        }
        match (config.phases, config.presumption) {
            (Phases::Two, Presumption::Abort) => {}
            // Found in the log it could only be aborted, even if it had been committed: that needs
            // no record.
            _ if plan.only_reads() => {}
            (Phases::Two, Presumption::Commit) => {
                // Without this record a crash would let it presume commit of what it never decided.
                if !cx.mutant(NO_COLLECTING) {
                    out.persist(&mut self.log, Record::Begin(Arc::clone(&plan)));
                }
            }
            (Phases::Two, Presumption::Nothing) | (Phases::Three, _) => {
                out.persist_lazily(&mut self.log, Record::Begin(Arc::clone(&plan)));
            }
        }
        self.served.note(plan.client, txn, None);
        out.announce(Fact::Began { plan: Arc::clone(&plan) });
        for participant in plan.voters() {
            let plan = Arc::clone(&plan);
            let message = match config.phases {
                Phases::Two => Message::Prepare(plan),
                Phases::Three => Message::CanCommit(plan),
            };
            out.send(participant, message);
        }
        out.set_timer(Alarm::Votes(txn), config.vote_timeout);
        self.runs.insert(txn, Run::new(plan, Phase::Collecting));
    }

    fn on_vote(&mut self, cx: &mut Cx<'_>, from: NodeId, (txn, vote): (Txn, Vote), out: &mut Out) {
        let Some(run) = self.runs.get_mut(txn) else { return };
        let place = run.plan.participants().position(|id| id == from);
        let Some(place) = place.filter(|_| run.phase == Phase::Collecting) else { return };
        run.votes[place] = Some(vote);
        if let Vote::No(_) = vote
            && !cx.mutant(MAJORITY_VOTE)
        {
            return self.decide(cx, txn, (Decision::Abort, Why::No(from)), out);
        }
        let is_yes = |vote: Option<Vote>| matches!(vote, Some(Vote::Yes(_) | Vote::Read(_)));
        let yes = run.votes.iter().filter(|vote| is_yes(**vote)).count();
        let all = run.plan.voters().count();
        let is_enough = if cx.mutant(MAJORITY_VOTE) { yes > all / 2 } else { yes == all };
        if !is_enough {
            return;
        }
        if cx.mutant(ABORT_ANYWAY) {
            return self.decide(cx, txn, (Decision::Abort, Why::Silence(vec![from])), out);
        }
        let is_handed_over = run.plan.last_agent.is_some();
        match cx.config().phases {
            Phases::Two if is_handed_over => self.hand_over(cx, txn, out),
            Phases::Two => self.decide(cx, txn, (Decision::Commit, Why::AllYes), out),
            Phases::Three => self.pre_commit(cx, txn, out),
        }
    }

    /// Somebody did not vote, or did not answer a pre-commit, in time.
    fn on_silence(&mut self, cx: &mut Cx<'_>, txn: Txn, out: &mut Out) {
        let Some(run) = self.runs.get(txn) else { return };
        match run.phase {
            Phase::Collecting => {
                let mut silent = run.who(|vote| vote.is_none());
                silent.retain(|id| run.plan.last_agent != Some(*id));
                let why = Why::Silence(silent);
                self.decide(cx, txn, (Decision::Abort, why), out);
            }
            Phase::PreCommitting => self.on_silent_pre_commit(cx, txn, out),
            Phase::HandedOver | Phase::Asking | Phase::Decided(_) => {}
        }
    }

    fn on_waits(&mut self, cx: &mut Cx<'_>, waiter: Txn, holder: Txn, out: &mut Out) {
        let phase = self.runs.get(waiter).map(|run| run.phase);
        let is_open = matches!(phase, Some(Phase::Collecting | Phase::HandedOver));
        if !is_open || !self.runs.contains(holder) {
            return;
        }
        self.waits.add(waiter, holder);
        // One victim may leave another circle closed.
        while let Some(cycle) = self.waits.circle(waiter, holder) {
            // Whoever waits has not voted everywhere, so it may still be aborted; but not by this
            // coordinator if it has left the decision to somebody else.
            let is_mine =
                |txn: &Txn| self.runs.get(*txn).is_some_and(|run| run.phase == Phase::Collecting);
            let Some(victim) = cycle.iter().copied().rfind(is_mine) else { return };
            out.announce(Fact::Deadlock { cycle, victim });
            self.decide(cx, victim, (Decision::Abort, Why::Deadlock), out);
        }
    }

    /// It asks after a transaction that this coordinator ran, or that it is to end as a backup.
    fn on_inquire(&mut self, cx: &mut Cx<'_>, from: NodeId, plan: &Arc<Plan>, out: &mut Out) {
        let txn = plan.txn;
        match self.runs.get(txn).map(|run| run.phase) {
            Some(Phase::Decided(decision)) => {
                out.send(from, Message::State { txn, state: State::Decided(decision) });
            }
            // Whoever asks will be told once it is decided.
            Some(Phase::Collecting | Phase::PreCommitting | Phase::HandedOver | Phase::Asking) => {}
            None if plan.coordinator != self.id => self.ask_for(cx, plan, out),
            None => Self::presume(cx, from, txn, out),
        }
    }

    fn presume(cx: &Cx<'_>, from: NodeId, txn: Txn, out: &mut Out) {
        let config = cx.config();
        let wrong = cx.mutant(super::mutants::WRONG_PRESUMPTION);
        let decision = match config.presumption {
            Presumption::Nothing | Presumption::Abort if wrong => Decision::Commit,
            Presumption::Nothing | Presumption::Abort => Decision::Abort,
            Presumption::Commit => Decision::Commit,
        };
        out.announce(Fact::Presumed { txn, decision, to: from });
        out.send(from, Message::State { txn, state: State::Decided(decision) });
    }

    /// After a restart: what is decided is told again, what is not is aborted or asked about.
    fn recover(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        let open = self.log.open.clone();
        for (txn, open) in open.iter() {
            let mut run = Run::new(Arc::clone(&open.plan), Phase::Collecting);
            let decision = match open.stage {
                Stage::Decided(decision) => Some(decision),
                Stage::Begun | Stage::PreCommitting | Stage::HandedOver => None,
            };
            out.announce(Fact::FoundInLog { txn, decision });
            match open.stage {
                Stage::Begun => {
                    self.runs.insert(txn, run);
                    self.decide(cx, txn, (Decision::Abort, Why::Restart), out);
                }
                Stage::PreCommitting => {
                    run.phase = Phase::Asking;
                    self.runs.insert(txn, run);
                    self.ask(cx, txn, out);
                }
                Stage::HandedOver => {
                    run.phase = Phase::HandedOver;
                    self.runs.insert(txn, run);
                    self.ask_last_agent(cx, txn, out);
                }
                Stage::Decided(decision) => {
                    run.phase = Phase::Decided(decision);
                    run.missing = run.plan.voters().collect();
                    self.runs.insert(txn, run);
                    self.last = Some(decision);
                    self.answer_client(cx, txn, decision, out);
                    self.tell(cx, txn, out);
                }
            }
        }
    }
}
