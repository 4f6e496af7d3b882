//! A scenario as it is loaded: from the catalogue or a file, with a variant and with changes.

use std::io::Read;

use serde_json::Value;

use crate::bounds::BYTES_MAX;
use crate::catalog;
use crate::check::check;
use crate::document::{Document, Editor};
use crate::failure::Failure;
use crate::file::{ScenarioFile, VariantFile};
use crate::path::Path;
use crate::problem::{Problem, suggest};
use crate::set::{set, set_words};

/// A scenario: typed, and checked as far as that is possible without its protocols.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub(crate) document: Document,
    pub(crate) file: ScenarioFile,
    pub(crate) variant: Option<VariantFile>,
    /// How the command line names it: a name or a path, with the variant.
    asked_for: String,
}

impl Scenario {
    /// Loads `NAME`, `NAME@VARIANT`, or a file.
    pub fn load(asked_for: &str) -> Result<Self, Problem> {
        let (base, variant) = split_variant(asked_for);
        let (origin, text) = if is_path(base) {
            let text = read(base)?;
            if Failure::is_one(&text) {
                let what = "this is a failure file, not a scenario";
                let problem = Problem { origin: Some(base.to_owned()), ..Problem::new(what) };
                return Err(problem.hint(format!("`partitura replay {base}` runs it")));
            }
            (base.to_owned(), text)
        } else {
            let found = catalog::find(base).ok_or_else(|| {
                let names = catalog::ALL.iter().map(|entry| entry.name);
                Problem::new(format!("no scenario is called `{base}`"))
                    .hint(suggest(base, names).or(Some("`partitura list` shows them all".into())))
            })?;
            (format!("{base}.json"), found.text.to_owned())
        };
        let scenario = Self::parse(&origin, &text)?;
        let scenario = Self { asked_for: base.to_owned(), ..scenario };
        match variant {
            Some(variant) => scenario.at_variant(variant),
            None => Ok(scenario),
        }
    }

    /// Reads a scenario from a text; `origin` is what errors call it.
    pub fn parse(origin: &str, text: &str) -> Result<Self, Problem> {
        Self::typed(Document::parse(origin, text)?, None, origin.to_owned())
    }

    fn typed(
        document: Document,
        variant: Option<VariantFile>,
        asked_for: String,
    ) -> Result<Self, Problem> {
        let file: ScenarioFile = document.typed()?;
        check(&file).map_err(|complaint| document.problem(complaint))?;
        Ok(Self { document, file, variant, asked_for })
    }

    /// The same scenario with the changes of its variant `name`.
    pub fn at_variant(self, name: &str) -> Result<Self, Problem> {
        let Some(place) = self.file.variants.iter().position(|variant| variant.name == name) else {
            let names = self.variants();
            let what = if names.is_empty() {
                format!("`{}` has no variants", self.file.name)
            } else {
                format!("`{}` has no variant `{name}`", self.file.name)
            };
            return Err(Problem::new(what).hint(suggest(name, names)));
        };
        let variant = self.file.variants[place].clone();
        let asked_for = format!("{}@{name}", self.asked_for);
        let mut document = self.document;
        for (path, value) in &variant.set {
            let here = Path::root().key("variants").index(place).key("set").key(path);
            set(&mut document, path, value, &Editor::Place(here))?;
        }
        Self::typed(document, Some(variant), asked_for)
    }

    /// The same scenario with changes, each `PATH=VALUE`.
    pub fn with_sets<S: AsRef<str>>(self, sets: &[S]) -> Result<Self, Problem> {
        let mut document = self.document;
        for words in sets {
            set_words(&mut document, words.as_ref())?;
        }
        Self::typed(document, self.variant, self.asked_for)
    }

    /// The name, with the variant if there is one: `split-brain@no-pre-vote`.
    pub fn label(&self) -> String {
        match &self.variant {
            Some(variant) => format!("{}@{}", self.file.name, variant.name),
            None => self.file.name.clone(),
        }
    }

    /// What to type to get it again: the name or the path, with the variant.
    pub fn asked_for(&self) -> &str {
        &self.asked_for
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.file.name
    }

    /// The family: `raft`.
    pub fn family(&self) -> &str {
        &self.file.family
    }

    /// The title: a sentence that says the lesson.
    pub fn title(&self) -> &str {
        let own = self.variant.as_ref().and_then(|variant| variant.title.as_deref());
        own.unwrap_or(&self.file.title)
    }

    /// The lesson, in a sentence or two.
    pub fn lesson(&self) -> &str {
        let own = self.variant.as_ref().and_then(|variant| variant.lesson.as_deref());
        own.unwrap_or(&self.file.lesson)
    }

    /// The names of its systems, in order.
    pub fn systems(&self) -> Vec<&str> {
        self.file.systems.iter().map(|system| system.name.as_str()).collect()
    }

    /// The names of its variants, in order.
    pub fn variants(&self) -> Vec<&str> {
        self.file.variants.iter().map(|variant| variant.name.as_str()).collect()
    }

    /// The seed that is used if none is asked for.
    pub fn seed(&self) -> u64 {
        self.file.seed
    }

    /// The text of its file.
    pub fn source(&self) -> &str {
        self.document.text()
    }

    /// The whole scenario as JSON, with the variant and the changes in it.
    pub fn value(&self) -> &Value {
        &self.document.value
    }

    /// The place of the system called `name`.
    pub(crate) fn system(&self, name: &str) -> Result<usize, Problem> {
        self.file.systems.iter().position(|system| system.name == name).ok_or_else(|| {
            Problem::new(format!("`{}` has no system `{name}`", self.file.name))
                .hint(suggest(name, self.systems()))
        })
    }

    /// The place of the expectation in the document that counts for a system.
    pub(crate) fn variant_path(&self) -> Path {
        let place = self.variant.as_ref().and_then(|variant| {
            self.file.variants.iter().position(|other| other.name == variant.name)
        });
        Path::root().key("variants").index(place.unwrap_or(0))
    }
}

fn is_path(text: &str) -> bool {
    text.contains(['/', '\\'])
        || std::path::Path::new(text).extension().is_some_and(|end| end == "json")
}

fn split_variant(asked_for: &str) -> (&str, Option<&str>) {
    match asked_for.rsplit_once('@') {
        Some((base, variant)) if !variant.contains(['/', '\\', '.']) => (base, Some(variant)),
        Some(_) | None => (asked_for, None),
    }
}

pub(crate) fn read(path: &str) -> Result<String, Problem> {
    let problem = |what: String| Problem { origin: Some(path.to_owned()), ..Problem::new(what) };
    let about = std::fs::metadata(path).map_err(|error| problem(io_words(&error)))?;
    if about.is_dir() {
        return Err(problem("this is a folder, not a scenario file".to_owned()));
    }
    if is_named_pipe(path, &about) {
        let hint = "`/dev/stdin` reads what is piped in".to_owned();
        return Err(problem("this is a named pipe, not a scenario file".to_owned()).hint(hint));
    }
    if usize::try_from(about.len()).is_ok_and(|bytes| bytes > BYTES_MAX) {
        let what = format!("the file has {} bytes; at most {BYTES_MAX} are read", about.len());
        return Err(problem(what));
    }
    // A pipe or a device does not tell its length, and may never end.
    let limit = u64::try_from(BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| problem(io_words(&error)))?;
    file.take(limit).read_to_end(&mut bytes).map_err(|error| problem(io_words(&error)))?;
    if bytes.len() > BYTES_MAX {
        return Err(problem(format!("this is more than the {BYTES_MAX} bytes that are read")));
    }
    String::from_utf8(bytes).map_err(|_| problem("this file is not UTF-8 text".to_owned()))
}

/// True for a pipe that has no writer yet, perhaps never: opening it would wait.
#[cfg(unix)]
fn is_named_pipe(path: &str, about: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    // What is in these folders is open already.
    let is_open = ["/dev/", "/proc/"].iter().any(|folder| path.starts_with(folder));
    about.file_type().is_fifo() && !is_open
}

#[cfg(not(unix))]
fn is_named_pipe(_: &str, _: &std::fs::Metadata) -> bool {
    false
}

/// What the operating system says, in our words where they are clearer.
fn io_words(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    let kind = error.kind();
    if kind == ErrorKind::NotFound { "there is no such file".to_owned() } else { error.to_string() }
}
