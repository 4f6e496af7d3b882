//! The engine, tried with puppets: what the loop, the disks, the timers, the faults, the schedule
//! and the promises do.

#[path = "../common/mod.rs"]
mod common;

mod chaos;
mod clients;
mod disks;
mod faults;
mod filters;
mod order;
mod promises;
mod steps;
mod timers;
