//! Who a step is about, in the words a person would use.

use std::fmt;

use crate::NodeId;

/// Who a step is about. Looked up at the moment the step is taken.
///
/// ```
/// use sim_engine::Selector;
/// assert_eq!(Selector::parse("leader"), Selector::Leader);
/// assert_eq!(Selector::parse("n3"), Selector::Named("n3".to_owned()));
/// assert_eq!(Selector::parse("the side with leader").to_string(), "the side with leader");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Selector {
    /// This seat.
    Seat(NodeId),
    /// The living node that leads in the highest epoch; of several, the one with the lowest id.
    Leader,
    /// A living node that is no client and does not lead, the first that this step has not named
    /// yet.
    AFollower,
    /// Every node that is no client and is not the leader.
    Followers,
    /// Every seat that this step has not named yet.
    Rest,
    /// Every seat.
    Everybody,
    /// Every seat in the same group of the partition as another.
    Side(Box<Selector>),
    /// The seat, bound name, role or place with this name.
    Named(String),
}

impl Selector {
    /// Reads a selector. Words it does not know are names.
    pub fn parse(text: &str) -> Self {
        match text {
            "leader" | "the leader" => Self::Leader,
            "a follower" => Self::AFollower,
            "followers" => Self::Followers,
            "rest" | "the rest" => Self::Rest,
            "everybody" => Self::Everybody,
            _ => match text.strip_prefix("the side with ") {
                Some(whom) => {
                    Self::Side(Box::new(Self::parse(whom.strip_prefix("the ").unwrap_or(whom))))
                }
                None => Self::Named(text.to_owned()),
            },
        }
    }

    /// The name it holds, if it names anything by name: for checks before the run.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Named(name) => Some(name),
            Self::Side(whom) => whom.name(),
            Self::Seat(_)
            | Self::Leader
            | Self::AFollower
            | Self::Followers
            | Self::Rest
            | Self::Everybody => None,
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seat(id) => write!(f, "{id}"),
            Self::Leader => f.write_str("leader"),
            Self::AFollower => f.write_str("a follower"),
            Self::Followers => f.write_str("followers"),
            Self::Rest => f.write_str("rest"),
            Self::Everybody => f.write_str("everybody"),
            Self::Side(whom) => write!(f, "the side with {whom}"),
            Self::Named(name) => f.write_str(name),
        }
    }
}
