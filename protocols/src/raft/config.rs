//! The settings of a Raft system, with the defaults of two profiles.

use schemars::JsonSchema;
use serde::Deserialize;
use sim_engine::{Duration, Span};

/// Whose habits a system has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// The paper: election timeouts of 150–300 ms, heartbeats every 50 ms.
    #[default]
    Paper,
    /// etcd 3.4: election timeouts of 10 to 19 ticks of 100 ms, heartbeats every tick, CheckQuorum
    /// on.
    Etcd,
}

/// How a read is answered (dissertation 6.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reads {
    /// Like every command: through the log.
    #[default]
    Log,
    /// The leader makes sure, with a round of heartbeats, that it still leads; then whoever was
    /// asked answers from its own state.
    ReadIndex,
    /// The leader answers at once while a majority has promised not to elect another. Needs clocks
    /// that run at nearly the same rate and processes that are not paused.
    Lease,
    /// Whoever is asked answers from its own state, which may be old.
    Local,
}

/// The settings, as a scenario writes them: whatever is left out comes from the profile.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
struct Written {
    profile: Profile,
    election_timeout: Option<Range>,
    tick: Option<Duration>,
    heartbeat_interval: Option<Duration>,
    pre_vote: Option<bool>,
    check_quorum: Option<bool>,
    max_entries_per_append: Option<u32>,
    max_inflight: Option<u32>,
    reads: Option<Reads>,
    lease_drift_percent: Option<u32>,
    compact_after: Option<u64>,
    compact_keeps: Option<u64>,
    snapshot_chunk: Option<u32>,
    client_retry: Option<Duration>,
    client_give_up: Option<Duration>,
}

/// A range of lengths, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Range {
    min: Duration,
    max: Duration,
}

/// The settings of a Raft system.
///
/// ```
/// use protocols::raft::RaftConfig;
/// let config: RaftConfig = serde_json::from_str(r#"{"profile": "etcd", "pre_vote":
/// true}"#).unwrap(); assert!(config.check_quorum && config.pre_vote);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Written")]
pub struct RaftConfig {
    /// Whose habits, where the settings below do not say.
    pub profile: Profile,
    /// How long a server waits for a leader. Drawn anew whenever the timer is set; if timeouts are
    /// whole ticks, whenever the term or the role changes.
    pub election_timeout: Span,
    /// The grain of election timeouts: they are whole ticks if this is not zero.
    pub tick: Duration,
    /// How often a leader sends AppendEntries when it has nothing to say.
    pub heartbeat_interval: Duration,
    /// Ask whether an election could be won before starting one (dissertation 9.6).
    pub pre_vote: bool,
    /// A leader that has not heard from a majority for an election timeout steps down, and servers
    /// that hear from a leader ignore candidates (dissertation 6.2, 4.2.3).
    pub check_quorum: bool,
    /// How many entries one AppendEntries carries at most.
    pub max_entries_per_append: u32,
    /// How many AppendEntries with entries may be under way to one follower.
    pub max_inflight: u32,
    /// How a read is answered.
    pub reads: Reads,
    /// By how many percent two clocks may differ in rate: a lease is that much shorter than the
    /// shortest election timeout.
    pub lease_drift_percent: u32,
    /// After how many applied entries a server takes a snapshot; 0 for never.
    pub compact_after: u64,
    /// How many entries before a snapshot stay in the log, for followers that are nearly there.
    pub compact_keeps: u64,
    /// How many records of its state one InstallSnapshot carries at most.
    pub snapshot_chunk: u32,
    /// After what time a client asks the next server.
    pub client_retry: Duration,
    /// After what time a client gives up: the outcome is unknown.
    pub client_give_up: Duration,
}

impl JsonSchema for RaftConfig {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RaftConfig".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Written::json_schema(generator)
    }
}

impl From<Written> for RaftConfig {
    fn from(written: Written) -> Self {
        let base = match written.profile {
            Profile::Paper => Self::paper(),
            Profile::Etcd => Self::etcd(),
        };
        Self {
            profile: base.profile,
            election_timeout: written
                .election_timeout
                .map_or(base.election_timeout, |range| Span { min: range.min, max: range.max }),
            tick: written.tick.unwrap_or(base.tick),
            heartbeat_interval: written.heartbeat_interval.unwrap_or(base.heartbeat_interval),
            pre_vote: written.pre_vote.unwrap_or(base.pre_vote),
            check_quorum: written.check_quorum.unwrap_or(base.check_quorum),
            max_entries_per_append: written
                .max_entries_per_append
                .unwrap_or(base.max_entries_per_append),
            max_inflight: written.max_inflight.unwrap_or(base.max_inflight),
            reads: written.reads.unwrap_or(base.reads),
            lease_drift_percent: written.lease_drift_percent.unwrap_or(base.lease_drift_percent),
            compact_after: written.compact_after.unwrap_or(base.compact_after),
            compact_keeps: written.compact_keeps.unwrap_or(base.compact_keeps),
            snapshot_chunk: written.snapshot_chunk.unwrap_or(base.snapshot_chunk),
            client_retry: written.client_retry.unwrap_or(base.client_retry),
            client_give_up: written.client_give_up.unwrap_or(base.client_give_up),
        }
    }
}

impl Default for RaftConfig {
    fn default() -> Self {
        Self::paper()
    }
}

impl RaftConfig {
    /// The paper's settings (section 9.3).
    pub const fn paper() -> Self {
        Self {
            profile: Profile::Paper,
            election_timeout: Span { min: Duration::millis(150), max: Duration::millis(300) },
            tick: Duration::ZERO,
            heartbeat_interval: Duration::millis(50),
            pre_vote: false,
            check_quorum: false,
            max_entries_per_append: 64,
            max_inflight: 256,
            reads: Reads::Log,
            lease_drift_percent: 10,
            compact_after: 0,
            compact_keeps: 0,
            snapshot_chunk: 64,
            client_retry: Duration::millis(100),
            client_give_up: Duration::secs(1),
        }
    }

    /// The settings of etcd 3.4 as it comes.
    pub const fn etcd() -> Self {
        Self {
            profile: Profile::Etcd,
            election_timeout: Span { min: Duration::millis(1_000), max: Duration::millis(1_900) },
            tick: Duration::millis(100),
            heartbeat_interval: Duration::millis(100),
            pre_vote: false,
            check_quorum: true,
            max_entries_per_append: 64,
            max_inflight: 512,
            reads: Reads::ReadIndex,
            lease_drift_percent: 10,
            compact_after: 100_000,
            compact_keeps: 5_000,
            snapshot_chunk: 64,
            client_retry: Duration::millis(500),
            client_give_up: Duration::secs(5),
        }
    }

    /// How long a lease lasts from the moment the leader asked for it: a clock that is too fast by
    /// the allowed drift must not show a whole election timeout in that time.
    pub fn lease(&self) -> Duration {
        let percent = 100 + u64::from(self.lease_drift_percent);
        Duration::nanos(self.election_timeout.min.as_nanos().saturating_mul(100) / percent)
    }

    /// What is wrong with the settings, if anything.
    pub fn check(&self) -> Result<(), String> {
        let Span { min, max } = self.election_timeout;
        let fail = |why: String| Err(why);
        if min > max {
            return fail(format!("election_timeout: min is {min}, which is more than max, {max}"));
        }
        if self.heartbeat_interval == Duration::ZERO || self.heartbeat_interval >= min {
            let interval = self.heartbeat_interval;
            return fail(format!(
                "heartbeat_interval is {interval}; it must be more than 0 and less than the \
                 shortest \
                 election timeout, {min}, or every follower becomes a candidate"
            ));
        }
        if self.tick > min {
            return fail(format!("tick is {}; it must not exceed election_timeout.min", self.tick));
        }
        for (name, value) in [
            ("max_entries_per_append", self.max_entries_per_append),
            ("max_inflight", self.max_inflight),
            ("snapshot_chunk", self.snapshot_chunk),
        ] {
            if value == 0 {
                return fail(format!("{name} is 0; nothing could ever be replicated"));
            }
        }
        if self.reads == Reads::Lease && !self.check_quorum {
            return fail(
                "reads: `lease` needs check_quorum; without it nobody promises to keep the leader"
                    .to_owned(),
            );
        }
        if self.client_retry == Duration::ZERO || self.client_give_up == Duration::ZERO {
            return fail("client_retry and client_give_up must be more than 0".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_fills_what_is_left_out() {
        let config: RaftConfig =
            serde_json::from_str(r#"{"profile": "etcd", "check_quorum": false}"#).unwrap();
        assert_eq!(config, RaftConfig { check_quorum: false, ..RaftConfig::etcd() });
    }

    #[test]
    fn unknown_settings_are_refused() {
        assert!(serde_json::from_str::<RaftConfig>(r#"{"prevote": true}"#).is_err());
    }

    #[test]
    fn settings_that_cannot_work_are_refused() {
        let slow = RaftConfig { heartbeat_interval: Duration::millis(150), ..RaftConfig::paper() };
        assert!(slow.check().unwrap_err().contains("heartbeat_interval"));
        assert_eq!(RaftConfig::etcd().check(), Ok(()));
        let lease = RaftConfig { reads: Reads::Lease, ..RaftConfig::paper() };
        assert!(lease.check().unwrap_err().contains("check_quorum"));
        let stuck = RaftConfig { max_inflight: 0, ..RaftConfig::paper() };
        assert!(stuck.check().unwrap_err().contains("max_inflight"));
    }
}
