//! Raft's pure functions against tables that were worked out by hand: `testdata/raft/tables`, one
//! row a line, `input => expected`. A row that cannot be read is a failure.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its tables has failed")]

use std::fmt::Write;
use std::path::Path;

use protocols::raft::{Change, Entry, Log, Membership, Payload, Tally};
use sim_engine::NodeId;

/// What a function answers to a row's input, or why that cannot be read.
type Answer = Result<String, String>;

/// Every row of a table that is not as it should be, and how many rows there are.
fn judge(table: &str, answer: impl Fn(&str, &str) -> Answer) -> (usize, String) {
    let (mut rows, mut wrong) = (0, String::new());
    for (number, line) in (1..).zip(table.lines()) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        rows += 1;
        let parts = line.split_once(" => ").and_then(|(input, expected)| {
            let (subject, question) = input.split_once('|')?;
            (!expected.contains("=>")).then_some((subject.trim(), question.trim(), expected))
        });
        let problem = match parts {
            None => Some("no row: write `subject | question => answer`".to_owned()),
            Some((subject, question, expected)) => match answer(subject, question) {
                Ok(found) => (found != expected).then(|| format!("found {found}")),
                Err(why) => Some(why),
            },
        };
        if let Some(problem) = problem {
            writeln!(wrong, "line {number}: {line}\n    {problem}").unwrap();
        }
    }
    (rows, wrong)
}

/// Judges a table of at least so many rows.
fn check(name: &str, least: usize, answer: impl Fn(&str, &str) -> Answer) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testdata/raft/tables");
    let table = std::fs::read_to_string(folder.join(name)).unwrap();
    let (rows, wrong) = judge(&table, answer);
    assert!(wrong.is_empty(), "{name}:\n{wrong}");
    assert!(rows >= least, "{name} has {rows} rows only");
}

fn number<T: std::str::FromStr>(word: &str) -> Result<T, String> {
    word.parse().map_err(|_| format!("`{word}` is no number"))
}

/// Servers are counted from 1, as a figure shows them.
fn server(word: &str) -> Result<NodeId, String> {
    let n: u16 = number(word)?;
    n.checked_sub(1).map(NodeId::new).ok_or_else(|| "servers are counted from 1".to_owned())
}

/// `(1 2 3)`.
fn servers(words: &str) -> Result<Vec<NodeId>, String> {
    let inside = words.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
    let inside = inside.ok_or_else(|| format!("`{words}` is no list such as `(1 2 3)`"))?;
    inside.split_whitespace().map(server).collect()
}

/// `(1 2 3)`, `(1 2 3) learners (4)`, `(3 4 5)&(1 2 3)`.
fn members(words: &str) -> Result<Membership, String> {
    if let Some((new, old)) = words.split_once('&') {
        let (new, old) = (servers(new)?, servers(old)?);
        let gone = old.iter().filter(|id| !new.contains(id)).map(|id| Change::Remove(*id));
        let changes: Vec<Change> = new.iter().map(|id| Change::AddVoter(*id)).chain(gone).collect();
        return Membership::new(old.iter().copied(), [])
            .joined(&changes, false)
            .map_err(Into::into);
    }
    let (voters, learners) = words.split_once(" learners ").unwrap_or((words, "()"));
    Ok(Membership::new(servers(voters)?, servers(learners)?))
}

/// `1:12 2:5`, each part read by `read`.
fn by_server<T>(
    words: &str,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<(NodeId, T)>, String> {
    let one = |word: &str| {
        let (id, value) = word.split_once(':').ok_or_else(|| format!("`{word}` has no `:`"))?;
        Ok((server(id)?, read(value)?))
    };
    words.split_whitespace().map(one).collect()
}

fn find<T: Copy>(list: &[(NodeId, T)], id: NodeId) -> Option<T> {
    list.iter().find(|(other, _)| *other == id).map(|(_, value)| *value)
}

/// `1 1 4`, or `-` for no entries.
fn log(words: &str) -> Result<Log, String> {
    let mut log = Log::default();
    for word in words.split_whitespace().filter(|word| *word != "-") {
        log.append(&[Entry::new(number(word)?, Payload::Noop)]);
    }
    Ok(log)
}

/// Two numbers with something in between.
fn pair(words: &str, between: char) -> Result<(u64, u64), String> {
    let parts = words.split_once(between);
    let (one, two) = parts.ok_or_else(|| format!("`{words}` is not two numbers"))?;
    Ok((number(one)?, number(two)?))
}

fn committed(who: &str, copies: &str) -> Answer {
    let copies = by_server(copies, number::<u64>)?;
    Ok(match members(who)?.committed(|id| find(&copies, id).unwrap_or(0)) {
        u64::MAX => "all".to_owned(),
        index => index.to_string(),
    })
}

fn tally(who: &str, votes: &str) -> Answer {
    let votes = by_server(votes, |word| match word {
        "yes" => Ok(true),
        "no" => Ok(false),
        other => Err(format!("`{other}` is neither yes nor no")),
    })?;
    let tally = match members(who)?.tally(|id| find(&votes, id)) {
        Tally::Won => "won",
        Tally::Lost => "lost",
        Tally::Pending => "pending",
    };
    Ok(tally.to_owned())
}

fn up_to_date(voter: &str, candidate: &str) -> Answer {
    let (term, index) = pair(candidate, '/')?;
    let is_good = log(voter)?.is_no_newer_than(term, index);
    Ok(if is_good { "yes" } else { "no" }.to_owned())
}

fn hint(terms: &str, asked: &str) -> Answer {
    let (index, term) = pair(asked, ' ')?;
    Ok(log(terms)?.last_at_most(index, term).to_string())
}

/// `+4`, `~4`, `-4`.
fn change(word: &str) -> Result<Change, String> {
    let change: fn(NodeId) -> Change = match word.chars().next() {
        Some('+') => Change::AddVoter,
        Some('~') => Change::AddLearner,
        Some('-') => Change::Remove,
        _ => return Err(format!("`{word}` is no change such as `+4`")),
    };
    server(&word[1..]).map(change)
}

fn changed(who: &str, changes: &str) -> Answer {
    let mut now = members(who)?;
    for step in changes.split(", ") {
        let next = match step.split_once(' ') {
            _ if step == "leave" => now.left(),
            Some(("join", rest)) => {
                let all: Result<Vec<Change>, String> = rest.split(' ').map(change).collect();
                now.joined(&all?, false)
            }
            _ => now.changed(change(step)?),
        };
        match next {
            Ok(next) => now = next,
            Err(why) => return Ok(format!("refused: {why}")),
        }
    }
    Ok(now.to_string())
}

#[test]
fn what_is_committed_is_on_a_majority() {
    check("commits.txt", 29, committed);
}

#[test]
fn elections_are_won_by_majorities() {
    check("votes.txt", 35, tally);
}

#[test]
fn votes_go_to_logs_that_are_no_older() {
    check("up_to_date.txt", 27, up_to_date);
}

#[test]
fn hints_skip_whole_terms() {
    check("hints.txt", 24, hint);
}

#[test]
fn changes_of_members_overlap_or_are_refused() {
    check("changes.txt", 25, changed);
}

#[test]
fn rows_that_cannot_be_read_and_wrong_answers_are_failures() {
    for row in [
        "(1 2 3) | 1:12",
        "(1 2 3) 1:12 => 12",
        "(1 2 3) | 1:12 => 0 => 0",
        "(1 2 3 | 1:12 => 0",
        "(1 2 3) | 1-12 => 0",
        "(1 2 x) | 1:12 => 0",
        "(0 1) | 1:12 => 0",
        "(1 2 3) | 1:12 => 12",
    ] {
        let (rows, wrong) = judge(row, committed);
        assert_eq!(rows, 1, "{row}");
        assert!(wrong.starts_with("line 1: "), "{row}");
    }
    assert_eq!(judge("# nothing\n\n(1) | 1:3 => 3\n", committed), (1, String::new()));
}
