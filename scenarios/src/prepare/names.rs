//! Checks every name of a scenario against the cast and the protocol, before the run.

use std::collections::BTreeSet;

use sim_engine::faults::OCCASIONS;
use sim_engine::{Cast, NodeId, Operation, Selector, Topology};

use crate::path::Path;
use crate::problem::Complaint;
use crate::registry::Entry;

/// The words that select without naming anybody.
const SELECTORS: [&str; 6] =
    ["leader", "a follower", "followers", "rest", "everybody", "the side with leader"];

/// All names that mean something in a scenario.
pub(crate) struct Names<'n> {
    pub(crate) entry: &'static Entry,
    pub(crate) cast: Cast<()>,
    pub(crate) topology: Option<&'n Topology>,
    serves: &'n dyn Fn(&Operation) -> bool,
}

/// Names given by `bind`, as far as the steps have come.
pub(crate) type Bound = BTreeSet<String>;

impl<'n> Names<'n> {
    pub(crate) fn new(
        entry: &'static Entry,
        cast: Cast<()>,
        topology: Option<&'n Topology>,
        serves: &'n dyn Fn(&Operation) -> bool,
    ) -> Self {
        Self { entry, cast, topology, serves }
    }

    /// Reads a selector whose name, if it has one, is known.
    pub(crate) fn selector(
        &self,
        text: &str,
        bound: &Bound,
        path: &Path,
    ) -> Result<Selector, Complaint> {
        let selector = Selector::parse(text);
        if let Some(name) = selector.name()
            && !bound.contains(name)
            && self.named(name).is_empty()
        {
            let known = SELECTORS.into_iter().chain(bound.iter().map(String::as_str));
            let known: BTreeSet<&str> = known.chain(self.names()).collect();
            return Err(Complaint::unknown(path, "seat, role, place or bound name", name, known));
        }
        Ok(selector)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.cast.iter().flat_map(|(_, seat)| {
            [seat.name.as_str(), seat.kind.as_str()].into_iter().chain(seat.place.as_deref())
        })
    }

    /// The seats with this name, role, room or data centre.
    pub(crate) fn named(&self, name: &str) -> Vec<NodeId> {
        self.cast.named(name, self.topology)
    }

    /// Clients, by the name, role or place of a seat.
    pub(crate) fn clients(&self, text: &str, path: &Path) -> Result<Vec<NodeId>, Complaint> {
        let ids = match Selector::parse(text) {
            Selector::Named(name) => self.named(&name),
            Selector::Seat(_)
            | Selector::Leader
            | Selector::AFollower
            | Selector::Followers
            | Selector::Rest
            | Selector::Everybody
            | Selector::Side(_) => Vec::new(),
        };
        let clients = self.cast.iter().filter(|(_, seat)| seat.is_client);
        let clients: BTreeSet<&str> = clients.map(|(_, seat)| seat.name.as_str()).collect();
        if ids.is_empty() {
            return Err(Complaint::unknown(path, "client", text, clients));
        }
        if let Some(id) = ids.iter().find(|id| !self.cast.seat(**id).is_client) {
            let seat = self.cast.seat(*id);
            let what = format!("`{}` is a {}, not a client", seat.name, seat.kind);
            let hint = crate::problem::suggest(text, clients)
                .or_else(|| Some("this scenario has no clients".to_owned()));
            return Err(Complaint::new(path, what).hint(hint));
        }
        Ok(ids)
    }

    /// An operation that the protocol serves.
    pub(crate) fn operation(&self, operation: &Operation, path: &Path) -> Result<(), Complaint> {
        if (self.serves)(operation) {
            return Ok(());
        }
        let what = format!("`{}` does not serve `{}`", self.entry.name, operation.name());
        Err(Complaint::new(path, what))
    }

    pub(crate) fn fact(&self, name: &str, path: &Path) -> Result<(), Complaint> {
        known(name, "fact", self.entry.facts, path)
    }

    pub(crate) fn role(&self, name: &str, path: &Path) -> Result<(), Complaint> {
        known(name, "role of a node", self.entry.roles, path)
    }

    pub(crate) fn message(&self, name: &str, path: &Path) -> Result<(), Complaint> {
        known(name, "message", self.entry.messages, path)
    }

    /// What a node may be in the middle of: a message, a timer, or something else that it meets.
    pub(crate) fn occasion(&self, name: &str, path: &Path) -> Result<(), Complaint> {
        let (messages, timers) = (self.entry.messages, self.entry.timers);
        let table: Vec<&'static str> =
            [messages, timers, &OCCASIONS].into_iter().flatten().copied().collect();
        known(name, "message, timer or occasion", &table, path)
    }

    pub(crate) fn timer(&self, name: &str, path: &Path) -> Result<(), Complaint> {
        known(name, "timer", self.entry.timers, path)
    }
}

/// A name from a table of the protocol.
pub(crate) fn known(
    name: &str,
    thing: &str,
    table: &[&'static str],
    path: &Path,
) -> Result<(), Complaint> {
    if table.contains(&name) {
        return Ok(());
    }
    Err(Complaint::unknown(path, thing, name, table.iter().copied()))
}
