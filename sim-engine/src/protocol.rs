//! A protocol as the rest of the house sees it: its node type and tables of names.

use crate::{Cast, Lexicon, Mutant, Node, NodeId, Promise, Recorded};

/// A protocol: a node type with the names of everything a scenario may ask for.
pub trait Protocol {
    /// The state machine.
    type Node: Node;

    /// The name in files and on the command line: `raft`.
    const NAME: &'static str;
    /// What it is, in one sentence.
    const ABOUT: &'static str;
    /// Its words for things that every protocol has.
    const LEXICON: Lexicon;
    /// Every promise it makes.
    const PROMISES: &'static [PromiseInfo];
    /// The reasons for which it fails an operation after a look at its state: such a failure says
    /// something of the state, and checkers of histories count on it.
    const REFUSALS: &'static [&'static str] = &[];
    /// Every planted bug.
    const MUTANTS: &'static [MutantInfo];
    /// The names of the facts its nodes announce.
    const FACTS: &'static [&'static str];
    /// The kinds of messages its nodes send.
    const MESSAGES: &'static [&'static str];
    /// The names of its timers.
    const TIMERS: &'static [&'static str];
    /// The names of the roles a node can stand in.
    const ROLES: &'static [&'static str];
    /// The real systems that it can be compared with.
    const RECORDED: &'static [Recorded] = &[];

    /// The promises, fresh for a run.
    fn promises() -> Vec<Box<dyn Promise<Self::Node>>>;

    /// The settings as this protocol takes them: for protocols that share a node, and differ in
    /// what is no setting of a system.
    fn configure(config: <Self::Node as Node>::Config) -> <Self::Node as Node>::Config {
        config
    }

    /// What is wrong with the settings, if anything.
    fn check(config: &<Self::Node as Node>::Config) -> Result<(), String>;

    /// What is wrong with the cast, or with the disks it starts with, if anything. `durables` has
    /// one entry a seat.
    fn check_cast(
        _cast: &Cast<<Self::Node as Node>::Role>,
        _durables: &[<Self::Node as Node>::Durable],
    ) -> Result<(), Misfit> {
        Ok(())
    }

    /// What is wrong with the settings, the cast and its disks together, if anything: for protocols
    /// whose settings name seats.
    fn check_together(
        _config: &<Self::Node as Node>::Config,
        _cast: &Cast<<Self::Node as Node>::Role>,
        _durables: &[<Self::Node as Node>::Durable],
    ) -> Result<(), Misfit> {
        Ok(())
    }

    /// The settings that matter to a reader, for the subtitle of a figure: `election timeout
    /// 150–300 ms`.
    fn subtitle(config: &<Self::Node as Node>::Config) -> Vec<String>;
}

/// Why a protocol cannot work with a cast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// What does not fit.
    pub at: MisfitAt,
    /// What is wrong with it, in one sentence.
    pub what: String,
    /// A name that nobody has, and the names it could have been.
    pub unknown: Option<(String, Vec<String>)>,
}

/// The part of a cast that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MisfitAt {
    /// All of it.
    Cast,
    /// The role of a seat.
    Role(NodeId),
    /// The disk of a seat.
    Disk(NodeId),
}

impl Misfit {
    /// A misfit without names.
    pub fn new(at: MisfitAt, what: impl Into<String>) -> Self {
        Self { at, what: what.into(), unknown: None }
    }
}

/// A promise, for lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromiseInfo {
    /// Its name.
    pub name: &'static str,
    /// What it says, in one sentence.
    pub says: &'static str,
    /// The words of a figure's footer: `one leader per term`.
    pub short: &'static str,
}

/// How a planted bug is to be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MutantClass {
    /// A promise must break.
    Bug,
    /// Nothing can break, and this is why.
    Equivalent(&'static str),
    /// The real system does it too.
    ExpectedFinding,
}

/// A planted bug, for lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MutantInfo {
    /// Its name.
    pub mutant: Mutant,
    /// What it changes, in one sentence.
    pub about: &'static str,
    /// How it is judged.
    pub class: MutantClass,
    /// The promises that may catch it.
    pub breaks: &'static [&'static str],
}
