//! Faults in words: how each begins and how it ends, the same in the story and in a why.

use sim_engine::{Cast, FaultView, NodeId, NodePart};

use crate::words;

/// The words of a fault, ready to begin a sentence or to stand in one: a name keeps its letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words {
    /// The words, without a capital and without a full stop.
    pub(crate) text: String,
    starts_with_name: bool,
}

impl Words {
    fn of(text: String) -> Self {
        Self { text, starts_with_name: false }
    }

    fn named(text: String) -> Self {
        Self { text, starts_with_name: true }
    }

    /// As a sentence.
    pub(crate) fn sentence(&self) -> String {
        let text =
            if self.starts_with_name { self.text.clone() } else { words::capital(&self.text) };
        format!("{text}.")
    }
}

/// How a fault begins. `lasted` is how long a pause will last, in nanoseconds, where that is known.
pub(crate) fn began(view: &FaultView, cast: &Cast<()>, lasted: Option<u64>) -> Words {
    match view {
        FaultView::Partition { groups } => splits(groups, cast),
        FaultView::Cut { from, to, both } => {
            let way = words::way(cast, from.as_deref(), to.as_deref(), *both);
            Words::of(format!("messages {way} are lost from now on"))
        }
        FaultView::Network { words } => {
            Words::of(format!("the network gets worse: {}", words::rounded(words)))
        }
        FaultView::Node { node, part, words } => {
            ill(&words::name(cast, *node), *part, words, lasted)
        }
    }
}

/// How a fault ends.
pub(crate) fn ended(view: &FaultView, cast: &Cast<()>) -> Words {
    match view {
        FaultView::Partition { .. } => Words::of("the partition heals".to_owned()),
        FaultView::Cut { from, to, both } => {
            let way = words::way(cast, from.as_deref(), to.as_deref(), *both);
            Words::of(format!("messages {way} arrive again"))
        }
        FaultView::Network { words } => {
            Words::of(format!("the network is as usual again: no more {}", words::rounded(words)))
        }
        FaultView::Node { node, part, .. } => {
            let name = words::name(cast, *node);
            match part {
                NodePart::Pause => Words::named(format!("{name} runs again")),
                NodePart::Clock => Words::of(format!("the clock of {name} is right again")),
                NodePart::Disk => Words::of(format!("the disk of {name} is sound again")),
                NodePart::Processor => {
                    Words::of(format!("the processor of {name} is as fast as before"))
                }
            }
        }
    }
}

fn splits(groups: &[Vec<NodeId>], cast: &Cast<()>) -> Words {
    let list = |group: &Vec<NodeId>| words::and_list(&words::names(cast, group));
    let [a, b] = groups else {
        let parts: Vec<String> = groups.iter().map(list).collect();
        let n = words::number(groups.len());
        return Words::of(format!("the network falls into {n} parts: {}", parts.join("; ")));
    };
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if few.len() + many.len() == cast.len() && few.len() <= 2 {
        let is = if few.len() == 1 { "is" } else { "are" };
        return Words::named(format!("{} {is} cut off from everybody else", list(few)));
    }
    Words::of(format!("the network splits: {} on one side, {} on the other", list(a), list(b)))
}

fn ill(name: &str, part: NodePart, said: &str, lasted: Option<u64>) -> Words {
    let said = words::rounded(said);
    match part {
        NodePart::Pause => {
            let length =
                lasted.map_or_else(String::new, |n| format!(" for {}", words::short_ms(n)));
            Words::named(format!("{name} is paused{length}: it keeps its memory and does nothing"))
        }
        NodePart::Clock => {
            let how = said.trim_start_matches("clock ");
            Words::of(format!("the clock of {name} is wrong: {how}"))
        }
        NodePart::Disk => Words::of(format!("the disk of {name} is in trouble: {said}")),
        NodePart::Processor => {
            let how = said.trim_start_matches("slow CPU, ");
            Words::of(format!("the processor of {name} is slow: {how}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim_engine::Seat;

    fn cast(names: &[&str]) -> Cast<()> {
        let seat = |name: &&str| Seat {
            name: (*name).to_owned(),
            kind: "server".to_owned(),
            role: (),
            place: None,
            is_client: false,
        };
        Cast::new(names.iter().map(seat).collect())
    }

    #[test]
    fn every_fault_begins_and_ends_in_a_sentence() {
        let cast = cast(&["n1", "n2", "n3", "n4", "n5"]);
        let node = NodeId::new;
        let pause =
            |words: &str, part| FaultView::Node { node: node(0), part, words: words.to_owned() };
        let cut = FaultView::Cut { from: None, to: Some(vec![node(0)]), both: false };
        let split = |groups: &[&[u16]]| FaultView::Partition {
            groups: groups.iter().map(|g| g.iter().map(|n| node(*n)).collect()).collect(),
        };
        for (view, begin, end) in [
            (
                pause("paused", NodePart::Pause),
                "n1 is paused for 60 ms: it keeps its memory and does nothing.",
                "n1 runs again.",
            ),
            (
                pause("clock 5 ms ahead", NodePart::Clock),
                "The clock of n1 is wrong: 5 ms ahead.",
                "The clock of n1 is right again.",
            ),
            (
                cut,
                "Messages from everybody to n1 are lost from now on.",
                "Messages from everybody to n1 arrive again.",
            ),
            (
                split(&[&[0], &[1, 2, 3, 4]]),
                "n1 is cut off from everybody else.",
                "The partition heals.",
            ),
            (
                split(&[&[0, 1], &[2, 3]]),
                "The network splits: n1 and n2 on one side, n3 and n4 on the other.",
                "The partition heals.",
            ),
            (
                split(&[&[0, 1], &[2, 3], &[4]]),
                "The network falls into three parts: n1 and n2; n3 and n4; n5.",
                "The partition heals.",
            ),
        ] {
            assert_eq!(began(&view, &cast, Some(60_000_000)).sentence(), begin);
            assert_eq!(ended(&view, &cast).sentence(), end);
        }
    }
}
