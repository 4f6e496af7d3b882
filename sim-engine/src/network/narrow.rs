//! Links that carry one message after the other.

use std::collections::BTreeMap;

use super::scoped::{Scope, Scoped};
use crate::{Duration, Instant, NodeId};

/// How much a link carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Width {
    /// Not 0.
    pub(crate) bytes_per_second: u64,
    /// How many bytes may wait; any number if absent.
    pub(crate) queue_bytes: Option<u64>,
}

/// The narrow links.
#[derive(Clone, Debug, Default)]
pub(crate) struct Narrow {
    widths: Scoped<Width>,
    /// When each link has carried all it was given. Only links that carried something are here.
    busy_until: BTreeMap<(NodeId, NodeId), Instant>,
}

impl Narrow {
    pub(crate) fn set(&mut self, scope: Scope, width: Width) {
        assert!(width.bytes_per_second > 0, "a link that carries nothing is a cut link");
        self.widths.set(scope, width);
    }

    /// How long it takes until a message is carried; `None` if it cannot wait.
    pub(crate) fn carry(
        &mut self,
        now: Instant,
        (from, to): (NodeId, NodeId),
        bytes: u32,
    ) -> Option<Duration> {
        let Some(width) = self.widths.get(from, to) else { return Some(Duration::ZERO) };
        let busy_until = self.busy_until.entry((from, to)).or_insert(now);
        let wait = busy_until.since(now);
        let waiting = width.carried_in(wait);
        let is_full =
            width.queue_bytes.is_some_and(|most| waiting.saturating_add(u64::from(bytes)) > most);
        if wait > Duration::ZERO && is_full {
            return None;
        }
        let done = now + wait + width.time_for(bytes);
        *busy_until = done;
        Some(done.since(now))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.widths.is_empty()
    }

    /// Makes some links wide again; nothing waits at them any longer.
    pub(crate) fn unset(&mut self, scope: Scope) {
        self.widths.unset(scope);
        self.forget_queues();
    }

    pub(crate) fn is_wide(&self, from: NodeId, to: NodeId) -> bool {
        self.widths.get(from, to).is_none()
    }

    /// Makes every link wide again; what waits at each is kept.
    pub(crate) fn widen(&mut self) {
        self.widths.clear();
    }

    /// Forgets what waits at links that are wide.
    pub(crate) fn forget_queues(&mut self) {
        let widths = &self.widths;
        self.busy_until.retain(|(from, to), _| widths.get(*from, *to).is_some());
    }

    pub(crate) fn clear(&mut self) {
        self.widths.clear();
        self.busy_until.clear();
    }
}

const SECOND: u64 = 1_000_000_000;

impl Width {
    /// How long so many bytes take, rounded up.
    fn time_for(self, bytes: u32) -> Duration {
        Duration::nanos((u64::from(bytes) * SECOND).div_ceil(self.bytes_per_second))
    }

    /// How many bytes are carried in that time. The time was rounded up, so this is rounded down.
    fn carried_in(self, time: Duration) -> u64 {
        let bytes =
            u128::from(time.as_nanos()) * u128::from(self.bytes_per_second) / u128::from(SECOND);
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}
