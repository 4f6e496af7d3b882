//! `--set PATH=VALUE`: changes a document before it is typed, so that every "what if" is a flag.

use serde_json::{Map, Value};

use crate::document::{Document, Editor};
use crate::file::FIELDS;
use crate::path::Path;
use crate::problem::{Complaint, Problem, quoted, suggest};

/// Changes that are short for others.
const SHORT: [&str; 2] = ["nodes", "config"];

/// Does what `PATH=VALUE` asks. The value is JSON if it reads as JSON, and text otherwise.
pub(crate) fn set_words(document: &mut Document, words: &str) -> Result<(), Problem> {
    let origin = format!("--set {words}");
    let Some((path, value)) = words.split_once('=').filter(|(path, _)| !path.is_empty()) else {
        return Err(Problem { origin: Some(origin), ..Problem::new("this is not PATH=VALUE") }
            .hint(Some("for example `--set duration=2s`".to_owned())));
    };
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
    set(document, path.trim(), &value, &Editor::Flag(origin))
}

/// Puts `value` at `path`; `editor` is who asked for it.
pub(crate) fn set(
    document: &mut Document,
    path: &str,
    value: &Value,
    editor: &Editor,
) -> Result<(), Problem> {
    let places = places(&document.value, path).and_then(|places| {
        places.iter().map(|place| put(&mut document.value, place, value)).collect()
    });
    let places: Vec<Path> = places.map_err(|complaint| document.problem_of(editor, complaint))?;
    for place in places {
        document.note_edit(place, editor);
    }
    Ok(())
}

/// The places `path` means, as words: short forms stand for others.
fn places(document: &Value, path: &str) -> Result<Vec<Vec<String>>, Complaint> {
    let words: Vec<String> =
        path.replace('[', ".").replace(']', "").split('.').map(str::to_owned).collect();
    let first = words[0].as_str();
    match first {
        "nodes" if words.len() == 1 => Ok(vec![count_of_nodes(document)?]),
        "config" => {
            let systems = document["systems"].as_array().map_or(0, Vec::len);
            let place = |system: usize| {
                let mut place = vec!["systems".to_owned(), system.to_string()];
                place.extend(words.iter().cloned());
                place
            };
            Ok((0..systems).map(place).collect())
        }
        _ if FIELDS.contains(&first) => Ok(vec![words]),
        _ => {
            let complaint = Complaint::new(
                &Path::root().key(first),
                format!("a scenario has no field `{first}`"),
            );
            Err(complaint.hint(suggest(first, FIELDS.into_iter().chain(SHORT))))
        }
    }
}

/// `nodes` is the count of the first group of seats that has one.
fn count_of_nodes(document: &Value) -> Result<Vec<String>, Complaint> {
    let groups = document["cast"].as_array().map_or(&[][..], Vec::as_slice);
    if let Some(group) = groups.iter().position(|group| group.get("count").is_some()) {
        return Ok(vec!["cast".to_owned(), group.to_string(), "count".to_owned()]);
    }
    let what = "no group of seats in this scenario has a `count`";
    let hint = "its seats are named one by one; set `cast` instead";
    Err(Complaint::new(&Path::root().key("cast"), what).hint(hint.to_owned()))
}

/// Puts the value there. Objects on the way are made where they are missing: whether such a field
/// may exist is found out when the document is typed.
fn put(document: &mut Value, words: &[String], value: &Value) -> Result<Path, Complaint> {
    let mut here = document;
    let mut path = Path::root();
    for word in words {
        here = match here {
            Value::Object(members) => {
                path = path.key(word);
                members.entry(word.clone()).or_insert_with(|| Value::Object(Map::new()))
            }
            Value::Array(entries) => {
                let (place, entry) = entry(entries, word, &path)?;
                path = path.index(place);
                entry
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                let what = format!("there is nothing inside a plain value such as `{here}`");
                return Err(Complaint::new(&path, what));
            }
        };
    }
    *here = value.clone();
    Ok(path)
}

fn entry<'v>(
    entries: &'v mut [Value],
    word: &str,
    path: &Path,
) -> Result<(usize, &'v mut Value), Complaint> {
    let n = entries.len();
    let name_of = |entry: &Value| entry.get("name").and_then(Value::as_str).map(str::to_owned);
    let names: Vec<String> = entries.iter().filter_map(name_of).collect();
    let place = match word.parse::<usize>() {
        Ok(place) => Some(place),
        Err(_) => entries.iter().position(|entry| name_of(entry).as_deref() == Some(word)),
    };
    let found = place.and_then(|place| Some((place, entries.get_mut(place)?)));
    found.ok_or_else(|| {
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        let hint = match (n, known.is_empty()) {
            (0, _) => "the list is empty".to_owned(),
            (_, true) => format!("its entries are 0 to {}", n - 1),
            (_, false) => format!("its entries are 0 to {}, or {}", n - 1, quoted(&known)),
        };
        Complaint::new(path, format!("this list has no entry `{word}`")).hint(hint)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{
        "duration": "1s",
        "systems": [{"name": "one"}, {"name": "two", "config": {"size": 1}}],
        "cast": [{"name": "c1"}, {"count": 3}],
        "steps": [{"at": "1ms"}]
    }"#;

    fn after(words: &str) -> Result<String, String> {
        let mut document = Document::parse("f.json", TEXT).unwrap();
        set_words(&mut document, words).map_err(|problem| problem.to_string())?;
        Ok(document.value.to_string())
    }

    #[test]
    fn every_field_is_reached_by_its_path() {
        let expected = [
            ("duration=2s", r#""duration":"2s""#),
            ("steps.0.at=300ms", r#""steps":[{"at":"300ms"}]"#),
            ("steps[0].at=300ms", r#""steps":[{"at":"300ms"}]"#),
            ("nodes=9", r#"{"count":9}"#),
            ("network.loss=1%", r#""network":{"loss":"1%"}"#),
            ("config.size=7", r#"[{"config":{"size":7},"name":"one"},{"config":{"size":7},"name""#),
            ("systems.two.config.size=7", r#"{"config":{"size":7},"name":"two"}"#),
            (r#"cast=[{"count":1}]"#, r#""cast":[{"count":1}]"#),
            ("config.flag=false", r#""flag":false"#),
        ];
        for (words, part) in expected {
            let text = after(words).unwrap();
            assert!(text.contains(part), "{words}: {text}");
        }
    }

    #[test]
    fn wrong_paths_are_answered_with_what_there_is() {
        let cases = [
            (
                "duratoin=2s",
                "--set duratoin=2s: `duratoin`: a scenario has no field `duratoin`\n\
                 hint: did you mean `duration`?",
            ),
            (
                "node=9",
                "--set node=9: `node`: a scenario has no field `node`\n\
                 hint: did you mean `nodes`?",
            ),
            (
                "steps.1.at=2s",
                "--set steps.1.at=2s: `steps`: this list has no entry `1`\n\
                 hint: its entries are 0 to 0",
            ),
            (
                "systems.three.config=1",
                "--set systems.three.config=1: `systems`: this list has no entry `three`\n\
                 hint: its entries are 0 to 1, or `one`, `two`",
            ),
            (
                "duration.min=2s",
                "--set duration.min=2s: `duration`: there is nothing inside a plain value such as \
                 `\"1s\"`",
            ),
            (
                "duration",
                "--set duration: this is not PATH=VALUE\nhint: for example `--set duration=2s`",
            ),
        ];
        for (words, expected) in cases {
            assert_eq!(after(words).unwrap_err(), expected);
        }
    }
}
