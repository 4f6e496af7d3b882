//! The generic part: kept thin, because it is compiled once a protocol.

use sim_engine::{
    Action, Cast, Chaos, DiskSpec, Durable, Duration, Instant, Link, Misfit, MisfitAt, Mutant,
    Node, NodeId, Outcome, PlannedOperation, Protocol, Recording, Role, Seat, Simulation, Spec,
    Step, Topology, Trace, Trigger, Vocabulary,
};

use super::names::Names;
use super::steps::{AdminFile, Planned, plan_chaos, plan_steps};
use super::workload::Workloads;
use super::{Drawn, Facts, Runner, Timetable};
use crate::document::typed;
use crate::file::{OperationAtFile, ScenarioFile, step_of_fault};
use crate::judge::Line;
use crate::path::Path;
use crate::problem::{Complaint, suggest};
use crate::registry::Entry;
use crate::seats::SeatFile;

/// A scenario on its way to one protocol.
#[derive(Debug)]
pub(crate) struct Draft<'s> {
    pub(crate) file: &'s ScenarioFile,
    pub(crate) system: usize,
    pub(crate) entry: &'static Entry,
    pub(crate) mutant: Option<Mutant>,
    pub(crate) seats: Vec<SeatFile<'s>>,
    pub(crate) topology: Option<&'s Topology>,
}

/// What a protocol made of it.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) runner: Box<dyn Runner>,
    pub(crate) subtitle: Vec<String>,
    pub(crate) lines: Vec<Line>,
}

/// Types everything that is the protocol's own, and checks every name against it.
pub(crate) fn build<P: Protocol + 'static>(draft: &Draft<'_>) -> Result<Built, Complaint> {
    let file = draft.file;
    let at = Path::root().key("systems").index(draft.system).key("config");
    let config: <P::Node as Node>::Config = typed(&file.systems[draft.system].config, &at)?;
    let config = P::configure(config);
    P::check(&config).map_err(|what| Complaint::new(&at, what))?;
    let cast = cast::<P>(&draft.seats)?;
    let serves = |operation: &_| {
        <<P::Node as Node>::Command as Vocabulary>::from_operation(operation).is_some()
    };
    let durables = durables::<P>(&draft.seats, &cast)?;
    P::check_cast(&cast, &durables)
        .and_then(|()| P::check_together(&config, &cast, &durables))
        .map_err(|misfit| complain(&misfit, &draft.seats))?;
    check_roles(&cast, draft.topology)?;
    let names = Names::new(draft.entry, cast.anonymous(), draft.topology, &serves);
    let system = &file.systems[draft.system].name;
    let Planned { steps, lines } = plan_steps(file, system, &names)?;
    let steps = steps.into_iter().map(administered).collect::<Result<_, _>>()?;
    let subtitle = subtitle::<P>(draft, &config, &cast);
    let late = cast.ids().zip(&draft.seats).filter(|(_, seat)| seat.is_late);
    let runner = Typed::<P> {
        durables,
        late: late.map(|(id, _)| id).collect(),
        steps,
        workloads: Workloads::new(file, &names)?,
        chaos: plan_chaos(file, &names)?,
        link: Link {
            delay: file.network.delay,
            loss: file.network.loss.0,
            duplication: file.network.duplication.0,
        },
        topology: draft.topology.cloned(),
        disk: DiskSpec { sync: file.disk.sync },
        until: Instant::ZERO + file.duration,
        events_max: file.events_max,
        mutant: draft.mutant,
        config,
        cast,
    };
    Ok(Built { runner: Box::new(runner), subtitle, lines })
}

/// Everything of a run but its seed.
struct Typed<P: Protocol> {
    config: <P::Node as Node>::Config,
    cast: Cast<<P::Node as Node>::Role>,
    durables: Vec<<P::Node as Node>::Durable>,
    late: Vec<NodeId>,
    link: Link,
    topology: Option<Topology>,
    disk: DiskSpec,
    steps: Vec<Step<<P::Node as Node>::Admin>>,
    workloads: Workloads,
    chaos: Option<Chaos>,
    until: Instant,
    events_max: u64,
    mutant: Option<Mutant>,
}

impl<P: Protocol> std::fmt::Debug for Typed<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Typed").field("protocol", &P::NAME).finish_non_exhaustive()
    }
}

impl<P: Protocol> Runner for Typed<P> {
    fn run(&self, seed: u64, recording: Recording) -> (Outcome, Trace) {
        let mut steps = self.steps.clone();
        steps.extend(self.chaos(seed));
        let spec = Spec {
            steps,
            operations: self.workloads.draw(seed),
            promises: P::promises(),
            recording,
            ..self.spec(seed, self.until)
        };
        Simulation::new(spec).run()
    }

    fn announced(&self, seed: u64, facts: Facts, timetable: &Timetable) -> (Outcome, Trace) {
        let steps = self.steps.iter().zip(&timetable.steps);
        let steps = steps.filter_map(|(step, at)| {
            at.map(|at| Step { trigger: Trigger::At(at), ..step.clone() })
        });
        let spec = Spec {
            steps: steps.collect(),
            operations: timetable.operations.clone(),
            recording: Recording::Facts(facts),
            ..self.spec(seed, timetable.until)
        };
        Simulation::new(spec).run()
    }

    fn drawn(&self, seed: u64) -> Drawn {
        let name = |id: NodeId| self.cast.name(id).to_owned();
        let steps = self.chaos(seed);
        let step = |step: &Step<_>| match (&step.trigger, &step.action) {
            (Trigger::At(at), Action::Fault(fault)) => {
                Some(step_of_fault((*at, step.lasts), fault, &name))
            }
            (Trigger::At(_) | Trigger::Previous | Trigger::When(_), _) => None,
        };
        let operation = |planned: PlannedOperation| OperationAtFile {
            at: planned.at - Instant::ZERO,
            client: name(planned.client),
            operation: planned.operation,
        };
        Drawn {
            steps: steps.iter().filter_map(step).collect(),
            operations: self.workloads.draw(seed).into_iter().map(operation).collect(),
        }
    }
}

impl<P: Protocol> Typed<P> {
    /// The run of one seed, without what happens in it.
    fn spec(&self, seed: u64, until: Instant) -> Spec<P::Node> {
        Spec {
            lexicon: P::LEXICON,
            durables: self.durables.clone(),
            late: self.late.clone(),
            link: self.link,
            topology: self.topology.clone(),
            disk: self.disk,
            mutant: self.mutant,
            events_max: self.events_max,
            ..Spec::new(seed, self.config.clone(), self.cast.clone(), until - Instant::ZERO)
        }
    }

    /// The faults of one seed.
    fn chaos(&self, seed: u64) -> Vec<Step<<P::Node as Node>::Admin>> {
        self.chaos.as_ref().map_or_else(Vec::new, |chaos| chaos.draw(seed, &self.cast))
    }
}

fn cast<P: Protocol>(seats: &[SeatFile<'_>]) -> Result<Cast<<P::Node as Node>::Role>, Complaint> {
    let seat = |seat: &SeatFile<'_>| {
        let role: <P::Node as Node>::Role = typed(seat.role, &seat.path.key("role"))?;
        Ok(Seat {
            name: seat.name.clone(),
            kind: role.kind().to_owned(),
            is_client: role.is_client(),
            role,
            place: seat.place.map(str::to_owned),
        })
    };
    Ok(Cast::new(seats.iter().map(seat).collect::<Result<_, Complaint>>()?))
}

fn durables<P: Protocol>(
    seats: &[SeatFile<'_>],
    cast: &Cast<<P::Node as Node>::Role>,
) -> Result<Vec<<P::Node as Node>::Durable>, Complaint> {
    let durable = |seat: &SeatFile<'_>| match seat.durable {
        None => Ok(<P::Node as Node>::Durable::default()),
        Some(value) => {
            let path = seat.path.key("durable");
            let initial = typed(value, &path)?;
            <P::Node as Node>::Durable::initial(&initial, &|name| cast.find(name))
                .map_err(|what| Complaint::new(&path, what))
        }
    };
    seats.iter().map(durable).collect()
}

/// A room is not called like a role: a name would mean both.
fn check_roles<R>(cast: &Cast<R>, topology: Option<&Topology>) -> Result<(), Complaint> {
    let room_of = |kind: &str| topology.is_some_and(|topology| topology.has_place(kind));
    match cast.iter().find(|(_, seat)| room_of(&seat.kind)) {
        None => Ok(()),
        Some((_, seat)) => {
            let what = format!("`{}` is a role, so no place can have that name", seat.kind);
            Err(Complaint::new(&Path::root().key("topology"), what))
        }
    }
}

/// A complaint about a cast, at the place of the seat it is about.
fn complain(misfit: &Misfit, seats: &[SeatFile<'_>]) -> Complaint {
    let path = match misfit.at {
        MisfitAt::Cast => Path::root().key("cast"),
        MisfitAt::Role(id) => seats[id.index()].path.key("role"),
        MisfitAt::Disk(id) => seats[id.index()].path.key("durable"),
    };
    let hint = misfit
        .unknown
        .as_ref()
        .and_then(|(name, known)| suggest(name, known.iter().map(String::as_str)));
    Complaint::new(&path, misfit.what.clone()).hint(hint)
}

/// Types the administrator's command of a step.
fn administered<A: serde::de::DeserializeOwned>(
    step: Step<AdminFile>,
) -> Result<Step<A>, Complaint> {
    let action = match step.action {
        Action::Admin { nodes, command: AdminFile { value, path } } => {
            Action::Admin { nodes, command: typed(&value, &path)? }
        }
        Action::Fault(fault) => Action::Fault(fault),
        Action::Client { client, operation } => Action::Client { client, operation },
        Action::Direct(direct) => Action::Direct(direct),
        Action::Release(release) => Action::Release(release),
        Action::Fire { nodes, timer } => Action::Fire { nodes, timer },
        Action::Start { nodes } => Action::Start { nodes },
        Action::Look => Action::Look,
    };
    Ok(Step {
        trigger: step.trigger,
        after: step.after,
        bind: step.bind,
        action,
        lasts: step.lasts,
        repeat: step.repeat,
        say: step.say,
        may_miss: step.may_miss,
    })
}

/// `5 nodes`, what the protocol says of its settings, and how long messages take.
fn subtitle<P: Protocol>(
    draft: &Draft<'_>,
    config: &<P::Node as Node>::Config,
    cast: &Cast<<P::Node as Node>::Role>,
) -> Vec<String> {
    let (file, topology) = (draft.file, draft.topology);
    let nodes = cast.iter().filter(|(_, seat)| !seat.is_client).count();
    let mut words = vec![format!("{nodes} node{}", if nodes == 1 { "" } else { "s" })];
    words.extend(P::subtitle(config));
    words.push(match topology {
        None => format!("message delay {}", file.network.delay.words()),
        Some(_) => format!("message delay {} within a room", file.network.delay.words()),
    });
    words.extend(topology.map(|topology| format!("{} rooms", topology.rooms().len())));
    if file.disk.sync != sim_engine::Delay::Fixed(Duration::ZERO) {
        words.push(format!("disk sync {}", file.disk.sync.words()));
    }
    if file.network.loss.0 > 0 {
        words.push(format!("loss {}", file.network.loss));
    }
    words
}
