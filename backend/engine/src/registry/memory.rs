//! The registry's memory twin: for one process, and for tests with a moved clock.

use std::collections::BTreeMap;
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::registry::{NodeId, NodeRecord, Registry, RegistryError};

/// Keeps leases in memory.
#[derive(Default)]
pub struct MemoryRegistry {
    leases: Mutex<BTreeMap<NodeId, (NodeRecord, Instant)>>,
}

impl MemoryRegistry {
    /// A registry without nodes.
    pub fn new() -> Self {
        Self::default()
    }

    fn leases(&self) -> MutexGuard<'_, BTreeMap<NodeId, (NodeRecord, Instant)>> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Registry for MemoryRegistry {
    fn register(&self, node: NodeRecord, lease: Duration) -> BoxFuture<'_, Result<(), RegistryError>> {
        self.leases().insert(node.id, (node, Instant::now() + lease));
        ready(Ok(())).boxed()
    }

    fn heartbeat(&self, node: NodeRecord, lease: Duration) -> BoxFuture<'_, Result<(), RegistryError>> {
        self.register(node, lease)
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<NodeRecord>, RegistryError>> {
        let now = Instant::now();
        let mut leases = self.leases();
        leases.retain(|_, (_, ends)| *ends > now);
        let nodes = leases.values().map(|(node, _)| node.clone()).collect();
        ready(Ok(nodes)).boxed()
    }

    fn leave(&self, node: NodeId) -> BoxFuture<'_, Result<(), RegistryError>> {
        self.leases().remove(&node);
        ready(Ok(())).boxed()
    }
}
