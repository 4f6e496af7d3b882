//! Reads EDN, the notation of Jepsen's histories, with the place of every value.

use sim_engine::checkers::Value;

/// Deeper than any history is.
const DEPTH_MAX: u32 = 64;

/// A value and where it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) at: usize,
    /// Where it ends.
    pub(super) end: usize,
    pub(super) edn: Edn,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Edn {
    Nil,
    Bool(bool),
    Int(i64),
    Text(String),
    /// A keyword, a symbol, or a number that is not whole, as it is written.
    Word(String),
    /// A list, vector or set.
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) what: String,
    pub(super) hint: Option<&'static str>,
}

impl Fault {
    pub(super) fn new(at: usize, what: impl Into<String>) -> Self {
        Self { at, what: what.into(), hint: None }
    }

    pub(super) fn hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }
}

impl Node {
    /// The value under a keyword of a map.
    pub(super) fn get(&self, keyword: &str) -> Option<&Self> {
        let Edn::Map(pairs) = &self.edn else { return None };
        pairs.iter().find(|(key, _)| key.word() == Some(keyword)).map(|(_, value)| value)
    }

    /// The keyword or symbol, without its colon.
    pub(super) fn word(&self) -> Option<&str> {
        if let Edn::Word(word) = &self.edn { Some(word.trim_start_matches(':')) } else { None }
    }

    /// The two values of a pair.
    pub(super) fn pair(&self) -> Option<(&Self, &Self)> {
        match &self.edn {
            Edn::List(list) => match list.as_slice() {
                [first, second] => Some((first, second)),
                _ => None,
            },
            Edn::Nil | Edn::Bool(_) | Edn::Int(_) | Edn::Text(_) | Edn::Word(_) | Edn::Map(_) => {
                None
            }
        }
    }

    /// As a value of a history.
    pub(super) fn value(&self) -> Value {
        match &self.edn {
            Edn::Nil => Value::Nil,
            Edn::Bool(is) => Value::Bool(*is),
            Edn::Int(n) => Value::Int(*n),
            Edn::Text(text) => Value::Text(text.clone()),
            Edn::Word(word) => Value::Text(word.trim_start_matches(':').to_owned()),
            Edn::List(list) => Value::List(list.iter().map(Self::value).collect()),
            Edn::Map(pairs) => {
                Value::Map(pairs.iter().map(|(key, value)| (key.value(), value.value())).collect())
            }
        }
    }
}

/// Every value of a text.
pub(super) fn read_all(text: &str) -> Result<Vec<Node>, Fault> {
    let mut reader = Reader { text, at: 0 };
    let mut nodes = Vec::new();
    while reader.skip().is_some() {
        nodes.push(reader.node(0)?);
    }
    Ok(nodes)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Skips white space, commas and comments; the next character, if there is one.
    fn skip(&mut self) -> Option<char> {
        loop {
            let rest = self.rest();
            let blank = |c: char| c.is_whitespace() || c == ',';
            self.at += rest.len() - rest.trim_start_matches(blank).len();
            if !self.rest().starts_with(';') {
                return self.rest().chars().next();
            }
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    fn node(&mut self, depth: u32) -> Result<Node, Fault> {
        if depth > DEPTH_MAX {
            return Err(Fault::new(self.at, "values are nested too deeply"));
        }
        let Some(first) = self.skip() else {
            return Err(Fault::new(self.at, "the text ends where a value should be"));
        };
        let at = self.at;
        let edn = match first {
            '[' | '(' => self.list(if first == '[' { ']' } else { ')' }, depth)?,
            '{' => self.map(depth)?,
            '"' => self.string()?,
            '#' => {
                let node = self.dispatch(depth)?;
                return Ok(Node { at, ..node });
            }
            ']' | ')' | '}' => return Err(Fault::new(at, format!("`{first}` closes nothing"))),
            '\\' | '\'' | '`' | '~' | '@' | '^' => {
                return Err(Fault::new(at, format!("`{first}` begins no value")));
            }
            _ => self.atom(),
        };
        Ok(Node { at, end: self.at, edn })
    }

    /// A set, a discarded value, or a tag, which says nothing that is needed.
    fn dispatch(&mut self, depth: u32) -> Result<Node, Fault> {
        let at = self.at;
        self.at += 1;
        if self.rest().starts_with('{') {
            let edn = self.list('}', depth)?;
            return Ok(Node { at, end: self.at, edn });
        }
        if self.rest().starts_with('_') {
            self.at += 1;
            self.node(depth + 1)?;
        } else if let Edn::Word(_) = self.atom() {
        } else {
            return Err(Fault::new(at, "`#` begins a set `#{...}` or a tag"));
        }
        self.node(depth + 1)
    }

    fn list(&mut self, close: char, depth: u32) -> Result<Edn, Fault> {
        let opened = self.at;
        self.at += 1;
        let mut list = Vec::new();
        loop {
            match self.skip() {
                Some(c) if c == close => {
                    self.at += 1;
                    return Ok(Edn::List(list));
                }
                Some(_) => list.push(self.node(depth + 1)?),
                None => return Err(Fault::new(opened, format!("nothing closes this: `{close}`"))),
            }
        }
    }

    fn map(&mut self, depth: u32) -> Result<Edn, Fault> {
        let at = self.at;
        let Edn::List(list) = self.list('}', depth)? else { return Ok(Edn::Nil) };
        if list.len() % 2 == 1 {
            return Err(Fault::new(at, "this map has a key without a value"));
        }
        let mut list = list.into_iter();
        let mut pairs = Vec::new();
        while let (Some(key), Some(value)) = (list.next(), list.next()) {
            pairs.push((key, value));
        }
        Ok(Edn::Map(pairs))
    }

    fn string(&mut self) -> Result<Edn, Fault> {
        let opened = self.at;
        let mut text = String::new();
        let mut characters = self.rest().char_indices().skip(1);
        while let Some((at, c)) = characters.next() {
            match c {
                '"' => {
                    self.at += at + 1;
                    return Ok(Edn::Text(text));
                }
                '\\' => match characters.next() {
                    Some((_, 'n')) => text.push('\n'),
                    Some((_, 't')) => text.push('\t'),
                    Some((_, 'r')) => text.push('\r'),
                    Some((_, 'u')) => {
                        let digits: String = characters.by_ref().take(4).map(|(_, c)| c).collect();
                        let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                        text.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    Some((_, c)) => text.push(c),
                    None => break,
                },
                c => text.push(c),
            }
        }
        Err(Fault::new(opened, "nothing closes this text: `\"`"))
    }

    fn atom(&mut self) -> Edn {
        let rest = self.rest();
        let ends = |c: char| c.is_whitespace() || ",;()[]{}\"".contains(c);
        let word = rest.get(..rest.find(ends).unwrap_or(rest.len())).unwrap_or_default().to_owned();
        self.at += word.len();
        match word.as_str() {
            "nil" => Edn::Nil,
            "true" => Edn::Bool(true),
            "false" => Edn::Bool(false),
            number => match number.trim_end_matches('N').parse() {
                Ok(n) => Edn::Int(n),
                Err(_) => Edn::Word(word),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_every_kind_are_read() {
        let text = "; a comment\n{:a 1, \"b\" [nil true -3 :k] #inst \"x\" #{1 2} #_9 c (1.5)}";
        let nodes = read_all(text).unwrap();
        assert_eq!(nodes.len(), 1);
        assert_eq!(
            nodes[0].value().to_string(),
            r#"{"a" 1, "b" [nil true -3 "k"], "x" [1 2], "c" ["1.5"]}"#
        );
        assert_eq!(nodes[0].get("a").map(|node| node.at), Some(16));
        assert_eq!(read_all(r#""é\"\u0041\n""#).unwrap()[0].value().to_string(), r#""é\"A\n""#);
    }

    #[test]
    fn what_is_wrong_has_its_place() {
        let fault = |text: &str| read_all(text).unwrap_err().at;
        assert_eq!(fault("[1 2"), 0);
        assert_eq!(fault("[1 \"ab"), 3);
        assert_eq!(fault("{:a}"), 0);
        assert_eq!(fault("1 ]"), 2);
        assert_eq!(fault("#"), 1);
        assert_eq!(fault(&"[".repeat(100_000)), 65);
    }
}
