//! What a server is called in a picture: by the groups that it leads.

use super::map::GroupId;

/// A server that leads no group and stands for none.
pub(super) const FOLLOWER: &str = "follower";
/// A server that leads no group and stands for one.
pub(super) const CANDIDATE: &str = "candidate";
/// A server that leads a group beyond the first four.
const MANY: &str = "leads groups";

/// What a server is called that leads some of the first four groups: the place in the list has a
/// bit for each.
const SETS: [&str; 16] = [
    FOLLOWER,
    "leads g1",
    "leads g2",
    "leads g1, g2",
    "leads g3",
    "leads g1, g3",
    "leads g2, g3",
    "leads g1, g2, g3",
    "leads g4",
    "leads g1, g4",
    "leads g2, g4",
    "leads g1, g2, g4",
    "leads g3, g4",
    "leads g1, g3, g4",
    "leads g2, g3, g4",
    "leads g1 to g4",
];

/// What a server is called that leads these groups.
pub(super) fn leads(groups: &[GroupId]) -> &'static str {
    let bits = groups.iter().fold(0_usize, |set, group| set | 1 << group.place());
    SETS.get(bits).unwrap_or(&MANY)
}

/// Everything that a server, or a client, may be called.
pub(super) const ROLES: &[&str] = &{
    let mut all = [CANDIDATE; SETS.len() + 3];
    let mut place = 0;
    while place < SETS.len() {
        all[place] = SETS[place];
        place += 1;
    }
    all[place] = MANY;
    all[place + 1] = "client";
    all
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_called_by_what_it_leads() {
        let called = |places: &[usize]| {
            leads(&places.iter().map(|place| GroupId::at(*place)).collect::<Vec<_>>())
        };
        assert_eq!(called(&[2, 0]), "leads g1, g3");
        assert_eq!(called(&[3, 1, 2, 0]), "leads g1 to g4");
        assert_eq!(called(&[1, 4]), "leads groups");
        for role in [FOLLOWER, CANDIDATE, MANY, "client", "leads g4"] {
            assert_eq!(ROLES.iter().filter(|known| **known == role).count(), 1, "{role}");
        }
    }
}
