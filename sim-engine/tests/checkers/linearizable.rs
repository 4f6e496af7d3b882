//! Linearizability: hand-worked histories both ways, and random ones beside the oracle.

use std::fmt::Write;

use sim_engine::checkers::{
    Answer, ClientHistory, ClientOperation, Finding, KeyId, Linearizability, Model, Value, Verdict,
    linearizable,
};

use crate::hand;
use crate::oracle::{Store, in_real_time, is_explained};
use crate::random;

const STEPS: u64 = 1_000_000;

fn verdict(model: Model, text: &str) -> Verdict {
    linearizable(model, &hand::history(text), STEPS).unwrap()
}

fn finding(model: Model, history: &ClientHistory) -> Finding {
    let mut check = Linearizability::new(model, history).unwrap();
    assert_eq!(check.advance(STEPS), Verdict::Illegal);
    check.finding(STEPS).unwrap()
}

const LEGAL: &[(Model, &str)] = &[
    (Model::Register, ""),
    (Model::Register, "1 0..1 read x -> nil"),
    // A read beside a write may see either.
    (Model::Register, "1 0..9 write x 1 -> ok\n2 1..2 read x -> 1\n3 3..4 read x -> 1"),
    (Model::Register, "1 0..9 write x 1 -> ok\n2 1..2 read x -> nil\n3 3..4 read x -> 1"),
    // What ends as another begins is concurrent with it.
    (Model::Register, "1 0..1 write x 1 -> ok\n2 1..2 read x -> nil"),
    // An unknown write may take effect long after, or never.
    (Model::Register, "1 0.. write x 1\n2 5..6 read x -> nil\n2 7..8 read x -> 1"),
    // A failed one never.
    (Model::Register, "1 0..1 write x 1 -> fail\n2 5..6 read x -> nil"),
    // Keys say nothing of each other.
    (Model::Register, "1 0..1 write x 1 -> ok\n1 2..3 write y 2 -> ok\n2 4..5 read y -> 2"),
    (Model::CasRegister, "1 0..1 write x 1 -> ok\n2 2..3 cas x 1 2 -> ok\n3 4..5 read x -> 2"),
    (Model::CasRegister, "1 0..1 write x 1 -> ok\n2 2..3 cas x 2 3 -> no\n3 4..5 read x -> 1"),
    (Model::Kv, "1 0..9 append x a -> ok\n2 1..8 append x b -> ok\n3 10..11 read x -> ba"),
    (Model::Kv, "1 0..1 append x a -> ok\n1 2..3 write x b -> ok\n1 4..5 read x -> b"),
    (Model::Set, "1 0..1 insert x 3 -> ok\n1 2..3 insert x 1 -> ok\n2 4..5 read x -> [1,3]"),
    (Model::Set, "1 0..1 insert x 3 -> ok\n1 2..3 remove x 3 -> ok\n2 4..5 contains x 3 -> false"),
    (Model::Queue, "1 0..9 enqueue x 1 -> ok\n2 1..8 enqueue x 2 -> ok\n3 10..11 dequeue x -> 2"),
    (Model::Queue, "1 0..1 dequeue x -> nil"),
    (Model::Lock, "1 0..1 acquire x -> ok\n2 2..3 acquire x -> no\n1 4..5 release x -> ok"),
    (Model::Lock, "1 0..1 acquire x -> ok\n1 2..6 release x -> ok\n2 3..5 acquire x -> ok"),
    (Model::Log, "1 0..1 append x 1 -> ok\n2 2..3 append x 2 -> ok\n3 4..5 read x -> [1,2]"),
    (Model::Counter, "1 0..9 add x 1 -> ok\n2 1..8 add x 1 -> 2\n3 10..11 read x -> 2"),
    (Model::Bank, "1 0..1 write a 9 -> ok\n1 2..3 transfer a b 4 -> ok\n2 4..5 read a -> 5"),
    // Nobody has said what `a` held at first.
    (Model::Bank, "1 0..1 transfer a b 4 -> ok\n2 4..5 read a -> 5\n2 6..7 transfer a b 6 -> no"),
    (Model::Bank, "1 0..1 read a -> nil\n1 2..3 add a 1 -> 1\n1 4..5 cas a 1 7 -> ok"),
    (Model::Bank, "1 0..9 add a 1 -> ok\n2 1..2 read a -> 5\n2 3..4 cas a 6 1 -> ok"),
    (Model::Store, "1 0..1 add x 1 -> 1\n1 2..3 cas x 1 7 -> ok\n2 4..5 read x -> 7"),
    (Model::Store, "1 0..1 append x 1 -> ok\n2 4..5 read x -> [1]"),
];

const ILLEGAL: &[(Model, &str)] = &[
    (Model::Register, "1 0..1 read x -> 1"),
    (Model::Register, "1 0..1 write x 1 -> ok\n2 2..3 read x -> nil"),
    // Once the new value was seen, nobody may see the old one.
    (Model::Register, "1 0..9 write x 1 -> ok\n2 1..2 read x -> 1\n3 3..4 read x -> nil"),
    (Model::Register, "1 0.. write x 1\n2 5..6 read x -> 1\n2 7..8 read x -> nil"),
    (Model::Register, "1 0..1 write x 1 -> fail\n2 5..6 read x -> 1"),
    (Model::CasRegister, "1 0..1 write x 1 -> ok\n2 2..3 cas x 2 3 -> ok"),
    (Model::CasRegister, "1 0..1 write x 1 -> ok\n2 2..3 cas x 1 3 -> no"),
    (Model::Kv, "1 0..1 append x a -> ok\n2 2..3 append x b -> ok\n3 10..11 read x -> ba"),
    (Model::Kv, "1 0..1 append x a -> ok\n2 2..3 read x -> aa"),
    (Model::Set, "1 0..1 insert x 3 -> ok\n2 4..5 read x -> []"),
    (Model::Set, "1 0..1 insert x 3 -> ok\n2 4..5 contains x 3 -> false"),
    (Model::Queue, "1 0..1 enqueue x 1 -> ok\n2 2..3 enqueue x 2 -> ok\n3 4..5 dequeue x -> 2"),
    (Model::Queue, "1 0..1 enqueue x 1 -> ok\n3 4..5 dequeue x -> 1\n3 6..7 dequeue x -> 1"),
    (Model::Lock, "1 0..1 acquire x -> ok\n2 2..3 acquire x -> ok"),
    (Model::Lock, "1 0..1 acquire x -> ok\n2 2..3 release x -> ok"),
    (Model::Log, "1 0..1 append x 1 -> ok\n2 2..3 append x 2 -> ok\n3 4..5 read x -> [2,1]"),
    (Model::Counter, "1 0..9 add x 1 -> 1\n2 1..8 add x 1 -> 1"),
    (Model::Bank, "1 0..1 write a 9 -> ok\n1 2..3 transfer a b 10 -> ok"),
    (Model::Bank, "1 0..1 read a -> 5\n1 2..3 transfer a b 4 -> ok\n2 4..5 read a -> 5"),
    (Model::Bank, "1 0..1 add a 1 -> 4\n2 2..3 add a 1 -> 4"),
    (Model::Bank, "1 0..1 read a -> 5\n2 2..3 cas a 4 1 -> ok"),
    (Model::Bank, "1 0..1 read a -> 5\n2 2..3 cas a 5 1 -> no"),
    // Half of a transfer is seen.
    (
        Model::Bank,
        "1 0..1 add a 1 -> 1\n1 2..3 read b -> 0\n2 0..9 transfer a b 1 -> ok\n\
         3 4..5 read b -> 1\n3 6..7 read a -> 1",
    ),
    // A command that was executed twice.
    (Model::Store, "1 0..1 add x 1 -> 1\n2 2..3 add x 1 -> 3"),
    (Model::Store, "1 0..1 acquire x -> ok\n2 2..3 acquire x -> ok"),
];

#[test]
fn histories_worked_out_by_hand_have_their_verdicts() {
    for (model, text) in LEGAL {
        assert_eq!(verdict(*model, text), Verdict::Legal, "{model:?}\n{text}");
    }
    for (model, text) in ILLEGAL {
        assert_eq!(verdict(*model, text), Verdict::Illegal, "{model:?}\n{text}");
    }
}

#[test]
fn a_model_says_which_operations_it_does_not_know() {
    let history = hand::history("1 0..1 read x -> nil\n1 2..3 append x 1 -> ok");
    let unserved = linearizable(Model::Register, &history, STEPS).unwrap_err();
    assert_eq!(unserved.operation, 1);
    assert_eq!(unserved.to_string(), "the model `register` knows no `append`");
}

/// What accounts may hold at first: a history does not say.
fn openings(model: Model) -> Vec<Store> {
    if model != Model::Bank {
        return vec![Store::new()];
    }
    let mut keys = ClientHistory::default();
    let keys: Vec<KeyId> = ["x", "y"].map(|name| keys.key(name)).to_vec();
    let store = |x, y| Store::from([(keys[0], Value::Int(x)), (keys[1], Value::Int(y))]);
    (-6..=12).flat_map(|x| (-6..=12).map(move |y| (x, y))).map(|(x, y)| store(x, y)).collect()
}

fn oracle(model: Model, history: &ClientHistory) -> bool {
    openings(model).iter().any(|start| is_explained(model, history, start, &in_real_time))
}

#[test]
fn verdicts_are_those_of_an_oracle_that_tries_every_order() {
    let (mut legal, mut illegal) = (0, 0);
    for model in Model::ALL.into_iter().filter(|model| *model != Model::Store) {
        let seeds = if model == Model::Bank { 150 } else { 1_500 };
        for seed in 0..seeds {
            let history = random::history(model, seed, 3);
            let expected = oracle(model, &history);
            let said = linearizable(model, &history, STEPS).unwrap();
            let expected_word = if expected { Verdict::Legal } else { Verdict::Illegal };
            assert_eq!(said, expected_word, "{model:?}, seed {seed}: {}", words(&history));
            *(if expected { &mut legal } else { &mut illegal }) += 1;
        }
    }
    assert!(legal > 2_000 && illegal > 2_000, "{legal} legal, {illegal} illegal");
}

fn words(history: &ClientHistory) -> String {
    let word = |(at, op): (usize, &ClientOperation)| {
        format!("\n{} {}..{} {}", op.process, op.invoked, op.ended, history.describe(at))
    };
    history.operations.iter().enumerate().map(word).collect()
}

/// The history up to one answer, with everything open that was not answered by then.
fn upto(history: &ClientHistory, last: usize) -> ClientHistory {
    let now = (history.operations[last].ended, last);
    let mut prefix = history.clone();
    for (at, op) in prefix.operations.iter_mut().enumerate() {
        if (op.ended, at) > now {
            op.answer = Answer::Unknown;
        }
    }
    prefix
}

#[test]
fn the_longest_prefix_is_the_longest() {
    for model in [Model::CasRegister, Model::Kv, Model::Log, Model::Queue] {
        for seed in 0..400 {
            let history = random::history(model, seed, 3);
            // With one key the prefix of the part is the prefix of the whole.
            let is_one = history.operations.iter().all(|op| op.key == KeyId::default());
            if !is_one || oracle(model, &history) {
                continue;
            }
            let found = finding(model, &history);
            let mut order: Vec<usize> = (0..history.operations.len())
                .filter(|at| {
                    !matches!(history.operations[*at].answer, Answer::Unknown | Answer::Failed)
                })
                .collect();
            order
                .sort_by_key(|at| (history.operations[*at].ended, history.operations[*at].invoked));
            assert_eq!(order[found.longest_prefix], found.refused, "{}", words(&history));
            let ended = history.operations[found.refused].ended;
            let is_tie = order.iter().filter(|at| history.operations[**at].ended == ended).count();
            if is_tie == 1 {
                assert!(!oracle(model, &upto(&history, found.refused)), "{}", words(&history));
                if let Some(before) = found.longest_prefix.checked_sub(1) {
                    let before = upto(&history, order[before]);
                    assert!(oracle(model, &before), "{model:?} {seed} {}", words(&history));
                }
            }
        }
    }
}

/// True if the changes among `kept` can lead to the answer at `at`, in whatever order.
fn is_grounded(model: Model, history: &ClientHistory, kept: &[usize], at: usize) -> bool {
    let about = history.operations[at];
    let has_part = |other: &&usize| {
        let op = history.operations[**other];
        **other == at || (!op.call.only_looks() && op.invoked <= about.ended)
    };
    let mut alone = history.with_only(kept.iter().filter(has_part).copied());
    for op in alone.operations.iter_mut().filter(|op| **op != about) {
        op.answer = Answer::Unknown;
    }
    let free = |_: &ClientOperation, _: &ClientOperation| false;
    openings(model).iter().any(|start| is_explained(model, &alone, start, &free))
}

#[test]
fn what_is_minimal_is_illegal_and_nothing_of_it_can_be_missed() {
    let mut sizes = 0;
    for model in [Model::CasRegister, Model::Kv, Model::Log, Model::Queue, Model::Lock] {
        for seed in 0..400 {
            let history = random::history(model, seed, 3);
            if oracle(model, &history) {
                continue;
            }
            let found = finding(model, &history);
            assert!(found.is_minimal);
            assert!(found.minimal.contains(&found.refused), "{}", words(&history));
            let ended = history.operations[found.refused].ended;
            if history.operations.iter().filter(|op| op.ended == ended).count() > 1 {
                continue;
            }
            // As far as was known then.
            let history = upto(&history, found.refused);
            let minimal = found.minimal.clone();
            sizes += minimal.len();
            assert!(!oracle(model, &history.with_only(minimal.clone())), "{}", words(&history));
            let all: Vec<usize> = (0..history.operations.len()).collect();
            let mut forgotten = history.clone();
            forgotten.operations[found.refused].answer = Answer::Unknown;
            assert!(oracle(model, &forgotten.with_only(minimal.clone())), "{}", words(&history));
            for gone in minimal.iter().filter(|gone| **gone != found.refused) {
                let rest: Vec<usize> = minimal.iter().filter(|at| *at != gone).copied().collect();
                let is_legal = oracle(model, &history.with_only(rest.clone()));
                let lost = !oracle(model, &forgotten.with_only(rest.clone()))
                    || (is_grounded(model, &history, &all, found.refused)
                        && !is_grounded(model, &history, &rest, found.refused));
                assert!(is_legal || lost, "{model:?} {seed} {minimal:?} {}", words(&history));
            }
        }
    }
    assert!(sizes > 400, "{sizes}");
}

#[test]
fn a_finding_says_how_far_it_got_and_what_contradicts_what() {
    let history = hand::history(
        "1 0..1 write x 1 -> ok
         2 0..1 write y 5 -> ok
         2 2..3 read x -> 1
         1 4..5 write x 2 -> ok
         3 5..8 write x 3 -> ok
         2 9..10 read x -> 3
         3 11..12 read x -> 1
         1 13..14 read x -> 3",
    );
    let found = finding(Model::Register, &history);
    assert_eq!(found.refused, 6);
    assert_eq!(found.state, "3");
    assert_eq!(found.longest_prefix, 5);
    assert_eq!(found.prefix, [0, 2, 3, 4, 5]);
    // The first write, one after it, and the read of the first.
    assert_eq!(found.minimal.len(), 3, "{:?}", found.minimal);
    assert!(found.minimal.contains(&0) && found.minimal.contains(&6));
}

#[test]
fn an_illegal_part_is_found_before_long_legal_ones_are_exhausted() {
    // Twenty writes that all overlap, and a read of a value that nobody wrote after them.
    let mut text = String::new();
    for n in 0..20 {
        writeln!(text, "{n} 0..9 enqueue hard {n} -> ok").unwrap();
    }
    for n in (0..20).rev() {
        let from = 100 - 2 * n;
        writeln!(text, "{n} {from}..{} dequeue hard -> {n}", from + 1).unwrap();
    }
    text.push_str("50 0..1 enqueue easy 1 -> ok\n50 2..3 dequeue easy -> 7\n");
    let history = hand::history(&text);
    let mut check = Linearizability::new(Model::Queue, &history).unwrap();
    assert_eq!(check.partitions(), 2);
    assert_eq!(check.advance(100), Verdict::Undecided, "the budget is the caller's");
    assert_eq!(check.advance(2_000), Verdict::Illegal);
    assert_eq!(history.describe(check.finding(STEPS).unwrap().refused), "dequeue easy -> 7");
}

#[test]
fn a_check_in_small_steps_comes_to_the_same() {
    for seed in 0..200 {
        let history = random::history(Model::CasRegister, seed, 6);
        let whole = linearizable(Model::CasRegister, &history, STEPS).unwrap();
        let mut check = Linearizability::new(Model::CasRegister, &history).unwrap();
        let verdict = (0..STEPS).map(|_| check.advance(1)).find(|v| *v != Verdict::Undecided);
        assert_eq!(verdict, Some(whole), "seed {seed}");
    }
}

#[test]
fn the_order_of_a_legal_history_explains_it_in_real_time() {
    let mut checked = 0;
    for seed in 0..300 {
        let history = random::history(Model::CasRegister, seed, 4);
        let mut check = Linearizability::new(Model::CasRegister, &history).unwrap();
        if check.advance(STEPS) != Verdict::Legal {
            continue;
        }
        let order = check.order();
        for (n, at) in order.iter().enumerate() {
            let op = history.operations[*at];
            let late = order[n + 1..].iter().any(|l| in_real_time(&history.operations[*l], &op));
            assert!(!late, "seed {seed}: {order:?} {}", words(&history));
        }
        let mut chain = history.with_only(order.iter().copied());
        for (now, op) in (0..).zip(&mut chain.operations) {
            (op.invoked, op.ended) = (2 * now, 2 * now + 1);
        }
        assert!(oracle(Model::CasRegister, &chain), "seed {seed}");
        checked += order.len();
    }
    assert!(checked > 300, "{checked}");
}
