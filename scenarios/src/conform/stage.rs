//! A recording on the stage: when everything happens in the run of one seed.
//!
//! Whoever led just before the first fault leads here, too: its timers run out first. What the
//! driver did because a write had succeeded waits for the write of the run, not for the clock.

use serde_json::Value;
use sim_engine::{Concern, Dice, Key, NodeId, PlannedOperation};

use super::clients::Client;
use super::driver::{Driver, What};
use super::micros::Micros;
use super::recording::Recording;
use super::scene::Cue;
use super::settings::settings;
use crate::path::Path;
use crate::prepare::Timetable;
use crate::problem::{Complaint, Problem};

/// The only register that is written and read.
const KEY: &str = "x";
/// When whoever leads first stands: before anybody else's timers run out.
const STANDS_AT: Micros = Micros::millis(110);
/// How long it has led at least when the recording does not say.
const LED_FOR: i64 = 500_000;
/// How much longer it may have led, in microseconds.
const LED_LONGER: u64 = 1_000_000;
/// How long an operator's command takes to start, in microseconds: from, and how much longer.
const COMMAND_TAKES: (i64, u64) = (10_000, 140_000);
/// How long a run goes on after the last thing that was recorded.
const AFTERWARDS: Micros = Micros::secs(2);
/// How much later than in the recording a first write may succeed while nothing that it is waited
/// for with is missed.
const LATER: Micros = Micros::secs(4);

/// A recording, ready to be played with any seed.
#[derive(Debug)]
pub(super) struct Stage<'r> {
    pub(super) recording: &'r Recording,
    pub(super) driver: Driver,
    pub(super) settings: Value,
    pub(super) key: Key,
    cues: Vec<Cue>,
}

/// The times of one seed's run.
#[derive(Clone, Debug)]
pub(super) struct Play {
    pub(super) timetable: Timetable,
    /// The time of the first fault in the run.
    pub(super) zero: Micros,
    /// The times of the deeds, from the first fault.
    pub(super) deeds: Vec<Micros>,
}

/// What is known of the first write of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// Nothing: what waits for it is left out, and the run ends at this time at the latest.
    Unknown(Micros),
    /// It does not succeed: what waits for it never happens.
    Never,
    At(Micros),
}

impl Written {
    pub(super) fn time(self) -> Option<Micros> {
        match self {
            Self::At(time) => Some(time),
            Self::Unknown(_) | Self::Never => None,
        }
    }
}

impl<'r> Stage<'r> {
    pub(super) fn of(recording: &'r Recording) -> Result<Self, Problem> {
        Self::set(recording, Driver::of(recording)?)
            .map_err(|complaint| recording.document.problem(complaint))
    }

    fn set(recording: &'r Recording, driver: Driver) -> Result<Self, Complaint> {
        let settings = settings(recording)?;
        let key = KEY.parse().map_err(|what: String| Complaint::new(&Path::root(), what))?;
        let mut stage = Self { recording, driver, settings, key, cues: Vec::new() };
        stage.check_commands()?;
        stage.cues = stage.moves().into_iter().map(|(cue, _)| cue).collect();
        Ok(stage)
    }

    /// The times of one seed.
    pub(super) fn play(&self, seed: u64, first_write: Written) -> Play {
        let mut dice = Dice::new(seed, Concern::Workload, u16::MAX);
        let zero = STANDS_AT + self.led_for(&mut dice);
        let written = first_write.time();
        let (mut deeds, mut moments) = (Vec::new(), Vec::new());
        for deed in &self.driver.deeds {
            let is_typed = matches!(deed.what, What::Command { .. });
            let later = if is_typed { drawn(&mut dice, COMMAND_TAKES) } else { Micros::ZERO };
            let at = self.time(deed.at, written);
            deeds.extend(at);
            moments.push(at.map(|at| zero + at + later));
        }
        let steps = self.cues.iter().map(|cue| match cue {
            Cue::Tick { started, length } => Some((zero + *started).within(*length)),
            Cue::Lead => Some(STANDS_AT),
            Cue::Deed(place) => moments[*place],
        });
        let steps = steps.map(|at| at.map(Micros::in_run)).collect();
        let end = self.end(written) + AFTERWARDS;
        let end = match first_write {
            Written::Unknown(until) => until.min(end),
            Written::Never | Written::At(_) => end,
        };
        let operations = self.operations(zero, written, end);
        Play {
            timetable: Timetable { steps, operations, until: (zero + end).in_run() },
            zero,
            deeds,
        }
    }

    /// When a run that shall only tell when its first write succeeds ends: that of nearly all has
    /// by then.
    pub(super) fn soon(&self) -> Micros {
        self.driver.probe.as_ref().map_or(Micros::ZERO, |probe| probe.done + Micros::secs(2))
    }

    /// A time of the recording in a run whose first write succeeded at `written`.
    fn time(&self, at: Micros, written: Option<Micros>) -> Option<Micros> {
        match &self.driver.probe {
            Some(probe) if at >= probe.done => written.map(|written| written + (at - probe.done)),
            Some(_) | None => Some(at),
        }
    }

    /// The last thing that was recorded, as a time of a run.
    fn end(&self, written: Option<Micros>) -> Micros {
        let events = self.recording.file.events.iter().map(|event| event.at);
        let deeds = self.driver.deeds.iter().map(|deed| deed.at);
        let asked = self.driver.askers.iter();
        let asked = asked.map(|asker| asker.from + asker.every.times(asker.count) + asker.timeout);
        let end = events.chain(deeds).chain(asked).max().unwrap_or_default();
        self.time(end, written).unwrap_or(end + LATER)
    }

    /// How long whoever leads has led at the first fault.
    fn led_for(&self, dice: &mut Dice) -> Micros {
        let leader = self.recording.leader().unwrap_or_default();
        let elected = self.recording.file.events.iter().rfind(|event| {
            event.at < Micros::ZERO
                && event.source == leader
                && event.event == self.recording.table.leads
        });
        match elected {
            Some(elected) => -elected.at,
            None => drawn(dice, (LED_FOR, LED_LONGER)),
        }
    }

    /// Every client, with its seat: those of members come first.
    pub(super) fn seats(&self) -> Vec<(NodeId, Client<'_>)> {
        let first = u16::try_from(self.recording.file.nodes.len()).unwrap_or(u16::MAX);
        (first..).map(NodeId::new).zip(self.driver.clients()).collect()
    }

    /// What clients ask, in the order of time. Every written value is another one.
    fn operations(
        &self,
        zero: Micros,
        written: Option<Micros>,
        end: Micros,
    ) -> Vec<PlannedOperation> {
        let mut operations = Vec::new();
        let mut value = 0;
        for (seat, client) in self.seats() {
            for at in client.times(written, end) {
                let at = match client {
                    // The probe itself waits for nobody.
                    Client::Probe { .. } => Some(at),
                    Client::Asker(_) => self.time(at, written),
                };
                let Some(at) = at else { continue };
                value += 1;
                operations.push(PlannedOperation {
                    at: (zero + at).in_run(),
                    client: seat,
                    operation: client.operation(self.key, value),
                });
            }
        }
        operations.sort_by_key(|planned| planned.at);
        operations
    }
}

fn drawn(dice: &mut Dice, (from, longer): (i64, u64)) -> Micros {
    Micros::whole(from + i64::try_from(dice.below(longer)).unwrap_or(0))
}
