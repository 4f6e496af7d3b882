//! The scenarios that come with the program, embedded in it.

/// A scenario of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct CatalogEntry {
    /// The folder it is in.
    pub family: &'static str,
    /// Its name, which is its file's name.
    pub name: &'static str,
    /// The text of its file.
    pub text: &'static str,
}

macro_rules! embed {
    ($($family:literal / $name:literal),* $(,)?) => {
        &[$(CatalogEntry {
            family: $family,
            name: $name,
            text: include_str!(concat!("../catalog/", $family, "/", $name, ".json")),
        }),*]
    };
}

/// Every scenario, in the order of `partitura list`. A test compares this list with the folder.
pub const ALL: &[CatalogEntry] = embed![
    "raft" / "split-brain",
    "raft" / "raft-elect",
    "raft" / "raft-vote-up-to-date",
    "raft" / "raft-elect-split-vote",
    "raft" / "raft-sticky-split",
    "raft" / "raft-crash-leader",
    "raft" / "raft-crash-1-before-receipt",
    "raft" / "raft-crash-2-local-append",
    "raft" / "raft-crash-3-replicated-unacknowledged",
    "raft" / "raft-crash-4-some-followers",
    "raft" / "raft-crash-5-committed-at-leader",
    "raft" / "raft-crash-6-committed-everywhere",
    "raft" / "raft-crash-7-two-leaders",
    "raft" / "raft-client-retry-dedup",
    "raft" / "raft-fault-budget",
    "raft" / "raft-paused-leader",
    "raft" / "raft-term-inflation-rejoin",
    "raft" / "raft-prevote-rejoin",
    "raft" / "raft-figure7-repair",
    "raft" / "raft-figure8-indirect-commit",
    "raft" / "raft-partition-two-leaders",
    "raft" / "raft-partial-connectivity",
    "raft" / "raft-vote-survives-crash",
    "raft" / "raft-late-vote",
    "raft" / "raft-late-append",
    "raft" / "raft-divergent-tails",
    "raft" / "raft-reordered-appends",
    "raft" / "raft-disk-lies",
    "raft" / "raft-read-paths",
    "raft" / "raft-readindex-before-noop",
    "raft" / "raft-read-id-reuse",
    "raft" / "raft-pause-and-lease",
    "raft" / "raft-leadership-transfer",
    "raft" / "raft-snapshot-install-lagging",
    "raft" / "raft-snapshot-keeps-sessions",
    "raft" / "raft-one-change-at-a-time",
    "raft" / "raft-membership-2015-bug",
    "raft" / "raft-joint-consensus",
    "raft" / "raft-remove-leader",
    "raft" / "raft-removed-server",
    "raft" / "raft-learner-must-vote",
    "raft" / "raft-three-rooms",
    "raft" / "raft-chaos",
    "raft" / "raft-chaos-reads",
    "raft" / "raft-chaos-members",
    "raft" / "raft-steady",
    "raft" / "raft-multi-group-sharded-kv",
    "raft" / "multi-raft-chaos",
    "raft" / "multi-raft-steady",
    "atomic-commit" / "txn2-commit-and-abort",
    "atomic-commit" / "txn2-participant-crash",
    "atomic-commit" / "txn2-coordinator-crash",
    "atomic-commit" / "txn2-coordinator-crash-blocks-locks",
    "atomic-commit" / "txn2-backup-coordinator-decides",
    "atomic-commit" / "txn2-sole-informed-crash-blocks",
    "atomic-commit" / "txn2-last-agent",
    "atomic-commit" / "txn2-cross-shard-transfer",
    "atomic-commit" / "txn2-deadlock",
    "atomic-commit" / "txn2-chaos",
    "atomic-commit" / "txn2-steady",
    "atomic-commit" / "txn3-commit-and-cheap-abort",
    "atomic-commit" / "txn3-coordinator-crash",
    "atomic-commit" / "txn3-double-crash-unblocked",
    "atomic-commit" / "txn3-partition-diverges",
    "atomic-commit" / "txn3-chaos",
    "atomic-commit" / "txn3-steady",
];

/// The scenario called `name`.
pub fn find(name: &str) -> Option<&'static CatalogEntry> {
    ALL.iter().find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn files() -> BTreeSet<(String, String)> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog");
        let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut found = BTreeSet::new();
        for family in std::fs::read_dir(root).unwrap() {
            let family = family.unwrap().path();
            for file in std::fs::read_dir(&family).unwrap() {
                found.insert((name(&family), name(&file.unwrap().path())));
            }
        }
        found
    }

    #[test]
    fn the_list_and_the_folder_agree() {
        let listed: BTreeSet<_> =
            ALL.iter().map(|entry| (entry.family.to_owned(), entry.name.to_owned())).collect();
        assert_eq!(listed, files());
        assert_eq!(listed.len(), ALL.len(), "nothing is listed twice");
    }

    #[test]
    fn names_are_unique_and_equal_those_of_the_files() {
        let names: BTreeSet<_> = ALL.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), ALL.len());
        for entry in ALL {
            let scenario = crate::Scenario::load(entry.name).unwrap();
            assert_eq!((scenario.family(), scenario.name()), (entry.family, entry.name));
        }
    }
}
