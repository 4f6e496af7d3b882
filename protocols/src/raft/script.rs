//! How stories are told of Raft: the cast, messages and states in full.

use sim_engine::script::{Scripted, ScriptedCast};
use sim_engine::{Cast, Duration, Node, NodeId, Payload, Role, Seat};

use super::{
    Answer, AppendResult, ClientSettings, Durable, Entry, Message, Raft, RaftConfig, RaftNode,
    RaftRole,
};

impl Scripted for Raft {
    /// `nodes 3` or `nodes 3 1 etcd pre-vote`: so many servers `1`, `2` ..., so many clients `c1`,
    /// `c2` ..., and settings that differ from the paper's; `short` is one entry a message.
    fn cast(words: &[&str]) -> Result<ScriptedCast<RaftNode>, String> {
        let usage =
            || "write `nodes <servers> [<clients>] [etcd] [pre-vote] [short] [quiet]`".to_owned();
        let (servers, words) = words.split_first().ok_or_else(usage)?;
        let servers: u16 = servers.parse().map_err(|_| usage())?;
        let (clients, words) = match words.split_first() {
            Some((first, rest)) if first.starts_with(|c: char| c.is_ascii_digit()) => {
                (first.parse().map_err(|_| usage())?, rest)
            }
            _ => (0_u16, words),
        };
        let mut config = RaftConfig::paper();
        for word in words {
            match *word {
                "etcd" => {
                    let RaftConfig { pre_vote, max_entries_per_append, .. } = config;
                    // Stories have no time that ticks: their timers run out when they say so.
                    let tick = Duration::ZERO;
                    let etcd = RaftConfig::etcd();
                    config = RaftConfig { tick, pre_vote, max_entries_per_append, ..etcd };
                }
                "pre-vote" => config.pre_vote = true,
                "short" => config.max_entries_per_append = 1,
                _ => return Err(usage()),
            }
        }
        let server = |n| seat(format!("{n}"), RaftRole::Server {});
        let client = |n| seat(format!("c{n}"), RaftRole::Client(ClientSettings::default()));
        let seats = (1..=servers).map(server).chain((1..=clients).map(client));
        Ok((config, Cast::new(seats.collect())))
    }

    /// Places in logs are written as etcd does: the term, then the index.
    fn message(message: &Message) -> String {
        let words = match message {
            Message::RequestVote(ballot) | Message::PreVote(ballot) => {
                let transfer = if ballot.transfer { " transfer" } else { "" };
                let (term, last) = (ballot.last_term, ballot.last_index);
                format!("term={} last={term}/{last}{transfer}", ballot.term)
            }
            Message::RequestVoteReply(vote) | Message::PreVoteReply(vote) => {
                format!("term={} {}", vote.term, if vote.granted { "granted" } else { "refused" })
            }
            Message::AppendEntries(append) => format!(
                "term={} prev={}/{} entries={} commit={}{}",
                append.term,
                append.prev_term,
                append.prev_index,
                entries(&append.entries),
                append.commit,
                context(append.context)
            ),
            Message::AppendEntriesReply(reply) => {
                format!("term={} {}{}", reply.term, result(reply.result), context(reply.context))
            }
            Message::Heartbeat(beat) => {
                format!("term={} commit={}{}", beat.term, beat.commit, context(beat.context))
            }
            Message::HeartbeatReply(reply) => {
                format!("term={}{}", reply.term, context(reply.context))
            }
            Message::InstallSnapshot(chunk) => format!(
                "term={} last={}/{} offset={} records={}{}",
                chunk.term,
                chunk.last.term,
                chunk.last.index,
                chunk.offset,
                chunk.records.len(),
                if chunk.done { " done" } else { "" }
            ),
            Message::InstallSnapshotReply(reply) => {
                format!("term={} index={} received={}", reply.term, reply.index, reply.received)
            }
            Message::TimeoutNow { term } => format!("term={term}"),
            Message::ReadIndex(id) => format!("seq={}", id.seq),
            Message::ReadIndexReply { id, index } => format!("seq={} index={index}", id.seq),
            Message::ClientRequest { seq, operation, .. } => format!("seq={seq} {operation}"),
            Message::ClientReply { seq, answer } => format!("seq={seq} {}", answered(answer)),
        };
        format!("{} {words}", message.kind())
    }

    fn summary(node: &RaftNode, _: &Durable) -> String {
        let role = node.standing().role;
        match node {
            RaftNode::Server(server) => {
                let (term, log) = (server.durable.term, entries(server.durable.log.entries()));
                let start = server.durable.log.start();
                let start = match start.index {
                    0 => String::new(),
                    index => format!(" start={}/{index}", start.term),
                };
                let members = if server.configs.has_changed() {
                    format!(" members={}", server.members)
                } else {
                    String::new()
                };
                let commit = server.commit;
                format!("{role:13}  term={term}{start} log={log} commit={commit}{members}")
            }
            RaftNode::Client(_) => role.to_owned(),
        }
    }
}

fn seat(name: String, role: RaftRole) -> Seat<RaftRole> {
    Seat { name, kind: role.kind().to_owned(), is_client: role.is_client(), role, place: None }
}

/// `[no-op@1 x=2@1]`: each entry with its term.
fn entries(entries: &[Entry]) -> String {
    let entries: Vec<_> =
        entries.iter().map(|entry| format!("{}@{}", entry.payload(), entry.term())).collect();
    format!("[{}]", entries.join(" "))
}

fn context(context: u64) -> String {
    if context == 0 { String::new() } else { format!(" read={context}") }
}

fn result(result: AppendResult) -> String {
    match result {
        AppendResult::Matches { index, .. } => format!("matches={index}"),
        AppendResult::Conflict { prev_index, hint_index, hint_term } => {
            format!("conflict={prev_index} hint={hint_term}/{hint_index}")
        }
        AppendResult::Stale => "stale".to_owned(),
    }
}

fn answered(answer: &Answer) -> String {
    let seat = |id: NodeId| id.number() + 1;
    match answer {
        Answer::Applied(reply) => format!("applied: {reply}"),
        Answer::Refused(why) => format!("refused: {why}"),
        Answer::NotLeader(Some(leader)) => format!("not leader, ask {}", seat(*leader)),
        Answer::NotLeader(None) => "not leader".to_owned(),
    }
}
