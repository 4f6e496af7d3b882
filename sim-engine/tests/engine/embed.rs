//! One node inside another: houses with two puppets each.

use std::fmt;

use serde::Deserialize;
use sim_engine::embed::{self, Embedding, PerGuest, Projection};
use sim_engine::{
    Action, Cast, Delay, Dice, DiskSpec, Durable, Duration, Effects, Event, Fact, Link, Look,
    Moment, Never, Node, NodeId, NodeView, Operation, Outcome, Payload, Promise, Recording,
    RoleClass, Selector, Simulation, Slot, Spec, Standing, Status, Step, StepContext, Ticket,
    Timer, TimerSlot, Trace, Violation,
};

use crate::common::{Act, Alarm, Do, Kind, News, Note, Notebook, Puppet, at, cast, crash, lines};

/// Something of the puppet on this floor.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
struct On<T>(u8, T);

impl<T: fmt::Display> fmt::Display for On<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.0, self.1)
    }
}

impl Payload for On<Note> {
    fn kind(&self) -> &'static str {
        self.1.kind()
    }
    fn bytes(&self) -> u32 {
        self.1.bytes()
    }
    fn epoch(&self) -> Option<u64> {
        None
    }
}

impl Fact for On<News> {
    fn name(&self) -> &'static str {
        self.1.name()
    }
    fn details(&self) -> Vec<(&'static str, Slot)> {
        [("floor", Slot::Number(self.0.into()))].into_iter().chain(self.1.details()).collect()
    }
    fn weight(&self) -> u8 {
        10
    }
    fn caption(&self) -> Option<sim_engine::Caption> {
        None
    }
}

impl sim_engine::Admin for On<Do> {}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Bell(u8, Alarm);

impl Timer for Bell {
    const PLAIN: u16 = 0;

    fn slot(self) -> TimerSlot {
        match self.1.slot() {
            TimerSlot::Plain(slot) => TimerSlot::Keyed(slot, self.0.into()),
            TimerSlot::Keyed(slot, key) => TimerSlot::Keyed(slot + 2, key << 1 | u64::from(self.0)),
        }
    }
    fn name(self) -> &'static str {
        self.1.name()
    }
    fn named(_: &str) -> Option<Self> {
        None
    }
}

/// What both puppets wrote, on one disk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Shelf([Notebook; 2]);

impl Durable for Shelf {
    type Delta = On<u32>;
    type Initial = ();

    fn apply(&mut self, On(floor, note): &On<u32>) {
        self.0[usize::from(*floor)].apply(note);
    }
    fn bytes(On(_, note): &On<u32>) -> u32 {
        Notebook::bytes(note)
    }
    fn tear(On(floor, note): &On<u32>, dice: &mut Dice) -> Option<On<u32>> {
        Notebook::tear(note, dice).map(|left| On(*floor, left))
    }
    fn initial((): &(), _: &dyn Fn(&str) -> Option<NodeId>) -> Result<Self, String> {
        Ok(Self::default())
    }
}

/// The floor a puppet lives on.
#[derive(Clone, Copy, Debug)]
struct Floor(u8);

impl Embedding for Floor {
    type Host = House;
    type Guest = Puppet;

    fn message(&self, message: Note) -> On<Note> {
        On(self.0, message)
    }
    fn port(&self, port: Never) -> Never {
        port
    }
    fn timer(&self, timer: Alarm) -> Bell {
        Bell(self.0, timer)
    }
    fn delta(&self, delta: u32) -> On<u32> {
        On(self.0, delta)
    }
    fn fact(&self, fact: News) -> On<News> {
        On(self.0, fact)
    }
}

/// Two puppets in one process.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct House {
    puppets: [Puppet; 2],
    tickets: Vec<(Ticket, u8)>,
    stepped: u8,
}

impl House {
    fn feed(
        &mut self,
        cx: &mut StepContext<'_, Self>,
        floor: u8,
        event: Event<Puppet>,
        out: &mut Effects<Self>,
    ) {
        self.stepped = floor;
        let (config, cast) = (cx.config(), cx.cast());
        let puppet = &mut self.puppets[usize::from(floor)];
        let tickets = embed::step(&Floor(floor), puppet, &mut cx.nested(config, cast), event, out);
        self.tickets.extend(tickets.into_iter().map(|ticket| (ticket, floor)));
    }
}

impl Node for House {
    type Config = ();
    type Role = Kind;
    type Message = On<Note>;
    type Port = Never;
    type Timer = Bell;
    type Durable = Shelf;
    type Command = Operation;
    type Admin = On<Do>;
    type Fact = On<News>;

    fn boot(cx: &StepContext<'_, Self>, durable: &Shelf) -> Self {
        let puppet = |floor: usize| embed::boot(cx, (cx.config(), cx.cast()), &durable.0[floor]);
        Self { puppets: [puppet(0), puppet(1)], tickets: Vec::new(), stepped: 0 }
    }

    fn step(
        &mut self,
        cx: &mut StepContext<'_, Self>,
        event: Event<Self>,
        out: &mut Effects<Self>,
    ) {
        match event {
            Event::Message { from, message: On(floor, message) } => {
                self.feed(cx, floor, Event::Message { from, message }, out);
            }
            Event::Timer(Bell(floor, alarm)) => self.feed(cx, floor, Event::Timer(alarm), out),
            Event::Admin(On(floor, acts)) => self.feed(cx, floor, Event::Admin(acts), out),
            Event::Synced(ticket) => {
                let owner = self.tickets.iter().find(|(known, _)| *known == ticket);
                self.feed(cx, owner.unwrap().1, Event::Synced(ticket), out);
            }
            Event::Started => {
                self.feed(cx, 0, Event::Started, out);
                self.feed(cx, 1, Event::Started, out);
            }
            Event::DiskFailed | Event::Command { .. } => {}
        }
    }

    fn standing(&self) -> Standing {
        Standing { role: "house", class: RoleClass::Following, leads: false, epoch: 0 }
    }

    fn view(&self) -> NodeView {
        NodeView::default()
    }
}

/// How promises find the puppets of a floor.
#[derive(Debug)]
struct Storey {
    floor: u8,
    cast: Cast<Kind>,
}

impl fmt::Display for Storey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "floor {}", self.floor)
    }
}

impl Projection for Storey {
    type Host = House;
    type Guest = Puppet;

    fn all((): &(), cast: &Cast<Kind>) -> Vec<Self> {
        [0, 1].map(|floor| Self { floor, cast: cast.clone() }).into()
    }
    fn config<'a>(&self, config: &'a ()) -> &'a () {
        config
    }
    fn cast(&self) -> &Cast<Kind> {
        &self.cast
    }
    fn memory<'a>(&'a self, host: &'a House) -> Option<&'a Puppet> {
        host.puppets.get(usize::from(self.floor))
    }
    fn durable<'a>(&'a self, durable: &'a Shelf) -> &'a Notebook {
        &durable.0[usize::from(self.floor)]
    }
    fn message(&self, On(floor, message): &On<Note>) -> Option<Note> {
        (*floor == self.floor).then(|| message.clone())
    }
    fn delta(&self, On(floor, delta): &On<u32>) -> Option<u32> {
        (*floor == self.floor).then_some(*delta)
    }
    fn fact(&self, On(floor, fact): &On<News>) -> Option<News> {
        (*floor == self.floor).then(|| fact.clone())
    }
    fn took_part(&self, host: &House) -> bool {
        host.stepped == self.floor
    }
    fn serves(&self, (): &(), _: &Operation) -> bool {
        true
    }
}

/// No puppet tells 13, and what is on its part of a disk is what was synced there.
#[derive(Debug, Default)]
struct Orderly {
    synced: Vec<Vec<u32>>,
    told: u64,
}

impl Promise<Puppet> for Orderly {
    fn name(&self) -> &'static str {
        "orderly"
    }

    fn look(&mut self, look: &Look<'_, Puppet>) -> Result<(), Violation> {
        self.synced.resize(look.cast().len(), Vec::new());
        let mine = &mut self.synced[look.node.index()];
        mine.extend(look.synced);
        if look.durable(look.node).0 != *mine {
            return Err(Violation::new("the disk holds something else", [look.event]));
        }
        if look.moment == Moment::Crash && look.memory(look.node).is_some() {
            return Err(Violation::new("who has crashed remembers", [look.event]));
        }
        for (event, fact) in look.facts() {
            self.told += u64::from(matches!(fact, News::Told(_)));
            if *fact == News::Told(13) {
                return Err(Violation::new("13 was told", [event]));
            }
        }
        Ok(())
    }

    fn suspended(&self) -> Option<&str> {
        (self.told == 0).then_some("nothing was told")
    }

    fn exercised(&self) -> u64 {
        self.told
    }
}

fn tell(ms: u64, node: &str, floor: u8, acts: impl Into<Vec<Act>>) -> Step<On<Do>> {
    let command = On(floor, Do(acts.into()));
    Step::at(at(ms), Action::Admin { nodes: Selector::parse(node), command })
}

/// Two houses, messages of 5 ms, disks that take 10.
fn play(steps: Vec<Step<On<Do>>>) -> (Outcome, Trace) {
    let mut spec = Spec::new(1, (), cast(2, 0), Duration::secs(1));
    spec.link = Link::clean(Delay::Fixed(Duration::millis(5)));
    spec.disk = DiskSpec { sync: Delay::Fixed(Duration::millis(10)) };
    spec.recording = Recording::Everything;
    spec.promises = vec![Box::new(PerGuest::<Storey>::new(|| Box::<Orderly>::default()))];
    spec.steps = steps;
    Simulation::new(spec).run()
}

#[test]
fn guests_share_a_disk_and_its_order() {
    let (_, trace) = play(vec![
        tell(10, "n0", 0, [Act::WriteAndTell(1)]),
        // This puppet has written nothing, and waits for what the other one wrote.
        tell(10, "n0", 1, [Act::Send(1, 7), Act::SendNow(1, 8), Act::WriteAndTell(2)]),
        tell(50, "n0", 1, [Act::Send(1, 9)]),
    ]);
    // One sync brings both writes, and each puppet hears of its own.
    assert_eq!(
        lines(&trace),
        [
            "15 n1 gets 1:Word 8 from n0",
            "20 n0 on-disk floor=0 1",
            "20 n0 on-disk floor=1 2",
            "25 n1 gets 1:Word 7 from n0",
            "55 n1 gets 1:Word 9 from n0",
        ]
    );
}

#[test]
fn a_guest_wakes_up_from_its_own_part_of_the_disk_and_keeps_its_own_timers() {
    let (outcome, trace) = play(vec![
        tell(10, "n0", 0, [Act::Write(1), Act::Set(Alarm::A, 500), Act::Set(Alarm::For(3), 20)]),
        tell(10, "n0", 1, [Act::Write(2), Act::Set(Alarm::A, 30), Act::Set(Alarm::For(3), 40)]),
        tell(10, "n0", 1, [Act::Cancel(Alarm::For(3))]),
        crash(100, "n0"),
        crate::common::restart(200, "n0"),
        tell(300, "n0", 1, [Act::Halt]),
    ]);
    let told = lines(&trace);
    let expected = [
        "30 n0 rang floor=0 For(3)",
        "40 n0 rang floor=1 A",
        "100 n0 crashes and loses 0",
        "200 n0 woke floor=0 [1]",
        "200 n0 woke floor=1 [2]",
        "300 n0 exits",
    ];
    assert_eq!(told, expected);
    assert_eq!(outcome.promises[0].broken, None);
}

#[test]
fn a_promise_of_the_guest_is_kept_for_each_guest() {
    let quiet = play(vec![]).0;
    assert_eq!(quiet.promises[0].status(), Status::Suspended);

    // Suspended for one floor only: what is known of the other one counts.
    let one = play(vec![tell(10, "n0", 1, [Act::Tell(1), Act::Write(5)])]).0;
    assert_eq!((one.promises[0].status(), one.promises[0].exercised), (Status::Held, 1));

    let both = play(vec![
        tell(10, "n0", 0, [Act::Tell(1), Act::Tell(2)]),
        tell(20, "n1", 1, [Act::Tell(3), Act::Tell(13)]),
    ]);
    let broken = both.0.promises[0].broken.clone().unwrap();
    assert_eq!((broken.why.as_str(), broken.at), ("floor 1: 13 was told", at(20)));
    assert_eq!(both.0.promises[0].exercised, 4);
}
