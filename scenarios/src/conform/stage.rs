//! A recording as a scenario: the same members, settings and faults, at the same times.
//!
//! Whoever led just before the first fault leads here, too: its timers run out first. What the
//! driver did because a write had succeeded waits for the write of the run, not for the clock.

use serde_json::{Map, Value, json};
use sim_engine::{Concern, Dice, Scale};

use super::driver::{Asker, Asks, Driver, Probe, What};
use super::micros::Micros;
use super::recording::Recording;
use super::words::Links;
use crate::path::Path;
use crate::problem::{Complaint, Problem};

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
/// Delays of one machine that talks to itself, and syncs of its disk: half of them are longer, and
/// one in a hundred.
const NETWORK: (&str, &str) = ("1ms", "25ms");
const DISK: (&str, &str) = ("1ms", "12ms");

/// A recording, ready to be played with any seed.
#[derive(Debug)]
pub(super) struct Stage<'r> {
    pub(super) recording: &'r Recording,
    pub(super) driver: Driver,
    config: Value,
}

/// One seed's scenario.
#[derive(Clone, Debug)]
pub(super) struct Play {
    pub(super) scenario: Value,
    /// The time of the first fault in the run.
    pub(super) zero: Micros,
    /// The times of the deeds, from the first fault.
    pub(super) deeds: Vec<Micros>,
}

impl<'r> Stage<'r> {
    pub(super) fn of(recording: &'r Recording) -> Result<Self, Problem> {
        let driver = Driver::of(recording)?;
        let config =
            config(recording).map_err(|complaint| recording.document.problem(complaint))?;
        let stage = Self { recording, driver, config };
        stage.check_commands().map_err(|complaint| recording.document.problem(complaint))?;
        Ok(stage)
    }

    fn check_commands(&self) -> Result<(), Complaint> {
        for deed in &self.driver.deeds {
            let What::Command { words, .. } = &deed.what else { continue };
            if self.admin(words).is_none() {
                let path = Path::root().key("faults").index(deed.place).key("details");
                let what = format!("nothing here is like the command `{words}`");
                return Err(Complaint::new(&path, what));
            }
        }
        Ok(())
    }

    /// The part that a member plays: members of one part can stand in for each other.
    pub(super) fn part_of(&self, name: &str) -> String {
        let node = self.recording.file.nodes.iter().find(|node| node.name == name);
        let mut part = node.and_then(|node| node.role.clone()).unwrap_or_default();
        let has = |side: &[String]| side.iter().any(|one| one == name);
        for deed in &self.driver.deeds {
            let place = match &deed.what {
                What::Kill(node) | What::Restart(node) | What::Pause(node) | What::Resume(node) => {
                    u64::from(node == name)
                }
                What::Cut(links) | What::Heal(links) => links.iter().fold(1, |place, cut| {
                    place * 3 + u64::from(has(&cut.one)) + 2 * u64::from(has(&cut.other))
                }),
                // Whom a command names is among its words.
                What::Command { node, words } => {
                    let is_named = words.split_whitespace().any(|word| word == name);
                    u64::from(node == name) + 2 * u64::from(is_named)
                }
            };
            part = format!("{part} {place}");
        }
        part
    }

    /// What an operator's command is here.
    fn admin(&self, words: &str) -> Option<Value> {
        let mut commands = self.recording.table.commands.iter();
        let (rest, template) =
            commands.find_map(|(begin, template)| Some((words.strip_prefix(begin)?, template)))?;
        let argument = rest.split_whitespace().next()?;
        self.recording.names().contains(&argument).then_some(())?;
        serde_json::from_str(&template.replace("{}", argument)).ok()
    }

    /// The scenario of one seed. Without the time of the first successful write, what waits for it
    /// is left out.
    pub(super) fn play(&self, seed: u64, written: Option<Micros>) -> Play {
        let mut dice = Dice::new(seed, Concern::Workload, u16::MAX);
        let zero = STANDS_AT + self.led_for(&mut dice);
        let mut steps = self.first_steps(zero);
        let mut deeds = Vec::new();
        for deed in &self.driver.deeds {
            let is_typed = matches!(deed.what, What::Command { .. });
            let later = if is_typed { drawn(&mut dice, COMMAND_TAKES) } else { Micros::ZERO };
            let Some(at) = self.time(deed.at, written) else { continue };
            deeds.push(at);
            steps.extend(self.steps(&deed.what).into_iter().map(|action| {
                json!({"at": (zero + at + later).in_file(), "may_miss": true, "do": action})
            }));
        }
        let duration = zero + self.end(written) + AFTERWARDS;
        let clients = self.clients();
        let cast = self.cast(&clients);
        let scenario = json!({
            "name": "recorded",
            "family": "recorded",
            "title": self.recording.file.case,
            "lesson": "A recording of a real system, played here.",
            "systems": [{
                "name": self.recording.table.system,
                "protocol": self.recording.protocol,
                "config": self.config,
            }],
            "cast": cast,
            "network": {"delay": {"log-normal": {"median": NETWORK.0, "p99": NETWORK.1}}},
            "disk": {"sync": {"log-normal": {"median": DISK.0, "p99": DISK.1}}},
            "duration": duration.in_file(),
            "steps": steps,
            "operations": self.operations(&clients, zero, written, duration),
        });
        Play { scenario, zero, deeds }
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
        // A write may take longer in a run than it did in the recording.
        self.time(end, written).unwrap_or(end + Micros::secs(4))
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

    /// Clocks tick as they did, where the recording tells when they started, and whoever led
    /// stands.
    fn first_steps(&self, zero: Micros) -> Vec<Value> {
        let fire = |(at, node, timer): (Micros, &str, &str)| {
            let action = json!({"fire": {"node": node, "timer": timer}});
            json!({"at": at.in_file(), "do": action})
        };
        let table = self.recording.table;
        let mut fired = Vec::new();
        if let Some((timer, option)) = table.ticks_by {
            let length = self.recording.file.config.get(option).and_then(Value::as_i64);
            let length = Micros::millis(length.unwrap_or(0));
            let names = self.recording.names().into_iter();
            let started = names.filter_map(|name| Some((name, self.started(name)?)));
            fired.extend(started.map(|(name, at)| ((zero + at).within(length), name, timer)));
        }
        fired.extend(self.recording.leader().map(|leader| (STANDS_AT, leader, table.leads_by)));
        fired.into_iter().map(fire).collect()
    }

    /// When a node first said something, before the first fault.
    fn started(&self, name: &str) -> Option<Micros> {
        let events = self.recording.file.events.iter();
        let first = events.filter(|event| event.source == name).map(|event| event.at).next();
        first.filter(|at| *at < Micros::ZERO)
    }

    fn steps(&self, what: &What) -> Vec<Value> {
        let cut = |links: &Links| json!({"from": links.one, "to": links.other, "both": true});
        match what {
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
                let command = self.admin(words).unwrap_or_default();
                vec![json!({"admin": {"node": node, "command": command}})]
            }
        }
    }

    /// Every client, with its name.
    pub(super) fn clients(&self) -> Vec<(String, Client<'_>)> {
        let probes = self.driver.probe.iter().flat_map(|probe| {
            (0_i64..).zip(&probe.contacts).map(move |(turn, contact)| Client::Probe {
                probe,
                contact,
                turn,
            })
        });
        let askers = self.driver.askers.iter().map(Client::Asker);
        let mut clients = Vec::new();
        for (place, client) in (1..).zip(probes.chain(askers)) {
            clients.push((client_name(place), client));
        }
        clients
    }

    fn cast(&self, clients: &[(String, Client<'_>)]) -> Vec<Value> {
        let table = self.recording.table;
        let names = self.recording.names();
        let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
        let disk = read(&fill_disk(table.disk, names.len()));
        let member =
            |name: &&str| json!({"name": name, "role": read(table.member), "durable": disk});
        let client = |(name, client): &(String, Client<'_>)| {
            let (contact, timeout) = client.contact();
            // Another member is asked only by a client that looks for the last good one.
            let retry = if client.goes_elsewhere() {
                timeout - Micros::millis(1)
            } else {
                timeout.times(2)
            };
            let role = table
                .client
                .replace("{contact}", contact)
                .replace("{retry}", &retry.in_file())
                .replace("{give_up}", &timeout.in_file())
                .replace("{keeps}", if client.goes_elsewhere() { "false" } else { "true" })
                .replace("{stale}", if client.reads_stale() { "true" } else { "false" });
            json!({"name": name, "role": read(&role)})
        };
        names.iter().map(member).chain(clients.iter().map(client)).collect()
    }

    fn operations(
        &self,
        clients: &[(String, Client<'_>)],
        zero: Micros,
        written: Option<Micros>,
        end: Micros,
    ) -> Vec<Value> {
        let mut operations = Vec::new();
        let mut value = 0;
        for (name, client) in clients {
            for at in client.times(written, end - zero) {
                let Some(at) = self.time_of(client, at, written) else { continue };
                value += 1;
                let operation = if client.reads() {
                    json!({"read": {"key": "x"}})
                } else {
                    json!({"write": {"key": "x", "value": value}})
                };
                operations.push((zero + at, name, operation));
            }
        }
        operations.sort_by_key(|(at, ..)| *at);
        operations
            .into_iter()
            .map(|(at, who, what)| json!({"at": at.in_file(), "client": who, "operation": what}))
            .collect()
    }

    /// The probe itself waits for nobody.
    fn time_of(&self, client: &Client<'_>, at: Micros, written: Option<Micros>) -> Option<Micros> {
        match client {
            Client::Probe { .. } => Some(at),
            Client::Asker(_) => self.time(at, written),
        }
    }
}

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

    /// When it asks, in the time of the recording. A probe ends with its first success.
    fn times(&self, written: Option<Micros>, end: Micros) -> Vec<Micros> {
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

fn client_name(place: u32) -> String {
    format!("driver-{place}")
}

/// The settings of the protocol that are the options of the recorded system.
fn config(recording: &Recording) -> Result<Value, Complaint> {
    let mut config = Map::new();
    for (setting, value) in recording.table.settings {
        config.insert((*setting).to_owned(), serde_json::from_str(value).unwrap_or_default());
    }
    for option in recording.table.options {
        let Some(value) = recording.file.config.get(option.option) else { continue };
        let path = Path::root().key("config").key(option.option);
        let value = match option.scale {
            Scale::Same => value.clone(),
            Scale::Millis { percent } => {
                let millis = value.as_u64().filter(|millis| (1..=3_600_000).contains(millis));
                let what = "this must be a whole number of milliseconds, at most an hour";
                let millis = millis.ok_or_else(|| Complaint::new(&path, what))?;
                json!(format!("{}us", millis * 10 * percent))
            }
        };
        match option.setting.split_once('.') {
            None => {
                config.insert(option.setting.to_owned(), value);
            }
            Some((outer, inner)) => {
                let place = config.entry(outer).or_insert_with(|| json!({}));
                place[inner] = value;
            }
        }
    }
    Ok(Value::Object(config))
}

/// `{each:X}` is X once for each member.
fn fill_disk(template: &str, members: usize) -> String {
    let Some((before, rest)) = template.split_once("{each:") else { return template.to_owned() };
    let Some((one, after)) = rest.split_once('}') else { return template.to_owned() };
    format!("{before}{}{after}", vec![one; members].join(", "))
}

fn drawn(dice: &mut Dice, (from, longer): (i64, u64)) -> Micros {
    Micros::whole(from + i64::try_from(dice.below(longer)).unwrap_or(0))
}
