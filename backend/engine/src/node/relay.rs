//! The node's two loops on the bus: what is published here goes out, what arrives goes to local members. Publishers never wait for the
//! bus: what does not fit into the queue is lost, counted, and healed by sequence numbers. What one channel says in quick succession goes
//! together, because each message costs the bus and every node that hears it the same, however much is in it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use serde_json::value::RawValue;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::healing;
use crate::bus::{Bus, BusEvent, BusMessage};
use crate::channel::{ChannelId, Publication};
use crate::coalescer::{Batch, Coalescer, Verdict};
use crate::node::{ALL_NODES, Cluster, Engine};
use crate::options::Coalesce;
use crate::policy::Policy;
use crate::registry::NodeId;

/// Messages that may wait for the bus.
const QUEUE: usize = 16_384;
/// Interests that go to the bus at once.
const INTERESTS: usize = 1_024;
/// What a channel says within this time after its last message goes as one. Shorter than `healing` waits for what was overtaken.
const TOGETHER: Duration = Duration::from_millis(10);
/// Publications of one message are kept below this many bytes, but for one that is larger.
const BUNDLE: usize = 60 * 1024;
/// Stands where a number would, before several publications.
const SEVERAL: u64 = u64::MAX;

/// What the bus is asked to listen to.
#[derive(Debug)]
pub(super) struct Interest {
    pub(super) channel: ChannelId,
    pub(super) listen: bool,
}

/// What goes out.
enum Outbound {
    /// To members on other nodes.
    Publication(Publication),
    /// To all nodes. What was published before has gone out.
    Note(Bytes),
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
    /// Queues a publication for the other nodes. `false` when it is lost.
    pub(super) fn publish(&self, publication: Publication) -> bool {
        self.messages.try_send(Outbound::Publication(publication)).is_ok()
    }

    /// Queues what all nodes are to hear. `false` when it is lost.
    pub(super) fn note(&self, note: Bytes) -> bool {
        self.messages.try_send(Outbound::Note(note)).is_ok()
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
                    let (channel, publications) = (message.channel.clone(), decode(receiving.node_id(), message));
                    let count = u64::try_from(publications.len()).unwrap_or(u64::MAX);
                    receiving.0.counters.relayed_in.fetch_add(count, Ordering::Relaxed);
                    receiving.hub().accept_together(&channel, publications, Instant::now());
                }
            }
        }
    });
}

/// Sends what is queued. What cannot be sent while the bus is away is healed when it resumes; what a bus that works refuses, at once.
async fn send<P: Policy>(engine: &Engine<P>, bus: &dyn Bus, mut messages: mpsc::Receiver<Outbound>) {
    let mut gathering = Coalescer::new(Coalesce { steps: Vec::new(), beyond: TOGETHER, crowded: TOGETHER });
    let mut out = Out { engine, bus, lost: false, was_connected: false };
    loop {
        let outbound = match gathering.next_deadline() {
            None => Ok(messages.recv().await),
            Some(deadline) => timeout_at(deadline, messages.recv()).await,
        };
        let now = Instant::now();
        // Messages that never pause must not hold up what was gathered.
        out.all(gathering.due(now, |_| 1)).await;
        let Ok(outbound) = outbound else {
            out.tell_of_losses();
            continue;
        };
        match outbound {
            None => break,
            Some(Outbound::Publication(publication)) => {
                if let Verdict::Send(publication) = gathering.offer(publication, 1, now) {
                    out.publications(&publication.channel.clone(), &[publication]).await;
                }
            }
            Some(Outbound::Note(note)) => {
                out.all(gathering.flush()).await;
                out.message(&ALL_NODES.into(), note).await;
            }
            Some(Outbound::Flushed(done)) => {
                out.all(gathering.flush()).await;
                done.send(()).ok();
            }
        }
        if messages.is_empty() {
            out.tell_of_losses();
        }
    }
}

/// The way to the bus, and what went wrong on it.
struct Out<'a, P: Policy> {
    engine: &'a Engine<P>,
    bus: &'a dyn Bus,
    lost: bool,
    was_connected: bool,
}

impl<P: Policy> Out<'_, P> {
    async fn all(&mut self, batches: Vec<Batch>) {
        for Batch { channel, held, .. } in batches {
            self.publications(&channel, &held).await;
        }
    }

    async fn publications(&mut self, channel: &ChannelId, publications: &[Publication]) {
        for bytes in encode(self.engine.node_id(), publications) {
            self.message(channel, bytes).await;
        }
    }

    async fn message(&mut self, channel: &ChannelId, bytes: Bytes) {
        self.was_connected |= self.bus.state().connected;
        let Err(error) = self.bus.publish(channel, bytes).await else { return };
        // Before the first connection nobody can have missed anything: whoever connects asks.
        self.engine.0.counters.relay_lost.fetch_add(u64::from(self.was_connected), Ordering::Relaxed);
        if !std::mem::replace(&mut self.lost, self.bus.state().connected) {
            tracing::debug!(channel.id = %channel, %error, "a publication did not reach the other nodes");
        }
    }

    fn tell_of_losses(&mut self) {
        if std::mem::take(&mut self.lost) | self.engine.0.gossip.lost.swap(false, Ordering::Relaxed) {
            self.engine.lost_on_the_way();
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

/// One publication: node (16 bytes), number (8 bytes, 0 where there is none), then the JSON as it is. Several: node, [`SEVERAL`], and for each of
/// them its number, the length of its JSON (4 bytes), and its JSON.
fn encode(node: NodeId, publications: &[Publication]) -> Vec<Bytes> {
    let number = |publication: &Publication| publication.seq.unwrap_or(0);
    let mut bundles: Vec<BytesMut> = Vec::new();
    if let [one] = publications {
        let data = one.data.get().as_bytes();
        let mut bytes = BytesMut::with_capacity(24 + data.len());
        bytes.put_slice(node.0.as_bytes());
        bytes.put_u64(number(one));
        bytes.put_slice(data);
        return vec![bytes.freeze()];
    }
    for publication in publications {
        let data = publication.data.get().as_bytes();
        let Ok(length) = u32::try_from(data.len()) else { continue };
        if bundles.last().is_none_or(|bundle| bundle.len() + data.len() > BUNDLE) {
            let mut bundle = BytesMut::new();
            bundle.put_slice(node.0.as_bytes());
            bundle.put_u64(SEVERAL);
            bundles.push(bundle);
        }
        if let Some(bundle) = bundles.last_mut() {
            bundle.put_u64(number(publication));
            bundle.put_u32(length);
            bundle.put_slice(data);
        }
    }
    bundles.into_iter().map(BytesMut::freeze).collect()
}

/// Nothing of what this node sent itself, and of what is no publication.
fn decode(own: NodeId, message: BusMessage) -> Vec<Publication> {
    let BusMessage { channel, mut bytes } = message;
    if bytes.len() < 24 || Uuid::from_u128(bytes.get_u128()) == own.0 {
        return Vec::new();
    }
    let publication = |seq: u64, data: &[u8]| {
        let data: Box<RawValue> = serde_json::from_slice(data).ok()?;
        Some(Publication { channel: channel.clone(), seq: Some(seq).filter(|seq| *seq > 0), data: data.into() })
    };
    let first = bytes.get_u64();
    if first != SEVERAL {
        return publication(first, &bytes).into_iter().collect();
    }
    let mut several = Vec::new();
    while bytes.len() >= 12 {
        let (seq, length) = (bytes.get_u64(), bytes.get_u32() as usize);
        if length > bytes.len() {
            break;
        }
        several.extend(publication(seq, &bytes.split_to(length)));
    }
    several
}

#[cfg(test)]
mod tests {
    use serde_json::value::to_raw_value;

    use super::*;

    fn publication(seq: Option<u64>, data: &str) -> Publication {
        Publication { channel: "room".into(), seq, data: to_raw_value(data).unwrap().into() }
    }

    fn told(publications: &[Publication]) -> Vec<(Option<u64>, &str)> {
        publications.iter().map(|publication| (publication.seq, publication.data.get())).collect()
    }

    #[test]
    fn publications_survive_the_bus_alone_and_together_and_a_node_ignores_its_own() {
        let [here, there] = [1, 2].map(|number| NodeId(Uuid::from_u128(number)));
        let several = [publication(Some(7), "seven"), publication(None, ""), publication(Some(9), "아홉")];
        for said in [&several[..1], &several[1..2], &several] {
            let [bytes] = encode(there, said).try_into().unwrap();
            let message = BusMessage { channel: "room".into(), bytes };
            assert_eq!(told(&decode(here, message.clone())), told(said));
            assert!(decode(there, message).is_empty());
        }
        let noise = BusMessage { channel: "room".into(), bytes: Bytes::from_static(b"noise") };
        assert!(decode(here, noise).is_empty());
    }

    #[test]
    fn what_was_cut_short_gives_what_is_whole() {
        let [here, there] = [1, 2].map(|number| NodeId(Uuid::from_u128(number)));
        let [whole] = encode(there, &[publication(Some(1), "one"), publication(Some(2), "two")]).try_into().unwrap();
        for length in 0..whole.len() {
            let cut = BusMessage { channel: "room".into(), bytes: whole.slice(..length) };
            assert!(decode(here, cut).len() < 2, "{length}");
        }
    }

    #[test]
    fn a_bundle_does_not_grow_without_end() {
        let here = NodeId(Uuid::from_u128(1));
        let said: Vec<Publication> = (1..=7).map(|seq| publication(Some(seq), &"x".repeat(20_000))).collect();
        let bundles = encode(NodeId(Uuid::from_u128(2)), &said);
        assert!(bundles.len() > 2 && bundles.iter().all(|bundle| bundle.len() <= 64 * 1024));
        let heard: Vec<Publication> =
            bundles.into_iter().flat_map(|bytes| decode(here, BusMessage { channel: "room".into(), bytes })).collect();
        assert_eq!(told(&heard), told(&said));
    }
}
