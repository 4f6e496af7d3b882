//! The rooms of a scenario: names are checked, seats are placed, every room can be reached.

use std::collections::{BTreeMap, BTreeSet};

use sim_engine::faults::RoomLinks;
use sim_engine::{Room, RoomLink, Topology};

use crate::bounds::ROOMS_MAX;
use crate::check::{check_delay, plain_name};
use crate::file::{RoomLinkFile, ScenarioFile, TopologyFile};
use crate::path::Path;
use crate::problem::{Complaint, list};
use crate::seats::SeatFile;

/// The rooms of a file, if it has any.
pub(crate) fn topology(
    file: &ScenarioFile,
    seats: &[SeatFile<'_>],
) -> Result<Option<Topology>, Complaint> {
    let Some(topology) = &file.topology else { return Ok(None) };
    let path = Path::root().key("topology");
    let rooms = rooms(topology, seats, &path)?;
    let links = links(&topology.links, &rooms, &path.key("links"))?;
    let topology = Topology::new(rooms, links);
    if let [first, other, ..] = topology.islands().as_slice() {
        let name = |island: &[u16]| &topology.rooms()[usize::from(island[0])].name;
        let what = format!("there is no way from `{}` to `{}`", name(first), name(other));
        let hint = "every room must be reached over `links`; cut them in a step".to_owned();
        return Err(Complaint::new(&path, what).hint(hint));
    }
    check_places(seats, &topology)?;
    Ok(Some(topology))
}

fn rooms(file: &TopologyFile, seats: &[SeatFile<'_>], path: &Path) -> Result<Vec<Room>, Complaint> {
    let mut taken: BTreeMap<&str, &str> =
        seats.iter().map(|seat| (seat.name.as_str(), "seat")).collect();
    let mut take = |name, thing, path: &Path| {
        plain_name(name, thing, path)?;
        match taken.insert(name, thing) {
            None => Ok(()),
            Some(other) => {
                let what = format!("a {other} is called `{name}` already");
                Err(Complaint::new(path, what))
            }
        }
    };
    let mut rooms = Vec::new();
    for (place, centre) in file.data_centres.iter().enumerate() {
        let path = path.key("data_centres").index(place);
        take(&centre.name, "data centre", &path.key("name"))?;
        if centre.rooms.is_empty() {
            return Err(Complaint::new(&path.key("rooms"), "this data centre has no room"));
        }
        for (place, name) in centre.rooms.iter().enumerate() {
            take(name, "room", &path.key("rooms").index(place))?;
            let data_centre = Some(centre.name.clone());
            rooms.push(Room { name: name.clone(), data_centre });
        }
    }
    for (place, name) in file.rooms.iter().enumerate() {
        take(name, "room", &path.key("rooms").index(place))?;
        rooms.push(Room { name: name.clone(), data_centre: None });
    }
    match rooms.len() {
        0 => Err(Complaint::new(path, "a topology needs at least one room")),
        n if n > ROOMS_MAX => {
            let what = format!("{n} rooms are asked for; at most {ROOMS_MAX} are allowed");
            Err(Complaint::new(path, what))
        }
        _ => Ok(rooms),
    }
}

fn links(files: &[RoomLinkFile], rooms: &[Room], path: &Path) -> Result<Vec<RoomLink>, Complaint> {
    let mut joined = BTreeSet::new();
    let mut links = Vec::new();
    for (place, file) in files.iter().enumerate() {
        let path = path.index(place);
        let (a, b) = ends(&file.between, rooms, &path.key("between"))?;
        check_delay(&file.delay, &path.key("delay"))?;
        if !joined.insert((a.min(b), a.max(b))) {
            let [a, b] = &file.between;
            let what = format!("`{a}` and `{b}` are linked already");
            return Err(Complaint::new(&path.key("between"), what));
        }
        links.push(RoomLink { between: (a, b), delay: file.delay });
    }
    Ok(links)
}

/// Two different rooms, by their places in the list.
fn ends(names: &[String; 2], rooms: &[Room], path: &Path) -> Result<(u16, u16), Complaint> {
    let find = |end: usize| {
        let name = names[end].as_str();
        let found = (0_u16..).zip(rooms).find(|(_, room)| room.name == name);
        found.map(|(place, _)| place).ok_or_else(|| unknown_room(name, rooms, &path.index(end)))
    };
    let (a, b) = (find(0)?, find(1)?);
    if a == b {
        let what = format!("`{}` needs no link to itself", names[0]);
        return Err(Complaint::new(path, what)
            .hint("how long messages take within a room is `network.delay`".to_owned()));
    }
    Ok((a, b))
}

fn unknown_room(name: &str, rooms: &[Room], path: &Path) -> Complaint {
    let inside = |room: &&Room| room.data_centre.as_deref() == Some(name);
    let inside: Vec<&str> = rooms.iter().filter(inside).map(|room| room.name.as_str()).collect();
    if inside.is_empty() {
        return Complaint::unknown(path, "room", name, rooms.iter().map(|r| r.name.as_str()));
    }
    let what = format!("`{name}` is a data centre; only rooms will do here");
    Complaint::new(path, what).hint(list(&inside))
}

/// Where there are rooms, everybody stands in one.
fn check_places(seats: &[SeatFile<'_>], topology: &Topology) -> Result<(), Complaint> {
    for seat in seats {
        let Some(place) = seat.place else {
            let what = format!("`{}` stands in no room", seat.name);
            let rooms: Vec<&str> = topology.rooms().iter().map(|r| r.name.as_str()).collect();
            let hint = list(&rooms).map(|rooms| format!("give it a `place`; {rooms}"));
            return Err(Complaint::new(&seat.path, what).hint(hint));
        };
        if topology.find(place).is_none() {
            return Err(unknown_room(place, topology.rooms(), &seat.path.key("place")));
        }
    }
    Ok(())
}

/// Links between rooms that are there to be cut.
pub(crate) fn check_links(
    links: &RoomLinks,
    topology: &Topology,
    path: &Path,
) -> Result<(), Complaint> {
    let rooms = || topology.rooms().iter().map(|room| room.name.as_str());
    match links {
        RoomLinks::Around(place) => {
            let centres = topology.rooms().iter().filter_map(|r| r.data_centre.as_deref());
            let places: BTreeSet<&str> = rooms().chain(centres).collect();
            if !places.contains(place.as_str()) {
                return Err(Complaint::unknown(path, "room or data centre", place, places));
            }
            if topology.links_around(place).is_empty() {
                let what = format!("no link leaves `{place}`");
                return Err(Complaint::new(path, what));
            }
        }
        RoomLinks::Between(a, b) => {
            for (end, name) in [a, b].into_iter().enumerate() {
                if topology.find(name).is_none() {
                    return Err(Complaint::unknown(&path.index(end), "room", name, rooms()));
                }
            }
            if topology.link_between(a, b).is_none() {
                let what = format!("no link joins `{a}` and `{b}`");
                return Err(Complaint::new(path, what));
            }
        }
    }
    Ok(())
}
