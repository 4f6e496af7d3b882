//! One seed of a scenario as a scenario of its own: what chance drew stands in it step by step, so
//! that it means the same whatever becomes of the dice and of the way they are used.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::file::StepFile;
use crate::prepare::{Drawn, Prepared};
use crate::problem::Problem;
use crate::scenario::Scenario;
use crate::seats::seats;

/// What a concrete scenario does not have: it is one system, one seed, and no chance but delays.
const LEFT_OUT: [&str; 5] = ["$schema", "variants", "chaos", "workload", "expect"];

/// The scenario that does in one run what `scenario` does in the run of `seed`: the same events,
/// the same digest. It expects that every promise holds.
///
/// ```
/// use scenarios::{Scenario, concrete, prepare, run};
/// use sim_engine::Recording;
/// let scenario = Scenario::load("raft-chaos")?;
/// let chance = prepare(&scenario, "raft", None)?;
/// let drawn = Scenario::parse("seed 7", &concrete(&scenario, &chance, 7)?.to_string())?;
/// let drawn = prepare(&drawn, "raft", None)?;
/// let digest = |prepared| run(prepared, 7, Recording::Nothing).outcome.digest;
/// assert_eq!(digest(&chance), digest(&drawn));
/// # Ok::<(), scenarios::Problem>(())
/// ```
pub fn concrete(scenario: &Scenario, system: &Prepared, seed: u64) -> Result<Value, Problem> {
    let Drawn { steps, operations } = system.drawn(seed);
    let mut concrete = scenario.value().clone();
    for field in LEFT_OUT {
        if let Some(fields) = concrete.as_object_mut() {
            fields.remove(field);
        }
    }
    let place = scenario.system(&system.system)?;
    let mut own = concrete["systems"][place].clone();
    if let Some(fields) = own.as_object_mut() {
        fields.remove("expect");
        fields.remove("mutant");
        fields.extend(system.mutant.map(|mutant| ("mutant".to_owned(), json!(mutant.0))));
    }
    concrete["title"] = json!(scenario.title());
    concrete["lesson"] = json!(scenario.lesson());
    concrete["seed"] = json!(seed);
    concrete["systems"] = json!([own]);
    concrete["cast"] = cast(scenario)?;
    let all = own_steps(scenario, &system.system).chain(steps);
    concrete["steps"] = all.map(|step| value(&step)).collect();
    concrete["operations"] = operations.iter().map(value).collect();
    Ok(concrete)
}

/// The steps of the file that are for this system.
fn own_steps<'s>(scenario: &'s Scenario, system: &'s str) -> impl Iterator<Item = StepFile> + 's {
    let is_ours = move |step: &&StepFile| {
        step.only.as_ref().is_none_or(|only| only.iter().any(|name| name == system))
    };
    let steps = scenario.file.steps.iter().filter(is_ours).cloned();
    steps.map(|step| StepFile { only: None, ..step })
}

/// The cast, seat by seat.
fn cast(scenario: &Scenario) -> Result<Value, Problem> {
    let seats = seats(&scenario.file).map_err(|complaint| scenario.document.problem(complaint))?;
    let seat = |seat: &crate::seats::SeatFile<'_>| {
        let mut fields = Map::new();
        fields.insert("name".to_owned(), json!(seat.name));
        fields.insert("role".to_owned(), seat.role.clone());
        fields.extend(seat.place.map(|place| ("place".to_owned(), json!(place))));
        fields.extend(seat.is_late.then(|| ("late".to_owned(), json!(true))));
        fields.extend(seat.durable.map(|durable| ("durable".to_owned(), durable.clone())));
        Value::Object(fields)
    };
    Ok(seats.iter().map(seat).collect())
}

/// A typed part of a file as JSON. Its types have string keys only, so this cannot fail.
pub(crate) fn value(part: &impl Serialize) -> Value {
    serde_json::to_value(part).unwrap_or_default()
}
