//! The registry's memory twin: for one process, and for tests with a moved clock.

use std::collections::BTreeMap;
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::registry::{Epoch, Leased, NodeId, NodeRecord, Registry, RegistryError};

struct Lease {
    node: NodeRecord,
    epoch: Epoch,
    ends: Instant,
}

#[derive(Default)]
struct Leases {
    granted: u64,
    running: BTreeMap<NodeId, Lease>,
}

/// Keeps leases in memory.
#[derive(Default)]
pub struct MemoryRegistry {
    leases: Mutex<Leases>,
}

impl MemoryRegistry {
    /// A registry without nodes.
    pub fn new() -> Self {
        Self::default()
    }

    /// The leases that run.
    fn leases(&self) -> MutexGuard<'_, Leases> {
        let mut leases = self.leases.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        leases.running.retain(|_, lease| lease.ends > now);
        leases
    }
}

impl Leases {
    fn of(&mut self, node: NodeId, epoch: Epoch) -> Result<&mut Lease, RegistryError> {
        self.running.get_mut(&node).filter(|lease| lease.epoch == epoch).ok_or(RegistryError::Lost)
    }
}

impl Registry for MemoryRegistry {
    fn register(&self, node: NodeRecord, lease: Duration) -> BoxFuture<'_, Result<Epoch, RegistryError>> {
        let mut leases = self.leases();
        leases.granted += 1;
        let epoch = Epoch(leases.granted);
        leases.running.insert(node.id, Lease { node, epoch, ends: Instant::now() + lease });
        ready(Ok(epoch)).boxed()
    }

    fn heartbeat(&self, node: NodeRecord, epoch: Epoch, lease: Duration) -> BoxFuture<'_, Result<(), RegistryError>> {
        let mut leases = self.leases();
        let renewed = leases.of(node.id, epoch).map(|held| {
            held.node = node;
            held.ends = Instant::now() + lease;
        });
        ready(renewed).boxed()
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<Leased>, RegistryError>> {
        let now = Instant::now();
        let leased = |lease: &Lease| Leased { node: lease.node.clone(), left: lease.ends.saturating_duration_since(now) };
        let nodes = self.leases().running.values().map(leased).collect();
        ready(Ok(nodes)).boxed()
    }

    fn leave(&self, node: NodeId, epoch: Epoch) -> BoxFuture<'_, Result<(), RegistryError>> {
        let mut leases = self.leases();
        let held = leases.of(node, epoch).map(|_| ());
        if held.is_ok() {
            leases.running.remove(&node);
        }
        ready(held).boxed()
    }
}
