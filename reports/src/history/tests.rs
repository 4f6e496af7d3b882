//! Pictures and words of histories: nothing lies on anything else, nothing is cut off.

use sim_engine::checkers::{Call, Check};

use super::layout::{Look, Picture, picture};
use super::*;
use crate::figure::geometry::Rect;
use crate::figure::text::Font;

/// A history of one register, and what a checker says of it.
fn report(operations: &[(u64, Call2, u64, u64)], notes: &[(u64, &str)]) -> HistoryReport {
    let mut history = ClientHistory::default();
    let x = history.key("x");
    for (process, call, invoked, ended) in operations {
        let (call, answer) = match call {
            Call2::Write(n) => (Call::Write(history.value(*n)), Answer::Ok(ValueId::NIL)),
            Call2::Read(n) => (Call::Read, Answer::Ok(history.value(*n))),
            Call2::Lost(n) => (Call::Write(history.value(*n)), Answer::Unknown),
        };
        history.push(*process, x, call, (*invoked, *ended, answer));
    }
    let mut check = Check::new(Consistency::Linearizable, Model::Register, &history).unwrap();
    let verdict = check.advance(10_000);
    HistoryReport {
        source: "a.edn".to_owned(),
        model: Model::Register,
        level: Consistency::Linearizable,
        verdict,
        partitions: check.partitions(),
        order: check.order(),
        finding: check.finding(10_000),
        micros: 12,
        history: history.clone(),
        annotations: notes.iter().map(|(at, text)| (*at, (*text).to_owned())).collect(),
        others: Vec::new(),
        edn: None,
        command: "partitura check-history a.edn --model register".to_owned(),
    }
}

#[derive(Clone, Copy)]
enum Call2 {
    Write(i64),
    Read(i64),
    Lost(i64),
}

fn stale() -> HistoryReport {
    let operations = [
        (1, Call2::Write(1), 0, 5),
        (2, Call2::Lost(7), 1, 0),
        (3, Call2::Write(2), 7, 12),
        (1, Call2::Read(2), 8, 14),
        (2, Call2::Write(4), 9, 13),
        (3, Call2::Read(1), 15, 16),
    ];
    report(&operations, &[(6, "the network splits: n1 | n2 and n3"), (11, "n3 crashes")])
}

/// What lies on something else or is cut off.
fn faults(picture: &Picture) -> Vec<String> {
    let page = Rect::new(0, 0, picture.width, picture.height);
    let mut faults = Vec::new();
    for (n, one) in picture.boxes.iter().enumerate() {
        let words = layout::DISC + Font::OP.width(&one.words);
        if words > one.rect.w || !page.holds(one.rect) {
            faults.push(format!("{} is cut off", one.words));
        }
        let others = picture.boxes.iter().skip(n + 1);
        faults.extend(
            others
                .filter(|other| other.rect.overlaps(one.rect))
                .map(|other| format!("{} lies on {}", one.words, other.words)),
        );
    }
    for (n, line) in picture.lines.iter().enumerate() {
        let lies_on = |rect: Rect| rect.overlaps(line.rect);
        let others = picture.lines.iter().skip(n + 1).map(|other| other.rect);
        let boxes = picture.boxes.iter().map(|op| op.rect);
        if !page.holds(line.rect) || others.chain(boxes).any(lies_on) {
            faults.push(format!("{} has no room", line.text));
        }
    }
    for pair in picture.notes.windows(2) {
        if pair[0].0 + Font::SMALL.width(&layout::note_words(&pair[0].1)) > pair[1].0 {
            faults.push(format!("{} lies on {}", pair[0].1, pair[1].1));
        }
    }
    faults
}

#[test]
fn the_figure_shows_the_refused_operation_and_the_order_before_it() {
    let report = stale();
    assert_eq!(report.verdict, Verdict::Illegal);
    let picture = picture(&report);
    assert_eq!(faults(&picture), Vec::<String>::new());
    let refused: Vec<_> = picture.boxes.iter().filter(|op| op.look == Look::Refused).collect();
    assert_eq!(refused.len(), 1);
    assert_eq!((refused[0].words.as_str(), refused[0].number), ("read x → 1", None));
    assert!(refused[0].is_in_contradiction);
    assert!(picture.boxes.iter().any(|op| op.look == Look::Unknown));
    assert_eq!(picture.notes.len(), 2);
    let svg = figure(&report);
    assert_eq!(svg, figure(&report), "the same bytes each time");
    for part in ["id=\"op-5\"", "role=\"img\"", "<title id=\"history-title\">", "fault-1"] {
        assert!(svg.contains(part), "{part}");
    }
}

#[test]
fn a_large_history_is_shown_in_part() {
    let many: Vec<_> = (0..200)
        .map(|n| {
            let at = u64::try_from(n).unwrap() * 4;
            (u64::try_from(n).unwrap() % 5, Call2::Write(n * 1_000_000_000), at, at + 30)
        })
        .collect();
    let many: Vec<_> = many.into_iter().filter(|(_, _, at, _)| at % 5 == 0).collect();
    let report = report(&many, &[]);
    assert_eq!(report.verdict, Verdict::Legal);
    let picture = picture(&report);
    assert!(picture.width <= 18_000 && picture.boxes.len() >= 5, "{}", picture.boxes.len());
    assert!(picture.lines.iter().any(|line| line.text.contains("of them shown")));
}

#[test]
fn the_text_tells_verdict_reason_contradiction_and_order() {
    let told = text(&stale());
    for part in ["✕ a.edn: illegal", "no order explains `read x -> 1`", "<- refused", "  process 1"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    let legal = report(&[(1, Call2::Write(1), 0, 2), (2, Call2::Read(1), 1, 3)], &[]);
    assert!(text(&legal).contains("An order that explains every answer"), "{}", text(&legal));
}

#[test]
fn the_json_has_every_field_of_the_format() {
    let object: serde_json::Value = serde_json::from_str(&json(&stale())).unwrap();
    assert_eq!(object["format"], "partitura-history-check/1");
    assert_eq!(object["verdict"], "illegal");
    assert_eq!(object["operations"], 6);
    assert_eq!(object["refused"]["operation"], "read x");
    assert_eq!(object["refused"]["outcome"], "1");
    assert_eq!(object["longest_prefix"], 4);
    assert!(object["minimal"].as_array().is_some_and(|minimal| minimal.len() >= 2));
    let legal = report(&[(1, Call2::Write(1), 0, 2)], &[]);
    let object: serde_json::Value = serde_json::from_str(&json(&legal)).unwrap();
    assert_eq!(
        (&object["refused"], &object["longest_prefix"]),
        (&serde_json::Value::Null, &1.into())
    );
}
