//! A cast of Raft for tests.

use protocols::raft::{ClientSettings, RaftRole};
use sim_engine::{Cast, Seat};

/// A cast of `servers` servers n1, n2 ..., `spares` more that belong to no cluster yet, and
/// `clients` clients c1, c2 ...
pub(crate) fn cast(servers: u16, spares: u16, clients: u16) -> Cast<RaftRole> {
    let server = |n| ("n", n, if n <= servers { RaftRole::Server {} } else { RaftRole::Spare {} });
    let client = |n| ("c", n, RaftRole::Client(ClientSettings::default()));
    let seats = (1..=servers + spares).map(server).chain((1..=clients).map(client));
    Cast::new(
        seats
            .map(|(prefix, n, role)| Seat {
                name: format!("{prefix}{n}"),
                kind: sim_engine::Role::kind(&role).to_owned(),
                is_client: sim_engine::Role::is_client(&role),
                role,
                place: None,
            })
            .collect(),
    )
}
