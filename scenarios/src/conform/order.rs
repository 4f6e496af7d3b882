//! The order in which one member announces things: is the recorded one among the simulated ones?

use std::collections::BTreeSet;

use super::observed::Observed;

/// How many kinds in a row a piece has.
const PIECE: usize = 5;

/// The kinds that a member announced, by their places in the table, without repetitions.
pub(super) type Order = Vec<u8>;

/// The order of one member from the first fault on.
pub(super) fn order_of(observed: &Observed, member: &str, kinds: &[&str]) -> Order {
    let own = observed.since_fault().filter(|seen| seen.source == member);
    let place = |kind: &str| kinds.iter().position(|other| *other == kind);
    let places = own.filter_map(|seen| u8::try_from(place(seen.kind)?).ok());
    without_repetitions(places.collect())
}

/// Leaves out every stretch that repeats the one just before it: how often an isolated member asks
/// is chance.
fn without_repetitions(mut order: Order) -> Order {
    let mut length = 1;
    while length * 2 <= order.len() {
        let repeated = (0..=order.len() - 2 * length)
            .find(|at| order[*at..at + length] == order[at + length..at + 2 * length]);
        match repeated {
            Some(at) => {
                order.drain(at + length..at + 2 * length);
                length = 1;
            }
            None => length += 1,
        }
    }
    order
}

/// How a recorded order compares with those of all runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Match {
    /// So many runs have the same.
    Whole(usize),
    /// No run has the same from beginning to end, but each piece of it is in some run.
    InPieces,
    /// The first kind that no run has there, and what the nearest runs have.
    Differs { at: usize, instead: Option<u8> },
}

/// Compares a recorded order with the orders of runs; `alike` are those of every member that could
/// stand in for this one.
pub(super) fn compare(recorded: &Order, own: &[Order], alike: &[&Order]) -> Match {
    let same = own.iter().filter(|order| *order == recorded).count();
    if same > 0 {
        return Match::Whole(same);
    }
    let known: BTreeSet<Vec<Option<u8>>> = alike.iter().flat_map(|order| pieces(order)).collect();
    let Some(piece) = pieces(recorded).position(|piece| !known.contains(&piece)) else {
        return Match::InPieces;
    };
    first_difference(recorded, piece, alike)
}

/// Every few kinds in a row, the beginning and the end included.
fn pieces(order: &Order) -> impl Iterator<Item = Vec<Option<u8>>> + use<> {
    let ends = std::iter::once(None);
    let with_ends: Vec<Option<u8>> =
        ends.clone().chain(order.iter().map(|kind| Some(*kind))).chain(ends).collect();
    let length = PIECE.min(with_ends.len());
    let count = with_ends.len() + 1 - length;
    (0..count).map(move |at| with_ends[at..at + length].to_vec())
}

/// Where in the piece that no run has the runs part from it.
fn first_difference(recorded: &Order, piece: usize, alike: &[&Order]) -> Match {
    // A piece begins one place earlier than the order, because of the mark of the beginning.
    let begin = piece.saturating_sub(1);
    let wanted = &recorded[begin..recorded.len().min(begin + PIECE)];
    let common = |order: &[u8]| order.iter().zip(wanted).take_while(|(a, b)| a == b).count();
    let starts = |order: &Order| if piece == 0 { 1 } else { order.len().max(1) };
    let tails = alike.iter().flat_map(|order| (0..starts(order)).map(|at| &order[at..]));
    let nearest = tails.max_by_key(|tail| common(tail));
    let length = nearest.map_or(0, common);
    let instead = nearest.and_then(|tail| tail.get(length)).copied();
    Match::Differs { at: begin + length, instead }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_count_once() {
        assert_eq!(without_repetitions(vec![1, 2, 3, 1, 2, 3, 1, 2, 3, 4, 4]), [1, 2, 3, 4]);
        assert_eq!(without_repetitions(vec![1, 2, 1, 3]), [1, 2, 1, 3]);
        assert_eq!(without_repetitions(vec![]), [0_u8; 0]);
    }

    #[test]
    fn an_order_is_equal_whole_or_in_pieces_or_not_at_all() {
        let long: Order = (0..12).collect();
        let runs = [(0..10).collect(), (3..12).collect::<Order>()];
        let alike: Vec<&Order> = runs.iter().collect();
        assert_eq!(compare(&runs[0], &runs, &alike), Match::Whole(1));
        assert_eq!(compare(&long, &runs, &alike), Match::InPieces);
        let mut wrong = long.clone();
        wrong.swap(5, 6);
        assert_eq!(compare(&wrong, &runs, &alike), Match::Differs { at: 5, instead: Some(5) });
        let short: Order = vec![0, 1, 2];
        assert_eq!(compare(&short, &runs, &alike), Match::Differs { at: 3, instead: Some(3) });
        assert!(matches!(compare(&vec![], &runs, &alike), Match::Differs { at: 0, .. }));
    }
}
