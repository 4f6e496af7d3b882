//! A fuzz target: whatever becomes of a scenario file, it is answered, without a panic.
//!
//! `cargo test` tries two thousand inputs, others each time; one that fails is printed with its
//! seed, and `BOLERO_RANDOM_SEED` tries it again. Guided by what the reader has not yet done:
//!
//! ```sh
//! cargo install cargo-bolero
//! cargo bolero test --rustc-bootstrap -p scenarios a_file_of_any_bytes_is_answered -T 10min
//! ```

#[path = "support/mutate.rs"]
#[expect(dead_code, reason = "files are changed by the fuzzer here, not by dice")]
mod mutate;

use mutate::{Answer, answer};
use scenarios::catalog;

/// What is put in place of a few bytes: where, of how many, and what.
type Edit = (u16, u8, Vec<u8>);

#[test]
fn a_file_of_any_bytes_is_answered() {
    bolero::check!().with_type::<(u8, Vec<Edit>)>().with_iterations(2_000).for_each(
        |(base, edits)| {
            let base = catalog::ALL[usize::from(*base) % catalog::ALL.len()].text;
            let mut bytes = base.as_bytes().to_vec();
            for (place, length, put) in edits {
                let from = usize::from(*place) % (bytes.len() + 1);
                let to = (from + usize::from(*length)).min(bytes.len());
                bytes.splice(from..to, put.iter().copied());
            }
            assert_ne!(answer(&bytes), Answer::Panicked, "{}", String::from_utf8_lossy(&bytes));
        },
    );
}
