//! What was seen, of the real system or of a run: the same shape for both.

use sim_engine::{NodeId, OperationRecord, Outcome, Recorded, Trace, What as Happened};

use super::answers::{self, Came, taken_at, words_of};
use super::clients::Client;
use super::driver::Asker;
use super::micros::Micros;
use super::recording::Recording;
use super::stage::{Play, Stage};

/// Something that a member announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) at: Micros,
    pub(super) source: String,
    pub(super) kind: &'static str,
    pub(super) details: String,
}

impl Seen {
    /// The detail of this name: of `to=m1,m2 term=3` the `term` is `3`.
    pub(super) fn detail(&self, name: &str) -> Option<&str> {
        let pairs = self.details.split(' ').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The epoch it speaks of.
    pub(super) fn epoch(&self, table: &Recorded) -> Option<i64> {
        self.detail(table.epoch)?.parse().ok()
    }

    /// True if the detail of this name is, or lists, a node.
    pub(super) fn names(&self, name: &str, node: &str) -> bool {
        self.detail(name).is_some_and(|list| list.split(',').any(|one| one == node))
    }
}

/// Everything that is compared.
#[derive(Clone, Debug, Default)]
pub(super) struct Observed {
    /// In the order of time.
    pub(super) events: Vec<Seen>,
    /// The times of what the driver did, as far as it came to that.
    pub(super) deeds: Vec<Micros>,
    pub(super) first_write: Option<Micros>,
    /// What single questions to one member came to, by their words.
    pub(super) answers: Vec<(&'static str, Came)>,
    /// The longest time between two writes of a continuous writer that succeeded.
    pub(super) gap: Option<Micros>,
    /// How many of its writes did not succeed.
    pub(super) failed: Option<i64>,
}

impl Observed {
    /// From the first fault on.
    pub(super) fn since_fault(&self) -> impl Iterator<Item = &Seen> {
        self.events.iter().filter(|seen| seen.at >= Micros::ZERO)
    }

    /// The epoch in which the first fault found the system.
    pub(super) fn base(&self, table: &Recorded) -> Option<i64> {
        let before = self.events.iter().filter(|seen| seen.at < Micros::ZERO);
        let led = before.filter(|seen| seen.kind == table.leads);
        let led = led.filter_map(|seen| seen.epoch(table)).max();
        led.or_else(|| self.since_fault().filter_map(|seen| seen.epoch(table)).min())
    }

    /// What the recording says.
    pub(super) fn recorded(recording: &Recording, stage: &Stage<'_>) -> Self {
        let file = &recording.file;
        let events = file.events.iter().filter_map(|event| {
            let kind = recording.table.kinds.iter().find(|kind| **kind == event.event)?;
            let (source, details) = (event.source.clone(), event.details.clone());
            Some(Seen { at: event.at, source, kind, details })
        });
        let number = |names: &[&str]| {
            let value = names.iter().find_map(|name| file.observations.get(*name))?;
            value.to_string().parse::<Micros>().ok()
        };
        let has_writer = stage.driver.askers.iter().any(Asker::writes_on);
        Self {
            events: events.collect(),
            deeds: stage.driver.deeds.iter().map(|deed| deed.at).collect(),
            first_write: stage.driver.probe.as_ref().map(|probe| probe.done),
            answers: answers::recorded(recording, &stage.driver),
            gap: number(&["max_write_gap_ms"]).filter(|_| has_writer),
            failed: number(&["failed_puts", "put_failures"])
                .filter(|_| has_writer)
                .map(|failed| failed.over(Micros::millis(1))),
        }
    }

    /// What a run came to.
    pub(super) fn simulated(
        stage: &Stage<'_>,
        play: &Play,
        written: Option<Micros>,
        (outcome, trace): (&Outcome, &Trace),
    ) -> Self {
        let table = stage.recording.table;
        let since = |at| Micros::of(at) - play.zero;
        let events = trace.events.iter().filter_map(|event| {
            let (Some(node), Happened::Fact(fact)) = (event.node, &event.what) else { return None };
            let kind = table.kinds.iter().find(|kind| **kind == fact.name)?;
            let source = trace.cast.name(node).to_owned();
            let details = fact.details_text(&trace.cast);
            Some(Seen { at: since(event.at), source, kind, details })
        });
        let mut observed = Self {
            events: events.collect(),
            deeds: play.deeds.clone(),
            first_write: written,
            ..Self::default()
        };
        let all = &outcome.history.operations;
        for (seat, client) in stage.seats() {
            let Client::Asker(asker) = client else { continue };
            let own: Vec<_> = all.iter().filter(|record| record.client == seat).collect();
            observed.note(asker, &own, all, &since);
        }
        observed
    }

    /// What one client came to.
    fn note(
        &mut self,
        asker: &Asker,
        own: &[&OperationRecord],
        all: &[OperationRecord],
        since: &dyn Fn(sim_engine::Instant) -> Micros,
    ) {
        if asker.writes_on() {
            let times = own.iter().filter_map(|record| taken_at(record)).map(since);
            let times: Vec<_> = std::iter::once(asker.from).chain(times).collect();
            let gaps = times.windows(2).map(|pair| pair[1] - pair[0]);
            self.gap = gaps.max();
            let failed =
                own.iter().filter(|record| record.ended.is_some() && taken_at(record).is_none());
            self.failed = i64::try_from(failed.count()).ok();
        } else if asker.from >= Micros::ZERO {
            let came = answers::simulated(own, all);
            self.answers.extend(words_of(asker.asks).map(|words| (words, came)));
        }
    }
}

/// When the probe's first write succeeded, from the first fault.
pub(super) fn first_write(stage: &Stage<'_>, play: &Play, outcome: &Outcome) -> Option<Micros> {
    let seats = stage.seats().into_iter();
    let probes = seats.filter(|(_, client)| matches!(client, Client::Probe { .. }));
    let probes: Vec<NodeId> = probes.map(|(seat, _)| seat).collect();
    let own = outcome.history.operations.iter().filter(|record| probes.contains(&record.client));
    own.filter_map(|record| Some(Micros::of(taken_at(record)?) - play.zero)).min()
}
