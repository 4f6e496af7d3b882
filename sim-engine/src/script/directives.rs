//! What a story can ask for: one function and one arm for each directive, the same for all
//! protocols.

use super::parse;
use super::tell::{self, Detail, Teller};
use super::{Scripted, ScriptedCast};
use crate::engine::Hand;
use crate::faults::{Crash, CrashOf, Partition, Restart};
use crate::{Duration, Fault, Node, NodeId, Payload, Recording, Simulation, Spec, Timer};

/// After how many deliveries `settle` gives up.
const DELIVERIES_MAX: u32 = 1_000;

/// How long a slow disk takes: longer than any story, so that it is done when the story says
/// `sync`.
const SLOW: Duration = Duration::secs(1 << 30);

/// What a directive answers, or what is wrong with it.
type Answer = Result<String, String>;

/// A story as it is being told.
#[derive(Debug)]
pub(super) struct Story<P: Scripted> {
    simulation: Option<Simulation<P::Node>>,
    mutant: Option<crate::Mutant>,
    is_quiet: bool,
    teller: Teller,
}

impl<P: Scripted> Story<P> {
    pub(super) fn new() -> Self {
        Self { simulation: None, mutant: None, is_quiet: false, teller: Teller::new() }
    }

    /// Follows one directive and says what came of it.
    pub(super) fn answer(&mut self, line: &str) -> String {
        match self.follow(line) {
            Ok(answer) if answer.is_empty() => "ok\n".to_owned(),
            Ok(answer) => answer,
            Err(error) => format!("error: {error}\n"),
        }
    }

    fn follow(&mut self, line: &str) -> Answer {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some((directive, rest)) = words.split_first() else { return Ok(String::new()) };
        match *directive {
            "nodes" => self.nodes(rest),
            "mutant" => self.mutant(rest),
            "fire" => self.fire(rest),
            "command" => self.command(rest),
            "deliver" => self.handle(Hand::Deliver, rest),
            "drop" => self.handle(Hand::Drop, rest),
            "duplicate" => self.handle(Hand::Duplicate, rest),
            "held" => self.held(rest),
            "settle" => self.settle(rest),
            "pass" => self.pass(rest),
            "partition" => self.partition(rest),
            "heal" => self.heal(rest),
            "crash" => self.crash(rest),
            "restart" => self.restart(rest),
            "disk" => self.disk(rest),
            "sync" => self.sync(rest),
            "show" => self.show(rest),
            "check" => self.check(rest),
            "quiet" => self.hush(true, rest),
            "loud" => self.hush(false, rest),
            "breakpoint" => Ok(Self::breakpoint()),
            other => Err(format!("`{other}` is no directive")),
        }
    }

    /// `nodes 3 quiet`: makes the cast and boots it; `quiet` leaves out what the boot leads to.
    fn nodes(&mut self, words: &[&str]) -> Answer {
        if self.simulation.is_some() {
            return Err("the nodes are there already".into());
        }
        let (words, detail) = match words {
            [words @ .., "quiet"] => (words, Detail::Findings),
            words => (words, self.detail()),
        };
        let (config, cast): ScriptedCast<P::Node> = P::cast(words)?;
        P::check(&config)?;
        let mut spec = Spec::new(0, config, cast, Duration::ZERO);
        spec.link = crate::Link::clean(crate::Delay::Fixed(Duration::ZERO));
        spec.lexicon = P::LEXICON;
        spec.promises = P::promises();
        spec.mutant = self.mutant;
        spec.recording = Recording::Everything;
        self.simulation = Some(Simulation::by_hand(spec));
        self.now(detail)
    }

    /// `mutant no-log-check`: plants a bug, from now on.
    fn mutant(&mut self, words: &[&str]) -> Answer {
        let [name] = words else { return Err(usage("mutant", "<name>")) };
        let known = P::MUTANTS.iter().find(|info| info.mutant.0 == *name);
        let mutant = known.ok_or_else(|| unknown("mutant", name))?.mutant;
        self.mutant = Some(mutant);
        if let Some(simulation) = &mut self.simulation {
            simulation.plant(mutant);
        }
        Ok(String::new())
    }

    /// `fire 1 election`: a timer that is set runs out now.
    fn fire(&mut self, words: &[&str]) -> Answer {
        let [node, timer] = words else { return Err(usage("fire", "<node> <timer>")) };
        let id = self.living(node)?;
        let named = <P::Node as Node>::Timer::named(timer);
        let timer = named.ok_or_else(|| unknown("timer", timer))?;
        self.running()?.fire_by_hand(id, timer)?;
        self.now(self.detail())
    }

    /// `command c write x=2`: a client invokes an operation.
    fn command(&mut self, words: &[&str]) -> Answer {
        let [client, operation @ ..] = words else {
            return Err(usage("command", "<client> <operation>"));
        };
        let client = self.seat(client)?;
        let operation = parse::operation(operation)?;
        self.running()?.command_by_hand(client, operation)?;
        self.now(self.detail())
    }

    /// `deliver 1->2 RequestVote`, `drop 1->2`, `duplicate`: the oldest held message that fits.
    /// Messages of a link cannot overtake each other; one that is dropped is sent again, and held
    /// again, when enough time has passed.
    fn handle(&mut self, hand: Hand, words: &[&str]) -> Answer {
        let wanted = self.wanted(words)?;
        let fits = |from, to, kind: &str| wanted.fits(from, to, kind);
        let found = self
            .running()?
            .handle(hand, |envelope| fits(envelope.from, envelope.to, envelope.message.kind()));
        if !found {
            return Err("no such message is held".into());
        }
        self.now(self.detail())
    }

    /// `held`: lists what is held, oldest first.
    fn held(&mut self, words: &[&str]) -> Answer {
        none("held", words)?;
        let simulation = self.running()?;
        let cast = simulation.cast();
        let line = |from: NodeId, to: NodeId, text: String| {
            format!("{} -> {}  {text}\n", cast.name(from), cast.name(to))
        };
        let lines: String = simulation
            .held()
            .map(|held| line(held.from, held.to, P::message(held.message)))
            .collect();
        Ok(if lines.is_empty() { "nothing\n".to_owned() } else { lines })
    }

    /// `settle` or `settle 1 2`: delivers what is held, oldest first, and what that leads to, until
    /// nothing is left; with names, only between those. Then shows them.
    fn settle(&mut self, words: &[&str]) -> Answer {
        let among = words.iter().map(|word| self.seat(word)).collect::<Result<Vec<_>, _>>()?;
        let takes_part = |id: NodeId| among.is_empty() || among.contains(&id);
        let detail = if self.is_quiet { Detail::Findings } else { Detail::NoMessages };
        let mut text = String::new();
        for _ in 0..DELIVERIES_MAX {
            let delivered = self.running()?.handle(Hand::Deliver, |envelope| {
                takes_part(envelope.from) && takes_part(envelope.to)
            });
            text.push_str(&self.now(detail)?);
            if !delivered {
                text.push_str(&self.states(&among)?);
                return Ok(text);
            }
        }
        Err(format!("not settled after {DELIVERIES_MAX} deliveries; something goes in circles"))
    }

    /// `pass 150ms`: time passes, and timers that are due run out. Messages stay held.
    fn pass(&mut self, words: &[&str]) -> Answer {
        let [length] = words else { return Err(usage("pass", "<time>")) };
        let length: Duration = length.parse()?;
        self.running()?.pass(length)?;
        self.now(self.detail())
    }

    /// `partition 1 | 2 3`: messages between the groups are lost when they are delivered. Whoever
    /// is in no group is with the others who are in none.
    fn partition(&mut self, words: &[&str]) -> Answer {
        let mut groups = vec![Vec::new()];
        for word in words {
            match (*word, groups.last_mut()) {
                ("|", _) => groups.push(Vec::new()),
                (name, Some(group)) => group.push(self.seat(name)?),
                (_, None) => {}
            }
        }
        if groups.iter().any(Vec::is_empty) {
            return Err(usage("partition", "<nodes> | <nodes>"));
        }
        self.running()?.strike_by_hand(Fault::Partition(Partition { groups }));
        self.now(self.detail())
    }

    /// `heal`: ends the partition.
    fn heal(&mut self, words: &[&str]) -> Answer {
        none("heal", words)?;
        if self.running()?.strike_by_hand(Fault::Heal) == 0 {
            return Err("there is no partition".into());
        }
        self.now(self.detail())
    }

    /// `crash 1`: a node goes down; its memory and its unsynced writes are lost.
    fn crash(&mut self, words: &[&str]) -> Answer {
        let nodes = self.seats("crash", words)?;
        if self.running()?.strike_by_hand(Fault::Crash(Crash { nodes, of: CrashOf::Machine })) == 0
        {
            return Err("down already".into());
        }
        self.now(self.detail())
    }

    /// `restart 1`: a node that is down boots from its disk.
    fn restart(&mut self, words: &[&str]) -> Answer {
        let nodes = self.seats("restart", words)?;
        if self.running()?.strike_by_hand(Fault::Restart(Restart { nodes })) == 0 {
            return Err("not down".into());
        }
        self.now(self.detail())
    }

    /// `disk slow`: from now on writes reach the disk only at `sync`; `disk fast`: at once, as
    /// usual.
    fn disk(&mut self, words: &[&str]) -> Answer {
        let length = match words {
            ["slow"] => SLOW,
            ["fast"] => Duration::ZERO,
            _ => return Err(usage("disk", "slow|fast")),
        };
        self.running()?.set_disk(length);
        Ok(String::new())
    }

    /// `sync` or `sync 1`: the sync that runs on the disks, or on one, is done.
    fn sync(&mut self, words: &[&str]) -> Answer {
        let ids = match words {
            [] => self.running()?.cast().ids().collect(),
            words => self.seats("sync", words)?,
        };
        let mut n = 0;
        for id in ids {
            n += u32::from(self.running()?.sync_by_hand(id));
        }
        if n == 0 {
            return Err("no sync is running".into());
        }
        self.now(self.detail())
    }

    /// `show` or `show 1`: the state of everybody, or of one.
    fn show(&mut self, words: &[&str]) -> Answer {
        let ids = words.iter().map(|word| self.seat(word)).collect::<Result<Vec<_>, _>>()?;
        self.states(&ids)
    }

    /// `check` or `check election-safety`: what has become of the promises, or of one.
    fn check(&mut self, words: &[&str]) -> Answer {
        let results = self.running()?.promises_so_far();
        match words {
            [] => Ok(results.iter().map(tell::promise).collect()),
            [name] => {
                let result = results.iter().find(|result| result.name == *name);
                Ok(tell::promise(result.ok_or_else(|| unknown("promise", name))?))
            }
            _ => Err(usage("check", "[promise]")),
        }
    }

    /// `quiet`: from now on directives say nothing but states and broken promises, until `loud`.
    fn hush(&mut self, is_quiet: bool, words: &[&str]) -> Answer {
        none(if is_quiet { "quiet" } else { "loud" }, words)?;
        self.is_quiet = is_quiet;
        Ok(String::new())
    }

    /// `breakpoint`: does nothing; a place for a debugger to stop at.
    #[inline(never)]
    fn breakpoint() -> String {
        String::new()
    }

    fn detail(&self) -> Detail {
        if self.is_quiet { Detail::Findings } else { Detail::All }
    }

    fn running(&mut self) -> Result<&mut Simulation<P::Node>, String> {
        self.simulation.as_mut().ok_or_else(|| "there are no nodes yet; begin with `nodes`".into())
    }

    /// Lets everything happen that takes no time, and tells the news.
    fn now(&mut self, detail: Detail) -> Answer {
        self.running()?.pass(Duration::ZERO)?;
        match &self.simulation {
            Some(simulation) => Ok(self.teller.news::<P>(simulation, detail)),
            None => Ok(String::new()),
        }
    }

    /// The states of these seats; of all that are no clients if none is named.
    fn states(&mut self, ids: &[NodeId]) -> Answer {
        let simulation = self.running()?;
        let seats = simulation
            .cast()
            .iter()
            .filter(|(id, seat)| if ids.is_empty() { !seat.is_client } else { ids.contains(id) });
        Ok(seats
            .map(|(id, seat)| match simulation.state(id) {
                Some((node, durable)) => {
                    format!("{}  {}\n", seat.name, P::summary(node, durable))
                }
                None => format!("{}  down\n", seat.name),
            })
            .collect())
    }

    fn seat(&mut self, name: &str) -> Result<NodeId, String> {
        self.running()?.cast().find(name).ok_or_else(|| unknown("node", name))
    }

    fn seats(&mut self, directive: &str, names: &[&str]) -> Result<Vec<NodeId>, String> {
        if names.is_empty() {
            return Err(usage(directive, "<node>"));
        }
        names.iter().map(|name| self.seat(name)).collect()
    }

    fn living(&mut self, name: &str) -> Result<NodeId, String> {
        let id = self.seat(name)?;
        match self.running()?.state(id) {
            Some(_) => Ok(id),
            None => Err(format!("{name} is down")),
        }
    }

    /// Reads `1->2 RequestVote`, each part optional.
    fn wanted<'a>(&mut self, words: &[&'a str]) -> Result<Wanted<'a>, String> {
        let mut wanted = Wanted { ends: None, kind: None };
        for word in words {
            match word.split_once("->") {
                Some((from, to)) => wanted.ends = Some((self.seat(from)?, self.seat(to)?)),
                None if !P::MESSAGES.contains(word) => return Err(unknown("message", word)),
                None => wanted.kind = Some(word),
            }
        }
        Ok(wanted)
    }
}

/// Which held message is meant.
struct Wanted<'a> {
    ends: Option<(NodeId, NodeId)>,
    kind: Option<&'a str>,
}

impl Wanted<'_> {
    fn fits(&self, from: NodeId, to: NodeId, kind: &str) -> bool {
        self.ends.is_none_or(|ends| ends == (from, to))
            && self.kind.is_none_or(|wanted| wanted == kind)
    }
}

fn none(directive: &str, words: &[&str]) -> Result<(), String> {
    if words.is_empty() { Ok(()) } else { Err(format!("`{directive}` stands alone")) }
}

fn usage(directive: &str, arguments: &str) -> String {
    format!("write `{directive} {arguments}`")
}

fn unknown(what: &str, name: &str) -> String {
    format!("there is no {what} `{name}`")
}
