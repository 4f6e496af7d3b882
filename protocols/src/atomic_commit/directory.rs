//! Who keeps which key: whoever has an account of that name, else every participant has a copy.

use sim_engine::{Cast, Key, NodeId};

use super::seats::{Accounts, CommitRole};

/// Who keeps which key, found by halving.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Directory {
    /// The keys that somebody names, in order, once for each who does.
    keys: Vec<Key>,
    /// Who names them.
    keepers: Vec<NodeId>,
    everybody: Vec<NodeId>,
}

impl Directory {
    pub(super) fn of(cast: &Cast<CommitRole>) -> Self {
        let keys = |(id, accounts): (NodeId, &Accounts)| -> Vec<(Key, NodeId)> {
            accounts.keys().map(|key| (*key, id)).collect()
        };
        let mut named: Vec<(Key, NodeId)> = participants(cast).flat_map(keys).collect();
        named.sort_unstable();
        let (keys, keepers) = named.into_iter().unzip();
        Self { keys, keepers, everybody: participants(cast).map(|(id, _)| id).collect() }
    }

    /// Who keeps a key, in the order of the cast.
    pub(super) fn keepers(&self, key: Key) -> &[NodeId] {
        let from = self.keys.partition_point(|known| *known < key);
        let n = self.keys[from..].iter().take_while(|known| **known == key).count();
        if n == 0 { &self.everybody } else { &self.keepers[from..from + n] }
    }
}

/// Every participant of a cast.
pub(super) fn participants(cast: &Cast<CommitRole>) -> impl Iterator<Item = (NodeId, &Accounts)> {
    cast.iter().filter_map(|(id, seat)| match &seat.role {
        CommitRole::Participant(settings) => Some((id, &settings.accounts)),
        CommitRole::Coordinator(_) | CommitRole::Client(_) => None,
    })
}
