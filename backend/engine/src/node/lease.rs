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

/// Spawns the loop that registers this node and renews its lease; gives it back when the node drains.
pub(super) fn spawn<P: Policy>(engine: &Engine<P>, cluster: Cluster) {
    let Cluster { registry, address, .. } = cluster;
    let renewing = engine.clone();
    engine.tasks().spawn_driver(async move { renew(&renewing, &registry, address).await });
}

async fn renew<P: Policy>(engine: &Engine<P>, registry: &Arc<dyn Registry>, address: Option<String>) {
    let record = || {
        let counts = engine.counts();
        NodeRecord { id: engine.node_id(), address: address.clone(), connections: counts.websocket + counts.socketio }
    };
    if let Err(error) = registry.register(record(), LEASE).await {
        tracing::warn!(node.id = %engine.node_id(), %error, "not registered; the next renewal tries again");
    }
    let mut renewals = interval(RENEWAL);
    renewals.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !engine.is_draining() {
        renewals.tick().await;
        if let Err(error) = registry.heartbeat(record(), LEASE).await {
            tracing::warn!(node.id = %engine.node_id(), %error, "lease not renewed");
        }
    }
}
