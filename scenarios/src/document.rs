//! A scenario file as text and as JSON, before it is typed; knows where everything stands in it.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::bounds::BYTES_MAX;
use crate::locate::{locate, twice};
use crate::path::Path;
use crate::problem::{Complaint, Position, Problem, suggest};

/// A JSON document with what `--set` and variants changed in it.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    origin: String,
    text: String,
    pub(crate) value: Value,
    /// What was changed, with what asked for it.
    edits: Vec<(Path, Editor)>,
}

/// Where a changed value comes from.
#[derive(Clone, Debug)]
pub(crate) enum Editor {
    /// A flag on the command line, in the words that were typed.
    Flag(String),
    /// Another place of the same file.
    Place(Path),
}

impl Document {
    /// Reads a text as JSON.
    pub(crate) fn parse(origin: &str, text: &str) -> Result<Self, Problem> {
        let problem = |position, what: String| Problem {
            origin: Some(origin.to_owned()),
            position,
            ..Problem::new(what)
        };
        if text.len() > BYTES_MAX {
            let what = format!("the file has {} bytes; at most {BYTES_MAX} are read", text.len());
            return Err(problem(None, what));
        }
        if text.starts_with('\u{feff}') {
            let what = "the file begins with a byte order mark".to_owned();
            return Err(problem(Some(Position { line: 1, column: 1 }), what)
                .hint("save it as UTF-8 without one".to_owned()));
        }
        let value = serde_json::from_str(text).map_err(|error| {
            // An empty text has no columns; people count from 1 all the same.
            let position = Position { line: error.line(), column: error.column().max(1) };
            problem(Some(position), format!("not JSON: {}", without_place(&error.to_string())))
        })?;
        if let Some((path, position)) = twice(text) {
            let what = "this key is written twice in one object".to_owned();
            return Err(Problem { path, ..problem(Some(position), what) });
        }
        let (origin, text) = (origin.to_owned(), text.to_owned());
        Ok(Self { origin, text, value, edits: Vec::new() })
    }

    /// The text it was read from.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Remembers that the value at `path` was put there by `editor`.
    pub(crate) fn note_edit(&mut self, path: Path, editor: &Editor) {
        self.edits.push((path, editor.clone()));
    }

    /// The whole document as a type.
    pub(crate) fn typed<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        typed(&self.value, &Path::root()).map_err(|complaint| self.problem(complaint))
    }

    /// The complaint with the place of what it is about.
    pub(crate) fn problem(&self, complaint: Complaint) -> Problem {
        // The newest edit of a place is the one whose value counts.
        let edit = self.edits.iter().rev().find(|(edited, _)| edited.holds(&complaint.path));
        match edit {
            Some((edited, Editor::Place(place))) => {
                let rest = complaint.path.parts()[edited.parts().len()..].to_vec();
                let path = place.join(&Path::from(rest));
                self.problem_of(&Editor::Place(path.clone()), Complaint { path, ..complaint })
            }
            Some((_, flag @ Editor::Flag(_))) => self.problem_of(flag, complaint),
            None => self.problem_of(&Editor::Place(complaint.path.clone()), complaint),
        }
    }

    /// The complaint with the place of the one who asked for it.
    pub(crate) fn problem_of(&self, editor: &Editor, complaint: Complaint) -> Problem {
        let Complaint { path, what, hint } = complaint;
        let (origin, position) = match editor {
            Editor::Flag(words) => (words.clone(), None),
            Editor::Place(place) => {
                let at_key = what.starts_with("unknown");
                (self.origin.clone(), Some(locate(&self.text, place, at_key)))
            }
        };
        Problem { origin: Some(origin), position, path, what, hint }
    }
}

/// A part of a document as a type; `path` is where it stands.
pub(crate) fn typed<T: DeserializeOwned>(value: &Value, path: &Path) -> Result<T, Complaint> {
    let mut track = serde_path_to_error::Track::new();
    let reader = serde_path_to_error::Deserializer::new(value, &mut track);
    T::deserialize(reader).map_err(|error| {
        let path = path.join(&Path::from(&track.path()));
        complain(path, &error.to_string())
    })
}

/// Turns the reader's sentence into ours: what is wrong first, the nearest valid name as a hint.
fn complain(path: Path, sentence: &str) -> Complaint {
    let sentence = without_place(sentence);
    if sentence.contains("unit variant, expected") {
        let hint = path.parts().last().map(|part| format!("write `{{\"{part}\": {{}}}}`"));
        return Complaint {
            path,
            what: "this must be an object, even an empty one".to_owned(),
            hint,
        };
    }
    let unknown = sentence.starts_with("unknown field") || sentence.starts_with("unknown variant");
    let Some((what, expected)) = sentence.split_once(", expected ").filter(|_| unknown) else {
        return Complaint { path, what: in_plain_words(sentence), hint: None };
    };
    let typed = what.split('`').nth(1).unwrap_or_default();
    let known = expected.split('`').skip(1).step_by(2).filter(|name| !name.starts_with('$'));
    let hint = suggest(typed, known);
    // The reader names a wrong field in its path, but not a wrong word of an action.
    let path = if sentence.starts_with("unknown variant") { path.key(typed) } else { path };
    Complaint { path, what: what.replace("variant", "word"), hint }
}

/// What the reader expected, without the names that types have in the program.
fn in_plain_words(sentence: &str) -> String {
    let Some((what, expected)) = sentence.rsplit_once(", expected ") else {
        return sentence.to_owned();
    };
    let expected = match expected {
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" => "a whole number from 0 to 18446744073709551615",
        "i32" => "a whole number from -2147483648 to 2147483647",
        "i64" => "a whole number from -9223372036854775808 to 9223372036854775807",
        "a sequence" => "a list",
        "a map" => "an object",
        other if other.starts_with("struct ") => "an object",
        other => other,
    };
    format!("{what}, expected {expected}")
}

/// The reader adds the place to its sentences; we put it in front.
fn without_place(sentence: &str) -> &str {
    sentence.rfind(" at line ").map_or(sentence, |at| &sentence[..at])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[serde(rename = "inner")]
        _inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    enum Inner {
        Crash {
            #[serde(rename = "node")]
            _node: String,
        },
        Heal {},
    }

    fn answer(text: &str) -> String {
        let read = Document::parse("f.json", text).and_then(|document| document.typed::<Outer>());
        read.map_or_else(|problem| problem.to_string(), |outer| format!("{outer:?}"))
    }

    #[test]
    fn wrong_files_are_answered_with_place_path_and_hint() {
        let cases = [
            (r#"{"inner": [}"#, "f.json:1:12: not JSON: expected value"),
            (
                "{\"inner\": [],\n \"inner\": []}",
                "f.json:2:2: `inner`: this key is written twice in one object",
            ),
            (
                "{\n \"iner\": []}",
                "f.json:2:2: `iner`: unknown field `iner`\nhint: did you mean `inner`?",
            ),
            (
                r#"{"inner": [{"heal": {"oops": 1}}]}"#,
                "f.json:1:22: `inner[0].heal.oops`: unknown field `oops`, there are no fields",
            ),
            (
                r#"{"inner": [{"crsh": {}}]}"#,
                "f.json:1:13: `inner[0].crsh`: unknown word `crsh`\nhint: did you mean `crash`?",
            ),
            (
                r#"{"inner": [{"crash": {"node": 3}}]}"#,
                "f.json:1:31: `inner[0].crash.node`: invalid type: integer `3`, expected a string",
            ),
            (
                r#"{"inner": [{"crash": {}}]}"#,
                "f.json:1:22: `inner[0].crash`: missing field `node`",
            ),
            (
                r#"{"inner": ["heal"]}"#,
                "f.json:1:12: `inner[0].heal`: this must be an object, even an empty one\n\
                 hint: write `{\"heal\": {}}`",
            ),
            ("{} {}", "f.json:1:4: not JSON: trailing characters"),
            ("{}", "f.json:1:1: missing field `inner`"),
        ];
        for (text, expected) in cases {
            assert_eq!(answer(text), expected, "{text}");
        }
    }
}
