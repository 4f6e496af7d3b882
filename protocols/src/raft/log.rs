//! The log: entries behind a snapshot, or from index 1 on. Pure; knows nothing of servers and
//! messages.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use sim_engine::{DigestHasher, Operation};

use super::membership::Membership;

/// One entry of the log. It never changes, so what stands for it in digests is worked out once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    term: u64,
    digest: u64,
    payload: Payload,
}

impl Entry {
    /// An entry of a leader of this term.
    pub fn new(term: u64, payload: Payload) -> Self {
        let mut hasher = DigestHasher::default();
        hasher.word(term);
        payload.hash(&mut hasher);
        Self { term, digest: hasher.digest().0, payload }
    }

    /// The term of the leader that made it.
    #[inline]
    pub fn term(&self) -> u64 {
        self.term
    }

    /// What it says.
    #[inline]
    pub fn payload(&self) -> &Payload {
        &self.payload
    }
}

impl Hash for Entry {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.digest);
    }
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Payload {
    /// Nothing: a new leader's first entry, so that it can commit (section 8).
    Noop,
    /// A client's command. `(session, seq)` tells copies of one command apart from two commands.
    Command {
        /// The client's session.
        session: u64,
        /// Its number in the session.
        seq: u64,
        /// What to do.
        operation: Operation,
    },
    /// Who belongs to the cluster from here on (dissertation, chapter 4).
    Members(Arc<Membership>),
}

impl fmt::Display for Payload {
    /// As a cell of a log shows it: `x=2`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Noop => f.write_str("no-op"),
            Self::Command { operation: Operation::Write { key, value }, .. } => {
                write!(f, "{key}={value}")
            }
            Self::Command { operation: Operation::Increment { key }, .. } => write!(f, "{key}+1"),
            Self::Command { operation: Operation::Append { key, value }, .. } => {
                write!(f, "{key}+{value}")
            }
            Self::Command { operation, .. } => operation.fmt(f),
            Self::Members(members) => members.fmt(f),
        }
    }
}

/// The log of one server.
///
/// Invariant of Raft, not of this type: terms never decrease along the log. A planted bug may break
/// it; that is for the promises to find.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Log {
    /// What stands before the first entry: the end of what was compacted.
    start: LogStart,
    entries: Vec<Entry>,
    /// The digest of the entries up to each index: two logs are equal up to an index where these
    /// are.
    digests: Vec<u64>,
}

/// The place before the first entry of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LogStart {
    /// The index of the last entry that was compacted; 0 if none was.
    pub index: u64,
    /// Its term.
    pub term: u64,
    /// The digest of all entries up to it.
    pub digest: u64,
}

impl Log {
    /// What stands before the first entry.
    pub fn start(&self) -> LogStart {
        self.start
    }

    /// The index of the last entry; 0 if there is none.
    #[inline]
    pub fn last_index(&self) -> u64 {
        self.start.index + to_index(self.entries.len())
    }

    /// The term of the last entry; 0 if there is none.
    #[inline]
    pub fn last_term(&self) -> u64 {
        self.entries.last().map_or(self.start.term, |entry| entry.term)
    }

    /// The entry at `index`; `None` behind the end, and where it was compacted.
    #[inline]
    pub fn entry(&self, index: u64) -> Option<&Entry> {
        self.entries.get(to_place(index.checked_sub(self.start.index + 1)?))
    }

    /// The term of the entry at `index`; known for the last compacted one, too.
    #[inline]
    pub fn term_at(&self, index: u64) -> Option<u64> {
        if index == self.start.index {
            return Some(self.start.term);
        }
        self.entry(index).map(|entry| entry.term)
    }

    /// The digest of the entries up to `index`: equal digests mean equal prefixes. `None` behind
    /// the end, and where entries were compacted.
    #[inline]
    pub fn digest_at(&self, index: u64) -> Option<u64> {
        if index == self.start.index {
            return Some(self.start.digest);
        }
        self.digests.get(to_place(index.checked_sub(self.start.index + 1)?)).copied()
    }

    /// True if the log has the entries with this digest up to `index`, or a snapshot instead.
    pub fn covers(&self, index: u64, digest: u64) -> bool {
        index < self.start.index || self.digest_at(index) == Some(digest)
    }

    /// Adds entries at the end.
    pub fn append(&mut self, entries: &[Entry]) {
        let mut hasher = DigestHasher::default();
        let mut digest = self.digests.last().copied().unwrap_or(self.start.digest);
        for entry in entries {
            hasher.word(digest);
            hasher.word(entry.digest);
            digest = std::mem::take(&mut hasher).digest().0;
            self.entries.push(entry.clone());
            self.digests.push(digest);
        }
    }

    /// Drops every entry behind `index`.
    pub fn truncate_after(&mut self, index: u64) {
        let keep = to_place(index.saturating_sub(self.start.index));
        self.entries.truncate(keep);
        self.digests.truncate(keep);
    }

    /// Drops every entry up to `index`, if the log reaches that far; a snapshot stands for them.
    pub fn compact(&mut self, index: u64) {
        let (Some(term), Some(digest)) = (self.term_at(index), self.digest_at(index)) else {
            return;
        };
        let dropped = to_place(index - self.start.index);
        self.entries.drain(..dropped);
        self.digests.drain(..dropped);
        self.start = LogStart { index, term, digest };
    }

    /// Forgets everything: the log goes on behind a snapshot.
    pub fn restart(&mut self, start: LogStart) {
        *self = Self { start, ..Self::default() };
    }

    /// At most `max` entries behind `index`; none where they were compacted.
    pub fn entries_after(&self, index: u64, max: u32) -> &[Entry] {
        let Some(from) = index.checked_sub(self.start.index) else { return &[] };
        let from = to_place(from).min(self.entries.len());
        let until = from.saturating_add(usize::try_from(max).unwrap_or(usize::MAX));
        &self.entries[from..until.min(self.entries.len())]
    }

    /// All entries that were not compacted.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// True if the log has an entry of `term` at `index`.
    pub fn matches(&self, index: u64, term: u64) -> bool {
        self.term_at(index) == Some(term)
    }

    /// True if a log that ends with `(last_term, last_index)` is at least as up to date as this one
    /// (section 5.4.1): the later last term wins; of equal ones, the longer log.
    pub fn is_no_newer_than(&self, last_term: u64, last_index: u64) -> bool {
        (last_term, last_index) >= (self.last_term(), self.last_index())
    }

    /// How many of `entries` behind `prev` the log has already, up to the first whose term differs.
    pub fn known_prefix(&self, prev: u64, entries: &[Entry]) -> usize {
        let mine = self.entries_after(prev, u32::MAX);
        mine.iter().zip(entries).take_while(|(mine, theirs)| mine.term == theirs.term).count()
    }

    /// The greatest index, at most `index`, whose term is at most `term`: where two logs can agree
    /// at best. Skips a whole term in one answer.
    /// Where entries were compacted the answer is the end of those at least: they are committed,
    /// and committed entries are in every leader's log.
    pub fn last_at_most(&self, index: u64, term: u64) -> u64 {
        let upto = to_place(index.min(self.last_index()).saturating_sub(self.start.index));
        let entries = &self.entries[..upto];
        // Most logs differ in nothing but their length.
        let fits = entries.last().is_none_or(|entry| entry.term <= term);
        let fitting = if fits { upto } else { entries.partition_point(|entry| entry.term <= term) };
        self.start.index + to_index(fitting)
    }
}

fn to_index(place: usize) -> u64 {
    u64::try_from(place).unwrap_or(u64::MAX)
}

fn to_place(index: u64) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(terms: &[u64]) -> Log {
        let mut log = Log::default();
        let entries: Vec<Entry> =
            terms.iter().map(|term| Entry::new(*term, Payload::Noop)).collect();
        log.append(&entries);
        log
    }

    #[test]
    fn the_later_last_term_wins_then_the_longer_log() {
        let mine = log(&[1, 1, 2]);
        for (last_term, last_index, is_up_to_date) in
            [(2, 3, true), (2, 4, true), (2, 2, false), (3, 1, true), (1, 9, false), (0, 0, false)]
        {
            assert_eq!(mine.is_no_newer_than(last_term, last_index), is_up_to_date);
        }
        assert!(Log::default().is_no_newer_than(0, 0));
    }

    #[test]
    fn hints_of_figure_7_skip_whole_terms() {
        // The leader of term 8 probes at (10, term 6); the hints are worked out by hand.
        for (terms, hint) in [
            (&[1, 1, 1, 4, 4, 5, 5, 6, 6][..], 9),
            (&[1, 1, 1, 4], 4),
            (&[1, 1, 1, 4, 4, 4, 4], 7),
            (&[1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3], 10),
        ] {
            assert_eq!(log(terms).last_at_most(10, 6), hint, "{terms:?}");
        }
        let leader = log(&[1, 1, 1, 4, 4, 5, 5, 6, 6, 6]);
        assert_eq!(leader.last_at_most(7, 4), 5, "server e: the leader goes on at 5");
        assert_eq!(leader.last_at_most(10, 3), 3, "server f: the leader goes on at 3");
    }

    #[test]
    fn only_a_differing_term_is_a_conflict() {
        let mine = log(&[1, 1, 2, 2]);
        let theirs = log(&[1, 1, 2, 3, 3]);
        assert_eq!(mine.known_prefix(1, &theirs.entries()[1..]), 2);
        assert_eq!(mine.known_prefix(4, &[]), 0);
        assert_eq!(mine.known_prefix(0, &theirs.entries()[..2]), 2);
    }

    #[test]
    fn equal_digests_mean_equal_prefixes() {
        let (mine, theirs) = (log(&[1, 1, 2]), log(&[1, 1, 3]));
        assert_eq!(mine.digest_at(2), theirs.digest_at(2));
        assert_ne!(mine.digest_at(3), theirs.digest_at(3));
        assert_eq!(mine.digest_at(4), None);
    }
}
