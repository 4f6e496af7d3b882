//! The checkers of client histories: small histories with verdicts worked out by hand, and random
//! ones beside an oracle that tries every order.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up must fail")]
#![expect(
    clippy::wildcard_enum_match_arm,
    clippy::match_same_arms,
    reason = "the oracle is as plain as possible"
)]

mod commit;
mod hand;
mod large;
mod linearizable;
mod many;
mod oracle;
mod random;
mod weaker;
