//! Answers that no order can explain, found without a search: what they need nothing can have made
//! in time, or whatever made it was certainly replaced.
//!
//! An operation *shows* a state if it needs it or makes it. If something was made, something else
//! was shown after that had ended, and an answer came to what was asked after that, then the answer
//! needs another maker.

use std::collections::BTreeMap;

use super::history::ClientOperation;
use super::machine::{Machine, State};
use super::search::is_open;

/// Of one state everything that makes it: by invocation, with the latest end of any up to there.
type Makers = Vec<(u64, u64)>;

/// True if some answer contradicts the rest of the operations; `false` says nothing. Operations
/// stand in the order of their answers, those without one at the end.
pub(super) fn is_absurd(machine: &mut dyn Machine, operations: &[ClientOperation]) -> bool {
    let initial = machine.initial();
    let makers = makers(machine, operations);
    let mut asked: Vec<usize> = (0..operations.len()).collect();
    asked.retain(|at| !is_open(&operations[*at]) && machine.needs(*at).is_some());
    asked.sort_by_key(|at| operations[*at].invoked);
    let mut shown = Shown::default();
    let mut ended = 0;
    for at in asked {
        let operation = &operations[at];
        while operations[ended].ended < operation.invoked && !is_open(&operations[ended]) {
            for state in [machine.needs(ended), machine.makes(ended)].into_iter().flatten() {
                shown.note(state, operations[ended].invoked);
            }
            ended += 1;
        }
        let Some(needed) = machine.needs(at) else { continue };
        let since = shown.last_but(needed);
        let may_be_first = needed == initial && since.is_none();
        if !may_be_first && !is_made(makers.get(&needed), operation, since.unwrap_or(0)) {
            return true;
        }
    }
    false
}

fn makers(machine: &dyn Machine, operations: &[ClientOperation]) -> BTreeMap<State, Makers> {
    let mut makers: BTreeMap<State, Makers> = BTreeMap::new();
    for (at, operation) in operations.iter().enumerate() {
        if let Some(made) = machine.makes(at) {
            let ended = if is_open(operation) { u64::MAX } else { operation.ended };
            makers.entry(made).or_default().push((operation.invoked, ended));
        }
    }
    for all in makers.values_mut() {
        all.sort_unstable();
        let mut latest = 0;
        for (_, ended) in all {
            latest = latest.max(*ended);
            *ended = latest;
        }
    }
    makers
}

/// True if something was invoked before an operation ended, and had not ended before `since`.
fn is_made(makers: Option<&Makers>, operation: &ClientOperation, since: u64) -> bool {
    let Some(makers) = makers else { return false };
    let before = makers.partition_point(|(invoked, _)| *invoked <= operation.ended);
    before.checked_sub(1).is_some_and(|last| makers[last].1 >= since)
}

/// When states were last shown: the two latest invocations, of different states.
#[derive(Clone, Copy, Debug, Default)]
struct Shown {
    last: Option<(State, u64)>,
    before: Option<(State, u64)>,
}

impl Shown {
    fn note(&mut self, state: State, invoked: u64) {
        let is_later = |known: Option<(State, u64)>| known.is_none_or(|(_, at)| at < invoked);
        let now = Some((state, invoked));
        if self.last.is_some_and(|(known, _)| known == state) {
            self.last = if is_later(self.last) { now } else { self.last };
        } else if is_later(self.last) {
            (self.before, self.last) = (self.last, now);
        } else if is_later(self.before) {
            self.before = now;
        }
    }

    /// The latest invocation of what showed another state.
    fn last_but(&self, state: State) -> Option<u64> {
        let other = |known: &(State, u64)| known.0 != state;
        self.last.filter(other).or(self.before.filter(other)).map(|(_, invoked)| invoked)
    }
}
