//! What is wrong with an illegal history: how far it can be explained, the answer that nothing
//! explains, and as few operations as possible that contradict each other.

use super::frames::Furthest;
use super::history::{Answer, ClientHistory, ClientOperation};
use super::minimal::{Rule, Shrinking};
use super::model::Model;
use super::search::{Progress, Search, is_open};
use super::value::{number, place};

/// What is wrong with an illegal history. Operations are places in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// An order of operations that explains every answer before the one that is refused, and only
    /// of the operations that have to do with it.
    pub prefix: Vec<usize>,
    /// How many answers the longest prefix of the history explains.
    pub longest_prefix: usize,
    /// The operation whose answer nothing explains.
    pub refused: usize,
    /// What the state was before it, in words; empty where there is no state.
    pub state: String,
    /// Why it is refused, in one sentence without a full stop.
    pub why: String,
    /// Operations that contradict each other as far as was known when `refused` was answered, which
    /// is among them; in the order of invocation. Without any one of them the rest is legal, or
    /// shows an answer that nothing in the rest could have led to, be it in whatever order.
    pub minimal: Vec<usize>,
    /// False if the steps were used up before `minimal` was.
    pub is_minimal: bool,
}

/// Explains an illegal part of a history.
pub(super) fn explain(
    model: Model,
    history: &ClientHistory,
    (part, furthest): (&[u32], &Furthest),
    steps: u64,
) -> Option<Finding> {
    let mut left = steps;
    let answered = answered_in_order(history, part);
    // The search looks ahead and knows how pending operations end: perhaps more can be explained
    // than it has seen. What begins an explained prefix is explained, too.
    let mut explained = place(furthest.answers).saturating_sub(1);
    let (mut unexplained, mut stride) = (answered.len(), 0_usize);
    let mut best = Furthest::default();
    let mut state = String::new();
    while explained < unexplained {
        let upto = (explained + stride / 2).min(unexplained - 1);
        let known = prefix(history, part, &answered[..=upto]);
        let mut search = Search::new(model, history, &known, part);
        let progress = search.advance(&mut left);
        let reached = search.furthest();
        if state.is_empty() || progress == Progress::Legal {
            state = search.describe(history, reached.state);
            best = reached;
        }
        if progress == Progress::Legal {
            (explained, stride) = (upto + 1, 2 * stride + 1);
        } else {
            (unexplained, stride) = (upto, 0);
        }
    }
    let refused = answered.get(unexplained).copied();
    let refused = place(refused?);
    let within =
        |at: &&u32| history.operations[place(**at)].invoked <= history.operations[refused].ended;
    let suspects: Vec<u32> = part.iter().filter(within).copied().collect();
    let mut then = history.clone();
    for (at, known) in part.iter().zip(prefix(history, part, &answered[..=unexplained])) {
        then.operations[place(*at)] = known;
    }
    let rule = Rule::RealTime;
    let mut shrinking = Shrinking::new((model, &then), rule, (suspects, number(refused)), left);
    let is_minimal = shrinking.shrink();
    let why = format!(
        "no order explains `{}`: the state before it is {state}",
        history.describe(refused)
    );
    Some(Finding {
        why,
        prefix: best.order.iter().map(|at| place(*at)).collect(),
        longest_prefix: place(best.answers),
        refused,
        state,
        minimal: shrinking.kept().iter().map(|at| place(*at)).collect(),
        is_minimal,
    })
}

/// The answered operations of a part in the order of their answers.
fn answered_in_order(history: &ClientHistory, part: &[u32]) -> Vec<u32> {
    let operation = |at: &u32| &history.operations[place(*at)];
    let mut answered: Vec<u32> =
        part.iter().filter(|at| !is_open(operation(at))).copied().collect();
    answered.sort_by_key(|at| operation(at).ended);
    answered
}

/// A part as it was when the last of `answered` was answered: what was not answered by then is
/// open.
fn prefix(history: &ClientHistory, part: &[u32], answered: &[u32]) -> Vec<ClientOperation> {
    let now = answered.last().map_or(0, |at| history.operations[place(*at)].ended);
    let known = |at: &u32| {
        let operation = history.operations[place(*at)];
        let is_later = operation.ended > now || (operation.ended == now && !answered.contains(at));
        if is_later { open(operation) } else { operation }
    };
    part.iter().map(known).collect()
}

/// The same operation without its answer.
pub(super) fn open(operation: ClientOperation) -> ClientOperation {
    ClientOperation { answer: Answer::Unknown, ..operation }
}
