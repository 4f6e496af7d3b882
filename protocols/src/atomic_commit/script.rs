//! How stories are told of atomic commit: the cast, messages and states in full.

use sim_engine::script::{Scripted, ScriptedCast};
use sim_engine::{Cast, Node, Payload, Role, Seat};

use super::config::{Config, Phases, Presumption, Variant};
use super::log::Log;
use super::message::{Message, State, Verdict, Vote};
use super::seats::{ClientSettings, CommitRole, CoordinatorSettings, ParticipantSettings};
use super::{CommitNode, ThreePhaseCommit, TwoPhaseCommit};

impl Scripted for TwoPhaseCommit {
    fn cast(words: &[&str]) -> Result<ScriptedCast<CommitNode>, String> {
        cast(words, Phases::Two)
    }

    fn message(message: &Message) -> String {
        words(message)
    }

    fn summary(node: &CommitNode, durable: &Log) -> String {
        summary(node, durable)
    }
}

impl Scripted for ThreePhaseCommit {
    fn cast(words: &[&str]) -> Result<ScriptedCast<CommitNode>, String> {
        cast(words, Phases::Three)
    }

    fn message(message: &Message) -> String {
        words(message)
    }

    fn summary(node: &CommitNode, durable: &Log) -> String {
        summary(node, durable)
    }
}

/// `nodes 3 [<clients>] [backup] [presume-abort | presume-commit] [alone] [last-agent]
/// [reads-vote] [popular | quorum]`: the coordinator `co`, so many participants `p1`, `p2` ... with
/// an account of 100 of the same name, clients `c1` ....
fn cast(words: &[&str], phases: Phases) -> Result<ScriptedCast<CommitNode>, String> {
    let usage = || {
        "write `nodes <participants> [<clients>] [backup] [presume-abort | presume-commit] [alone] \
         [last-agent] [reads-vote] [popular | quorum] [quiet]`"
            .to_owned()
    };
    let (participants, words) = words.split_first().ok_or_else(usage)?;
    let participants: u16 = participants.parse().map_err(|_| usage())?;
    let (clients, words) = match words.split_first() {
        Some((first, rest)) if first.starts_with(|c: char| c.is_ascii_digit()) => {
            (first.parse().map_err(|_| usage())?, rest)
        }
        _ => (1_u16, words),
    };
    let mut config = Config { phases, ..Config::default() };
    let mut backups = 0;
    for word in words {
        match *word {
            "backup" => backups = 1,
            "presume-abort" => config.presumption = Presumption::Abort,
            "presume-commit" => config.presumption = Presumption::Commit,
            "last-agent" => config.last_agent = true,
            "alone" => config.cooperative = false,
            "reads-vote" => config.reads_are_transactions = true,
            "popular" => config.variant = Variant::Popular,
            "quorum" => config.variant = Variant::Quorum,
            _ => return Err(usage()),
        }
    }
    let coordinator = |name: &str, backup| {
        seat(name.to_owned(), CommitRole::Coordinator(CoordinatorSettings { backup }))
    };
    let participant = |n| {
        let name = format!("p{n}");
        let accounts = name.parse().map(|key| [(key, 100)].into()).unwrap_or_default();
        seat(name, CommitRole::Participant(ParticipantSettings { accounts }))
    };
    let client = |n| seat(format!("c{n}"), CommitRole::Client(ClientSettings::default()));
    let seats = std::iter::once(coordinator("co", false))
        .chain((0..backups).map(|_| coordinator("bk", true)))
        .chain((1..=participants).map(participant))
        .chain((1..=clients).map(client));
    Ok((config, Cast::new(seats.collect())))
}

fn seat(name: String, role: CommitRole) -> Seat<CommitRole> {
    Seat { name, kind: role.kind().to_owned(), is_client: role.is_client(), role, place: None }
}

/// A message in one line: its kind, its transaction and what it says.
fn words(message: &Message) -> String {
    let rest = match message {
        Message::Begin { op, operation, .. } => format!("T{} {operation}", op.0 + 1),
        Message::Outcome { op, result, .. } => match result {
            Verdict::Committed(_) => format!("T{} committed", op.0 + 1),
            Verdict::Aborted(why) => format!("T{} aborted: {why}", op.0 + 1),
        },
        Message::Read { key, .. } => key.to_string(),
        Message::Value { value, .. } => {
            value.map_or_else(|| "nothing".to_owned(), |value| value.to_string())
        }
        Message::Prepare(plan) | Message::CanCommit(plan) | Message::Decide(plan) => {
            format!("{} {}", plan.txn, plan.operation)
        }
        Message::Vote { txn, vote } => match vote {
            Vote::Yes(_) => format!("{txn} yes"),
            Vote::Read(_) => format!("{txn} only read"),
            Vote::No(why) => format!("{txn} no: {why}"),
        },
        Message::PreAck { txn, done, .. } => format!("{txn}{}", if *done { "" } else { " cannot" }),
        Message::PreCommit(plan) | Message::Inquire { plan, .. } => plan.txn.to_string(),
        Message::PreAbort(txn) | Message::Commit(txn) | Message::Abort(txn) | Message::Ack(txn) => {
            txn.to_string()
        }
        Message::State { txn, state } => format!("{txn} {}", state_words(*state)),
        Message::Decided { txn, decision, .. } => format!("{txn} {decision}"),
        Message::Waits { waiter, holder } => format!("{waiter} for {holder}"),
    };
    format!("{} {rest}", message.kind())
}

fn state_words(state: State) -> String {
    match state {
        State::Decided(decision) => format!("decided {decision}"),
        State::Uncertain => "in doubt".to_owned(),
        State::PreCommitted => "pre-committed".to_owned(),
        State::PreAborted => "pre-aborted".to_owned(),
        State::Recovering => "was down".to_owned(),
    }
}

/// A node in one line: its role, its log on disk, and its locks.
fn summary(node: &CommitNode, durable: &Log) -> String {
    let role = node.standing().role;
    let records: Vec<String> =
        durable.tail().map(|(_, word, txn)| format!("{} {txn}", word.text())).collect();
    let log = records.join(", ");
    match node {
        CommitNode::Coordinator(_) => format!("{role:18}  log=[{log}]"),
        CommitNode::Participant(participant) => {
            let locks: Vec<String> = participant
                .locks
                .iter()
                .filter_map(|(key, lock)| lock.holder.map(|holder| format!("{key}:{holder}")))
                .collect();
            let values: Vec<String> =
                durable.store.iter().map(|(k, v)| format!("{k}={v}")).collect();
            format!(
                "{role:18}  log=[{log}] locks=[{}] store=[{}]",
                locks.join(" "),
                values.join(" ")
            )
        }
        CommitNode::Client(_) => role.to_owned(),
    }
}
