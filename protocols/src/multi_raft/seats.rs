//! What a cast must be like, and the disks it starts with, before a run can begin.

use sim_engine::{Cast, Duration, Misfit, MisfitAt, NodeId, Role};

use super::config::MultiRaftConfig;
use super::{ClientSettings, Durable, MultiRaftRole};

/// What is wrong with the cast or its disks, if anything.
pub(super) fn check(
    config: &MultiRaftConfig,
    cast: &Cast<MultiRaftRole>,
    durables: &[Durable],
) -> Result<(), Misfit> {
    let servers: Vec<&str> = cast
        .iter()
        .filter(|(_, seat)| !seat.role.is_client())
        .map(|(_, seat)| seat.name.as_str())
        .collect();
    for group in config.groups() {
        let unknown = |name: &&String| !servers.contains(&name.as_str());
        if let Some(name) = config.replicas(group).iter().find(unknown) {
            let known = servers.iter().map(|server| (*server).to_owned()).collect();
            let what = format!("groups: {group} has a replica at `{name}`, and no server is");
            return Err(Misfit { at: MisfitAt::Cast, what, unknown: Some((name.clone(), known)) });
        }
    }
    for ((id, seat), durable) in cast.iter().zip(durables) {
        if let MultiRaftRole::Client(settings) = &seat.role {
            check_client(id, settings, config)?;
            if *durable != Durable::default() {
                return Err(Misfit::new(MisfitAt::Disk(id), "a client has nothing on its disk"));
            }
        }
        if let Some(group) = durable.groups.keys().find(|g| g.place() >= config.groups.len()) {
            let n = config.groups.len();
            let what = format!("groups: there is no {group}; the settings list {n}");
            return Err(Misfit::new(MisfitAt::Disk(id), what));
        }
    }
    Ok(())
}

fn check_client(
    id: NodeId,
    settings: &ClientSettings,
    config: &MultiRaftConfig,
) -> Result<(), Misfit> {
    let at = MisfitAt::Role(id);
    let no_time = Some(Duration::ZERO);
    if settings.retry == no_time || settings.give_up == no_time {
        return Err(Misfit::new(at, "retry and give_up must be more than 0"));
    }
    if settings.old_map && config.old_map.is_none() {
        return Err(Misfit::new(at, "old_map is true; the settings have no `old_map`"));
    }
    Ok(())
}
