//! One step of a Raft server: a state and an event, and the whole list of effects.

#[expect(dead_code, reason = "shared with the tests under random faults")]
mod common;

use common::cast;
use protocols::raft::{
    Alarm, Append, AppendResult, Appended, Ballot, Delta, Durable, Entry, Fact, LogEnd, Message,
    Payload, Poll, RaftConfig, RaftNode, Vote,
};
use sim_engine::{Duration, Effect, Event, Force, NodeId, Rehearsal, Span};

const ME: NodeId = NodeId::new(0);
const N2: NodeId = NodeId::new(1);
const N3: NodeId = NodeId::new(2);

fn entry(term: u64) -> Entry {
    Entry { term, payload: Payload::Noop }
}

fn disk(term: u64, vote: Option<NodeId>, log: &[u64]) -> Durable {
    let mut durable = Durable { term, vote, ..Durable::default() };
    durable.log.append(&log.iter().map(|term| entry(*term)).collect::<Vec<_>>());
    durable
}

/// Server n1 of three, awake with this disk.
fn server(durable: &Durable) -> (Rehearsal<RaftNode>, RaftNode) {
    let mut rehearsal = Rehearsal::new(RaftConfig::paper(), cast(3, 0), ME);
    let mut node = rehearsal.boot(durable);
    rehearsal.step(&mut node, Event::Started);
    rehearsal.pass(Duration::millis(200));
    (rehearsal, node)
}

fn message(from: NodeId, message: Message) -> Event<RaftNode> {
    Event::Message { from, message }
}

fn timer() -> Effect<RaftNode> {
    let after = Span { min: Duration::millis(150), max: Duration::millis(300) };
    Effect::SetTimer { timer: Alarm::Election, after }
}

fn forced(delta: Delta) -> Effect<RaftNode> {
    Effect::Persist { delta, force: Force::Sync, ticket: None }
}

fn send(to: NodeId, message: Message) -> Effect<RaftNode> {
    Effect::Send { to, message }
}

fn announce(fact: Fact) -> Effect<RaftNode> {
    Effect::Announce(fact)
}

#[test]
fn a_server_that_stands_has_its_own_vote_on_disk_before_it_asks() {
    let (mut rehearsal, mut node) = server(&disk(1, None, &[1]));
    let log = LogEnd { term: 1, index: 1 };
    let ballot = Ballot { term: 2, last_index: 1, last_term: 1 };
    let effects = rehearsal.step(&mut node, Event::Timer(Alarm::Election));
    let waited = Duration::millis(200);
    assert_eq!(
        effects,
        [
            announce(Fact::ElectionTimeout { term: 1, waited, next_term: 2 }),
            forced(Delta::Ballot { term: 2, vote: Some(ME) }),
            announce(Fact::BecameCandidate { term: 2 }),
            announce(Fact::VoteRequest { to: vec![N2, N3], term: 2, log, pre: false }),
            timer(),
            send(N2, Message::RequestVote(ballot)),
            send(N3, Message::RequestVote(ballot)),
        ]
    );
}

#[test]
fn a_vote_is_on_disk_before_it_is_given() {
    let (mut rehearsal, mut node) = server(&disk(1, None, &[1]));
    let ballot = Ballot { term: 2, last_index: 1, last_term: 1 };
    let end = LogEnd { term: 1, index: 1 };
    let poll = Poll { candidate: N2, term: 2, own_log: end, own_vote: None, log: end, pre: false };
    let effects = rehearsal.step(&mut node, message(N2, Message::RequestVote(ballot)));
    assert_eq!(
        effects,
        [
            forced(Delta::Ballot { term: 2, vote: None }),
            announce(Fact::BecameFollower { term: 2 }),
            forced(Delta::Ballot { term: 2, vote: Some(N2) }),
            timer(),
            announce(Fact::VoteCast(poll)),
            send(N2, Message::RequestVoteReply(Vote { term: 2, granted: true })),
        ]
    );
}

#[test]
fn a_server_grants_one_vote_a_term() {
    let (mut rehearsal, mut node) = server(&disk(2, Some(N3), &[1]));
    let ballot = Ballot { term: 2, last_index: 9, last_term: 1 };
    let effects = rehearsal.step(&mut node, message(N2, Message::RequestVote(ballot)));
    let refusal = Message::RequestVoteReply(Vote { term: 2, granted: false });
    assert_eq!(effects.last(), Some(&send(N2, refusal)));
    assert_eq!(effects.len(), 2, "a refusal changes nothing and sets no timer: {effects:#?}");
}

#[test]
fn a_stale_leader_learns_the_term_and_changes_nothing() {
    let (mut rehearsal, mut node) = server(&disk(3, None, &[1, 3]));
    let append =
        Append { term: 2, prev_index: 0, prev_term: 0, entries: vec![entry(2)], commit: 1 };
    let effects = rehearsal.step(&mut node, message(N2, Message::AppendEntries(append)));
    let reply = Appended { term: 3, result: AppendResult::Stale };
    assert_eq!(effects, [send(N2, Message::AppendEntriesReply(reply))]);
}

#[test]
fn an_older_message_does_not_shorten_the_log() {
    let (mut rehearsal, mut node) = server(&disk(1, None, &[1, 1, 1]));
    let append =
        Append { term: 1, prev_index: 0, prev_term: 0, entries: vec![entry(1)], commit: 0 };
    let effects = rehearsal.step(&mut node, message(N2, Message::AppendEntries(append)));
    let reply = Appended { term: 1, result: AppendResult::Matches { index: 1, brought: 1 } };
    assert_eq!(
        effects,
        [
            announce(Fact::LeaderElected { leader: N2, term: 1 }),
            timer(),
            send(N2, Message::AppendEntriesReply(reply)),
        ]
    );
}

#[test]
fn entries_that_conflict_are_cut_and_replaced_before_the_answer() {
    let (mut rehearsal, mut node) = server(&disk(2, None, &[1, 2, 2]));
    let append =
        Append { term: 3, prev_index: 1, prev_term: 1, entries: vec![entry(3)], commit: 0 };
    let effects = rehearsal.step(&mut node, message(N2, Message::AppendEntries(append)));
    let dropped = "2 entries".to_owned();
    let reply = Appended { term: 3, result: AppendResult::Matches { index: 2, brought: 1 } };
    assert_eq!(
        effects,
        [
            forced(Delta::Ballot { term: 3, vote: None }),
            announce(Fact::BecameFollower { term: 3 }),
            announce(Fact::LeaderElected { leader: N2, term: 3 }),
            timer(),
            forced(Delta::TruncateAfter(1)),
            announce(Fact::LogTruncated { from: 2, to: 3, dropped, leader: N2 }),
            forced(Delta::Append(vec![entry(3)])),
            send(N2, Message::AppendEntriesReply(reply)),
        ]
    );
}

#[test]
fn a_gap_is_answered_with_the_place_where_the_logs_can_agree() {
    let (mut rehearsal, mut node) = server(&disk(3, None, &[1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3]));
    let append = Append { term: 8, prev_index: 10, prev_term: 6, entries: vec![], commit: 0 };
    let effects = rehearsal.step(&mut node, message(N2, Message::AppendEntries(append)));
    let result = AppendResult::Conflict { prev_index: 10, hint_index: 10, hint_term: 3 };
    let reply = Message::AppendEntriesReply(Appended { term: 8, result });
    assert_eq!(effects.last(), Some(&send(N2, reply)));
}

#[test]
fn the_same_state_and_event_give_the_same_effects() {
    let ballot = Ballot { term: 5, last_index: 3, last_term: 2 };
    let run = || {
        let (mut rehearsal, mut node) = server(&disk(2, None, &[1, 2]));
        let effects = rehearsal.step(&mut node, message(N3, Message::RequestVote(ballot)));
        (node, effects)
    };
    assert_eq!(run(), run());
}
