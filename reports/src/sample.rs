//! Hand-made runs for tests: a builder of traces, and the story of the goal picture. Long because
//! a run reads best from its first event to its last.

use sim_engine::{
    Broken, Caption, Cast, Cell, Digest, DropCause, Duration, Ending, EventId, FactView,
    FaultCount, FaultView, History, Instant, Lexicon, Mark, Measurements, MessageCounts, NodeId,
    NodeView, OpId, Operation, OperationRecord, Outcome, PromiseInfo, PromiseResult, Reply,
    RoleClass, Seat, Standing, Stopped, Trace, TraceEvent, What,
};

use crate::Report;

/// Builds a trace event by event.
#[derive(Debug)]
pub(crate) struct Script {
    cast: Cast<()>,
    events: Vec<TraceEvent>,
    last: u64,
    ops: u32,
}

pub(crate) fn ms(n: u64) -> Instant {
    Instant::ZERO + Duration::millis(n)
}

/// Tenths of milliseconds.
pub(crate) fn tenths(n: u64) -> Instant {
    Instant::ZERO + Duration::micros(n * 100)
}

impl Script {
    /// A cast of `nodes` servers n1, n2 ... and `clients` clients c1, c2 ...
    pub(crate) fn new(nodes: usize, clients: usize) -> Self {
        let seat = |name: String, kind: &str, is_client| Seat {
            name,
            kind: kind.to_owned(),
            role: (),
            place: None,
            is_client,
        };
        let servers = (1..=nodes).map(|n| seat(format!("n{n}"), "server", false));
        let clients = (1..=clients).map(|n| seat(format!("c{n}"), "client", true));
        Self { cast: Cast::new(servers.chain(clients).collect()), events: vec![], last: 0, ops: 0 }
    }

    pub(crate) fn id(&self, name: &str) -> NodeId {
        self.cast.find(name).unwrap()
    }

    pub(crate) fn push(
        &mut self,
        at: Instant,
        node: Option<NodeId>,
        cause: Option<EventId>,
        what: What,
    ) -> EventId {
        self.last += 1;
        let id = EventId(self.last);
        self.events.push(TraceEvent { id, at, node, cause, what });
        id
    }

    #[expect(clippy::too_many_arguments, reason = "a script reads best with an event a line")]
    pub(crate) fn stand(
        &mut self,
        at: Instant,
        node: &str,
        role: &'static str,
        epoch: u64,
        cause: Option<EventId>,
    ) {
        let class = match role {
            "leader" => RoleClass::InCharge,
            "candidate" => RoleClass::Trying,
            _ => RoleClass::Following,
        };
        let standing = Standing { role, class, leads: role == "leader", epoch };
        let node = self.id(node);
        self.push(at, Some(node), cause, What::Stood(standing));
    }

    /// Sends a message. `what` is `Kind: label`, with `~` in front for routine.
    pub(crate) fn send(
        &mut self,
        at: Instant,
        (from, to): (&str, &str),
        what: (&'static str, &str, u64),
        cause: Option<EventId>,
    ) -> EventId {
        let (kind, label, epoch) = what;
        let (routine, label) = match label.strip_prefix('~') {
            Some(rest) => (true, rest),
            None => (false, label),
        };
        let (from, to) = (self.id(from), self.id(to));
        let epoch = (epoch > 0).then_some(epoch);
        let what = What::Sent { to, kind, label: label.to_owned(), epoch, routine, link: None };
        self.push(at, Some(from), cause, what)
    }

    pub(crate) fn deliver(&mut self, at: Instant, message: EventId) -> EventId {
        let sent = self.events.iter().find(|event| event.id == message).unwrap();
        let original = if let What::Duplicated { message } = &sent.what {
            self.events.iter().find(|event| event.id == *message).unwrap()
        } else {
            sent
        };
        let What::Sent { to, .. } = original.what else { panic!("no message") };
        let from = original.node.unwrap();
        self.push(at, Some(to), Some(message), What::Delivered { message, from })
    }

    pub(crate) fn drop(&mut self, at: Instant, message: EventId, why: DropCause) {
        let sent = self.events.iter().find(|event| event.id == message).unwrap();
        let What::Sent { to, .. } = sent.what else { panic!("no message") };
        let node = sent.node;
        self.push(at, node, Some(message), What::Dropped { message, to, why });
    }

    /// Announces a fact told with these words.
    #[expect(clippy::too_many_arguments, reason = "a script reads best with an event a line")]
    pub(crate) fn fact(
        &mut self,
        at: Instant,
        node: &str,
        name: &'static str,
        told: (u8, &'static str),
        cause: Option<EventId>,
    ) -> EventId {
        let mark = if name == "committed" { Mark::Majority } else { Mark::None };
        let caption = Some(Caption { template: told.1, slots: vec![] });
        let fact = FactView { name, details: vec![], weight: told.0, caption, mark };
        let node = self.id(node);
        self.push(at, Some(node), cause, What::Fact(fact))
    }

    /// A log of `x=1 T1`, a `!` behind it for committed.
    pub(crate) fn view(&mut self, at: Instant, node: &str, log: &[(&str, u64, bool)]) {
        let cells = log.iter().zip(1..).map(|((value, epoch, committed), index)| Cell {
            index,
            value: (*value).to_owned(),
            epoch: *epoch,
            committed: *committed,
        });
        let view = NodeView { cells: cells.collect(), rows: vec![] };
        let node = self.id(node);
        let id = self.last;
        self.push(at, Some(node), Some(EventId(id)), What::Viewed(view));
    }

    pub(crate) fn invoke(
        &mut self,
        at: Instant,
        client: &str,
        operation: Operation,
    ) -> (OpId, EventId) {
        let op = OpId(self.ops);
        self.ops += 1;
        let client = self.id(client);
        (op, self.push(at, Some(client), None, What::Invoked { op, operation }))
    }

    #[expect(clippy::too_many_arguments, reason = "a script reads best with an event a line")]
    pub(crate) fn finish(
        &mut self,
        at: Instant,
        client: &str,
        op: OpId,
        ending: Ending,
        cause: Option<EventId>,
    ) -> EventId {
        let client = self.id(client);
        self.push(at, Some(client), cause, What::Finished { op, ending })
    }

    pub(crate) fn timer(
        &mut self,
        at: Instant,
        node: &str,
        timer: &'static str,
        waited: u64,
    ) -> EventId {
        let node = self.id(node);
        self.push(
            at,
            Some(node),
            None,
            What::TimerFired { timer, waited: Duration::millis(waited) },
        )
    }

    pub(crate) fn trace(self, end: Instant) -> Trace {
        let lexicon = Lexicon { epoch: "term", epoch_sign: "T", cells: "Logs" };
        let mut events = self.events;
        events.sort_by_key(|event| (event.at, event.id));
        Trace { cast: self.cast, lexicon, end, events, forgotten: 0 }
    }
}

pub(crate) fn write(key: &str, value: i64) -> Operation {
    Operation::Write { key: key.parse().unwrap(), value }
}

/// What clients did in a trace.
fn history(trace: &Trace) -> History {
    let mut history = History::default();
    for event in &trace.events {
        if let What::Invoked { op, operation } = &event.what {
            history.operations.push(OperationRecord {
                op: *op,
                client: event.node.unwrap(),
                operation: *operation,
                invoked_at: event.at,
                invoked: event.id,
                ended: None,
            });
        } else if let What::Finished { op, ending } = &event.what {
            let record = history.operations.iter_mut().find(|record| record.op == *op).unwrap();
            let ending = ending.clone();
            record.ended = Some(sim_engine::Ended { at: event.at, event: event.id, ending });
        }
    }
    history
}

/// A report around a trace.
pub(crate) fn report(title: &str, trace: Trace) -> Report {
    let promise = |name, exercised, broken| PromiseResult {
        name,
        exercised,
        broken,
        suspended: None,
        is_undecided: false,
    };
    let broken = |event: &TraceEvent| {
        let What::Violated { why, witness, .. } = &event.what else { return None };
        let (why, witness) = (why.clone(), witness.clone());
        Some(Broken { at: event.at, event: event.id, why, witness })
    };
    let violated = trace.events.iter().find_map(broken);
    let outcome = Outcome {
        seed: 42,
        digest: Digest(0x5f1c_0000_1234_abcd),
        events: 1834,
        messages: MessageCounts { sent: 801, delivered: 744, dropped: 57, in_flight: 0 },
        simulated: trace.end - Instant::ZERO,
        stopped: Stopped::Time,
        promises: vec![
            promise("election-safety", 2, None),
            promise("log-matching", 12, None),
            promise("leader-completeness", 3, violated),
            promise("linearizability", 0, None),
        ],
        milestones: [("became-leader", 2), ("log-truncated", 1)].into(),
        faults: vec![FaultCount { kind: "partition", armed: 1, acted: 57 }],
        steps_missed: vec![],
        steps_idle: vec![],
        history: history(&trace),
        measurements: Measurements {
            two_leaders: Duration::millis(180),
            leaderless: Duration::ZERO,
            unavailable: Duration::millis(214),
            forced_writes: 12,
            spans: [("blocked_ms", Duration::micros(31_500))].into(),
        },
    };
    let info = |name, short| PromiseInfo { name, says: short, short };
    Report {
        scenario: "split-brain".to_owned(),
        system: "sample".to_owned(),
        title: title.to_owned(),
        lesson: "A leader without a majority can accept writes, but never commit them.".to_owned(),
        subtitle: ["5 nodes", "election timeout 150–300 ms", "message delay 5–12 ms"]
            .map(str::to_owned)
            .to_vec(),
        mutant: None,
        command: "cargo run -- --scenario split-brain --seed 42".to_owned(),
        outcome,
        trace,
        promises: vec![
            info("election-safety", "one leader per term"),
            info("log-matching", "log matching"),
            info("leader-completeness", "no committed entry lost"),
            info("linearizability", "linearizable"),
        ],
        refusals: &[],
        topology: None,
        unmet: vec![],
        files: vec!["partitura-out/split-brain-42/sample/figure.svg".to_owned()],
        preset: crate::figure::Preset::Figure,
        contrast: None,
    }
}

const SERVERS: [&str; 5] = ["n1", "n2", "n3", "n4", "n5"];
type Log<'a> = &'a [(&'a str, u64, bool)];

/// The story of the goal picture.
pub(crate) fn split_brain() -> Report {
    let mut s = Script::new(5, 2);
    for node in SERVERS {
        s.stand(ms(0), node, if node == "n1" { "leader" } else { "follower" }, 1, None);
        s.view(ms(0), node, &[("x=1", 1, true)]);
    }
    for round in 0..5 {
        for (to, delay) in [("n2", 80), ("n3", 100), ("n4", 112), ("n5", 130)] {
            let at = 200 + round * 450;
            let sent = s.send(tenths(at), ("n1", to), ("AppendEntries", "~heartbeat", 1), None);
            s.deliver(tenths(at + delay), sent);
        }
    }
    let step = s.push(
        ms(250),
        None,
        None,
        What::Step {
            step: 0,
            say: Some("The network splits. n1 can reach only n2.".to_owned()),
            did: "partition".to_owned(),
            meant: Vec::new(),
        },
    );
    let sides = [&["n1", "n2", "c1"][..], &["n3", "n4", "n5", "c2"][..]];
    let groups: Vec<Vec<NodeId>> =
        sides.iter().map(|side| side.iter().map(|name| s.id(name)).collect()).collect();
    let view = FaultView::Partition { groups };
    let began = s.push(ms(250), None, Some(step), What::FaultBegan(view.clone()));
    write_during(&mut s);
    election(&mut s);
    second_write(&mut s);
    let heal = s.push(ms(480), None, None, What::FaultEnded { began, fault: view });
    assert!(heal > began);
    after_heal(&mut s);
    report(
        "Split brain: the cut-off leader keeps accepting writes, but cannot commit them",
        s.trace(ms(530)),
    )
}

fn write_during(s: &mut Script) {
    let (op, invoked) = s.invoke(ms(260), "c1", write("x", 2));
    let request = s.send(ms(260), ("c1", "n1"), ("Request", "write x=2", 0), Some(invoked));
    let got = s.deliver(ms(264), request);
    let told = "{node} still believes it leads term 1, so it accepts x=2 and appends it at slot 2.";
    s.fact(ms(264), "n1", "accepted", (66, told), Some(got));
    s.view(ms(264), "n1", &[("x=1", 1, true), ("x=2", 1, false)]);
    let append = ("AppendEntries", "Append x=2", 1);
    let to_n2 = s.send(ms(264), ("n1", "n2"), append, Some(got));
    for to in ["n3", "n4", "n5"] {
        let lost = s.send(ms(264), ("n1", to), append, Some(got));
        s.drop(ms(264), lost, DropCause::Partition);
    }
    let at_n2 = s.deliver(ms(277), to_n2);
    s.view(ms(277), "n2", &[("x=1", 1, true), ("x=2", 1, false)]);
    let ack = s.send(ms(277), ("n2", "n1"), ("AppendReply", "ack", 1), Some(at_n2));
    let acked = s.deliver(ms(295), ack);
    let told = "One ack arrives: 2 of 5 copies. A majority needs 3, so x=2 stays uncommitted.";
    s.fact(ms(295), "n1", "short-of-majority", (60, told), Some(acked));
    let timeout = s.timer(ms(460), "c1", "request-timeout", 200);
    s.finish(ms(460), "c1", op, Ending::Unknown("timed out"), Some(timeout));
}

fn election(s: &mut Script) {
    let fired = s.timer(ms(395), "n3", "election-timeout", 150);
    let told = "{node} has heard no heartbeat for 150 ms and starts an election for term 2.";
    s.fact(ms(395), "n3", "election-started", (60, told), Some(fired));
    s.stand(ms(395), "n3", "candidate", 2, Some(fired));
    let ask = ("RequestVote", "RequestVote", 2);
    for to in ["n1", "n2"] {
        let lost = s.send(ms(395), ("n3", to), ask, Some(fired));
        s.drop(ms(395), lost, DropCause::Partition);
    }
    for (to, at, back) in [("n4", 404, 414), ("n5", 409, 420)] {
        let asked = s.send(ms(395), ("n3", to), ask, Some(fired));
        let got = s.deliver(ms(at), asked);
        s.stand(ms(at), to, "follower", 2, Some(got));
        let vote = s.send(ms(at), (to, "n3"), ("Vote", "vote", 2), Some(got));
        let counted = s.deliver(ms(back), vote);
        if to == "n5" {
            let told = "n4 and n5 vote yes: 3 of 5. Two nodes now call themselves leader, in \
                    different terms.";
            s.stand(ms(back), "n3", "leader", 2, Some(counted));
            s.fact(ms(back), "n3", "became-leader", (85, told), Some(counted));
        }
    }
}

fn second_write(s: &mut Script) {
    let (op, invoked) = s.invoke(ms(425), "c2", write("x", 3));
    let request = s.send(ms(425), ("c2", "n3"), ("Request", "write x=3", 0), Some(invoked));
    let got = s.deliver(ms(430), request);
    s.view(ms(430), "n3", &[("x=1", 1, true), ("x=3", 2, false)]);
    for (to, at, back) in [("n4", 438, 447), ("n5", 440, 451)] {
        let append = s.send(ms(430), ("n3", to), ("AppendEntries", "Append x=3", 2), Some(got));
        let stored = s.deliver(ms(at), append);
        s.view(ms(at), to, &[("x=1", 1, true), ("x=3", 2, false)]);
        let ack = s.send(ms(at), (to, "n3"), ("AppendReply", "ack", 2), Some(stored));
        let acked = s.deliver(ms(back), ack);
        if to == "n5" {
            let told = "{node} stores x=3 on three nodes. That is a majority: slot 2 is committed.";
            s.view(ms(back), "n3", &[("x=1", 1, true), ("x=3", 2, true)]);
            s.fact(ms(back), "n3", "committed", (75, told), Some(acked));
            let answer = s.send(ms(back), ("n3", "c2"), ("Reply", "ok", 0), Some(acked));
            let answered = s.deliver(ms(456), answer);
            s.finish(ms(456), "c2", op, Ending::Ok(Reply::Done), Some(answered));
        }
    }
}

fn after_heal(s: &mut Script) {
    let whole: Log<'_> = &[("x=1", 1, true), ("x=3", 2, true)];
    for (to, at, back) in [("n1", 496, 507), ("n2", 493, 503)] {
        let append = s.send(ms(486), ("n3", to), ("AppendEntries", "Append T2", 2), None);
        let got = s.deliver(ms(at), append);
        s.stand(ms(at), to, "follower", 2, Some(got));
        s.view(ms(at), to, whole);
        if to == "n1" {
            let told = "{node} sees term 2 > 1: it steps down, drops x=2 and copies x=3.";
            s.fact(ms(at), to, "stepped-down", (85, told), Some(got));
        }
        let ack = s.send(ms(at), (to, "n3"), ("AppendReply", "ack", 2), Some(got));
        s.deliver(ms(back), ack);
    }
}
