//! From what the engine plans back to steps of a file, so that a schedule that was drawn can be
//! read, kept and changed.
//!
//! The way back is exact: a step written here is planned as the very fault it was made from, with
//! names in place of seats. Only empty groups of a partition are left out; they hold nobody.

use std::collections::BTreeMap;

use sim_engine::faults::{
    Calm, ClockChange, ClockFault, CorruptionMode, CrashOf, DiskFault, DiskTrouble, HostFault,
    HostTrouble, RoomLinks,
};
use sim_engine::{Duration, Fault, Instant, NodeId, Selector};

use super::{
    ActionFile, BandwidthFile, CalmFile, CalmOfFile, ClockDriftFile, ClockShiftFile, CorruptFile,
    CrashFile, CrashInStepFile, CrashOfFile, CutFile, DamageFile, FailSyncFile, HealFile,
    LinksDelayFile, LinksRateFile, NodesFile, PerMillion, RecoverFile, ReorderFile, SlowFile,
    StepFile, Who,
};

/// The name of each seat.
pub(crate) type NameOf<'n> = &'n dyn Fn(NodeId) -> String;

/// The step that lets a fault strike at a time, and end by itself if it `lasts`. It may change
/// nothing, as steps of chaos may.
pub(crate) fn step_of_fault(
    (at, lasts): (Instant, Option<Duration>),
    fault: &Fault<Selector>,
    name: NameOf<'_>,
) -> StepFile {
    StepFile {
        at: Some(at - Instant::ZERO),
        when: None,
        after: None,
        bind: BTreeMap::new(),
        only: None,
        action: action(fault, name),
        lasts,
        repeat: None,
        say: None,
        may_miss: true,
    }
}

fn action(fault: &Fault<Selector>, name: NameOf<'_>) -> ActionFile {
    let who = |seats: &[Selector]| who(seats, name);
    let ends = |from: &Ends, to: &Ends| (from.as_deref().map(who), to.as_deref().map(who));
    match fault {
        Fault::Partition(partition) => {
            let groups = partition.groups.iter().filter(|group| !group.is_empty());
            ActionFile::Partition { groups: groups.map(|group| who(group).0).collect() }
        }
        Fault::Heal => ActionFile::Heal(HealFile::default()),
        Fault::Cut(cut) => {
            let (from, to) = some_end(ends(&cut.from, &cut.to));
            ActionFile::Cut(CutFile { from, to, both: cut.both, ..CutFile::default() })
        }
        Fault::Mend(mend) => {
            let (from, to) = some_end(ends(&mend.from, &mend.to));
            ActionFile::Heal(HealFile { from, to, both: mend.both, ..HealFile::default() })
        }
        Fault::CutRooms(links) => ActionFile::Cut(cut_rooms(links)),
        Fault::MendRooms(links) => ActionFile::Heal(heal_rooms(links)),
        Fault::Crash(crash) => {
            ActionFile::Crash(CrashFile { node: who(&crash.nodes), of: crash_of(crash.of) })
        }
        Fault::CrashInStep(crash) => ActionFile::CrashInStep(CrashInStepFile {
            node: who(&crash.nodes),
            of: crash_of(crash.of),
            on: crash.on.clone(),
            after: crash.after,
        }),
        Fault::Restart(restart) => ActionFile::Restart(NodesFile { node: who(&restart.nodes) }),
        Fault::Delay(fault) => {
            let (from, to) = ends(&fault.from, &fault.to);
            ActionFile::Delay(LinksDelayFile { from, to, takes: fault.delay })
        }
        Fault::Loss(fault) => {
            let (from, to) = ends(&fault.from, &fault.to);
            ActionFile::Loss(LinksRateFile { from, to, rate: PerMillion(fault.per_million) })
        }
        Fault::Duplicate(fault) => {
            let (from, to) = ends(&fault.from, &fault.to);
            ActionFile::Duplicate(LinksRateFile { from, to, rate: PerMillion(fault.per_million) })
        }
        Fault::Reorder(fault) => {
            let (from, to) = ends(&fault.from, &fault.to);
            let rate = PerMillion(fault.per_million);
            ActionFile::Reorder(ReorderFile { from, to, rate, by: fault.by })
        }
        Fault::Corrupt(fault) => {
            let (from, to) = ends(&fault.from, &fault.to);
            let mode = match fault.mode {
                CorruptionMode::Checksum => DamageFile::Checksum,
                CorruptionMode::Mutate => DamageFile::Mutate,
            };
            ActionFile::Corrupt(CorruptFile { from, to, rate: PerMillion(fault.per_million), mode })
        }
        Fault::Bandwidth(fault) => {
            let (from, to) = ends(&fault.from, &fault.to);
            let (bytes_per_second, queue_bytes) = (fault.bytes_per_second, fault.queue_bytes);
            ActionFile::Bandwidth(BandwidthFile { from, to, bytes_per_second, queue_bytes })
        }
        Fault::Calm(calm) => ActionFile::Calm(CalmFile { of: calm_of(*calm) }),
        Fault::Disk(fault) => disk(fault, name),
        Fault::Recover(recover) => {
            ActionFile::Recover(RecoverFile { node: who(&recover.nodes), within: recover.within })
        }
        Fault::Host(fault) => host(fault, name),
        Fault::Clock(fault) => clock(fault, name),
    }
}

fn cut_rooms(links: &RoomLinks) -> CutFile {
    let (place, between) = room_links(links);
    CutFile { place, between, ..CutFile::default() }
}

fn heal_rooms(links: &RoomLinks) -> HealFile {
    let (place, between) = room_links(links);
    HealFile { place, between, ..HealFile::default() }
}

/// A place whose links are meant, or two rooms.
fn room_links(links: &RoomLinks) -> (Option<String>, Option<[String; 2]>) {
    match links {
        RoomLinks::Around(place) => (Some(place.clone()), None),
        RoomLinks::Between(a, b) => (None, Some([a.clone(), b.clone()])),
    }
}

fn disk(fault: &DiskFault<Selector>, name: NameOf<'_>) -> ActionFile {
    let node = who(&fault.nodes, name);
    match fault.trouble {
        DiskTrouble::Slow { takes } => ActionFile::SlowDisk(SlowFile { node, takes }),
        DiskTrouble::FailSync { count } => ActionFile::FailSync(FailSyncFile { node, count }),
        DiskTrouble::Lie => ActionFile::LyingDisk(NodesFile { node }),
        DiskTrouble::Full => ActionFile::FullDisk(NodesFile { node }),
        DiskTrouble::Tear => ActionFile::TornWrite(NodesFile { node }),
        DiskTrouble::Rot => ActionFile::CorruptRead(NodesFile { node }),
        DiskTrouble::Wipe => ActionFile::WipeDisk(NodesFile { node }),
        DiskTrouble::Calm => ActionFile::CalmDisk(NodesFile { node }),
    }
}

fn host(fault: &HostFault<Selector>, name: NameOf<'_>) -> ActionFile {
    let node = who(&fault.nodes, name);
    match fault.trouble {
        HostTrouble::Pause => ActionFile::Pause(NodesFile { node }),
        HostTrouble::Resume => ActionFile::Resume(NodesFile { node }),
        HostTrouble::SlowCpu { takes } => ActionFile::SlowCpu(SlowFile { node, takes }),
        HostTrouble::CalmCpu => ActionFile::CalmCpu(NodesFile { node }),
    }
}

fn clock(fault: &ClockFault<Selector>, name: NameOf<'_>) -> ActionFile {
    let node = who(&fault.nodes, name);
    match fault.change {
        ClockChange::Offset { by } => ActionFile::ClockOffset(ClockShiftFile { node, by }),
        ClockChange::Step { by } => ActionFile::ClockStep(ClockShiftFile { node, by }),
        ClockChange::Drift { ppm } => ActionFile::ClockDrift(ClockDriftFile { node, ppm }),
        ClockChange::Calm => ActionFile::CalmClock(NodesFile { node }),
    }
}

const fn crash_of(of: CrashOf) -> CrashOfFile {
    match of {
        CrashOf::Machine => CrashOfFile::Machine,
        CrashOf::Process => CrashOfFile::Process,
    }
}

const fn calm_of(calm: Calm) -> Option<CalmOfFile> {
    match calm {
        Calm::Everything => None,
        Calm::Delay => Some(CalmOfFile::Delay),
        Calm::Loss => Some(CalmOfFile::Loss),
        Calm::Duplication => Some(CalmOfFile::Duplicate),
        Calm::Reordering => Some(CalmOfFile::Reorder),
        Calm::Corruption => Some(CalmOfFile::Corrupt),
        Calm::Bandwidth => Some(CalmOfFile::Bandwidth),
    }
}

/// Senders or receivers; everybody if absent.
type Ends = Option<Vec<Selector>>;

/// Links from everybody to everybody need a word in files: without ends, `heal` means all there is.
fn some_end((from, to): (Option<Who>, Option<Who>)) -> (Option<Who>, Option<Who>) {
    match (from, to) {
        (None, None) => (Some(Who(vec![Selector::Everybody.to_string()])), None),
        ends => ends,
    }
}

fn who(seats: &[Selector], name: NameOf<'_>) -> Who {
    Who(seats.iter().map(|seat| words(seat, name)).collect())
}

/// A selector as it is typed.
fn words(selector: &Selector, name: NameOf<'_>) -> String {
    match selector {
        Selector::Seat(id) => name(*id),
        Selector::Side(whom) => {
            Selector::Side(Box::new(Selector::Named(words(whom, name)))).to_string()
        }
        Selector::Leader
        | Selector::AFollower
        | Selector::Followers
        | Selector::Rest
        | Selector::Everybody
        | Selector::Named(_) => selector.to_string(),
    }
}
