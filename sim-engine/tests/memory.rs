//! Steady traffic allocates nothing, and no table grows with the square of the nodes: a counting
//! allocator watches.
#![expect(unsafe_code, reason = "a global allocator cannot be written without it")]
#![expect(clippy::disallowed_types, reason = "each thread counts for itself, without a lock")]

#[path = "common/mod.rs"]
#[expect(dead_code, reason = "shared with the tests of the engine; this one needs little of it")]
mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use common::{Act, Alarm, Puppet, spec, tell};
use sim_engine::{Delay, Duration, Instant, Link, Recording, Simulation, Spec};

/// The system's allocator, which counts what it hands out.
struct Counting;

thread_local! {
    /// What this thread asked for: the test harness has threads of its own.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
    static BYTES: Cell<usize> = const { Cell::new(0) };
}

fn note(bytes: usize) {
    ALLOCATIONS.set(ALLOCATIONS.get() + 1);
    BYTES.set(BYTES.get() + bytes);
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(layout.size());
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(size);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.realloc(memory, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Ten balls fly between four nodes for as long as the run lasts, while an alarm is set again and
/// again.
fn game(length: Duration) -> Spec<Puppet> {
    let mut spec = spec(4, 0);
    spec.until = Instant::ZERO + length;
    spec.recording = Recording::Nothing;
    spec.link = Link::clean(Delay::Uniform { min: Duration::millis(1), max: Duration::millis(9) });
    let serve = vec![Act::Serve(1, u64::MAX); 5];
    let alarm = vec![Act::Set(Alarm::A, 1), Act::Set(Alarm::For(1), 1)];
    spec.steps = vec![tell(1, "n0", serve.clone()), tell(1, "n2", serve), tell(2, "n3", alarm)];
    spec
}

/// How many events a game has, and how often it asks for memory.
fn count(length: Duration) -> (u64, u64) {
    let before = ALLOCATIONS.get();
    let (outcome, _) = Simulation::new(game(length)).run();
    (outcome.events, ALLOCATIONS.get() - before)
}

#[test]
fn steady_traffic_allocates_nothing() {
    let (short_events, short) = count(Duration::secs(1));
    let (long_events, long) = count(Duration::secs(20));
    assert!(long_events > 10 * short_events, "{long_events} and {short_events} events");
    assert_eq!(long, short, "{} events more cost memory", long_events - short_events);
    assert!(short < 1_000, "{short} allocations for a game of four");
}

/// How many bytes a run of so many nodes asks for, in which every node sends to some.
fn bytes(nodes: u16) -> usize {
    let before = BYTES.get();
    let mut spec = spec(nodes, 0);
    spec.recording = Recording::Nothing;
    let serve: Vec<Act> = (1..5).map(|place| Act::Serve(place, 3)).collect();
    spec.steps = vec![tell(1, "everybody", serve)];
    let (outcome, _) = Simulation::new(spec).run();
    assert!(outcome.messages.delivered > u64::from(nodes), "{outcome:?}");
    BYTES.get() - before
}

#[test]
fn memory_grows_with_the_nodes_and_not_with_their_square() {
    let (few, many) = (bytes(250), bytes(1_000));
    assert!(many < 6 * few, "{few} bytes for 250 nodes, {many} for 1,000");
}
