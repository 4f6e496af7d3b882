//! The sentences that tell a reader what a Raft server did, with named slots.

use sim_engine::{Caption, Slot};

use super::facts::{Fact, Poll, StepDown};

/// The sentence for a fact; every fact of weight 60 or more has one.
pub(super) fn of(fact: &Fact) -> Option<Caption> {
    use Slot::{Node, Nodes, Number, Text, Time};
    let (template, slots) = match fact {
        Fact::BecameLeader { term, voters, of } => {
            let votes = u64::try_from(voters.len()).unwrap_or(u64::MAX);
            let slots = vec![
                ("term", Number(*term)),
                ("voters", Nodes(voters.clone())),
                ("votes", Number(votes)),
                ("of", Number(*of)),
            ];
            ("{node} has {votes} of {of} votes, a majority: it leads term {term}.", slots)
        }
        Fact::ElectionTimeout { waited, next_term, pre, .. } => {
            let slots = vec![("waited", Time(*waited)), ("next", Number(*next_term))];
            let template = if *pre {
                "{node} has heard no leader for {waited}: it asks whether it could win term {next}."
            } else {
                "{node} has heard no leader for {waited} and starts an election for term {next}."
            };
            (template, slots)
        }
        Fact::VoteRejected(poll) if !poll.pre => return Some(of_refusal(poll)),
        Fact::SteppedDown { why } => return Some(of_step_down(*why)),
        Fact::Committed { index, value, copies, of, .. } => (
            "{node} has {value} on {copies} of {of} servers. That is a majority: slot {index} is \
             committed.",
            vec![
                ("index", Number(*index)),
                ("value", Text(value.to_string())),
                ("copies", Number(*copies)),
                ("of", Number(*of)),
            ],
        ),
        Fact::LogTruncated { from, dropped, leader, .. } => (
            "{node} drops {dropped} from slot {from} on and copies the log of {leader}.",
            vec![
                ("from", Number(*from)),
                ("dropped", Text(dropped.clone())),
                ("leader", Node(*leader)),
            ],
        ),
        Fact::DuplicateAnswered { .. } => (
            "{node} knows this command already: it answers again, but does not execute it again.",
            vec![],
        ),
        Fact::EntryAppended { index, value, .. } => (
            "{node} appends {value} at slot {index}.",
            vec![("index", Number(*index)), ("value", Text(value.to_string()))],
        ),
        Fact::BecamePreCandidate { term } => (
            "{node} asks whether it could win before it raises its term {term}.",
            vec![("term", Number(*term))],
        ),
        Fact::Upkeep(upkeep) => return upkeep.caption(),
        Fact::BecameFollower { .. }
        | Fact::BecameCandidate { .. }
        | Fact::VoteRequest { .. }
        | Fact::VoteCast(_)
        | Fact::VoteRejected(_)
        | Fact::VoteReply { .. }
        | Fact::VoteTally { .. }
        | Fact::ElectionIgnoredLease { .. }
        | Fact::LeaderElected { .. }
        | Fact::LeaderLost { .. }
        | Fact::MessageHigherTerm { .. }
        | Fact::Applied { .. }
        | Fact::AppendRejected { .. }
        | Fact::Etcd(_) => return None,
    };
    Some(Caption { template, slots })
}

/// Why a leader gave up.
fn of_step_down(why: StepDown) -> Caption {
    use Slot::{Number, Time};
    match why {
        StepDown::HigherTerm { old, new } => Caption {
            template: "{node} sees term {new} > {old}: it steps down.",
            slots: vec![("old", Number(old)), ("new", Number(new))],
        },
        StepDown::QuorumNotActive { term, after } => Caption {
            template: "{node} has not heard from a majority for {after}: it steps down, still in \
                       term {term}.",
            slots: vec![("term", Number(term)), ("after", Time(after))],
        },
        StepDown::Removed { term } => Caption {
            template: "The change is committed and {node} is no member any more: it steps down, \
                       still in term {term}.",
            slots: vec![("term", Number(term))],
        },
    }
}

/// A refusal tells its reason: the log, the vote, or the term.
fn of_refusal(poll: &Poll) -> Caption {
    use Slot::{Node, Number};
    let Poll { candidate, own_log, log, own_vote, term, .. } = *poll;
    let log_is_old = (log.term, log.index) < (own_log.term, own_log.index);
    let mut slots = vec![
        ("candidate", Node(candidate)),
        ("own", own_log_text(own_log)),
        ("log", own_log_text(log)),
        ("term", Number(term)),
    ];
    let template = match own_vote {
        _ if log_is_old => {
            "{node} refuses {candidate}: its own log ends at {own}, later than {log}."
        }
        Some(vote) => {
            slots.push(("vote", Node(vote)));
            "{node} refuses {candidate}: it has voted for {vote} in term {term}."
        }
        None => "{node} refuses {candidate} in term {term}.",
    };
    Caption { template, slots }
}

fn own_log_text(log: super::facts::LogEnd) -> Slot {
    Slot::Text(format!("slot {} of term {}", log.index, log.term))
}
