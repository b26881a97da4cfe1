//! What a node among others says of its own footing.

use std::time::Duration;

use tokio::time::Instant;

use super::lease::LeaseHealth;
use crate::node::Engine;
use crate::policy::Policy;

/// How a node stands among the others. Members here are served whatever it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClusterHealth {
    /// The bus.
    pub bus: BusHealth,
    /// The lease in the registry.
    pub lease: LeaseHealth,
    /// How many nodes hold a lease, as far as this node knows.
    pub nodes: usize,
}

/// Whether publications reach other nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusHealth {
    /// They do.
    pub connected: bool,
    /// How long it has been so.
    pub lasted: Duration,
}

impl<P: Policy> Engine<P> {
    /// How this node stands among the others; `None` when it is alone by choice.
    pub fn cluster_health(&self) -> Option<ClusterHealth> {
        let state = self.0.bus.as_ref()?.state();
        let bus = BusHealth { connected: state.connected, lasted: Instant::now().saturating_duration_since(state.since) };
        let nodes = self.0.lease.nodes().len();
        Some(ClusterHealth { bus, lease: self.0.lease.health(self.0.started), nodes })
    }

    /// How busy this node is, from 0 (idle) to 1 (full).
    pub fn load(&self) -> f64 {
        let counts = self.counts();
        let [connections, capacity] = [counts.websocket + counts.socketio + counts.xpush, self.0.options.capacity.max(1)]
            .map(|count| f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
        (connections / capacity).min(1.0)
    }
}
