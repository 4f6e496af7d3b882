//! A failure file: one run that breaks a promise, written down so that it means the same after the
//! code has changed. It holds the seed of the delays, and everything else step by step.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sim_engine::{Broken, Recording};

use crate::compact::compact;
use crate::concrete::concrete;
use crate::pin::pinned;
use crate::problem::Problem;
use crate::scenario::read;
use crate::{Prepared, Scenario, prepare, run};

/// The format that is written and read.
pub(crate) const FORMAT: &str = "partitura-failure/1";

/// How every version of the format begins.
const FAMILY: &str = "partitura-failure/";

/// A run that breaks a promise.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Failure {
    pub(crate) format: String,
    /// The scenario it was found in, with its variant.
    pub(crate) scenario: String,
    pub(crate) system: String,
    /// The seed, as text: JavaScript would lose digits.
    pub(crate) seed: String,
    pub(crate) promise: String,
    /// When it was seen, and what was wrong: for readers.
    pub(crate) at: String,
    pub(crate) why: String,
    /// What to type to see the run it was made from.
    pub(crate) command: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) shrunk: Option<Shrunk>,
    /// The scenario that is run.
    pub(crate) run: Value,
}

/// How much smaller a failure has become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shrunk {
    pub(crate) before: Size,
    pub(crate) after: Size,
}

/// How much there is in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Size {
    pub(crate) steps: usize,
    pub(crate) operations: usize,
    pub(crate) seats: usize,
}

/// What a run of a failure file needs.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) prepared: Prepared,
    pub(crate) seed: u64,
}

impl Failure {
    /// The run of `seed`, in which `promise` is known to break.
    pub(crate) fn of(
        scenario: &Scenario,
        prepared: &Prepared,
        seed: u64,
        promise: &str,
        command: String,
    ) -> Result<Self, Problem> {
        let run = concrete(scenario, prepared, seed)?;
        let failure = Self {
            format: FORMAT.to_owned(),
            scenario: prepared.scenario.clone(),
            system: prepared.system.clone(),
            seed: seed.to_string(),
            promise: promise.to_owned(),
            at: String::new(),
            why: String::new(),
            command,
            shrunk: None,
            run,
        };
        let broken = failure
            .breach()?
            .ok_or_else(|| Problem::new(format!("`{promise}` does not break in seed {seed}")))?;
        Ok(failure.pinned()?.unwrap_or_else(|| failure.seen(&broken)))
    }

    /// The same failure without words that depend on the run, if the promise breaks in it, too.
    /// Steps that are taken at a time come before whatever else happens then, and so it may not.
    fn pinned(&self) -> Result<Option<Self>, Problem> {
        let Ready { prepared, seed } = self.ready()?;
        let trace = run(&prepared, seed, Recording::Everything).trace;
        let pinned = Self { run: pinned(&self.run, &trace), ..self.clone() };
        Ok(pinned.breach()?.map(|broken| pinned.seen(&broken)))
    }

    /// The same failure with what is seen of it.
    pub(crate) fn seen(self, broken: &Broken) -> Self {
        Self { at: broken.at.to_string(), why: broken.why.clone(), ..self }
    }

    /// Reads a failure file.
    pub(crate) fn load(path: &str) -> Result<Self, Problem> {
        Self::parse(path, &read(path)?)
    }

    /// Reads a failure from a text.
    pub(crate) fn parse(origin: &str, text: &str) -> Result<Self, Problem> {
        let problem =
            |what: String| Problem { origin: Some(origin.to_owned()), ..Problem::new(what) };
        let value: Value =
            serde_json::from_str(text).map_err(|error| problem(format!("not JSON: {error}")))?;
        let format = value["format"].as_str().unwrap_or_default();
        match format {
            FORMAT => {}
            other if other.starts_with(FAMILY) => {
                let what = format!("this is `{other}`, and this program reads `{FORMAT}`");
                let hint = "replay it with the version that wrote it".to_owned();
                return Err(problem(what).hint(hint));
            }
            _ => {
                let hint = format!("`sweep` and `shrink` write them; their format is `{FORMAT}`");
                return Err(problem("this is not a failure file".to_owned()).hint(hint));
            }
        }
        serde_json::from_value(value).map_err(|error| problem(error.to_string()))
    }

    /// True if a text says of itself that it is a failure file, of whatever version.
    pub(crate) fn is_one(text: &str) -> bool {
        serde_json::from_str::<Value>(text)
            .is_ok_and(|value| value["format"].as_str().is_some_and(|f| f.starts_with(FAMILY)))
    }

    /// Its text.
    pub(crate) fn text(&self) -> String {
        compact(&json!(self))
    }

    /// Its usual name, without an ending.
    pub(crate) fn name(&self) -> String {
        format!("{}-{}-{}-{}", self.scenario, self.system, self.seed, self.promise)
    }

    /// The scenario that is run.
    pub(crate) fn scenario(&self) -> Result<Scenario, Problem> {
        Scenario::parse("the failure file, in `run`", &compact(&self.run))
    }

    /// Types and checks what is run.
    pub(crate) fn ready(&self) -> Result<Ready, Problem> {
        let seed = self.seed.parse();
        let seed = seed.map_err(|_| Problem::new(format!("`{}` is no seed", self.seed)))?;
        let prepared = prepare(&self.scenario()?, &self.system, None)?;
        let names = prepared.promises.iter().map(|info| info.name);
        if !names.clone().any(|name| name == self.promise) {
            let what = format!("`{}` has no promise `{}`", prepared.protocol, self.promise);
            return Err(Problem::new(what).hint(crate::problem::suggest(&self.promise, names)));
        }
        Ok(Ready { prepared, seed })
    }

    /// How the promise breaks, if it still does.
    pub(crate) fn breach(&self) -> Result<Option<Broken>, Problem> {
        Ok(self.ready()?.breach(&self.promise))
    }

    /// How much there is in it.
    pub(crate) fn size(&self) -> Size {
        let length = |field: &str| self.run[field].as_array().map_or(0, Vec::len);
        Size { steps: length("steps"), operations: length("operations"), seats: length("cast") }
    }
}

impl Ready {
    /// How a promise breaks, if it does.
    pub(crate) fn breach(&self, promise: &str) -> Option<Broken> {
        let outcome = run(&self.prepared, self.seed, Recording::Nothing).outcome;
        outcome.promises.into_iter().find(|result| result.name == promise)?.broken
    }
}
