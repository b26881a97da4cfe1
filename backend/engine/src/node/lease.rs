//! Keeps this node in the registry, with its load, and knows the others. A lease counts as held by this node's own monotonic clock: from
//! before the renewal was asked, so never longer than the registry grants it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use crate::channel::ChannelId;
use crate::node::{Cluster, Engine};
use crate::options::Options;
use crate::policy::Policy;
use crate::registry::{Epoch, Leased, NodeId, NodeRecord, Registry, RegistryError};

/// A node that speaks may be about to register.
const LOOK: Duration = Duration::from_millis(100);

/// What is known of this node's lease and of the other nodes.
#[derive(Default)]
pub(super) struct Lease {
    held: Mutex<Held>,
    /// A node speaks that the registry did not name: it is to be asked now.
    look: Notify,
}

impl<P: Policy> Engine<P> {
    fn observe(&self, nodes: &[NodeRecord], alive_until: Instant) {
        self.0.allocation.lock().unwrap_or_else(PoisonError::into_inner).observe(nodes, alive_until);
    }

    /// The node that a new session of a channel should go to, by the allocation's rules; `None` when no node holds a lease, or this one is
    /// alone by choice.
    pub fn node_for(&self, channel: &ChannelId) -> Option<NodeRecord> {
        if let Some(left) = self.0.lease.expire() {
            self.observe(&left, Instant::now() + self.0.options.lease);
        }
        let live = {
            let hub = self.hub();
            let own = Some((self.0.id, hub.connections.member_count(channel))).filter(|(_, members)| *members > 0);
            let others = hub.roster.as_ref().map(|roster| roster.members_by_node(channel)).unwrap_or_default();
            own.into_iter().chain(others).collect::<Vec<_>>()
        };
        let placed = self.0.allocation.lock().unwrap_or_else(PoisonError::into_inner).place(channel, &live, Instant::now())?;
        self.0.lease.nodes().into_iter().find(|node| node.id == placed)
    }
}

impl<P: Policy> Engine<P> {
    /// A node takes nobody any more. It is not handed out from now on, whatever the registry goes on saying of it for a while.
    pub(super) fn goes(&self, node: NodeId) {
        let (now, lease) = (Instant::now(), self.0.options.lease);
        let left = self.0.lease.with(|held| {
            held.going.retain(|(_, until)| *until > now);
            held.going.push((node, now + lease * 2));
            held.nodes.retain(|(known, _)| known.id != node);
            held.nodes.iter().map(|(known, _)| known.clone()).collect::<Vec<_>>()
        });
        self.observe(&left, now + lease);
    }

    /// A node speaks. It is handed out as soon as the registry names it.
    pub(super) fn speaks(&self, node: NodeId) {
        let is_known = self
            .0
            .lease
            .with(|held| held.nodes.iter().any(|(known, _)| known.id == node) || held.going.iter().any(|(going, _)| *going == node));
        if !is_known {
            self.0.lease.look.notify_one();
        }
    }

    /// The nodes whose leases ran when the registry was asked last, a moment ago; with the registry away fewer and fewer, and nobody when this one is alone by choice.
    pub fn nodes(&self) -> Vec<NodeRecord> {
        self.0.lease.nodes()
    }
}

#[derive(Default)]
struct Held {
    epoch: Option<Epoch>,
    ends: Option<Instant>,
    since: Option<Instant>,
    /// The nodes that the registry knew when it was asked last, and until when each has its lease.
    nodes: Vec<(NodeRecord, Instant)>,
    /// Nodes that said that they go, and until when that is kept: as long as the registry can name them. A process that starts has another id.
    going: Vec<(NodeId, Instant)>,
}

/// A reading of [`Lease`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseHealth {
    /// The registry knows this node.
    pub held: bool,
    /// The epoch of the lease that is held, or was last.
    pub epoch: Option<Epoch>,
    /// How long it has been so.
    pub lasted: Duration,
}

impl Lease {
    fn with<T>(&self, work: impl FnOnce(&mut Held) -> T) -> T {
        work(&mut self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn granted(&self, epoch: Epoch, asked: Instant, lease: Duration) {
        self.with(|held| {
            if held.epoch != Some(epoch) || held.ends.is_none_or(|ends| ends <= asked) {
                held.since = Some(asked);
            }
            held.epoch = Some(epoch);
            held.ends = Some(asked + lease);
        });
    }

    fn lost(&self) {
        self.with(|held| held.ends = held.ends.map(|ends| ends.min(Instant::now())));
    }

    /// How the lease is; `started` is since when a node without any has none.
    pub(super) fn health(&self, started: Instant) -> LeaseHealth {
        let now = Instant::now();
        self.with(|held| {
            let running = held.ends.is_some_and(|ends| ends > now);
            let since = if running { held.since } else { held.ends };
            LeaseHealth { held: running, epoch: held.epoch, lasted: now.saturating_duration_since(since.unwrap_or(started)) }
        })
    }

    /// The nodes whose leases run, as far as the registry said when it was asked last.
    pub(super) fn nodes(&self) -> Vec<NodeRecord> {
        let now = Instant::now();
        self.with(|held| held.nodes.iter().filter(|(_, until)| *until > now).map(|(node, _)| node.clone()).collect())
    }

    /// Forgets the nodes whose leases are over. What is left, when there were such.
    fn expire(&self) -> Option<Vec<NodeRecord>> {
        let now = Instant::now();
        self.with(|held| {
            let before = held.nodes.len();
            held.nodes.retain(|(_, until)| *until > now);
            (held.nodes.len() < before).then(|| held.nodes.iter().map(|(node, _)| node.clone()).collect())
        })
    }
}

/// Spawns the loop that registers this node, renews its lease, and gives it back when the node drains: new clients are sent elsewhere
/// before those that are here are told to go.
pub(super) fn spawn<P: Policy>(engine: &Engine<P>, cluster: &Cluster) {
    let renewing = engine.clone();
    let (registry, address) = (Arc::clone(&cluster.registry), cluster.address.clone());
    engine.tasks().spawn_guest(async move {
        Renewal { engine: &renewing, registry: &*registry, address, epoch: None }.run().await;
    });
}

struct Renewal<'a, P: Policy> {
    engine: &'a Engine<P>,
    registry: &'a dyn Registry,
    address: Option<String>,
    epoch: Option<Epoch>,
}

impl<P: Policy> Renewal<'_, P> {
    async fn run(mut self) {
        let Options { lease, .. } = *self.engine.options();
        let mut renewals = interval((lease / 3).max(Duration::from_millis(1)));
        renewals.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let draining = self.engine.draining().clone();
        let engine = self.engine;
        let mut due = async || {
            tokio::select! {
                biased;
                _ = renewals.tick() => {}
                () = engine.0.lease.look.notified() => sleep(LOOK).await,
            }
        };
        while draining.run_until_cancelled(due()).await.is_some() {
            let renewing = async { timeout(lease / 3, self.renew(lease)).await };
            match draining.run_until_cancelled(renewing).await {
                Some(Ok(Ok(()))) | None => {}
                Some(Ok(Err(error))) => tracing::warn!(node.id = %self.engine.node_id(), %error, "lease not renewed"),
                Some(Err(_)) => tracing::warn!(node.id = %self.engine.node_id(), "lease not renewed: the registry does not answer"),
            }
        }
        let id = self.engine.node_id();
        self.engine.0.lease.lost();
        let Some(epoch) = self.epoch else { return };
        if !matches!(timeout(lease / 3, self.registry.leave(id, epoch)).await, Ok(Ok(()))) {
            tracing::warn!(node.id = %id, "lease not given back; it ends by itself");
        }
    }

    async fn renew(&mut self, lease: Duration) -> Result<(), RegistryError> {
        let asked = Instant::now();
        if let Some(epoch) = self.epoch {
            match self.registry.heartbeat(self.record(), epoch, lease).await {
                Ok(()) => self.engine.0.lease.granted(epoch, asked, lease),
                Err(RegistryError::Lost) => {
                    self.engine.0.lease.lost();
                    self.epoch = None;
                }
                Err(error) => return Err(error),
            }
        }
        if self.epoch.is_none() {
            let epoch = self.registry.register(self.record(), lease).await?;
            tracing::info!(node.id = %self.engine.node_id(), epoch = epoch.0, "registered");
            self.epoch = Some(epoch);
            self.engine.0.lease.granted(epoch, asked, lease);
        }
        let (asked, listed) = (Instant::now(), self.registry.list().await?);
        let nodes: Vec<_> = listed.into_iter().map(|Leased { node, left }| (node, asked + left)).collect();
        let records = self.engine.0.lease.with(|held| {
            held.nodes = nodes;
            let Held { nodes, going, .. } = held;
            nodes.retain(|(node, _)| !going.iter().any(|(gone, _)| *gone == node.id));
            nodes.iter().map(|(node, _)| node.clone()).collect::<Vec<_>>()
        });
        self.engine.observe(&records, asked + lease);
        Ok(())
    }

    fn record(&self) -> NodeRecord {
        let counts = self.engine.counts();
        let (connections, load) = (counts.websocket + counts.socketio + counts.xpush, self.engine.load());
        let weight = u32::try_from(self.engine.options().capacity).unwrap_or(u32::MAX);
        let about = self.engine.policy().about(self.engine);
        NodeRecord { id: self.engine.node_id(), address: self.address.clone(), connections, weight, load, about }
    }
}
