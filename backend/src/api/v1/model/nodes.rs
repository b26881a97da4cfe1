//! The nodes of the installation.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::clock::Millis;
use crate::realtime::{About, Node};

/// The nodes of the installation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Nodes)]
pub struct NodesOut {
    /// Whether nodes reach one another; null where there is one node by choice.
    #[schema(required)]
    pub redis: Option<bool>,
    /// Those that are there, by name.
    pub items: Vec<NodeOut>,
}

/// A node, as it said of itself within the last seconds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Node)]
pub struct NodeOut {
    /// Names it for the life of its process.
    pub id: Uuid,
    /// It answered this request.
    pub here: bool,
    /// What it is called.
    pub name: String,
    /// Where visitors reach it, if it has an address of its own.
    #[schema(required)]
    pub address: Option<String>,
    /// `session`, `channel`, `worker`, `web`.
    pub roles: Vec<String>,
    /// Which version it is.
    pub version: String,
    /// When it started, in ms since 1970 UTC.
    pub started_at: Millis,
    /// Open connections.
    pub connections: usize,
    /// How busy it is with them, from 0 (idle) to 1 (full).
    pub load: f64,
    /// Channels with members there.
    pub channels: usize,
    /// Those of them that have members on other nodes, too.
    pub spread_channels: usize,
    /// Log entries a second, lately.
    pub messages_per_second: f64,
    /// Processors that it keeps busy; null where the machine does not say.
    #[schema(required)]
    pub processors: Option<f64>,
    /// Bytes of memory; null where the machine does not say.
    #[schema(required)]
    pub memory: Option<u64>,
    /// How long the bus takes, in milliseconds; 0 where there is one node by choice.
    pub bus_ms: f64,
}

impl NodeOut {
    /// As the API tells it; `here` is the node that answers.
    pub fn new(node: Node, here: Uuid) -> Self {
        let Node { id, address, connections, load, about } = node;
        let About { name, roles, version, started_at, channels, spread, messages_per_second, processors, memory, bus_ms, .. } = about;
        Self {
            id,
            here: id == here,
            name,
            address,
            roles,
            version,
            started_at,
            connections,
            load,
            channels,
            spread_channels: spread,
            messages_per_second,
            processors,
            memory,
            bus_ms,
        }
    }
}
