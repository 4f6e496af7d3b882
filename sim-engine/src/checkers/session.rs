//! Session guarantees: what one client may expect of a store that promises no order of everything
//! (Terry et al., "Session Guarantees for Weakly Consistent Replicated Data", 1994).
//!
//! A history shows no versions, only values. So every guarantee becomes a demand on the order of
//! the versions of a key: *this one before that one*. The guarantees are broken if the demands go
//! round in a circle: no order of versions would keep them. A read says something only if one
//! operation alone has written its value; reads that do not are counted as ambiguous.

use std::collections::BTreeMap;

use super::finding::Finding;
use super::history::{Answer, Call, ClientHistory, ClientOperation};
use super::linearizability::{Unserved, Verdict};
use super::model::Model;
use super::value::{KeyId, Value, ValueId, number, place};
use super::versions::{Demand, circle};

/// One of the four guarantees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Guarantee {
    /// A client reads nothing older than what it has read.
    MonotonicReads,
    /// A client's writes take effect in its order.
    MonotonicWrites,
    /// A client reads nothing older than what it has written.
    ReadYourWrites,
    /// A client's write comes after what it has read before.
    WritesFollowReads,
}

impl Guarantee {
    /// Every guarantee.
    pub const ALL: [Self; 4] = [
        Self::MonotonicReads,
        Self::MonotonicWrites,
        Self::ReadYourWrites,
        Self::WritesFollowReads,
    ];

    /// Its name: `monotonic-reads`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MonotonicReads => "monotonic-reads",
            Self::MonotonicWrites => "monotonic-writes",
            Self::ReadYourWrites => "read-your-writes",
            Self::WritesFollowReads => "writes-follow-reads",
        }
    }
}

/// A check of session guarantees. Each key is judged without the others.
///
/// ```
/// use sim_engine::checkers::{Answer, Call, ClientHistory, Guarantee, Model, Sessions};
/// use sim_engine::checkers::{ValueId, Verdict};
/// let mut history = ClientHistory::default();
/// let (x, two) = (history.key("x"), history.value(2));
/// history.push(1, x, Call::Write(two), (0, 1, Answer::Ok(ValueId::NIL)));
/// history.push(1, x, Call::Read, (2, 3, Answer::Ok(ValueId::NIL)));
/// let check = Sessions::new(&[Guarantee::ReadYourWrites], Model::Register, &history)?;
/// assert_eq!(check.verdict(), Verdict::Illegal);
/// assert_eq!(check.finding().expect("it is illegal").minimal, [0, 1]);
/// let check = Sessions::new(&[Guarantee::MonotonicReads], Model::Register, &history)?;
/// assert_eq!(check.verdict(), Verdict::Legal);
/// # Ok::<(), sim_engine::checkers::Unserved>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sessions {
    finding: Option<Finding>,
    ambiguous: usize,
}

impl Sessions {
    /// Judges a history. Fails if it has operations other than reads, writes and comparisons.
    pub fn new(
        guarantees: &[Guarantee],
        model: Model,
        history: &ClientHistory,
    ) -> Result<Self, Unserved> {
        let is_served = |call: Call| {
            matches!(call, Call::Read | Call::Write(_) | Call::Cas { .. }) && model.serves(call)
        };
        let mut all = history.operations.iter().enumerate();
        if let Some((operation, strange)) = all.find(|(_, op)| !is_served(op.call)) {
            let call = strange.call.name();
            return Err(Unserved { operation, model, call, level: "session guarantees" });
        }
        let mut by_key: BTreeMap<KeyId, Vec<u32>> = BTreeMap::new();
        for (at, operation) in history.operations.iter().enumerate() {
            by_key.entry(operation.key).or_default().push(number(at));
        }
        let mut sessions = Self { finding: None, ambiguous: 0 };
        for mut operations in by_key.into_values() {
            operations.sort_by_key(|at| history.operations[place(*at)].invoked);
            let key = OneKey::new(model, history, operations);
            sessions.ambiguous += key.ambiguous;
            let finding = key.finding(guarantees);
            sessions.finding = sessions.finding.or(finding);
        }
        Ok(sessions)
    }

    /// Legal if an order of versions keeps what was asked for; undecided if that is so but some
    /// reads are ambiguous.
    pub const fn verdict(&self) -> Verdict {
        match (&self.finding, self.ambiguous) {
            (Some(_), _) => Verdict::Illegal,
            (None, 0) => Verdict::Legal,
            (None, _) => Verdict::Undecided,
        }
    }

    /// How many reads could not be traced to one write.
    pub const fn ambiguous(&self) -> usize {
        self.ambiguous
    }

    /// What is wrong with an illegal history.
    pub const fn finding(&self) -> Option<&Finding> {
        self.finding.as_ref()
    }
}

/// What an operation saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Saw {
    /// What was there at the start.
    Start,
    /// What this operation wrote.
    Write(u32),
    /// A value of several writes.
    Ambiguous,
    /// A value of none.
    Invented,
}

struct OneKey<'h> {
    model: Model,
    history: &'h ClientHistory,
    operations: Vec<u32>,
    writers: BTreeMap<ValueId, Vec<u32>>,
    ambiguous: usize,
}

/// What a client has done so far.
#[derive(Clone, Copy, Debug, Default)]
struct Session {
    /// The last read, with what it saw; nothing for the start.
    read: Option<(u32, Option<u32>)>,
    wrote: Option<u32>,
}

impl<'h> OneKey<'h> {
    fn new(model: Model, history: &'h ClientHistory, operations: Vec<u32>) -> Self {
        let mut key = Self { model, history, operations, writers: BTreeMap::new(), ambiguous: 0 };
        for at in &key.operations {
            let operation = key.operation(*at);
            let has_effect = matches!(operation.answer, Answer::Ok(_) | Answer::Unknown);
            if let Some(value) = written(operation.call).filter(|_| has_effect) {
                key.writers.entry(value).or_default().push(*at);
            }
        }
        let seen = key.operations.iter().filter_map(|at| key.saw(*at));
        key.ambiguous = seen.filter(|saw| *saw == Saw::Ambiguous).count();
        key
    }

    fn operation(&self, at: u32) -> ClientOperation {
        self.history.operations[place(at)]
    }

    /// What an answered look or a comparison that fitted saw.
    fn saw(&self, at: u32) -> Option<Saw> {
        let operation = self.operation(at);
        let value = match (operation.call, operation.answer) {
            (Call::Read, Answer::Ok(value)) => value,
            (Call::Cas { from, .. }, Answer::Ok(_)) => from,
            (_, _) => return None,
        };
        let is_empty = *self.history.value_of(value) == Value::from("");
        let is_start = value == ValueId::NIL || (self.model == Model::Kv && is_empty);
        let writers = self.writers.get(&value).map(Vec::as_slice).unwrap_or_default();
        Some(match (is_start, writers) {
            (true, []) => Saw::Start,
            (false, [one]) => Saw::Write(*one),
            (false, []) => Saw::Invented,
            (_, _) => Saw::Ambiguous,
        })
    }

    /// Every demand that the operations make, those of no guarantee among them: the start comes
    /// first, and a comparison follows what it fitted.
    fn demands(&self) -> Vec<Demand> {
        let mut demands = Vec::new();
        let mut sessions: BTreeMap<u64, Session> = BTreeMap::new();
        for at in &self.operations {
            let operation = self.operation(*at);
            let session = sessions.entry(operation.process).or_default();
            let saw = match self.saw(*at) {
                Some(Saw::Start) => Some(None),
                Some(Saw::Write(write)) => Some(Some(write)),
                Some(Saw::Ambiguous | Saw::Invented) | None => None,
            };
            let mut demand = |(from, to), by, because: [u32; 2]| {
                if from != to {
                    demands.push(Demand { from, to, by, because });
                }
            };
            if let Some(version) = saw {
                if let Some((read, before)) = session.read {
                    demand((before, version), Some(Guarantee::MonotonicReads), [read, *at]);
                }
                if let Some(wrote) = session.wrote {
                    demand((Some(wrote), version), Some(Guarantee::ReadYourWrites), [wrote, *at]);
                }
            }
            let writes = written(operation.call).is_some();
            let has_effect = matches!(operation.answer, Answer::Ok(_) | Answer::Unknown);
            if writes && has_effect {
                demand((None, Some(*at)), None, [*at, *at]);
                if let Some(version) = saw {
                    demand((version, Some(*at)), None, [*at, *at]);
                }
                if let Some((read, version)) = session.read {
                    let by = Some(Guarantee::WritesFollowReads);
                    demand((version, Some(*at)), by, [read, *at]);
                }
                if let Some(wrote) = session.wrote {
                    let by = Some(Guarantee::MonotonicWrites);
                    demand((Some(wrote), Some(*at)), by, [wrote, *at]);
                }
            }
            if let Some(version) = saw {
                session.read = Some((*at, version));
            }
            // Nobody knows when a write without an answer takes effect.
            if writes && matches!(operation.answer, Answer::Ok(_)) {
                session.wrote = Some(*at);
            }
        }
        demands
    }

    fn finding(&self, guarantees: &[Guarantee]) -> Option<Finding> {
        let invented = |at: &&u32| self.saw(**at) == Some(Saw::Invented);
        if let Some(at) = self.operations.iter().find(invented) {
            let why = format!("nobody wrote what `{}` tells", self.history.describe(place(*at)));
            return Some(finding(vec![place(*at)], place(*at), why));
        }
        let demands = self.demands();
        let is_asked = |demand: &&Demand, by: &[Guarantee]| {
            demand.by.is_none_or(|guarantee| by.contains(&guarantee))
        };
        // One guarantee alone says more than several together.
        let alone = guarantees.iter().map(std::slice::from_ref);
        alone.chain([guarantees]).find_map(|by| {
            let asked: Vec<Demand> = demands.iter().filter(|d| is_asked(d, by)).copied().collect();
            circle(&asked).map(|circle| self.tell(&circle))
        })
    }

    /// A circle of demands in words.
    fn tell(&self, circle: &[Demand]) -> Finding {
        let mut involved: Vec<u32> = Vec::new();
        for demand in circle {
            involved.extend(demand.because);
            involved.extend(demand.from);
            involved.extend(demand.to);
        }
        involved.sort_by_key(|at| (self.operation(*at).invoked, *at));
        involved.dedup();
        let ended = |at: &&u32| self.operation(**at).ended;
        let refused = involved.iter().max_by_key(ended).copied().unwrap_or(0);
        let words = |at: u32| format!("`{}`", self.history.describe(place(at)));
        let clauses: Vec<String> = circle
            .iter()
            .filter_map(|demand| {
                let name = demand.by?.name();
                let [first, second] = demand.because;
                let who = self.history.process_name(self.operation(first).process);
                Some(format!("{} then {} by {who} ({name})", words(first), words(second)))
            })
            .collect();
        let why = format!("no order of versions allows {}", clauses.join(", and "));
        finding(involved.into_iter().map(place).collect(), place(refused), why)
    }
}

fn finding(minimal: Vec<usize>, refused: usize, why: String) -> Finding {
    let (prefix, state, longest_prefix) = (Vec::new(), String::new(), 0);
    Finding { prefix, longest_prefix, refused, state, why, minimal, is_minimal: true }
}

/// The value that an operation writes.
const fn written(call: Call) -> Option<ValueId> {
    match call {
        Call::Write(value) | Call::Cas { to: value, .. } => Some(value),
        Call::Read
        | Call::Append(_)
        | Call::Add(_)
        | Call::Insert(_)
        | Call::Remove(_)
        | Call::Contains(_)
        | Call::Enqueue(_)
        | Call::Dequeue
        | Call::Acquire
        | Call::Release
        | Call::Transfer { .. } => None,
    }
}
