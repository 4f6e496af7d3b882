//! The sentences that tell a reader what happened, with named slots.

use sim_engine::{Caption, Duration, Key, NodeId, Slot};

use super::facts::{Fact, list, text};
use super::locks::Waiter;
use super::reasons::{By, Why};
use super::txn::{Decision, Plan, Txn};

/// The sentence for a fact; every fact of weight 60 or more has one.
pub(super) fn of(fact: &Fact) -> Option<Caption> {
    use Slot::Time;
    let txn = |txn: &Txn| ("txn", text(txn));
    let (template, slots) = match fact {
        Fact::Began { plan } => return Some(of_beginning(plan)),
        Fact::PreCommitBegan { txn: t } => (
            "All votes on {txn} are yes. {node} does not commit yet: it first tells everybody so.",
            vec![txn(t)],
        ),
        Fact::Decided { txn: t, decision, why } => return Some(of_decision(*t, *decision, why)),
        Fact::FoundInLog { txn: t, decision } => return Some(of_find(*t, *decision)),
        Fact::Presumed { txn: t, decision, to } => return Some(of_guess(*t, *decision, *to)),
        Fact::Deadlock { cycle, victim } => (
            "{cycle} wait for each other in a circle: {node} aborts the youngest, {victim}.",
            vec![("cycle", text(list(cycle))), ("victim", text(victim))],
        ),
        Fact::Prepared { txn: t, votes: false } => {
            ("{node} takes its locks and logs PREPARED {txn}.", vec![txn(t)])
        }
        Fact::Prepared { txn: t, votes: true } => (
            "{node} logs PREPARED {txn}, keeps its locks and votes yes: it can no longer decide \
             alone.",
            vec![txn(t)],
        ),
        Fact::FoundPrepared { txn: t } => (
            "{node} restarts, finds PREPARED {txn} and no decision: it locks again, and asks.",
            vec![txn(t)],
        ),
        Fact::VotedNo { txn: t, why } => {
            ("{node} votes no on {txn}: {why}.", vec![txn(t), ("why", text(why))])
        }
        Fact::Done { txn: t, decision, by, doubt, .. } => {
            return of_end(*t, *decision, *by, *doubt);
        }
        Fact::InDoubt { txn: t, waited, .. } => (
            "{node} has voted yes on {txn} and heard nothing for {waited}: it asks.",
            vec![txn(t), ("waited", Time(*waited))],
        ),
        Fact::Blocked { txn: t, uncertain, silent, .. } => (
            "No answer about {txn} from {silent}, and {uncertain} cannot know: nobody may commit \
             or abort.",
            vec![txn(t), ("uncertain", everybody(uncertain)), ("silent", everybody(silent))],
        ),
        Fact::DoubtExceeded { txn: t, waited, .. } => (
            "{node} has been in doubt about {txn} for {waited}, with its locks held.",
            vec![txn(t), ("waited", Time(*waited))],
        ),
        Fact::TookOver { txn: t, waited } => (
            "{node} has heard nothing of {txn} for {waited}: it takes the coordinator's place.",
            vec![txn(t), ("waited", Time(*waited))],
        ),
        Fact::LockWait { waiter, key, holder } => return Some(of_wait(*waiter, *key, *holder)),
        Fact::HandedOver { txn: t, agent, alone } => {
            return Some(of_hand_over(*t, *agent, *alone));
        }
        Fact::PreAborted { txn: t } => ("{node} joins the quorum against {txn}.", vec![txn(t)]),
        Fact::Ended { .. }
        | Fact::SaidYes { .. }
        | Fact::OnlyRead { .. }
        | Fact::PreCommitted { .. }
        | Fact::LockGranted { .. } => return None,
    };
    Some(Caption { template, slots })
}

fn of_beginning(plan: &Plan) -> Caption {
    let template = if plan.is_left_to_one() {
        "{node} starts {txn} ({what}), in which only {participants} takes part."
    } else {
        "{node} starts {txn} ({what}) and asks {participants} whether they can commit."
    };
    let asked =
        if plan.is_left_to_one() { plan.participants().collect() } else { plan.voters().collect() };
    let slots = vec![
        ("txn", text(plan.txn)),
        ("participants", Slot::Nodes(asked)),
        ("what", text(plan.operation)),
    ];
    Caption { template, slots }
}

fn of_hand_over(txn: Txn, agent: NodeId, alone: bool) -> Caption {
    let slots = vec![("txn", text(txn)), ("agent", Slot::Node(agent))];
    let template = if alone {
        "{node} leaves the decision on {txn} to {agent}, at once."
    } else {
        "All others have said yes: {node} logs PREPARED {txn} and leaves the decision to {agent}. \
         It is in doubt itself."
    };
    Caption { template, slots }
}

fn of_find(txn: Txn, decision: Option<Decision>) -> Caption {
    let mut slots = vec![("txn", text(txn))];
    let Some(decision) = decision else {
        let template = "{node} restarts and finds {txn} in its log, undecided.";
        return Caption { template, slots };
    };
    slots.push(("decision", text(word(decision))));
    let template = "{node} restarts, finds {decision} {txn} in its log and sends it again.";
    Caption { template, slots }
}

fn of_guess(txn: Txn, decision: Decision, to: NodeId) -> Caption {
    let slots = vec![("txn", text(txn)), ("decision", text(decision)), ("to", Slot::Node(to))];
    let template = "{node} has no record of {txn}: that means {decision}, and so it tells {to}.";
    Caption { template, slots }
}

fn of_wait(waiter: Waiter, key: Key, holder: Txn) -> Caption {
    let mut slots =
        vec![("waiter", text(waiter.txn())), ("key", text(key)), ("holder", text(holder))];
    let template = if let Waiter::Reader(client, _) = waiter {
        slots.push(("reader", Slot::Node(client)));
        "{waiter}, a read of {reader}, needs {key} at {node}, which {holder} has locked: it waits."
    } else {
        "{waiter} needs {key} at {node}, which {holder} has locked: it waits."
    };
    Caption { template, slots }
}

/// Names, or nobody.
fn everybody(nodes: &[NodeId]) -> Slot {
    if nodes.is_empty() { text("the others") } else { Slot::Nodes(nodes.to_vec()) }
}

const fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Commit => "COMMIT",
        Decision::Abort => "ABORT",
    }
}

fn of_decision(txn: Txn, decision: Decision, why: &Why) -> Caption {
    use Slot::{Node, Nodes};
    let mut slots = vec![("txn", text(txn)), ("decision", text(word(decision)))];
    let template = match why {
        Why::AllYes => {
            "All have said yes: {node} writes {decision} {txn} to its disk. It is decided."
        }
        Why::No(who) => {
            slots.push(("who", Node(*who)));
            "{who} voted no, so {node} decides {decision} {txn}."
        }
        Why::Silence(who) => {
            slots.push(("who", Nodes(who.clone())));
            "{who} did not vote in time, so {node} decides {decision} {txn}."
        }
        Why::Deadlock => "{node} decides {decision} {txn}: the others in the circle can go on.",
        Why::CannotPreCommit(who) => {
            slots.push(("who", Node(*who)));
            "{who} cannot do its part after all, so {node} decides {decision} {txn}."
        }
        Why::SilentPreCommit(who) => {
            slots.push(("who", Nodes(who.clone())));
            "{who} did not answer the pre-commit. {node} decides {decision} {txn}."
        }
        Why::Restart => "{node} finds {txn} undecided in its log: it decides {decision}.",
        Why::Learnt(who) => {
            slots.push(("who", Node(*who)));
            "{node} learns {decision} {txn} from {who} and tells everybody."
        }
        Why::NobodyPreCommitted => {
            "Nobody who answers {node} is pre-committed, so nobody can have committed: {decision} \
             {txn}."
        }
        Why::SomebodyPreCommitted => {
            "Everybody who answers {node} is pre-committed now: {decision} {txn}."
        }
        Why::Quorum => "{node} has a quorum for {decision} {txn}.",
        Why::LastAgent => {
            "{node} is the last agent and can do its part: it writes {decision} {txn} to its disk. \
             It is decided."
        }
        Why::Cannot(why) => {
            slots.push(("why", text(why)));
            "{node} is the last agent and cannot do its part: {why}. It decides {decision} {txn}."
        }
    };
    Caption { template, slots }
}

fn of_end(txn: Txn, decision: Decision, by: By, doubt: Option<Duration>) -> Option<Caption> {
    let word = match decision {
        Decision::Commit => "commits",
        Decision::Abort => "aborts",
    };
    let mut slots = vec![
        ("txn", text(txn)),
        ("does", text(word)),
        ("doubt", Slot::Time(doubt.unwrap_or(Duration::ZERO))),
    ];
    let template = match by {
        By::Peer(peer) => {
            slots.push(("peer", Slot::Node(peer)));
            "{node} learns the decision on {txn} from {peer} and {does}, after {doubt} in doubt."
        }
        By::Timeout => "{node} has waited {doubt} and {does} {txn}, alone.",
        By::Message(_) if doubt.is_some() => "{node} {does} {txn} and gives its locks back.",
        By::Free => "{node} has not voted yes on {txn}: it is free, and {does}.",
        By::Message(_) | By::Itself | By::LastAgent => return None,
    };
    Some(Caption { template, slots })
}
