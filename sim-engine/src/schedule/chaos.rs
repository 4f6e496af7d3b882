//! Random schedules of faults, drawn as a concrete list before the run: printable, and shrinkable
//! later.

use std::collections::BTreeMap;

use crate::faults::{
    Bandwidth, Calm, Corruption, CorruptionMode, Crash, CrashOf, Cut, Delaying, Duplication, Loss,
    Mend, Partition, Reordering, Restart,
};
use crate::{
    Action, Cast, Concern, Delay, Dice, Duration, Fault, Instant, NodeId, Selector, Span, Step,
};

/// How many faults a schedule has at most, however short the time between two of them is.
const FAULTS_MAX: u32 = 1_000;

/// The knobs of a random schedule.
///
/// Of partitions, delays, loss and copies at most one each is on at a time: the end of one is never
/// the end of another. Crashes overlap as far as `down_max` allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chaos {
    /// When the first fault may begin.
    pub from: Instant,
    /// When every fault has ended: the network heals, links are calm, crashed nodes restart.
    pub until: Instant,
    /// The kinds to choose from. Each seed uses a random subset of them, never none.
    pub kinds: Vec<ChaosKind>,
    /// The time between the beginnings of two faults.
    pub every: Span,
    /// How long a fault lasts.
    pub lasts: Span,
    /// How many nodes may be down at once.
    pub down_max: u16,
}

/// A kind of fault that chaos can draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChaosKind {
    /// The network splits into two random groups, clients included.
    Partition,
    /// A random node crashes and restarts.
    Crash,
    /// Messages of a random node travel ten to a hundred times longer.
    Delay,
    /// One to thirty percent of all messages are lost.
    Loss,
    /// One to thirty percent of all messages arrive twice.
    Duplicate,
    /// A random node is not heard, or does not hear.
    Cut,
    /// One to thirty percent of all messages are held back, so that later ones overtake them.
    Reorder,
    /// One to thirty percent of all messages are damaged, and dropped for that.
    Corrupt,
    /// Every link carries ten to a thousand kilobytes a second, and four kilobytes may wait.
    Bandwidth,
}

impl ChaosKind {
    /// The kinds that need nothing of a protocol but patience. This list never changes: what a seed
    /// draws depends on it.
    pub const USUAL: [Self; 5] =
        [Self::Partition, Self::Crash, Self::Delay, Self::Loss, Self::Duplicate];

    /// Every kind; new ones come last.
    pub const ALL: [Self; 9] = [
        Self::Partition,
        Self::Crash,
        Self::Delay,
        Self::Loss,
        Self::Duplicate,
        Self::Cut,
        Self::Reorder,
        Self::Corrupt,
        Self::Bandwidth,
    ];

    /// The name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Partition => "partition",
            Self::Crash => "crash",
            Self::Delay => "delay",
            Self::Loss => "loss",
            Self::Duplicate => "duplicate",
            Self::Cut => "cut",
            Self::Reorder => "reorder",
            Self::Corrupt => "corrupt",
            Self::Bandwidth => "bandwidth",
        }
    }
}

/// What is being drawn.
struct Draft {
    dice: Dice,
    steps: Vec<(Instant, Fault<Selector>)>,
    /// Until when each node is down.
    down_until: Vec<Instant>,
    /// Until when a fault of each kind that concerns the whole network is on.
    busy_until: BTreeMap<ChaosKind, Instant>,
}

impl Chaos {
    /// Draws the schedule of one seed for this cast.
    pub fn draw<R, A>(&self, seed: u64, cast: &Cast<R>) -> Vec<Step<A>> {
        let mut draft = Draft {
            dice: Dice::new(seed, Concern::Chaos, 0),
            steps: Vec::new(),
            down_until: vec![Instant::ZERO; cast.len()],
            busy_until: BTreeMap::new(),
        };
        let kinds = self.subset(&mut draft.dice);
        let mut at = self.from + draw(self.every, &mut draft.dice);
        for _ in 0..FAULTS_MAX {
            if at >= self.until || kinds.is_empty() {
                break;
            }
            let end = (at + draw(self.lasts, &mut draft.dice)).min(self.until);
            let free: Vec<ChaosKind> =
                kinds.iter().copied().filter(|kind| draft.is_free(*kind, at)).collect();
            if !free.is_empty() {
                let kind = free[pick(&mut draft.dice, free.len())];
                self.draw_one(kind, (at, end), cast, &mut draft);
            }
            at = at + draw(self.every, &mut draft.dice);
        }
        draft.steps.sort_by_key(|(at, _)| *at);
        let calm = Fault::Calm(Calm::Everything);
        draft.steps.extend([(self.until, Fault::Heal), (self.until, calm)]);
        draft.steps.into_iter().map(|(at, fault)| step(at, fault)).collect()
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

    fn draw_one<R>(
        &self,
        kind: ChaosKind,
        (at, end): (Instant, Instant),
        cast: &Cast<R>,
        draft: &mut Draft,
    ) {
        let dice = &mut draft.dice;
        let begin_and_end = match kind {
            ChaosKind::Partition => {
                let (left, right) =
                    cast.ids().map(Selector::Seat).partition::<Vec<_>, _>(|_| dice.chance(500_000));
                Some((Fault::Partition(Partition { groups: vec![left, right] }), Fault::Heal))
            }
            ChaosKind::Crash => self.draw_crash((at, end), cast, draft),
            ChaosKind::Delay => draw_delay(&servers(cast), dice),
            ChaosKind::Loss => {
                let per_million = rate(dice);
                let fault = Loss { from: None, to: None, per_million };
                Some((Fault::Loss(fault), Fault::Calm(Calm::Loss)))
            }
            ChaosKind::Duplicate => {
                let per_million = rate(dice);
                let fault = Duplication { from: None, to: None, per_million };
                Some((Fault::Duplicate(fault), Fault::Calm(Calm::Duplication)))
            }
            ChaosKind::Cut => draw_cut(&servers(cast), dice),
            ChaosKind::Reorder => Some((draw_reordering(dice), Fault::Calm(Calm::Reordering))),
            ChaosKind::Corrupt => {
                let (per_million, mode) = (rate(dice), CorruptionMode::Checksum);
                let fault = Corruption { from: None, to: None, per_million, mode };
                Some((Fault::Corrupt(fault), Fault::Calm(Calm::Corruption)))
            }
            ChaosKind::Bandwidth => {
                let bytes_per_second = 1_000 * dice.between(10, 1_000);
                let queue_bytes = Some(4_000);
                let fault = Bandwidth { from: None, to: None, bytes_per_second, queue_bytes };
                Some((Fault::Bandwidth(fault), Fault::Calm(Calm::Bandwidth)))
            }
        };
        if let Some((begin, finish)) = begin_and_end {
            draft.busy_until.insert(kind, end);
            draft.steps.push((at, begin));
            draft.steps.push((end, finish));
        }
    }

    /// A crash of a node that is up, unless too many are down.
    fn draw_crash<R>(
        &self,
        (at, end): (Instant, Instant),
        cast: &Cast<R>,
        draft: &mut Draft,
    ) -> Option<(Fault<Selector>, Fault<Selector>)> {
        let (up, down): (Vec<NodeId>, Vec<NodeId>) =
            servers(cast).into_iter().partition(|id| draft.down_until[id.index()] < at);
        if up.is_empty() || down.len() >= usize::from(self.down_max) {
            return None;
        }
        let node = up[pick(&mut draft.dice, up.len())];
        draft.down_until[node.index()] = end;
        let nodes = vec![Selector::Seat(node)];
        let crash = Crash { nodes: nodes.clone(), of: CrashOf::Machine };
        Some((Fault::Crash(crash), Fault::Restart(Restart { nodes })))
    }
}

impl Draft {
    /// True if a fault of this kind may begin: its end would otherwise be the end of another, too.
    fn is_free(&self, kind: ChaosKind, at: Instant) -> bool {
        kind == ChaosKind::Crash || self.busy_until.get(&kind).is_none_or(|until| *until <= at)
    }
}

/// A delay of what one node sends, if there is a node.
fn draw_delay(nodes: &[NodeId], dice: &mut Dice) -> Option<(Fault<Selector>, Fault<Selector>)> {
    if nodes.is_empty() {
        return None;
    }
    let whom = Selector::Seat(nodes[pick(dice, nodes.len())]);
    let (min, scale) = (Duration::millis(1), dice.between(10, 100));
    let delay = Delay::Uniform { min, max: min.times(scale) };
    let fault = Delaying { from: Some(vec![whom]), to: None, delay };
    Some((Fault::Delay(fault), Fault::Calm(Calm::Delay)))
}

/// A cut of all that one node says, or of all it would hear, if there is a node.
fn draw_cut(nodes: &[NodeId], dice: &mut Dice) -> Option<(Fault<Selector>, Fault<Selector>)> {
    if nodes.is_empty() {
        return None;
    }
    let whom = Some(vec![Selector::Seat(nodes[pick(dice, nodes.len())])]);
    let (from, to) = if dice.chance(500_000) { (whom, None) } else { (None, whom) };
    let cut = Cut { from: from.clone(), to: to.clone(), both: false };
    Some((Fault::Cut(cut), Fault::Mend(Mend { from, to, both: false })))
}

/// Some messages held back for one to ten or to a hundred milliseconds.
fn draw_reordering(dice: &mut Dice) -> Fault<Selector> {
    let per_million = rate(dice);
    let min = Duration::millis(1);
    let by = Delay::Uniform { min, max: min.times(dice.between(10, 100)) };
    Fault::Reorder(Reordering { from: None, to: None, per_million, by })
}

fn servers<R>(cast: &Cast<R>) -> Vec<NodeId> {
    cast.iter().filter(|(_, seat)| !seat.is_client).map(|(id, _)| id).collect()
}

fn draw(span: Span, dice: &mut Dice) -> Duration {
    Duration::nanos(dice.between(span.min.as_nanos(), span.max.as_nanos()))
}

fn pick(dice: &mut Dice, n: usize) -> usize {
    let n = u64::try_from(n).unwrap_or(u64::MAX);
    usize::try_from(dice.below(n)).unwrap_or(0)
}

/// One to thirty percent.
fn rate(dice: &mut Dice) -> u32 {
    u32::try_from(dice.between(10_000, 300_000)).unwrap_or(300_000)
}

fn step<A>(at: Instant, fault: Fault<Selector>) -> Step<A> {
    // The end of one fault may come when another has already ended it.
    Step { may_miss: true, ..Step::at(at, Action::Fault(fault)) }
}
