//! A partition: groups of seats that cannot hear each other.

use super::all;

/// Parts the network into groups. Replaces the partition before it, if there is one.
///
/// Messages in flight: one that would arrive while its sender and receiver are in different groups
/// is lost, whenever it was sent; so is one that leaves then.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Partition<S> {
    /// The groups. Seats in no group form one more.
    pub groups: Vec<Vec<S>>,
}

impl<S> Partition<S> {
    pub(super) fn resolve<T, E>(
        &self,
        find: &mut impl FnMut(&S) -> Result<Vec<T>, E>,
    ) -> Result<Partition<T>, E> {
        let groups = self.groups.iter().map(|group| all(group, find)).collect::<Result<_, _>>()?;
        Ok(Partition { groups })
    }
}
