//! The rooms of a scenario file.

use schemars::JsonSchema;
use serde::Deserialize;
use sim_engine::Delay;

/// Rooms, the data centres they are in, and the links between them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TopologyFile {
    #[serde(default)]
    pub(crate) data_centres: Vec<DataCentreFile>,
    /// Rooms in no data centre.
    #[serde(default)]
    pub(crate) rooms: Vec<String>,
    #[serde(default)]
    pub(crate) links: Vec<RoomLinkFile>,
}

/// A data centre with its rooms.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DataCentreFile {
    pub(crate) name: String,
    pub(crate) rooms: Vec<String>,
}

/// A link between two rooms, the same both ways.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoomLinkFile {
    pub(crate) between: [String; 2],
    pub(crate) delay: Delay,
}
