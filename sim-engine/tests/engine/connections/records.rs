//! What is left of a link: causes in the trace, the digest, what promises see.

use sim_engine::{Look, Promise, Simulation, Step, Violation, What};

use super::caller::{self, Act, Do, Line, from, play, tell, to};
use super::{dial, kill, says};

#[test]
fn every_event_of_a_link_names_its_cause() {
    let steps = vec![
        dial(10),
        tell(30, "n0", [Act::Say(to(1), 1)]),
        tell(40, "n0", [Act::Hang(to(1))]),
        dial(50),
        kill(80, "n1"),
        dial(90),
    ];
    let (_, trace) = play(2, steps);
    let causes: Vec<_> = trace
        .events
        .iter()
        .filter_map(|event| {
            let is_link = matches!(event.what, What::LinkUp { .. } | What::LinkDown { .. });
            let cause = trace.events.iter().find(|cause| Some(cause.id) == event.cause)?;
            let word = match &cause.what {
                What::Dialled { port, .. } => *port,
                What::HungUp { .. } => "hung up",
                What::Crashed { .. } => "crashed",
                _ => "something else",
            };
            is_link.then_some((event.at.nanos() / 1_000_000, word))
        })
        .collect();
    let expected = [
        (20, "red"),
        (25, "red"),
        (45, "hung up"),
        (60, "red"),
        (65, "red"),
        (85, "crashed"),
        (100, "red"),
    ];
    assert_eq!(causes, expected);
    let over: Vec<_> = trace
        .events
        .iter()
        .filter_map(|event| match &event.what {
            What::Sent { link, .. } => Some(link.map(|link| (link.port, link.is_dialled))),
            _ => None,
        })
        .collect();
    assert_eq!(over, [Some(("red", true))]);
}

#[test]
fn one_scenario_and_seed_have_one_digest_and_each_event_of_a_link_changes_it() {
    let run = |steps: Vec<Step<Do>>| play(2, steps).0.digest;
    let calm = run(vec![dial(10)]);
    assert_eq!(run(vec![dial(10)]), calm);
    for acts in [vec![Act::Hang(to(1))], vec![Act::Say(to(1), 1)], vec![Act::Dial(1, Line::Blue)]] {
        let with = |acts: Vec<Act>| run(vec![dial(10), tell(30, "n0", acts)]);
        assert_ne!(with(acts.clone()), with(vec![]), "{acts:?}");
    }
}

/// Counts the words that a promise sees leave.
#[derive(Debug, Default)]
struct SeesWords {
    seen: u64,
}

impl Promise<caller::Caller> for SeesWords {
    fn name(&self) -> &'static str {
        "sees-words"
    }

    fn look(&mut self, look: &Look<'_, caller::Caller>) -> Result<(), Violation> {
        for (id, to, message) in look.sent() {
            self.seen += 1;
            if *message == caller::Talk::Word(2) {
                return Err(Violation::new(format!("{to} was told 2"), [id]));
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.seen
    }
}

#[test]
fn promises_see_what_is_transmitted() {
    let mut spec = caller::spec(2);
    spec.promises = vec![Box::new(SeesWords::default())];
    spec.steps = vec![dial(10), says(30, "n0", to(1), &[1, 2]), says(50, "n1", from(0), &[3])];
    let (outcome, _) = Simulation::new(spec).run();
    let result = &outcome.promises[0];
    assert_eq!(result.exercised, 2, "one that is broken looks no more");
    assert_eq!(result.broken.as_ref().map(|broken| broken.why.as_str()), Some("#1 was told 2"));
}
