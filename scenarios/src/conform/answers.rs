//! What a single question to one member came to: was there an answer, and how old was it?
//!
//! The measure is the same for both: how many acknowledged writes the answer lacks, of those that
//! were acknowledged before the question. A recording says it by the store's revision, which grows
//! by one with each write, or by how much less the member had applied than others.

use serde_json::Value;
use sim_engine::{Ending, Instant, Operation, OperationRecord, Reply};

use super::driver::{Asker, Asks, Driver};
use super::micros::Micros;
use super::recording::{EventFile, Recording};

/// The sample of everybody that is taken while links are still cut.
const SAMPLE: &str = "before_heal";

/// The words of single questions.
const ASKED: [(Asks, &str); 3] = [
    (Asks::Write, "put"),
    (Asks::StaleRead, "serializable read"),
    (Asks::Read, "linearizable read"),
];

/// What came of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Came {
    Nothing,
    /// Something, and nobody can say what.
    Something,
    /// A value that lacks so many acknowledged writes.
    Lacks(i64),
}

impl Came {
    /// In words, as exactly as `other` is known.
    pub(super) fn words(self, other: Self) -> String {
        match self {
            Self::Nothing => "no answer".to_owned(),
            Self::Lacks(_) if other == Self::Something => "answered".to_owned(),
            Self::Something => "answered".to_owned(),
            Self::Lacks(0) => "the newest value".to_owned(),
            Self::Lacks(1) => "a value older by 1 write".to_owned(),
            Self::Lacks(n) => format!("a value older by {n} writes"),
        }
    }
}

/// The words of what somebody asks once.
pub(super) fn words_of(asks: Asks) -> Option<&'static str> {
    ASKED.iter().find(|(other, _)| *other == asks).map(|(_, words)| *words)
}

/// What a recording says of its questions.
pub(super) fn recorded(recording: &Recording, driver: &Driver) -> Vec<(&'static str, Came)> {
    let replies = recording.file.events.iter().filter(|event| event.event == "client-reply");
    let came = replies.filter_map(|event| {
        let (question, reply) = event.details.split_once(" => ")?;
        let (asks, words) = ASKED.iter().find(|(_, words)| question.contains(words))?;
        if !is_answer(reply) {
            return Some((*words, Came::Nothing));
        }
        let own = driver.askers.iter().find(|asker| {
            asker.asks == *asks && asker.from >= Micros::ZERO && asker.from <= event.at
        });
        let lacks = own.and_then(|asker| lacks(recording, driver, asker, reply));
        Some((*words, lacks.map_or(Came::Something, Came::Lacks)))
    });
    came.collect()
}

fn is_answer(reply: &str) -> bool {
    !reply.contains("Timeout") && !reply.contains("rror")
}

/// How many acknowledged writes an answer lacks: `{"count": null, "rev": "4"}`.
fn lacks(recording: &Recording, driver: &Driver, asker: &Asker, came: &str) -> Option<i64> {
    let came: Value = serde_json::from_str(came).ok()?;
    let whole = |name: &str| came.get(name).and_then(number);
    let revision = whole("rev")?;
    let acknowledged = acknowledged(recording, driver, asker.from)?;
    let lacks = if is_first_life(recording) {
        // An empty store has revision 1.
        acknowledged.all - (revision - 1)
    } else {
        behind(recording, &asker.contact)?
    };
    // Whoever does not even know the key lacks what was written to it.
    let unseen = if whole("count").is_none() { acknowledged.since_fault } else { 0 };
    Some(lacks.max(unseen).max(0))
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// Writes that were acknowledged before some time.
struct Acknowledged {
    all: i64,
    since_fault: i64,
}

/// Nothing if a writer went on and on: nobody counted.
fn acknowledged(recording: &Recording, driver: &Driver, until: Micros) -> Option<Acknowledged> {
    if driver.askers.iter().any(|asker| asker.writes_on() && asker.from < until) {
        return None;
    }
    let earlier = driver.askers.iter().filter(|asker| {
        asker.asks == Asks::Write && asker.from < Micros::ZERO && asker.from < until
    });
    let is_taken = |event: &&EventFile| {
        event.at <= until
            && (event.event == "first-write" || is_taken_put(event))
            && event.at >= Micros::ZERO
    };
    let since = recording.file.events.iter().filter(is_taken).count();
    let since_fault = i64::try_from(since).ok()?;
    let before: i64 = earlier.map(|asker| asker.count).sum();
    Some(Acknowledged { all: before + since_fault, since_fault })
}

fn is_taken_put(event: &EventFile) -> bool {
    let told = event.details.split_once(" => ").filter(|_| event.event == "client-reply");
    told.is_some_and(|(question, reply)| question.contains("put") && is_answer(reply))
}

/// True if every member was started for this recording: nothing had been written before it.
fn is_first_life(recording: &Recording) -> bool {
    let is_start = |name: &str| {
        let mut deeds = recording.file.faults.iter();
        deeds.any(|deed| deed.action == "start" && deed.target == name && deed.at < Micros::ZERO)
    };
    recording.names().into_iter().all(is_start)
}

/// How many writes a member had applied less than whoever had applied most while links were cut.
/// Each new leader begins with an entry that is no write.
fn behind(recording: &Recording, member: &str) -> Option<i64> {
    let sample = recording.file.observations.get(SAMPLE)?.as_object()?;
    let index = |value: &Value| value.get("index").and_then(Value::as_i64);
    let own = index(sample.get(member)?)?;
    let most = sample.values().filter_map(index).max()?;
    let healed = recording.file.faults.iter().filter(|deed| deed.action == "heal");
    let healed = healed.map(|deed| deed.at).min()?;
    let led = recording.file.events.iter().filter(|event| {
        event.event == recording.table.leads && event.at >= Micros::ZERO && event.at < healed
    });
    Some(most - own - i64::try_from(led.count()).ok()?)
}

/// What a question of a run came to. `all` are the operations of everybody.
pub(super) fn simulated(own: &[&OperationRecord], all: &[OperationRecord]) -> Came {
    own.iter().find_map(|record| answer(record, all)).unwrap_or(Came::Nothing)
}

fn answer(record: &OperationRecord, all: &[OperationRecord]) -> Option<Came> {
    let Ending::Ok(reply) = &record.ended.as_ref()?.ending else { return None };
    let Reply::Value(value) = reply else { return Some(Came::Something) };
    let wrote_it = |other: &&OperationRecord| {
        if let Operation::Write { value: own, .. } = other.operation {
            return Some(own) == *value;
        }
        false
    };
    let source = all.iter().find(wrote_it);
    // What began after its write had ended is newer; after it had begun, if nobody knows its end.
    let begin = |source: &OperationRecord| taken_at(source).unwrap_or(source.invoked_at);
    let since = source.map_or(Instant::ZERO, begin);
    let newer = all.iter().filter(|other| {
        matches!(other.operation, Operation::Write { .. })
            && other.invoked_at >= since
            && taken_at(other).is_some_and(|taken| taken <= record.invoked_at)
            && source.is_none_or(|source| source.op != other.op)
    });
    Some(i64::try_from(newer.count()).map_or(Came::Something, Came::Lacks))
}

/// When an operation ended well.
pub(super) fn taken_at(record: &OperationRecord) -> Option<Instant> {
    let end = record.ended.as_ref()?;
    matches!(end.ending, Ending::Ok(_)).then_some(end.at)
}
