//! The engine's speed for people: `cargo bench -p sim-engine`. Every case is a whole run; the
//! counter says how many messages it delivers.

#[path = "../examples/players/mod.rs"]
mod players;

use divan::Bencher;
use divan::counter::ItemsCount;
use players::{broadcast, calmed, heartbeat, idle, pingpong};
use sim_engine::{Outcome, Recording};

fn main() {
    divan::main();
}

const DIGEST_ONLY: (u64, Recording) = (1, Recording::Nothing);

fn measure(bencher: Bencher<'_, '_>, run: impl Fn() -> Outcome + Sync) {
    let delivered = run().messages.delivered;
    bencher.counter(ItemsCount::new(delivered)).bench(run);
}

#[divan::bench]
fn ping_pong(bencher: Bencher<'_, '_>) {
    measure(bencher, || pingpong(100_000, DIGEST_ONLY));
}

#[divan::bench]
fn heartbeats_of_five(bencher: Bencher<'_, '_>) {
    measure(bencher, || heartbeat(600, DIGEST_ONLY));
}

#[divan::bench]
fn heartbeats_in_a_ring_trace(bencher: Bencher<'_, '_>) {
    measure(bencher, || heartbeat(600, (1, Recording::Ring(10_000))));
}

#[divan::bench]
fn heartbeats_after_faults(bencher: Bencher<'_, '_>) {
    measure(bencher, || calmed(600, DIGEST_ONLY));
}

#[divan::bench]
fn an_idle_hour_of_a_thousand(bencher: Bencher<'_, '_>) {
    bencher.bench(|| idle(1_000, DIGEST_ONLY));
}

#[divan::bench(args = [10, 100, 1_000])]
fn rumours(bencher: Bencher<'_, '_>, nodes: u16) {
    let seconds = 2_000 / u64::from(nodes);
    measure(bencher, || broadcast(nodes, seconds, DIGEST_ONLY));
}

#[divan::bench]
fn a_short_run(bencher: Bencher<'_, '_>) {
    measure(bencher, || heartbeat(10, DIGEST_ONLY));
}
