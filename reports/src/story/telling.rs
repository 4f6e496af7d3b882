//! What could be told of a run, each with how much it matters.

use std::collections::BTreeSet;

use sim_engine::{Death, Ending, EventId, FaultView, Instant, NodeId, TraceEvent, What};

use crate::fault_words;
use crate::scene::{Op, Scene};
use crate::words;

/// Something that could be told.
#[derive(Clone, Debug)]
pub(super) struct Telling {
    pub(super) at: Instant,
    pub(super) event: EventId,
    pub(super) node: Option<NodeId>,
    pub(super) sentence: String,
    pub(super) sign: Option<&'static str>,
    pub(super) score: i32,
    /// Tellings of one sort wear out by `wear` each.
    pub(super) sort: &'static str,
    pub(super) wear: i32,
    /// True if it tells two things already.
    pub(super) is_merged: bool,
}

/// Everything that could be told, in the order of the run. The words of the scenario count until
/// `trusted`.
pub(super) fn all(scene: &Scene<'_>, trusted: Instant) -> Vec<Telling> {
    let mut teller = Teller { scene, trusted, told: BTreeSet::new(), tellings: Vec::new() };
    for event in scene.events() {
        teller.hear(event);
    }
    for op in &scene.ops {
        teller.operation(op);
    }
    teller.tellings.sort_by_key(|telling| (telling.at, telling.event));
    teller.tellings
}

struct Teller<'s, 'a> {
    scene: &'s Scene<'a>,
    /// From this moment on the scenario's own words are not told.
    trusted: Instant,
    /// Steps of the scenario whose own words have told what they caused.
    told: BTreeSet<EventId>,
    tellings: Vec<Telling>,
}

impl<'a> Teller<'_, 'a> {
    fn hear(&mut self, event: &'a TraceEvent) {
        if let What::Step { say: Some(say), .. } = &event.what
            && event.at < self.trusted
        {
            self.step(event, say);
        } else if let What::FaultBegan(view) = &event.what {
            self.fault_began(event, view);
        } else if let What::FaultEnded { fault, .. } = &event.what {
            self.fault_ended(event, fault);
        } else if let What::Crashed { death, writes_lost } = event.what {
            self.crash(event, death, writes_lost);
        } else if let What::DiskFailed { writes_lost } = event.what {
            self.disk_failed(event, writes_lost);
        } else if let What::Started { life } = event.what
            && life > 0
        {
            self.restart(event);
        } else if let What::Fact(fact) = &event.what
            && fact.weight > 0
            && let (Some(caption), Some(node)) = (&fact.caption, event.node)
        {
            let sentence = words::fill(caption, node, &self.scene.trace.cast);
            let score = i32::from(fact.weight) + self.moment_worth(event.at);
            // A second commit is news, a second timeout hardly.
            let wear = if fact.weight >= 70 { 12 } else { 16 };
            self.tell(event, sentence, score, (fact.name, wear));
        } else if let What::Violated { promise, why, .. } = &event.what {
            let sentence = format!("{} is broken: {}", words::capital(promise), full_stop(why));
            self.tell(event, sentence, 100, ("violation", 5));
        }
    }

    /// What happens during a fault matters more, what happens before the first one less.
    fn moment_worth(&self, at: Instant) -> i32 {
        let during = self
            .scene
            .troubles
            .iter()
            .any(|trouble| trouble.from <= at && trouble.to.is_none_or(|to| at <= to));
        match self.scene.first_fault() {
            Some(fault) if at < fault => -25,
            Some(_) if during => 10,
            Some(_) | None => 0,
        }
    }

    fn tell(
        &mut self,
        event: &TraceEvent,
        sentence: String,
        score: i32,
        sort: (&'static str, i32),
    ) {
        self.tellings.push(Telling {
            at: event.at,
            event: event.id,
            node: event.node,
            sentence,
            sign: None,
            score,
            sort: sort.0,
            wear: sort.1,
            is_merged: false,
        });
    }

    fn sign(&mut self, sign: &'static str) {
        if let Some(telling) = self.tellings.last_mut() {
            telling.sign = Some(sign);
        }
    }

    /// The scenario's own words stand for all that the step caused at once.
    fn step(&mut self, step: &TraceEvent, say: &str) {
        self.told.insert(step.id);
        let mut caused = self.scene.events().filter(|event| {
            event.cause == Some(step.id) && event.at == step.at && sign_of(event).is_some()
        });
        let first = caused.next();
        self.tell(step, full_stop(say), 96, ("step", 2));
        let signed = first.and_then(|event| Some((event, sign_of(event)?)));
        let node = self.named_first(say);
        let fact = self.fact_behind(step, node);
        let before =
            self.tellings.iter().rev().find(|told| told.sort == "step" && told.node.is_some());
        let before = before.and_then(|told| told.node);
        let Some(telling) = self.tellings.last_mut() else { return };
        if let Some((first, sign)) = signed {
            telling.node = first.node;
            telling.event = first.id;
            telling.sign = Some(sign);
        } else if let Some(fact) = fact {
            telling.node = fact.node;
            telling.event = fact.id;
            telling.sort = "said";
        } else {
            // Words about nobody belong to whom the words before were about.
            telling.node = node.or(before);
        }
    }

    /// The seat whose name comes first in a sentence.
    fn named_first(&self, say: &str) -> Option<NodeId> {
        let cast = &self.scene.trace.cast;
        say.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_'))
            .find_map(|word| cast.find(word))
    }

    /// The fact that a step of the scenario waited for: the weightiest of its moment.
    fn fact_behind(&self, step: &TraceEvent, node: Option<NodeId>) -> Option<&'a TraceEvent> {
        let facts = self.scene.events().filter(|event| event.at == step.at && event.id < step.id);
        let facts = facts.filter(|event| node.is_none() || event.node == node);
        facts
            .filter_map(|event| {
                let What::Fact(fact) = &event.what else { return None };
                (fact.weight > 0).then_some((fact.weight, event))
            })
            .max_by_key(|(weight, _)| *weight)
            .map(|(_, event)| event)
    }

    fn is_told(&self, event: &TraceEvent) -> bool {
        event.cause.is_some_and(|cause| self.told.contains(&cause))
    }

    fn fault_began(&mut self, event: &TraceEvent, view: &FaultView) {
        if self.is_told(event) {
            return;
        }
        let ended = self.scene.troubles.iter().find(|trouble| trouble.event == event.id);
        let lasted = ended.and_then(|trouble| Some((trouble.to? - trouble.from).as_nanos()));
        let sentence = fault_words::began(view, &self.scene.trace.cast, lasted).sentence();
        let is_network = matches!(view, FaultView::Network { .. });
        self.tell(event, sentence, if is_network { 72 } else { 90 }, ("fault", 6));
        if let Some(sign) = sign_of(event) {
            self.sign(sign);
        }
    }

    fn fault_ended(&mut self, event: &TraceEvent, fault: &FaultView) {
        let is_replaced = self.scene.troubles.iter().any(|trouble| {
            trouble.from == event.at
                && trouble.event > event.id
                && matches!(
                    (trouble.view, fault),
                    (FaultView::Partition { .. }, FaultView::Partition { .. })
                )
        });
        if self.is_told(event) || is_replaced {
            return;
        }
        let sentence = fault_words::ended(fault, &self.scene.trace.cast).sentence();
        let is_network = matches!(fault, FaultView::Network { .. });
        self.tell(event, sentence, if is_network { 60 } else { 88 }, ("fault-end", 6));
        if let Some(sign) = sign_of(event) {
            self.sign(sign);
        }
    }

    fn crash(&mut self, event: &TraceEvent, death: Death, writes_lost: u32) {
        if self.is_told(event) {
            return;
        }
        let Some(node) = event.node else { return };
        let name = words::name(&self.scene.trace.cast, node);
        let led = self
            .scene
            .stands
            .iter()
            .any(|stand| stand.node == node && stand.to == event.at && stand.standing.leads);
        let who = if led { format!("{name}, who led,") } else { name };
        let lost = match writes_lost {
            0 => String::new(),
            n => format!(" and {} not yet on disk", words::count(u64::from(n), "write")),
        };
        let sentence = match death {
            Death::Machine => format!("{who} crashes: its memory{lost} is gone."),
            Death::Process => {
                format!("The process of {who} dies: its memory is gone, what it wrote is not.")
            }
            Death::Halt => format!("{who} exits: its memory is gone, what it wrote is not."),
        };
        self.tell(event, sentence, 90, ("crash", 6));
        self.sign("crash");
    }

    fn disk_failed(&mut self, event: &TraceEvent, writes_lost: u32) {
        let Some(node) = event.node else { return };
        let name = words::name(&self.scene.trace.cast, node);
        let lost = words::count(u64::from(writes_lost), "write");
        let sentence = format!("The disk of {name} fails: {lost} will never be on it.");
        self.tell(event, sentence, 86, ("disk-failed", 6));
    }

    fn restart(&mut self, event: &TraceEvent) {
        if self.is_told(event) {
            return;
        }
        let Some(node) = event.node else { return };
        let name = words::name(&self.scene.trace.cast, node);
        let sentence = format!("{name} restarts from what its disk holds.");
        self.tell(event, sentence, 84, ("restart", 6));
        self.sign("restart");
    }

    fn operation(&mut self, op: &Op<'_>) {
        let name = words::name(&self.scene.trace.cast, op.client);
        let asked = op.operation;
        let (at, event, sentence, score) = match op.end {
            Some((_, _, Ending::Ok(_))) => return,
            Some((at, event, Ending::Failed(_))) => {
                (at, event, format!("{name} is told that {asked} failed. It took no effect."), 68)
            }
            Some((at, event, Ending::Unknown(_))) => {
                let sentence =
                    format!("{name} gives up. It cannot know whether {asked} took effect.");
                (at, event, sentence, 78)
            }
            None => {
                let sentence = format!("{name} never hears what became of {asked}.");
                (self.scene.trace.end, op.invoked, sentence, 45)
            }
        };
        self.tellings.push(Telling {
            at,
            event,
            node: Some(op.client),
            sentence,
            sign: None,
            score,
            sort: "operation",
            wear: 12,
            is_merged: false,
        });
    }
}

/// The word in the picture for the begin or the end of a fault.
fn sign_of(event: &TraceEvent) -> Option<&'static str> {
    if let What::FaultBegan(view) = &event.what {
        return Some(match view {
            FaultView::Partition { .. } | FaultView::Cut { .. } => "split",
            FaultView::Network { .. } | FaultView::Node { .. } => "fault",
        });
    }
    if let What::FaultEnded { fault, .. } = &event.what {
        return Some(match fault {
            FaultView::Partition { .. } | FaultView::Cut { .. } => "heal",
            FaultView::Network { .. } | FaultView::Node { .. } => "calm",
        });
    }
    if matches!(event.what, What::Crashed { .. }) {
        return Some("crash");
    }
    matches!(event.what, What::Started { life } if life > 0).then_some("restart")
}

/// A sentence that ends as sentences do.
fn full_stop(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}
