//! The clients of a run: a probe has one for each member that it asks.

use serde_json::{Value, json};
use sim_engine::{Key, Operation, Recorded};

use super::driver::{Asker, Asks, Driver, Probe};
use super::micros::Micros;
use super::scene::read;

/// A client of a run.
#[derive(Clone, Copy, Debug)]
pub(super) enum Client<'d> {
    /// Asks one member in its turn, as a part of a probe.
    Probe {
        probe: &'d Probe,
        contact: &'d str,
        turn: i64,
    },
    Asker(&'d Asker),
}

impl Driver {
    /// Every client, in the order of the cast.
    pub(super) fn clients(&self) -> Vec<Client<'_>> {
        let probes = self.probe.iter().flat_map(|probe| {
            (0_i64..).zip(&probe.contacts).map(move |(turn, contact)| Client::Probe {
                probe,
                contact,
                turn,
            })
        });
        probes.chain(self.askers.iter().map(Client::Asker)).collect()
    }
}

impl Client<'_> {
    fn contact(&self) -> (&str, Micros) {
        match self {
            Self::Probe { probe, contact, .. } => (contact, probe.timeout),
            Self::Asker(asker) => (&asker.contact, asker.timeout),
        }
    }

    fn goes_elsewhere(&self) -> bool {
        matches!(self, Self::Asker(Asker { asks: Asks::WriteOn { elsewhere: true }, .. }))
    }

    fn reads_stale(&self) -> bool {
        matches!(self, Self::Asker(Asker { asks: Asks::StaleRead, .. }))
    }

    fn reads(&self) -> bool {
        matches!(self, Self::Asker(Asker { asks: Asks::StaleRead | Asks::Read, .. }))
    }

    /// Its seat in the cast. `place` counts clients from 1.
    pub(super) fn seat(&self, place: u16, table: &Recorded) -> Value {
        let (contact, timeout) = self.contact();
        // Another member is asked only by a client that looks for the last good one.
        let retry =
            if self.goes_elsewhere() { timeout - Micros::millis(1) } else { timeout.times(2) };
        let role = table
            .client
            .replace("{contact}", contact)
            .replace("{retry}", &retry.in_file())
            .replace("{give_up}", &timeout.in_file())
            .replace("{keeps}", if self.goes_elsewhere() { "false" } else { "true" })
            .replace("{stale}", if self.reads_stale() { "true" } else { "false" });
        json!({"name": client_name(place), "role": read(&role)})
    }

    /// Something that it may ask, so that it is checked before all runs.
    pub(super) fn sample(&self, place: u16, key: Key) -> Value {
        let operation = self.operation(key, 1);
        json!({"at": "0us", "client": client_name(place), "operation": operation})
    }

    /// What it asks; `value` is what it writes.
    pub(super) fn operation(&self, key: Key, value: i64) -> Operation {
        if self.reads() { Operation::Read { key } } else { Operation::Write { key, value } }
    }

    /// When it asks, in the time of the recording. A probe ends with its first success.
    pub(super) fn times(&self, written: Option<Micros>, end: Micros) -> Vec<Micros> {
        match self {
            Self::Asker(asker) => {
                (0..asker.count).map(|n| asker.from + asker.every.times(n)).collect()
            }
            Self::Probe { probe, turn, .. } => {
                let n = i64::try_from(probe.contacts.len()).unwrap_or(1);
                let until = written.unwrap_or(end);
                let times = (0..).map(|round| probe.from + probe.attempt().times(turn + round * n));
                times.take_while(|at| *at < until).collect()
            }
        }
    }
}

fn client_name(place: u16) -> String {
    format!("driver-{place}")
}
