//! What a cast must be like, and the disks it starts with, before a run can begin.

use sim_engine::{Cast, Duration, Misfit, MisfitAt, NodeId, Role, Seat};

use super::{ClientSettings, Durable, RaftRole};

/// What is wrong with the cast or its disks, if anything.
pub(super) fn check(cast: &Cast<RaftRole>, durables: &[Durable]) -> Result<(), Misfit> {
    let is_server = |(_, seat): &(NodeId, &Seat<RaftRole>)| !seat.role.is_client();
    let servers: Vec<&str> =
        cast.iter().filter(is_server).map(|(_, seat)| seat.name.as_str()).collect();
    if !cast.iter().any(|(_, seat)| matches!(seat.role, RaftRole::Server {})) {
        return Err(Misfit::new(MisfitAt::Cast, "no seat has the role `server`"));
    }
    for ((id, seat), durable) in cast.iter().zip(durables) {
        if let RaftRole::Client(settings) = &seat.role {
            check_client(id, settings, &servers)?;
            if *durable != Durable::default() {
                return Err(Misfit::new(MisfitAt::Disk(id), "a client has nothing on its disk"));
            }
        }
        if let Some(vote) = durable.vote
            && !servers.contains(&cast.name(vote))
        {
            let name = cast.name(vote);
            return Err(unknown(MisfitAt::Disk(id), "vote", name, &servers));
        }
    }
    Ok(())
}

fn check_client(id: NodeId, settings: &ClientSettings, servers: &[&str]) -> Result<(), Misfit> {
    let at = MisfitAt::Role(id);
    if let Some(contact) = settings.contact.as_deref()
        && !servers.contains(&contact)
    {
        return Err(unknown(at, "contact", contact, servers));
    }
    let no_time = Some(Duration::ZERO);
    if settings.retry == no_time || settings.give_up == no_time {
        return Err(Misfit::new(at, "retry and give_up must be more than 0"));
    }
    Ok(())
}

fn unknown(at: MisfitAt, field: &str, name: &str, servers: &[&str]) -> Misfit {
    let known = servers.iter().map(|server| (*server).to_owned()).collect();
    let what = format!("{field}: no server is called `{name}`");
    Misfit { at, what, unknown: Some((name.to_owned(), known)) }
}
