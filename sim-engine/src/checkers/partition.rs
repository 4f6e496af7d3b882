//! Parts of a history that say nothing of each other: operations on different keys, unless
//! something moves between them. A history is linearizable if each part is (Herlihy and Wing,
//! "Linearizability: A Correctness Condition for Concurrent Objects", theorem 1).

use super::history::{Answer, Call, ClientHistory};
use super::value::{KeyId, number, place};

/// The operations of each part, by their places in the history, in the order of invocation. What
/// says nothing is in none: operations that had no effect, and looks without an answer.
pub(super) fn partitions(history: &ClientHistory) -> Vec<Vec<u32>> {
    let root = roots(history);
    let mut parts: Vec<Vec<u32>> = Vec::new();
    let mut part_of: Vec<Option<usize>> = vec![None; history.keys() + 1];
    for (at, operation) in history.operations.iter().enumerate() {
        let says_nothing = match operation.answer {
            Answer::Failed => true,
            Answer::Unknown => operation.call.only_looks(),
            Answer::Ok(_) | Answer::Refused => false,
        };
        if says_nothing {
            continue;
        }
        let key = place_of(&root, operation.key);
        let part = *part_of[key].get_or_insert_with(|| {
            parts.push(Vec::new());
            parts.len() - 1
        });
        parts[part].push(number(at));
    }
    for part in &mut parts {
        let invoked = |at: &u32| history.operations[place(*at)].invoked;
        if !part.is_sorted_by_key(invoked) {
            part.sort_by_key(invoked);
        }
    }
    parts
}

/// For each key the key that stands for all that it is tied to.
fn roots(history: &ClientHistory) -> Vec<usize> {
    let mut root: Vec<usize> = (0..=history.keys()).collect();
    for operation in &history.operations {
        if let Call::Transfer { to, .. } = operation.call {
            join(&mut root, operation.key.index(), to.index());
        }
        if operation.key == KeyId::ALL {
            (1..=history.keys()).for_each(|key| join(&mut root, 0, key));
        }
    }
    for key in 0..root.len() {
        root[key] = find(&root, key);
    }
    root
}

fn join(root: &mut [usize], a: usize, b: usize) {
    let last = root.len() - 1;
    let (a, b) = (find(root, a.min(last)), find(root, b.min(last)));
    root[a.max(b)] = a.min(b);
}

fn find(root: &[usize], mut key: usize) -> usize {
    while root[key] != key {
        key = root[key];
    }
    key
}

fn place_of(root: &[usize], key: KeyId) -> usize {
    root[key.index().min(root.len() - 1)]
}
