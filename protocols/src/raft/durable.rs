//! What survives a crash: term, vote, log and snapshot (Figure 2, "persistent state"; section 7).

use std::fmt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use sim_engine::{Dice, Key, NodeId, Operation};

use super::log::{Entry, Log, Payload};
use super::snapshot::Snapshot;

/// The highest term a run may start with: every election needs a higher one.
const TERM_MAX: u64 = 1_000_000_000;

/// The persistent state of a server. Clients have one too, always empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Durable {
    /// The latest term the server has seen. Never decreases.
    pub term: u64,
    /// Whom it voted for in that term.
    pub vote: Option<NodeId>,
    /// The log.
    pub log: Log,
    /// The latest snapshot. The log never starts behind it.
    pub snapshot: Option<Arc<Snapshot>>,
}

/// One change of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Delta {
    /// A new term, or a vote in the current one.
    Ballot {
        /// The term.
        term: u64,
        /// Whom the server votes for in it.
        vote: Option<NodeId>,
    },
    /// Entries at the end of the log.
    Append(Vec<Entry>),
    /// Everything behind this index goes.
    TruncateAfter(u64),
    /// A new snapshot takes the place of the one before it.
    Snapshot(Arc<Snapshot>),
    /// Entries up to this index go: the snapshot stands for them.
    Compact(u64),
    /// The whole log goes, and starts anew behind the snapshot.
    RestartLog,
}

impl fmt::Display for Delta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ballot { term, vote: Some(_) } => write!(f, "vote in term {term}"),
            Self::Ballot { term, vote: None } => write!(f, "term {term}"),
            Self::Append(entries) => match entries.as_slice() {
                [entry] => write!(f, "{}", entry.payload()),
                entries => write!(f, "{} entries", entries.len()),
            },
            Self::TruncateAfter(index) => write!(f, "cut after {index}"),
            Self::Snapshot(snapshot) => write!(f, "snapshot {}", snapshot.last.index),
            Self::Compact(index) => write!(f, "compact to {index}"),
            Self::RestartLog => f.write_str("new log"),
        }
    }
}

/// An initial state as a scenario writes it: `{"term": 3, "log": [1, 1, 3]}`. A bare number is an
/// entry of that term that writes its own index to `x`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Initial {
    /// The current term; the last entry's if left out.
    term: Option<u64>,
    /// The name of the server voted for in that term.
    vote: Option<String>,
    /// The entries.
    log: Vec<InitialEntry>,
}

/// An entry as a scenario writes it: a term, or `{"term": 3, "key": "x", "value": 7}`.
#[derive(Clone, Copy, Debug, JsonSchema)]
#[schemars(untagged)]
enum InitialEntry {
    Term(u64),
    Write(InitialWrite),
}

/// An entry that writes a register.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct InitialWrite {
    term: u64,
    key: Key,
    value: i64,
}

impl<'de> Deserialize<'de> for InitialEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntryVisitor;
        impl<'de> Visitor<'de> for EntryVisitor {
            type Value = InitialEntry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a term, or an object with `term`, `key` and `value`")
            }

            fn visit_u64<E>(self, term: u64) -> Result<InitialEntry, E> {
                Ok(InitialEntry::Term(term))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<InitialEntry, A::Error> {
                InitialWrite::deserialize(MapAccessDeserializer::new(map)).map(InitialEntry::Write)
            }
        }
        deserializer.deserialize_any(EntryVisitor)
    }
}

impl sim_engine::Durable for Durable {
    type Delta = Delta;
    type Initial = Initial;

    fn apply(&mut self, delta: &Delta) {
        match delta {
            Delta::Ballot { term, vote } => {
                self.term = *term;
                self.vote = *vote;
            }
            Delta::Append(entries) => self.log.append(entries),
            Delta::TruncateAfter(index) => self.log.truncate_after(*index),
            Delta::Snapshot(snapshot) => self.snapshot = Some(Arc::clone(snapshot)),
            Delta::Compact(index) => self.log.compact(*index),
            Delta::RestartLog => {
                let last = self.snapshot.as_ref().map_or_else(Default::default, |s| s.last);
                self.log.restart(last);
            }
        }
    }

    fn bytes(delta: &Delta) -> u32 {
        match delta {
            Delta::Ballot { .. }
            | Delta::TruncateAfter(_)
            | Delta::Compact(_)
            | Delta::RestartLog => 16,
            Delta::Snapshot(snapshot) => {
                u32::try_from(64 + snapshot.records.len() * 64).unwrap_or(u32::MAX)
            }
            Delta::Append(entries) => u32::try_from(entries.len() * 64).unwrap_or(u32::MAX),
        }
    }

    /// Of entries appended together only the first ones survive: the checksum of the next fails,
    /// and the log ends there. Of a single entry and of a ballot nothing does, nor of a snapshot,
    /// which is written beside the old one and renamed.
    fn tear(delta: &Delta, dice: &mut Dice) -> Option<Delta> {
        let Delta::Append(entries) = delta else { return None };
        let last = u64::try_from(entries.len()).ok()?.checked_sub(1)?;
        let whole = dice.below(last.max(1)) + 1;
        (whole <= last).then(|| {
            let whole = usize::try_from(whole).unwrap_or(usize::MAX);
            Delta::Append(entries.iter().take(whole).cloned().collect())
        })
    }

    fn initial(initial: &Initial, find: &dyn Fn(&str) -> Option<NodeId>) -> Result<Self, String> {
        let mut durable = Self::default();
        for (index, entry) in (1_i64..).zip(&initial.log) {
            let (term, key, value) = match entry {
                InitialEntry::Term(term) => (*term, "x".parse()?, index),
                InitialEntry::Write(write) => (write.term, write.key, write.value),
            };
            if term == 0 || term < durable.log.last_term() {
                return Err(format!(
                    "log[{}] has term {term}; terms start at 1 and never decrease along a log",
                    index - 1
                ));
            }
            let operation = Operation::Write { key, value };
            // Session 0 is nobody's: commands of the past are told apart by their index.
            let seq = index.unsigned_abs();
            let payload = Payload::Command { session: 0, seq, operation };
            durable.log.append(&[Entry::new(term, payload)]);
        }
        durable.term = initial.term.unwrap_or_else(|| durable.log.last_term());
        if durable.term < durable.log.last_term() {
            return Err(format!(
                "term is {}, but the log has an entry of term {}",
                durable.term,
                durable.log.last_term()
            ));
        }
        if durable.term > TERM_MAX {
            return Err(format!("term is {}; a run starts with at most {TERM_MAX}", durable.term));
        }
        if let Some(name) = &initial.vote {
            let vote = find(name).ok_or_else(|| format!("vote: nobody is called `{name}`"))?;
            durable.vote = Some(vote);
        }
        Ok(durable)
    }
}

#[cfg(test)]
mod tests {
    use sim_engine::{Concern, Durable as _};

    use super::*;

    #[test]
    fn of_a_torn_append_only_the_first_entries_survive() {
        let mut dice = Dice::new(1, Concern::Damage, 0);
        let entries = vec![Entry::new(1, Payload::Noop); 5];
        for _ in 0..50 {
            let left = Durable::tear(&Delta::Append(entries.clone()), &mut dice);
            let Some(Delta::Append(left)) = left else { panic!("nothing is left") };
            assert!((1..5).contains(&left.len()), "{}", left.len());
        }
        for whole in [Delta::Append(entries[..1].to_vec()), Delta::TruncateAfter(3)] {
            assert_eq!(Durable::tear(&whole, &mut dice), None);
        }
    }
}
