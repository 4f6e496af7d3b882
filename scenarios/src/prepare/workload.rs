//! What clients ask, drawn from the seed as a concrete list before the run.

use std::collections::{BTreeMap, BTreeSet};

use sim_engine::{Concern, Delay, Dice, Instant, Key, NodeId, Operation, PlannedOperation};

use super::names::Names;
use crate::bounds::OPERATIONS_MAX;
use crate::file::{ActionFile, OperationAtFile, ScenarioFile, WorkloadFile};
use crate::path::Path;
use crate::problem::Complaint;

/// The operations of a scenario, to be drawn for any seed.
#[derive(Clone, Debug)]
pub(crate) struct Workloads {
    loads: Vec<Workload>,
    /// Those that the file names one by one.
    listed: Vec<PlannedOperation>,
    /// Values that steps write; drawn operations write others, so that each value has one origin.
    taken: BTreeSet<i64>,
}

#[derive(Clone, Debug)]
struct Workload {
    clients: Vec<NodeId>,
    from: Instant,
    until: Instant,
    every: Delay,
    keys: Vec<Key>,
    mix: Vec<(Kind, u64)>,
}

/// What can be asked for in a mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Read,
    Write,
    Cas,
    Append,
    Increment,
    Acquire,
    Release,
    Transfer,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Read,
        Self::Write,
        Self::Cas,
        Self::Append,
        Self::Increment,
        Self::Acquire,
        Self::Release,
        Self::Transfer,
    ];

    /// The operation of this kind on these keys, with a value nobody else writes.
    fn operation(self, (key, other): (Key, Key), value: i64, seen: i64) -> Operation {
        match self {
            Self::Read => Operation::Read { key },
            Self::Write => Operation::Write { key, value },
            Self::Cas => Operation::Cas { key, old: seen, new: value },
            Self::Append => Operation::Append { key, value },
            Self::Increment => Operation::Increment { key },
            Self::Acquire => Operation::Acquire { lock: key },
            Self::Release => Operation::Release { lock: key },
            Self::Transfer => Operation::Transfer { from: key, to: other, amount: 1 },
        }
    }
}

/// What is drawn of an operation before all of them are put in order.
struct Draft {
    at: Instant,
    client: NodeId,
    kind: Kind,
    keys: (Key, Key),
}

impl Workloads {
    /// Checks the workloads of a file against the cast and what the protocol serves.
    pub(crate) fn new(file: &ScenarioFile, names: &Names<'_>) -> Result<Self, Complaint> {
        let path = Path::root().key("workload");
        let load = |(place, load): (usize, &WorkloadFile)| {
            let until = Instant::ZERO + load.until.unwrap_or(file.duration);
            Workload::new(load, until, names, &path.index(place))
        };
        let loads: Vec<Workload> =
            file.workload.iter().enumerate().map(load).collect::<Result<_, _>>()?;
        let listed_n = u64::try_from(file.operations.len()).unwrap_or(u64::MAX);
        let n = loads.iter().fold(listed_n, |n, load| n.saturating_add(load.length()));
        if n > OPERATIONS_MAX {
            let what = format!("more than {OPERATIONS_MAX} operations are asked for");
            return Err(Complaint::new(&path, what));
        }
        let listed = listed(&file.operations, names)?;
        let steps = file.steps.iter().filter_map(|step| written(&step.action));
        let taken = steps.chain(listed.iter().filter_map(|planned| value_of(&planned.operation)));
        let taken = taken.collect();
        Ok(Self { loads, listed, taken })
    }

    /// The operations of one seed: those of the file, and then what is drawn, in the order of time.
    pub(crate) fn draw(&self, seed: u64) -> Vec<PlannedOperation> {
        let mut dice: BTreeMap<NodeId, Dice> = BTreeMap::new();
        let mut drafts = Vec::new();
        for load in &self.loads {
            for client in &load.clients {
                let dice = dice
                    .entry(*client)
                    .or_insert_with(|| Dice::new(seed, Concern::Workload, client.number()));
                load.draw(*client, dice, &mut drafts);
            }
        }
        drafts.sort_by_key(|draft| draft.at);
        let mut planned = self.listed.clone();
        planned.extend(self.with_values(&drafts));
        planned
    }

    /// Written values grow with time, so that a reader of a figure sees at once which is newer.
    fn with_values(&self, drafts: &[Draft]) -> Vec<PlannedOperation> {
        let mut value = 0;
        let mut newest: BTreeMap<Key, i64> = BTreeMap::new();
        let planned = drafts.iter().map(|draft| {
            let key = draft.keys.0;
            let seen = newest.get(&key).copied().unwrap_or(0);
            if matches!(draft.kind, Kind::Write | Kind::Cas | Kind::Append) {
                value += 1;
                while self.taken.contains(&value) {
                    value += 1;
                }
                newest.insert(key, value);
            }
            let operation = draft.kind.operation(draft.keys, value, seen);
            PlannedOperation { at: draft.at, client: draft.client, operation }
        });
        planned.collect()
    }
}

impl Workload {
    fn new(
        file: &WorkloadFile,
        until: Instant,
        names: &Names<'_>,
        path: &Path,
    ) -> Result<Self, Complaint> {
        let mut clients = BTreeSet::new();
        for text in &file.clients.0 {
            clients.extend(names.clients(text, &path.key("clients"))?);
        }
        if clients.is_empty() {
            return Err(Complaint::new(&path.key("clients"), "nobody is named"));
        }
        let keys = (file.keys[0], file.keys[file.keys.len() - 1]);
        let mut mix = Vec::new();
        for (name, weight) in &file.mix {
            let path = path.key("mix").key(name);
            let sample = |kind: &Kind| kind.operation(keys, 1, 0);
            let known = Kind::ALL.map(|kind| sample(&kind).name());
            let Some(kind) = Kind::ALL.into_iter().find(|kind| sample(kind).name() == name) else {
                return Err(Complaint::unknown(&path, "operation", name, known));
            };
            names.operation(&sample(&kind), &path)?;
            if kind == Kind::Transfer && keys.0 == keys.1 {
                return Err(Complaint::new(&path, "a transfer needs two keys"));
            }
            mix.push((kind, u64::from(*weight)));
        }
        Ok(Self {
            clients: clients.into_iter().collect(),
            from: Instant::ZERO + file.from,
            until,
            every: file.every,
            keys: file.keys.clone(),
            mix,
        })
    }

    /// About how many operations are drawn.
    fn length(&self) -> u64 {
        let mean = match self.every {
            Delay::Fixed(length) => length.as_nanos(),
            Delay::Uniform { min, max } => u64::midpoint(min.as_nanos(), max.as_nanos()),
            Delay::Exponential { min, mean } => min.as_nanos() + mean.as_nanos(),
            // Their means are larger: there may be fewer operations than this says.
            Delay::LogNormal { median: least, .. } | Delay::Pareto { min: least, .. } => {
                least.as_nanos()
            }
        };
        let clients = u64::try_from(self.clients.len()).unwrap_or(u64::MAX);
        let window = (self.until - self.from).as_nanos();
        window.checked_div(mean).map_or(u64::MAX, |n| n.saturating_mul(clients))
    }

    /// The same throws for every operation, whatever it becomes: a change of the mix moves no time.
    fn draw(&self, client: NodeId, dice: &mut Dice, drafts: &mut Vec<Draft>) {
        let n_keys = u64::try_from(self.keys.len()).unwrap_or(u64::MAX);
        let total: u64 = self.mix.iter().map(|(_, weight)| weight).sum();
        let mut at = self.from + self.every.draw(dice);
        while at < self.until {
            let mut throw = dice.below(total);
            let mut kind = self.mix[0].0;
            for (candidate, weight) in &self.mix {
                kind = *candidate;
                if throw < *weight {
                    break;
                }
                throw -= weight;
            }
            let first = dice.below(n_keys);
            let second = (first + 1 + dice.below(n_keys.max(2) - 1)) % n_keys;
            let key = |place: u64| self.keys[usize::try_from(place).unwrap_or(0)];
            drafts.push(Draft { at, client, kind, keys: (key(first), key(second)) });
            at = at + self.every.draw(dice);
        }
    }
}

/// The operations that a file names one by one.
fn listed(list: &[OperationAtFile], names: &Names<'_>) -> Result<Vec<PlannedOperation>, Complaint> {
    let path = Path::root().key("operations");
    let mut planned = Vec::new();
    for (place, OperationAtFile { at, client, operation }) in list.iter().enumerate() {
        let path = path.index(place);
        names.operation(operation, &path.key("operation"))?;
        for client in names.clients(client, &path.key("client"))? {
            let at = Instant::ZERO + *at;
            planned.push(PlannedOperation { at, client, operation: *operation });
        }
    }
    Ok(planned)
}

/// The value that a step writes.
fn written(action: &ActionFile) -> Option<i64> {
    let ActionFile::Client { operation, .. } = action else { return None };
    value_of(operation)
}

/// The value that an operation writes.
fn value_of(operation: &Operation) -> Option<i64> {
    match operation {
        Operation::Write { value, .. } | Operation::Append { value, .. } => Some(*value),
        Operation::Cas { new, .. } => Some(*new),
        Operation::Read { .. }
        | Operation::Increment { .. }
        | Operation::Acquire { .. }
        | Operation::Release { .. }
        | Operation::Transfer { .. } => None,
    }
}
