//! A replica that follows its primary over one link, as a protocol would write it, told as a story
//! and stepped alone.

use std::fmt;

use serde::Deserialize;
use sim_engine::script::{Scripted, ScriptedCast};
use sim_engine::{
    Cast, Disconnection, Duration, Effect, Effects, Event, Lexicon, LinkId, MutantInfo, Never,
    Node, NodeId, NodeView, Payload, Promise, PromiseInfo, Protocol, Rehearsal, RoleClass, Row,
    Seat, Simulation, Spec, Standing, StepContext, Timer, TimerSlot,
};

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Line {
    Continue { from: u64 },
    Entry(u64),
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Continue { from } => write!(f, "Continue from={from}"),
            Self::Entry(n) => write!(f, "Entry {n}"),
        }
    }
}

impl Payload for Line {
    fn kind(&self) -> &'static str {
        match self {
            Self::Continue { .. } => "Continue",
            Self::Entry(_) => "Entry",
        }
    }

    fn bytes(&self) -> u32 {
        8
    }

    fn epoch(&self) -> Option<u64> {
        None
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Redial;

impl Timer for Redial {
    const PLAIN: u16 = 1;

    fn slot(self) -> TimerSlot {
        TimerSlot::Plain(0)
    }

    fn name(self) -> &'static str {
        "redial"
    }

    fn named(name: &str) -> Option<Self> {
        (name == "redial").then_some(Self)
    }
}

const PRIMARY: NodeId = NodeId::new(0);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
struct Settings {
    /// The number of the first entry.
    first: u64,
    entries: u64,
}

/// The primary has so many entries. A replica counts those it has.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Member {
    entries: u64,
}

impl Node for Member {
    type Config = Settings;
    type Role = ();
    type Message = Line;
    type Port = ();
    type Timer = Redial;
    type Durable = ();
    type Command = Never;
    type Admin = Never;
    type Fact = Never;

    fn boot(cx: &StepContext<'_, Self>, (): &()) -> Self {
        let Settings { first, entries } = *cx.config();
        Self { entries: if cx.id() == PRIMARY { first + entries } else { first } }
    }

    fn step(
        &mut self,
        cx: &mut StepContext<'_, Self>,
        event: Event<Self>,
        effects: &mut Effects<Self>,
    ) {
        match event {
            Event::Started | Event::Timer(Redial) => {
                if cx.id() != PRIMARY {
                    effects.dial(PRIMARY, ());
                    effects.set_timer(Redial, Duration::secs(5));
                }
            }
            Event::LinkUp(link) if link.is_dialled() => {
                effects.cancel_timer(Redial);
                effects.transmit(link, Line::Continue { from: self.entries });
            }
            Event::Received { link, message: Line::Continue { from } } => {
                for entry in from..self.entries {
                    effects.transmit(link, Line::Entry(entry));
                }
            }
            Event::Received { message: Line::Entry(entry), .. } => {
                assert_eq!(entry, self.entries, "nothing is missing and nothing comes twice");
                self.entries += 1;
            }
            Event::LinkDown { link, .. } if link.is_dialled() => {
                effects.set_timer(Redial, Duration::secs(1));
            }
            Event::LinkUp(_)
            | Event::LinkDown { .. }
            | Event::Message { .. }
            | Event::Synced(_)
            | Event::DiskFailed => {}
        }
    }

    fn standing(&self) -> Standing {
        Standing { role: "member", class: RoleClass::Following, leads: false, epoch: 0 }
    }

    fn view(&self) -> NodeView {
        let value = self.entries.to_string();
        NodeView { rows: vec![Row::plain("entries", value)], ..NodeView::default() }
    }
}

fn cast(n: u16) -> Cast<()> {
    let seat = |n: u16| Seat {
        name: n.to_string(),
        kind: "member".to_owned(),
        role: (),
        place: None,
        is_client: false,
    };
    Cast::new((1..=n).map(seat).collect())
}

#[derive(Debug)]
struct Following;

impl Protocol for Following {
    type Node = Member;

    const NAME: &'static str = "following";
    const ABOUT: &'static str = "A replica follows its primary over a link.";
    const LEXICON: Lexicon = Lexicon { epoch: "epoch", epoch_sign: "", cells: "Slots" };
    const PROMISES: &'static [PromiseInfo] = &[];
    const MUTANTS: &'static [MutantInfo] = &[];
    const FACTS: &'static [&'static str] = &[];
    const MESSAGES: &'static [&'static str] = &["Continue", "Entry"];
    const TIMERS: &'static [&'static str] = &["redial"];
    const ROLES: &'static [&'static str] = &["member"];

    fn promises() -> Vec<Box<dyn Promise<Member>>> {
        Vec::new()
    }

    fn check(_: &Settings) -> Result<(), String> {
        Ok(())
    }

    fn subtitle(_: &Settings) -> Vec<String> {
        Vec::new()
    }
}

impl Scripted for Following {
    fn cast(words: &[&str]) -> Result<ScriptedCast<Member>, String> {
        let n = words.first().and_then(|word| word.parse().ok()).ok_or("write `nodes 2`")?;
        Ok((Settings { first: 0, entries: 3 }, cast(n)))
    }
}

const STORY: &str = "\
# A replica follows its primary. What is dropped on a link is only late, what is behind it waits,
# and a crash of the primary is silent until it is back.

nodes 2
----
2  link to 1: dialled
2  link to 1: up
2 -> 1  Continue from=0
1  link from 2: up

deliver Continue
----
1 -> 2  Entry 0
1 -> 2  Entry 1
1 -> 2  Entry 2

duplicate 1->2
drop 1->2
deliver 1->2
held
----
error: no such message is held
ok
error: no such message is held
1 -> 2  Entry 1
1 -> 2  Entry 2

pass 200ms
held
----
ok
1 -> 2  Entry 1
1 -> 2  Entry 2
1 -> 2  Entry 0

deliver 1->2
show
----
ok
1  member  entries=3
2  member  entries=1

crash 1
settle
----
ok
1  down
2  member  entries=3

restart 1
----
ok
";

#[test]
fn a_story_shows_and_drives_links() {
    let fresh = sim_engine::script::play::<Following>(STORY).unwrap();
    assert_eq!(fresh, STORY);
}

#[test]
fn what_is_said_on_a_link_is_part_of_the_digest() {
    let run = |first| {
        let config = Settings { first, entries: 3 };
        Simulation::new(Spec::<Member>::new(1, config, cast(2), Duration::secs(1))).run().0
    };
    let (one, other) = (run(0), run(7));
    assert_eq!(one.messages, other.messages, "nothing but the words differs");
    assert_ne!(one.digest, other.digest);
}

#[test]
fn a_rehearsal_takes_events_of_links_and_shows_what_is_asked_of_them() {
    let mut rehearsal =
        Rehearsal::<Member>::new(Settings { first: 0, entries: 3 }, cast(2), NodeId::new(1));
    let mut node = rehearsal.boot(&());
    let dialled = rehearsal.step(&mut node, Event::Started);
    assert_eq!(dialled[0], Effect::Dial { to: PRIMARY, port: () });
    let link = LinkId::dialled(PRIMARY, ());
    let asked = rehearsal.step(&mut node, Event::LinkUp(link));
    assert_eq!(asked[1], Effect::Transmit { link, message: Line::Continue { from: 0 } });
    let nothing = rehearsal.step(&mut node, Event::Received { link, message: Line::Entry(0) });
    assert_eq!((nothing, node.entries), (vec![], 1));
    let why = Disconnection::Reset;
    let patient = rehearsal.step(&mut node, Event::LinkDown { link, why });
    assert!(matches!(patient[..], [Effect::SetTimer { timer: Redial, .. }]), "{patient:?}");
}
