//! How stories are told of Raft: the cast, messages and states in full.

use sim_engine::script::{Scripted, ScriptedCast};
use sim_engine::{Cast, Node, NodeId, Payload, Role, Seat};

use super::{
    Answer, AppendResult, ClientSettings, Durable, Entry, Message, Raft, RaftConfig, RaftNode,
    RaftRole,
};

impl Scripted for Raft {
    /// `nodes 3` or `nodes 3 1 etcd pre-vote`: so many servers `1`, `2` ..., so many clients `c1`,
    /// `c2` ..., and settings that differ from the paper's.
    fn cast(words: &[&str]) -> Result<ScriptedCast<RaftNode>, String> {
        let usage = || "write `nodes <servers> [<clients>] [etcd] [pre-vote] [quiet]`".to_owned();
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
                "etcd" => config = RaftConfig { pre_vote: config.pre_vote, ..RaftConfig::etcd() },
                "pre-vote" => config.pre_vote = true,
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
                format!("term={} last={}/{}", ballot.term, ballot.last_term, ballot.last_index)
            }
            Message::RequestVoteReply(vote) | Message::PreVoteReply(vote) => {
                format!("term={} {}", vote.term, if vote.granted { "granted" } else { "refused" })
            }
            Message::AppendEntries(append) => format!(
                "term={} prev={}/{} entries={} commit={}",
                append.term,
                append.prev_term,
                append.prev_index,
                entries(&append.entries),
                append.commit
            ),
            Message::AppendEntriesReply(reply) => {
                format!("term={} {}", reply.term, result(reply.result))
            }
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
                format!("{role:13}  term={term} log={log} commit={}", server.commit)
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
        entries.iter().map(|entry| format!("{}@{}", entry.payload, entry.term)).collect();
    format!("[{}]", entries.join(" "))
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
