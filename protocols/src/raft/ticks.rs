//! The clock of etcd: whole ticks, counted since a leader was heard (`tickElection` and
//! `tickHeartbeat` of etcd/raft 3.4).
//!
//! A process that was paused has missed its ticks: its count goes on where it stopped.

use sim_engine::Duration;

use super::Alarm;
use super::config::Profile;
use super::mutants::CANDIDATE_GIVES_UP;
use super::server::{Cx, Out, Role, Server};

/// How many ticks a server of etcd has left at least when it starts: it moves its clock forward as
/// soon as it has heard of its peers, a tick or two after its start.
const LEFT_AT_START: u64 = 3;

/// True if this system counts ticks.
pub(super) fn are_counted(cx: &Cx<'_>) -> bool {
    cx.config().tick > Duration::ZERO
}

/// How many ticks a length has, at least one.
fn ticks(cx: &Cx<'_>, length: Duration) -> u64 {
    (length.as_nanos() / cx.config().tick.as_nanos().max(1)).max(1)
}

impl Server {
    /// Starts the clock. Servers do not start at one moment: the first tick comes after any part of
    /// one.
    pub(super) fn start_ticks(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        out.set_timer_between(Alarm::Tick, Duration::nanos(1), cx.config().tick);
        if cx.config().profile == Profile::Etcd {
            self.elapsed =
                ticks(cx, cx.config().election_timeout.min).saturating_sub(LEFT_AT_START);
        }
    }

    /// A tick has passed.
    pub(super) fn on_tick(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        out.set_timer(Alarm::Tick, cx.config().tick);
        self.elapsed += 1;
        let has_given_up = matches!(self.role, Role::Candidate(_)) && cx.mutant(CANDIDATE_GIVES_UP);
        if matches!(self.role, Role::Leader(_)) {
            self.on_leader_tick(cx, out);
        } else if self.elapsed >= ticks(cx, self.timeout) && !has_given_up {
            self.elapsed = 0;
            self.on_election_timeout(cx, out);
        }
    }

    fn on_leader_tick(&mut self, cx: &mut Cx<'_>, out: &mut Out) {
        self.since_heartbeat += 1;
        if self.elapsed >= ticks(cx, cx.config().election_timeout.min) {
            self.elapsed = 0;
            if cx.config().check_quorum {
                self.on_check_quorum(cx, out);
            }
            self.on_transfer_timeout(out);
        }
        if self.since_heartbeat >= ticks(cx, cx.config().heartbeat_interval) {
            self.since_heartbeat = 0;
            self.on_heartbeat(cx, out);
        }
    }

    /// How many ticks are left in which candidates are ignored.
    pub(super) fn lease_ticks(&self, cx: &Cx<'_>) -> u64 {
        ticks(cx, cx.config().election_timeout.min).saturating_sub(self.elapsed)
    }
}
