//! Who is cut off from whom: partitions, and cuts that part all nodes.

use sim_engine::{FaultView, NodeId};

use crate::scene::Scene;
use crate::words;

/// The sides of a parted network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sides {
    pub(crate) groups: Vec<Vec<NodeId>>,
    /// True if only the first side is not heard by the second.
    pub(crate) is_one_way: bool,
}

/// The sides of a partition, or of a cut that leaves no node out; nothing for other faults.
pub(crate) fn sides(scene: &Scene<'_>, view: &FaultView) -> Option<Sides> {
    match view {
        FaultView::Partition { groups } => {
            Some(Sides { groups: groups.clone(), is_one_way: false })
        }
        FaultView::Cut { from, to, both } => {
            let nodes: Vec<NodeId> =
                scene.trace.cast.ids().filter(|id| !scene.is_client(*id)).collect();
            let others = |side: &Option<Vec<NodeId>>| -> Vec<NodeId> {
                let side = side.as_deref().unwrap_or(&[]);
                nodes.iter().copied().filter(|node| !side.contains(node)).collect()
            };
            let from_side = from.clone().unwrap_or_else(|| others(to));
            let to_side = to.clone().unwrap_or_else(|| others(from));
            let is_apart = !from_side.iter().any(|node| to_side.contains(node));
            let is_whole =
                nodes.iter().all(|node| from_side.contains(node) || to_side.contains(node));
            let is_parted = is_apart && is_whole && !from_side.is_empty() && !to_side.is_empty();
            is_parted.then(|| Sides { groups: vec![from_side, to_side], is_one_way: !both })
        }
        FaultView::Network { .. } | FaultView::Node { .. } => None,
    }
}

/// `{n1, n2} | {n3, n4, n5}`: nodes only, unless a group has none. One way: `n1 ▷ n2, n3`.
pub(super) fn named(scene: &Scene<'_>, sides: &Sides) -> String {
    let cast = &scene.trace.cast;
    let mut named: Vec<String> = Vec::new();
    for group in &sides.groups {
        let nodes: Vec<_> = group.iter().copied().filter(|id| !scene.is_client(*id)).collect();
        let mut shown = if nodes.is_empty() { group.clone() } else { nodes };
        shown.sort_unstable();
        named.push(format!("{{{}}}", words::ranges(&words::names(cast, &shown)).join(", ")));
    }
    let rest: Vec<_> = cast
        .ids()
        .filter(|id| !scene.is_client(*id) && !sides.groups.iter().any(|g| g.contains(id)))
        .collect();
    if !rest.is_empty() {
        named.push(format!("{{{}}}", words::ranges(&words::names(cast, &rest)).join(", ")));
    }
    if sides.is_one_way { named.join(" not heard by ") } else { named.join(" | ") }
}
