//! What a node shows of itself, in words that belong to no protocol.

use std::fmt;

use crate::NodeId;

/// The part a node plays, as far as a picture or a selector cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleClass {
    /// Leader, primary, master, acting coordinator.
    InCharge,
    /// Candidate, looking, prepared: wants to decide and cannot yet.
    Trying,
    /// Follower, replica, working participant.
    Following,
    /// Committed or aborted: the decision is known here.
    Decided,
    /// Learner, observer: takes part without a vote.
    Observing,
    /// A client.
    Asking,
}

/// Where a node stands now. Cheap to make: no allocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Standing {
    /// The role in the protocol's own word: `leader`, `candidate`.
    pub role: &'static str,
    /// The part it plays.
    pub class: RoleClass,
    /// True if it believes that it leads.
    pub leads: bool,
    /// Term, epoch, ballot; 0 before the first. Decides the hue. Where a protocol has no epochs but
    /// decisions, 1 is open, 2 in doubt, 3 committed, 4 aborted.
    pub epoch: u64,
}

impl Standing {
    /// True if nothing has changed. Roles are constants: most often the same text lies in the same
    /// place, and need not be read.
    #[inline]
    pub(crate) fn is_still(&self, now: &Self) -> bool {
        self.epoch == now.epoch
            && self.leads == now.leads
            && self.class == now.class
            && (std::ptr::eq(self.role, now.role) || self.role == now.role)
    }
}

/// The whole state of a node for tables and snapshots, made only when somebody looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeView {
    /// Numbered slots: a log, a history.
    pub cells: Vec<Cell>,
    /// Named values: `commit 3`, `voted for n1`.
    pub rows: Vec<Row>,
}

/// One slot of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its place, from 1.
    pub index: u64,
    /// What it holds: `x=2`.
    pub value: String,
    /// The epoch in which it was made.
    pub epoch: u64,
    /// True if this node knows that it is committed.
    pub committed: bool,
}

/// A named value of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// What it is: the head of a column.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// How it looks in a table.
    pub tone: Tone,
}

/// How a named value looks in a table. Numbers pick the hue as epochs do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Plain text.
    #[default]
    Plain,
    /// A box with a solid edge: decided, durable, held for good.
    Settled(u64),
    /// A box with a dashed edge: in doubt, not yet decided.
    Open(u64),
}

impl Row {
    /// A value in plain text.
    pub fn plain(name: &'static str, value: impl Into<String>) -> Self {
        Self { name, value: value.into(), tone: Tone::Plain }
    }

    /// A value in a box: solid if it is settled, dashed if it is open.
    ///
    /// ```
    /// use sim_engine::{Row, Tone};
    ///
    /// let vote = Row::boxed("last log record", "PREPARED T7", Tone::Open(2));
    /// assert_eq!(vote.tone, Tone::Open(2));
    /// ```
    pub fn boxed(name: &'static str, value: impl Into<String>, tone: Tone) -> Self {
        Self { name, value: value.into(), tone }
    }
}

/// A value in a slot of a caption or of a fact's details.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// A node, shown by its name.
    Node(NodeId),
    /// Several nodes, shown by their names.
    Nodes(Vec<NodeId>),
    /// A number.
    Number(u64),
    /// A length of time.
    Time(crate::Duration),
    /// Words.
    Text(String),
}

/// A sentence with named slots, so that it can be counted, tested and translated.
///
/// The text holds `{name}` for each slot; `{node}` is always the node that speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// The sentence.
    pub template: &'static str,
    /// Its values.
    pub slots: Vec<(&'static str, Slot)>,
}

impl Caption {
    /// The sentence with its slots filled in.
    pub fn fill<R>(&self, speaker: NodeId, cast: &crate::Cast<R>) -> String {
        let mut text = self.template.to_owned();
        for (name, slot) in &self.slots {
            text = text.replace(&format!("{{{name}}}"), &slot.text(cast));
        }
        text.replace("{node}", cast.name(speaker))
    }

    /// The same sentence within another one, which calls it `{sentence}` and has this slot of its
    /// own: so says a host what its guest did.
    ///
    /// ```
    /// use sim_engine::{Caption, Cast, NodeId, Seat, Slot};
    /// let seat = Seat {
    ///     name: "n1".to_owned(),
    ///     kind: "server".to_owned(),
    ///     role: (),
    ///     place: None,
    ///     is_client: false,
    /// };
    /// let caption = Caption { template: "{node} leads.", slots: Vec::new() };
    /// let within = caption.within("{group}: {sentence}", ("group", Slot::Text("g2".to_owned())));
    /// assert_eq!(within.fill(NodeId::new(0), &Cast::new(vec![seat])), "g2: n1 leads.");
    /// ```
    #[must_use]
    pub fn within(self, template: &'static str, slot: (&'static str, Slot)) -> Self {
        let sentence = ("sentence", Slot::Text(self.template.to_owned()));
        let slots = [slot, sentence].into_iter().chain(self.slots).collect();
        Self { template, slots }
    }
}

impl Slot {
    /// The value in words.
    pub fn text<R>(&self, cast: &crate::Cast<R>) -> String {
        match self {
            Self::Node(id) => cast.name(*id).to_owned(),
            Self::Nodes(ids) => ids.iter().map(|id| cast.name(*id)).collect::<Vec<_>>().join(", "),
            Self::Number(n) => n.to_string(),
            Self::Time(length) => length.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// What a fact means for a picture, beside its caption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    /// Nothing is drawn.
    None,
    /// A majority is complete: the hollow diamond.
    Majority,
    /// The operation of a client that led here has to wait for something of this node: the dotted
    /// line in its box, `waits for p2's lock`. It ends when the node answers.
    Waits(&'static str),
}

/// A fact as it stands in the trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactView {
    /// The event's name, the real system's own where it has one.
    pub name: &'static str,
    /// `name=value` pairs in the real system's order.
    pub details: Vec<(&'static str, Slot)>,
    /// How much it matters to the story, 0 to 100; 0 is never told.
    pub weight: u8,
    /// The sentence that tells it.
    pub caption: Option<Caption>,
    /// What is drawn for it.
    pub mark: Mark,
}

impl FactView {
    /// The details as the recordings print them: `to=n2 term=2`.
    pub fn details_text<R>(&self, cast: &crate::Cast<R>) -> String {
        let pairs = self.details.iter().map(|(name, slot)| {
            let text = slot.text(cast);
            if name.is_empty() { text } else { format!("{name}={}", text.replace(", ", ",")) }
        });
        pairs.collect::<Vec<_>>().join(" ")
    }
}

/// The words of one protocol for things that every protocol has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lexicon {
    /// What an epoch is called: `term`; what the hue means where numbers are not shown: `decision`.
    pub epoch: &'static str,
    /// What stands before its number on a bar: `T`. Empty where numbers are not shown: then the bar
    /// says the role.
    pub epoch_sign: &'static str,
    /// What a node's numbered slots are called: `Logs`.
    pub cells: &'static str,
}

impl fmt::Display for RoleClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InCharge => "in charge",
            Self::Trying => "trying",
            Self::Following => "following",
            Self::Decided => "decided",
            Self::Observing => "observing",
            Self::Asking => "client",
        })
    }
}
