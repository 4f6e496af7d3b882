//! Finds the line and column of a path in the text of a JSON document, and keys written twice.
//!
//! Only for texts that the JSON reader has accepted: it skips, it does not check.

use std::collections::BTreeSet;

use crate::path::{Part, Path};
use crate::problem::Position;

/// The place of `path` in `text`, or of the innermost part of it that is there. `at_key` asks for
/// the place of its name instead of its value.
pub(crate) fn locate(text: &str, path: &Path, at_key: bool) -> Position {
    let mut best = (0, 0);
    let mut scanner = Scanner::new(text);
    scanner.walk(&mut |here, key_at, value_at| {
        if here.len() >= best.0 && path.parts().starts_with(here) {
            let is_all = here.len() == path.parts().len();
            best = (here.len(), if at_key && is_all { key_at } else { value_at });
        }
    });
    position(text, best.1)
}

/// The first key that an object has twice, with the place of its second mention.
pub(crate) fn twice(text: &str) -> Option<(Path, Position)> {
    let mut scanner = Scanner::new(text);
    scanner.walk(&mut |_, _, _| {});
    scanner.twice.map(|(path, at)| (path, position(text, at)))
}

fn position(text: &str, at: usize) -> Position {
    let before = &text[..at.min(text.len())];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Position {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

/// Calls for every value: its path, where its key begins, where it begins itself.
type Visit<'v> = dyn FnMut(&[Part], usize, usize) + 'v;

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    here: Vec<Part>,
    twice: Option<(Path, usize)>,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: 0, here: Vec::new(), twice: None }
    }

    fn walk(&mut self, visit: &mut Visit<'_>) {
        let start = self.next_token();
        self.value(start, visit);
    }

    /// Skips white space, commas and colons. Says where the next token begins.
    fn next_token(&mut self) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        let skip = |byte: &&u8| byte.is_ascii_whitespace() || matches!(**byte, b',' | b':');
        self.at += rest.iter().take_while(skip).count();
        self.at
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn value(&mut self, key_at: usize, visit: &mut Visit<'_>) {
        visit(&self.here, key_at, self.at);
        match self.byte() {
            Some(b'{') => self.object(visit),
            Some(b'[') => self.list(visit),
            Some(b'"') => {
                self.string();
            }
            Some(_) | None => {
                let rest = &self.text.as_bytes()[self.at..];
                let inside = |byte: &&u8| !matches!(**byte, b',' | b'}' | b']' | b' ' | b'\n');
                self.at += rest.iter().take_while(inside).count();
            }
        }
    }

    fn object(&mut self, visit: &mut Visit<'_>) {
        self.at += 1;
        let mut seen = BTreeSet::new();
        loop {
            let key_at = self.next_token();
            if self.byte() != Some(b'"') {
                self.at += 1;
                return;
            }
            let key = self.string();
            let is_new = seen.insert(key.clone());
            self.here.push(Part::Key(key));
            if !is_new && self.twice.is_none() {
                self.twice = Some((Path::from(self.here.clone()), key_at));
            }
            self.next_token();
            self.value(key_at, visit);
            self.here.pop();
        }
    }

    fn list(&mut self, visit: &mut Visit<'_>) {
        self.at += 1;
        for index in 0.. {
            let start = self.next_token();
            if matches!(self.byte(), Some(b']') | None) {
                self.at += 1;
                return;
            }
            self.here.push(Part::Index(index));
            self.value(start, visit);
            self.here.pop();
        }
    }

    /// Skips a string and says what it means.
    fn string(&mut self) -> String {
        let start = self.at;
        self.at += 1;
        while let Some(byte) = self.byte() {
            match byte {
                b'\\' => self.at += 2,
                b'"' => break,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        let raw = self.text.get(start..self.at).unwrap_or_default();
        serde_json::from_str(raw).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"{
  "name": "a \"quoted\" name",
  "steps": [
    {"at": "1ms", "do": {"heal": {}}},
    {"at": "2ms", "é": 1, "do": {"crash": {"node": "n9"}}}
  ]
}"#;

    fn steps(index: usize) -> Path {
        Path::root().key("steps").index(index)
    }

    fn at(line: usize, column: usize) -> Position {
        Position { line, column }
    }

    #[test]
    fn values_keys_and_entries_are_found() {
        assert_eq!(locate(TEXT, &Path::root(), false), at(1, 1));
        assert_eq!(locate(TEXT, &steps(1), false), at(5, 5));
        let node = steps(1).key("do").key("crash").key("node");
        assert_eq!(locate(TEXT, &node, false), at(5, 52), "columns count characters");
        assert_eq!(locate(TEXT, &node, true), at(5, 44));
    }

    #[test]
    fn a_path_that_ends_early_is_found_as_far_as_it_goes() {
        assert_eq!(locate(TEXT, &steps(0).key("say"), true), at(4, 5));
        assert_eq!(locate(TEXT, &steps(7), false), at(3, 12));
    }

    #[test]
    fn a_key_written_twice_is_found_however_it_is_spelled() {
        assert_eq!(twice(TEXT), None);
        let text = r#"{"a": {"b": [1, {}], "c": 2, "\u0062": 3}}"#;
        assert_eq!(twice(text), Some((Path::root().key("a").key("b"), at(1, 30))));
    }
}
