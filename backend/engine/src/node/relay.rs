//! The node's two loops on the bus: what is published here goes out, what arrives goes to local members. Publishers never wait for the
//! bus: what does not fit into the queue is lost, counted, and healed by sequence numbers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use uuid::Uuid;

use super::healing;
use crate::bus::{Bus, BusEvent, BusMessage};
use crate::channel::{ChannelId, Publication};
use crate::node::{ALL_NODES, Cluster, Engine};
use crate::policy::Policy;
use crate::registry::NodeId;

/// Messages that may wait for the bus.
const QUEUE: usize = 16_384;
/// Interests that go to the bus at once.
const INTERESTS: usize = 1_024;

/// What the bus is asked to listen to.
#[derive(Debug)]
pub(super) struct Interest {
    pub(super) channel: ChannelId,
    pub(super) listen: bool,
}

/// What goes out.
enum Outbound {
    Message(ChannelId, Bytes),
    /// What stood before it has gone out.
    Flushed(oneshot::Sender<()>),
}

/// The sending ends of the relay.
#[derive(Clone)]
pub(super) struct Outgoing {
    messages: mpsc::Sender<Outbound>,
    // Unbounded, but as long as memberships change: an interest must never be lost.
    interests: mpsc::UnboundedSender<Interest>,
}

/// The receiving ends of the relay.
pub(super) struct RelayLoop {
    messages: mpsc::Receiver<Outbound>,
    interests: mpsc::UnboundedReceiver<Interest>,
}

pub(super) fn relay(clustered: bool) -> (Option<Outgoing>, Option<RelayLoop>) {
    if !clustered {
        return (None, None);
    }
    let (messages, queued) = mpsc::channel(QUEUE);
    let (interests, asked) = mpsc::unbounded_channel();
    (Some(Outgoing { messages, interests }), Some(RelayLoop { messages: queued, interests: asked }))
}

impl Outgoing {
    /// Queues a message for the other nodes. `false` when it is lost.
    pub(super) fn publish(&self, channel: ChannelId, bytes: Bytes) -> bool {
        self.messages.try_send(Outbound::Message(channel, bytes)).is_ok()
    }

    /// Returns when what is queued now has gone out.
    pub(super) async fn flushed(&self) {
        let (done, flushed) = oneshot::channel();
        if self.messages.send(Outbound::Flushed(done)).await.is_ok() {
            flushed.await.ok();
        }
    }

    /// How many messages wait.
    pub(super) fn waiting(&self) -> usize {
        self.messages.max_capacity() - self.messages.capacity()
    }

    /// Queues an interest, in the order of the index.
    pub(super) fn interest(&self, interest: Interest) {
        self.interests.send(interest).ok();
    }
}

/// Spawns the relay's loops.
pub(super) fn spawn<P: Policy>(engine: &Engine<P>, cluster: &Cluster, relay: RelayLoop) {
    let RelayLoop { messages, mut interests } = relay;
    let (bus, sending) = (Arc::clone(&cluster.bus), engine.clone());
    engine.tasks().spawn_driver(async move { send(&sending, &*bus, messages).await });
    let (bus, listening) = (Arc::clone(&cluster.bus), engine.clone());
    engine.tasks().spawn_driver(async move {
        let mut asked = vec![Interest { channel: ALL_NODES.into(), listen: true }];
        loop {
            let listens = take_interest(&*bus, std::mem::take(&mut asked)).await;
            let beginning = listening.clone();
            // Not awaited: a log that answers slowly must not delay other channels.
            listening.tasks().spawn_driver(async move { healing::begin(&beginning, listens).await });
            if interests.recv_many(&mut asked, INTERESTS).await == 0 {
                return;
            }
        }
    });
    let (bus, receiving) = (Arc::clone(&cluster.bus), engine.clone());
    engine.tasks().spawn_driver(async move {
        while let Some(event) = bus.receive().await {
            match event {
                BusEvent::Resumed => receiving.bus_resumed(),
                BusEvent::Message(message) if message.channel.as_str() == ALL_NODES => receiving.hear(&message.bytes),
                BusEvent::Message(message) => {
                    if let Some(publication) = decode(receiving.node_id(), message) {
                        receiving.0.counters.relayed_in.fetch_add(1, Ordering::Relaxed);
                        receiving.hub().accept(publication, Instant::now());
                    }
                }
            }
        }
    });
}

/// Sends what is queued. What cannot be sent while the bus is away is healed when it resumes; what a bus that works refuses, at once.
async fn send<P: Policy>(engine: &Engine<P>, bus: &dyn Bus, mut messages: mpsc::Receiver<Outbound>) {
    let (mut lost, mut was_connected) = (false, false);
    while let Some(outbound) = messages.recv().await {
        was_connected |= bus.state().connected;
        match outbound {
            Outbound::Flushed(done) => drop(done.send(()).ok()),
            Outbound::Message(channel, bytes) => {
                if let Err(error) = bus.publish(&channel, bytes).await {
                    // Before the first connection nobody can have missed anything: whoever connects asks.
                    engine.0.counters.relay_lost.fetch_add(u64::from(was_connected), Ordering::Relaxed);
                    if !std::mem::replace(&mut lost, bus.state().connected) {
                        tracing::debug!(channel.id = %channel, %error, "a publication did not reach the other nodes");
                    }
                }
            }
        }
        if messages.is_empty() && (std::mem::take(&mut lost) | engine.0.gossip.lost.swap(false, Ordering::Relaxed)) {
            engine.lost_on_the_way();
        }
    }
}

/// Tells the bus the newest interest in each channel. Returns the channels that it listens to from now on.
async fn take_interest(bus: &dyn Bus, asked: Vec<Interest>) -> Vec<ChannelId> {
    let newest: BTreeMap<ChannelId, bool> = asked.into_iter().map(|interest| (interest.channel, interest.listen)).collect();
    let (listen, end): (Vec<_>, Vec<_>) = newest.into_iter().partition(|(_, listen)| *listen);
    let [listen, end] = [listen, end].map(|some| some.into_iter().map(|(channel, _)| channel).collect::<Vec<_>>());
    if !end.is_empty()
        && let Err(error) = bus.unsubscribe(&end).await
    {
        tracing::warn!(%error, "the bus did not end subscriptions");
    }
    if listen.is_empty() {
        return listen;
    }
    match bus.subscribe(&listen).await {
        Ok(()) => listen,
        Err(error) => {
            tracing::debug!(%error, "subscriptions wait for the bus");
            Vec::new()
        }
    }
}

/// Node (16 bytes), number (8 bytes, 0 where there is none), then the JSON as it is.
pub(super) fn encode(node: NodeId, publication: &Publication) -> Bytes {
    let data = publication.data.get().as_bytes();
    let mut bytes = BytesMut::with_capacity(24 + data.len());
    bytes.put_slice(node.0.as_bytes());
    bytes.put_u64(publication.seq.unwrap_or(0));
    bytes.put_slice(data);
    bytes.freeze()
}

/// `None` for what this node sent itself, and for what is no publication.
fn decode(own: NodeId, message: BusMessage) -> Option<Publication> {
    let BusMessage { channel, mut bytes } = message;
    if bytes.len() < 24 {
        return None;
    }
    let node = Uuid::from_u128(bytes.get_u128());
    if node == own.0 {
        return None;
    }
    let seq = Some(bytes.get_u64()).filter(|seq| *seq > 0);
    let data: Box<RawValue> = serde_json::from_slice(&bytes).ok()?;
    Some(Publication { channel, seq, data: data.into() })
}

#[cfg(test)]
mod tests {
    use serde_json::value::to_raw_value;

    use super::*;

    #[test]
    fn a_publication_survives_the_bus_and_a_node_ignores_its_own() {
        let [here, there] = [1, 2].map(|number| NodeId(Uuid::from_u128(number)));
        let data: Arc<RawValue> = to_raw_value(&[1, 2]).unwrap().into();
        for seq in [None, Some(7)] {
            let publication = Publication { channel: "room".into(), seq, data: Arc::clone(&data) };
            let message = BusMessage { channel: "room".into(), bytes: encode(there, &publication) };
            let arrived = decode(here, message.clone()).unwrap();
            assert_eq!((arrived.seq, arrived.data.get()), (seq, data.get()));
            assert!(decode(there, message).is_none());
        }
        let noise = BusMessage { channel: "room".into(), bytes: Bytes::from_static(b"noise") };
        assert!(decode(here, noise).is_none());
    }
}
