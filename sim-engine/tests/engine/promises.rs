//! Promises: what they see, and how their breach is reported.

use sim_engine::{
    End, EventId, Instant, Look, Moment, NodeId, Promise, Reads, Simulation, Status, Topics,
    Violation, What,
};

use crate::common::{Act, Note, Puppet, WORDS, at, crash, restart, spec, tell};

/// Nobody ever sends the word 13.
#[derive(Debug, Default)]
struct NoThirteen {
    words: u64,
}

impl Promise<Puppet> for NoThirteen {
    fn name(&self) -> &'static str {
        "no-thirteen"
    }

    fn look(&mut self, look: &Look<'_, Puppet>) -> Result<(), Violation> {
        for (event, _, message) in look.sent() {
            self.words += 1;
            if *message == Note::Word(13) {
                return Err(Violation::new("13 was sent", [event, event, look.event]));
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.words
    }
}

/// What is on disk and what was synced always agree; and at the end nobody is down.
#[derive(Debug, Default)]
struct DisksAgree {
    synced: Vec<Vec<u32>>,
    crashes: u64,
    looks: u64,
}

impl Promise<Puppet> for DisksAgree {
    fn name(&self) -> &'static str {
        "disks-agree"
    }

    fn look(&mut self, look: &Look<'_, Puppet>) -> Result<(), Violation> {
        self.synced.resize(look.cast().len(), Vec::new());
        self.looks += 1;
        let mine = &mut self.synced[look.node.index()];
        mine.extend(look.synced);
        if look.durable(look.node).0 != *mine {
            return Err(Violation::new("the disk holds something else", [look.event]));
        }
        match look.moment {
            Moment::Boot | Moment::Step if look.memory(look.node).is_none() => {
                Err(Violation::new("a node took a step while it was down", [look.event]))
            }
            Moment::Boot | Moment::Step => Ok(()),
            Moment::Crash => {
                self.crashes += 1;
                assert!(look.memory(look.node).is_none());
                Ok(())
            }
        }
    }

    fn at_end(&mut self, end: &End<'_, Puppet>) -> Result<(), Violation> {
        match end.cast().ids().find(|id| end.memory(*id).is_none()) {
            Some(id) => Err(Violation::new(format!("{id} is down at the end"), [])),
            None => Ok(()),
        }
    }

    fn exercised(&self) -> u64 {
        self.looks
    }
}

#[test]
fn a_broken_promise_is_reported_once_with_its_event() {
    let mut spec = spec(2, 0);
    spec.promises = vec![Box::new(NoThirteen::default())];
    spec.steps = vec![
        tell(10, "n0", [Act::Send(1, 12)]),
        tell(20, "n0", [Act::Send(1, 13)]),
        tell(30, "n0", [Act::Send(1, 13)]),
    ];
    let (outcome, trace) = Simulation::new(spec).run();
    let [result] = outcome.promises.as_slice() else { panic!("one promise") };
    let broken = result.broken.as_ref().unwrap();
    assert_eq!(
        (result.status(), broken.at, broken.why.as_str()),
        (Status::Violated, at(20), "13 was sent")
    );
    let sent: Vec<EventId> = trace
        .events
        .iter()
        .filter(|event| matches!(&event.what, What::Sent { label, .. } if label == "Word 13"))
        .map(|event| event.id)
        .collect();
    assert_eq!(broken.witness, [broken.event, sent[0]]);
    let violated: Vec<_> = trace
        .events
        .iter()
        .filter(|event| matches!(event.what, What::Violated { .. }))
        .map(|event| (event.at, event.node, event.cause))
        .collect();
    assert_eq!(violated, [(at(20), Some(NodeId::new(0)), Some(broken.event))]);
}

#[test]
fn a_promise_that_was_never_tested_has_not_held() {
    let run = |acts: Vec<Act>| {
        let mut spec = spec(2, 0);
        spec.promises = vec![Box::new(NoThirteen::default())];
        spec.steps = vec![tell(10, "n0", acts)];
        Simulation::new(spec).run().0.promises[0].status()
    };
    assert_eq!(run(vec![Act::Tell(1)]), Status::NotExercised);
    assert_eq!(run(vec![Act::Send(1, 1)]), Status::Held);
}

#[test]
fn promises_see_what_left_the_node_and_not_what_waits() {
    let mut spec = spec(2, 0);
    spec.promises = vec![Box::new(NoThirteen::default())];
    spec.disk.sync = sim_engine::Delay::Fixed(sim_engine::Duration::millis(20));
    spec.steps = vec![tell(10, "n0", [Act::Write(1), Act::Send(1, 13)]), crash(15, "n0")];
    let (outcome, _) = Simulation::new(spec).run();
    assert_eq!(outcome.promises[0].status(), Status::NotExercised);
}

#[test]
fn promises_see_disks_and_crashes_and_the_end() {
    let run = |crash_at| {
        let mut spec = spec(2, 0);
        spec.promises = vec![Box::new(DisksAgree::default())];
        spec.disk.sync = sim_engine::Delay::Fixed(sim_engine::Duration::millis(20));
        spec.steps = vec![
            tell(10, "n0", [Act::Write(1), Act::WriteLazily(2)]),
            tell(12, "n0", [Act::Write(3)]),
            tell(35, "n1", [Act::WriteAndTell(4), Act::Tell(1)]),
            crash(crash_at, "n0"),
            restart(200, "n0"),
        ];
        Simulation::new(spec).run().0.promises.remove(0)
    };
    for crash_at in [11, 13, 30, 45, 60, 100] {
        assert_eq!(run(crash_at).status(), Status::Held, "{crash_at}");
    }
    let at_end = run(300);
    assert_eq!(at_end.broken.unwrap().why, "#0 is down at the end");
}

/// Breaks at its first look after the start, so that it shows when that is.
#[derive(Debug)]
struct Asked(Reads);

impl Promise<Puppet> for Asked {
    fn name(&self) -> &'static str {
        "asked"
    }

    fn reads(&self, (): &()) -> Reads {
        self.0
    }

    fn look(&mut self, look: &Look<'_, Puppet>) -> Result<(), Violation> {
        let is_start = look.at == Instant::ZERO;
        if is_start { Ok(()) } else { Err(Violation::new("it was asked", [look.event])) }
    }

    fn exercised(&self) -> u64 {
        1
    }
}

#[test]
fn a_promise_is_asked_about_steps_with_something_that_it_reads() {
    let first = |reads: Reads| {
        let mut spec = spec(2, 0);
        spec.promises = vec![Box::new(Asked(reads))];
        spec.disk.sync = sim_engine::Delay::Fixed(sim_engine::Duration::millis(5));
        spec.steps = vec![
            tell(10, "n0", [Act::Lead(1)]),
            tell(20, "n0", [Act::Serve(1, 0)]),
            tell(30, "n0", [Act::Write(1)]),
            tell(40, "n0", [Act::Send(1, 2)]),
            tell(50, "n0", [Act::Tell(3)]),
            crash(60, "n0"),
            restart(70, "n0"),
        ];
        Simulation::new(spec).run().0.promises.remove(0).broken.map(|broken| broken.at)
    };
    let other = Topics::one(4);
    for (reads, asked) in [
        (Reads::NOTHING, None),
        (Reads::STEPS, Some(at(10))),
        (Reads::MESSAGES, Some(at(20))),
        (Reads::messages(WORDS), Some(at(40))),
        (Reads::WRITES, Some(at(30))),
        (Reads::DISKS, Some(at(35))),
        (Reads::FACTS, Some(at(50))),
        (Reads::facts(WORDS), Some(at(50))),
        (Reads::LIVES, Some(at(60))),
        (Reads::messages(other), None),
        // Of what it says when it wakes a puppet names no topic: then everybody looks.
        (Reads::facts(other), Some(at(70))),
        (Reads::messages(other).and(Reads::DISKS), Some(at(35))),
    ] {
        assert_eq!(first(reads), asked, "{reads:?}");
    }
}
