//! A recording as a scenario: the same members, settings and deeds. When they happen in a run is
//! another matter.

use serde_json::{Value, json};

use super::driver::What;
use super::micros::Micros;
use super::recording::Recording;
use super::stage::Stage;
use super::words::Links;
use crate::path::Path;
use crate::problem::{Complaint, Problem};
use crate::{Prepared, Scenario, prepare};

/// Delays of one machine that talks to itself, and syncs of its disk: half of them are longer, and
/// one in a hundred.
const NETWORK: (&str, &str) = ("1ms", "25ms");
const DISK: (&str, &str) = ("1ms", "12ms");

/// What a step of the scenario waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cue {
    /// A clock ticks for the first time as it ticked in the recording: in steps of `length` from
    /// `started` on.
    Tick { started: Micros, length: Micros },
    /// Whoever led before the first fault stands.
    Lead,
    /// The driver does what has this place in its list.
    Deed(usize),
}

impl Stage<'_> {
    /// The scenario, prepared for any number of runs.
    pub(super) fn prepared(&self, mutant: Option<&str>) -> Result<Prepared, Problem> {
        let table = self.recording.table;
        let (mut cast, mut operations) = (self.members(), Vec::new());
        for (place, client) in (1..).zip(self.driver.clients()) {
            cast.push(client.seat(place, table));
            operations.push(client.sample(place, self.key));
        }
        let steps = self.moves().into_iter().map(|(_, action)| {
            // The time is that of each run.
            json!({"at": "0us", "may_miss": true, "do": action})
        });
        let scenario = json!({
            "name": "recorded",
            "family": "recorded",
            "title": self.recording.file.case,
            "lesson": "A recording of a real system, played here.",
            "systems": [{
                "name": table.system,
                "protocol": self.recording.protocol,
                "config": self.settings,
            }],
            "cast": cast,
            "network": {"delay": {"log-normal": {"median": NETWORK.0, "p99": NETWORK.1}}},
            "disk": {"sync": {"log-normal": {"median": DISK.0, "p99": DISK.1}}},
            "duration": "1s",
            "steps": steps.collect::<Vec<_>>(),
            "operations": operations,
        });
        let origin = format!("the scenario of {}", self.recording.file.case);
        prepare(&Scenario::parse(&origin, &scenario.to_string())?, table.system, mutant)
    }

    fn members(&self) -> Vec<Value> {
        let table = self.recording.table;
        let names = self.recording.names();
        let disk = read(&fill_disk(table.disk, names.len()));
        let member = |name: &&str| {
            let is_late = self.driver.starts_late(name);
            json!({"name": name, "role": read(table.member), "durable": disk, "late": is_late})
        };
        names.iter().map(member).collect()
    }

    /// Every step in its order, with what it waits for.
    pub(super) fn moves(&self) -> Vec<(Cue, Value)> {
        let fire = |node: &str, timer: &str| json!({"fire": {"node": node, "timer": timer}});
        let (recording, table) = (self.recording, self.recording.table);
        let mut moves = Vec::new();
        if let Some((timer, option)) = table.ticks_by {
            let length = recording.file.config.get(option).and_then(Value::as_i64);
            let length = Micros::millis(length.unwrap_or(0));
            let started = recording.names().into_iter();
            let started = started.filter_map(|name| Some((name, self.started(name)?)));
            moves.extend(
                started.map(|(name, started)| (Cue::Tick { started, length }, fire(name, timer))),
            );
        }
        moves.extend(recording.leader().map(|leader| (Cue::Lead, fire(leader, table.leads_by))));
        for (place, deed) in self.driver.deeds.iter().enumerate() {
            let actions = self.actions(&deed.what).into_iter();
            moves.extend(actions.map(|action| (Cue::Deed(place), action)));
        }
        moves
    }

    /// When a node first said something, before the first fault.
    fn started(&self, name: &str) -> Option<Micros> {
        let mut events = self.recording.file.events.iter();
        let first = events.find(|event| event.source == name).map(|event| event.at);
        first.filter(|at| *at < Micros::ZERO)
    }

    fn actions(&self, what: &What) -> Vec<Value> {
        let cut = |links: &Links| json!({"from": links.one, "to": links.other, "both": true});
        match what {
            What::Start(node) => vec![json!({"start": {"node": node}})],
            What::Kill(node) => vec![json!({"crash": {"node": node, "of": "process"}})],
            What::Restart(node) => vec![json!({"restart": {"node": node}})],
            // What reaches a process that does not run waits in several sockets: when it goes on,
            // the order between them is open.
            What::Pause(node) => {
                vec![json!({"pause": {"node": node}}), json!({"hold": {"to": node}})]
            }
            What::Resume(node) => {
                vec![json!({"resume": {"node": node}}), json!({"release": {"to": node}})]
            }
            What::Cut(links) => links.iter().map(|links| json!({"cut": cut(links)})).collect(),
            What::Heal(links) if links.is_empty() => vec![json!({"heal": {}})],
            What::Heal(links) => links.iter().map(|links| json!({"heal": cut(links)})).collect(),
            What::Command { node, words } => {
                let command = command(self.recording, words).unwrap_or_default();
                vec![json!({"admin": {"node": node, "command": command}})]
            }
        }
    }

    /// Every command that somebody types has a meaning here.
    pub(super) fn check_commands(&self) -> Result<(), Complaint> {
        for deed in &self.driver.deeds {
            let What::Command { words, .. } = &deed.what else { continue };
            if command(self.recording, words).is_none() {
                let path = Path::root().key("faults").index(deed.place).key("details");
                let what = format!("nothing here is like the command `{words}`");
                return Err(Complaint::new(&path, what));
            }
        }
        Ok(())
    }
}

/// What an operator's command is here.
fn command(recording: &Recording, words: &str) -> Option<Value> {
    let mut commands = recording.table.commands.iter();
    let (rest, template) =
        commands.find_map(|(begin, template)| Some((words.strip_prefix(begin)?, template)))?;
    let argument = rest.split_whitespace().next()?;
    recording.names().contains(&argument).then_some(())?;
    serde_json::from_str(&template.replace("{}", argument)).ok()
}

/// `{each:X}` is X once for each member.
fn fill_disk(template: &str, members: usize) -> String {
    let Some((before, rest)) = template.split_once("{each:") else { return template.to_owned() };
    let Some((one, after)) = rest.split_once('}') else { return template.to_owned() };
    format!("{before}{}{after}", vec![one; members].join(", "))
}

/// A template of a protocol's table, filled in.
pub(super) fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}
