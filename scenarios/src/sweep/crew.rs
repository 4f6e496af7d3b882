//! The threads of many runs: numbers are handed out in order, and what they come to is in order.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};
use reports::sweep::{Seconds, Timing};

use crate::problem::Problem;

/// The wall clock. Runs know nothing of it: it only tells how long they took, and when to stop.
#[expect(clippy::disallowed_types, reason = "budgets and speeds are about real time")]
pub(crate) type Clock = std::time::Instant;

/// Threads that work on numbers.
#[derive(Debug)]
pub(crate) struct Crew {
    pool: ThreadPool,
    jobs: u64,
}

/// What the numbers came to.
#[derive(Debug)]
pub(crate) struct Done<R> {
    /// One each, in order, without gaps from the first number on.
    pub(crate) results: Vec<R>,
    /// The processor time of all threads.
    pub(crate) cpu: Duration,
}

/// What one number came to, and whether no higher one counts.
pub(crate) type Step<R> = (R, bool);

impl Crew {
    /// This many threads; as many as there are processors if not said.
    pub(crate) fn new(jobs: Option<u16>) -> Result<Self, Problem> {
        let jobs = jobs.map_or(0, usize::from);
        let pool = ThreadPoolBuilder::new().num_threads(jobs).build();
        let pool = pool.map_err(|error| Problem::new(format!("no threads: {error}")))?;
        let jobs = u64::try_from(pool.current_num_threads()).unwrap_or(u64::MAX);
        Ok(Self { pool, jobs })
    }

    /// Does `work` for each number, with something of its own that every thread makes for itself.
    ///
    /// Stops behind the lowest number that says so, which does not depend on the number of threads,
    /// and when the time has come, which does.
    pub(crate) fn each<P, R: Send>(
        &self,
        numbers: Range<u64>,
        deadline: Option<Clock>,
        prepare: &(dyn Fn() -> Result<P, Problem> + Sync),
        work: &(dyn Fn(&P, u64) -> Step<R> + Sync),
    ) -> Result<Done<R>, Problem> {
        let count = numbers.end.saturating_sub(numbers.start);
        let (next, last) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
        let one_thread = || {
            let before = cpu_time();
            let prepared = prepare()?;
            let mut done = Vec::new();
            while deadline.is_none_or(|deadline| Clock::now() < deadline) {
                // Every number that is taken is done, so no gaps are left.
                let offset = next.fetch_add(1, Ordering::Relaxed);
                if offset >= count || offset > last.load(Ordering::Relaxed) {
                    break;
                }
                let (result, is_last) = work(&prepared, numbers.start + offset);
                if is_last {
                    last.fetch_min(offset, Ordering::Relaxed);
                }
                done.push((offset, result));
            }
            Ok((done, cpu_time().saturating_sub(before)))
        };
        let threads: Vec<Result<_, Problem>> = self.pool.broadcast(|_| one_thread());
        let (mut all, mut cpu) = (Vec::new(), Duration::ZERO);
        for thread in threads {
            let (done, spent) = thread?;
            all.extend(done);
            cpu += spent;
        }
        all.sort_unstable_by_key(|(offset, _)| *offset);
        let last = last.into_inner();
        let counted = all.into_iter().filter(|(offset, _)| *offset <= last);
        Ok(Done { results: counted.map(|(_, result)| result).collect(), cpu })
    }

    /// How long so many seeds took.
    pub(crate) fn timing(&self, wall: Duration, cpu: Duration, seeds: u64) -> Timing {
        let rate = u128::from(seeds) * 1_000_000_000 / wall.as_nanos().max(1);
        Timing {
            wall_s: Seconds(wall),
            cpu_s: Seconds(cpu),
            seeds_per_second: u64::try_from(rate).unwrap_or(u64::MAX),
            jobs: self.jobs,
        }
    }
}

/// The processor time of this thread; nothing where the system does not tell it.
fn cpu_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split_whitespace().next().and_then(|word| word.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squares(jobs: u16, last: u64) -> Vec<u64> {
        let crew = Crew::new(Some(jobs)).unwrap();
        let prepare = || Ok(2);
        let work = |power: &u32, n: u64| (n.pow(*power), n >= last);
        crew.each(10..500, None, &prepare, &work).unwrap().results
    }

    #[test]
    fn results_are_in_order_and_end_at_the_lowest_that_says_so() {
        for jobs in [1, 2, 4] {
            let all: Vec<u64> = (10..500).map(|n| n * n).collect();
            assert_eq!(squares(jobs, u64::MAX), all, "{jobs} threads");
            assert_eq!(squares(jobs, 77), all[..68], "{jobs} threads");
            assert_eq!(squares(jobs, 10), [100], "{jobs} threads");
        }
    }

    #[test]
    fn nothing_begins_after_the_deadline() {
        let crew = Crew::new(Some(2)).unwrap();
        let done = crew.each(0..9, Some(Clock::now()), &|| Ok(()), &|(), n| (n, false)).unwrap();
        assert_eq!(done.results, [0; 0]);
    }

    #[test]
    fn what_cannot_be_prepared_is_reported() {
        let crew = Crew::new(Some(2)).unwrap();
        let prepare = || Err::<(), _>(Problem::new("no"));
        let answer = crew.each(0..9, None, &prepare, &|(), n| (n, false));
        assert_eq!(answer.map(|done| done.results).unwrap_err().what, "no");
    }
}
