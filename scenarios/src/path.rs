//! Where something stands in a document: `steps[2].do.crash.node`.

use std::fmt;

/// One step down into a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A member of an object.
    Key(String),
    /// An entry of a list, counted from 0.
    Index(usize),
}

/// A place in a document; the empty path is the document itself.
///
/// ```
/// use scenarios::Path;
/// assert_eq!(Path::root().key("steps").index(2).key("do").to_string(), "steps[2].do");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(Vec<Part>);

impl Path {
    /// The document itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// The member `name` of what is here.
    #[must_use]
    pub fn key(&self, name: &str) -> Self {
        self.part(Part::Key(name.to_owned()))
    }

    /// The entry `place` of the list here.
    #[must_use]
    pub fn index(&self, place: usize) -> Self {
        self.part(Part::Index(place))
    }

    /// One step further down.
    #[must_use]
    pub fn part(&self, part: Part) -> Self {
        let mut parts = self.0.clone();
        parts.push(part);
        Self(parts)
    }

    /// This path and then that one.
    #[must_use]
    pub fn join(&self, rest: &Self) -> Self {
        Self(self.0.iter().chain(&rest.0).cloned().collect())
    }

    /// What it is made of.
    pub fn parts(&self) -> &[Part] {
        &self.0
    }

    /// True if `other` is this place or lies within it.
    pub fn holds(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }
}

impl From<Vec<Part>> for Path {
    fn from(parts: Vec<Part>) -> Self {
        Self(parts)
    }
}

impl From<&serde_path_to_error::Path> for Path {
    fn from(path: &serde_path_to_error::Path) -> Self {
        use serde_path_to_error::Segment;
        let part = |segment: &Segment| match segment {
            Segment::Seq { index } => Some(Part::Index(*index)),
            Segment::Map { key } => Some(Part::Key(key.clone())),
            Segment::Enum { variant } => Some(Part::Key(variant.clone())),
            Segment::Unknown => None,
        };
        Self(path.iter().filter_map(part).collect())
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(name) => f.write_str(name),
            Self::Index(index) => write!(f, "{index}"),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, part) in self.0.iter().enumerate() {
            match part {
                Part::Key(name) if place == 0 => f.write_str(name)?,
                Part::Key(name) => write!(f, ".{name}")?,
                Part::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
