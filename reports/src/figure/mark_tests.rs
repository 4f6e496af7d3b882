//! Layouts of small hand-made runs, one mark of the visual language each.

use sim_engine::{
    Caption, Cast, Cell, Death, DropCause, Ending, EventId, FactView, FaultView, Instant, Lexicon,
    Mark, NodePart, NodeView, Reply, RoleClass, Row, Seat, Standing, Tone, What,
};

use super::layout::{Line, SnapshotCell};
use super::*;
use crate::sample::{Script, ms, report, write};

/// Lays a run out and writes the picture where a person can look at it, if asked to.
fn laid_out(name: &str, report: &Report) -> Layout {
    let figure = render(report, &Options::default());
    if let Some(folder) = option_env!("FIGURES") {
        std::fs::write(format!("{folder}/{name}.svg"), &figure.svg).unwrap();
    }
    assert_eq!(figure.labels_omitted, Vec::<String>::new(), "{name}");
    assert_eq!(figure.collisions, Vec::<String>::new(), "{name}");
    lay_out(report, Preset::Figure)
}

/// Servers of whom n1 leads.
fn led(nodes: usize, clients: usize) -> Script {
    let mut s = Script::new(nodes, clients);
    for n in 1..=nodes {
        let role = if n == 1 { "leader" } else { "follower" };
        s.stand(ms(0), &format!("n{n}"), role, 1, None);
    }
    s
}

/// n1 sends something that is told, so that it is drawn.
fn told(s: &mut Script, at: u64, (from, to): (&str, &str), took: u64) -> EventId {
    let sent = s.send(ms(at), (from, to), ("Append", "Append x=1", 1), None);
    let got = s.deliver(ms(at + took), sent);
    let receiver = to.to_owned();
    s.fact(ms(at + took), &receiver, "stored", (60, "{node} stores it."), Some(got));
    sent
}

fn trouble(s: &mut Script, (from, to): (u64, u64), view: &FaultView) {
    let began = s.push(ms(from), None, None, What::FaultBegan(view.clone()));
    s.push(ms(to), None, None, What::FaultEnded { began, fault: view.clone() });
}

#[test]
fn a_one_way_cut_is_a_wall_with_heads_that_point_where_nothing_arrives() {
    let mut s = led(3, 0);
    let from = Some(vec![s.id("n1")]);
    let view = FaultView::Cut { from, to: None, both: false };
    let began = s.push(ms(20), None, None, What::FaultBegan(view.clone()));
    for to in ["n2", "n3"] {
        let lost = s.send(ms(30), ("n1", to), ("Append", "Append x=1", 1), None);
        s.drop(ms(30), lost, DropCause::Cut);
    }
    told(&mut s, 40, ("n2", "n1"), 8);
    s.push(ms(80), None, None, What::FaultEnded { began, fault: view });
    insta::assert_snapshot!(laid_out("one-way", &report("A cut", s.trace(ms(100)))));
}

#[test]
fn three_groups_have_two_walls() {
    let mut s = led(5, 0);
    let groups = [&["n1", "n2"][..], &["n3"][..], &["n4", "n5"][..]];
    let groups = groups.iter().map(|side| side.iter().map(|n| s.id(n)).collect()).collect();
    trouble(&mut s, (20, 90), &FaultView::Partition { groups });
    let layout = laid_out("three-groups", &report("Three groups", s.trace(ms(120))));
    assert_eq!(layout.walls[0].walls.len(), 2);
    assert!(layout.tags.iter().any(|tag| tag.text.ends_with("{n1, n2} | {n3} | {n4, n5}")));
}

#[test]
fn partitions_that_no_order_of_lanes_suits_are_stripes() {
    let mut s = led(4, 0);
    let groups = |s: &Script, sides: [&[&str]; 2]| -> Vec<Vec<_>> {
        sides.iter().map(|side| side.iter().map(|n| s.id(n)).collect()).collect()
    };
    let long = groups(&s, [&["n1", "n2"], &["n3", "n4"]]);
    let short = groups(&s, [&["n1", "n4"], &["n2", "n3"]]);
    trouble(&mut s, (20, 200), &FaultView::Partition { groups: long });
    trouble(&mut s, (260, 300), &FaultView::Partition { groups: short });
    let layout = laid_out("stripes", &report("Two partitions", s.trace(ms(330))));
    let letters: String = layout.walls[1].stripes.iter().map(|stripe| stripe.letter).collect();
    assert_eq!((letters.as_str(), layout.walls[1].walls.len()), ("ABBA", 0));
    assert!(layout.tags.iter().any(|tag| tag.text.ends_with("A {n1, n4} | B {n2, n3}")));
}

#[test]
fn pauses_clocks_and_disks_have_their_marks() {
    let mut s = led(3, 0);
    let [n1, n2, n3] = ["n1", "n2", "n3"].map(|name| s.id(name));
    let fault = |node, part, words: &str| FaultView::Node { node, part, words: words.to_owned() };
    trouble(&mut s, (20, 320), &fault(n1, NodePart::Pause, "pause"));
    trouble(&mut s, (40, 200), &fault(n2, NodePart::Clock, "+120 ms clock"));
    trouble(&mut s, (60, 220), &fault(n3, NodePart::Disk, "slow disk, 10 ms to 20 ms"));
    insta::assert_snapshot!(laid_out("ills", &report("Nodes are ill", s.trace(ms(360)))));
}

#[test]
fn what_is_told_when_a_disk_has_it_has_a_cylinder_and_what_a_crash_takes_a_dashed_one() {
    let mut s = led(2, 0);
    let n2 = s.id("n2");
    let sent = s.send(ms(10), ("n1", "n2"), ("Prepare", "PREPARE", 1), None);
    let got = s.deliver(ms(18), sent);
    let written = |label: &str| What::Written { label: label.to_owned(), forced: true };
    s.push(ms(18), Some(n2), Some(got), written("PREPARED"));
    s.push(ms(26), Some(n2), None, What::Synced { writes: 1 });
    s.fact(ms(26), "n2", "prepared", (60, "{node} can no longer decide alone."), Some(got));
    let vote = s.send(ms(26), ("n2", "n1"), ("Vote", "yes", 1), Some(got));
    s.deliver(ms(34), vote);
    s.push(ms(40), Some(n2), None, written("COMMIT"));
    s.push(ms(44), Some(n2), None, What::Crashed { death: Death::Machine, writes_lost: 1 });
    insta::assert_snapshot!(laid_out("storage", &report("Writes", s.trace(ms(90)))));
}

#[test]
fn slow_messages_are_dashed_and_overtaken_ones_are_late() {
    let mut s = led(2, 0);
    for at in [5, 25, 45, 65, 85] {
        told(&mut s, at, ("n1", "n2"), 8);
    }
    let slow = s.send(ms(105), ("n1", "n2"), ("Append", "Append x=2", 1), None);
    let next = s.send(ms(115), ("n1", "n2"), ("Append", "Append x=3", 1), None);
    let got = s.deliver(ms(123), next);
    s.fact(ms(123), "n2", "refused", (60, "{node} has a gap."), Some(got));
    let got = s.deliver(ms(205), slow);
    s.fact(ms(205), "n2", "filled", (60, "{node} fills the gap."), Some(got));
    let layout = laid_out("slow", &report("Slow", s.trace(ms(220))));
    let lines: Vec<_> = layout.arrows.iter().filter(|arrow| arrow.style == Line::Slow).collect();
    assert!(matches!(&lines[..], [line] if line.holds(slow)));
    assert!(layout.tags.iter().any(|tag| tag.text == "+92 ms"), "{layout}");
}

#[test]
fn an_operation_that_waits_for_a_lock_says_so() {
    let mut s = led(2, 1);
    let (op, invoked) = s.invoke(ms(10), "c1", write("x", 1));
    let asked = s.send(ms(10), ("c1", "n2"), ("Request", "write x=1", 0), Some(invoked));
    let got = s.deliver(ms(15), asked);
    let caption = Caption { template: "c1 must wait for {node}.", slots: vec![] };
    let fact = FactView {
        name: "blocked",
        details: vec![],
        weight: 65,
        caption: Some(caption),
        mark: Mark::Waits("lock"),
    };
    let n2 = s.id("n2");
    s.push(ms(15), Some(n2), Some(got), What::Fact(fact));
    let freed = s.timer(ms(300), "n2", "lease", 280);
    let done = s.send(ms(300), ("n2", "c1"), ("Reply", "ok", 0), Some(freed));
    let got = s.deliver(ms(306), done);
    s.finish(ms(306), "c1", op, Ending::Ok(Reply::Done), Some(got));
    let layout = laid_out("waits", &report("A lock", s.trace(ms(320))));
    assert!(layout.ops[0].waits.is_some_and(|(from, to)| to > from + 1_000), "{layout}");
    assert!(layout.tags.iter().any(|tag| tag.text == "waits for n2’s lock"), "{layout}");
}

/// Two-phase commit: hues are decisions, nodes are shown by named values.
fn decisions() -> Report {
    let mut s = Script::new(3, 0);
    let stand = |s: &mut Script, at: u64, node: &str, (role, class, epoch)| {
        let id = s.id(node);
        let leads = class == RoleClass::InCharge;
        s.push(ms(at), Some(id), None, What::Stood(Standing { role, class, leads, epoch }));
    };
    let show = |s: &mut Script, at: u64, node: &str, record: &str, tone| {
        let rows = vec![
            Row::boxed("last log record", record, tone),
            Row::plain("lock", if record == "–" { "–" } else { "held by T7" }),
            Row::plain("waiting", "–"),
        ];
        let id = s.id(node);
        s.push(ms(at), Some(id), None, What::Viewed(NodeView { cells: vec![], rows }));
    };
    stand(&mut s, 0, "n1", ("collecting votes", RoleClass::InCharge, 1));
    show(&mut s, 0, "n1", "–", Tone::Plain);
    for node in ["n2", "n3"] {
        stand(&mut s, 0, node, ("working", RoleClass::Following, 1));
        stand(&mut s, 20, node, ("prepared, in doubt", RoleClass::Trying, 2));
        show(&mut s, 20, node, "PREPARED T7", Tone::Open(2));
    }
    let n1 = s.id("n1");
    s.push(ms(40), Some(n1), None, What::Crashed { death: Death::Machine, writes_lost: 0 });
    s.push(ms(400), Some(n1), None, What::Started { life: 1 });
    stand(&mut s, 400, "n1", ("commit", RoleClass::Decided, 3));
    show(&mut s, 400, "n1", "COMMIT T7", Tone::Settled(3));
    for node in ["n2", "n3"] {
        stand(&mut s, 410, node, ("committed", RoleClass::Decided, 3));
        show(&mut s, 410, node, "COMMITTED T7", Tone::Settled(3));
    }
    let mut trace = s.trace(ms(440));
    trace.lexicon = Lexicon { epoch: "decision", epoch_sign: "", cells: "Logs" };
    report("Two-phase commit blocks", trace)
}

#[test]
fn hues_may_be_decisions_and_nodes_be_shown_by_named_values() {
    insta::assert_snapshot!(laid_out("decisions", &decisions()));
}

#[test]
fn more_nodes_than_fit_share_the_page_by_what_there_is_to_see() {
    let mut s = led(30, 0);
    told(&mut s, 20, ("n1", "n27"), 9);
    let layout = laid_out("many", &report("Thirty servers", s.trace(ms(60))));
    let names: Vec<_> = layout.lanes.iter().map(|lane| lane.name.as_str()).collect();
    assert_eq!(names.len(), 12);
    assert!(names.contains(&"n1") && names.contains(&"n27"), "{names:?}");
    assert!(layout.subtitle.join(" ").contains("18 more nodes without news not shown."));
}

#[test]
fn a_violation_is_a_line_with_its_chain_and_the_words_of_the_promise() {
    let mut s = led(2, 1);
    let (_, invoked) = s.invoke(ms(10), "c1", write("x", 1));
    let asked = s.send(ms(10), ("c1", "n1"), ("Request", "write x=1", 0), Some(invoked));
    let got = s.deliver(ms(15), asked);
    let sent = s.send(ms(15), ("n1", "n2"), ("Append", "Append x=1", 1), Some(got));
    let got = s.deliver(ms(24), sent);
    let done = s.fact(ms(24), "n2", "committed", (75, "{node} commits x=1 alone."), Some(got));
    let n2 = s.id("n2");
    let violated = What::Violated {
        promise: "leader-completeness",
        why: "n2 committed what no majority holds".to_owned(),
        witness: vec![done],
    };
    s.push(ms(24), Some(n2), Some(got), violated);
    let report = report("A violation", s.trace(ms(60)));
    assert_eq!(
        crate::why(&report.trace, "leader-completeness"),
        [
            "10 ms: c1 asks: write x=1",
            "10 ms: c1 sends write x=1 to n1, which gets it at 15 ms",
            "15 ms: n1 sends Append x=1 to n2, which gets it at 24 ms",
            "24 ms: n2 commits x=1 alone",
            "24 ms: n2 committed what no majority holds",
        ]
    );
    let layout = laid_out("violation", &report);
    assert_eq!(layout.chain.len(), 2);
    insta::assert_snapshot!(layout);
}

#[test]
fn a_long_run_shows_a_window_and_says_so() {
    let mut s = led(5, 1);
    for n in 0..5_000_u64 {
        let to = ["n2", "n3", "n4", "n5"][usize::try_from(n % 4).unwrap()];
        told(&mut s, 10 + n * 4, ("n1", to), 3);
        if n % 1_000 == 700 {
            s.stand(ms(12 + n * 4), to, "candidate", n / 1_000 + 2, None);
            s.stand(ms(13 + n * 4), to, "follower", n / 1_000 + 2, None);
        }
    }
    let report = report("A long run", s.trace(ms(20_100)));
    assert!(report.trace.events.len() >= 15_000);
    let figure = render(&report, &Options::default());
    assert!(figure.svg.len() < 300_000, "{}", figure.svg.len());
    let layout = lay_out(&report, Preset::Figure);
    let shown = layout.subtitle.join(" ");
    assert!(shown.contains("Shown: ") && shown.contains(" of 20100 ms."), "{shown}");
    let _: Instant = report.trace.end;
}

#[test]
fn what_is_sent_again_and_again_in_one_moment_is_one_arrow_with_its_count() {
    let mut s = led(2, 0);
    let sent: Vec<_> =
        (0..6).map(|_| s.send(ms(20), ("n2", "n1"), ("Ack", "ack", 1), None)).collect();
    for (at, sent) in (27..).zip(&sent) {
        let got = s.deliver(ms(at), *sent);
        s.fact(ms(at), "n1", "heard", (60, "{node} hears of it."), Some(got));
    }
    let layout = laid_out("burst", &report("A burst", s.trace(ms(60))));
    let [arrow] = &layout.arrows[..] else { panic!("{:?}", layout.arrows) };
    assert!(arrow.title.contains("to n1, 6 times at 20 ms"), "{}", arrow.title);
    assert!(layout.tags.iter().any(|tag| tag.text == "ack ×6"));
}

/// The same run with other words about its seats.
fn renamed(mut report: Report, change: impl Fn(&mut Seat<()>)) -> Report {
    let mut seats: Vec<Seat<()>> = report.trace.cast.iter().map(|(_, seat)| seat.clone()).collect();
    seats.iter_mut().for_each(change);
    report.trace.cast = Cast::new(seats);
    report
}

#[test]
fn long_names_and_long_values_stay_inside_the_page() {
    let rename = |seat: &mut Seat<()>| seat.name = format!("replica-{}-in-sao-paulo", seat.name);
    let long = |cell: &mut Cell| cell.value = format!("outstanding-{}", cell.value);
    let mut report = renamed(crate::sample::split_brain(), rename);
    for event in &mut report.trace.events {
        if let What::Viewed(view) = &mut event.what {
            view.cells.iter_mut().for_each(long);
        }
    }
    let layout = lay_out(&report, Preset::Figure);
    assert!(layout.axis.left > 1_700, "{}", layout.axis.left);
    for table in &layout.snapshots {
        assert!(table.x + tables::width(table) <= layout.width - 200, "{table:?}");
        let cells = table.rows.iter().flat_map(|row| &row.cells);
        for cell in cells {
            let SnapshotCell::Slot { value, .. } = cell else { continue };
            assert!(text::Font::CELL.width(value) < table.cell_width, "{value}");
        }
    }
}

#[test]
fn a_room_stands_under_the_name_of_its_lane() {
    let place = |seat: &mut Seat<()>| seat.place = Some("room-a".to_owned());
    let layout = lay_out(&renamed(crate::sample::split_brain(), place), Preset::Figure);
    let kind =
        |name: &str| layout.lanes.iter().find(|lane| lane.name == name).unwrap().kind.clone();
    assert_eq!((kind("n1").as_str(), kind("c1").as_str()), ("room-a", "client"));
}

#[test]
fn the_fifth_epoch_shares_a_hue_and_the_legend_says_so() {
    let mut s = Script::new(1, 0);
    for term in 1..=6 {
        s.stand(ms(20 * term), "n1", "leader", term, None);
    }
    s.fact(ms(150), "n1", "rests", (60, "{node} rests."), None);
    let layout = laid_out("hues", &report("Six terms", s.trace(ms(160))));
    let words: Vec<_> = layout.legend.iter().map(|item| item.words.as_str()).collect();
    assert!(words.contains(&"term 1 or 5, 2 or 6, 3, 4"), "{words:?}");
}

#[test]
fn of_every_fault_a_lost_message_is_drawn_even_if_only_routine_is_lost() {
    let mut s = led(3, 0);
    let groups = vec![vec![s.id("n1")], vec![s.id("n2"), s.id("n3")]];
    trouble(&mut s, (20, 90), &FaultView::Partition { groups });
    for at in [30, 50, 70] {
        for to in ["n2", "n3"] {
            let sent = s.send(ms(at), ("n1", to), ("Heartbeat", "~heartbeat", 1), None);
            s.drop(ms(at), sent, DropCause::Partition);
        }
    }
    let layout = laid_out("routine", &report("Silence", s.trace(ms(120))));
    let lost = layout.arrows.iter().filter(|arrow| arrow.head == layout::Head::Cross);
    assert_eq!(lost.count(), 1, "{layout}");
}

#[test]
fn timers_of_one_lane_at_one_time_run_below_each_other() {
    let mut s = led(2, 0);
    let asks = s.timer(ms(60), "n1", "ask", 40);
    s.fact(ms(60), "n1", "asks", (60, "{node} asks."), Some(asks));
    let gives_up = s.timer(ms(80), "n1", "patience", 75);
    s.fact(ms(80), "n1", "gives-up", (60, "{node} gives up."), Some(gives_up));
    let layout = laid_out("timers", &report("Two timers", s.trace(ms(120))));
    let [a, b] = &layout.timers[..] else { panic!("{:?}", layout.timers) };
    assert!((a.y - b.y).abs() >= 150, "{a:?} {b:?}");
}
