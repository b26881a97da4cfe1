//! Which nodes are alive: each holds a lease that it renews. Soft state: an empty registry costs the choice of a node, never a message.

use std::time::Duration;

use futures_util::future::BoxFuture;
use uuid::Uuid;

pub mod memory;

/// The registry could not do what it was asked.
#[derive(Debug, thiserror::Error)]
#[error("registry: {0}")]
pub struct RegistryError(pub String);

/// Names a node for the life of its process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub Uuid);

impl std::fmt::Display for NodeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What a node says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeRecord {
    /// Which node.
    pub id: NodeId,
    /// Where clients reach it, when nodes have public addresses of their own.
    pub address: Option<String>,
    /// How many connections it serves.
    pub connections: usize,
}

/// The nodes that are alive.
pub trait Registry: Send + Sync + 'static {
    /// Enters a node for the length of `lease`.
    fn register(&self, node: NodeRecord, lease: Duration) -> BoxFuture<'_, Result<(), RegistryError>>;

    /// Renews a lease and says the load. Enters the node anew when it was forgotten.
    fn heartbeat(&self, node: NodeRecord, lease: Duration) -> BoxFuture<'_, Result<(), RegistryError>>;

    /// Every node whose lease runs, in the order of ids.
    fn list(&self) -> BoxFuture<'_, Result<Vec<NodeRecord>, RegistryError>>;

    /// Gives a lease back, where there is one.
    fn leave(&self, node: NodeId) -> BoxFuture<'_, Result<(), RegistryError>>;
}
