//! What a protocol models of a real system: the words in which runs and recordings are compared.

/// A real system, as far as a protocol can stand in for it.
///
/// Whoever compares a run with a recording knows nothing of the protocol but this table.
#[derive(Clone, Copy, Debug)]
pub struct Recorded {
    /// The first word of what recordings call the system: `etcd`.
    pub system: &'static str,
    /// Settings that the protocol needs to be this system, as fields and JSON values.
    pub settings: &'static [(&'static str, &'static str)],
    /// The system's own options that set something here.
    pub options: &'static [RecordedOption],
    /// The role of a member, as JSON.
    pub member: &'static str,
    /// The role of a client that asks one member and gives up, as JSON with `{contact}`, `{retry}`,
    /// `{give_up}`, `{keeps}`, which is true for one that always begins with its contact, and
    /// `{stale}`, which is true for reads that whoever is asked answers by itself.
    pub client: &'static str,
    /// What is on the disk of a member before its first start, as JSON; `{members}` is their
    /// number, `{each:X}` is X once for each of them.
    pub disk: &'static str,
    /// The timer of a member's clock if it counts ticks, and the option that says how many
    /// milliseconds one is long.
    pub ticks_by: Option<(&'static str, &'static str)>,
    /// The timer that makes a member stand for the lead.
    pub leads_by: &'static str,
    /// How what an operator types begins, and what it asks, as JSON with `{}` for the rest.
    pub commands: &'static [(&'static str, &'static str)],
    /// The kinds of events that both announce.
    pub kinds: &'static [&'static str],
    /// What cannot be without something else before it.
    pub edges: &'static [RecordedEdge],
    /// Kinds whose first time after each fault is compared.
    pub moments: &'static [&'static str],
    /// Kinds that are counted.
    pub counted: &'static [&'static str],
    /// The kind that says that a member leads.
    pub leads: &'static str,
    /// The detail that names the epoch: `term`.
    pub epoch: &'static str,
}

/// An option of a real system, and the setting that it is here.
#[derive(Clone, Copy, Debug)]
pub struct RecordedOption {
    /// The option: `election-timeout`.
    pub option: &'static str,
    /// The setting, with dots between its parts: `election_timeout.min`.
    pub setting: &'static str,
    /// How a value becomes the setting's.
    pub scale: Scale,
}

/// How the value of an option becomes the value of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// As it is.
    Same,
    /// A number of milliseconds becomes a length, so many per cent of it.
    Millis {
        /// How many per cent.
        percent: u64,
    },
}

/// A cause and its effect. Each effect in a recording must have a cause of its own node or of
/// another that is not later.
#[derive(Clone, Copy, Debug)]
pub struct RecordedEdge {
    /// The kind of the cause.
    pub from: &'static str,
    /// The kind of the effect.
    pub to: &'static str,
    /// How the two name each other.
    pub by: EdgeBy,
    /// Details that must be equal in both: `term`.
    pub same: &'static [&'static str],
    /// Details that an effect has for which it holds.
    pub when: &'static [(&'static str, &'static str)],
}

/// How a cause and its effect name each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeBy {
    /// The cause names the node of the effect in this detail.
    CauseNames(&'static str),
    /// The effect names the node of the cause in this detail.
    EffectNames(&'static str),
    /// Each of the two names the node of the other in its own detail of this name.
    EachOther(&'static str),
    /// Both are of one node.
    SameNode,
}
