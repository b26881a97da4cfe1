//! Keeps this node in the registry, with its load.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::node::{Cluster, Engine};
use crate::policy::Policy;
use crate::registry::{NodeRecord, Registry};

const RENEWAL: Duration = Duration::from_secs(3);
/// Survives two lost renewals.
const LEASE: Duration = Duration::from_secs(10);

/// Spawns the loop that registers this node, renews its lease, and gives it back when the node drains: new clients are sent elsewhere
/// before those that are here are told to go.
pub(super) fn spawn<P: Policy>(engine: &Engine<P>, cluster: Cluster) {
    let Cluster { registry, address, .. } = cluster;
    let renewing = engine.clone();
    engine.tasks().spawn_guest(async move { renew(&renewing, &registry, address).await });
}

async fn renew<P: Policy>(engine: &Engine<P>, registry: &Arc<dyn Registry>, address: Option<String>) {
    let id = engine.node_id();
    let record = || {
        let counts = engine.counts();
        NodeRecord { id, address: address.clone(), connections: counts.websocket + counts.socketio }
    };
    if let Err(error) = registry.register(record(), LEASE).await {
        tracing::warn!(node.id = %id, %error, "not registered; the next renewal tries again");
    }
    let mut renewals = interval(RENEWAL);
    renewals.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while engine.draining().run_until_cancelled(renewals.tick()).await.is_some() {
        if let Err(error) = registry.heartbeat(record(), LEASE).await {
            tracing::warn!(node.id = %id, %error, "lease not renewed");
        }
    }
    if let Err(error) = registry.leave(id).await {
        tracing::warn!(node.id = %id, %error, "lease not given back; it ends by itself");
    }
}
