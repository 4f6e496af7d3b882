//! A protocol as the rest of the house sees it: its node type and tables of names.

use crate::{Lexicon, Mutant, Node, Promise};

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

    /// The promises, fresh for a run.
    fn promises() -> Vec<Box<dyn Promise<Self::Node>>>;

    /// What is wrong with the settings, if anything.
    fn check(config: &<Self::Node as Node>::Config) -> Result<(), String>;

    /// The settings that matter to a reader, for the subtitle of a figure: `election timeout
    /// 150–300 ms`.
    fn subtitle(config: &<Self::Node as Node>::Config) -> Vec<String>;
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
