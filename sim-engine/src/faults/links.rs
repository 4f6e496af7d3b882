//! Faults of links: longer delays, loss, copies.
//!
//! Messages in flight keep the fate they had when they were sent.

use super::{Fault, all};
use crate::Delay;

/// Changes how long messages from some seats to others travel.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Delaying<S> {
    /// The senders; everybody if absent.
    pub from: Option<Vec<S>>,
    /// The receivers; everybody if absent.
    pub to: Option<Vec<S>>,
    /// The new delay.
    pub delay: Delay,
}

/// Loses messages from some seats to others at random.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Loss<S> {
    /// The senders; everybody if absent.
    pub from: Option<Vec<S>>,
    /// The receivers; everybody if absent.
    pub to: Option<Vec<S>>,
    /// How many in a million.
    pub per_million: u32,
}

/// Delivers messages from some seats to others twice at random, each copy with a delay of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Duplication<S> {
    /// The senders; everybody if absent.
    pub from: Option<Vec<S>>,
    /// The receivers; everybody if absent.
    pub to: Option<Vec<S>>,
    /// How many in a million.
    pub per_million: u32,
}

/// Which changes of links come to their end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Calm {
    /// All of them.
    Everything,
    /// Delays: loss and copies go on.
    Delay,
    /// Loss: delays and copies go on.
    Loss,
    /// Copies: delays and loss go on.
    Duplication,
}

impl Calm {
    /// True if it ends `fault`.
    pub(crate) fn ends<S>(self, fault: &Fault<S>) -> bool {
        match fault {
            Fault::Delay(_) => matches!(self, Self::Everything | Self::Delay),
            Fault::Loss(_) => matches!(self, Self::Everything | Self::Loss),
            Fault::Duplicate(_) => matches!(self, Self::Everything | Self::Duplication),
            Fault::Partition(_)
            | Fault::Heal
            | Fault::Crash(_)
            | Fault::Restart(_)
            | Fault::Calm(_) => false,
        }
    }
}

type Ends<T> = (Option<Vec<T>>, Option<Vec<T>>);

fn ends<S, T, E>(
    from: Option<&[S]>,
    to: Option<&[S]>,
    find: &mut impl FnMut(&S) -> Result<Vec<T>, E>,
) -> Result<Ends<T>, E> {
    let from = from.map(|seats| all(seats, find)).transpose()?;
    let to = to.map(|seats| all(seats, find)).transpose()?;
    Ok((from, to))
}

impl<S> Delaying<S> {
    pub(super) fn resolve<T, E>(
        &self,
        find: &mut impl FnMut(&S) -> Result<Vec<T>, E>,
    ) -> Result<Delaying<T>, E> {
        let (from, to) = ends(self.from.as_deref(), self.to.as_deref(), find)?;
        Ok(Delaying { from, to, delay: self.delay })
    }

    pub(super) fn words(&self) -> String {
        format!("delay {}", self.delay.words())
    }
}

impl<S> Loss<S> {
    pub(super) fn resolve<T, E>(
        &self,
        find: &mut impl FnMut(&S) -> Result<Vec<T>, E>,
    ) -> Result<Loss<T>, E> {
        let (from, to) = ends(self.from.as_deref(), self.to.as_deref(), find)?;
        Ok(Loss { from, to, per_million: self.per_million })
    }

    pub(super) fn words(&self) -> String {
        format!("{} loss", percent(self.per_million))
    }
}

impl<S> Duplication<S> {
    pub(super) fn resolve<T, E>(
        &self,
        find: &mut impl FnMut(&S) -> Result<Vec<T>, E>,
    ) -> Result<Duplication<T>, E> {
        let (from, to) = ends(self.from.as_deref(), self.to.as_deref(), find)?;
        Ok(Duplication { from, to, per_million: self.per_million })
    }

    pub(super) fn words(&self) -> String {
        format!("{} duplicated", percent(self.per_million))
    }
}

/// `125000` as `12.5 %`.
fn percent(per_million: u32) -> String {
    let (whole, rest) = (per_million / 10_000, per_million % 10_000);
    if rest == 0 {
        return format!("{whole} %");
    }
    let decimals = format!("{rest:04}");
    format!("{whole}.{} %", decimals.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn rates_read_as_percent() {
        assert_eq!(percent(100_000), "10 %");
        assert_eq!(percent(125_000), "12.5 %");
        assert_eq!(percent(500), "0.05 %");
    }
}
