//! The steps of a scenario as they are taken: triggers, selectors, directives.

use std::collections::BTreeMap;

use super::Simulation;
use super::lasting::Lasting;
use super::queue::Kind;
use super::spec::PlannedOperation;
use super::step::code;
use super::strike::Strikes;
use crate::{
    Action, Condition, Direct, EventId, Fault, Filter, Happening, Node, NodeId, Payload, Release,
    Selector, Step, Timer, Trigger, What, Window,
};

/// How far the schedule has come.
#[derive(Clone, Debug)]
pub(super) struct Plan<A> {
    steps: Vec<Step<A>>,
    taken: Vec<bool>,
    idle: Vec<u32>,
    /// Steps that wait for something to happen, with how often it must still happen.
    watching: Vec<(u32, u32)>,
    bound: BTreeMap<String, NodeId>,
    pub(super) strikes: Strikes,
    pub(super) lasting: Lasting,
    /// The time in which progress is due, if the faults have ended.
    pub(super) recovery: Option<Window>,
}

impl<A> Plan<A> {
    pub(super) fn new(steps: Vec<Step<A>>) -> Self {
        Self {
            taken: vec![false; steps.len()],
            idle: Vec::new(),
            watching: Vec::new(),
            bound: BTreeMap::new(),
            strikes: Strikes::default(),
            lasting: Lasting::default(),
            recovery: None,
            steps,
        }
    }

    /// How many steps there are: greater numbers stand for the ends of what steps began.
    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    /// True if any step waits for something to happen.
    #[inline]
    pub(super) fn is_watching(&self) -> bool {
        !self.watching.is_empty()
    }

    /// Steps that were never taken, and steps that changed nothing and should have.
    pub(super) fn missed_and_idle(&self) -> (Vec<u32>, Vec<u32>) {
        let missed = (0_u32..).zip(&self.taken).filter(|(_, taken)| !**taken).map(|(n, _)| n);
        (missed.collect(), self.idle.clone())
    }
}

impl<N: Node> Simulation<N> {
    /// Queues the steps that name a time, and arms the first one if it does not.
    pub(super) fn arm_first_steps(&mut self) {
        for (place, step) in (0_u32..).zip(&self.plan.steps) {
            if let Trigger::At(at) = step.trigger {
                self.queue.push(at + step.after, Kind::Step, place);
            }
        }
        self.arm(0);
    }

    /// Arms a step that follows on the one before it.
    fn arm(&mut self, place: u32) {
        let Some(step) = self.plan.steps.get(usize::try_from(place).unwrap_or(usize::MAX)) else {
            return;
        };
        match &step.trigger {
            Trigger::At(_) => {}
            Trigger::Previous => self.queue.push(self.now + step.after, Kind::Step, place),
            Trigger::When(_) => {
                self.watch(place);
                self.notice_standing_role(place);
            }
        }
    }

    /// A step waits for what it names.
    pub(super) fn watch(&mut self, place: u32) {
        if let Some(condition) = self.condition(place) {
            let count = condition.count.max(1);
            self.plan.watching.push((place, count));
        }
    }

    /// A step that waits for a role may find it already taken: each who stands in it counts once.
    fn notice_standing_role(&mut self, place: u32) {
        let Some(Condition { what: Happening::Role(role), node, .. }) = self.condition(place)
        else {
            return;
        };
        let stands = |id: &NodeId| {
            self.places[id.index()].standing().is_some_and(|standing| standing.role == role)
                && self.fits(node.as_ref(), *id)
        };
        for _ in 0..self.cast.ids().filter(stands).count() {
            self.happened(place);
        }
    }

    fn condition(&self, place: u32) -> Option<&Condition> {
        match &self.plan.steps[usize::try_from(place).ok()?].trigger {
            Trigger::When(condition) => Some(condition),
            Trigger::At(_) | Trigger::Previous => None,
        }
    }

    /// A fact was announced.
    #[inline]
    pub(super) fn notice_fact(&mut self, id: NodeId, name: &str) {
        if self.plan.is_watching() {
            self.notice(id, |what, _| matches!(what, Happening::Fact(wanted) if wanted == name));
        }
    }

    /// A node came to stand in a role.
    pub(super) fn notice_role(&mut self, id: NodeId, role: &str) {
        if self.plan.is_watching() {
            self.notice(id, |what, _| matches!(what, Happening::Role(wanted) if wanted == role));
        }
    }

    /// A message was delivered.
    pub(super) fn notice_delivery(&mut self, from: NodeId, to: NodeId, kind: &str) {
        self.notice(to, |what, simulation| match what {
            Happening::Delivered { kind: wanted, from: sender } => {
                wanted == kind && simulation.fits(sender.as_ref(), from)
            }
            Happening::Fact(_) | Happening::Role(_) => false,
        });
    }

    fn notice(&mut self, id: NodeId, fits: impl Fn(&Happening, &Self) -> bool) {
        let waiting: Vec<u32> = self.plan.watching.iter().map(|(place, _)| *place).collect();
        for place in waiting {
            let hit = self
                .condition(place)
                .is_some_and(|c| fits(&c.what, self) && self.fits(c.node.as_ref(), id));
            if hit {
                self.happened(place);
            }
        }
    }

    /// What a step waits for has happened once.
    fn happened(&mut self, place: u32) {
        let Some(index) = self.plan.watching.iter().position(|(waiting, _)| *waiting == place)
        else {
            return;
        };
        self.plan.watching[index].1 -= 1;
        if self.plan.watching[index].1 == 0 {
            self.plan.watching.remove(index);
            let after = self.plan.steps[usize::try_from(place).unwrap_or(0)].after;
            self.queue.push(self.now + after, Kind::Step, place);
        }
    }

    fn fits(&self, selector: Option<&Selector>, id: NodeId) -> bool {
        selector.is_none_or(|selector| self.find(selector, &[]).contains(&id))
    }

    /// Takes a step.
    pub(super) fn take_step(&mut self, place: u32) {
        let index = usize::try_from(place).unwrap_or(0);
        let step = self.plan.steps[index].clone();
        let event = self.next_id();
        self.count(NodeId::new(0), code::STEP);
        self.digest.word(u64::from(place));
        let is_first = !std::mem::replace(&mut self.plan.taken[index], true);
        let nobody_is_bound = self.bind(&step.bind);
        let say = step.say.clone().filter(|_| is_first);
        self.record(event, None, None, |simulation| What::Step {
            step: place,
            say: say.map(|say| simulation.with_names(&say)),
            did: step.action.kind().to_owned(),
            meant: simulation.meant(&step.action),
        });
        let changed = self.act(&step.action, event);
        if (changed == 0 || nobody_is_bound) && !step.may_miss && !self.plan.idle.contains(&place) {
            self.plan.idle.push(place);
        }
        if matches!(step.action, Action::Fault(_) | Action::Direct(_) | Action::Release(_)) {
            self.trouble_in_recovery();
        }
        if let Some(length) = step.lasts {
            self.end_later(event, length);
        }
        self.view_all(event);
        if !self.take_again(place, &step) {
            self.arm(place + 1);
        }
    }

    /// Gives names to whoever the selectors mean now. True if one of them means nobody: its name
    /// then means nobody, either, and not whoever had it before.
    fn bind(&mut self, bind: &[(String, Selector)]) -> bool {
        let mut is_idle = false;
        for (name, selector) in bind {
            if let Some(id) = self.find(selector, &[]).first() {
                self.plan.bound.insert(name.clone(), *id);
            } else {
                self.plan.bound.remove(name);
                is_idle = true;
            }
        }
        is_idle
    }

    /// A caption with `{name}` replaced by whoever has that bound name.
    fn with_names(&self, say: &str) -> String {
        self.plan.bound.iter().fold(say.to_owned(), |text, (name, id)| {
            text.replace(&format!("{{{name}}}"), self.cast.name(*id))
        })
    }

    /// Does what a step asks. Says how many things it changed.
    fn act(&mut self, action: &Action<N::Admin>, event: EventId) -> u64 {
        match action {
            Action::Fault(fault) => self.act_fault(fault, event),
            Action::Client { client, operation } => {
                let clients = self.find(client, &[]);
                for client in &clients {
                    let operation = *operation;
                    self.plan_operation(PlannedOperation {
                        at: self.now,
                        client: *client,
                        operation,
                    });
                }
                length(&clients)
            }
            Action::Admin { nodes, command } => {
                let nodes = self.living(nodes);
                for node in &nodes {
                    self.administer(*node, command.clone(), event);
                }
                length(&nodes)
            }
            Action::Direct(direct) => self.direct(direct),
            Action::Release(release) => self.release_held(release),
            Action::Fire { nodes, timer } => {
                let nodes = self.living(nodes);
                if let Some(timer) = N::Timer::named(timer) {
                    for node in &nodes {
                        self.timers.cancel(*node, timer);
                        self.fire(*node, timer, self.now, Some(event));
                    }
                }
                length(&nodes)
            }
            Action::Start { nodes } => {
                let nodes = self.find(nodes, &[]);
                let late = nodes.iter().filter(|id| !self.places[id.index()].has_begun);
                let late: Vec<NodeId> = late.copied().collect();
                for node in &late {
                    self.boot(*node, Some(event));
                }
                length(&late)
            }
            Action::Look => 1,
        }
    }

    fn act_fault(&mut self, fault: &Fault<Selector>, event: EventId) -> u64 {
        let mut named = Vec::new();
        let mut names_nobody = false;
        let found = fault.resolve(|selector| {
            let ids = self.find(selector, &named);
            // `rest` may be empty: then every seat has a place already.
            names_nobody |= ids.is_empty() && *selector != Selector::Rest;
            named.extend(&ids);
            Ok::<_, std::convert::Infallible>(ids)
        });
        let Ok(fault) = found;
        let acts_later = fault.view().is_some() || fault.waits_in_a_node();
        // Faults of the network act when a message meets them, those of disks when a sync does;
        // the counts tell at the end. One that names nobody is reported, though the others it
        // names part all the same.
        let counts_now = acts_later && !names_nobody;
        self.strike(fault, event) + u64::from(counts_now)
    }

    fn direct(&mut self, direct: &Direct) -> u64 {
        let filter = Filter {
            action: direct.action,
            kind: direct.kind.clone(),
            from: direct.from.as_ref().map(|seats| self.find(seats, &[])),
            to: direct.to.as_ref().map(|seats| self.find(seats, &[])),
            left: direct.count,
        };
        // The newest directive comes first: it may make an exception from an older one.
        self.network.filters.insert(0, filter);
        self.network.look_again();
        1
    }

    fn release_held(&mut self, release: &Release) -> u64 {
        let from = release.from.as_ref().map(|seats| self.find(seats, &[]));
        let to = release.to.as_ref().map(|seats| self.find(seats, &[]));
        let fits = |_, envelope: super::mail::Envelope<&N::Message>| {
            release.kind.as_ref().is_none_or(|kind| kind == envelope.message.kind())
                && from.as_ref().is_none_or(|seats| seats.contains(&envelope.from))
                && to.as_ref().is_none_or(|seats| seats.contains(&envelope.to))
        };
        let mut n = 0;
        while release.count.is_none_or(|count| n < u64::from(count))
            && let Some(index) = self.mail.find_held(fits)
        {
            self.mail.unhold(index);
            n += 1;
            self.let_go(index, release.drop);
        }
        // Whatever is sent from now on is no longer held either.
        if release.count.is_none() {
            let (kind, from, to) = (release.kind.as_deref(), from.as_deref(), to.as_deref());
            n += self.network.end_holds(kind, from, to);
        }
        n
    }

    /// Living nodes a selector means.
    fn living(&self, selector: &Selector) -> Vec<NodeId> {
        let mut nodes = self.find(selector, &[]);
        nodes.retain(|id| self.places[id.index()].is_up());
        nodes
    }

    /// Whom a selector means now, in the order of ids. `named` are those the step has named
    /// already.
    pub(super) fn find(&self, selector: &Selector, named: &[NodeId]) -> Vec<NodeId> {
        match selector {
            Selector::Seat(id) => vec![*id],
            Selector::Leader => self.leader().into_iter().collect(),
            Selector::AFollower => {
                let is_up = |id: &NodeId| self.places[id.index()].is_up();
                self.followers().filter(|id| !named.contains(id)).find(is_up).into_iter().collect()
            }
            Selector::Followers => self.followers().collect(),
            Selector::Rest => self.cast.ids().filter(|id| !named.contains(id)).collect(),
            Selector::Everybody => self.cast.ids().collect(),
            Selector::Side(whom) => match self.find(whom, named).first() {
                Some(id) => {
                    let side = self.network.side_of(*id, self.cast.ids()).into_iter();
                    side.filter(|other| !self.network.parts_rooms(*id, *other)).collect()
                }
                None => Vec::new(),
            },
            Selector::Named(name) => self.find_named(name),
        }
    }

    fn find_named(&self, name: &str) -> Vec<NodeId> {
        if let Some(id) = self.plan.bound.get(name) {
            return vec![*id];
        }
        let rooms = self.network.rooms.as_ref();
        self.cast.named(name, rooms.map(|rooms| &rooms.topology))
    }

    fn leader(&self) -> Option<NodeId> {
        let leading = self.cast.ids().filter_map(|id| {
            let standing = self.places[id.index()].standing()?;
            standing.leads.then_some((standing.epoch, std::cmp::Reverse(id)))
        });
        leading.max().map(|(_, std::cmp::Reverse(id))| id)
    }

    /// Everybody who is no client and does not lead, whether up or down.
    fn followers(&self) -> impl Iterator<Item = NodeId> {
        let leader = self.leader();
        self.cast
            .iter()
            .filter(move |(id, seat)| !seat.is_client && Some(*id) != leader)
            .map(|(id, _)| id)
    }
}

fn length<T>(list: &[T]) -> u64 {
    u64::try_from(list.len()).unwrap_or(u64::MAX)
}
