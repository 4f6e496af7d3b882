//! What a story tells of a run: recorded events, states and promises as lines.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::Scripted;
use crate::trace::TraceEvent;
use crate::{
    Ending, EventId, Lexicon, LinkView, Node, NodeId, PromiseResult, Simulation, Standing, What,
};

/// How much of what happened is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Messages, facts, ends of operations, losses.
    All,
    /// The same without the messages sent, where all of them are delivered in the same breath.
    NoMessages,
    /// Broken promises only: those are never kept quiet.
    Findings,
}

/// Tells recorded events, and remembers what each message said.
#[derive(Debug)]
pub(super) struct Teller {
    told: usize,
    /// The text of each message, by the event of its sending.
    messages: BTreeMap<EventId, String>,
}

impl Teller {
    pub(super) fn new() -> Self {
        Self { told: 0, messages: BTreeMap::new() }
    }

    /// Everything that happened since the last time.
    pub(super) fn news<P: Scripted>(
        &mut self,
        simulation: &Simulation<P::Node>,
        detail: Detail,
    ) -> String {
        for envelope in simulation.held() {
            self.messages.entry(envelope.id).or_insert_with(|| P::message(envelope.message));
        }
        let mut text = String::new();
        let mut n = 0;
        for event in simulation.recorded_since(self.told) {
            n += 1;
            if let Some(line) = self.line(simulation, event, detail) {
                text.push_str(&line);
                text.push('\n');
            }
        }
        self.told += n;
        text
    }

    fn line<N: Node>(
        &self,
        simulation: &Simulation<N>,
        event: &TraceEvent,
        detail: Detail,
    ) -> Option<String> {
        if let What::Violated { promise, why, .. } = &event.what {
            return Some(format!("broken promise {promise}: {why}"));
        }
        if detail == Detail::Findings {
            return None;
        }
        let name = |id: NodeId| simulation.cast().name(id);
        let node = event.node.map(name).unwrap_or_default();
        let arrow = |to: NodeId, message: EventId| {
            let text = self.messages.get(&message).map_or("", String::as_str);
            format!("{node} -> {}  {text}", name(to))
        };
        match &event.what {
            What::Sent { .. } | What::Duplicated { .. } if detail == Detail::NoMessages => None,
            What::Sent { to, .. } => Some(arrow(*to, event.id)),
            What::Duplicated { .. } => {
                let copy = simulation.held().find(|envelope| envelope.id == event.id)?;
                Some(format!("{}  (copy)", arrow(copy.to, event.id)))
            }
            What::Dropped { message, to, why } => {
                Some(format!("{}  lost: {}", arrow(*to, *message), why.words()))
            }
            What::Dialled { to, port } => Some(format!("{node}  {port} to {}: dialled", name(*to))),
            What::LinkUp { link } => {
                Some(format!("{node}  {}: up", link_words(link, name(link.peer))))
            }
            What::LinkDown { link, why } => {
                Some(format!("{node}  {}: down, {}", link_words(link, name(link.peer)), why.word()))
            }
            What::HungUp { link } => {
                Some(format!("{node}  {}: hung up", link_words(link, name(link.peer))))
            }
            What::Fact(fact) => {
                let details = fact.details_text(simulation.cast());
                Some(format!("{node}  {} {details}", fact.name).trim_end().to_owned())
            }
            What::Finished { op, ending } => {
                let operation = simulation.operation(*op)?;
                Some(format!("{node}  {operation}: {}", words_of(ending)))
            }
            What::Crashed { writes_lost, .. } if *writes_lost > 0 => {
                Some(format!("{node}  writes lost: {writes_lost}"))
            }
            What::Violated { .. }
            | What::Started { .. }
            | What::Crashed { .. }
            | What::Delivered { .. }
            | What::Held { .. }
            | What::Mutated { .. }
            | What::TimerSet { .. }
            | What::TimerFired { .. }
            | What::Written { .. }
            | What::Synced { .. }
            | What::DiskFailed { .. }
            | What::Invoked { .. }
            | What::Stood(_)
            | What::Viewed(_)
            | What::FaultBegan(_)
            | What::FaultEnded { .. }
            | What::Step { .. } => None,
        }
    }
}

/// A link as the node at one end says it: `replication to 2`, `replication from 1`.
fn link_words(link: &LinkView, peer: &str) -> String {
    let direction = if link.is_dialled { "to" } else { "from" };
    format!("{} {direction} {peer}", link.port)
}

fn words_of(ending: &Ending) -> String {
    match ending {
        Ending::Ok(reply) => reply.to_string(),
        Ending::Failed(why) => format!("failed, {why}"),
        Ending::Unknown(why) => format!("unknown, {why}"),
    }
}

/// The state of a node, from its standing and its view: `leader  term=2 commit=1 log=[x=2]`.
pub(super) fn summary<P: Scripted + ?Sized>(node: &P::Node) -> String {
    let Standing { role, epoch, .. } = node.standing();
    let Lexicon { epoch: epoch_name, epoch_sign, cells } = P::LEXICON;
    let width = P::ROLES.iter().map(|role| role.len()).max().unwrap_or(0);
    let mut text = format!("{role:width$} ");
    if !epoch_sign.is_empty() {
        write_pair(&mut text, epoch_name, &epoch.to_string());
    }
    let view = node.view();
    for row in &view.rows {
        write_pair(&mut text, row.name, &row.value);
    }
    if !view.cells.is_empty() {
        let slots: Vec<&str> = view.cells.iter().map(|cell| cell.value.as_str()).collect();
        write_pair(&mut text, &cells.to_lowercase(), &format!("[{}]", slots.join(" ")));
    }
    text.trim_end().to_owned()
}

fn write_pair(text: &mut String, name: &str, value: &str) {
    let written = write!(text, " {}={value}", name.replace(' ', "-"));
    debug_assert!(written.is_ok(), "writing to a string cannot fail");
}

/// What has become of a promise.
pub(super) fn promise(result: &PromiseResult) -> String {
    let word = result.status().word();
    match &result.broken {
        Some(broken) => format!("{}  {word}: {}\n", result.name, broken.why),
        None if result.exercised == 0 => format!("{}  {word}\n", result.name),
        None => format!("{}  {word}, put to the test {}\n", result.name, times(result.exercised)),
    }
}

fn times(n: u64) -> String {
    match n {
        1 => "once".to_owned(),
        _ => format!("{n} times"),
    }
}
