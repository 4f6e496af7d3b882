//! The engine, tried with puppets: what the loop, the disks, the timers, the faults, the schedule
//! and the promises do.
#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a test looks for one kind of event; new kinds are none of its business"
)]

#[path = "../common/mod.rs"]
mod common;

mod books;
mod chaos;
mod clients;
mod clocks;
mod connections;
mod cuts;
mod disks;
mod embed;
mod faults;
mod filters;
mod hosts;
mod idle;
mod lasting;
mod links;
mod mid_step;
mod order;
mod promises;
mod recovery;
mod rooms;
mod steps;
mod timers;
mod troubles;
