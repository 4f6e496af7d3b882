//! Raft as etcd: what can be compared with recordings of etcd 3.4.

use sim_engine::EdgeBy::{CauseNames, EachOther, EffectNames, SameNode};
use sim_engine::{Recorded, RecordedEdge, RecordedOption, Scale};

/// etcd with the profile of that name.
pub(super) const ETCD: Recorded = Recorded {
    system: "etcd",
    settings: &[("profile", r#""etcd""#)],
    options: &[
        option("heartbeat-interval", "heartbeat_interval", Scale::Millis { percent: 100 }),
        // A tick is as long as a heartbeat's interval.
        option("heartbeat-interval", "tick", Scale::Millis { percent: 100 }),
        // Drawn from whole ticks: 10 to 19 of them with the settings that etcd comes with.
        option("election-timeout", "election_timeout.min", Scale::Millis { percent: 100 }),
        option("election-timeout", "election_timeout.max", Scale::Millis { percent: 190 }),
        option("pre-vote", "pre_vote", Scale::Same),
        option("check-quorum", "check_quorum", Scale::Same),
    ],
    member: r#"{"server": {}}"#,
    client: r#"{"client": {
        "contact": "{contact}", "retry": "{retry}", "give_up": "{give_up}",
        "keeps_contact": {keeps}, "serializable": {stale}
    }}"#,
    // A new cluster's log begins with an entry of term 1 for each member.
    disk: r#"{"term": 1, "log": [{each:1}]}"#,
    ticks_by: Some(("tick", "heartbeat-interval")),
    leads_by: "election",
    commands: &[("move-leader to ", r#"{"transfer": {"to": "{}"}}"#)],
    kinds: &[
        "became-follower",
        "became-pre-candidate",
        "became-candidate",
        "became-leader",
        "election-timeout",
        "vote-request",
        "prevote-request",
        "vote-cast",
        "prevote-cast",
        "vote-rejected",
        "prevote-rejected",
        "vote-reply",
        "prevote-reply",
        "vote-tally",
        "prevote-tally",
        "election-ignored-lease",
        "leader-elected",
        "leader-lost",
        "leader-changed",
        "transfer",
        "stepped-down",
        "message-higher-term",
        "message-lower-term",
    ],
    edges: &[
        edge("vote-request", "vote-cast", EachOther("to"), &["term", "log"]),
        // A PreVote raises no term: whoever is asked may be of another one than the candidate. The
        // candidate's log is the same in both.
        edge("prevote-request", "prevote-cast", EachOther("to"), &["log"]),
        RecordedEdge {
            when: &[("granted", "yes")],
            ..edge("vote-cast", "vote-reply", CauseNames("to"), &["term"])
        },
        RecordedEdge {
            when: &[("granted", "yes")],
            ..edge("prevote-cast", "prevote-reply", CauseNames("to"), &[])
        },
        edge("vote-cast", "became-leader", CauseNames("to"), &["term"]),
        edge("became-candidate", "became-leader", SameNode, &["term"]),
        edge("became-leader", "leader-elected", EffectNames("leader"), &["term"]),
    ],
    moments: &[
        "election-timeout",
        "became-candidate",
        "became-leader",
        "leader-elected",
        "leader-lost",
        "stepped-down",
        "message-higher-term",
        "transfer",
    ],
    counted: &[
        "became-leader",
        "vote-cast",
        "vote-rejected",
        "prevote-cast",
        "prevote-rejected",
        "election-ignored-lease",
        "stepped-down",
        "transfer",
    ],
    leads: "became-leader",
    epoch: "term",
};

const fn option(option: &'static str, setting: &'static str, scale: Scale) -> RecordedOption {
    RecordedOption { option, setting, scale }
}

const fn edge(
    from: &'static str,
    to: &'static str,
    by: sim_engine::EdgeBy,
    same: &'static [&'static str],
) -> RecordedEdge {
    RecordedEdge { from, to, by, same, when: &[] }
}
