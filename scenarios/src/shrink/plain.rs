//! The same run with something plainer in it: a rounder time, a shorter fault, a fixed delay, a
//! whole rate, or a fault and its end in one step.

use serde_json::{Value, json};
use sim_engine::{Delay, Duration};

use crate::file::ENDS;
use crate::path::{Part, Path};

/// The coarsest and the finest round times, in nanoseconds.
const ROUND: [u64; 4] = [1_000_000_000, 100_000_000, 10_000_000, 1_000_000];

/// More operations than these are left as they are.
const OPERATIONS_MAX: usize = 30;

/// A length of time in a file.
pub(super) fn length(value: &Value) -> Option<Duration> {
    value.as_str()?.parse().ok()
}

/// Everything that may be made plainer.
pub(super) fn places(run: &Value) -> Vec<Path> {
    let root = Path::root();
    let mut places = vec![root.key("network").key("delay"), root.key("disk").key("sync")];
    for (place, step) in (0..).zip(run["steps"].as_array().into_iter().flatten()) {
        let path = root.key("steps").index(place);
        places.extend(["at", "lasts"].map(|field| path.key(field)));
        let action = step["do"].as_object().and_then(|action| action.keys().next());
        for field in ["takes", "by", "rate"] {
            places.extend(action.map(|kind| path.key("do").key(kind).key(field)));
        }
    }
    let operations = run["operations"].as_array().map_or(0, Vec::len);
    if operations <= OPERATIONS_MAX {
        places.extend((0..operations).map(|n| root.key("operations").index(n).key("at")));
    }
    places.retain(|path| at(run, path).is_some());
    places
}

/// The run with plainer values at a place, the plainest first.
pub(super) fn plainer(run: &Value, path: &Path) -> Vec<Value> {
    let Some(value) = at(run, path) else { return Vec::new() };
    let values = match path.parts().last() {
        Some(Part::Key(field)) if field == "at" => rounder(value),
        Some(Part::Key(field)) if field == "lasts" => shorter(value),
        Some(Part::Key(field)) if field == "rate" => rates(value),
        Some(_) | None => fixed(value),
    };
    let with = |new: Value| {
        let mut run = run.clone();
        if let Some(place) = at_mut(&mut run, path) {
            *place = new;
        }
        run
    };
    values.into_iter().map(with).collect()
}

/// The run with a fault and the step that ends it in one, for each such pair.
pub(super) fn joined(run: &Value) -> Vec<Value> {
    let steps = run["steps"].as_array().map_or(&[][..], Vec::as_slice);
    let mut all = Vec::new();
    for (begin, step) in steps.iter().enumerate() {
        let Some(from) = length(&step["at"]).filter(|_| step["lasts"].is_null()) else { continue };
        for (end, other) in steps.iter().enumerate().skip(begin + 1) {
            let is_end = ENDS.iter().any(|word| !other["do"][word].is_null());
            let Some(to) = length(&other["at"]).filter(|to| is_end && *to > from) else { continue };
            let mut run = run.clone();
            if let Some(steps) = run["steps"].as_array_mut() {
                steps[begin]["lasts"] = json!(Duration::nanos(to.as_nanos() - from.as_nanos()));
                steps.remove(end);
            }
            all.push(run);
        }
    }
    all
}

/// Rounder times, before and after.
fn rounder(value: &Value) -> Vec<Value> {
    let Some(nanos) = length(value).map(Duration::as_nanos) else { return Vec::new() };
    let coarser = ROUND.into_iter().take_while(|unit| nanos % unit != 0);
    let both = coarser.flat_map(|unit| [nanos / unit * unit, nanos.next_multiple_of(unit)]);
    both.map(|nanos| json!(Duration::nanos(nanos))).collect()
}

/// Shorter times: round ones below it, and half of it.
fn shorter(value: &Value) -> Vec<Value> {
    let Some(nanos) = length(value).map(Duration::as_nanos) else { return Vec::new() };
    let below = ROUND.into_iter().map(|unit| nanos.saturating_sub(1) / unit * unit);
    let below = below.filter(|nanos| *nanos > 0);
    below.map(|nanos| json!(Duration::nanos(nanos))).collect()
}

/// Whole rates.
fn rates(value: &Value) -> Vec<Value> {
    let Some(text) = value.as_str().and_then(|text| text.strip_suffix('%')) else {
        return Vec::new();
    };
    let whole = text.split_once('.').map(|(whole, _)| json!(format!("{whole}%")));
    let all = (text != "100").then(|| json!("100%"));
    all.into_iter().chain(whole).collect()
}

/// Fixed delays in place of one that is drawn.
fn fixed(value: &Value) -> Vec<Value> {
    let Ok(delay) = serde_json::from_value::<Delay>(value.clone()) else { return Vec::new() };
    let middle = |min: Duration, max: Duration| {
        let middle = u64::midpoint(min.as_nanos(), max.as_nanos());
        Duration::nanos(middle / 1_000_000 * 1_000_000)
    };
    let lengths = match delay {
        Delay::Fixed(_) => return Vec::new(),
        Delay::Uniform { min, max } => [middle(min, max), min, max],
        Delay::Exponential { min, mean } => [min + mean, min, mean],
        Delay::LogNormal { median: usual, p99 } | Delay::Pareto { min: usual, p99 } => {
            [usual, middle(usual, p99), p99]
        }
    };
    lengths.map(|length| json!(Delay::Fixed(length))).to_vec()
}

/// What stands at a place.
fn at<'v>(run: &'v Value, path: &Path) -> Option<&'v Value> {
    path.parts().iter().try_fold(run, |value, part| match part {
        Part::Key(name) => value.get(name),
        Part::Index(place) => value.get(place),
    })
}

fn at_mut<'v>(run: &'v mut Value, path: &Path) -> Option<&'v mut Value> {
    path.parts().iter().try_fold(run, |value, part| match part {
        Part::Key(name) => value.get_mut(name),
        Part::Index(place) => value.get_mut(place),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(path: &Path, run: &Value) -> Vec<Value> {
        plainer(run, path).iter().map(|run| at(run, path).unwrap().clone()).collect()
    }

    #[test]
    fn every_part_has_its_own_plainer_forms() {
        let run = json!({
            "network": {"delay": {"uniform": {"min": "1ms", "max": "10ms"}}},
            "steps": [{"at": "1234567ns", "lasts": "150ms", "do": {"loss": {"rate": "12.5%"}}}],
            "operations": [{"at": "20ms"}]
        });
        let all = places(&run);
        let found: Vec<Value> = all.iter().map(|path| json!(values(path, &run))).collect();
        let expected = [
            json!([{"fixed": "5ms"}, {"fixed": "1ms"}, {"fixed": "10ms"}]),
            json!(["0ms", "1s", "0ms", "100ms", "0ms", "10ms", "1ms", "2ms"]),
            json!(["100ms", "140ms", "149ms"]),
            json!(["100%", "12%"]),
            json!(["0ms", "1s", "0ms", "100ms"]),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_fault_and_its_end_become_one_step() {
        let run = json!({"steps": [
            {"at": "10ms", "do": {"crash": {"node": "n1"}}},
            {"at": "15ms", "do": {"cut": {"from": "n1"}}},
            {"at": "30ms", "do": {"restart": {"node": "n1"}}}
        ]});
        let expected = json!([
            {"at": "10ms", "do": {"crash": {"node": "n1"}}, "lasts": "20ms"},
            {"at": "15ms", "do": {"cut": {"from": "n1"}}}
        ]);
        let joined = joined(&run);
        assert_eq!((joined.len(), &joined[0]["steps"]), (2, &expected));
    }
}
