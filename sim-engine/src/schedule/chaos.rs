//! Random schedules of faults, drawn as a concrete list before the run: each fault is one step that
//! ends by itself, so that a list with some of them left out means the same without them.

use std::collections::BTreeMap;

use super::ChaosKind;
use super::troubles::trouble_of;
use crate::faults::{
    Bandwidth, Corruption, CorruptionMode, Crash, CrashOf, Cut, Delaying, Duplication, Loss,
    Partition, Recover, Reordering,
};
use crate::{
    Action, Cast, Concern, Delay, Dice, Duration, Fault, Instant, NodeId, Selector, Span, Step,
};

/// How many faults a schedule has at most, however short the time between two of them is.
const FAULTS_MAX: u32 = 1_000;
/// One to thirty percent.
const RATE: Rate = Rate { min: 10_000, max: 300_000 };

/// The knobs of a random schedule.
///
/// Of each kind that concerns the whole network at most one fault is on at a time. Faults of nodes
/// overlap as far as `down_max` and the knobs of their kind allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chaos {
    /// When the first fault may begin.
    pub from: Instant,
    /// When the core recovers: nothing is wrong with it from then on.
    pub until: Instant,
    /// The kinds to choose from. Each seed uses a random subset of them, never none.
    pub kinds: Vec<ChaosKind>,
    /// The time between the beginnings of two faults.
    pub every: Span,
    /// How long a fault lasts.
    pub lasts: Span,
    /// How many nodes may be down at once.
    pub down_max: u16,
    /// What is otherwise for some kinds.
    pub knobs: BTreeMap<ChaosKind, Knobs>,
    /// Whose faults end, beside those of clients; everybody's if absent. Faults that are on at the
    /// end stay on outside of it.
    pub core: Option<Vec<Selector>>,
    /// Within what time promises of progress must be kept after the end, if they must.
    pub within: Option<Duration>,
}

/// The knobs of one kind; what is absent is as usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Knobs {
    /// How long such a fault lasts.
    pub lasts: Option<Span>,
    /// At what rate it strikes, for kinds that have one.
    pub rate: Option<Rate>,
    /// How many nodes may have it at once, for kinds that strike a node. One if absent, but for
    /// crashes as many as may be down.
    pub at_once: Option<u16>,
}

/// A range of rates in a million, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// The lowest.
    pub min: u32,
    /// The highest.
    pub max: u32,
}

/// What is being drawn.
struct Draft {
    dice: Dice,
    /// When, for how long, what.
    steps: Vec<(Instant, Option<Duration>, Fault<Selector>)>,
    servers: Vec<NodeId>,
    /// Until when each node is down.
    down_until: Vec<Instant>,
    /// Until when a node has a fault of a kind; node 0 stands for the whole network.
    busy_until: BTreeMap<(ChaosKind, NodeId), Instant>,
}

/// From when to when a fault is on.
type Times = (Instant, Instant);

impl Chaos {
    /// Draws the schedule of one seed for this cast.
    pub fn draw<R, A>(&self, seed: u64, cast: &Cast<R>) -> Vec<Step<A>> {
        let mut draft = Draft {
            dice: Dice::new(seed, Concern::Chaos, 0),
            steps: Vec::new(),
            servers: cast.iter().filter(|(_, seat)| !seat.is_client).map(|(id, _)| id).collect(),
            down_until: vec![Instant::ZERO; cast.len()],
            busy_until: BTreeMap::new(),
        };
        let kinds = self.subset(&mut draft.dice);
        let mut at = self.from + draw(self.every, &mut draft.dice);
        for _ in 0..FAULTS_MAX {
            if at >= self.until || kinds.is_empty() {
                break;
            }
            let lasts = draw(self.lasts, &mut draft.dice);
            let free: Vec<ChaosKind> =
                kinds.iter().copied().filter(|kind| draft.is_free(*kind, at)).collect();
            if !free.is_empty() {
                let kind = free[pick(&mut draft.dice, free.len())];
                let own = self.knobs(kind).lasts.map(|span| draw(span, &mut draft.dice));
                let end = (at + own.unwrap_or(lasts)).min(self.until);
                self.draw_one(kind, (at, end), cast, &mut draft);
            }
            at = at + draw(self.every, &mut draft.dice);
        }
        draft.steps.sort_by_key(|(at, ..)| *at);
        let nodes = self.core.clone().unwrap_or_else(|| vec![Selector::Everybody]);
        let recover = Fault::Recover(Recover { nodes, within: self.within });
        draft.steps.push((self.until, None, recover));
        draft.steps.into_iter().map(|(at, lasts, fault)| step(at, lasts, fault)).collect()
    }

    fn knobs(&self, kind: ChaosKind) -> Knobs {
        self.knobs.get(&kind).cloned().unwrap_or_default()
    }

    /// Each kind with a chance of one half; if none, one of them.
    fn subset(&self, dice: &mut Dice) -> Vec<ChaosKind> {
        let mut kinds = self.kinds.clone();
        kinds.retain(|_| dice.chance(500_000));
        if kinds.is_empty() && !self.kinds.is_empty() {
            kinds.push(self.kinds[pick(dice, self.kinds.len())]);
        }
        kinds
    }

    fn draw_one<R>(&self, kind: ChaosKind, times: Times, cast: &Cast<R>, draft: &mut Draft) {
        if kind.strikes_a_node() {
            return self.draw_on_a_node(kind, times, draft);
        }
        let dice = &mut draft.dice;
        let knobs = self.knobs(kind);
        let mut per_million = || draw_rate(knobs.rate.unwrap_or(RATE), dice);
        let fault = match kind {
            ChaosKind::Partition => {
                let (left, right) =
                    cast.ids().map(Selector::Seat).partition::<Vec<_>, _>(|_| dice.chance(500_000));
                Some(Fault::Partition(Partition { groups: vec![left, right] }))
            }
            ChaosKind::Delay => draw_delay(&draft.servers, dice),
            ChaosKind::Loss => {
                Some(Fault::Loss(Loss { from: None, to: None, per_million: per_million() }))
            }
            ChaosKind::Duplicate => {
                let per_million = per_million();
                Some(Fault::Duplicate(Duplication { from: None, to: None, per_million }))
            }
            ChaosKind::Cut => draw_cut(&draft.servers, dice),
            ChaosKind::Reorder => {
                let per_million = per_million();
                let by = one_to(dice.between(10, 100));
                Some(Fault::Reorder(Reordering { from: None, to: None, per_million, by }))
            }
            ChaosKind::Corrupt => {
                let (per_million, mode) = (per_million(), CorruptionMode::Checksum);
                Some(Fault::Corrupt(Corruption { from: None, to: None, per_million, mode }))
            }
            ChaosKind::Bandwidth => {
                let bytes_per_second = 1_000 * dice.between(10, 1_000);
                let queue_bytes = Some(4_000);
                let (from, to) = (None, None);
                Some(Fault::Bandwidth(Bandwidth { from, to, bytes_per_second, queue_bytes }))
            }
            ChaosKind::Crash
            | ChaosKind::KillProcess
            | ChaosKind::SlowDisk
            | ChaosKind::FailSync
            | ChaosKind::FullDisk
            | ChaosKind::LyingDisk
            | ChaosKind::TornWrite
            | ChaosKind::CorruptRead
            | ChaosKind::Pause
            | ChaosKind::SlowCpu
            | ChaosKind::ClockOffset
            | ChaosKind::ClockStep
            | ChaosKind::ClockDrift
            | ChaosKind::CrashInStep => None,
        };
        if let Some(fault) = fault {
            draft.busy_until.insert((kind, NETWORK), times.1);
            self.add(times, fault, draft);
        }
    }

    /// A fault of a random node that does not have it, unless too many have.
    fn draw_on_a_node(&self, kind: ChaosKind, times: Times, draft: &mut Draft) {
        let at = times.0;
        let is_down = |draft: &Draft, id: NodeId| draft.down_until[id.index()] >= at;
        let has_it = |draft: &Draft, id: NodeId| {
            draft.busy_until.get(&(kind, id)).is_some_and(|until| *until >= at)
        };
        let (bad, good): (Vec<NodeId>, Vec<NodeId>) = draft
            .servers
            .iter()
            .partition(|id| has_it(draft, **id) || kind.takes_down() && is_down(draft, **id));
        let usual = if kind.takes_down() { self.down_max } else { 1 };
        let most = self.knobs(kind).at_once.unwrap_or(usual);
        let have_it = bad.iter().filter(|id| has_it(draft, **id)).count();
        let too_many_down = kind.takes_down() && bad.len() >= usize::from(self.down_max);
        if good.is_empty() || have_it >= usize::from(most) || too_many_down {
            return;
        }
        let node = good[pick(&mut draft.dice, good.len())];
        draft.busy_until.insert((kind, node), times.1);
        if kind.takes_down() {
            draft.down_until[node.index()] = times.1;
        }
        if let Some(fault) = trouble_of(kind, node, &mut draft.dice) {
            // A read that is damaged is the one after the crash has ended.
            let lasts = if kind == ChaosKind::CorruptRead { None } else { self.length(times) };
            draft.steps.push((at, lasts, fault));
        }
        if kind.takes_down() && kind != ChaosKind::CrashInStep {
            let of =
                if kind == ChaosKind::KillProcess { CrashOf::Process } else { CrashOf::Machine };
            let nodes = vec![Selector::Seat(node)];
            self.add(times, Fault::Crash(Crash { nodes, of }), draft);
        }
    }

    fn add(&self, times: Times, fault: Fault<Selector>, draft: &mut Draft) {
        draft.steps.push((times.0, self.length(times), fault));
    }

    /// How long a fault lasts. Outside the core, what is on at the end stays on.
    fn length(&self, (at, end): Times) -> Option<Duration> {
        (self.core.is_none() || end < self.until).then(|| end.since(at))
    }
}

/// Stands for the whole network where a node is asked for.
const NETWORK: NodeId = NodeId::new(0);

impl Draft {
    /// True if a fault of this kind may begin. Those of nodes are looked at node by node.
    fn is_free(&self, kind: ChaosKind, at: Instant) -> bool {
        kind.strikes_a_node()
            || self.busy_until.get(&(kind, NETWORK)).is_none_or(|until| *until <= at)
    }
}

/// A delay of what one node sends, if there is a node.
fn draw_delay(nodes: &[NodeId], dice: &mut Dice) -> Option<Fault<Selector>> {
    if nodes.is_empty() {
        return None;
    }
    let whom = Selector::Seat(nodes[pick(dice, nodes.len())]);
    let delay = one_to(dice.between(10, 100));
    Some(Fault::Delay(Delaying { from: Some(vec![whom]), to: None, delay }))
}

/// A cut of all that one node says, or of all it would hear, if there is a node.
fn draw_cut(nodes: &[NodeId], dice: &mut Dice) -> Option<Fault<Selector>> {
    if nodes.is_empty() {
        return None;
    }
    let whom = Some(vec![Selector::Seat(nodes[pick(dice, nodes.len())])]);
    let (from, to) = if dice.chance(500_000) { (whom, None) } else { (None, whom) };
    Some(Fault::Cut(Cut { from, to, both: false }))
}

/// One to so many milliseconds.
pub(super) fn one_to(ms: u64) -> Delay {
    Delay::Uniform { min: Duration::millis(1), max: Duration::millis(ms) }
}

fn draw(span: Span, dice: &mut Dice) -> Duration {
    Duration::nanos(dice.between(span.min.as_nanos(), span.max.as_nanos()))
}

fn pick(dice: &mut Dice, n: usize) -> usize {
    let n = u64::try_from(n).unwrap_or(u64::MAX);
    usize::try_from(dice.below(n)).unwrap_or(0)
}

fn draw_rate(rate: Rate, dice: &mut Dice) -> u32 {
    u32::try_from(dice.between(u64::from(rate.min), u64::from(rate.max))).unwrap_or(rate.max)
}

fn step<A>(at: Instant, lasts: Option<Duration>, fault: Fault<Selector>) -> Step<A> {
    // Another fault may have done it already: a crash of a node that has halted.
    Step { lasts, may_miss: true, ..Step::at(at, Action::Fault(fault)) }
}
