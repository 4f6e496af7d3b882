//! Whether promises are asked about every step that matters to them.

use std::fmt::Debug;

use sim_engine::{
    End, Look, Node, Outcome, Promise, PromiseResult, Reads, Recovery, Simulation, Spec, Violation,
};

/// A promise that is asked about every step, whatever it says that it reads.
#[derive(Debug)]
struct WideAwake<N: Node>(Box<dyn Promise<N>>);

impl<N: Node> Promise<N> for WideAwake<N> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn look(&mut self, look: &Look<'_, N>) -> Result<(), Violation> {
        self.0.look(look)
    }

    fn reads(&self, config: &N::Config) -> Reads {
        let is_asked = self.0.reads(config) != Reads::NOTHING;
        if is_asked { Reads::STEPS } else { Reads::NOTHING }
    }

    fn recovery(&mut self, recovery: &Recovery<'_, N>) -> Result<(), Violation> {
        self.0.recovery(recovery)
    }

    fn at_end(&mut self, end: &End<'_, N>) -> Result<(), Violation> {
        self.0.at_end(end)
    }

    fn exercised(&self) -> u64 {
        self.0.exercised()
    }
}

/// Runs this twice, the second time with promises that are asked about every step: they must find
/// the same.
pub(crate) fn no_promise_sleeps<N: Node>(spec: impl Fn() -> Spec<N>, context: impl Debug) {
    let as_they_are = spec();
    let mut wide_awake = spec();
    let wake = |promise| -> Box<dyn Promise<N>> { Box::new(WideAwake(promise)) };
    wide_awake.promises = wide_awake.promises.into_iter().map(wake).collect();
    let [as_they_are, wide_awake] =
        [as_they_are, wide_awake].map(|spec| found(Simulation::new(spec).run().0));
    assert_eq!(as_they_are, wide_awake, "{context:?}");
}

/// What became of each promise. What is in memory only may be seen some steps later, when others
/// can see it: neither when it was found counts, nor how much of it was seen by then.
fn found(outcome: Outcome) -> Vec<(&'static str, Option<u64>, Option<String>)> {
    let result = |it: PromiseResult| {
        let exercised = it.broken.is_none().then_some(it.exercised);
        (it.name, exercised, it.broken.map(|broken| broken.why))
    };
    outcome.promises.into_iter().map(result).collect()
}
