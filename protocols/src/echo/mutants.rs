//! Planted bugs: they teach what each line is for, and they test the promises.

use sim_engine::{Mutant, MutantClass, MutantInfo};

/// The number is handed to the disk, but the answer does not wait for it.
pub(super) const COUNT_LAZILY: Mutant = Mutant("count-lazily");

/// Every planted bug.
pub(super) const ALL: &[MutantInfo] = &[MutantInfo {
    mutant: COUNT_LAZILY,
    about: "The server answers before the number is on disk",
    class: MutantClass::Bug,
    breaks: &["numbers-grow"],
}];
