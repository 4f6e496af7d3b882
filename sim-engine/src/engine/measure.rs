//! Times that lessons are about, measured as the run goes on.

use crate::{Duration, Instant, Measurements};

/// Adds up times between changes of standing and ends of operations.
#[derive(Clone, Debug, Default)]
pub(super) struct Meter {
    since: Instant,
    leaders: u32,
    epochs_differ: bool,
    anybody_ever_led: bool,
    two_leaders: Duration,
    leaderless: Duration,
    open: u32,
    /// Since when at least one operation waits and none has succeeded.
    starved_since: Option<Instant>,
    unavailable: Duration,
}

impl Meter {
    /// The set of leaders changes at `now`.
    pub(super) fn leaders_changed(&mut self, now: Instant, leaders: u32, epochs_differ: bool) {
        self.add_up(now);
        self.leaders = leaders;
        self.epochs_differ = epochs_differ;
        self.anybody_ever_led |= leaders > 0;
    }

    fn add_up(&mut self, now: Instant) {
        let length = now - self.since;
        self.since = now;
        if self.epochs_differ {
            self.two_leaders = self.two_leaders + length;
        }
        if self.leaders == 0 && self.anybody_ever_led {
            self.leaderless = self.leaderless + length;
        }
    }

    pub(super) fn invoked(&mut self, now: Instant) {
        self.open += 1;
        self.starved_since.get_or_insert(now);
    }

    pub(super) fn finished(&mut self, now: Instant, ok: bool) {
        self.open = self.open.saturating_sub(1);
        if ok || self.open == 0 {
            self.fed(now);
            self.starved_since = (self.open > 0).then_some(now);
        }
    }

    fn fed(&mut self, now: Instant) {
        if let Some(since) = self.starved_since {
            self.unavailable = self.unavailable.max(now - since);
        }
    }

    pub(super) fn finish(mut self, now: Instant) -> Measurements {
        self.add_up(now);
        self.fed(now);
        Measurements {
            two_leaders: self.two_leaders,
            leaderless: self.leaderless,
            unavailable: self.unavailable,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Instant {
        Instant::ZERO + Duration::millis(ms)
    }

    #[test]
    fn times_add_up() {
        let mut meter = Meter::default();
        meter.leaders_changed(at(10), 1, false);
        meter.leaders_changed(at(50), 2, true);
        meter.leaders_changed(at(80), 0, false);
        meter.invoked(at(60));
        meter.finished(at(95), true);
        let measured = meter.finish(at(100));
        assert_eq!(measured.two_leaders, Duration::millis(30));
        assert_eq!(measured.leaderless, Duration::millis(20));
        assert_eq!(measured.unavailable, Duration::millis(35));
    }
}
