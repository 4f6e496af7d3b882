//! What an administrator may ask of a server.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

/// An administrator's command, as a scenario writes it: `{"transfer": {"to": "n2"}}`. Servers are
/// named. All but `snapshot` are for the leader.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(missing_docs, reason = "the sentence of a variant says what its fields are")]
pub enum Admin {
    /// Hand over leadership (dissertation 3.10).
    Transfer { to: String },
    /// Let a server vote.
    AddVoter { server: String },
    /// Let a server get the log without a vote (dissertation 4.2.1).
    AddLearner { server: String },
    /// Let a learner vote.
    Promote { server: String },
    /// Make a voter a learner.
    Demote { server: String },
    /// Take a server out of the cluster.
    Remove { server: String },
    /// Change several at once, through a joint configuration (section 6). The leader leaves it by
    /// itself unless told not to.
    Join {
        #[serde(default)]
        add: Vec<String>,
        #[serde(default)]
        learn: Vec<String>,
        #[serde(default)]
        remove: Vec<String>,
        #[serde(default)]
        leave_by_hand: bool,
    },
    /// Leave a joint configuration.
    Leave {},
    /// Take a snapshot and compact the log.
    Snapshot {},
}

impl sim_engine::Admin for Admin {}

impl fmt::Display for Admin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transfer { to } => write!(f, "transfer to {to}"),
            Self::AddVoter { server } => write!(f, "add {server}"),
            Self::AddLearner { server } => write!(f, "add learner {server}"),
            Self::Promote { server } => write!(f, "promote {server}"),
            Self::Demote { server } => write!(f, "demote {server}"),
            Self::Remove { server } => write!(f, "remove {server}"),
            Self::Join { add, learn, remove, .. } => {
                f.write_str("change")?;
                for (sign, names) in [("+", add), ("~", learn), ("-", remove)] {
                    for name in names {
                        write!(f, " {sign}{name}")?;
                    }
                }
                Ok(())
            }
            Self::Leave {} => f.write_str("leave joint"),
            Self::Snapshot {} => f.write_str("snapshot"),
        }
    }
}
