//! The faults of some links that a step asks for, with every name in them checked.

use sim_engine::faults::{
    Bandwidth, Calm, Corruption, CorruptionMode, Cut, Mend, Reordering, RoomLinks,
};
use sim_engine::{Fault, Selector};

use super::looking::Looking;
use super::steps::Found;
use crate::check::check_delay;
use crate::file::{
    BandwidthFile, CalmFile, CalmOfFile, CorruptFile, CutFile, DamageFile, HealFile, ReorderFile,
    Who,
};
use crate::path::Path;
use crate::problem::Complaint;
use crate::topology::check_links;

/// Senders and receivers; everybody where absent.
type Ends = (Option<Vec<Selector>>, Option<Vec<Selector>>);

impl Looking<'_> {
    pub(super) fn ends(&self, from: Option<&Who>, to: Option<&Who>, path: &Path) -> Found<Ends> {
        let from = self.maybe_several(from, &path.key("from"))?;
        Ok((from, self.maybe_several(to, &path.key("to"))?))
    }

    pub(super) fn heal(&self, heal: &HealFile, path: &Path) -> Found<Fault<Selector>> {
        let both = heal.both;
        let rooms = (heal.place.as_ref(), heal.between.as_ref());
        let has_ends = heal.from.is_some() || heal.to.is_some() || both;
        if let Some(links) = self.room_links(rooms, has_ends, path)? {
            return Ok(Fault::MendRooms(links));
        }
        match self.ends(heal.from.as_ref(), heal.to.as_ref(), path)? {
            (None, None) if both => {
                let what = "without `from` and `to` everything is healed, both ways";
                Err(Complaint::new(&path.key("both"), what))
            }
            (None, None) => Ok(Fault::Heal),
            (from, to) => Ok(Fault::Mend(Mend { from, to, both })),
        }
    }

    pub(super) fn cut(&self, cut: &CutFile, path: &Path) -> Found<Fault<Selector>> {
        let rooms = (cut.place.as_ref(), cut.between.as_ref());
        let has_ends = cut.from.is_some() || cut.to.is_some() || cut.both;
        if let Some(links) = self.room_links(rooms, has_ends, path)? {
            return Ok(Fault::CutRooms(links));
        }
        let (from, to) = self.ends(cut.from.as_ref(), cut.to.as_ref(), path)?;
        if from.is_none() && to.is_none() {
            let what = "a cut needs `from`, `to` or both, or a `place`, or two rooms `between`";
            return Err(Complaint::new(path, what));
        }
        Ok(Fault::Cut(Cut { from, to, both: cut.both }))
    }

    /// Links between rooms, if a step is about any. They are there, and nothing else is named.
    fn room_links(
        &self,
        (place, between): (Option<&String>, Option<&[String; 2]>),
        has_ends: bool,
        path: &Path,
    ) -> Found<Option<RoomLinks>> {
        let (links, path) = match (place, between) {
            (None, None) => return Ok(None),
            (Some(place), None) if !has_ends => {
                (RoomLinks::Around(place.clone()), path.key("place"))
            }
            (None, Some([a, b])) if !has_ends => {
                (RoomLinks::Between(a.clone(), b.clone()), path.key("between"))
            }
            (Some(_), _) | (_, Some(_)) => {
                let what = "this names seats, or a `place`, or two rooms `between`: one of them";
                return Err(Complaint::new(path, what));
            }
        };
        let Some(topology) = self.names.topology else {
            let what = "this scenario has no `topology`, so there are no links between rooms";
            return Err(Complaint::new(&path, what));
        };
        check_links(&links, topology, &path)?;
        Ok(Some(links))
    }

    pub(super) fn reorder(&self, links: &ReorderFile, path: &Path) -> Found<Fault<Selector>> {
        let (from, to) = self.ends(links.from.as_ref(), links.to.as_ref(), path)?;
        check_delay(&links.by, &path.key("by"))?;
        Ok(Fault::Reorder(Reordering { from, to, per_million: links.rate.0, by: links.by }))
    }

    pub(super) fn corrupt(&self, links: &CorruptFile, path: &Path) -> Found<Fault<Selector>> {
        let (from, to) = self.ends(links.from.as_ref(), links.to.as_ref(), path)?;
        let mode = match links.mode {
            DamageFile::Checksum => CorruptionMode::Checksum,
            DamageFile::Mutate => CorruptionMode::Mutate,
        };
        Ok(Fault::Corrupt(Corruption { from, to, per_million: links.rate.0, mode }))
    }

    pub(super) fn bandwidth(&self, links: &BandwidthFile, path: &Path) -> Found<Fault<Selector>> {
        let (from, to) = self.ends(links.from.as_ref(), links.to.as_ref(), path)?;
        if links.bytes_per_second == 0 {
            let what = "a link that carries nothing is a cut link: use `cut`";
            return Err(Complaint::new(&path.key("bytes_per_second"), what));
        }
        let (bytes_per_second, queue_bytes) = (links.bytes_per_second, links.queue_bytes);
        Ok(Fault::Bandwidth(Bandwidth { from, to, bytes_per_second, queue_bytes }))
    }
}

/// Which changes of links come to their end.
pub(super) const fn calm(calm: CalmFile) -> Calm {
    match calm.of {
        None => Calm::Everything,
        Some(CalmOfFile::Delay) => Calm::Delay,
        Some(CalmOfFile::Loss) => Calm::Loss,
        Some(CalmOfFile::Duplicate) => Calm::Duplication,
        Some(CalmOfFile::Reorder) => Calm::Reordering,
        Some(CalmOfFile::Corrupt) => Calm::Corruption,
        Some(CalmOfFile::Bandwidth) => Calm::Bandwidth,
    }
}
