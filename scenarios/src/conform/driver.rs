//! What the driver of a recording did, read from its list of faults.

use super::micros::Micros;
use super::recording::{DeedFile, Recording};
use super::words::{Links, count_in, every_in, links, timeout_in};
use crate::path::Path;
use crate::problem::{Complaint, Problem, quoted};

/// How long a driver needs from one attempt to the next.
const BETWEEN_ATTEMPTS: Micros = Micros::millis(8);
/// How much earlier than its nominal time something begins that is over just before the first
/// fault.
const BEFORE_FAULT: Micros = Micros::millis(60);
/// How long a probe waits if the recording does not say.
const USUAL_TIMEOUT: Micros = Micros::millis(300);
/// How long one of several writes in a row waits if the recording does not say.
const PATIENCE: Micros = Micros::secs(5);
/// How long a single read or write without a time-out waits.
const LONG_TIMEOUT: Micros = Micros::secs(2);

/// What the driver did to nodes and links, and what its clients asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Driver {
    /// In the order of time; the first one that disturbs is at 0.
    pub(super) deeds: Vec<Deed>,
    pub(super) askers: Vec<Asker>,
    /// Tries one member after the other until a write is taken; the time of that in the recording.
    pub(super) probe: Option<Probe>,
}

/// Something done to nodes or links.
#[derive(Clone, Debug)]
pub(super) struct Deed {
    pub(super) at: Micros,
    pub(super) what: What,
    pub(super) place: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// For the first time.
    Start(String),
    Kill(String),
    Restart(String),
    Pause(String),
    Resume(String),
    Cut(Vec<Links>),
    /// Of some links, or of all.
    Heal(Vec<Links>),
    /// An operator types a command at a node.
    Command {
        node: String,
        words: String,
    },
}

/// A client that asks one member.
#[derive(Clone, Debug)]
pub(super) struct Asker {
    pub(super) contact: String,
    pub(super) from: Micros,
    pub(super) every: Micros,
    pub(super) count: i64,
    pub(super) timeout: Micros,
    pub(super) asks: Asks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    /// To write, before the first fault or once.
    Write,
    /// To write, again and again: its gaps are compared.
    WriteOn {
        elsewhere: bool,
    },
    Read,
    StaleRead,
}

#[derive(Clone, Debug)]
pub(super) struct Probe {
    pub(super) from: Micros,
    pub(super) timeout: Micros,
    pub(super) contacts: Vec<String>,
    /// When it succeeded in the recording.
    pub(super) done: Micros,
}

impl Asker {
    /// True if it writes again and again.
    pub(super) fn writes_on(&self) -> bool {
        matches!(self.asks, Asks::WriteOn { .. })
    }
}

impl Probe {
    /// How long one attempt takes.
    pub(super) fn attempt(&self) -> Micros {
        self.timeout + BETWEEN_ATTEMPTS
    }
}

impl Driver {
    pub(super) fn of(recording: &Recording) -> Result<Self, Problem> {
        let mut driver = Self::default();
        let names = recording.names();
        for (place, deed) in recording.file.faults.iter().enumerate() {
            let path = Path::root().key("faults").index(place);
            driver
                .take(recording, deed, (place, &path), &names)
                .map_err(|complaint| recording.document.problem(complaint))?;
        }
        driver.deeds.sort_by_key(|deed| deed.at);
        driver.complete_probe(recording);
        Ok(driver)
    }

    fn take(
        &mut self,
        recording: &Recording,
        deed: &DeedFile,
        (place, path): (usize, &Path),
        names: &[&str],
    ) -> Result<(), Complaint> {
        let target = || node(&deed.target, names, path);
        let each = |what: fn(String) -> What| {
            let targets = members(recording, &deed.target, path)?;
            Ok::<_, Complaint>(targets.into_iter().map(what).collect::<Vec<_>>())
        };
        let what = match deed.action.as_str() {
            // Members that were started before the first fault are there from the beginning.
            "start" if deed.at < Micros::ZERO => return Ok(()),
            "start" => {
                let starts = members(recording, &deed.target, path)?.into_iter();
                starts.filter_map(|node| self.started(recording, node, deed.at)).collect()
            }
            "write" => return self.take_write(recording, deed, path),
            "read" => return self.take_read(recording, deed, path),
            "kill" => each(What::Kill)?,
            "restart" => each(What::Restart)?,
            "pause" => each(What::Pause)?,
            "resume" => each(What::Resume)?,
            "cut" => vec![What::Cut(target_links(deed, names, path)?)],
            "heal" if deed.target == "all" => vec![What::Heal(Vec::new())],
            "heal" => vec![What::Heal(target_links(deed, names, path)?)],
            "command" => {
                vec![What::Command { node: target()?, words: deed.details.clone() }]
            }
            other => {
                let known = [
                    "start", "kill", "restart", "pause", "resume", "cut", "heal", "command",
                    "write", "read",
                ];
                let what = format!("the action `{other}` cannot be simulated here");
                let hint = format!("these can: {}", quoted(&known));
                return Err(Complaint::new(&path.key("action"), what).hint(hint));
            }
        };
        self.deeds.extend(what.into_iter().map(|what| Deed { at: deed.at, what, place }));
        Ok(())
    }

    /// A process that is started after it was killed restarts; one that runs is left alone.
    fn started(&self, recording: &Recording, node: String, at: Micros) -> Option<What> {
        let killed = What::Kill(node.clone());
        let own = [What::Start(node.clone()), killed.clone(), What::Restart(node.clone())];
        let earlier = self.deeds.iter().rfind(|deed| deed.at <= at && own.contains(&deed.what));
        match earlier {
            Some(deed) => (deed.what == killed).then_some(What::Restart(node)),
            None if recording.is_there(&node) => None,
            None => Some(What::Start(node)),
        }
    }

    /// True if a member is not there until the driver starts it.
    pub(super) fn starts_late(&self, name: &str) -> bool {
        self.deeds.iter().any(|deed| matches!(&deed.what, What::Start(node) if node == name))
    }

    fn take_write(
        &mut self,
        recording: &Recording,
        deed: &DeedFile,
        path: &Path,
    ) -> Result<(), Complaint> {
        let names = recording.names();
        let timeout = timeout_in(&deed.details);
        if deed.details.contains("until one succeeds") {
            let contacts = members(recording, &deed.target, path)?;
            let timeout = timeout.unwrap_or(USUAL_TIMEOUT);
            self.probe = Some(Probe { from: deed.at, timeout, contacts, done: Micros::ZERO });
            return Ok(());
        }
        let elsewhere = !names.contains(&deed.target.as_str());
        let contacts = members(recording, &deed.target, path)?;
        // Of several, the one that leads is asked first.
        let leader = recording.leader().map(str::to_owned);
        let leader = leader.filter(|leader| contacts.contains(leader));
        let Some(contact) = leader.or_else(|| contacts.first().cloned()) else { return Ok(()) };
        let repeated = every_in(&deed.details);
        let (every, count, asks) = match repeated {
            // A driver waits for the answer and then pauses: some attempts fit into the time.
            Some((every, length)) => {
                let every = every + Micros::millis(10);
                (every, length.over(every), Asks::WriteOn { elsewhere })
            }
            None => (Micros::millis(1), count_in(&deed.details), Asks::Write),
        };
        let usual = if count > 1 { PATIENCE } else { LONG_TIMEOUT };
        let timeout = timeout.unwrap_or(usual);
        // What came just before the first fault was over by then.
        let is_over = deed.at < Micros::ZERO && deed.details.contains("just before");
        let from = if is_over { deed.at - BEFORE_FAULT } else { deed.at };
        self.askers.push(Asker { contact, from, every, count, timeout, asks });
        Ok(())
    }

    fn take_read(
        &mut self,
        recording: &Recording,
        deed: &DeedFile,
        path: &Path,
    ) -> Result<(), Complaint> {
        let contact = node(&deed.target, &recording.names(), path)?;
        let timeout = timeout_in(&deed.details);
        // A nominal time is no more than a place in the order; the answer's time is exact.
        let is_nominal = deed.details.contains("time nominal");
        let answered = recording.file.events.iter().find(|event| {
            event.event == "client-reply" && event.details.contains("read") && event.at > deed.at
        });
        let from = match (timeout, answered) {
            (Some(timeout), Some(answer)) if is_nominal => answer.at - timeout,
            _ => deed.at,
        };
        for (word, asks) in [("serializable", Asks::StaleRead), ("linearizable", Asks::Read)] {
            if deed.details.contains(word) {
                let timeout = timeout.unwrap_or(LONG_TIMEOUT);
                let contact = contact.clone();
                let every = Micros::ZERO;
                self.askers.push(Asker { contact, from, every, count: 1, timeout, asks });
            }
        }
        Ok(())
    }

    /// The recording says when the probe succeeded, and sometimes nothing else of it: then a
    /// driver that does one thing after the other began when it had nothing else to do, and asked
    /// those it had not cut off.
    fn complete_probe(&mut self, recording: &Recording) {
        let done = recording.file.events.iter().find(|event| event.event == "first-write");
        let Some(done) = done.map(|event| event.at) else {
            self.probe = None;
            return;
        };
        if let Some(probe) = &mut self.probe {
            probe.done = done;
            return;
        }
        let is_before = |asker: &&Asker| {
            asker.asks == Asks::Write && asker.from > Micros::ZERO && asker.from < done
        };
        let busy = self.askers.iter().filter(is_before).map(|asker| asker.from + asker.timeout);
        let from = busy.max().filter(|from| *from < done).unwrap_or(Micros::ZERO);
        let contacts = self.undisturbed(recording);
        self.probe = Some(Probe { from, timeout: USUAL_TIMEOUT, contacts, done });
    }

    /// The members that the first fault leaves together with the most others.
    fn undisturbed(&self, recording: &Recording) -> Vec<String> {
        let all = || recording.names().into_iter().map(str::to_owned);
        let Some(first) = self.deeds.first() else { return all().collect() };
        match &first.what {
            What::Kill(node) | What::Pause(node) => all().filter(|name| name != node).collect(),
            What::Cut(links) => {
                let sides = links.iter().flat_map(|cut| [&cut.one, &cut.other]);
                sides.max_by_key(|side| side.len()).cloned().unwrap_or_default()
            }
            What::Start(_)
            | What::Restart(_)
            | What::Resume(_)
            | What::Heal(_)
            | What::Command { .. } => all().collect(),
        }
    }
}

/// The members that words stand for: names, or a group such as `all other members`, `followers`.
fn members(recording: &Recording, target: &str, path: &Path) -> Result<Vec<String>, Complaint> {
    let names = recording.names();
    let own = |is_meant: &dyn Fn(&str) -> bool| {
        let meant = names.iter().filter(|name| is_meant(name));
        Ok(meant.map(|name| (*name).to_owned()).collect())
    };
    let is_leader = |name: &str| recording.leader() == Some(name);
    match target.strip_prefix("the ").unwrap_or(target) {
        "all members" | "all nodes" | "all" => own(&|_| true),
        "all other members" | "all others" => own(&|name| {
            !recording.file.faults.iter().any(|deed| {
                let is_stopped = ["kill", "pause"].contains(&deed.action.as_str());
                is_stopped && deed.target.split(',').any(|target| target.trim() == name)
            })
        }),
        "leader" if recording.leader().is_some() => own(&is_leader),
        "followers" | "all followers" | "both followers" if recording.leader().is_some() => {
            own(&|name| !is_leader(name))
        }
        list => list.split(',').map(|name| node(name.trim(), &names, path)).collect(),
    }
}

fn node(name: &str, names: &[&str], path: &Path) -> Result<String, Complaint> {
    if names.contains(&name) {
        return Ok(name.to_owned());
    }
    Err(Complaint::unknown(&path.key("target"), "node", name, names.iter().copied()))
}

fn target_links(deed: &DeedFile, names: &[&str], path: &Path) -> Result<Vec<Links>, Complaint> {
    links(&deed.target, names).map_err(|why| {
        let hint = "write `a,b|c,d` for groups, or `a-b` for a link".to_owned();
        Complaint::new(&path.key("target"), why).hint(hint)
    })
}
