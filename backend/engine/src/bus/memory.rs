//! The bus's memory twin: the nodes of one process, for tests and for running several nodes in one place.

use std::collections::{HashMap, HashSet};
use std::future::ready;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::bus::{Bus, BusError, BusEvent, BusMessage, LinkState};
use crate::channel::ChannelId;

/// Messages that may wait for a node before further ones are lost.
const BACKLOG: usize = 65_536;

#[derive(Default)]
struct Exchange {
    nodes: HashMap<u64, End>,
    subscribers: HashMap<ChannelId, HashSet<u64>>,
}

/// What the exchange knows of a node.
struct End {
    inbox: mpsc::Sender<BusEvent>,
    state: Arc<Mutex<LinkState>>,
}

impl End {
    fn connected(&self) -> bool {
        lock(&self.state).connected
    }
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
    inbox: tokio::sync::Mutex<mpsc::Receiver<BusEvent>>,
    state: Arc<Mutex<LinkState>>,
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
        let state = Arc::new(Mutex::new(LinkState { connected: true, since: Instant::now() }));
        self.lock().nodes.insert(node, End { inbox: sender, state: Arc::clone(&state) });
        MemoryBus { node, exchange: self.clone(), inbox: tokio::sync::Mutex::new(receiver), state }
    }

    fn lock(&self) -> MutexGuard<'_, Exchange> {
        lock(&self.shared)
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryBus {
    /// Loses or regains the connection, as a bus between machines does: what is published meanwhile, to or by this node, is lost.
    pub fn set_connected(&self, connected: bool) {
        let exchange = self.exchange.lock();
        let before = std::mem::replace(&mut *lock(&self.state), LinkState { connected, since: Instant::now() });
        if connected
            && !before.connected
            && let Some(end) = exchange.nodes.get(&self.node)
        {
            end.inbox.try_send(BusEvent::Resumed).ok();
        }
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
        if !lock(&self.state).connected {
            return ready(Err(away())).boxed();
        }
        let subscribed = exchange.subscribers.get(channel).into_iter().flatten();
        for end in subscribed.filter_map(|node| exchange.nodes.get(node)).filter(|end| end.connected()) {
            let message = BusEvent::Message(BusMessage { channel: channel.clone(), bytes: bytes.clone() });
            if end.inbox.try_send(message).is_err() {
                tracing::warn!(channel.id = %channel, "bus: a node does not keep up, a message to it is lost");
            }
        }
        ready(Ok(())).boxed()
    }

    fn subscribe<'a>(&'a self, channels: &'a [ChannelId]) -> BoxFuture<'a, Result<(), BusError>> {
        let mut exchange = self.exchange.lock();
        for channel in channels {
            exchange.subscribers.entry(channel.clone()).or_default().insert(self.node);
        }
        let connected = lock(&self.state).connected;
        ready(if connected { Ok(()) } else { Err(away()) }).boxed()
    }

    fn unsubscribe<'a>(&'a self, channels: &'a [ChannelId]) -> BoxFuture<'a, Result<(), BusError>> {
        let mut exchange = self.exchange.lock();
        for channel in channels {
            let Some(nodes) = exchange.subscribers.get_mut(channel) else { continue };
            nodes.remove(&self.node);
            if nodes.is_empty() {
                exchange.subscribers.remove(channel);
            }
        }
        ready(Ok(())).boxed()
    }

    fn receive(&self) -> BoxFuture<'_, Option<BusEvent>> {
        async { self.inbox.lock().await.recv().await }.boxed()
    }

    fn state(&self) -> LinkState {
        *lock(&self.state)
    }
}

fn away() -> BusError {
    BusError("this node's end has no connection".to_owned())
}
