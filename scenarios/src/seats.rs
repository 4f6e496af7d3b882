//! The seats of a scenario, one by one: groups are expanded, names are checked.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::bounds::SEATS_MAX;
use crate::check::plain_name;
use crate::file::{ScenarioFile, SeatsFile};
use crate::path::Path;
use crate::problem::Complaint;

/// One seat before its role is typed.
#[derive(Clone, Debug)]
pub(crate) struct SeatFile<'s> {
    pub(crate) name: String,
    pub(crate) role: &'s Value,
    pub(crate) place: Option<&'s str>,
    pub(crate) is_late: bool,
    pub(crate) durable: Option<&'s Value>,
    /// Where its group stands in the file.
    pub(crate) path: Path,
}

/// Every seat, in the order of ids.
pub(crate) fn seats(file: &ScenarioFile) -> Result<Vec<SeatFile<'_>>, Complaint> {
    let root = Path::root().key("cast");
    let mut seats: Vec<SeatFile<'_>> = Vec::new();
    let mut seen = BTreeSet::new();
    for (place, group) in file.cast.iter().enumerate() {
        let path = root.index(place);
        for (name, at) in names(group, &path)? {
            plain_name(&name, "seat", &at)?;
            if !seen.insert(name.clone()) {
                return Err(Complaint::new(&at, format!("two seats are called `{name}`")));
            }
            seats.push(SeatFile {
                name,
                role: &group.role,
                place: group.place.as_deref(),
                is_late: group.late,
                durable: group.durable.as_ref(),
                path: path.clone(),
            });
        }
    }
    match seats.len() {
        0 => Err(Complaint::new(&root, "nobody takes part")),
        n if n > SEATS_MAX => Err(Complaint::new(
            &root,
            format!("{n} seats are asked for; at most {SEATS_MAX} are allowed"),
        )),
        _ => Ok(seats),
    }
}

/// The names of a group, each with the place it comes from.
fn names(group: &SeatsFile, path: &Path) -> Result<Vec<(String, Path)>, Complaint> {
    if group.prefix.is_some() && group.count.is_none() {
        let what = "`prefix` belongs to `count`, which is missing here";
        return Err(Complaint::new(&path.key("prefix"), what));
    }
    match (&group.name, &group.names, group.count) {
        (Some(name), None, None) => Ok(vec![(name.clone(), path.key("name"))]),
        (None, Some(names), None) => {
            let path = path.key("names");
            Ok(names.iter().enumerate().map(|(n, name)| (name.clone(), path.index(n))).collect())
        }
        (None, None, Some(count)) => {
            let at = path.key("count");
            if count == 0 || usize::try_from(count).is_ok_and(|count| count > SEATS_MAX) {
                let what = format!("{count} seats are asked for; 1 to {SEATS_MAX} are allowed");
                return Err(Complaint::new(&at, what));
            }
            let prefix = group.prefix.as_deref().unwrap_or("n");
            Ok((1..=count).map(|n| (format!("{prefix}{n}"), at.clone())).collect())
        }
        (Some(_), ..) | (None, Some(_), Some(_)) | (None, None, None) => {
            let what = "a group of seats has exactly one of `name`, `names` and `count`";
            Err(Complaint::new(path, what))
        }
    }
}
