//! Which nodes are alive: each holds a lease that it renews. Soft state: an empty registry costs the choice of a node, never a message.

use std::time::Duration;

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

pub mod memory;
pub mod redis;

/// The registry could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The lease ended, or a later registration took its place: what this epoch writes is refused. Register again.
    #[error("registry: the lease of this epoch is over")]
    Lost,
    /// The registry does not answer.
    #[error("registry: {0}")]
    Away(String),
}

/// Names a node for the life of its process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NodeId(pub Uuid);

impl std::fmt::Display for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The number of a registration: every registration has a higher one than all before it, of any node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Epoch(pub u64);

/// What a node says of itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeRecord {
    /// Which node.
    pub id: NodeId,
    /// Where clients reach it, when nodes have public addresses of their own.
    pub address: Option<String>,
    /// How many connections it serves.
    pub connections: usize,
    /// How much it can take, compared with other nodes.
    pub weight: u32,
    /// How busy it is, from 0 (idle) to 1 (full).
    pub load: f64,
    /// What the product says of it (`Policy::about`).
    #[serde(default)]
    pub about: Value,
}

/// A node that is alive.
#[derive(Clone, Debug, PartialEq)]
pub struct Leased {
    /// What it says of itself.
    pub node: NodeRecord,
    /// How long its lease runs when the registry answers: whoever counts from before it asked never takes a dead node for alive.
    pub left: Duration,
}

/// The nodes that are alive.
pub trait Registry: Send + Sync + 'static {
    /// Enters a node for the length of `lease`. What an earlier epoch of the same node writes is refused from now on.
    fn register(&self, node: NodeRecord, lease: Duration) -> BoxFuture<'_, Result<Epoch, RegistryError>>;

    /// Renews the lease of an epoch and says the load. `Lost` when the lease has ended or another epoch holds it.
    fn heartbeat(&self, node: NodeRecord, epoch: Epoch, lease: Duration) -> BoxFuture<'_, Result<(), RegistryError>>;

    /// Every node whose lease runs, in the order of ids.
    fn list(&self) -> BoxFuture<'_, Result<Vec<Leased>, RegistryError>>;

    /// Gives the lease of an epoch back; `Lost` when it does not hold it.
    fn leave(&self, node: NodeId, epoch: Epoch) -> BoxFuture<'_, Result<(), RegistryError>>;
}
