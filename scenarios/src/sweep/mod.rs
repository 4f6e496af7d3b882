//! Many seeds of one system: on all cores, and the same whatever their number.
//!
//! Seeds are handed out one by one, in order, from a counter that all threads share; each thread
//! types the scenario once. What seeds come to is added up in the order of seeds, block by block.
//! A block is a fixed range of seeds, wherever a sweep begins or ends, so that finished blocks can
//! be kept and a sweep that was killed goes on where it was.

mod blocks;
mod crew;
mod seed;
mod tally;
mod vary;
mod verdict;

use std::time::Duration;

use reports::sweep::{SweepSummary, append};

pub(crate) use blocks::Kept;
pub(crate) use crew::{Clock, Crew};
pub(crate) use seed::{SeedResult, panics_are_results, run_seed};
pub(crate) use vary::variations;
pub(crate) use verdict::{Extent, judge_sweep};

use crate::problem::Problem;
use crate::{Prepared, Scenario, prepare};

/// How many seeds a block has. Blocks begin at multiples of it.
const BLOCK: u64 = 1_024;

/// What is to be swept.
#[derive(Clone, Debug)]
pub(crate) struct Sweep<'s> {
    pub(crate) scenario: &'s Scenario,
    pub(crate) system: &'s str,
    pub(crate) mutant: Option<&'s str>,
    /// What was changed, as it is typed.
    pub(crate) changes: Vec<String>,
    /// What to type to run one seed, without `--seed`.
    pub(crate) command: String,
    pub(crate) from: u64,
    pub(crate) to: u64,
    /// True to stop at the lowest seed that fails.
    pub(crate) fails_fast: bool,
    /// When to stop, whatever is left.
    pub(crate) deadline: Option<Clock>,
}

impl Sweep<'_> {
    /// Types the scenario for one thread.
    pub(crate) fn prepare(&self) -> Result<Prepared, Problem> {
        prepare(self.scenario, self.system, self.mutant)
    }

    /// Runs every seed, and calls `tell` with the number of those that are done. Nothing is judged.
    pub(crate) fn run(
        &self,
        crew: &Crew,
        kept: &Kept,
        tell: &(dyn Fn(u64) + Sync),
    ) -> Result<SweepSummary, Problem> {
        let prepared = self.prepare()?;
        let began = Clock::now();
        let mut whole = tally::empty(self, &prepared);
        let mut cpu = Duration::ZERO;
        let mut next = self.from;
        while next < self.to {
            let end = self.to.min((next / BLOCK).saturating_add(1).saturating_mul(BLOCK));
            // Where the first failure ends it, a block is known only if nothing failed in it.
            let known = kept.find(&whole, next, end);
            let known = known.filter(|known| !(self.fails_fast && verdict::has_failed(known)));
            let block = if let Some(known) = known {
                tell(end - next);
                known
            } else {
                let done =
                    crew.each(next..end, self.deadline, &|| self.prepare(), &|prepared, seed| {
                        let result = run_seed(prepared, seed);
                        tell(1);
                        let is_last = self.fails_fast && result.fails(&whole.expect);
                        (result, is_last)
                    })?;
                cpu += done.cpu;
                let mut block = tally::of_seeds(self, &prepared, &done.results);
                (block.seeds.from, block.seeds.to) = (next, end);
                kept.keep(&block)?;
                block
            };
            append(&mut whole, &block);
            if block.seeds.run < end - next || (self.fails_fast && verdict::has_failed(&whole)) {
                break;
            }
            next = end;
        }
        (whole.seeds.from, whole.seeds.to) = (self.from, self.to);
        whole.timing = crew.timing(began.elapsed(), cpu, whole.seeds.run);
        Ok(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::SCENARIO;

    #[test]
    fn a_panic_is_the_result_of_its_seed_and_not_the_end_of_all() {
        panics_are_results();
        let scenario = Scenario::parse("f.json", SCENARIO).unwrap();
        let sweep = Sweep {
            scenario: &scenario,
            system: "one",
            mutant: Some("blunder"),
            changes: Vec::new(),
            command: "run it".to_owned(),
            from: 0,
            to: 40,
            fails_fast: false,
            deadline: None,
        };
        let run = |jobs| {
            let crew = Crew::new(Some(jobs)).unwrap();
            let mut summary = sweep.run(&crew, &Kept::default(), &|_| ()).unwrap();
            judge_sweep(&mut summary, Extent::Whole);
            summary.timing = reports::sweep::Timing::default();
            summary
        };
        let summary = run(1);
        let panicked = summary.panicked.clone().unwrap();
        assert!((1..40).contains(&panicked.seeds), "{panicked:?}");
        assert!(panicked.message.contains("a blunder"), "{panicked:?}");
        assert!(panicked.message.contains("fake.rs"), "{panicked:?}");
        assert_eq!(panicked.command, format!("run it --seed {}", panicked.first_seed));
        assert_eq!((summary.expectation.as_str(), summary.seeds.run), ("not-met", 40));
        assert_eq!(run(4), summary);
        let first = Sweep { fails_fast: true, ..sweep.clone() };
        let cut = first.run(&Crew::new(Some(2)).unwrap(), &Kept::default(), &|_| ()).unwrap();
        assert_eq!(cut.seeds.run, panicked.first_seed + 1);
    }
}
