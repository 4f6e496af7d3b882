//! Linearizability as a promise: the history of a run is checked when the run is over.

use super::finding::Finding;
use super::history::{Answer, Call, ClientHistory};
use super::linearizability::{Linearizability, Verdict};
use super::model::Model;
use super::value::{Value, ValueId};
use crate::{
    End, Ending, EventId, History, Look, Node, Operation, OperationRecord, Promise, PromiseInfo,
    Reads, Reply, Violation,
};

/// How many steps a run's history may cost, as a rule: some seconds at worst, and a few
/// milliseconds for most.
pub const STEPS: u64 = 5_000_000;

/// What the promise says, for the list of a protocol.
pub const LINEARIZABILITY: PromiseInfo = PromiseInfo {
    name: "linearizability",
    says: "every client operation seems to take effect at one moment between its invocation and \
           its answer",
    short: "as if one at a time",
};

/// The promise that what clients saw is linearizable. It is put to the test once for every answered
/// operation, and a violation points at the operations that contradict each other.
#[derive(Clone, Debug)]
pub struct LinearizableHistory {
    model: Model,
    steps: u64,
    refusals: &'static [&'static str],
    answered: u64,
    is_undecided: bool,
}

impl LinearizableHistory {
    /// The promise of a system that behaves like `model`. `refusals` are the reasons for which it
    /// fails an operation after a look at its state: then the failure says something of the state.
    pub const fn new(model: Model, steps: u64, refusals: &'static [&'static str]) -> Self {
        Self { model, steps, refusals, answered: 0, is_undecided: false }
    }
}

impl<N: Node> Promise<N> for LinearizableHistory {
    fn name(&self) -> &'static str {
        LINEARIZABILITY.name
    }

    fn reads(&self, _: &N::Config) -> Reads {
        Reads::NOTHING
    }

    fn look(&mut self, _look: &Look<'_, N>) -> Result<(), Violation> {
        Ok(())
    }

    fn at_end(&mut self, end: &End<'_, N>) -> Result<(), Violation> {
        let mut history = ClientHistory::of_run(end.history, self.refusals);
        for (id, seat) in end.cast().iter() {
            history.name_process(u64::from(id.number()), seat.name.clone());
        }
        let answered = |answer| matches!(answer, Answer::Ok(_) | Answer::Refused);
        let answers = history.operations.iter().map(|operation| operation.answer);
        self.answered = u64::try_from(answers.filter(|a| answered(*a)).count()).unwrap_or(0);
        let mut check = match Linearizability::new(self.model, &history) {
            Ok(check) => check,
            Err(unserved) => unreachable!("the protocol serves what its model does: {unserved}"),
        };
        match check.advance(self.steps) {
            Verdict::Legal => Ok(()),
            Verdict::Undecided => {
                self.is_undecided = true;
                Ok(())
            }
            Verdict::Illegal => Err(check.finding(self.steps).map_or_else(
                || Violation::new("no order explains what clients saw", []),
                |finding| violation(&history, end.history, &finding),
            )),
        }
    }

    fn exercised(&self) -> u64 {
        self.answered
    }

    fn is_undecided(&self) -> bool {
        self.is_undecided
    }
}

fn violation(history: &ClientHistory, run: &History, finding: &Finding) -> Violation {
    let who = |at: usize| history.process_name(history.operations[at].process);
    let others: Vec<String> = finding
        .minimal
        .iter()
        .filter(|at| **at != finding.refused)
        .map(|at| format!("`{}` of {}", history.describe(*at), who(*at)))
        .collect();
    let against = match others.as_slice() {
        [] => String::new(),
        others => format!(", against {}", others.join(", ")),
    };
    let why = format!(
        "no order of operations explains `{}` of {}{against}",
        history.describe(finding.refused),
        who(finding.refused),
    );
    Violation::new(why, finding.minimal.iter().flat_map(|at| events(&run.operations[*at])))
}

fn events(record: &OperationRecord) -> impl Iterator<Item = EventId> + use<> {
    [Some(record.invoked), record.ended.as_ref().map(|ended| ended.event)].into_iter().flatten()
}

impl ClientHistory {
    /// The history of a run, each operation at the place that it has there. The order is that of
    /// events, which is finer than time; processes are the numbers of seats. Failures for one of
    /// the reasons in `refusals` say something of the state.
    pub fn of_run(run: &History, refusals: &[&str]) -> Self {
        let mut history = Self::default();
        for record in &run.operations {
            let (key, call) = history.asked_in_run(&record.operation);
            let process = u64::from(record.client.number());
            let (ended, answer) = match &record.ended {
                None => (0, Answer::Unknown),
                Some(ended) => (ended.event.0, history.answered_in_run(&ended.ending, refusals)),
            };
            history.push(process, key, call, (record.invoked.0, ended, answer));
        }
        history
    }

    fn asked_in_run(&mut self, operation: &Operation) -> (super::KeyId, Call) {
        let mut id = |value: i64| self.value(value);
        let (key, call) = match *operation {
            Operation::Read { key } => (key, Call::Read),
            Operation::Write { key, value } => (key, Call::Write(id(value))),
            Operation::Cas { key, old, new } => (key, Call::Cas { from: id(old), to: id(new) }),
            Operation::Append { key, value } => (key, Call::Append(id(value))),
            Operation::Increment { key } => (key, Call::Add(1)),
            Operation::Acquire { lock } => (lock, Call::Acquire),
            Operation::Release { lock } => (lock, Call::Release),
            Operation::Transfer { from, to, amount } => {
                (from, Call::Transfer { to: self.key(to.as_str()), amount })
            }
        };
        (self.key(key.as_str()), call)
    }

    fn answered_in_run(&mut self, ending: &Ending, refusals: &[&str]) -> Answer {
        match ending {
            Ending::Ok(Reply::Done) => Answer::Ok(ValueId::NIL),
            Ending::Ok(Reply::Value(value)) => Answer::Ok(self.value(*value)),
            Ending::Ok(Reply::List(values)) => Answer::Ok(
                self.value(Value::List(values.iter().copied().map(Value::Int).collect())),
            ),
            Ending::Failed(why) if refusals.contains(why) => Answer::Refused,
            Ending::Failed(_) => Answer::Failed,
            Ending::Unknown(_) => Answer::Unknown,
        }
    }
}
