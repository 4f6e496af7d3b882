//! The outcome of a run as JSON: `partitura-outcome/1`. Fields may be added, never renamed.

use std::collections::BTreeMap;

use serde::Serialize;
use sim_engine::{Instant, PromiseResult};

use crate::Report;
use crate::story::Story;
use crate::words::Millis;

/// One run of one system. What is printed is an array of these.
#[derive(Clone, Debug, Serialize)]
pub struct OutcomeJson {
    format: &'static str,
    scenario: String,
    system: String,
    seed: String,
    digest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mutant: Option<String>,
    events: u64,
    messages: Messages,
    simulated_ms: Millis,
    expectation: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unmet: Vec<String>,
    promises: Vec<Promise>,
    milestones: BTreeMap<&'static str, u64>,
    faults: Vec<Fault>,
    operations: Operations,
    measurements: Measured,
    story: Vec<Told>,
    command: String,
    files: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Messages {
    sent: u64,
    delivered: u64,
    dropped: u64,
    in_flight: u64,
}

#[derive(Clone, Debug, Serialize)]
struct Promise {
    name: &'static str,
    status: &'static str,
    exercised: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_ms: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    witness: Option<Vec<u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<Vec<String>>,
}

#[derive(Clone, Debug, Serialize)]
struct Fault {
    kind: &'static str,
    armed: u64,
    acted: u64,
}

#[derive(Clone, Debug, Serialize)]
struct Operations {
    ok: u64,
    failed: u64,
    unknown: u64,
}

#[derive(Clone, Debug, Serialize)]
struct Measured {
    #[serde(rename = "unavailable_ms")]
    unavailable: Millis,
    #[serde(rename = "two_leaders_ms")]
    two_leaders: Millis,
    #[serde(rename = "leaderless_ms")]
    leaderless: Millis,
    forced_writes: u64,
    /// What the protocol's own facts measure.
    #[serde(flatten)]
    spans: BTreeMap<&'static str, Millis>,
}

#[derive(Clone, Debug, Serialize)]
struct Told {
    number: usize,
    at_ms: Millis,
    sentence: String,
}

/// The outcome of a run, ready to be written as JSON.
pub fn outcome_json(report: &Report) -> OutcomeJson {
    let outcome = &report.outcome;
    let counts = outcome.history.counts();
    let measured = &outcome.measurements;
    let story = Story::of(report).steps.into_iter().map(|step| Told {
        number: step.number,
        at_ms: Millis::from(step.at),
        sentence: step.sentence,
    });
    OutcomeJson {
        format: "partitura-outcome/1",
        scenario: report.scenario.clone(),
        system: report.system.clone(),
        seed: outcome.seed.to_string(),
        digest: outcome.digest.to_string(),
        mutant: report.mutant.clone(),
        events: outcome.events,
        messages: Messages {
            sent: outcome.messages.sent,
            delivered: outcome.messages.delivered,
            dropped: outcome.messages.dropped,
            in_flight: outcome.messages.in_flight,
        },
        simulated_ms: Millis::from(Instant::ZERO + outcome.simulated),
        expectation: if report.is_met() { "met" } else { "not-met" },
        unmet: report.unmet.clone(),
        promises: outcome.promises.iter().map(|p| promise(report, p)).collect(),
        milestones: outcome.milestones.clone(),
        faults: outcome
            .faults
            .iter()
            .map(|fault| Fault { kind: fault.kind, armed: fault.armed, acted: fault.acted })
            .collect(),
        operations: Operations { ok: counts.ok, failed: counts.failed, unknown: counts.unknown },
        measurements: Measured {
            unavailable: Millis::from(measured.unavailable),
            two_leaders: Millis::from(measured.two_leaders),
            leaderless: Millis::from(measured.leaderless),
            forced_writes: measured.forced_writes,
            spans: measured.spans.iter().map(|(name, sum)| (*name, Millis::from(*sum))).collect(),
        },
        story: story.collect(),
        command: report.command.clone(),
        files: report.files.clone(),
    }
}

fn promise(report: &Report, result: &PromiseResult) -> Promise {
    let broken = result.broken.as_ref();
    Promise {
        name: result.name,
        status: result.status().word(),
        exercised: result.exercised,
        at_ms: broken.map(|broken| Millis::from(broken.at)),
        why: broken.map(|broken| broken.why.clone()).or_else(|| result.suspended.clone()),
        witness: broken.map(|broken| broken.witness.iter().map(|event| event.0).collect()),
        chain: broken.map(|_| crate::why(&report.trace, result.name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_outcome_has_the_promised_fields() {
        let json = serde_json::to_value(outcome_json(&sample::split_brain())).unwrap();
        assert_eq!(json["format"], "partitura-outcome/1");
        assert_eq!(json["seed"], "42");
        assert_eq!(json["digest"], "5f1c00001234abcd");
        assert_eq!(json["simulated_ms"], 530.0);
        assert_eq!(json["expectation"], "met");
        assert_eq!(json["messages"]["delivered"], 744);
        assert_eq!(json["promises"][0]["status"], "held");
        assert_eq!(json["promises"][3]["status"], "not-exercised");
        assert_eq!(json["operations"]["unknown"], 1);
        assert_eq!(json["measurements"]["two_leaders_ms"], 180.0);
        assert_eq!(json["measurements"]["forced_writes"], 12);
        assert_eq!(json["measurements"]["blocked_ms"], 31.5);
        assert_eq!(json["milestones"]["became-leader"], 2);
        assert_eq!(json["story"][0]["sentence"], "The network splits. n1 can reach only n2.");
    }
}
