//! From a failure to a small one: whatever can be left out of a run is left out, as long as the
//! same promise breaks.
//!
//! Delta debugging: large parts are tried first, then halves of them, then single elements. The end
//! is 1-minimal: without any one step, operation or seat the promise does not break. Between, what
//! is left is made plainer: rounder times, shorter faults, fixed delays. Candidates are tried on
//! all cores, and the first that breaks counts, so that the end does not depend on their number.

mod plain;
mod seats;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value, json};
use sim_engine::{Broken, Duration};

use crate::failure::{Failure, Shrunk};
use crate::problem::Problem;
use crate::sweep::Crew;

/// How often what is left is made plainer and then tried for smaller again.
const ROUNDS_MAX: u32 = 6;

/// A failure on its way to be small.
#[derive(Debug)]
struct Shrinker<'c> {
    crew: &'c Crew,
    best: Failure,
    broken: Broken,
    runs: u64,
}

/// A small failure, and how many runs it took to find it.
#[derive(Debug)]
pub(crate) struct Small {
    pub(crate) failure: Failure,
    pub(crate) runs: u64,
}

/// Makes a failure as small as it gets.
pub(crate) fn shrink(failure: &Failure, crew: &Crew) -> Result<Small, Problem> {
    let before = failure.shrunk.map_or_else(|| failure.size(), |shrunk| shrunk.before);
    let Some(broken) = failure.breach()? else {
        return Err(Problem::new(format!("`{}` does not break in this run", failure.promise)));
    };
    let mut shrinker = Shrinker { crew, best: failure.clone(), broken, runs: 1 };
    shrinker.leave_out_all()?;
    for _ in 0..ROUNDS_MAX {
        let last = shrinker.best.run.clone();
        shrinker.make_plain()?;
        if shrinker.best.run == last {
            break;
        }
        shrinker.leave_out_all()?;
    }
    let Shrinker { best, broken, runs, .. } = shrinker;
    let shrunk = Some(Shrunk { before, after: best.size() });
    Ok(Small { failure: Failure { shrunk, ..best.seen(&broken) }, runs })
}

/// Every run that lacks `size` neighbouring entries of a list.
fn parts_left_out(run: &Value, list: &str, size: usize) -> Vec<Value> {
    let entries = run[list].as_array().map_or(&[][..], Vec::as_slice);
    let without = |from: usize| {
        let left = entries[..from].iter().chain(entries.iter().skip(from + size));
        let mut run = run.clone();
        run[list] = left.cloned().collect();
        run
    };
    (0..entries.len()).step_by(size.max(1)).map(without).collect()
}

impl Shrinker<'_> {
    /// Takes the first candidate in which the promise breaks. Says which one it was.
    fn try_each(&mut self, candidates: &[Value]) -> Result<Option<usize>, Problem> {
        let n = u64::try_from(candidates.len()).unwrap_or(u64::MAX);
        let best = &self.best;
        let test = |n: u64| {
            let run = candidates.get(usize::try_from(n).ok()?)?;
            let broken = breach(&Failure { run: run.clone(), ..best.clone() })?;
            Some((run.clone(), broken))
        };
        let done = self.crew.each(0..n, None, &|| Ok(()), &|(), n| {
            let found = test(n);
            let is_found = found.is_some();
            (found, is_found)
        })?;
        let tried = done.results.len();
        self.runs += u64::try_from(tried).unwrap_or(u64::MAX);
        let Some((run, broken)) = done.results.into_iter().last().flatten() else {
            return Ok(None);
        };
        (self.best.run, self.broken) = (run, broken);
        Ok(Some(tried - 1))
    }

    /// Leaves out whatever can be left out, until no single element can.
    fn leave_out_all(&mut self) -> Result<(), Problem> {
        loop {
            let last = self.best.run.clone();
            self.end_with_violation()?;
            self.leave_out_of("steps")?;
            self.leave_out_of("operations")?;
            while self.try_each(&seats::each_left_out(&self.best.run))?.is_some() {}
            if self.best.run == last {
                return Ok(());
            }
        }
    }

    /// Leaves out large parts of a list, then smaller ones.
    fn leave_out_of(&mut self, list: &str) -> Result<(), Problem> {
        let length = |shrinker: &Self| shrinker.best.run[list].as_array().map_or(0, Vec::len);
        let mut size = length(self);
        while size > 0 {
            let mut from = 0;
            // What stands before the part that was left out has just been tried.
            loop {
                let candidates = parts_left_out(&self.best.run, list, size);
                let rest = candidates.get(from..).unwrap_or_default();
                match self.try_each(rest)? {
                    Some(place) => from += place,
                    None => break,
                }
            }
            size /= 2;
        }
        Ok(())
    }

    /// Nothing after the violation matters.
    fn end_with_violation(&mut self) -> Result<(), Problem> {
        let millis = self.broken.at.nanos().div_ceil(1_000_000);
        let end = Duration::millis(millis);
        if plain::length(&self.best.run["duration"]).is_none_or(|length| length <= end) {
            return Ok(());
        }
        let mut run = self.best.run.clone();
        for list in ["steps", "operations"] {
            let is_before = |entry: &&Value| plain::length(&entry["at"]).is_none_or(|at| at <= end);
            let entries = run[list].as_array().into_iter().flatten();
            let before: Value = entries.filter(is_before).cloned().collect();
            run[list] = before;
        }
        run["duration"] = json!(end);
        self.try_each(&[run]).map(|_| ())
    }

    /// Makes what is left plainer, one thing after the other.
    fn make_plain(&mut self) -> Result<(), Problem> {
        for place in 0..plain::places(&self.best.run).len() {
            // Whatever was taken moved nothing: places stay where they are.
            let Some(path) = plain::places(&self.best.run).get(place).cloned() else { break };
            let candidates = plain::plainer(&self.best.run, &path);
            self.try_each(&candidates)?;
        }
        while self.try_each(&plain::joined(&self.best.run))?.is_some() {}
        Ok(())
    }
}

/// How the promise of a failure breaks, if it does. A run that makes no sense breaks nothing.
fn breach(failure: &Failure) -> Option<Broken> {
    catch_unwind(AssertUnwindSafe(|| failure.breach().ok().flatten())).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scenario, prepare};

    /// Every run that lacks one element of this one.
    fn without_one(run: &Value) -> Vec<Value> {
        let lists = ["steps", "operations"];
        let parts = lists.into_iter().flat_map(|list| parts_left_out(run, list, 1));
        parts.chain(seats::each_left_out(run)).collect()
    }

    /// A seed of random faults that breaks a promise of a planted bug.
    fn found(mutant: &str, promise: &str) -> Failure {
        let sets = ["chaos.down_max=3", r#"chaos.every={"min":"50ms","max":"300ms"}"#];
        let scenario = Scenario::load("raft-chaos").unwrap().with_sets(&sets).unwrap();
        let prepared = prepare(&scenario, "raft", Some(mutant)).unwrap();
        let seed = |seed| Failure::of(&scenario, &prepared, seed, promise, String::new()).ok();
        (0..200).find_map(seed).expect("some seed breaks it")
    }

    #[test]
    fn what_is_left_is_small_and_nothing_can_be_left_out_of_it() {
        for (mutant, promise) in
            [("no-log-check", "leader-completeness"), ("vote-not-durable", "vote-uniqueness")]
        {
            let failure = found(mutant, promise);
            let small = shrink(&failure, &Crew::new(Some(2)).unwrap()).unwrap().failure;
            let text = small.text();
            let size = small.size();
            assert!(size.steps <= 5 && size.steps < failure.size().steps, "{text}");
            assert!(size.operations < failure.size().operations, "{text}");
            assert!(small.breach().unwrap().is_some());
            for run in without_one(&small.run) {
                let smaller = Failure { run, ..small.clone() };
                assert!(breach(&smaller).is_none(), "{}\n{text}", smaller.text());
            }
            let again = Failure::parse("again.json", &text).unwrap();
            assert_eq!(again.breach().unwrap().map(|broken| broken.why), Some(small.why));
        }
    }

    #[test]
    fn the_end_does_not_depend_on_the_number_of_threads() {
        let failure = found("vote-not-durable", "vote-uniqueness");
        let small =
            |jobs| shrink(&failure, &Crew::new(Some(jobs)).unwrap()).unwrap().failure.text();
        assert_eq!(small(1), small(3));
    }

    #[test]
    fn what_does_not_break_cannot_be_shrunk() {
        let mut failure = found("no-log-check", "leader-completeness");
        failure.run["steps"] = json!([]);
        let problem = shrink(&failure, &Crew::new(Some(1)).unwrap()).unwrap_err();
        assert_eq!(problem.what, "`leader-completeness` does not break in this run");
    }
}
