//! Whom the words of a step mean when it is taken: for the trace, so that a run can be written down
//! without them.

use std::convert::Infallible;

use super::Simulation;
use crate::{Action, Meant, Node, NodeId, Selector};

impl<N: Node> Simulation<N> {
    /// Whom each word of an action means now, in the order of the action. Seats mean themselves and
    /// are left out.
    pub(super) fn meant(&self, action: &Action<N::Admin>) -> Vec<Meant> {
        let mut all = Vec::new();
        let mut named = Vec::new();
        let mut meet = |selector: &Selector, named: &[NodeId]| {
            let seats = self.find(selector, named);
            if !matches!(selector, Selector::Seat(_)) {
                all.push(Meant { word: selector.to_string(), seats: seats.clone() });
            }
            seats
        };
        match action {
            Action::Fault(fault) => {
                let Ok(_) = fault.resolve(|selector| {
                    let seats = meet(selector, &named);
                    named.extend(&seats);
                    Ok::<_, Infallible>(seats)
                });
            }
            Action::Client { client: whom, .. }
            | Action::Admin { nodes: whom, .. }
            | Action::Fire { nodes: whom, .. }
            | Action::Start { nodes: whom } => drop(meet(whom, &[])),
            Action::Direct(direct) => {
                direct.from.iter().chain(&direct.to).for_each(|whom| drop(meet(whom, &[])));
            }
            Action::Release(release) => {
                release.from.iter().chain(&release.to).for_each(|whom| drop(meet(whom, &[])));
            }
            Action::Look => {}
        }
        all
    }
}
