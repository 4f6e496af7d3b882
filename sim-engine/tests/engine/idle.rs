//! Time in which nothing happens costs nothing.

use sim_engine::{Duration, Recording, Simulation};

use crate::common::{Act, Alarm, at, spec, tell};

#[test]
fn an_idle_hour_of_a_thousand_nodes_is_a_thousand_boots() {
    let mut idle = spec(1_000, 0);
    idle.until = at(3_600_000);
    idle.recording = Recording::Nothing;
    let (outcome, _) = Simulation::new(idle).run();
    assert_eq!((outcome.events, outcome.messages.sent), (1_000, 0));
}

/// A timer that is set again and again has one event in the queue, and fires once.
#[test]
fn an_hour_with_one_alarm_of_each_is_one_event_more_of_each() {
    let mut armed = spec(1_000, 0);
    armed.until = at(3_600_000);
    armed.recording = Recording::Nothing;
    let again = vec![Act::Set(Alarm::A, Duration::secs(1_800).as_millis()); 50];
    armed.steps = vec![tell(1, "everybody", again)];
    let (outcome, _) = Simulation::new(armed).run();
    // Boots, the one step, commands and alarms.
    assert_eq!(outcome.events, 1_000 + 1 + 1_000 + 1_000);
}
