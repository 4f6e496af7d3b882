//! What is drawn and what is folded away: the messages, operations and timers that matter to the
//! story.

use std::collections::{BTreeMap, BTreeSet};

use sim_engine::{Duration, EventId, How, Instant, NodeId, RoleClass};

use super::bursts;
use super::pick::{self, pick_ops};
use super::preset::Density;
use crate::scene::{Fate, Fired, Scene};
use crate::story::{Story, Window};

/// How many different moments of arrows fit into one picture.
const MOMENTS_MAX: usize = 68;
/// What is worth less than this is not drawn.
pub(super) const SCORE_MIN: i32 = 35;

/// What is drawn of a scene.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chosen {
    /// Messages, by their places in the scene, in the order of sending.
    pub(crate) messages: Vec<usize>,
    /// Operations, by their places.
    pub(crate) ops: Vec<usize>,
    /// Timers that fired, by their places.
    pub(crate) timers: Vec<usize>,
    /// Routine rounds of which only the first is drawn.
    pub(crate) folds: Vec<Fold>,
    /// Messages that stand for several of their kind, sent at once to the same node: how many.
    pub(crate) bursts: BTreeMap<EventId, usize>,
    /// True if messages were left out that a reader might look for.
    pub(crate) has_hidden_rounds: bool,
    /// How many operations are left out.
    pub(crate) hidden_ops: usize,
    /// The first and the last moment of the picture.
    pub(crate) from: Instant,
    pub(crate) to: Instant,
    /// When the last snapshot is taken: after everything that is drawn.
    pub(crate) end_shot: Instant,
}

impl Chosen {
    /// True if a part of a span is in the picture.
    pub(crate) fn shows_span(&self, from: Instant, to: Option<Instant>) -> bool {
        from < self.to && to.is_none_or(|to| to > self.from)
    }

    /// True if a moment is in the picture.
    pub(crate) fn shows(&self, at: Instant) -> bool {
        self.from <= at && at <= self.to
    }
}

/// A routine round that stands for all those after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fold {
    pub(crate) sender: NodeId,
    pub(crate) at: Instant,
    pub(crate) kind: &'static str,
    pub(crate) word: String,
    /// How many rounds, the first included.
    pub(crate) rounds: usize,
    /// The messages of the first round.
    pub(crate) messages: Vec<usize>,
}

/// Messages of one kind that one node sends in one moment.
#[derive(Clone, Debug)]
pub(super) struct Round {
    pub(super) sender: NodeId,
    pub(super) at: Instant,
    pub(super) kind: &'static str,
    pub(super) epoch: Option<u64>,
    pub(super) is_routine: bool,
    pub(super) messages: Vec<usize>,
    pub(super) score: i32,
}

/// Chooses what is drawn.
pub(super) fn choose(scene: &Scene<'_>, story: &Story, density: Density) -> Chosen {
    let window = Window::of(scene);
    let mut chosen =
        Chosen { ops: pick_ops(scene, story, window, density.ops), ..Chosen::default() };
    chosen.hidden_ops = scene.ops.len() - chosen.ops.len();
    chosen.bursts = bursts::find(scene, window);
    let mut rounds = rounds_of(scene, window, &chosen.bursts);
    pick::score(scene, story, &chosen.ops, &mut rounds);
    let folds = fold_routine(scene, &rounds);
    let mut budget = Budget { most: density.arrows, ..Budget::default() };
    if let Some(fold) = folds.first() {
        budget.force(scene, &fold.messages);
    }
    let forced = on_the_chain(scene, window);
    budget.force(scene, &forced);
    let mut order: Vec<&Round> = rounds.iter().filter(|round| round.score >= SCORE_MIN).collect();
    order.sort_by_key(|round| (-round.score, round.at, round.sender));
    for round in order {
        budget.take(scene, &round.messages);
    }
    chosen.has_hidden_rounds = budget.chosen.len() < scene.messages.len();
    chosen.messages = budget.chosen.into_iter().collect();
    chosen.messages.retain(|i| forced.contains(i) || has_box(scene, &chosen.ops, *i));
    chosen.folds = folds;
    chosen.timers = timers_of(scene, story);
    set_window(scene, story, window, &mut chosen);
    chosen
}

/// The messages of the causal chain: none of them is folded away.
fn on_the_chain(scene: &Scene<'_>, window: Window) -> Vec<usize> {
    let ids: BTreeSet<EventId> =
        scene.chain.links.iter().filter_map(|link| scene.message_of(link)).collect();
    let messages = scene.messages.iter().enumerate();
    messages
        .filter(|(_, message)| ids.contains(&message.id) && window.holds(message.sent_at))
        .map(|(i, _)| i)
        .collect()
}

/// True if no client without a box of an operation sends or gets a message: that explains nothing.
fn has_box(scene: &Scene<'_>, ops: &[usize], i: usize) -> bool {
    let (message, mut moments) = (&scene.messages[i], moments_of(scene, i));
    let Some(client) = [message.from, message.to].into_iter().find(|id| scene.is_client(*id))
    else {
        return true;
    };
    moments.any(|at| ops.iter().any(|op| pick::is_open(&scene.ops[*op], client, at)))
}

#[derive(Default)]
struct Budget {
    /// How many arrows fit.
    most: usize,
    arrows: usize,
    moments: BTreeSet<Instant>,
    chosen: BTreeSet<usize>,
}

impl Budget {
    fn force(&mut self, scene: &Scene<'_>, messages: &[usize]) {
        self.arrows += messages.len();
        self.moments.extend(messages.iter().flat_map(|i| moments_of(scene, *i)));
        self.chosen.extend(messages);
    }

    fn take(&mut self, scene: &Scene<'_>, messages: &[usize]) {
        let fresh = messages.iter().filter(|i| !self.chosen.contains(i)).count();
        let mut moments = self.moments.clone();
        moments.extend(messages.iter().flat_map(|i| moments_of(scene, *i)));
        if self.arrows + fresh <= self.most && moments.len() <= MOMENTS_MAX {
            self.arrows += fresh;
            self.moments = moments;
            self.chosen.extend(messages);
        }
    }
}

/// The moments a message takes up on the axis.
pub(super) fn moments_of(scene: &Scene<'_>, i: usize) -> impl Iterator<Item = Instant> + use<> {
    let message = &scene.messages[i];
    let end = match message.fate {
        Fate::Arrived { at, .. } | Fate::Lost { at, .. } => Some(at),
        Fate::Flying => None,
    };
    [Some(message.sent_at), end].into_iter().flatten()
}

fn rounds_of(scene: &Scene<'_>, window: Window, bursts: &BTreeMap<EventId, usize>) -> Vec<Round> {
    let mut rounds: BTreeMap<(Instant, NodeId, &str), Round> = BTreeMap::new();
    let messages = scene.messages.iter().enumerate();
    // Where the picture ends before the run does, an arrow into the dark explains nothing.
    let is_cut = window.to < scene.trace.end;
    let is_shown = |i: usize| moments_of(scene, i).all(|at| window.holds(at) || !is_cut);
    let messages = messages.filter(|(i, message)| {
        window.holds(message.sent_at) && is_shown(*i) && bursts.get(&message.id) != Some(&0)
    });
    for (i, message) in messages {
        let key = (message.sent_at, message.from, message.kind);
        let round = rounds.entry(key).or_insert_with(|| Round {
            sender: message.from,
            at: message.sent_at,
            kind: message.kind,
            epoch: message.epoch,
            is_routine: true,
            messages: Vec::new(),
            score: 0,
        });
        round.is_routine &= message.routine;
        round.messages.push(i);
    }
    rounds.into_values().collect()
}

/// For each sender, kind and epoch of routine rounds: the first, and how many there are in all.
fn fold_routine(scene: &Scene<'_>, rounds: &[Round]) -> Vec<Fold> {
    let mut folds: Vec<(Option<u64>, Fold)> = Vec::new();
    for round in rounds.iter().filter(|round| round.is_routine && round.messages.len() >= 2) {
        let known = folds.iter_mut().find(|(epoch, fold)| {
            *epoch == round.epoch && fold.sender == round.sender && fold.kind == round.kind
        });
        let arrived =
            round.messages.iter().all(|i| matches!(scene.messages[*i].fate, Fate::Arrived { .. }));
        if let Some((_, fold)) = known {
            fold.rounds += 1;
        } else if arrived {
            let label = scene.messages[round.messages[0]].label;
            let word = if label.is_empty() { round.kind } else { label };
            let fold = Fold {
                sender: round.sender,
                at: round.at,
                kind: round.kind,
                word: word.to_owned(),
                rounds: 1,
                messages: round.messages.clone(),
            };
            folds.push((round.epoch, fold));
        }
    }
    folds.into_iter().map(|(_, fold)| fold).filter(|fold| fold.rounds >= 2).collect()
}

/// Timers whose firing led to something that is told, first ones first.
fn timers_of(scene: &Scene<'_>, story: &Story) -> Vec<usize> {
    const TIMERS_MAX: usize = 3;
    let causes = |most: usize| -> BTreeSet<EventId> {
        let steps = story.steps.iter();
        let causes =
            steps.flat_map(|step| pick::causes_of(scene, step.event).into_iter().take(most));
        causes.map(|(id, _)| id).collect()
    };
    let (told, on_the_way) = (causes(1), causes(usize::MAX));
    let clocks = clocks_of(scene);
    let fired = scene.fired.iter().enumerate().filter(|(i, _)| !clocks.contains(i));
    // A timer that a scenario lets fire at once has no length to show.
    let has_length = |fired: &Fired| fired.waited >= Duration::millis(1);
    let on_chain = |fired: &Fired| {
        scene.chain.links.iter().any(|link| link.how == How::Timer && link.to == fired.event)
    };
    let is_shown = |fired: &Fired, causes: &BTreeSet<EventId>| {
        has_length(fired) && causes.contains(&fired.event) && !scene.is_client(fired.node)
    };
    let mut shown: Vec<usize> = fired
        .clone()
        .filter(|(_, fired)| has_length(fired) && on_chain(fired))
        .map(|(i, _)| i)
        .collect();
    // What a told event came of straight away first, then who stood up for it in the end.
    let stood = |fired: &Fired| {
        scene.stands.iter().any(|stand| stand.node == fired.node && stand.from == fired.at)
    };
    for (causes, straight) in [(&told, true), (&on_the_way, false)] {
        let more = fired.clone().filter(|(i, fired)| {
            is_shown(fired, causes) && !shown.contains(i) && (straight || stood(fired))
        });
        let more = more.map(|(i, _)| i).take(TIMERS_MAX.saturating_sub(shown.len()));
        let more: Vec<usize> = more.collect();
        shown.extend(more);
    }
    shown.sort_unstable();
    shown
}

/// Timers that are set again when they fire, for the same length, again and again: the ticks of a
/// clock, none of which decides anything.
fn clocks_of(scene: &Scene<'_>) -> BTreeSet<usize> {
    const TICKS_MIN: usize = 4;
    let mut by_timer: BTreeMap<(NodeId, &str), Vec<usize>> = BTreeMap::new();
    for (i, fired) in scene.fired.iter().enumerate() {
        by_timer.entry((fired.node, fired.timer)).or_default().push(i);
    }
    let follows = |a: &usize, b: &usize| {
        let (a, b) = (&scene.fired[*a], &scene.fired[*b]);
        a.waited == b.waited && b.at - a.at == b.waited
    };
    let mut clocks = BTreeSet::new();
    for all in by_timer.into_values() {
        let runs = all.chunk_by(follows).filter(|run| run.len() >= TICKS_MIN);
        clocks.extend(runs.flatten());
    }
    clocks
}

/// From the start to shortly after the last thing that is drawn.
fn set_window(scene: &Scene<'_>, story: &Story, window: Window, chosen: &mut Chosen) {
    let start = window.from;
    let mut last = start;
    last = chosen.messages.iter().flat_map(|i| moments_of(scene, *i)).fold(last, Instant::max);
    last = story.steps.iter().map(|step| step.at).fold(last, Instant::max);
    for op in chosen.ops.iter().map(|i| &scene.ops[*i]) {
        last = last.max(op.end.map_or(op.from, |(at, ..)| at));
    }
    let ends = scene.troubles.iter().flat_map(|t| [Some(t.from), t.to]);
    let ends = ends.chain(scene.downs.iter().flat_map(|down| [Some(down.from), down.to]));
    last = ends.flatten().filter(|at| window.holds(*at)).fold(last, Instant::max);
    let decided = scene.stands.iter().filter(|s| s.standing.class == RoleClass::Decided);
    last = decided.map(|s| s.from).filter(|at| window.holds(*at)).fold(last, Instant::max);
    last = last.min(window.to.max(start));
    // A little air, but not more than a tenth of what is shown.
    let air = (last - start).as_nanos() / 40;
    let end = window.to.max(last);
    chosen.from = start;
    chosen.to = end.min(last + Duration::nanos(air.clamp(2_000_000, 25_000_000)));
    if chosen.to <= chosen.from {
        chosen.to = chosen.from + Duration::millis(1);
    }
    chosen.end_shot = last.max(start) + Duration::nanos((chosen.to - last).as_nanos() / 3);
}
