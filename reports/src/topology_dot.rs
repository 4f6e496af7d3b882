//! Who stands where, as a graph for Graphviz: rooms in their data centres, with the links between.

use std::collections::BTreeMap;
use std::fmt::Write;

use sim_engine::{Room, Topology};

use crate::Report;
use crate::causes_dot::escaped;

const HEAD: &str = "graph topology {
  rankdir=LR;
  fontname=\"Helvetica\"; fontsize=11;
  node [shape=box, style=rounded, fontname=\"Helvetica\", margin=\"0.2,0.1\"];
  edge [fontname=\"Helvetica\", fontsize=11];
";

/// The rooms of a run with their seats, in the language of `dot`. Without a topology, the groups of
/// seats that have a place in common.
pub fn topology_dot(report: &Report) -> String {
    let mut out = String::from(HEAD);
    let words = report.subtitle.iter().map(|words| escaped(words));
    let words: Vec<String> = std::iter::once(escaped(&report.scenario)).chain(words).collect();
    let title = words.join("\\n");
    line(&mut out, 1, &format!("label=\"{title}\";"));
    let seats = seats(report);
    match &report.topology {
        Some(topology) => draw(&mut out, topology, &seats),
        None => {
            for (number, (place, names)) in seats.iter().enumerate() {
                line(&mut out, 1, &format!("r{number} [label=\"{}\"];", label(place, names)));
            }
        }
    }
    out.push_str("}\n");
    out
}

/// The names of the seats in each place; those without a place under an empty name.
fn seats(report: &Report) -> BTreeMap<&str, Vec<&str>> {
    let mut seats: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (_, seat) in report.trace.cast.iter() {
        seats.entry(seat.place.as_deref().unwrap_or_default()).or_default().push(&seat.name);
    }
    seats
}

fn draw(out: &mut String, topology: &Topology, seats: &BTreeMap<&str, Vec<&str>>) {
    let mut centres: Vec<Option<&str>> = Vec::new();
    for room in topology.rooms() {
        if !centres.contains(&room.data_centre.as_deref()) {
            centres.push(room.data_centre.as_deref());
        }
    }
    for (number, centre) in centres.iter().enumerate() {
        let depth = if let Some(name) = centre {
            line(out, 1, &format!("subgraph cluster_{number} {{"));
            line(out, 2, &format!("label=\"{}\";", escaped(name)));
            2
        } else {
            1
        };
        let inside = |room: &&Room| room.data_centre.as_deref() == *centre;
        for room in topology.rooms().iter().filter(inside) {
            let names = seats.get(room.name.as_str()).map_or(&[][..], Vec::as_slice);
            let id = topology.find(&room.name).unwrap_or_default();
            line(out, depth, &format!("r{id} [label=\"{}\"];", label(&room.name, names)));
        }
        if centre.is_some() {
            line(out, 1, "}");
        }
    }
    for link in topology.links() {
        let (a, b) = link.between;
        let delay = escaped(&link.delay.words());
        line(out, 1, &format!("r{a} -- r{b} [label=\"{delay}\"];"));
    }
}

/// The name of a place over the names of its seats, six in a line.
fn label(place: &str, names: &[&str]) -> String {
    let mut label = escaped(place);
    for row in names.chunks(6) {
        label.push_str(if label.is_empty() { "" } else { "\\n" });
        label.push_str(&escaped(&row.join(" ")));
    }
    label
}

fn line(out: &mut String, depth: usize, text: &str) {
    let _infallible = writeln!(out, "{}{text}", "  ".repeat(depth));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use sim_engine::{Cast, Delay, Duration, RoomLink};

    #[test]
    fn rooms_stand_in_their_data_centres_with_their_seats_and_links() {
        let mut report = sample::split_brain();
        let place = |n: usize| if n == 0 { "west-1" } else { "east-1" };
        let seats = report.trace.cast.iter().enumerate().map(|(n, (_, seat))| sim_engine::Seat {
            place: Some(place(n).to_owned()),
            ..seat.clone()
        });
        report.trace.cast = Cast::new(seats.collect());
        let room = |name: &str, centre: Option<&str>| Room {
            name: name.to_owned(),
            data_centre: centre.map(str::to_owned),
        };
        let rooms = vec![room("east-1", Some("ea\"st")), room("west-1", None), room("spare", None)];
        let delay = Delay::Uniform { min: Duration::millis(20), max: Duration::millis(30) };
        let link = |a, b| RoomLink { between: (a, b), delay };
        report.topology = Some(Topology::new(rooms, vec![link(0, 1), link(2, 1)]));
        let dot = topology_dot(&report);
        let body: Vec<&str> = dot.lines().skip(6).map(str::trim).collect();
        let expected = [
            "subgraph cluster_0 {",
            "label=\"ea\\\"st\";",
            "r0 [label=\"east-1\\nn2 n3 n4 n5 c1 c2\"];",
            "}",
            "r1 [label=\"west-1\\nn1\"];",
            "r2 [label=\"spare\"];",
            "r0 -- r1 [label=\"20–30 ms\"];",
            "r2 -- r1 [label=\"20–30 ms\"];",
            "}",
        ];
        assert_eq!(body, expected, "{dot}");
    }

    #[test]
    fn without_a_topology_places_are_told_apart() {
        let dot = topology_dot(&sample::split_brain());
        assert_eq!(dot.matches("[label=\"").count(), 1, "{dot}");
        assert!(!dot.contains("--"), "{dot}");
    }
}
