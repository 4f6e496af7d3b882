//! What coordinators and participants show of themselves.

use sim_engine::{Cell, NodeView, RoleClass, Row, Standing, Tone};

use super::coordinator::{Coordinator, Phase};
use super::log::{Lean, Log};
use super::participant::Participant;
use super::record::Word;
use super::txn::{Decision, Txn};

impl Coordinator {
    /// The hue is what it knows of its oldest undecided transaction, or else of the last one.
    pub(super) fn standing(&self) -> Standing {
        let stand = |role, class, epoch| Standing { role, class, leads: !self.is_backup, epoch };
        let open = self.runs.values().find(|run| !matches!(run.phase, Phase::Decided(_)));
        // It has promised nothing where nobody else takes part: it only waits for an answer.
        let phase = open.map(|run| {
            let only_asks = run.phase == Phase::HandedOver && run.plan.is_left_to_one();
            if only_asks { Phase::Asking } else { run.phase }
        });
        match (phase, self.last) {
            (Some(Phase::Collecting), _) => stand("collecting votes", RoleClass::InCharge, 1),
            (Some(Phase::PreCommitting), _) => stand("pre-committing", RoleClass::InCharge, 3),
            (Some(Phase::HandedOver), _) => stand("prepared, in doubt", RoleClass::Trying, 2),
            (Some(Phase::Asking | Phase::Decided(_)), _) => stand("asking", RoleClass::Trying, 2),
            (None, Some(Decision::Commit)) => stand("commit", RoleClass::Decided, 3),
            (None, Some(Decision::Abort)) => stand("abort", RoleClass::Decided, 4),
            (None, None) if self.is_backup => stand("backup", RoleClass::Observing, 1),
            (None, None) => stand("coordinator", RoleClass::Following, 1),
        }
    }

    pub(super) fn view(&self) -> NodeView {
        let waits = self.runs.values().map(|run| {
            let txn = run.plan.txn;
            match run.phase {
                Phase::Collecting => {
                    let missing = run.votes.iter().filter(|vote| vote.is_none()).count();
                    format!("votes on {txn}: {missing}")
                }
                Phase::PreCommitting | Phase::Decided(_) => {
                    format!("acks of {txn}: {}", run.missing.len())
                }
                Phase::Asking | Phase::HandedOver => format!("an answer about {txn}"),
            }
        });
        let rows = vec![last_record(&self.log), Row::plain("waiting", joined(waits))];
        NodeView { cells: cells(&self.log), rows }
    }
}

impl Participant {
    /// The hue is what it knows of its oldest undecided transaction, or else of the last one.
    pub(super) fn standing(&self) -> Standing {
        let stand = |role, class, epoch| Standing { role, class, leads: false, epoch };
        let lean = self.log.doubts.values().next().map(|doubt| doubt.lean);
        match (lean, self.last) {
            (Some(Lean::Neither), _) => stand("prepared, in doubt", RoleClass::Trying, 2),
            (Some(Lean::Commit), _) => stand("pre-committed", RoleClass::Trying, 3),
            (Some(Lean::Abort), _) => stand("pre-aborted", RoleClass::Trying, 4),
            (None, Some(Decision::Commit)) => stand("committed", RoleClass::Decided, 3),
            (None, Some(Decision::Abort)) => stand("aborted", RoleClass::Decided, 4),
            (None, None) => stand("participant", RoleClass::Following, 1),
        }
    }

    pub(super) fn view(&self) -> NodeView {
        let locks = self
            .locks
            .iter()
            .filter_map(|(key, lock)| lock.holder.map(|holder| format!("{key} held by {holder}")));
        let waiting = self.locks.iter().flat_map(|(key, lock)| {
            lock.waiters.iter().map(move |waiter| format!("{} for {key}", waiter.txn()))
        });
        let values = self
            .accounts
            .keys()
            .chain(self.log.store.keys().filter(|key| !self.accounts.contains_key(key)));
        let values =
            values.filter_map(|key| self.value(*key).map(|value| format!("{key}={value}")));
        let rows = vec![
            last_record(&self.log),
            held(joined(locks)),
            Row::plain("waiting", joined(waiting)),
            Row::plain("values", joined(values)),
        ];
        NodeView { cells: cells(&self.log), rows }
    }
}

/// A node that is down: its log says what it will know when it is back. A client has none.
pub(super) fn asleep(log: &Log) -> Option<NodeView> {
    log.last_record()?;
    let rows = vec![last_record(log), Row::plain("locks", "not running")];
    Some(NodeView { cells: cells(log), rows })
}

/// The locks, dashed as long as somebody holds one.
fn held(locks: String) -> Row {
    if locks == "–" {
        Row::plain("locks", "free")
    } else {
        Row::boxed("locks", locks, Tone::Open(2))
    }
}

fn joined(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    if words.is_empty() { "–".to_owned() } else { words.join(", ") }
}

/// The last records, numbered from the first ever.
fn cells(log: &Log) -> Vec<Cell> {
    let cell = |(index, word, txn): (u64, Word, Txn)| Cell {
        index,
        value: format!("{} {txn}", word.text()),
        epoch: word.hue(),
        committed: word.is_final(),
    };
    log.tail().map(cell).collect()
}

/// The last record, in the hue of what it says: dashed as long as that is not the end.
fn last_record(log: &Log) -> Row {
    let Some((word, txn)) = log.last_record() else { return Row::plain("last log record", "–") };
    let tone = if word.is_final() { Tone::Settled(word.hue()) } else { Tone::Open(word.hue()) };
    Row::boxed("last log record", format!("{} {txn}", word.text()), tone)
}
