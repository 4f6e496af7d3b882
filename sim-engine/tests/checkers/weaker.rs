//! Sequential consistency, session guarantees, exclusion, convergence: hand-worked histories both
//! ways, and random ones beside an oracle.

use sim_engine::checkers::{
    Answer, Check, ClientHistory, ClientOperation, Consistency, Convergence, Exclusion, Finding,
    Guarantee, Model, Sequential, Sessions, Verdict, linearizable,
};

use crate::hand;
use crate::oracle::{Store, is_explained};
use crate::random;

const STEPS: u64 = 1_000_000;

fn sequential(model: Model, history: &ClientHistory) -> (Verdict, Option<Finding>) {
    let mut check = Sequential::new(model, history).unwrap();
    (check.advance(STEPS), check.finding(STEPS))
}

#[test]
fn sequential_histories_worked_out_by_hand_have_their_verdicts() {
    let legal = [
        // Late for another process, which need not know.
        (Model::Register, "1 0..1 write x 1 -> ok\n2 2..3 read x -> nil\n2 4..5 read x -> 1"),
        (Model::Queue, "1 0..1 enqueue x 1 -> ok\n2 2..3 dequeue x -> nil"),
        (Model::Register, "1 0.. write x 1\n1 2..3 read x -> nil\n1 4..5 read x -> 1"),
    ];
    for (model, text) in legal {
        let history = hand::history(text);
        assert_eq!(sequential(model, &history).0, Verdict::Legal, "{text}");
    }
    let illegal = [
        (Model::Register, "1 0..1 write x 1 -> ok\n1 2..3 read x -> nil"),
        (Model::Register, "1 0..1 write x 1 -> ok\n2 2..3 read x -> 1\n2 4..5 read x -> nil"),
        // Each key alone would do, both together do not.
        (
            Model::Register,
            "1 0..1 write x 1 -> ok\n1 2..3 read y -> nil\n2 0..1 write y 1 -> ok\n2 2..3 read x \
             -> nil",
        ),
        // Two processes see two writes in different orders.
        (
            Model::Register,
            "1 0..1 write x 1 -> ok\n2 0..1 write x 2 -> ok\n3 2..3 read x -> 1\n3 4..5 read x -> \
             2\n4 2..3 read x -> 2\n4 4..5 read x -> 1",
        ),
    ];
    for (model, text) in illegal {
        let history = hand::history(text);
        let (verdict, finding) = sequential(model, &history);
        assert_eq!(verdict, Verdict::Illegal, "{text}");
        assert_eq!(finding.unwrap().minimal.len(), history.operations.len(), "{text}");
    }
}

/// Program order: one process did one before the other, and knows how the first ended.
fn in_program_order(one: &ClientOperation, other: &ClientOperation) -> bool {
    one.answer != Answer::Unknown && one.process == other.process && one.invoked < other.invoked
}

#[test]
fn sequential_verdicts_are_those_of_an_oracle_that_tries_every_order() {
    let (mut legal, mut illegal, mut weaker) = (0, 0, 0);
    for model in Model::ALL {
        if matches!(model, Model::Store | Model::Bank) {
            continue;
        }
        for seed in 0..400 {
            let history = random::history(model, seed, 3);
            let expected = is_explained(model, &history, &Store::new(), &in_program_order);
            let (said, finding) = sequential(model, &history);
            assert_eq!(said == Verdict::Legal, expected, "{model:?}, seed {seed}: {history:?}");
            assert_ne!(said, Verdict::Undecided);
            assert_eq!(finding.is_some(), !expected);
            let strict = linearizable(model, &history, STEPS).unwrap();
            assert!(strict != Verdict::Legal || expected, "real time can only forbid more");
            weaker += u32::from(strict == Verdict::Illegal && expected);
            *(if expected { &mut legal } else { &mut illegal }) += 1;
            let Some(finding) = finding else { continue };
            let kept = history.with_only(finding.minimal.iter().copied());
            let is_legal = is_explained(model, &kept, &Store::new(), &in_program_order);
            assert!(finding.is_minimal && !is_legal, "{model:?}, seed {seed}");
        }
    }
    assert!(legal > 500 && illegal > 500 && weaker > 30, "{legal} {illegal} {weaker}");
}

fn session(text: &str) -> Vec<Guarantee> {
    let history = hand::history(text);
    let is_broken = |guarantee: &Guarantee| {
        let check = Sessions::new(&[*guarantee], Model::CasRegister, &history).unwrap();
        check.verdict() == Verdict::Illegal
    };
    Guarantee::ALL.into_iter().filter(is_broken).collect()
}

#[test]
fn each_session_guarantee_is_broken_alone() {
    use Guarantee::{MonotonicReads, ReadYourWrites};
    let writes = "8 0..1 write x 1 -> ok\n9 0..1 write x 2 -> ok\n";
    let with = |rest: &str| session(&format!("{writes}{rest}"));
    assert_eq!(with("1 2..3 read x -> 1\n1 4..5 read x -> 2\n2 2..3 read x -> 2"), []);
    assert_eq!(
        with("1 2..3 read x -> 1\n1 4..5 read x -> 2\n2 2..3 read x -> 2\n2 4..5 read x -> 1"),
        [MonotonicReads]
    );
    assert_eq!(with("1 2..3 read x -> 1\n1 4..5 read x -> nil"), [MonotonicReads]);
    assert_eq!(with("8 2..3 read x -> nil"), [ReadYourWrites]);
    // An unknown write need not be there yet, and reads may be late.
    assert_eq!(session("1 0.. write x 1\n1 2..3 read x -> nil"), []);
    assert_eq!(session("1 0..1 write x 1 -> ok\n2 2..3 read x -> nil"), []);
}

#[test]
fn guarantees_that_only_break_together_are_named_together() {
    let judge = |text: &str| {
        let history = hand::history(text);
        let check = Sessions::new(&Guarantee::ALL, Model::Register, &history).unwrap();
        let finding = check.finding().cloned();
        let is_minimal = finding.iter().all(|finding| {
            finding.minimal.iter().all(|gone| {
                let rest = finding.minimal.iter().filter(|at| *at != gone);
                let rest = history.with_only(rest.copied());
                let check = Sessions::new(&Guarantee::ALL, Model::Register, &rest).unwrap();
                // Without a write, what read it tells of nothing.
                check.finding().is_none_or(|finding| finding.why.starts_with("nobody wrote"))
            })
        });
        assert!(is_minimal, "{finding:?}");
        finding.map(|finding| finding.why).unwrap_or_default()
    };
    let why = judge(
        "1 0..1 write x 1 -> ok\n1 2..3 write x 2 -> ok\n2 4..5 read x -> 2\n2 6..7 read x -> 1",
    );
    assert!(why.contains("(monotonic-writes)") && why.contains("(monotonic-reads)"), "{why}");
    let why = judge(
        "1 0..1 write x 1 -> ok\n2 2..3 read x -> 1\n2 4..5 write x 2 -> ok\n3 6..7 read x -> 2\n3 \
         8..9 read x -> 1",
    );
    assert!(why.contains("(writes-follow-reads)"), "{why}");
    assert_eq!(judge("1 0..1 read x -> 7"), "nobody wrote what `read x -> 7` tells");
}

#[test]
fn a_read_of_what_several_wrote_proves_nothing() {
    let text = "1 0..1 write x 1 -> ok\n2 2..3 write x 1 -> ok\n1 4..5 read x -> 1";
    let history = hand::history(text);
    let check = Sessions::new(&Guarantee::ALL, Model::Register, &history).unwrap();
    assert_eq!((check.verdict(), check.ambiguous()), (Verdict::Undecided, 1));
    let lock = hand::history("1 0..1 acquire x -> ok");
    let refused = Sessions::new(&Guarantee::ALL, Model::Lock, &lock).unwrap_err();
    assert_eq!(refused.to_string(), "session guarantees cannot be judged by `acquire`");
}

/// What is sequential keeps every guarantee: its order of writes is the order of versions.
#[test]
fn sequential_histories_keep_every_session_guarantee() {
    let (mut kept, mut broken) = (0, 0);
    for seed in 0..3_000 {
        let history = random::history(Model::Register, seed, 4);
        let check = Sessions::new(&Guarantee::ALL, Model::Register, &history).unwrap();
        let is_sequential = sequential(Model::Register, &history).0 == Verdict::Legal;
        assert!(!is_sequential || check.finding().is_none(), "seed {seed}: {history:?}");
        kept += u32::from(is_sequential && check.verdict() == Verdict::Legal);
        broken += u32::from(check.verdict() == Verdict::Illegal);
    }
    assert!(kept > 200 && broken > 200, "{kept} kept, {broken} broken");
}

#[test]
fn who_holds_a_lock_holds_it_alone() {
    let judge = |text: &str| {
        let check = Exclusion::new(&hand::history(text)).unwrap();
        (check.verdict(), check.held())
    };
    let handed_over = "1 0..1 acquire x -> ok\n1 2..9 release x -> ok\n2 3..4 acquire x -> ok";
    assert_eq!(judge(handed_over), (Verdict::Legal, 2));
    assert_eq!(judge("1 0..1 acquire x -> ok\n2 2..3 acquire y -> ok"), (Verdict::Legal, 2));
    assert_eq!(judge("1 0..1 acquire x -> ok\n1 2..3 acquire x -> ok"), (Verdict::Legal, 2));
    assert_eq!(judge("1 0..1 acquire x -> no\n2 2..3 acquire x -> ok"), (Verdict::Legal, 1));
    let both = "1 0..1 acquire x -> ok\n2 2..3 acquire x -> ok\n1 4..5 release x -> ok";
    assert_eq!(judge(both), (Verdict::Illegal, 2));
    // A long hold is overlapped by the second of two others.
    let long = "1 0..1 acquire x -> ok\n1 2..3 release x -> ok\n2 4..5 acquire x -> ok\n3 6.. \
                acquire x\n1 7..8 acquire x -> ok";
    assert_eq!(judge(long), (Verdict::Illegal, 3));
}

/// An exclusive lock is less than a linearizable one.
#[test]
fn linearizable_locks_exclude() {
    let mut illegal = 0;
    for seed in 0..2_000 {
        let history = random::history(Model::Lock, seed, 4);
        let is_exclusive = Exclusion::new(&history).unwrap().verdict() == Verdict::Legal;
        let strict = linearizable(Model::Lock, &history, STEPS).unwrap();
        assert!(strict != Verdict::Legal || is_exclusive, "seed {seed}: {history:?}");
        illegal += u32::from(!is_exclusive);
    }
    assert!(illegal > 30, "{illegal}");
}

#[test]
fn at_rest_all_see_the_same() {
    let judge = |text: &str| {
        let check = Convergence::new(&hand::history(text));
        (check.verdict(), check.keys_at_rest())
    };
    let write = "1 0..1 write x 1 -> ok\n";
    let with = |rest: &str| judge(&format!("{write}{rest}"));
    assert_eq!(with("1 2..3 read x -> 1\n2 2..3 read x -> 1"), (Verdict::Legal, 1));
    assert_eq!(with("1 2..3 read x -> 1\n2 2..3 read x -> nil"), (Verdict::Illegal, 1));
    // What was read beside the change, or by one alone, proves nothing.
    assert_eq!(with("1 2..3 read x -> 1\n2 0..3 read x -> nil"), (Verdict::Undecided, 0));
    assert_eq!(with("3 2.. write x 2\n1 4..5 read x -> 1\n2 4..5 read x -> 2").1, 0);
}

#[test]
fn every_level_has_its_name_and_its_door() {
    let history = hand::history("1 0..1 write x 1 -> ok\n1 2..3 read x -> nil\n2 4..5 read x -> 1");
    let verdict = |level: Consistency| {
        let mut check = Check::new(level, Model::Register, &history).ok()?;
        Some((check.advance(STEPS), check.finding(STEPS).is_some()))
    };
    for level in Consistency::ALL {
        assert_eq!(Consistency::named(level.name()), Some(level));
        let expected = match level.name() {
            "exclusion" => None,
            "linearizable" | "sequential" | "session" | "read-your-writes" | "convergence" => {
                Some((Verdict::Illegal, true))
            }
            _ => Some((Verdict::Legal, false)),
        };
        assert_eq!(verdict(level), expected, "{}", level.name());
    }
}
