//! A run with one seat fewer: whatever names it goes, too.

use serde_json::Value;

/// Every run that lacks one seat.
pub(super) fn each_left_out(run: &Value) -> Vec<Value> {
    let seats = run["cast"].as_array().map_or(&[][..], Vec::as_slice);
    let names = seats.iter().filter_map(|seat| seat["name"].as_str());
    names.map(|name| without(run, name)).collect()
}

fn without(run: &Value, name: &str) -> Value {
    let mut run = run.clone();
    keep(&mut run["cast"], |seat| seat["name"] != *name);
    keep(&mut run["operations"], |operation| operation["client"] != *name);
    if let Some(steps) = run["steps"].as_array_mut() {
        for step in steps.iter_mut() {
            if !forget(&mut step["do"], name) {
                *step = Value::Null;
            }
        }
        steps.retain(|step| !step.is_null());
    }
    run
}

fn keep(list: &mut Value, fits: impl Fn(&Value) -> bool) {
    if let Some(entries) = list.as_array_mut() {
        entries.retain(fits);
    }
}

/// Takes a name out of an action. False if nobody is left whom it could be about.
fn forget(value: &mut Value, name: &str) -> bool {
    match value {
        Value::String(text) => text != name,
        Value::Array(entries) => {
            let had_any = !entries.is_empty();
            entries.retain_mut(|entry| forget(entry, name));
            !had_any || !entries.is_empty()
        }
        Value::Object(fields) => {
            // What an operation is about is a key and not a seat.
            let selectors =
                |field: &str| ["node", "nodes", "client", "from", "to", "groups"].contains(&field);
            let is_action = |value: &Value| value.is_object();
            fields
                .iter_mut()
                .filter(|(field, value)| selectors(field) || is_action(value))
                .filter(|(field, _)| *field != "operation")
                .all(|(_, value)| forget(value, name))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn everything_that_names_a_seat_goes_with_it() {
        let run = json!({
            "cast": [{"name": "n1"}, {"name": "n2"}],
            "operations": [{"client": "n1"}, {"client": "n2"}],
            "steps": [
                {"do": {"crash": {"node": "n1"}}},
                {"do": {"crash": {"node": ["n1", "n2"]}}},
                {"do": {"partition": {"groups": [["n1"], ["n2"]]}}},
                {"do": {"loss": {"from": "n1", "rate": "1%"}}},
                {"do": {"heal": {}}},
                {"do": {"client": {"client": "n2", "operation": {"read": {"key": "n1"}}}}}
            ]
        });
        let expected = json!({
            "cast": [{"name": "n2"}],
            "operations": [{"client": "n2"}],
            "steps": [
                {"do": {"crash": {"node": ["n2"]}}},
                {"do": {"partition": {"groups": [["n2"]]}}},
                {"do": {"heal": {}}},
                {"do": {"client": {"client": "n2", "operation": {"read": {"key": "n1"}}}}}
            ]
        });
        assert_eq!(each_left_out(&run)[0], expected);
        assert_eq!(each_left_out(&run).len(), 2);
    }
}
