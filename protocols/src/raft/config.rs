//! The settings of a Raft system, with the defaults of two profiles.

use serde::Deserialize;
use sim_engine::{Duration, Span};

/// Whose habits a system has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// The paper: election timeouts of 150–300 ms, heartbeats every 50 ms.
    #[default]
    Paper,
    /// etcd 3.4: election timeouts of 10 to 19 ticks of 100 ms, heartbeats every tick, CheckQuorum
    /// on.
    Etcd,
}

/// The settings, as a scenario writes them: whatever is left out comes from the profile.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    profile: Profile,
    election_timeout: Option<Range>,
    tick: Option<Duration>,
    heartbeat_interval: Option<Duration>,
    pre_vote: Option<bool>,
    check_quorum: Option<bool>,
    max_entries_per_append: Option<u32>,
    client_retry: Option<Duration>,
    client_give_up: Option<Duration>,
}

/// A range of lengths, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
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
    /// After what time a client asks the next server.
    pub client_retry: Duration,
    /// After what time a client gives up: the outcome is unknown.
    pub client_give_up: Duration,
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
            client_retry: Duration::millis(500),
            client_give_up: Duration::secs(5),
        }
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
        if self.max_entries_per_append == 0 {
            return fail(
                "max_entries_per_append is 0; nothing could ever be replicated".to_owned(),
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
    }
}
