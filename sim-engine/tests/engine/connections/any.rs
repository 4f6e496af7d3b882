//! Any traffic under any schedule: nothing overtakes, is copied, or arrives on a later link, and no
//! message is lost from the books.

use std::collections::{BTreeMap, BTreeSet};

use sim_engine::faults::{
    Bandwidth, Calm, Corruption, CorruptionMode, Crash, CrashOf, Cut, Loss, Partition, Reordering,
    Restart,
};
use sim_engine::{
    Action, Delay, Direct, Disconnection, Duration, EventId, Fault, FilterAction, LinkView, NodeId,
    Release, Selector, Simulation, Step, Trace, Trigger, What,
};

use super::caller::{self, Act, Do, Line, Over, tell};
use crate::common::{at, step, strike, whom};

const CALLERS: u64 = 3;
const NAMES: [&str; 3] = ["n0", "n1", "n2"];

/// A number of a fixed sequence, less than `n`.
fn next(state: &mut u64, n: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % n
}

fn any_node(state: &mut u64) -> (u16, &'static str) {
    let n = next(state, CALLERS);
    (u16::try_from(n).unwrap(), NAMES[usize::try_from(n).unwrap()])
}

fn any_link(state: &mut u64) -> Over {
    let port = if next(state, 4) == 0 { Line::Blue } else { Line::Red };
    Over(any_node(state).0, port, next(state, 2) == 0)
}

fn any_acts(state: &mut u64) -> Vec<Act> {
    let act = |state: &mut u64| match next(state, 20) {
        0..=3 => Act::Dial(any_node(state).0, Line::Red),
        4 => Act::Dial(any_node(state).0, Line::Blue),
        5 => Act::Hang(any_link(state)),
        6..=8 => Act::Ask(any_link(state), 1_000),
        9 => Act::SayNow(any_link(state), next(state, 900)),
        10 => Act::Write(1),
        11 => Act::Send(any_node(state).0, 5),
        _ => Act::Say(any_link(state), next(state, 900)),
    };
    (0..=next(state, 5)).map(|_| act(state)).collect()
}

fn any_fault(state: &mut u64) -> Fault<Selector> {
    let some = |state: &mut u64| (next(state, 2) == 0).then(|| vec![whom(any_node(state).1)]);
    let (from, to) = (some(state), some(state));
    let per_million = u32::try_from(next(state, 500_000)).unwrap();
    let one = vec![whom(any_node(state).1)];
    match next(state, 13) {
        0 | 1 => Fault::Partition(Partition { groups: vec![one] }),
        2 => Fault::Cut(Cut { from, to, both: false }),
        3 => Fault::Loss(Loss { from, to, per_million }),
        4 => {
            let by = Delay::Uniform { min: Duration::ZERO, max: Duration::millis(300) };
            Fault::Reorder(Reordering { from, to, per_million, by })
        }
        5 => {
            let mode = CorruptionMode::Checksum;
            Fault::Corrupt(Corruption { from, to, per_million, mode })
        }
        6 => {
            let (bytes_per_second, queue_bytes) = (200 + next(state, 3_000), Some(64));
            Fault::Bandwidth(Bandwidth { from, to, bytes_per_second, queue_bytes })
        }
        7 => Fault::Crash(Crash { nodes: one, of: CrashOf::Machine }),
        8 => Fault::Crash(Crash { nodes: one, of: CrashOf::Process }),
        9 | 10 => Fault::Restart(Restart { nodes: NAMES.map(whom).to_vec() }),
        11 => Fault::Heal,
        _ => Fault::Calm(Calm::Everything),
    }
}

fn any_directive(state: &mut u64) -> Action<Do> {
    let (kind, from, to) = (None, None, None);
    let count = Some(1 + u32::try_from(next(state, 4)).unwrap());
    match next(state, 5) {
        0 => Action::Direct(Direct { action: FilterAction::Hold, kind, from, to, count }),
        1 => Action::Direct(Direct { action: FilterAction::Drop, kind, from, to, count }),
        2 => Action::Direct(Direct { action: FilterAction::Deliver, kind, from, to, count }),
        3 => Action::Release(Release { kind, from, to, count, drop: true }),
        _ => Action::Release(Release { kind, from, to, count: None, drop: false }),
    }
}

fn any_steps(seed: u64) -> Vec<Step<Do>> {
    let mut state = seed;
    let mut steps = Vec::new();
    // Begin with links, so that there is something to break.
    for name in NAMES {
        steps.push(tell(1, name, [Act::Dial(0, Line::Red), Act::Dial(1, Line::Red)]));
    }
    for ms in (20..4_000).step_by(7) {
        match next(&mut state, 30) {
            0 => steps.push(strike(ms, any_fault(&mut state))),
            1 => steps.push(step(Trigger::At(at(ms)), any_directive(&mut state))),
            _ => {
                let acts = any_acts(&mut state);
                steps.push(tell(ms, any_node(&mut state).1, acts));
            }
        }
    }
    steps
}

/// What links did, told from a trace alone. A link from one dial to its end is known by the event
/// of that dial.
#[derive(Default)]
struct Books {
    /// The dial of each link that is up: whose end, with whom, on which port, who dialled.
    up: BTreeMap<(NodeId, NodeId, &'static str, bool), EventId>,
    /// What was transmitted, for each dial, by its dialler or by the other end, in order.
    sent: BTreeMap<(EventId, bool), Vec<EventId>>,
    /// What arrived of it.
    got: BTreeMap<(EventId, bool), Vec<EventId>>,
    /// The end of a link that carried each message, seen from its sender.
    over: BTreeMap<EventId, LinkView>,
    downs: BTreeMap<Disconnection, u64>,
    /// Dials whose end was heard, with who hung up.
    closed: Vec<(EventId, bool)>,
}

impl Books {
    fn of(trace: &Trace) -> Self {
        let mut books = Self::default();
        for event in &trace.events {
            let Some(node) = event.node else { continue };
            let key = |link: &LinkView| (node, link.peer, link.port, link.is_dialled);
            match &event.what {
                What::LinkUp { link } => {
                    let older = books.up.insert(key(link), event.cause.unwrap());
                    assert_eq!(older, None, "one end is up twice: {event:?}");
                }
                What::LinkDown { link, why } => {
                    let was_up = books.up.remove(&key(link));
                    assert_eq!(was_up.is_none(), *why == Disconnection::Refused, "{event:?}");
                    *books.downs.entry(*why).or_default() += 1;
                    if let (Some(dial), Disconnection::Closed) = (was_up, why) {
                        books.closed.push((dial, !link.is_dialled));
                    }
                }
                What::HungUp { link } => {
                    books.up.remove(&key(link));
                }
                What::Dialled { to, port } => {
                    books.up.remove(&(node, *to, port, true));
                }
                What::Crashed { .. } => books.up.retain(|(end, ..), _| *end != node),
                What::Sent { link: Some(link), .. } => {
                    books.over.insert(event.id, *link);
                    if let Some(dial) = books.up.get(&key(link)) {
                        books.sent.entry((*dial, link.is_dialled)).or_default().push(event.id);
                    }
                }
                What::Delivered { message, from } => {
                    let Some(link) = books.over.get(message) else { continue };
                    let end = (node, *from, link.port, !link.is_dialled);
                    let dial = books.up.get(&end).unwrap_or_else(|| {
                        panic!("a message arrived on a link that is not up: {event:?}")
                    });
                    books.got.entry((*dial, link.is_dialled)).or_default().push(*message);
                }
                _ => {}
            }
        }
        books
    }

    /// Everything that arrived over a link was transmitted over it, in this order, from its start.
    fn check(&self) {
        for (dial, got) in &self.got {
            let sent = self.sent.get(dial).map(Vec::as_slice).unwrap_or_default();
            assert!(sent.starts_with(got), "over {dial:?} {got:?} arrived of {sent:?}");
        }
        for dial in &self.closed {
            let (sent, got) = (self.sent.get(dial), self.got.get(dial));
            assert_eq!(sent, got, "{dial:?} was closed, so all of it had arrived");
        }
        let all: Vec<_> = self.got.values().flatten().collect();
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "nothing arrives twice");
    }
}

fn run(seed: u64) -> (sim_engine::Outcome, Trace) {
    let mut spec = caller::spec(3);
    spec.seed = seed;
    spec.link.delay = Delay::LogNormal { median: Duration::millis(3), p99: Duration::millis(60) };
    spec.disk.sync = Delay::Exponential { min: Duration::ZERO, mean: Duration::millis(4) };
    spec.steps = any_steps(seed);
    Simulation::new(spec).run()
}

#[test]
fn nothing_is_reordered_copied_or_lost_from_the_books_under_any_schedule() {
    let mut downs = BTreeMap::new();
    let mut lost = BTreeMap::new();
    let (mut closed_with_bytes, mut got) = (0, 0);
    for seed in 0..150 {
        let (outcome, trace) = run(seed);
        let counts = outcome.messages;
        let found = counts.delivered + counts.dropped + counts.in_flight;
        assert_eq!(counts.sent, found, "seed {seed}: {counts:?}");
        let books = Books::of(&trace);
        books.check();
        for (why, n) in &books.downs {
            *downs.entry(*why).or_insert(0) += n;
        }
        closed_with_bytes += books.closed.iter().filter(|d| books.got.contains_key(d)).count();
        got += books.got.values().map(Vec::len).sum::<usize>();
        for event in &trace.events {
            if let What::Dropped { why, .. } = event.what {
                *lost.entry(why.words()).or_insert(0) += 1;
            }
        }
    }
    // Whatever can become of a link did, and often.
    for why in [
        Disconnection::Refused,
        Disconnection::Closed,
        Disconnection::Reset,
        Disconnection::Superseded,
    ] {
        assert!(downs.get(&why).is_some_and(|n| *n > 50), "{why:?}: {downs:?}");
    }
    for why in ["link hung up", "link reset", "link superseded", "no link", "sender without power"]
    {
        assert!(lost.get(why).is_some_and(|n| *n > 10), "{why}: {lost:?}");
    }
    assert!(closed_with_bytes > 100 && got > 5_000, "{closed_with_bytes} {got}");
}

#[test]
fn one_seed_is_one_run() {
    for seed in 0..10 {
        let ((one, _), (other, _)) = (run(seed), run(seed));
        assert_eq!(one, other);
    }
}
