//! What the engine keeps of one seat.

use std::collections::VecDeque;

use crate::dice::DiceBag;
use crate::disk::Disk;
use crate::engine::clock::Clock;
use crate::engine::doom::Doom;
use crate::engine::host::Host;
use crate::engine::trouble::Trouble;
use crate::{
    Concern, Dice, EventId, Instant, Node, NodeId, NodeView, OpId, Operation, Standing, Ticket,
};

/// One seat of a run. Laid out as written: what every step reads comes first and lies together.
#[derive(Clone, Debug)]
#[repr(C)]
pub(crate) struct Place<N: Node> {
    /// What few nodes ever need.
    pub(crate) rare: Option<Box<Rare<N>>>,
    pub(crate) standing: Option<Standing>,
    /// How often it has crashed.
    pub(crate) life: u32,
    /// True once it has booted: a late seat is not there before.
    pub(crate) has_begun: bool,
    /// True while its machine is up, with or without its process.
    pub(crate) has_power: bool,
    /// The memory of a node that runs; `None` while it is down, or up and asleep.
    pub(crate) node: Option<N>,
    pub(crate) disk: Disk<N>,
    /// When the running sync is done; anything else that comes up is from a past life.
    pub(crate) sync_due: Instant,
    /// When it began: what is written at that moment goes with it.
    pub(crate) sync_began: Instant,
    /// When the disk refused a write that the node has not heard of.
    pub(crate) refused_at: Instant,
    /// What is wrong with the disk, if anything ever was.
    pub(crate) trouble: Option<Box<Trouble>>,
    /// Tickets that are on disk and not handed out yet.
    pub(crate) tickets: Vec<Ticket>,
    /// The last crash.
    pub(crate) fell: Option<EventId>,
    /// The last state that was recorded.
    pub(crate) viewed: Option<NodeView>,
    pub(crate) lane: Lane,
}

/// The dice of one seat. They are large, and kept apart from what every step needs.
#[derive(Clone, Debug)]
pub(crate) struct SeatDice {
    pub(crate) choices: Dice,
    pub(crate) jitter: Dice,
    pub(crate) disk: Dice,
}

impl SeatDice {
    pub(crate) fn new(seat: u16, bag: &DiceBag) -> Self {
        Self {
            choices: bag.stream(Concern::Choice, seat),
            jitter: bag.stream(Concern::Jitter, seat),
            disk: bag.stream(Concern::Disk, seat),
        }
    }
}

/// What is unusual about a node beside its disk.
#[derive(Clone, Debug)]
pub(crate) struct Rare<N: Node> {
    pub(super) host: Host<N>,
    pub(crate) clock: Clock,
    pub(super) doom: Option<Doom>,
}

impl<N: Node> Rare<N> {
    pub(super) fn new(seed: u64, id: NodeId) -> Box<Self> {
        Box::new(Self { host: Host::new(seed, id), clock: Clock::default(), doom: None })
    }

    /// True if the node runs by right clocks and is to go on.
    pub(crate) fn is_as_usual(&self) -> bool {
        !self.host.is_hampered() && self.clock.is_right() && self.doom.is_none()
    }
}

/// The operations of one client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lane {
    /// Operations to come, with the earliest moment of each.
    pub(crate) due: VecDeque<(Instant, Operation)>,
    /// The operation it waits for.
    pub(crate) open: Option<OpId>,
}

impl<N: Node> Place<N> {
    pub(crate) fn new(durable: N::Durable) -> Self {
        Self {
            node: None,
            rare: None,
            disk: Disk::new(durable),
            sync_due: Instant::NEVER,
            sync_began: Instant::NEVER,
            refused_at: Instant::NEVER,
            trouble: None,
            tickets: Vec::new(),
            life: 0,
            fell: None,
            has_begun: false,
            has_power: false,
            standing: None,
            viewed: None,
            lane: Lane::default(),
        }
    }

    /// Where the node stands; `None` while it is down.
    pub(crate) fn standing(&self) -> Option<Standing> {
        self.memory().and(self.standing)
    }

    /// The memory of a node that is up, whether it runs or not.
    pub(crate) fn memory(&self) -> Option<&N> {
        self.node.as_ref().or_else(|| self.rare.as_ref()?.host.asleep.as_ref())
    }

    /// True unless it is down, or late.
    pub(crate) fn is_up(&self) -> bool {
        self.memory().is_some()
    }

    /// Takes the memory away. False if there was none.
    pub(super) fn forget(&mut self) -> bool {
        let asleep = self.rare.as_mut().and_then(|rare| rare.host.asleep.take());
        self.node.take().or(asleep).is_some()
    }
}
