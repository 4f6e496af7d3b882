//! Files that nobody would write: whatever a scenario file says, it is answered, without a panic.

#[path = "support/mutate.rs"]
mod mutate;

use mutate::{Answer, answer, file};

/// So many files are tried; the example `mutate_files` tries more.
const FILES: u64 = 3_000;

#[test]
fn no_file_makes_the_reader_panic() {
    let (mut usable, mut refused) = (0, std::collections::BTreeSet::new());
    for number in 0..FILES {
        match answer(&file(number)) {
            Answer::Usable => usable += 1,
            Answer::Refused(words) => {
                refused.insert(words);
            }
            Answer::Panicked => panic!("`mutate_files {number}..{}` panics", number + 1),
        }
    }
    assert!(usable > 100, "many changes are harmless: {usable}");
    assert!(refused.len() > 500, "and the others are told apart: {}", refused.len());
}

#[test]
fn a_file_is_the_same_whenever_it_is_made() {
    assert!((0..50).all(|number| file(number) == file(number)));
    assert_ne!(file(1), file(2));
}
