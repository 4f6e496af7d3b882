//! The promise of the map.

use sim_engine::{Look, Promise, Violation};

use crate::multi_raft::MultiRaftNode;
use crate::multi_raft::facts::Fact;
use crate::multi_raft::map::key_of;
use crate::raft;

/// A group executes commands only on keys that the map gives it: else two groups could both have
/// the key, and neither would know what the other one holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyOwnership {
    exercised: u64,
}

impl Promise<MultiRaftNode> for KeyOwnership {
    fn name(&self) -> &'static str {
        "key-ownership"
    }

    fn look(&mut self, look: &Look<'_, MultiRaftNode>) -> Result<(), Violation> {
        for (event, fact) in look.facts() {
            let Fact::Raft { group, fact: raft::Fact::Applied { index, executed: Some(_), .. } } =
                fact
            else {
                continue;
            };
            let Some(MultiRaftNode::Server(server)) = look.memory(look.node) else { continue };
            // A command may have been taken into a snapshot in the same step.
            let command = server.raft(*group).and_then(|raft| raft.command_at(*index));
            let Some(key) = command.and_then(|command| key_of(&command)) else { continue };
            self.exercised += 1;
            let owner = look.config().map.group_of(key);
            if owner != *group {
                let name = look.cast().name(look.node);
                let epoch = look.config().map.epoch;
                let why = format!(
                    "{name} executed a command on {key} in {group}; by map {epoch} {owner} has \
                     that key"
                );
                return Err(Violation::new(why, [event]));
            }
        }
        Ok(())
    }

    fn exercised(&self) -> u64 {
        self.exercised
    }
}
