//! Crashes in the middle of a step.

use super::Simulation;
use crate::faults::{CrashInStep, CrashOf};
use crate::{Death, Effect, Event, EventId, Moment, Node, NodeId, Payload, Released, Timer};

/// A crash that waits for the step it is to strike in.
#[derive(Clone, Debug)]
pub(crate) struct Doom {
    of: CrashOf,
    on: Option<String>,
    after: u32,
    /// The step that ordered it: it ends with that.
    began: EventId,
}

impl<N: Node> Simulation<N> {
    /// Dooms nodes to crash in a step to come.
    pub(super) fn doom(&mut self, fault: &CrashInStep<NodeId>, began: EventId) {
        for id in &fault.nodes {
            let doom = Doom { of: fault.of, on: fault.on.clone(), after: fault.after, began };
            self.rare(*id).doom = Some(doom);
        }
    }

    /// Lets a node off that was doomed at an event that fits. Says whether there was one.
    pub(super) fn pardon(&mut self, id: NodeId, fits: impl Fn(EventId) -> bool) -> bool {
        let rare = self.places[id.index()].rare.as_mut();
        rare.is_some_and(|rare| rare.doom.take_if(|doom| fits(doom.began)).is_some())
    }

    /// True if a crash may strike in the step that answers this event.
    #[cold]
    #[inline(never)]
    pub(super) fn is_doomed(&self, id: NodeId, event: &Event<N>) -> bool {
        let doom = self.places[id.index()].rare.as_ref().and_then(|rare| rare.doom.as_ref());
        doom.is_some_and(|doom| doom.on.as_ref().is_none_or(|on| on == name(event)))
    }

    /// What is unusual about the end of a step: it was misled by a wrong clock, or its node crashes
    /// before everything is carried out. True if it does.
    #[cold]
    #[inline(never)]
    pub(super) fn ends_unusually(&mut self, id: NodeId, cause: EventId, is_doomed: bool) -> bool {
        self.note_clock(id);
        let rare = self.places[id.index()].rare.as_ref();
        match rare.and_then(|rare| rare.doom.clone()) {
            Some(doom) if is_doomed => self.carry_out_doomed(id, cause, &doom),
            _ => false,
        }
    }

    /// The disk of a node is done, and the node is doomed to crash then: what waited for the disk
    /// leaves, up to the effect before which it crashes. False if less than that waited.
    #[cold]
    #[inline(never)]
    pub(super) fn crashes_after_sync(&mut self, id: NodeId, event: EventId) -> bool {
        let place = &mut self.places[id.index()];
        let Some(rare) = place.rare.as_mut() else { return false };
        let Some(doom) = rare.doom.clone() else { return false };
        let left = usize::try_from(doom.after).unwrap_or(usize::MAX);
        let waited: Vec<bool> = place.disk.ready().map(counts).collect();
        let counted = waited.iter().filter(|is_counted| **is_counted).count();
        if doom.on.as_deref() != Some("synced") || counted == 0 || counted < left {
            return false;
        }
        rare.doom = None;
        // Up to the first that counts and is one too many.
        let places = waited.iter().enumerate().filter(|(_, is_counted)| **is_counted);
        let leave = places.map(|(place, _)| place).nth(left).unwrap_or(waited.len());
        for _ in 0..leave {
            let Some((cause, effect)) = self.places[id.index()].disk.release() else { break };
            let id = self.next_id();
            self.effects.add_released(Released { id, cause, effect });
        }
        self.settle(id, event, Moment::Step);
        self.strike_doomed(id, event, &doom);
        true
    }

    /// Carries out what a step asks for, up to the effect after which its node crashes. False if
    /// the step asks for less: then nothing was carried out.
    fn carry_out_doomed(&mut self, id: NodeId, cause: EventId, doom: &Doom) -> bool {
        let asked: Vec<bool> =
            self.effects.released().iter().map(|it| counts(&it.effect)).collect();
        let (mut left, mut next) = (usize::try_from(doom.after).unwrap_or(usize::MAX), 0);
        let enough = asked.iter().filter(|is_counted| **is_counted).count() >= left;
        if !enough {
            return false;
        }
        for is_counted in asked {
            if left == 0 {
                break;
            }
            next = self.carry_out(id, cause, next);
            left -= usize::from(is_counted);
        }
        self.effects.truncate(next);
        let place = &mut self.places[id.index()];
        if let Some(rare) = &mut place.rare {
            rare.doom = None;
        }
        // What it changed in its memory after that effect never happened: nobody may look at it.
        let node = place.node.take();
        self.settle(id, cause, Moment::Step);
        self.places[id.index()].node = node;
        self.strike_doomed(id, cause, doom);
        true
    }

    fn strike_doomed(&mut self, id: NodeId, cause: EventId, doom: &Doom) {
        self.plan.strikes.act("crash-in-step");
        self.crash(id, Death::from(doom.of), cause);
        // Who it took down comes back with its end.
        self.places[id.index()].fell = Some(doom.began);
    }
}

/// What somebody else could tell apart: writes, messages and answers.
fn counts<N: Node>(effect: &Effect<N>) -> bool {
    match effect {
        Effect::Send { .. }
        | Effect::SendNow { .. }
        | Effect::Transmit { .. }
        | Effect::TransmitNow { .. }
        | Effect::Dial { .. }
        | Effect::Hang(_)
        | Effect::Persist { .. }
        | Effect::Finish { .. } => true,
        Effect::SetTimer { .. }
        | Effect::CancelTimer(_)
        | Effect::Announce(_)
        | Effect::AnnounceNow(_)
        | Effect::Halt => false,
    }
}

/// The name of an event, as a scenario says in which step a node is to crash; see `OCCASIONS`.
fn name<N: Node>(event: &Event<N>) -> &'static str {
    match event {
        Event::Message { message, .. } | Event::Received { message, .. } => message.kind(),
        Event::LinkUp(_) => "link-up",
        Event::LinkDown { .. } => "link-down",
        Event::Timer(timer) => timer.name(),
        Event::Started => "started",
        Event::Command { .. } => "command",
        Event::Admin(_) => "admin",
        Event::Synced(_) => "synced",
        Event::DiskFailed => "disk-failed",
    }
}
