//! Faults of the engine as steps of files, and back.

use sim_engine::faults::{
    Bandwidth, Calm, ClockChange, ClockFault, Corruption, CorruptionMode, Crash, CrashInStep,
    CrashOf, Cut, Delaying, DiskFault, DiskTrouble, Duplication, HostFault, HostTrouble, Loss,
    Mend, Partition, Reordering, Restart, Shift,
};
use sim_engine::{Action, Cast, Delay, Duration, Fault, Instant, NodeId, Seat, Selector, Trigger};

use super::names::Names;
use super::steps::plan_steps;
use crate::fake::SCENARIO;
use crate::file::step_of_fault;
use crate::{Scenario, registry};

/// What the engine plans for the only step of a file.
fn planned(step: &str) -> (Trigger, Option<Fault<Selector>>) {
    let sets = [format!("steps=[{step}]"), "expect={}".to_owned()];
    let scenario = Scenario::parse("f.json", SCENARIO).unwrap().with_sets(&sets).unwrap();
    let seat = |name: &str| Seat {
        name: name.to_owned(),
        kind: "server".to_owned(),
        role: (),
        place: None,
        is_client: false,
    };
    let cast = Cast::new(vec![seat("n1"), seat("n2")]);
    let names = Names::new(registry::find("fake").unwrap(), cast, None, &|_| true);
    let steps = plan_steps(&scenario.file, "one", &names).map(|planned| planned.steps);
    let step = steps.unwrap_or_else(|why| panic!("{step}: {why:?}")).remove(0);
    let Action::Fault(fault) = step.action else { return (step.trigger, None) };
    (step.trigger, Some(fault))
}

/// The same fault with the names of seats in place of their ids.
fn by_name(fault: &Fault<Selector>) -> Fault<Selector> {
    fn name(selector: &Selector) -> Selector {
        match selector {
            Selector::Seat(id) => Selector::Named(format!("n{}", id.number() + 1)),
            Selector::Side(whom) => Selector::Side(Box::new(name(whom))),
            Selector::Leader
            | Selector::AFollower
            | Selector::Followers
            | Selector::Rest
            | Selector::Everybody
            | Selector::Named(_) => selector.clone(),
        }
    }
    fault.resolve(|selector| Ok::<_, ()>(vec![name(selector)])).unwrap()
}

fn n1() -> Vec<Selector> {
    vec![Selector::Seat(NodeId::new(0))]
}

/// Every form of every fault of nodes and links.
fn faults() -> Vec<Fault<Selector>> {
    let n2 = || vec![Selector::Seat(NodeId::new(1))];
    let delay = Delay::Fixed(Duration::nanos(1_234_567));
    let (from, to, per_million) = (Some(n1()), None, 123_456);
    let mut faults = vec![
        Fault::Partition(Partition { groups: vec![n1(), vec![Selector::Rest]] }),
        Fault::Heal,
        Fault::Cut(Cut { from: from.clone(), to: Some(n2()), both: true }),
        Fault::Mend(Mend { from: None, to: Some(n1()), both: false }),
        Fault::Crash(Crash { nodes: n1(), of: CrashOf::Machine }),
        Fault::Crash(Crash { nodes: n2(), of: CrashOf::Process }),
        Fault::Restart(Restart { nodes: vec![Selector::Side(Box::new(Selector::Leader))] }),
        Fault::Restart(Restart { nodes: vec![Selector::Side(Box::new(n2().remove(0)))] }),
        Fault::Delay(Delaying { from: from.clone(), to: to.clone(), delay }),
        Fault::Loss(Loss { from: None, to: from.clone(), per_million }),
        Fault::Duplicate(Duplication { from: None, to: None, per_million }),
        Fault::Reorder(Reordering { from: from.clone(), to: None, per_million, by: delay }),
        Fault::Bandwidth(Bandwidth { from, to, bytes_per_second: 7, queue_bytes: Some(9) }),
    ];
    faults.extend(
        [CorruptionMode::Checksum, CorruptionMode::Mutate]
            .map(|mode| Fault::Corrupt(Corruption { from: None, to: None, per_million, mode })),
    );
    let calms = [
        Calm::Everything,
        Calm::Delay,
        Calm::Loss,
        Calm::Duplication,
        Calm::Reordering,
        Calm::Corruption,
        Calm::Bandwidth,
    ];
    faults.extend(calms.map(Fault::Calm));
    faults
}

/// Every form of every fault of disks.
fn faults_of_disks() -> Vec<Fault<Selector>> {
    let troubles = [
        DiskTrouble::Slow { takes: Delay::Fixed(Duration::millis(3)) },
        DiskTrouble::FailSync { count: 3 },
        DiskTrouble::Lie,
        DiskTrouble::Full,
        DiskTrouble::Tear,
        DiskTrouble::Rot,
        DiskTrouble::Wipe,
        DiskTrouble::Calm,
    ];
    troubles.map(|trouble| Fault::Disk(DiskFault { nodes: n1(), trouble })).to_vec()
}

/// Every form of every fault of processors and clocks.
fn faults_of_hosts() -> Vec<Fault<Selector>> {
    let troubles = [
        HostTrouble::Pause,
        HostTrouble::Resume,
        HostTrouble::SlowCpu { takes: Delay::Fixed(Duration::micros(7)) },
        HostTrouble::CalmCpu,
    ];
    let changes = [
        ClockChange::Offset { by: Shift::Ahead(Duration::nanos(1_234_567)) },
        ClockChange::Step { by: Shift::Behind(Duration::secs(3)) },
        ClockChange::Drift { ppm: -200 },
        ClockChange::Calm,
    ];
    let hosts = troubles.map(|trouble| Fault::Host(HostFault { nodes: n1(), trouble }));
    let clocks = changes.map(|change| Fault::Clock(ClockFault { nodes: n1(), change }));
    let on = Some("started".to_owned());
    let doom = CrashInStep { nodes: n1(), of: CrashOf::Process, on, after: 2 };
    hosts.into_iter().chain(clocks).chain([Fault::CrashInStep(doom)]).collect()
}

#[test]
fn every_fault_of_the_engine_has_a_step_that_means_it() {
    let at = Instant::from_nanos(3_000_001);
    for fault in [faults(), faults_of_disks(), faults_of_hosts()].concat() {
        let step = step_of_fault((at, None), &fault, &|id| format!("n{}", id.number() + 1));
        let text = serde_json::to_string(&step).unwrap();
        assert_eq!(planned(&text), (Trigger::At(at), Some(by_name(&fault))), "{text}");
    }
}

#[test]
fn links_from_everybody_to_everybody_are_said_in_words() {
    let fault = Fault::Cut(Cut { from: None, to: None, both: false });
    let step = step_of_fault((Instant::ZERO, None), &fault, &|_| unreachable!());
    let text = serde_json::to_string(&step).unwrap();
    assert_eq!(text, r#"{"at":"0ms","do":{"cut":{"from":"everybody"}},"may_miss":true}"#);
}
