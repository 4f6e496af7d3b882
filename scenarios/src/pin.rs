//! A run written down without words that depend on the run: every step at the time at which it was
//! taken, with the seats whom its words meant then.
//!
//! `when` somebody leads, crash the `leader` is a good sentence in a lesson. In a failure file it
//! would mean something else as soon as the code elects somebody else.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};
use sim_engine::{Instant, Meant, NodeId, Trace, What};

/// Fields of an action in which words for seats stand, in the order in which they are looked up.
const WHO: [&str; 6] = ["groups", "node", "nodes", "client", "from", "to"];

/// Fields of a step that say when it is taken, and what else depends on the run.
const LEFT_OUT: [&str; 6] = ["when", "after", "repeat", "bind", "say", "at"];

/// The concrete scenario with its steps as `trace` saw them taken. Steps that were never taken, or
/// meant nobody, are left out; words that cannot be replaced stay.
pub(crate) fn pinned(run: &Value, trace: &Trace) -> Value {
    let empty = Vec::new();
    let steps = run["steps"].as_array().unwrap_or(&empty);
    let mut taken = Vec::new();
    for event in &trace.events {
        let What::Step { step, say, meant, .. } = &event.what else { continue };
        let Some(step) = usize::try_from(*step).ok().and_then(|place| steps.get(place)) else {
            continue;
        };
        let name = |id: NodeId| trace.cast.name(id).to_owned();
        taken.extend(step_taken(step, event.at, say.as_deref(), &mut Words::new(meant, &name)));
    }
    let mut run = run.clone();
    run["steps"] = Value::Array(taken);
    run
}

/// Actions on one seat at a time: one that meant several is written once for each.
const ONE_BY_ONE: [&str; 4] = ["client", "admin", "fire", "start"];

/// Actions whose fields are single words: one that means several seats stays.
const ONE_WORD: [&str; 4] = ["hold", "drop", "deliver", "release"];

/// A step as it was taken: once for each seat, where a file can name one seat only.
fn step_taken(step: &Value, at: Instant, say: Option<&str>, words: &mut Words<'_>) -> Vec<Value> {
    let action = step["do"].as_object().and_then(|action| action.iter().next());
    let Some((kind, Value::Object(fields))) = action else { return Vec::new() };
    let mut actions = vec![fields.clone()];
    for field in WHO {
        let Some(who) = fields.get(field) else { continue };
        let seats = words.named(who);
        let choices = match seats.as_array() {
            Some(seats) if seats.is_empty() => return Vec::new(),
            Some(seats) if ONE_BY_ONE.contains(&kind.as_str()) => seats.clone(),
            Some(_) if ONE_WORD.contains(&kind.as_str()) => vec![who.clone()],
            Some(_) | None => vec![seats],
        };
        let with = |choice: &Value| with(&actions[0], field, choice.clone());
        actions = choices.iter().map(with).collect();
    }
    let pinned = |action: Map<String, Value>| {
        let mut step = step.clone();
        if let Some(fields) = step.as_object_mut() {
            fields.retain(|field, _| !LEFT_OUT.contains(&field.as_str()));
        }
        step["at"] = json!(at - Instant::ZERO);
        if let Some(say) = say {
            step["say"] = json!(say);
        }
        step["do"] = json!({ kind.clone(): action });
        step
    };
    actions.into_iter().map(pinned).collect()
}

fn with(action: &Map<String, Value>, field: &str, who: Value) -> Map<String, Value> {
    let mut action = action.clone();
    action.insert(field.to_owned(), who);
    action
}

/// What the words of a step meant, in their order.
struct Words<'w> {
    left: VecDeque<&'w Meant>,
    name: &'w dyn Fn(NodeId) -> String,
}

impl<'w> Words<'w> {
    fn new(meant: &'w [Meant], name: &'w dyn Fn(NodeId) -> String) -> Self {
        Self { left: meant.iter().collect(), name }
    }

    /// Names of seats in place of words: one name, or a list.
    fn named(&mut self, who: &Value) -> Value {
        match who {
            Value::String(word) => match self.seats(word) {
                Some(mut seats) if seats.len() == 1 => seats.remove(0),
                Some(seats) => Value::Array(seats),
                None => who.clone(),
            },
            Value::Array(groups) if groups.iter().all(Value::is_array) => {
                let groups = groups.iter().map(|group| self.named(group));
                groups.filter(|group| *group != json!([])).collect()
            }
            Value::Array(list) => {
                let mut all = Vec::new();
                for word in list {
                    let seats = word.as_str().and_then(|word| self.seats(word));
                    all.extend(seats.unwrap_or_else(|| vec![word.clone()]));
                }
                Value::Array(all)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => who.clone(),
        }
    }

    /// The seats whom a word meant, if it is not the name of one.
    fn seats(&mut self, word: &str) -> Option<Vec<Value>> {
        let place = self.left.iter().position(|meant| meant.word == word)?;
        let meant = self.left.remove(place)?;
        Some(meant.seats.iter().map(|id| json!((self.name)(*id))).collect())
    }
}

#[cfg(test)]
mod tests {
    use sim_engine::Recording;

    use super::*;
    use crate::{Scenario, concrete, prepare, run};

    /// The steps of a scenario as they were taken in the run of its own seed.
    fn pinned_steps(name: &str) -> (Vec<Value>, Value) {
        let scenario = Scenario::load(name).unwrap();
        let prepared = prepare(&scenario, "raft", None).unwrap();
        let before = concrete(&scenario, &prepared, scenario.seed()).unwrap();
        let trace = run(&prepared, scenario.seed(), Recording::Everything).trace;
        let after = pinned(&before, &trace);
        (after["steps"].as_array().unwrap().clone(), after)
    }

    #[test]
    fn words_become_seats_and_moments_become_times() {
        let (steps, run) = pinned_steps("split-brain");
        let text = run["steps"].to_string();
        for word in ["when", "after", "bind", "leader\"", "rest", "a follower", "old"] {
            assert!(!text.contains(&format!("\"{word}")), "{word} stands in {text}");
        }
        assert!(steps.iter().all(|step| step["at"].is_string()), "{text}");
        assert!(steps.iter().any(|step| step["do"]["partition"]["groups"].is_array()), "{text}");
        let scenario = Scenario::parse("pinned", &run.to_string()).unwrap();
        let again = prepare(&scenario, "raft", None).unwrap();
        let seen = crate::run(&again, scenario.seed(), Recording::Nothing);
        assert!(seen.outcome.steps_missed.is_empty(), "{text}");
        assert!(seen.outcome.faults.iter().all(|fault| fault.acted > 0), "{text}");
    }
}
