//! Links and writes: what others can see waits for the disk.

use sim_engine::{Delay, Duration, Simulation, What};

use super::caller::{self, Act, Line, from, lines, tell, to};
use super::dial;

#[test]
fn what_is_transmitted_after_a_write_waits_for_the_disk_and_so_do_dialling_and_hanging_up() {
    let mut spec = caller::spec(2);
    spec.disk.sync = Delay::Fixed(Duration::millis(7));
    spec.steps = vec![
        tell(10, "n0", [Act::Write(1), Act::Dial(1, Line::Red)]),
        tell(50, "n0", [Act::Write(2), Act::Say(to(1), 1), Act::SayNow(to(1), 2)]),
        tell(80, "n0", [Act::Write(3), Act::Hang(to(1))]),
    ];
    let (_, trace) = Simulation::new(spec).run();
    let expected = [
        "27 n0 up to n1 red",
        "32 n1 up from n0 red",
        "55 n1 gets 2",
        "62 n1 gets 1",
        "92 n1 down from n0 red: closed",
    ];
    assert_eq!(lines(&trace), expected);
}

#[test]
fn what_waits_for_the_disk_does_not_go_over_a_later_link() {
    let mut spec = caller::spec(2);
    spec.disk.sync = Delay::Fixed(Duration::millis(100));
    spec.steps = vec![
        dial(10),
        tell(50, "n1", [Act::Write(1), Act::Say(from(0), 1), Act::Hang(from(0))]),
        // The disk of the second is busy while the link goes down and comes up again.
        tell(60, "n0", [Act::Dial(1, Line::Red)]),
        tell(200, "n1", [Act::Say(from(0), 2)]),
    ];
    let (outcome, trace) = Simulation::new(spec).run();
    let expected = [
        "20 n0 up to n1 red",
        "25 n1 up from n0 red",
        "65 n1 down from n0 red: superseded",
        "70 n0 up to n1 red",
        "75 n1 up from n0 red",
        "205 n0 gets 2",
    ];
    assert_eq!(lines(&trace), expected);
    assert_eq!(outcome.messages.sent, 1, "what never left was never sent");
}

#[test]
fn a_dial_that_waits_for_the_disk_parts_what_waits_for_the_older_link_from_what_is_for_the_newer() {
    let mut spec = caller::spec(2);
    spec.disk.sync = Delay::Fixed(Duration::millis(100));
    spec.steps = vec![
        dial(10),
        tell(
            50,
            "n0",
            [Act::Write(1), Act::Say(to(1), 1), Act::Dial(1, Line::Red), Act::Hang(to(1))],
        ),
        tell(60, "n1", [Act::Hang(from(0))]),
    ];
    let (outcome, trace) = Simulation::new(spec).run();
    let expected = ["20 n0 up to n1 red", "25 n1 up from n0 red", "65 n0 down to n1 red: closed"];
    assert_eq!(lines(&trace), expected, "the second dial was hung up at once");
    assert_eq!(outcome.messages.sent, 0);
    let hung_up = trace.events.iter().filter(|event| matches!(event.what, What::HungUp { .. }));
    assert_eq!(hung_up.count(), 2);
}
