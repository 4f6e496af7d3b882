//! JSON as people write it: short things on one line, fields in the order of a scenario file.

use serde_json::Value;

/// Longer things are broken into lines.
const WIDTH: usize = 98;

/// Fields in the order in which they are read best; others follow in the order of letters.
const ORDER: [&str; 42] = [
    "format",
    "scenario",
    "system",
    "name",
    "names",
    "count",
    "prefix",
    "family",
    "title",
    "lesson",
    "systems",
    "protocol",
    "config",
    "mutant",
    "role",
    "place",
    "late",
    "durable",
    "cast",
    "network",
    "disk",
    "duration",
    "events_max",
    "seed",
    "promise",
    "at",
    "when",
    "after",
    "why",
    "command",
    "shrunk",
    "bind",
    "client",
    "node",
    "from",
    "to",
    "do",
    "operation",
    "say",
    "may_miss",
    "operations",
    "steps",
];

/// The text of a value, with a newline at its end.
pub(crate) fn compact(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, 0, &mut out);
    out.push('\n');
    out
}

/// Writes a value behind `used` characters of its line.
fn write(value: &Value, indent: usize, used: usize, out: &mut String) {
    let line = one_line(value);
    if indent + used + line.chars().count() <= WIDTH {
        out.push_str(&line);
        return;
    }
    let pad = "  ".repeat(indent / 2 + 1);
    let end = "  ".repeat(indent / 2);
    match value {
        Value::Array(entries) => {
            for (place, entry) in entries.iter().enumerate() {
                out.push_str(if place == 0 { "[\n" } else { ",\n" });
                out.push_str(&pad);
                write(entry, indent + 2, 1, out);
            }
            out.push('\n');
            out.push_str(&end);
            out.push(']');
        }
        Value::Object(_) => {
            for (place, (name, member)) in members(value).into_iter().enumerate() {
                out.push_str(if place == 0 { "{\n" } else { ",\n" });
                out.push_str(&pad);
                let head = format!("{}: ", Value::String(name.to_owned()));
                out.push_str(&head);
                write(member, indent + 2, head.chars().count() + 1, out);
            }
            out.push('\n');
            out.push_str(&end);
            out.push('}');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => out.push_str(&line),
    }
}

fn one_line(value: &Value) -> String {
    match value {
        Value::Array(entries) => {
            let entries: Vec<String> = entries.iter().map(one_line).collect();
            format!("[{}]", entries.join(", "))
        }
        Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Value::Object(_) => {
            let member = |(name, member): (&str, &Value)| {
                format!("{}: {}", Value::String(name.to_owned()), one_line(member))
            };
            let members: Vec<String> = members(value).into_iter().map(member).collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

fn members(value: &Value) -> Vec<(&str, &Value)> {
    let mut all: Vec<(&str, &Value)> =
        value.as_object().into_iter().flatten().map(|(name, v)| (name.as_str(), v)).collect();
    let rank = |name: &str| ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len());
    all.sort_by_key(|(name, _)| rank(name));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_catalogue_means_the_same_when_it_is_written_anew() {
        for entry in crate::catalog::ALL {
            let before: Value = serde_json::from_str(entry.text).unwrap();
            let text = compact(&before);
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), before, "{}", entry.name);
        }
    }

    #[test]
    fn short_things_stay_on_a_line_and_long_ones_are_broken() {
        let long = "x".repeat(84);
        let value = json!({"steps": [{"do": {}, "at": "1ms"}, [long, []]], "name": "a\"b"});
        let expected = format!(
            "{{\n  \"name\": \"a\\\"b\",\n  \"steps\": [\n    \
             {{ \"at\": \"1ms\", \"do\": {{}} }},\n\
             \x20   [\"{long}\", []]\n  ]\n}}\n"
        );
        assert_eq!(compact(&value), expected);
    }
}
