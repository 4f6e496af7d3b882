//! The most that a scenario may ask for. Whoever asks for more is told so before anything runs.

use sim_engine::Duration;

/// The largest file that is read, in bytes.
pub(crate) const BYTES_MAX: usize = 4 * 1024 * 1024;
/// The longest run, and the longest time that anything in it takes.
pub(crate) const DURATION_MAX: Duration = Duration::secs(24 * 60 * 60);
/// The most events of a run.
pub(crate) const EVENTS_MAX: u64 = 1_000_000_000;
/// The most systems that are compared.
pub(crate) const SYSTEMS_MAX: usize = 100;
/// The most seats, clients among them.
pub(crate) const SEATS_MAX: usize = 1_000;
/// The most rooms.
pub(crate) const ROOMS_MAX: usize = 64;
/// The most operations, listed and drawn together.
pub(crate) const OPERATIONS_MAX: u64 = 1_000_000;
/// The most faults of a random schedule.
pub(crate) const FAULTS_MAX: u64 = 100_000;
/// The most steps.
pub(crate) const STEPS_MAX: usize = 10_000;
/// How often one step is taken at most.
pub(crate) const REPEATS_MAX: u32 = 1_000_000;
/// The most variants.
pub(crate) const VARIANTS_MAX: usize = 1_000;
