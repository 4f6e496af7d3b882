//! The form of a story: comments, directives, and answers after a line of four dashes.

use crate::{Key, Operation};

/// The line between directives and their answers.
const DASHES: &str = "----";

/// A piece of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// A comment or an empty line, kept as it is.
    Verbatim(&'a str),
    /// Directives, one per line, that are answered together.
    Exchange(Vec<&'a str>),
}

/// Takes a story apart. Recorded answers are left out: they are made anew.
pub(super) fn parse(text: &str) -> Result<Vec<Part<'_>>, String> {
    if !text.lines().next().is_some_and(|line| line.starts_with("# ")) {
        return Err("a story begins with a `#` comment that says what the reader will see".into());
    }
    let mut parts = Vec::new();
    let mut directives = Vec::new();
    let mut lines = text.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        if line == DASHES {
            if directives.is_empty() {
                return Err(format!("line {number}: an answer without a directive before it"));
            }
            parts.push(Part::Exchange(std::mem::take(&mut directives)));
            if lines.by_ref().any(|(answer, _)| answer.is_empty()) {
                parts.push(Part::Verbatim(""));
            }
        } else if line.is_empty() || line.starts_with('#') {
            if !directives.is_empty() {
                return Err(format!("line {number}: `{DASHES}` is missing after the directives"));
            }
            parts.push(Part::Verbatim(line));
        } else {
            directives.push(line);
        }
    }
    // The last directive of a story that is being written has no answer yet.
    if !directives.is_empty() {
        parts.push(Part::Exchange(directives));
    }
    // An empty line at the end comes from the answer before it.
    while parts.last() == Some(&Part::Verbatim("")) {
        parts.pop();
    }
    Ok(parts)
}

/// Reads an operation in the words in which it prints: `write x=2`, `cas x 1->2`, `append x+3`.
pub(super) fn operation(words: &[&str]) -> Result<Operation, String> {
    let wrong = || {
        let text = words.join(" ");
        format!(
            "`{text}` is no operation; write `read x`, `write x=2`, `cas x 1->2`, `append x+3`, \
             `increment x`, `acquire x`, `release x` or `move 5 x->y`"
        )
    };
    let number = |text: &str| text.parse::<i64>().map_err(|_| wrong());
    let split = |text: &str, at: &str| {
        text.split_once(at).map(|(a, b)| (a.to_owned(), b.to_owned())).ok_or_else(wrong)
    };
    let key = |text: &str| text.parse::<Key>();
    Ok(match words {
        ["read", x] => Operation::Read { key: key(x)? },
        ["write", pair] => {
            let (x, value) = split(pair, "=")?;
            Operation::Write { key: key(&x)?, value: number(&value)? }
        }
        ["cas", x, values] => {
            let (old, new) = split(values, "->")?;
            Operation::Cas { key: key(x)?, old: number(&old)?, new: number(&new)? }
        }
        ["append", pair] => {
            let (x, value) = split(pair, "+")?;
            Operation::Append { key: key(&x)?, value: number(&value)? }
        }
        ["increment", x] => Operation::Increment { key: key(x)? },
        ["acquire", x] => Operation::Acquire { lock: key(x)? },
        ["release", x] => Operation::Release { lock: key(x)? },
        ["move", amount, accounts] => {
            let (from, to) = split(accounts, "->")?;
            Operation::Transfer { from: key(&from)?, to: key(&to)?, amount: number(amount)? }
        }
        _ => return Err(wrong()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_is_taken_apart() {
        let text = "# Why.\n\nnodes 2\nshow\n----\nold\nanswer\n\n# More.\nheal\n----\nok\n";
        let expected = vec![
            Part::Verbatim("# Why."),
            Part::Verbatim(""),
            Part::Exchange(vec!["nodes 2", "show"]),
            Part::Verbatim(""),
            Part::Verbatim("# More."),
            Part::Exchange(vec!["heal"]),
        ];
        assert_eq!(parse(text), Ok(expected));
    }

    #[test]
    fn a_story_says_first_what_it_is_about() {
        assert!(parse("nodes 2\n----\nok\n").is_err());
        assert!(parse("").is_err());
    }

    #[test]
    fn what_is_missing_is_named_with_its_line() {
        assert!(parse("# Why.\n\nnodes 2\n\nheal\n").unwrap_err().starts_with("line 4"));
        assert!(parse("# Why.\n----\nok\n").unwrap_err().starts_with("line 2"));
    }

    #[test]
    fn operations_are_read_as_they_print() {
        for text in ["read x", "write x=-2", "append x+3", "increment n", "acquire l", "release l"]
        {
            let words: Vec<&str> = text.split(' ').collect();
            assert_eq!(operation(&words).unwrap().to_string(), text);
        }
        assert_eq!(operation(&["cas", "x", "1->2"]).unwrap().to_string(), "cas x 1→2");
        assert_eq!(operation(&["move", "5", "a->b"]).unwrap().to_string(), "move 5 a→b");
    }

    #[test]
    fn wrong_operations_say_what_is_right() {
        for text in ["write x", "write x=two", "delete x", "cas x 1", ""] {
            let words: Vec<&str> = text.split(' ').collect();
            assert!(operation(&words).unwrap_err().contains("is no operation"), "{text}");
        }
    }
}
