//! The bus's memory twin: the nodes of one process, for tests and for running several nodes in one place.

use std::collections::{HashMap, HashSet};
use std::future::ready;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

use crate::bus::{Bus, BusError, BusMessage};
use crate::channel::ChannelId;

/// Messages that may wait for a node before further ones are lost.
const BACKLOG: usize = 65_536;

#[derive(Default)]
struct Exchange {
    nodes: HashMap<u64, mpsc::Sender<BusMessage>>,
    subscribers: HashMap<ChannelId, HashSet<u64>>,
}

/// What the ends of one bus share.
#[derive(Clone, Default)]
pub struct MemoryExchange {
    shared: Arc<Mutex<Exchange>>,
    attached: Arc<AtomicU64>,
}

/// One node's end of a [`MemoryExchange`].
pub struct MemoryBus {
    node: u64,
    exchange: MemoryExchange,
    inbox: tokio::sync::Mutex<mpsc::Receiver<BusMessage>>,
}

impl MemoryExchange {
    /// An exchange without nodes.
    pub fn new() -> Self {
        Self::default()
    }

    /// A new node's end.
    pub fn attach(&self) -> MemoryBus {
        let node = self.attached.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = mpsc::channel(BACKLOG);
        self.lock().nodes.insert(node, sender);
        MemoryBus { node, exchange: self.clone(), inbox: tokio::sync::Mutex::new(receiver) }
    }

    fn lock(&self) -> MutexGuard<'_, Exchange> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for MemoryBus {
    fn drop(&mut self) {
        let mut exchange = self.exchange.lock();
        exchange.nodes.remove(&self.node);
        exchange.subscribers.retain(|_, nodes| {
            nodes.remove(&self.node);
            !nodes.is_empty()
        });
    }
}

impl Bus for MemoryBus {
    fn publish<'a>(&'a self, channel: &'a ChannelId, bytes: Bytes) -> BoxFuture<'a, Result<(), BusError>> {
        let exchange = self.exchange.lock();
        for node in exchange.subscribers.get(channel).into_iter().flatten() {
            let message = BusMessage { channel: channel.clone(), bytes: bytes.clone() };
            if exchange.nodes.get(node).is_some_and(|inbox| inbox.try_send(message).is_err()) {
                tracing::warn!(channel.id = %channel, "bus: a node does not keep up, a message to it is lost");
            }
        }
        ready(Ok(())).boxed()
    }

    fn subscribe<'a>(&'a self, channel: &'a ChannelId) -> BoxFuture<'a, Result<(), BusError>> {
        self.exchange.lock().subscribers.entry(channel.clone()).or_default().insert(self.node);
        ready(Ok(())).boxed()
    }

    fn unsubscribe<'a>(&'a self, channel: &'a ChannelId) -> BoxFuture<'a, Result<(), BusError>> {
        let mut exchange = self.exchange.lock();
        if let Some(nodes) = exchange.subscribers.get_mut(channel) {
            nodes.remove(&self.node);
            if nodes.is_empty() {
                exchange.subscribers.remove(channel);
            }
        }
        ready(Ok(())).boxed()
    }

    fn receive(&self) -> BoxFuture<'_, Option<BusMessage>> {
        async { self.inbox.lock().await.recv().await }.boxed()
    }
}
