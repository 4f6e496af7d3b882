//! Random schedules of faults, drawn as a concrete list before the run: printable, and shrinkable
//! later.

use crate::faults::{Crash, CrashOf, Delaying, Duplication, Loss, Partition, Restart};
use crate::{
    Action, Cast, Concern, Delay, Dice, Duration, Fault, Instant, NodeId, Selector, Span, Step,
    Trigger,
};

/// How many faults a schedule has at most, however short the time between two of them is.
const FAULTS_MAX: u32 = 1_000;

/// The knobs of a random schedule.
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
}

impl ChaosKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Partition, Self::Crash, Self::Delay, Self::Loss, Self::Duplicate];

    /// The name in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Partition => "partition",
            Self::Crash => "crash",
            Self::Delay => "delay",
            Self::Loss => "loss",
            Self::Duplicate => "duplicate",
        }
    }
}

/// What is being drawn.
struct Draft {
    dice: Dice,
    steps: Vec<(Instant, Fault<Selector>)>,
    /// Until when each node is down.
    down_until: Vec<Instant>,
}

impl Chaos {
    /// Draws the schedule of one seed for this cast.
    pub fn draw<R, A>(&self, seed: u64, cast: &Cast<R>) -> Vec<Step<A>> {
        let mut draft = Draft {
            dice: Dice::new(seed, Concern::Chaos, 0),
            steps: Vec::new(),
            down_until: vec![Instant::ZERO; cast.len()],
        };
        let kinds = self.subset(&mut draft.dice);
        let mut at = self.from + draw(self.every, &mut draft.dice);
        for _ in 0..FAULTS_MAX {
            if at >= self.until || kinds.is_empty() {
                break;
            }
            let end = (at + draw(self.lasts, &mut draft.dice)).min(self.until);
            let kind = kinds[pick(&mut draft.dice, kinds.len())];
            self.draw_one(kind, (at, end), cast, &mut draft);
            at = at + draw(self.every, &mut draft.dice);
        }
        draft.steps.sort_by_key(|(at, _)| *at);
        draft.steps.extend([(self.until, Fault::Heal), (self.until, Fault::Calm)]);
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
                Some((Fault::Loss(Loss { from: None, to: None, per_million }), Fault::Calm))
            }
            ChaosKind::Duplicate => {
                let per_million = rate(dice);
                let fault = Duplication { from: None, to: None, per_million };
                Some((Fault::Duplicate(fault), Fault::Calm))
            }
        };
        if let Some((begin, finish)) = begin_and_end {
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

/// A delay of what one node sends, if there is a node.
fn draw_delay(nodes: &[NodeId], dice: &mut Dice) -> Option<(Fault<Selector>, Fault<Selector>)> {
    if nodes.is_empty() {
        return None;
    }
    let whom = Selector::Seat(nodes[pick(dice, nodes.len())]);
    let (min, scale) = (Duration::millis(1), dice.between(10, 100));
    let delay = Delay::Uniform { min, max: min.times(scale) };
    let fault = Delaying { from: Some(vec![whom]), to: None, delay };
    Some((Fault::Delay(fault), Fault::Calm))
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
    Step {
        trigger: Trigger::At(at),
        after: Duration::ZERO,
        bind: Vec::new(),
        action: Action::Fault(fault),
        say: None,
        // The end of one fault may come when another has already ended it.
        may_miss: true,
    }
}
