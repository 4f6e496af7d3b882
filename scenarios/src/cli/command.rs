//! What to type to see a run again.

use crate::Scenario;

/// The command that runs a scenario, as it is typed in a fresh clone; whoever has installed the
/// binary knows to write `partitura`.
pub(super) fn command(scenario: &Scenario, changes: &[String]) -> String {
    let mut words = vec![format!("cargo run -- --scenario {}", quoted(scenario.asked_for()))];
    words.extend(changes.iter().cloned());
    words.join(" ")
}

/// Changes of a scenario as they are typed.
pub(super) fn changes(system: Option<&str>, sets: &[String], mutant: Option<&str>) -> Vec<String> {
    let system = system.map(|system| format!("--system {}", quoted(system)));
    let sets = sets.iter().map(|set| format!("--set {}", quoted(set)));
    let mutant = mutant.map(|mutant| format!("--mutant {}", quoted(mutant)));
    system.into_iter().chain(sets).chain(mutant).collect()
}

/// A word as a shell takes it.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=@+:,%".contains(c);
    if word.chars().all(is_plain) && !word.is_empty() {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
