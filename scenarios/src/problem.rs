//! What is wrong with a person's input: a place, a sentence, and what would be right.

use std::fmt;

use crate::Path;

/// A person's input that cannot be used.
///
/// Its text starts in lower case, names the place, and has a `hint:` line where one can help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where the text came from: a file, or a flag.
    pub origin: Option<String>,
    /// The line and the column in it, from 1.
    pub position: Option<Position>,
    /// The place in the document: `steps[2].do.crash.node`.
    pub path: Path,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub hint: Option<String>,
}

/// A place in a text, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Problem {
    /// A problem that has no place in a document.
    pub fn new(what: impl Into<String>) -> Self {
        Self { origin: None, position: None, path: Path::root(), what: what.into(), hint: None }
    }

    /// The same problem with a hint.
    #[must_use]
    pub fn hint(self, hint: impl Into<Option<String>>) -> Self {
        Self { hint: hint.into(), ..self }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            f.write_str(origin)?;
            if let Some(Position { line, column }) = self.position {
                write!(f, ":{line}:{column}")?;
            }
            f.write_str(": ")?;
        }
        if !self.path.parts().is_empty() {
            write!(f, "`{}`: ", self.path)?;
        }
        f.write_str(&self.what)?;
        match &self.hint {
            Some(hint) => write!(f, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

/// A problem before anybody knows which line it is on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    /// The place in the document.
    pub(crate) path: Path,
    /// What is wrong.
    pub(crate) what: String,
    /// What would be right.
    pub(crate) hint: Option<String>,
}

impl Complaint {
    pub(crate) fn new(path: &Path, what: impl Into<String>) -> Self {
        Self { path: path.clone(), what: what.into(), hint: None }
    }

    pub(crate) fn hint(self, hint: impl Into<Option<String>>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// A name that nothing has: `no fact is called ...`, with the nearest one that exists.
    pub(crate) fn unknown<'n>(
        path: &Path,
        thing: &str,
        name: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) -> Self {
        Self::new(path, format!("no {thing} is called `{name}`")).hint(suggest(name, known))
    }
}

/// How many names a hint lists when none is near.
const LISTED_MAX: usize = 16;

/// `did you mean ...?`, or the list of what there is if that is short.
pub(crate) fn suggest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    if let Some(near) = nearest(name, known.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    list(&known)
}

/// What there is, if that is short.
pub(crate) fn list(known: &[&str]) -> Option<String> {
    match known.len() {
        0 => None,
        n if n <= LISTED_MAX => Some(format!("there is {}", quoted(known))),
        _ => None,
    }
}

/// Names in backticks, with commas.
pub(crate) fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The name that somebody who typed `name` most probably meant.
pub(crate) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let plain = |text: &str| text.to_lowercase().replace(['_', ' '], "-");
    let wanted = plain(name);
    let far = (wanted.chars().count() / 3).max(1);
    let known: Vec<&str> = known.into_iter().collect();
    let begins = |name: &&&str| wanted.len() > 3 && plain(name).starts_with(&wanted);
    let longer = known.iter().find(begins).copied();
    known
        .into_iter()
        .map(|known| (strsim::damerau_levenshtein(&wanted, &plain(known)), known))
        .filter(|(distance, known)| {
            // The beginning of a long name is no typo, but it is far from the whole.
            let begins = wanted.chars().count() > 2 && plain(known).starts_with(&wanted);
            *distance <= far || begins
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
        .or(longer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_forgives_slips_but_not_everything() {
        let known = ["split-brain", "figure-8", "leader-crash"];
        assert_eq!(nearest("split-brian", known), Some("split-brain"));
        assert_eq!(nearest("Split_Brain", known), Some("split-brain"));
        assert_eq!(nearest("figure8", known), Some("figure-8"));
        assert_eq!(nearest("quorum", known), None);
        assert_eq!(nearest("n9", ["n1", "c1"]), Some("n1"), "the first of the nearest");
    }

    #[test]
    fn a_short_list_is_told_when_nothing_is_near() {
        assert_eq!(suggest("zzz", ["one", "two"]).as_deref(), Some("there is `one`, `two`"));
        assert_eq!(suggest("zzz", []), None);
    }

    #[test]
    fn a_problem_reads_from_place_to_hint() {
        let problem = Problem {
            origin: Some("a.json".to_owned()),
            position: Some(Position { line: 3, column: 7 }),
            path: Path::root().key("steps").index(0),
            what: "no node is called `n9`".to_owned(),
            hint: Some("did you mean `n1`?".to_owned()),
        };
        assert_eq!(
            problem.to_string(),
            "a.json:3:7: `steps[0]`: no node is called `n9`\nhint: did you mean `n1`?"
        );
    }
}
