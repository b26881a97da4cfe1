//! Tells the policy who came and who is gone. A principal's changes are told in order; principals are spread over lanes, so that a slow
//! answer for one does not hold up all.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::hub::wait;
use crate::node::{Engine, RESERVED};
use crate::policy::{Identity, Policy};
use crate::registry::NodeId;
use crate::roster::chance;

const LANES: u64 = 8;

type Changed = (Identity, bool);

/// The sending ends of the lanes.
pub(super) struct Lanes {
    // Unbounded, but a principal is here at most once per connection it made.
    senders: Vec<mpsc::UnboundedSender<Changed>>,
    node: NodeId,
}

pub(super) fn lanes(node: NodeId) -> (Lanes, Vec<mpsc::UnboundedReceiver<Changed>>) {
    let (senders, receivers) = (0..LANES).map(|_| mpsc::unbounded_channel()).unzip();
    (Lanes { senders, node }, receivers)
}

impl Lanes {
    /// Queues a change; called under the node's lock, so that the order is that of the index.
    pub(super) fn changed(&self, identity: Identity, present: bool) {
        let lane = usize::try_from(chance(&identity.principal, self.node) % LANES).unwrap_or(0);
        if let Some(sender) = self.senders.get(lane) {
            // Fails only after the node has stopped, when nobody is interested any more.
            sender.send((identity, present)).ok();
        }
    }
}

/// Spawns the lanes and the loop that finds who has been gone long enough.
pub(super) fn spawn<P: Policy>(engine: &Engine<P>, lanes: Vec<mpsc::UnboundedReceiver<Changed>>) {
    for mut lane in lanes {
        let telling = engine.clone();
        engine.tasks().spawn_driver(async move {
            while let Some((identity, present)) = lane.recv().await {
                if identity.principal.starts_with(RESERVED) {
                    continue;
                }
                telling.policy().presence_changed(&telling, &identity, present).await;
            }
        });
    }
    let looping = engine.clone();
    engine.tasks().spawn_driver(async move {
        let departing = Arc::clone(&looping.hub().wires.departing);
        loop {
            let next = looping.hub().depart(Instant::now());
            wait(next, &departing).await;
        }
    });
}

impl<P> super::Hub<P> {
    /// Queues the absences whose time has come. Returns when to come again.
    fn depart(&mut self, now: Instant) -> Option<Instant> {
        for identity in self.presence.expired(now) {
            self.presence_changed(identity, false, now);
        }
        self.presence.next_deadline()
    }
}
