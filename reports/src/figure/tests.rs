//! Layouts of small hand-made runs, one difficulty each, and what must hold for every picture.

use sim_engine::{Death, DropCause, Ending, EventId, FaultView, Instant, Reply, What};

use super::layout::{Head, Line};
use super::*;
use crate::sample::{self, Script, ms, report, write};

/// Lays a run out and writes the picture where a person can look at it, if asked to.
fn laid_out(name: &str, report: &Report) -> Layout {
    if let Some(folder) = option_env!("FIGURES") {
        let figure = render(report, &Options::default());
        std::fs::write(format!("{folder}/{name}.svg"), &figure.svg).unwrap();
    }
    lay_out(report, Preset::Figure)
}

/// Three servers, n1 leads.
fn three() -> Script {
    let mut s = Script::new(3, 1);
    for (node, role) in [("n1", "leader"), ("n2", "follower"), ("n3", "follower")] {
        s.stand(ms(0), node, role, 1, None);
    }
    s
}

fn step(s: &mut Script, at: u64) -> EventId {
    let what = What::Step {
        step: 0,
        say: Some("Something happens.".to_owned()),
        did: String::new(),
        meant: Vec::new(),
    };
    s.push(ms(at), None, None, what)
}

fn append(s: &mut Script, at: u64, to: &str, back: u64) {
    let sent = s.send(ms(at), ("n1", to), ("Append", "Append x=1", 1), None);
    let got = s.deliver(ms(at + 8), sent);
    let ack = s.send(ms(at + 8), (to, "n1"), ("Ack", "ack", 1), Some(got));
    let acked = s.deliver(ms(back), ack);
    s.fact(ms(back), "n1", "committed", (75, "{node} has it on two of three."), Some(acked));
}

/// n1 crashes for a while, and messages to it are lost.
fn crash() -> Report {
    let mut s = three();
    append(&mut s, 10, "n2", 30);
    let n1 = s.id("n1");
    s.push(ms(60), Some(n1), None, What::Crashed { death: Death::Machine, writes_lost: 1 });
    let lost = s.send(ms(70), ("n2", "n1"), ("Vote", "RequestVote", 2), None);
    s.drop(ms(76), lost, DropCause::Down);
    s.push(ms(160), Some(n1), None, What::Started { life: 1 });
    s.stand(ms(160), "n1", "follower", 1, None);
    report("A crash", s.trace(ms(200)))
}

/// Two groups that name order would not keep together, and a message to three receivers lost at
/// once.
fn scattered_partition() -> Report {
    let mut s = Script::new(5, 0);
    for node in ["n1", "n2", "n3", "n4", "n5"] {
        s.stand(ms(0), node, if node == "n1" { "leader" } else { "follower" }, 1, None);
    }
    let groups = [&["n1", "n3"][..], &["n2", "n4", "n5"][..]];
    let groups = groups.iter().map(|side| side.iter().map(|n| s.id(n)).collect()).collect();
    let view = FaultView::Partition { groups };
    let began = s.push(ms(20), None, None, What::FaultBegan(view.clone()));
    for to in ["n2", "n4", "n5"] {
        let lost = s.send(ms(40), ("n1", to), ("Append", "Append x=1", 1), None);
        s.drop(ms(40), lost, DropCause::Partition);
    }
    s.push(ms(90), None, None, What::FaultEnded { began, fault: view });
    report("A partition", s.trace(ms(120)))
}

/// A message that arrives twice, one with a long label, one lost at random, one still under way.
fn odd_messages() -> Report {
    let mut s = three();
    let first = step(&mut s, 5);
    let sent = s.send(ms(5), ("n1", "n2"), ("Append", "Append x=1", 1), Some(first));
    let n1 = s.id("n1");
    let copy = s.push(ms(5), Some(n1), Some(sent), What::Duplicated { message: sent });
    let got = s.deliver(ms(15), sent);
    s.fact(ms(15), "n2", "stored", (60, "{node} stores it."), Some(got));
    let again = s.deliver(ms(25), copy);
    s.fact(ms(25), "n2", "ignored", (60, "{node} knows it already."), Some(again));
    let label = "InstallSnapshot of three hundred entries";
    let long = s.send(ms(30), ("n1", "n3"), ("Snapshot", label, 1), Some(again));
    let got = s.deliver(ms(42), long);
    let told = s.fact(ms(42), "n3", "installed", (60, "{node} installs it."), Some(got));
    let lost = s.send(ms(42), ("n3", "n1"), ("Done", "done", 1), Some(got));
    s.drop(ms(42), lost, DropCause::Loss);
    s.send(ms(48), ("n3", "n2"), ("Hello", "hello", 1), Some(told));
    s.fact(ms(48), "n3", "said", (60, "{node} says hello."), Some(told));
    report("Odd messages", s.trace(ms(50)))
}

/// Operations with every ending, a short one among them.
fn operations() -> Report {
    let mut s = three();
    for (at, until, ending) in [
        (10, 40, Some(Ending::Ok(Reply::Value(Some(1))))),
        (50, 52, Some(Ending::Ok(Reply::Done))),
        (60, 90, Some(Ending::Failed("refused"))),
        (100, 130, Some(Ending::Unknown("timed out"))),
        (140, 0, None),
    ] {
        let (op, _) = s.invoke(ms(at), "c1", write("x", 1));
        if let Some(ending) = ending {
            s.finish(ms(until), "c1", op, ending, None);
        }
    }
    report("Operations", s.trace(ms(180)))
}

/// Everything at once, for long: must neither panic nor grow without bound.
fn storm(seed: u64) -> Report {
    let mut s = Script::new(7, 3);
    let mut state = seed;
    let mut dice = |n: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let roles = ["leader", "candidate", "follower", "follower"];
    for n in 0..4_000 {
        let at = ms(n * 2 + dice(2));
        let node = format!("n{}", 1 + dice(7));
        let to = format!("n{}", 1 + dice(7));
        match dice(12) {
            0 => s.stand(at, &node, roles[usize::try_from(dice(4)).unwrap()], 1 + n / 100, None),
            1 => {
                let id = s.id(&node);
                s.push(at, Some(id), None, What::Crashed { death: Death::Machine, writes_lost: 0 });
            }
            2 => {
                let id = s.id(&node);
                s.push(at, Some(id), None, What::Started { life: 1 });
            }
            3 => {
                let view = FaultView::Network { words: "10 % loss".to_owned() };
                let began = s.push(at, None, None, What::FaultBegan(view.clone()));
                s.push(at, None, None, What::FaultEnded { began, fault: view });
            }
            4 => {
                let groups = vec![vec![s.id(&node)], vec![s.id(&to)]];
                s.push(at, None, None, What::FaultBegan(FaultView::Partition { groups }));
            }
            5 => drop(s.fact(at, &node, "committed", (70, "{node} commits it."), None)),
            6 => {
                let client = format!("c{}", 1 + dice(3));
                let (op, event) = s.invoke(at, &client, write("x", 1));
                s.finish(at, &client, op, Ending::Unknown("timed out"), Some(event));
            }
            7 => s.view(at, &node, &[("x=1", 1, true), ("x=2", n, false)]),
            _ => {
                let sent = s.send(at, (&node, &to), ("Append", "Append x=1", 1 + n / 100), None);
                match dice(3) {
                    0 => s.drop(at, sent, DropCause::Loss),
                    1 => s.drop(at, sent, DropCause::Partition),
                    _ => drop(s.deliver(at, sent)),
                }
            }
        }
    }
    report("A storm", s.trace(ms(9_000)))
}

fn all() -> Vec<(&'static str, Report)> {
    vec![
        ("split-brain", sample::split_brain()),
        ("crash", crash()),
        ("scattered", scattered_partition()),
        ("odd", odd_messages()),
        ("operations", operations()),
        ("storm", storm(7)),
        ("empty", report("Nothing happens", Script::new(3, 1).trace(ms(0)))),
        ("nobody", report("Nobody is there", Script::new(0, 0).trace(Instant::ZERO))),
    ]
}

#[test]
fn split_brain_is_laid_out_as_in_the_goal() {
    let layout = laid_out("split-brain", &sample::split_brain());
    assert_eq!(layout.omitted, Vec::<String>::new());
    insta::assert_snapshot!(layout);
}

#[test]
fn a_crash_is_a_band_and_messages_to_it_are_lost_on_it() {
    let layout = laid_out("crash", &crash());
    let [band] = &layout.bands[..] else { panic!("one band") };
    let lost: Vec<_> = layout.arrows.iter().filter(|arrow| arrow.head == Head::Cross).collect();
    let [lost] = &lost[..] else { panic!("one lost message") };
    assert!(lost.line.x2 > band.rect.x && lost.line.x2 < band.rect.right());
    assert_eq!(lost.line.y2, band.rect.bottom());
    let words: Vec<_> = layout.tags.iter().map(|tag| tag.text.as_str()).collect();
    assert!(words.contains(&"DOWN 100 ms") && words.contains(&"restart"), "{words:?}");
}

#[test]
fn lanes_are_reordered_so_that_a_partition_is_one_wall() {
    let layout = laid_out("scattered", &scattered_partition());
    let lanes: Vec<_> = layout.lanes.iter().map(|lane| lane.name.as_str()).collect();
    assert_eq!(lanes, ["n1", "n3", "n2", "n4", "n5"]);
    assert_eq!(layout.walls[0].walls.len(), 1);
}

#[test]
fn a_dropped_fan_out_is_one_line() {
    let layout = lay_out(&scattered_partition(), Preset::Figure);
    let [arrow] = &layout.arrows[..] else { panic!("one line for three messages") };
    assert_eq!((arrow.style, arrow.head), (Line::Dashed, Head::Cross));
    assert_eq!(arrow.line.y2, layout.walls[0].walls[0].mid_y());
    assert!(layout.tags.iter().any(|tag| tag.text == "to n2, n4, n5"));
}

#[test]
fn copies_long_labels_losses_and_messages_under_way_have_their_marks() {
    let layout = laid_out("odd", &odd_messages());
    insta::assert_snapshot!(layout);
}

#[test]
fn every_ending_of_an_operation_is_written_beside_it() {
    let layout = laid_out("operations", &operations());
    insta::assert_snapshot!(layout);
}

#[test]
fn no_two_words_of_any_picture_overlap() {
    for (name, report) in all() {
        let layout = laid_out(name, &report);
        for (i, tag) in layout.tags.iter().enumerate() {
            for other in &layout.tags[i + 1..] {
                assert!(!tag.rect.overlaps(other.rect), "{name}: {tag:?} and {other:?}");
            }
        }
    }
}

#[test]
fn every_picture_is_well_formed_small_and_the_same_twice() {
    for (name, report) in all() {
        let figure = render(&report, &Options::default());
        assert_eq!(figure, render(&report, &Options::default()), "{name}");
        assert!(figure.svg.len() < 1_000_000, "{name}: {}", figure.svg.len());
        check_well_formed(name, &figure.svg);
        let narrow =
            render(&report, &Options { id_prefix: "b".to_owned(), ..Options::on(Preset::Readme) });
        assert!(
            narrow.svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 900 ")
        );
    }
}

#[test]
fn storms_of_events_neither_panic_nor_hide_all() {
    for seed in 0..20 {
        let layout = lay_out(&storm(seed), Preset::Figure);
        assert!(!layout.captions.is_empty(), "{seed}\n{layout}");
    }
}

/// Every tag that opens is closed in order, every id is unique, no raw `&` is left.
fn check_well_formed(name: &str, svg: &str) {
    let mut open = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    for part in svg.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap_or_else(|| panic!("{name}: `{part}`"));
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "{name}");
        } else if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap());
        }
        if let Some((_, rest)) = tag.split_once(" id=\"") {
            let id = rest.split('"').next().unwrap();
            assert!(ids.insert(id), "{name}: id `{id}` twice");
        }
        for entity in text.split('&').skip(1).chain(tag.split('&').skip(1)) {
            let known = ["amp;", "lt;", "gt;", "quot;"].iter().any(|e| entity.starts_with(e));
            assert!(known, "{name}: `{entity}`");
        }
    }
    assert_eq!(open, Vec::<&str>::new(), "{name}");
}
