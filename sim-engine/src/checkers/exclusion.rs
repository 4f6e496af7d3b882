//! Mutual exclusion: no two processes believe at one moment that they hold the same lock. Weaker
//! than a linearizable lock: it says nothing of refusals, nor of who should have got it.

use std::collections::BTreeMap;

use super::finding::Finding;
use super::history::{Answer, Call, ClientHistory};
use super::linearizability::{Unserved, Verdict};
use super::model::Model;

/// A check of mutual exclusion. A process holds a lock from the answer to its acquisition to the
/// invocation of its next release, whatever comes of that; if there is none, to the end. Where it
/// has asked for a release before and does not know what came of it, it cannot believe anything.
///
/// ```
/// use sim_engine::checkers::{Answer, Call, ClientHistory, Exclusion, ValueId, Verdict};
/// let mut history = ClientHistory::default();
/// let lock = history.key("lock");
/// history.push(1, lock, Call::Acquire, (0, 1, Answer::Ok(ValueId::NIL)));
/// history.push(2, lock, Call::Acquire, (2, 3, Answer::Ok(ValueId::NIL)));
/// let check = Exclusion::new(&history)?;
/// assert_eq!(check.verdict(), Verdict::Illegal);
/// assert_eq!(check.finding().expect("it is illegal").minimal, [0, 1]);
/// # Ok::<(), sim_engine::checkers::Unserved>(())
/// ```
#[derive(Clone, Debug)]
pub struct Exclusion {
    finding: Option<Finding>,
    held: usize,
}

/// A time in which a process believes that it holds a lock.
#[derive(Clone, Copy, Debug)]
struct Hold {
    from: u64,
    to: u64,
    process: u64,
    acquired: usize,
}

impl Exclusion {
    /// Judges a history. Fails if it has operations other than acquisitions and releases.
    pub fn new(history: &ClientHistory) -> Result<Self, Unserved> {
        let mut all = history.operations.iter().enumerate();
        let is_served = |call| matches!(call, Call::Acquire | Call::Release);
        if let Some((operation, strange)) = all.find(|(_, op)| !is_served(op.call)) {
            let call = strange.call.name();
            return Err(Unserved { operation, model: Model::Lock, call, level: "exclusion" });
        }
        let mut holds: BTreeMap<_, Vec<Hold>> = BTreeMap::new();
        for (acquired, operation) in history.operations.iter().enumerate() {
            if operation.call == Call::Acquire && matches!(operation.answer, Answer::Ok(_)) {
                let to = released(history, acquired);
                let (from, process) = (operation.ended, operation.process);
                if from < to {
                    let hold = Hold { from, to, process, acquired };
                    holds.entry(operation.key).or_default().push(hold);
                }
            }
        }
        let held = holds.values().map(Vec::len).sum();
        let finding = holds.into_values().find_map(|holds| overlap(history, holds));
        Ok(Self { finding, held })
    }

    /// Legal if no two holds of one lock overlap.
    pub const fn verdict(&self) -> Verdict {
        if self.finding.is_some() { Verdict::Illegal } else { Verdict::Legal }
    }

    /// How often a lock was held.
    pub const fn held(&self) -> usize {
        self.held
    }

    /// What is wrong with an illegal history: the two acquisitions.
    pub const fn finding(&self) -> Option<&Finding> {
        self.finding.as_ref()
    }
}

/// When the process that acquired a lock begins to give it back.
fn released(history: &ClientHistory, acquired: usize) -> u64 {
    let own = history.operations[acquired];
    let is_own = |op: &&super::ClientOperation| {
        op.call == Call::Release && (op.process, op.key) == (own.process, own.key)
    };
    let releases = history.operations.iter().filter(is_own);
    let counts =
        |op: &&super::ClientOperation| op.invoked >= own.ended || op.answer == Answer::Unknown;
    releases.filter(counts).map(|op| op.invoked).min().unwrap_or(u64::MAX)
}

fn overlap(history: &ClientHistory, mut holds: Vec<Hold>) -> Option<Finding> {
    holds.sort_by_key(|hold| (hold.from, hold.acquired));
    let mut last: Option<Hold> = None;
    for hold in holds {
        if let Some(other) = last
            && other.process != hold.process
            && hold.from < other.to
        {
            let who = |hold: Hold| history.process_name(hold.process);
            let why = format!(
                "`{}` gives {} what {} still holds",
                history.describe(hold.acquired),
                who(hold),
                who(other)
            );
            return Some(Finding {
                prefix: Vec::new(),
                longest_prefix: 0,
                refused: hold.acquired,
                state: format!("held by {}", who(other)),
                why,
                minimal: vec![other.acquired, hold.acquired],
                is_minimal: true,
            });
        }
        // Of holds that began before, the one that ends last can still be overlapped.
        last = last.filter(|other| other.to > hold.to).or(Some(hold));
    }
    None
}
