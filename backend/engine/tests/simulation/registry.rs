//! The registry behind a door, and the truth about leases that nodes are measured against.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::Instant;
use xpush::registry::memory::MemoryRegistry;
use xpush::registry::{Epoch, Leased, NodeId, NodeRecord, Registry, RegistryError};

use crate::door::Door;
use crate::world::{World, note};

/// What all nodes register with.
#[derive(Clone)]
pub(crate) struct Office {
    world: Arc<World>,
    kept: Arc<MemoryRegistry>,
    leases: Arc<Mutex<BTreeMap<NodeId, (Epoch, Instant)>>>,
}

impl Office {
    pub(crate) fn new(world: &Arc<World>) -> Self {
        Self { world: Arc::clone(world), kept: Arc::default(), leases: Arc::default() }
    }

    /// When the lease of a node ends, or ended; one that was given back counts as if it had not been.
    pub(crate) fn ends(&self, node: NodeId) -> Option<Instant> {
        self.leases.lock().unwrap().get(&node).map(|(_, ends)| *ends)
    }

    /// Forgets every lease, as a server that lost its memory.
    pub(crate) async fn empty(&self) {
        let leases = self.leases.lock().unwrap().clone();
        for (node, (epoch, _)) in leases {
            self.kept.leave(node, epoch).await.ok();
        }
        note!(self.world, "registry emptied");
    }

    fn granted(&self, node: NodeId, epoch: Epoch, lease: Duration) {
        let before = self.leases.lock().unwrap().insert(node, (epoch, Instant::now() + lease));
        if before.is_some_and(|(before, _)| before > epoch) {
            self.world.broke(format!("a lease of a node went back from epoch {before:?} to {epoch:?}"));
        }
    }
}

/// A node's way to the registry.
pub(crate) struct Desk {
    pub(crate) office: Office,
    pub(crate) door: Arc<Door>,
}

impl Desk {
    async fn there(&self) -> Result<(), RegistryError> {
        if self.door.enter().await { Ok(()) } else { Err(away()) }
    }

    async fn back<T>(&self, answer: T) -> Result<T, RegistryError> {
        if self.door.leave().await { Ok(answer) } else { Err(away()) }
    }
}

fn away() -> RegistryError {
    RegistryError::Away("away".to_owned())
}

impl Registry for Desk {
    fn register(&self, node: NodeRecord, lease: Duration) -> BoxFuture<'_, Result<Epoch, RegistryError>> {
        async move {
            self.there().await?;
            let id = node.id;
            let epoch = self.office.kept.register(node, lease).await?;
            self.office.granted(id, epoch, lease);
            self.back(epoch).await
        }
        .boxed()
    }

    fn heartbeat(&self, node: NodeRecord, epoch: Epoch, lease: Duration) -> BoxFuture<'_, Result<(), RegistryError>> {
        async move {
            self.there().await?;
            let id = node.id;
            let renewed = self.office.kept.heartbeat(node, epoch, lease).await;
            if renewed.is_ok() {
                self.office.granted(id, epoch, lease);
            }
            self.back(()).await.and(renewed)
        }
        .boxed()
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<Leased>, RegistryError>> {
        async move {
            self.there().await?;
            let nodes = self.office.kept.list().await?;
            self.back(nodes).await
        }
        .boxed()
    }

    fn leave(&self, node: NodeId, epoch: Epoch) -> BoxFuture<'_, Result<(), RegistryError>> {
        async move {
            self.there().await?;
            let left = self.office.kept.leave(node, epoch).await;
            self.back(()).await.and(left)
        }
        .boxed()
    }
}
