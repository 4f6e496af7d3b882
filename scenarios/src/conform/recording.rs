//! A recording of a real system, format `partitura-recording/1`.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::micros::Micros;
use crate::document::Document;
use crate::path::Path;
use crate::problem::{Complaint, Problem, quoted};
use crate::registry;
use crate::scenario::read;
use sim_engine::Recorded;

/// The format that is read.
const FORMAT: &str = "partitura-recording/1";
/// The most nodes of a recording.
const NODES_MAX: usize = 100;
/// The most faults and events of a recording.
const LINES_MAX: usize = 100_000;
/// The longest recording, either way from its first fault.
const LENGTH_MAX: Micros = Micros::secs(3_600);

/// A recording, as far as it is compared.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct RecordingFile {
    pub(crate) case: String,
    pub(crate) run: u64,
    pub(crate) system: String,
    pub(crate) config: Map<String, Value>,
    pub(crate) nodes: Vec<MemberFile>,
    pub(crate) faults: Vec<DeedFile>,
    pub(crate) events: Vec<EventFile>,
    #[serde(default)]
    pub(crate) observations: Map<String, Value>,
}

/// A node, and what it was just before the first fault.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct MemberFile {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) role: Option<String>,
}

/// Something the driver did.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct DeedFile {
    #[serde(rename = "t_ms", deserialize_with = "micros")]
    pub(crate) at: Micros,
    pub(crate) action: String,
    pub(crate) target: String,
    #[serde(default)]
    pub(crate) details: String,
}

/// Something a process announced, or a client was answered.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct EventFile {
    #[serde(rename = "t_ms", deserialize_with = "micros")]
    pub(crate) at: Micros,
    pub(crate) source: String,
    pub(crate) event: String,
    #[serde(default)]
    pub(crate) details: String,
}

/// A recording that can be compared, with what its system is here.
#[derive(Clone, Debug)]
pub(crate) struct Recording {
    pub(crate) document: Document,
    pub(crate) file: RecordingFile,
    pub(crate) protocol: &'static str,
    pub(crate) table: &'static Recorded,
}

fn micros<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Micros, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    number.to_string().parse().map_err(serde::de::Error::custom)
}

impl Recording {
    /// Loads a recording from a file.
    pub(crate) fn load(path: &str) -> Result<Self, Problem> {
        Self::parse(path, &read(path)?)
    }

    /// Reads a recording from a text; `origin` is what errors call it.
    pub(crate) fn parse(origin: &str, text: &str) -> Result<Self, Problem> {
        let document = Document::parse(origin, text)?;
        check_format(&document)?;
        let file: RecordingFile = document.typed()?;
        let (protocol, table) = table(&file).map_err(|complaint| document.problem(complaint))?;
        check(&file).map_err(|complaint| document.problem(complaint))?;
        Ok(Self { document, file, protocol, table })
    }

    /// The node that led just before the first fault.
    pub(crate) fn leader(&self) -> Option<&str> {
        let leads = |node: &&MemberFile| node.role.as_deref() == Some("leader");
        self.file.nodes.iter().find(leads).map(|node| node.name.as_str())
    }

    /// True if a node was there before the first fault: it had a role, had been started, or said
    /// something.
    pub(crate) fn is_there(&self, name: &str) -> bool {
        let has_role = |node: &MemberFile| node.name == name && node.role.is_some();
        let mut starts = self.file.faults.iter().filter(|deed| deed.action == "start");
        let mut events = self.file.events.iter();
        self.file.nodes.iter().any(has_role)
            || starts.any(|deed| deed.target == name && deed.at < Micros::ZERO)
            || events.any(|event| event.source == name && event.at < Micros::ZERO)
    }

    /// The names of the nodes.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.file.nodes.iter().map(|node| node.name.as_str()).collect()
    }
}

/// The format comes first: of another one nothing else can be said.
fn check_format(document: &Document) -> Result<(), Problem> {
    let path = Path::root().key("format");
    let what = match document.value.get("format").and_then(Value::as_str) {
        Some(FORMAT) => return Ok(()),
        Some(other) => format!("the format is `{other}`; only `{FORMAT}` is read"),
        None => "this is no recording: it does not say its format".to_owned(),
    };
    let hint = format!("a recording begins with {{\"format\": \"{FORMAT}\", ...}}");
    Err(document.problem(Complaint::new(&path, what).hint(hint)))
}

/// The protocol that stands in for the system, with its table.
fn table(file: &RecordingFile) -> Result<(&'static str, &'static Recorded), Complaint> {
    let all = || {
        registry::ALL
            .iter()
            .flat_map(|entry| entry.recorded.iter().map(move |table| (entry.name, table)))
    };
    let system = file.system.split_whitespace().next().unwrap_or_default();
    all().find(|(_, table)| table.system.eq_ignore_ascii_case(system)).ok_or_else(|| {
        let known: Vec<&str> = all().map(|(_, table)| table.system).collect();
        let what = format!("no protocol stands in for `{}` yet", file.system);
        let hint = format!("recordings of these systems can be compared: {}", quoted(&known));
        Complaint::new(&Path::root().key("system"), what).hint(hint)
    })
}

fn check(file: &RecordingFile) -> Result<(), Complaint> {
    let nodes = Path::root().key("nodes");
    if file.nodes.is_empty() || file.nodes.len() > NODES_MAX {
        let what = format!("there are {} nodes; 1 to {NODES_MAX} are compared", file.nodes.len());
        return Err(Complaint::new(&nodes, what));
    }
    for (place, node) in file.nodes.iter().enumerate() {
        if file.nodes[..place].iter().any(|earlier| earlier.name == node.name) {
            let what = format!("two nodes are called `{}`", node.name);
            return Err(Complaint::new(&nodes.index(place).key("name"), what));
        }
    }
    for (key, length) in [("faults", file.faults.len()), ("events", file.events.len())] {
        if length > LINES_MAX {
            let what = format!("there are {length}; at most {LINES_MAX} are compared");
            return Err(Complaint::new(&Path::root().key(key), what));
        }
    }
    check_times(file)
}

/// Times are in order and not out of this world.
fn check_times(file: &RecordingFile) -> Result<(), Complaint> {
    let faults = file.faults.iter().map(|fault| fault.at).enumerate();
    let events = file.events.iter().map(|event| event.at).enumerate();
    for (list, (place, at)) in faults.map(|at| ("faults", at)).chain(events.map(|e| ("events", e)))
    {
        if at > LENGTH_MAX || at < -LENGTH_MAX {
            let what = format!("{at} is more than an hour from the first fault");
            let path = Path::root().key(list).index(place).key("t_ms");
            return Err(Complaint::new(&path, what));
        }
    }
    let late = file.events.windows(2).position(|pair| pair[1].at < pair[0].at);
    if let Some(place) = late {
        let path = Path::root().key("events").index(place + 1).key("t_ms");
        let what = "this event is earlier than the one before it";
        let hint = "events are sorted by time".to_owned();
        return Err(Complaint::new(&path, what).hint(hint));
    }
    Ok(())
}
