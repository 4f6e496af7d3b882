//! Convergence: once nobody changes a key any more, all who look see the same in the end.

use std::collections::BTreeMap;

use super::finding::Finding;
use super::history::{Answer, Call, ClientHistory};
use super::linearizability::Verdict;
use super::value::{KeyId, ValueId};

/// A check of convergence at rest. What counts is the last read of each process that began after
/// the last change of its key had ended. A key with a change of unknown outcome is never known to
/// be at rest.
///
/// ```
/// use sim_engine::checkers::{Answer, Call, ClientHistory, Convergence, ValueId, Verdict};
/// let mut history = ClientHistory::default();
/// let (x, two) = (history.key("x"), history.value(2));
/// history.push(1, x, Call::Write(two), (0, 1, Answer::Ok(ValueId::NIL)));
/// history.push(1, x, Call::Read, (2, 3, Answer::Ok(two)));
/// history.push(2, x, Call::Read, (2, 3, Answer::Ok(ValueId::NIL)));
/// assert_eq!(Convergence::new(&history).verdict(), Verdict::Illegal);
/// // In the end it sees the same.
/// history.push(2, x, Call::Read, (8, 9, Answer::Ok(two)));
/// assert_eq!(Convergence::new(&history).verdict(), Verdict::Legal);
/// ```
#[derive(Clone, Debug)]
pub struct Convergence {
    finding: Option<Finding>,
    keys_at_rest: usize,
}

/// What is known of one key.
#[derive(Clone, Debug, Default)]
struct Rest {
    /// When its last change ended; never, if nobody knows.
    since: u64,
    /// The last read of each process, with its answer.
    reads: BTreeMap<u64, (usize, ValueId)>,
}

impl Convergence {
    /// Judges a history.
    pub fn new(history: &ClientHistory) -> Self {
        let mut keys: BTreeMap<KeyId, Rest> = BTreeMap::new();
        for operation in history.operations.iter().filter(|op| !op.call.only_looks()) {
            let ended = match operation.answer {
                Answer::Ok(_) => operation.ended,
                Answer::Unknown => u64::MAX,
                Answer::Refused | Answer::Failed => continue,
            };
            for key in [Some(operation.key), operation.call.target()].into_iter().flatten() {
                let rest = keys.entry(key).or_default();
                rest.since = rest.since.max(ended);
            }
        }
        let mut order: Vec<usize> = (0..history.operations.len()).collect();
        order.sort_by_key(|at| history.operations[*at].invoked);
        for at in order {
            let operation = &history.operations[at];
            let rest = keys.entry(operation.key).or_default();
            if let (Call::Read, Answer::Ok(value)) = (operation.call, operation.answer)
                && operation.invoked > rest.since
            {
                rest.reads.insert(operation.process, (at, value));
            }
        }
        let at_rest: Vec<Rest> = keys.into_values().filter(|key| key.reads.len() > 1).collect();
        let finding = at_rest.iter().find_map(|rest| apart(history, rest));
        Self { finding, keys_at_rest: at_rest.len() }
    }

    /// Legal if all saw the same of every key at rest; undecided if two processes looked at none.
    pub const fn verdict(&self) -> Verdict {
        match (&self.finding, self.keys_at_rest) {
            (Some(_), _) => Verdict::Illegal,
            (None, 0) => Verdict::Undecided,
            (None, _) => Verdict::Legal,
        }
    }

    /// How many keys at least two processes looked at once they were at rest.
    pub const fn keys_at_rest(&self) -> usize {
        self.keys_at_rest
    }

    /// What is wrong with an illegal history: two reads that differ.
    pub const fn finding(&self) -> Option<&Finding> {
        self.finding.as_ref()
    }
}

fn apart(history: &ClientHistory, rest: &Rest) -> Option<Finding> {
    let mut reads = rest.reads.values();
    let (first, value) = *reads.next()?;
    let (other, _) = *reads.find(|(_, other)| *other != value)?;
    let (one, two) = (history.describe(first), history.describe(other));
    Some(Finding {
        prefix: Vec::new(),
        longest_prefix: 0,
        refused: other,
        state: String::new(),
        why: format!("at rest `{two}` still differs from `{one}`"),
        minimal: vec![first, other],
        is_minimal: true,
    })
}
