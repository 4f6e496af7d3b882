//! Times that lessons are about, measured as the run goes on.

use std::collections::BTreeMap;

use crate::{Duration, FactSpan, Instant, Measurements, NodeId};

/// Counts facts by name. There are few names, and each is one string of the program. A name that
/// is counted moves forwards by one, so that those that are counted often are found first.
#[derive(Clone, Debug, Default)]
pub(super) struct Milestones(Vec<(&'static str, u64)>);

impl Milestones {
    #[inline]
    pub(super) fn count(&mut self, name: &'static str) {
        match self.0.iter().position(|(counted, _)| std::ptr::eq(*counted, name)) {
            Some(place) => {
                self.0[place].1 += 1;
                self.0.swap(place, place.saturating_sub(1));
            }
            None => self.0.push((name, 1)),
        }
    }

    /// The sums; a name that is in the program twice is still one.
    pub(super) fn sums(&self) -> BTreeMap<&'static str, u64> {
        self.0.iter().fold(BTreeMap::new(), |mut sums, (name, times)| {
            *sums.entry(*name).or_default() += times;
            sums
        })
    }
}

/// Adds up times between changes of standing and ends of operations.
#[derive(Clone, Debug, Default)]
pub(super) struct Meter {
    since: Instant,
    leaders: u32,
    anybody_ever_led: bool,
    two_leaders: Duration,
    leaderless: Duration,
    open: u32,
    /// Since when at least one operation has been open without a break or a success.
    waits_since: Option<Instant>,
    /// How long operations were open before that, since the last success.
    starved: Duration,
    unavailable: Duration,
    forced_writes: u64,
    /// The measured states that are on, and since when. There are few at a time.
    on: Vec<(NodeId, FactSpan, Instant)>,
    spans: BTreeMap<&'static str, Duration>,
}

impl Meter {
    /// The set of leaders changes at `now`.
    pub(super) fn leaders_changed(&mut self, now: Instant, leaders: u32) {
        self.add_up(now);
        self.leaders = leaders;
        self.anybody_ever_led |= leaders > 0;
    }

    fn add_up(&mut self, now: Instant) {
        let length = now - self.since;
        self.since = now;
        if self.leaders > 1 {
            self.two_leaders = self.two_leaders + length;
        }
        if self.leaders == 0 && self.anybody_ever_led {
            self.leaderless = self.leaderless + length;
        }
    }

    pub(super) fn invoked(&mut self, now: Instant) {
        self.open += 1;
        self.waits_since.get_or_insert(now);
    }

    /// An operation ended. One that ended in vain leaves its time to the next: a client that gives
    /// up and asks again is as badly served as one that waits.
    pub(super) fn finished(&mut self, now: Instant, ok: bool) {
        self.open = self.open.saturating_sub(1);
        self.wait_until(now);
        if ok {
            self.starved = Duration::ZERO;
        }
        if self.open == 0 {
            self.waits_since = None;
        }
    }

    fn wait_until(&mut self, now: Instant) {
        if let Some(since) = self.waits_since.replace(now) {
            self.starved = self.starved + (now - since);
            self.unavailable = self.unavailable.max(self.starved);
        }
    }

    pub(super) fn forced_write(&mut self) {
        self.forced_writes += 1;
    }

    /// A measured state of a node begins or ends.
    pub(super) fn span(&mut self, now: Instant, node: NodeId, span: FactSpan) {
        let is_same = |(of, on, _): &(NodeId, FactSpan, Instant)| {
            (*of, on.key, on.name) == (node, span.key, span.name)
        };
        match (self.on.iter().position(is_same), span.is_on) {
            (None, true) => self.on.push((node, span, now)),
            (Some(place), false) => {
                let (_, _, since) = self.on.swap_remove(place);
                self.add_span(span.name, now - since);
            }
            (Some(_), true) | (None, false) => {}
        }
    }

    fn add_span(&mut self, name: &'static str, length: Duration) {
        let sum = self.spans.entry(name).or_default();
        *sum = *sum + length;
    }

    pub(super) fn finish(mut self, now: Instant) -> Measurements {
        self.add_up(now);
        for (_, span, since) in std::mem::take(&mut self.on) {
            self.add_span(span.name, now - since);
        }
        if self.open > 0 {
            self.wait_until(now);
        }
        Measurements {
            two_leaders: self.two_leaders,
            leaderless: self.leaderless,
            unavailable: self.unavailable,
            forced_writes: self.forced_writes,
            spans: self.spans,
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
        meter.leaders_changed(at(10), 1);
        meter.leaders_changed(at(50), 2);
        meter.leaders_changed(at(80), 0);
        meter.invoked(at(60));
        meter.finished(at(95), true);
        let measured = meter.finish(at(100));
        assert_eq!(measured.two_leaders, Duration::millis(30));
        assert_eq!(measured.leaderless, Duration::millis(20));
        assert_eq!(measured.unavailable, Duration::millis(35));
    }

    #[test]
    fn spans_of_one_name_add_up_over_nodes_and_keys() {
        let span = |key, is_on| FactSpan { name: "blocked_ms", key, is_on };
        let (one, two) = (NodeId::new(1), NodeId::new(2));
        let mut meter = Meter::default();
        meter.span(at(10), one, span(7, true));
        meter.span(at(15), one, span(7, true));
        meter.span(at(20), two, span(7, true));
        meter.span(at(30), one, span(7, false));
        meter.span(at(40), one, span(7, false));
        meter.span(at(50), one, span(8, true));
        let measured = meter.finish(at(100));
        assert_eq!(measured.spans["blocked_ms"], Duration::millis(20 + 80 + 50));
    }

    #[test]
    fn operations_in_vain_add_up_until_one_succeeds() {
        let mut meter = Meter::default();
        meter.invoked(at(0));
        meter.finished(at(100), false);
        // Nobody waits for these 50 ms.
        meter.invoked(at(150));
        meter.finished(at(250), false);
        meter.invoked(at(250));
        meter.finished(at(260), true);
        meter.invoked(at(300));
        assert_eq!(meter.finish(at(400)).unavailable, Duration::millis(210));
    }

    #[test]
    fn a_run_that_goes_on_after_the_last_operation_adds_nothing() {
        let mut meter = Meter::default();
        meter.invoked(at(0));
        meter.finished(at(100), false);
        assert_eq!(meter.finish(at(9_000)).unavailable, Duration::millis(100));
    }
}
