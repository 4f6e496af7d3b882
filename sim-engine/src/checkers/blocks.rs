//! Histories whose answers tell the order: every read names the changes that led to it, as a text
//! of unlike pieces does. Then no search is needed.
//!
//! What a write begins is a *block*: the write, what was added to it as reads tell, and those
//! reads, with nothing else between them. A change that no read tells of is a block of its own. A
//! block ends at the earliest with its first answer and begins at the latest with its last
//! invocation; one must stand before another if its first answer comes before the other's last
//! invocation. There is an order if no two must stand before each other (after Gibbons and Korach,
//! "Testing Shared Memories", 1997, where blocks are called clusters and have no additions).

use super::history::{Answer, ClientOperation};
use super::value::{number, place};

/// What an operation says of the order. Operations are named by their places in the partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tale {
    /// It replaces whatever was there.
    Begins,
    /// It adds to what was there.
    Adds,
    /// It saw what these operations led to, in this order; the first may begin, others add.
    Saw(Vec<u32>),
    /// It saw what no operations lead to.
    Absurd,
    /// Nothing: nobody knows its answer.
    Nothing,
}

/// A write, or the state at the start, and what is known to have followed it.
#[derive(Clone, Debug, Default)]
struct Block {
    /// The write and what was added to it, in order: the longest of what reads tell.
    changes: Vec<u32>,
    /// Reads, each with the number of changes that it saw.
    reads: Vec<(usize, u32)>,
    /// True for what was there at the start.
    is_first: bool,
}

/// A block in its order, with its first answer and its last invocation.
#[derive(Clone, Debug)]
struct Zone {
    first_answer: u64,
    last_invocation: u64,
    order: Vec<u32>,
}

/// An order that explains all answers, or `None` if there is none.
pub(super) fn order(operations: &[ClientOperation], tales: &[Tale]) -> Option<Vec<u32>> {
    let mut zones = Vec::new();
    for block in blocks(operations, tales)? {
        zones.push(zone(operations, block)?);
    }
    // Blocks that could stand at one moment come as early as they can; see the tests.
    zones.sort_by_key(|zone| {
        let is_long = zone.first_answer < zone.last_invocation;
        (zone.first_answer.min(zone.last_invocation), is_long)
    });
    let mut latest = 0;
    for zone in &zones {
        if zone.first_answer < latest {
            return None;
        }
        latest = latest.max(zone.last_invocation);
    }
    Some(zones.into_iter().flat_map(|zone| zone.order).collect())
}

/// The blocks, or `None` if what reads tell contradicts itself.
fn blocks(operations: &[ClientOperation], tales: &[Tale]) -> Option<Vec<Block>> {
    // The block that starts with each write comes after the one of the start.
    let mut blocks = vec![Block::default(); tales.len() + 1];
    blocks[0].is_first = true;
    let mut home = vec![None; tales.len()];
    for (at, tale) in tales.iter().enumerate() {
        let saw = match tale {
            Tale::Saw(saw) => saw,
            Tale::Absurd => return None,
            Tale::Begins | Tale::Adds | Tale::Nothing => continue,
        };
        let begins = saw.first().filter(|first| tales[place(**first)] == Tale::Begins);
        let block = begins.map_or(0, |first| place(*first) + 1);
        let rest = &saw[usize::from(begins.is_some())..];
        if rest.iter().any(|change| tales[place(*change)] != Tale::Adds) {
            return None;
        }
        let known = &mut blocks[block].changes;
        if !saw.starts_with(known) && !known.starts_with(saw) {
            return None;
        }
        for (nth, change) in saw.iter().enumerate().skip(known.len()) {
            if home[place(*change)].replace((block, nth)).is_some() {
                return None;
            }
            known.push(*change);
        }
        blocks[block].reads.push((saw.len(), number(at)));
    }
    for (at, tale) in tales.iter().enumerate() {
        let is_change = matches!(tale, Tale::Begins | Tale::Adds);
        if is_change && home[at].is_none() && operations[at].answer != Answer::Unknown {
            blocks[at + 1].changes.push(number(at));
        }
    }
    blocks.retain(|block| !block.changes.is_empty() || !block.reads.is_empty());
    Some(blocks)
}

/// Puts the operations of a block into their order, or says that real time forbids it.
fn zone(operations: &[ClientOperation], block: Block) -> Option<Zone> {
    let mut order: Vec<(usize, u64, u32)> = Vec::new();
    for (nth, change) in block.changes.iter().enumerate() {
        order.push((2 * nth + 1, 0, *change));
    }
    for (seen, read) in block.reads {
        // After the last change that it saw, and before the next one.
        order.push((2 * seen, operations[place(read)].invoked, read));
    }
    order.sort_unstable();
    let (mut begun, mut first_answer) = (0, u64::MAX);
    for (.., at) in &order {
        let operation = &operations[place(*at)];
        // Moments count from 1: before them there is what was there at the start.
        begun = begun.max(operation.invoked.saturating_add(1));
        let ended = ended(operation);
        if ended < begun {
            return None;
        }
        first_answer = first_answer.min(ended);
    }
    let first_answer = if block.is_first { 0 } else { first_answer };
    let order = order.into_iter().map(|(.., at)| at).collect();
    Some(Zone { first_answer, last_invocation: begun, order })
}

fn ended(operation: &ClientOperation) -> u64 {
    match operation.answer {
        Answer::Unknown => u64::MAX,
        Answer::Ok(_) | Answer::Refused | Answer::Failed => operation.ended.saturating_add(1),
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::{Call, ClientHistory};
    use super::super::model::Model;
    use super::super::search::{Progress, Search};
    use super::super::value::ValueId;
    use crate::{Concern, Dice};

    use super::*;

    /// A few operations of three processes on one text; reads answer any text of pieces.
    fn random(seed: u64) -> ClientHistory {
        let mut dice = Dice::new(seed, Concern::Workload, 4);
        let mut history = ClientHistory::default();
        let key = history.key("x");
        let mut pieces: Vec<String> = Vec::new();
        for process in 0..3 {
            let mut now = dice.below(4);
            for _ in 0..=dice.below(3) {
                let ended = now + dice.below(8);
                let name = char::from(b'a' + u8::try_from(pieces.len()).unwrap());
                let piece = history.value(name.to_string().as_str());
                let done =
                    if dice.below(5) == 0 { Answer::Unknown } else { Answer::Ok(ValueId::NIL) };
                let (call, answer) = match dice.below(4) {
                    0 => (Call::Write(piece), done),
                    1 | 2 => (Call::Append(piece), done),
                    _ => {
                        let length = dice.below(4);
                        let any = |_| dice.below(1 + u64::try_from(pieces.len()).unwrap());
                        let any: Vec<u64> = (0..length).map(any).collect();
                        let text = any.iter().map(|n| char::from(b'a' + u8::try_from(*n).unwrap()));
                        let text: String = text.collect();
                        (Call::Read, Answer::Ok(history.value(text.as_str())))
                    }
                };
                if call != Call::Read {
                    pieces.push(name.to_string());
                }
                history.push(process, key, call, (now, ended, answer));
                now = ended + 1 + dice.below(3);
            }
        }
        history.operations.sort_by_key(|operation| operation.invoked);
        history
    }

    #[test]
    fn what_answers_tell_is_what_a_search_finds() {
        let (mut legal, mut illegal) = (0, 0);
        for seed in 0..20_000 {
            let history = random(seed);
            let sources: Vec<u32> = (0..number(history.operations.len())).collect();
            let operations = &history.operations;
            let mut search = Search::new(Model::Kv, &history, operations, &sources);
            let told = search.told_by_answers().expect("the pieces are unlike");
            let mut search = Search::new(Model::Kv, &history, operations, &sources);
            // So few that the search does not ask the answers itself.
            let found = search.advance(&mut 200);
            if found == Progress::Undecided {
                continue;
            }
            assert_eq!(told, found, "seed {seed}: {history:?}");
            *(if found == Progress::Legal { &mut legal } else { &mut illegal }) += 1;
        }
        assert!(legal > 2_000 && illegal > 2_000, "{legal} legal, {illegal} illegal");
    }
}
