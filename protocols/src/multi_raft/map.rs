//! Groups, and the map that says which of them has which keys.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use sim_engine::{Key, Operation};

/// How many groups a run may have.
pub const GROUPS_MAX: usize = 32;

/// What groups are called.
const NAMES: [&str; GROUPS_MAX] = [
    "g1", "g2", "g3", "g4", "g5", "g6", "g7", "g8", "g9", "g10", "g11", "g12", "g13", "g14", "g15",
    "g16", "g17", "g18", "g19", "g20", "g21", "g22", "g23", "g24", "g25", "g26", "g27", "g28",
    "g29", "g30", "g31", "g32",
];

/// A Raft group: the replicas of one part of the keys. Written `g1`, `g2` ...
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(u16);

impl GroupId {
    /// The group at this place of the list of groups; the last possible one if there are not so
    /// many.
    pub fn at(place: usize) -> Self {
        Self(u16::try_from(place.min(GROUPS_MAX - 1)).unwrap_or(0))
    }

    /// Its place in the list of groups, from 0.
    pub fn place(self) -> usize {
        usize::from(self.0)
    }

    /// Its number, from 1: what the hue of a picture stands for.
    pub fn number(self) -> u64 {
        u64::from(self.0) + 1
    }

    /// Its name: `g1`.
    pub fn name(self) -> &'static str {
        NAMES[self.place()]
    }

    /// The group of this name.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().position(|known| *known == name).map(Self::at)
    }
}

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl<'de> Deserialize<'de> for GroupId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| {
            let why = format!("`{name}` is no group; groups are `g1`, `g2` ... `g{GROUPS_MAX}`");
            serde::de::Error::custom(why)
        })
    }
}

impl JsonSchema for GroupId {
    fn schema_name() -> Cow<'static, str> {
        "GroupId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A Raft group, by its place in the list of groups: `g1`.",
            "type": "string",
            "pattern": "^g[0-9]+$"
        })
    }
}

/// A set of groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct GroupSet(u32);

impl GroupSet {
    /// Adds a group.
    pub fn insert(&mut self, group: GroupId) {
        self.0 |= 1 << group.0;
    }

    /// True if the group is in it.
    pub fn contains(self, group: GroupId) -> bool {
        self.0 >> group.0 & 1 == 1
    }
}

/// Which group has which keys: ranges of keys in the order of their bytes, as `TiKV` calls them
/// regions and `CockroachDB` ranges. Every change of the map makes its epoch higher.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PartitionMap {
    /// The number of this version of the map.
    pub epoch: u64,
    /// The ranges, in the order of keys. Each ends where the next one begins.
    pub ranges: Vec<Range>,
}

/// Keys that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The first key; left out in the first range, which begins before every key.
    pub from: Option<Key>,
    /// The group that has these keys.
    pub group: GroupId,
}

impl PartitionMap {
    /// The group that has this key.
    pub fn group_of(&self, key: Key) -> GroupId {
        let behind = self.ranges.partition_point(|range| range.from.is_none_or(|from| from <= key));
        self.ranges.get(behind.saturating_sub(1)).map_or(GroupId(0), |range| range.group)
    }

    /// What is wrong with the map, if anything, where there are so many groups.
    pub fn check(&self, groups: usize) -> Result<(), String> {
        let Some((first, rest)) = self.ranges.split_first() else {
            return Err("there are no ranges; every key needs a group".to_owned());
        };
        if let Some(from) = first.from {
            return Err(format!(
                "the first range begins at `{from}`; leave `from` out, or keys before it have no \
                 group"
            ));
        }
        let mut before = None;
        for range in rest {
            if range.from <= before {
                let what = range.from.map_or("no key".to_owned(), |from| format!("`{from}`"));
                return Err(format!("a range begins at {what}; ranges are in the order of keys"));
            }
            before = range.from;
        }
        match self.ranges.iter().find(|range| range.group.place() >= groups) {
            Some(range) => Err(format!("there is no group `{}`; {groups} are listed", range.group)),
            None => Ok(()),
        }
    }
}

/// The key an operation is about; `None` if it is about several.
pub(super) fn key_of(operation: &Operation) -> Option<Key> {
    match *operation {
        Operation::Read { key }
        | Operation::Write { key, .. }
        | Operation::Cas { key, .. }
        | Operation::Append { key, .. }
        | Operation::Increment { key } => Some(key),
        Operation::Acquire { lock } | Operation::Release { lock } => Some(lock),
        Operation::Transfer { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(ranges: &[(&str, usize)]) -> PartitionMap {
        let range = |(from, group): &(&str, usize)| Range {
            from: from.parse().ok(),
            group: GroupId::at(*group),
        };
        PartitionMap { epoch: 1, ranges: ranges.iter().map(range).collect() }
    }

    #[test]
    fn a_range_ends_where_the_next_one_begins() {
        let map = map(&[("", 0), ("g", 1), ("p", 0)]);
        let groups = ["a", "fzz", "g", "gz", "oz", "p", "z"]
            .map(|key| map.group_of(key.parse().unwrap()).number());
        assert_eq!(groups, [1, 1, 2, 2, 2, 1, 1]);
    }

    #[test]
    fn maps_that_leave_keys_without_a_group_are_refused() {
        assert_eq!(map(&[("", 0), ("g", 1)]).check(2), Ok(()));
        assert!(map(&[]).check(2).unwrap_err().contains("no ranges"));
        assert!(map(&[("c", 0)]).check(2).unwrap_err().contains("before it"));
        assert!(map(&[("", 0), ("g", 1), ("c", 0)]).check(2).unwrap_err().contains("`c`"));
        assert!(map(&[("", 0), ("", 1)]).check(2).unwrap_err().contains("no key"));
        assert!(map(&[("", 0), ("g", 2)]).check(2).unwrap_err().contains("`g3`"));
    }
}
