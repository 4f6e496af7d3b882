//! The protocols, one line each. Their types are erased here, and nowhere else.

use schemars::JsonSchema;
use sim_engine::{Durable, MutantInfo, Node, PromiseInfo, Protocol, Recorded};

use crate::prepare::{Built, Draft, build};
use crate::problem::Complaint;
use crate::schema::Words;

/// Every protocol, in the order of lists.
pub const ALL: &[Entry] = &[
    described::<protocols::raft::Raft>(),
    described::<protocols::multi_raft::MultiRaft>(),
    described::<protocols::atomic_commit::TwoPhaseCommit>(),
    described::<protocols::atomic_commit::ThreePhaseCommit>(),
    #[cfg(test)]
    entry::<crate::fake::Fake>(),
];

/// A protocol without its types.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Its name in files.
    pub name: &'static str,
    /// What it is, in one sentence.
    pub about: &'static str,
    /// Every promise it makes.
    pub promises: &'static [PromiseInfo],
    /// The reasons for which it fails an operation after a look at its state.
    pub refusals: &'static [&'static str],
    /// Every planted bug.
    pub mutants: &'static [MutantInfo],
    /// The names of its facts.
    pub facts: &'static [&'static str],
    /// The kinds of its messages.
    pub messages: &'static [&'static str],
    /// The names of its timers.
    pub timers: &'static [&'static str],
    /// The roles a node can stand in.
    pub roles: &'static [&'static str],
    /// The real systems that it can be compared with.
    pub recorded: &'static [Recorded],
    /// Types and checks a scenario for it.
    pub(crate) build: fn(&Draft<'_>) -> Result<Built, Complaint>,
    /// Its part of the schema of files.
    pub(crate) words: Option<Words>,
}

/// The entry of a protocol.
const fn entry<P: Protocol + 'static>() -> Entry {
    Entry {
        name: P::NAME,
        about: P::ABOUT,
        promises: P::PROMISES,
        refusals: P::REFUSALS,
        mutants: P::MUTANTS,
        facts: P::FACTS,
        messages: P::MESSAGES,
        timers: P::TIMERS,
        roles: P::ROLES,
        recorded: P::RECORDED,
        build: build::<P>,
        words: None,
    }
}

/// The entry of a protocol whose part of a file the schema knows.
const fn described<P: Protocol + 'static>() -> Entry
where
    <P::Node as Node>::Config: JsonSchema,
    <P::Node as Node>::Role: JsonSchema,
    <P::Node as Node>::Admin: JsonSchema,
    <<P::Node as Node>::Durable as Durable>::Initial: JsonSchema,
{
    Entry { words: Some(Words::of::<P>()), ..entry::<P>() }
}

/// The protocol called `name`.
pub fn find(name: &str) -> Option<&'static Entry> {
    ALL.iter().find(|entry| entry.name == name)
}
