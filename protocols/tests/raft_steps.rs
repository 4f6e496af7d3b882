//! One step of a Raft server: a state and an event, and the whole list of effects.

mod common;

use common::cast;
use protocols::raft::{
    Alarm, Append, AppendResult, Appended, Ballot, Beat, Delta, Durable, Entry, EtcdFact, Fact,
    LogEnd, Message, Payload, Poll, RaftConfig, RaftNode, Vote,
};
use sim_engine::{Duration, Effect, Event, Force, Node, NodeId, Operation, Rehearsal, Span};

const ME: NodeId = NodeId::new(0);
const N2: NodeId = NodeId::new(1);
const N3: NodeId = NodeId::new(2);

fn entry(term: u64) -> Entry {
    Entry::new(term, Payload::Noop)
}

fn disk(term: u64, vote: Option<NodeId>, log: &[u64]) -> Durable {
    let mut durable = Durable { term, vote, ..Durable::default() };
    durable.log.append(&log.iter().map(|term| entry(*term)).collect::<Vec<_>>());
    durable
}

/// Server n1 of three, awake with this disk.
fn server(durable: &Durable) -> (Rehearsal<RaftNode>, RaftNode) {
    server_with(RaftConfig::paper(), durable)
}

fn server_with(config: RaftConfig, durable: &Durable) -> (Rehearsal<RaftNode>, RaftNode) {
    let mut rehearsal = Rehearsal::new(config, cast(3, 0, 0), ME);
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
    let ballot = Ballot { term: 2, last_index: 1, last_term: 1, transfer: false };
    let effects = rehearsal.step(&mut node, Event::Timer(Alarm::Election));
    let waited = Duration::millis(200);
    assert_eq!(
        effects,
        [
            announce(Fact::ElectionTimeout { term: 1, waited, next_term: 2, pre: false }),
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
    let ballot = Ballot { term: 2, last_index: 1, last_term: 1, transfer: false };
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
    let ballot = Ballot { term: 2, last_index: 9, last_term: 1, transfer: false };
    let effects = rehearsal.step(&mut node, message(N2, Message::RequestVote(ballot)));
    let refusal = Message::RequestVoteReply(Vote { term: 2, granted: false });
    assert_eq!(effects.last(), Some(&send(N2, refusal)));
    assert_eq!(effects.len(), 2, "a refusal changes nothing and sets no timer: {effects:#?}");
}

#[test]
fn a_stale_leader_learns_the_term_and_changes_nothing() {
    let (mut rehearsal, mut node) = server(&disk(3, None, &[1, 3]));
    let append = Append {
        term: 2,
        prev_index: 0,
        prev_term: 0,
        entries: vec![entry(2)],
        commit: 1,
        context: 0,
    };
    let effects = rehearsal.step(&mut node, message(N2, Message::AppendEntries(append)));
    let reply = Appended { term: 3, result: AppendResult::Stale, context: 0 };
    assert_eq!(effects, [send(N2, Message::AppendEntriesReply(reply))]);
}

#[test]
fn an_older_message_does_not_shorten_the_log() {
    let (mut rehearsal, mut node) = server(&disk(1, None, &[1, 1, 1]));
    let append = Append {
        term: 1,
        prev_index: 0,
        prev_term: 0,
        entries: vec![entry(1)],
        commit: 0,
        context: 0,
    };
    let effects = rehearsal.step(&mut node, message(N2, Message::AppendEntries(append)));
    let reply =
        Appended { term: 1, result: AppendResult::Matches { index: 1, brought: 1 }, context: 0 };
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
    let append = Append {
        term: 3,
        prev_index: 1,
        prev_term: 1,
        entries: vec![entry(3)],
        commit: 0,
        context: 0,
    };
    let effects = rehearsal.step(&mut node, message(N2, Message::AppendEntries(append)));
    let dropped = "2 entries".to_owned();
    let reply =
        Appended { term: 3, result: AppendResult::Matches { index: 2, brought: 1 }, context: 0 };
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
    let append =
        Append { term: 8, prev_index: 10, prev_term: 6, entries: vec![], commit: 0, context: 0 };
    let effects = rehearsal.step(&mut node, message(N2, Message::AppendEntries(append)));
    let result = AppendResult::Conflict { prev_index: 10, hint_index: 10, hint_term: 3 };
    let reply = Message::AppendEntriesReply(Appended { term: 8, result, context: 0 });
    assert_eq!(effects.last(), Some(&send(N2, reply)));
}

#[test]
fn the_same_state_and_event_give_the_same_effects() {
    let ballot = Ballot { term: 5, last_index: 3, last_term: 2, transfer: false };
    let run = || {
        let (mut rehearsal, mut node) = server(&disk(2, None, &[1, 2]));
        let effects = rehearsal.step(&mut node, message(N3, Message::RequestVote(ballot)));
        (node, effects)
    };
    assert_eq!(run(), run());
}

fn append(term: u64, prev_index: u64, prev_term: u64, entries: Vec<Entry>) -> Message {
    Message::AppendEntries(Append { term, prev_index, prev_term, entries, commit: 0, context: 0 })
}

fn vote(term: u64, granted: bool) -> Message {
    Message::RequestVoteReply(Vote { term, granted })
}

/// Server n1 as leader of term 2, with a log of one entry of term 1 and its no-op.
fn leader(config: RaftConfig) -> (Rehearsal<RaftNode>, RaftNode) {
    let (mut rehearsal, mut node) = server_with(config, &disk(1, None, &[1]));
    rehearsal.step(&mut node, Event::Timer(Alarm::Election));
    rehearsal.step(&mut node, message(N2, vote(2, true)));
    assert!(node.standing().leads);
    (rehearsal, node)
}

/// Whom the effects send AppendEntries, and how many entries.
fn appends(effects: &[Effect<RaftNode>]) -> Vec<(NodeId, usize)> {
    let append = |effect: &Effect<RaftNode>| {
        let Effect::SendNow { to, message: Message::AppendEntries(append) } = effect else {
            return None;
        };
        Some((*to, append.entries.len()))
    };
    effects.iter().filter_map(append).collect()
}

/// After how many ticks without a leader the server stands or asks.
fn patience(rehearsal: &mut Rehearsal<RaftNode>, node: &mut RaftNode) -> usize {
    let stands = |effects: Vec<Effect<RaftNode>>| {
        let is_stand =
            |effect: &Effect<_>| matches!(effect, Effect::Announce(Fact::ElectionTimeout { .. }));
        effects.iter().any(is_stand)
    };
    1 + (0..40).take_while(|_| !stands(rehearsal.step(node, Event::Timer(Alarm::Tick)))).count()
}

#[test]
fn a_probe_is_one_question_at_a_time() {
    let (mut rehearsal, mut node) = leader(RaftConfig::paper());
    let operation = Operation::Write { key: "x".parse().unwrap(), value: 1 };
    let request =
        |seq| message(NodeId::new(3), Message::ClientRequest { session: 4, seq, operation });
    // The no-op is under way to both: where their logs agree is not known yet.
    assert_eq!(appends(&rehearsal.step(&mut node, request(1))), []);
    let matches = AppendResult::Matches { index: 2, brought: 1 };
    let ack = Message::AppendEntriesReply(Appended { term: 2, result: matches, context: 0 });
    assert_eq!(appends(&rehearsal.step(&mut node, message(N2, ack))), [(N2, 1)]);
    assert_eq!(appends(&rehearsal.step(&mut node, request(2))), [(N2, 1)]);
    let heartbeat = rehearsal.step(&mut node, Event::Timer(Alarm::Heartbeat));
    assert_eq!(appends(&heartbeat), [(N2, 0), (N3, 0)], "a probe is repeated without its entries");
}

#[test]
fn answers_of_an_older_term_keep_no_leader_in_office() {
    let (mut rehearsal, mut node) = leader(RaftConfig::etcd());
    let old =
        Appended { term: 1, result: AppendResult::Matches { index: 1, brought: 0 }, context: 0 };
    rehearsal.step(&mut node, message(N2, Message::AppendEntriesReply(old)));
    rehearsal.step(&mut node, Event::Timer(Alarm::CheckQuorum));
    assert!(!node.standing().leads, "nobody has answered in this term");
}

#[test]
fn a_leader_steps_down_when_an_answer_shows_a_higher_term() {
    let (mut rehearsal, mut node) = leader(RaftConfig::etcd());
    let stale = Appended { term: 5, result: AppendResult::Stale, context: 0 };
    rehearsal.step(&mut node, message(N2, Message::AppendEntriesReply(stale)));
    assert_eq!((node.standing().leads, node.standing().epoch), (false, 5));
}

#[test]
fn a_leader_gives_in_to_nobody_of_its_own_term() {
    let (mut rehearsal, mut node) = leader(RaftConfig::paper());
    let effects = rehearsal.step(&mut node, message(N3, append(2, 1, 1, vec![entry(2)])));
    assert_eq!(effects, []);
    assert!(node.standing().leads);
}

#[test]
fn a_server_of_etcd_votes_for_nobody_once_it_knows_the_leader_of_the_term() {
    let ballot = Ballot { term: 2, last_index: 9, last_term: 2, transfer: false };
    let granted = |config| {
        let (mut rehearsal, mut node) = server_with(config, &disk(2, None, &[1]));
        rehearsal.step(&mut node, message(N3, append(2, 1, 1, vec![])));
        let effects = rehearsal.step(&mut node, message(N2, Message::RequestVote(ballot)));
        effects.last() == Some(&send(N2, vote(2, true)))
    };
    assert!(granted(RaftConfig::paper()), "the paper looks at the vote only");
    assert!(!granted(RaftConfig::etcd()));
}

#[test]
fn a_server_that_just_woke_knows_no_leader_and_ignores_no_candidate() {
    let config = RaftConfig { pre_vote: true, ..RaftConfig::etcd() };
    let mut rehearsal = Rehearsal::new(config, cast(3, 0, 0), ME);
    let mut node = rehearsal.boot(&disk(1, None, &[1]));
    rehearsal.step(&mut node, Event::Started);
    let ballot = Ballot { term: 2, last_index: 1, last_term: 1, transfer: false };
    let effects = rehearsal.step(&mut node, message(N2, Message::PreVote(ballot)));
    let reply = Message::PreVoteReply(Vote { term: 2, granted: true });
    assert_eq!(effects.last(), Some(&send(N2, reply)));
}

#[test]
fn a_prevote_for_the_own_term_is_granted_if_the_vote_would_be() {
    let ballot = Ballot { term: 2, last_index: 1, last_term: 1, transfer: false };
    let granted = |own_vote| {
        let (mut rehearsal, mut node) = server(&disk(2, own_vote, &[1]));
        let effects = rehearsal.step(&mut node, message(N2, Message::PreVote(ballot)));
        let reply = |granted| Message::PreVoteReply(Vote { term: 2, granted });
        let answers = [true, false].map(|yes| effects.last() == Some(&send(N2, reply(yes))));
        assert!(answers[0] != answers[1], "{effects:#?}");
        answers[0]
    };
    assert_eq!([None, Some(N2), Some(N3)].map(granted), [true, true, false]);
}

#[test]
fn a_refusal_of_an_older_term_ends_no_question_of_this_one() {
    let config = RaftConfig { pre_vote: true, ..RaftConfig::paper() };
    let (mut rehearsal, mut node) = server_with(config, &disk(3, None, &[1]));
    rehearsal.step(&mut node, Event::Timer(Alarm::Election));
    let refusal = |term| Message::PreVoteReply(Vote { term, granted: false });
    for peer in [N2, N3] {
        rehearsal.step(&mut node, message(peer, refusal(2)));
    }
    assert_eq!(node.standing().role, "pre-candidate");
    for peer in [N2, N3] {
        rehearsal.step(&mut node, message(peer, refusal(3)));
    }
    assert_eq!(node.standing().role, "follower", "a majority says no");
}

#[test]
fn a_server_of_etcd_draws_a_timeout_for_each_term_and_not_for_each_heartbeat() {
    let config = RaftConfig { pre_vote: true, ..RaftConfig::etcd() };
    let mut of_terms = std::collections::BTreeSet::new();
    let (mut rehearsal, mut node) = server_with(config, &disk(1, None, &[1]));
    for term in 2..22 {
        rehearsal.step(&mut node, message(N2, append(term, 1, 1, vec![])));
        let first = patience(&mut rehearsal, &mut node);
        let again = patience(&mut rehearsal, &mut node);
        assert_eq!(first, again, "term {term}: who asks again asks after the same time");
        assert!((10..=19).contains(&first), "{first}");
        of_terms.insert(first);
    }
    assert!(of_terms.len() > 5, "{of_terms:?}");
}

#[test]
fn a_server_of_etcd_ignores_candidates_until_its_lease_is_over() {
    let ballot = Ballot { term: 3, last_index: 9, last_term: 2, transfer: false };
    for (ticks, left) in [(0, Some(10)), (9, Some(1)), (10, None)] {
        let (mut rehearsal, mut node) = server_with(RaftConfig::etcd(), &disk(2, None, &[1]));
        rehearsal.step(&mut node, message(N2, append(2, 1, 1, vec![])));
        let stood = (0..ticks).any(|_| {
            rehearsal.step(&mut node, Event::Timer(Alarm::Tick));
            node.standing().role != "follower"
        });
        let effects = rehearsal.step(&mut node, message(N3, Message::RequestVote(ballot)));
        let ignored = effects.iter().find_map(|effect| {
            let Effect::Announce(Fact::Etcd(fact)) = effect else { return None };
            let EtcdFact::IgnoredLease { remaining_ticks, .. } = fact else { return None };
            Some(*remaining_ticks)
        });
        assert_eq!(ignored, left.filter(|_| !stood), "after {ticks} ticks");
    }
}

#[test]
fn a_leader_of_etcd_looks_for_its_quorum_every_ten_ticks() {
    let (mut rehearsal, mut node) = leader(RaftConfig::etcd());
    let ticks = (0..40).take_while(|_| {
        rehearsal.step(&mut node, Event::Timer(Alarm::Tick));
        node.standing().leads
    });
    assert_eq!(ticks.count(), 9, "nobody has answered: it steps down at the tenth");
}

#[test]
fn a_server_of_etcd_answers_a_leader_of_the_past_and_ignores_a_candidate_of_it() {
    let (mut rehearsal, mut node) = server_with(RaftConfig::etcd(), &disk(5, None, &[1]));
    let beat = Beat { term: 3, commit: 1, context: 0 };
    let effects = rehearsal.step(&mut node, message(N2, Message::Heartbeat(beat)));
    let stale = Appended { term: 5, result: AppendResult::Stale, context: 0 };
    assert_eq!(effects, [send(N2, Message::AppendEntriesReply(stale))]);
    let ballot = Ballot { term: 4, last_index: 9, last_term: 3, transfer: false };
    let effects = rehearsal.step(&mut node, message(N3, Message::RequestVote(ballot)));
    let told = EtcdFact::LowerTerm { message: "MsgVote", from: N3, term: 4, own_term: 5 };
    assert_eq!(effects, [Effect::Announce(Fact::Etcd(told))]);
}
