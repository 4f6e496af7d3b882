//! A finished run with everything a reader is told about it: the one input of every format.

use crate::figure::Preset;
use sim_engine::{Outcome, PromiseInfo, Topology, Trace};

/// A finished run of one system, ready to be shown. Knows no protocol.
#[derive(Clone, Debug)]
pub struct Report {
    /// The scenario's name, with its variant: `split-brain`, `raft-prevote-rejoin@no-pre-vote`.
    pub scenario: String,
    /// The system's name: `raft`.
    pub system: String,
    /// The title: a full sentence that says the lesson.
    pub title: String,
    /// The lesson in a sentence or two.
    pub lesson: String,
    /// What matters of the settings: `5 nodes`, `election timeout 150–300 ms`, `message delay 5–12
    /// ms`.
    pub subtitle: Vec<String>,
    /// The planted bug, if there was one.
    pub mutant: Option<String>,
    /// The command that repeats the run.
    pub command: String,
    /// What the run came to.
    pub outcome: Outcome,
    /// What happened in it.
    pub trace: Trace,
    /// The promises that were checked, for their words.
    pub promises: Vec<PromiseInfo>,
    /// The reasons for which the system fails an operation after a look at its state.
    pub refusals: &'static [&'static str],
    /// The rooms that seats stand in, if there are any.
    pub topology: Option<Topology>,
    /// Whether the run was as the scenario expects, and if not, why: one sentence each.
    pub unmet: Vec<String>,
    /// The files that were written, relative to the current folder.
    pub files: Vec<String>,
    /// The page its figure is made for.
    pub preset: Preset,
    /// The run that a poster shows beside this one.
    pub contrast: Option<Contrast>,
}

/// The same seed with one change.
#[derive(Clone, Debug)]
pub struct Contrast {
    /// The other run.
    pub report: Box<Report>,
    /// True if the other run is the one before the change: it stands above.
    pub comes_first: bool,
}

impl Report {
    /// True if the run was as the scenario expects.
    pub fn is_met(&self) -> bool {
        self.unmet.is_empty()
    }
}
