//! A bus that delays, loses, doubles and reorders, and whose connections fail in each direction. What its contract grants, it grants: commands
//! of a node arrive in order, and a loss of what is in no log ends with `Resumed`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, sleep_until};
use xpush::ChannelId;
use xpush::bus::{Bus, BusError, BusEvent, BusMessage, LinkState};

use crate::dice::Dice;
use crate::world::{Life, World, note};

/// The channel of the nodes themselves.
const ALL_NODES: &str = "\u{1}nodes";

/// What every message may suffer; of a thousand.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Noise {
    pub(crate) lost: u64,
    pub(crate) doubled: u64,
    pub(crate) overtaking: u64,
    /// Up to so many milliseconds on the way, instead of 2.
    pub(crate) slow: u64,
}

/// How a node's connection to the bus is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Link {
    Works,
    /// Nobody has noticed yet that what it says, what it should hear, or both, is lost.
    Lossy {
        hears: bool,
        speaks: bool,
    },
    /// The node knows.
    Away,
}

struct Node {
    life: Arc<Life>,
    wanted: BTreeSet<ChannelId>,
    inbox: BTreeMap<(Instant, u64), BusEvent>,
    /// When the last message of each other node arrives: what keeps its order comes behind.
    behind: BTreeMap<usize, Instant>,
    link: Link,
    state: LinkState,
    news: Arc<Notify>,
}

struct Shared {
    nodes: BTreeMap<usize, Node>,
    noise: Noise,
    dice: Dice,
    sent: u64,
}

/// What the ends of one bus share.
#[derive(Clone)]
pub(crate) struct Exchange {
    world: Arc<World>,
    shared: Arc<Mutex<Shared>>,
}

/// One node's end.
pub(crate) struct End {
    node: usize,
    life: Arc<Life>,
    news: Arc<Notify>,
    exchange: Exchange,
}

impl Exchange {
    pub(crate) fn new(world: &Arc<World>, dice: Dice) -> Self {
        let shared = Shared { nodes: BTreeMap::new(), noise: Noise::default(), dice, sent: 0 };
        Self { world: Arc::clone(world), shared: Arc::new(Mutex::new(shared)) }
    }

    /// The end of a new node. It begins away, as one that has to connect first.
    pub(crate) fn attach(&self, node: usize, life: &Arc<Life>) -> End {
        let news = Arc::new(Notify::new());
        let state = LinkState { connected: false, since: Instant::now() };
        let (life, inbox, behind) = (Arc::clone(life), BTreeMap::new(), BTreeMap::new());
        let kept =
            Node { life: Arc::clone(&life), wanted: BTreeSet::new(), inbox, behind, link: Link::Away, state, news: Arc::clone(&news) };
        self.shared.lock().unwrap().nodes.insert(node, kept);
        End { node, life, news, exchange: self.clone() }
    }

    pub(crate) fn set_noise(&self, noise: Noise) {
        self.shared.lock().unwrap().noise = noise;
    }

    /// Changes a node's connection. Whatever was lost, it ends with `Resumed`.
    pub(crate) fn set_link(&self, node: usize, link: Link) {
        let mut shared = self.shared.lock().unwrap();
        let number = shared.next();
        let Some(kept) = shared.nodes.get_mut(&node).filter(|kept| kept.link != link) else { return };
        let now = Instant::now();
        kept.link = link;
        match link {
            Link::Works => {
                kept.state = if kept.state.connected { kept.state } else { LinkState { connected: true, since: now } };
                kept.inbox.insert((now, number), BusEvent::Resumed);
            }
            Link::Lossy { .. } => {}
            Link::Away => {
                kept.state = LinkState { connected: false, since: now };
                kept.inbox.clear();
                kept.behind.clear();
            }
        }
        kept.news.notify_waiters();
        note!(self.world, "bus of {node}: {link:?}");
    }

    /// Whether a node hears what another says now.
    pub(crate) fn is_heard(&self, from: usize, by: usize) -> bool {
        let shared = self.shared.lock().unwrap();
        let says = shared.nodes.get(&from).is_some_and(|node| matches!(node.link, Link::Works | Link::Lossy { speaks: true, .. }));
        says && shared.nodes.get(&by).is_some_and(|node| node.hears(&ALL_NODES.into()))
    }

    /// The nodes that live.
    pub(crate) fn living(&self) -> BTreeSet<usize> {
        self.shared.lock().unwrap().nodes.iter().filter(|(_, node)| !node.life.is_over()).map(|(number, _)| *number).collect()
    }

    fn send(&self, from: usize, channel: &ChannelId, bytes: &Bytes) -> Result<(), BusError> {
        let mut shared = self.shared.lock().unwrap();
        let shared = &mut *shared;
        match shared.nodes.get(&from).map(|node| node.link) {
            Some(Link::Works | Link::Lossy { speaks: true, .. }) => {}
            Some(Link::Lossy { .. }) => return Ok(()),
            Some(Link::Away) | None => return Err(away()),
        }
        let others = shared.nodes.iter().filter(|(_, node)| node.hears(channel)).map(|(to, _)| *to).collect::<Vec<_>>();
        let command = channel.as_str() == ALL_NODES && bytes.windows(9).any(|some| some == b"\"Command\"");
        for to in others {
            // To a node itself nothing gets lost; it ignores it anyway.
            let noise = if to == from { Noise::default() } else { shared.noise };
            if !command && shared.dice.hits(noise.lost) {
                note!(self.world, "bus {from}>{to} {channel} lost");
                continue;
            }
            let copies = 1 + usize::from(shared.dice.hits(noise.doubled));
            for _ in 0..copies {
                let arrives = Instant::now() + shared.dice.millis(0, noise.slow.max(2) + 1);
                let overtakes = !command && shared.dice.hits(noise.overtaking);
                let number = shared.next();
                let Some(node) = shared.nodes.get_mut(&to) else { continue };
                let behind = node.behind.entry(from).or_insert(arrives);
                let arrives = if overtakes { arrives } else { arrives.max(*behind) };
                *behind = arrives.max(*behind);
                let message = BusMessage { channel: channel.clone(), bytes: bytes.clone() };
                node.inbox.insert((arrives, number), BusEvent::Message(message));
                node.news.notify_waiters();
            }
        }
        Ok(())
    }
}

impl Shared {
    fn next(&mut self) -> u64 {
        self.sent += 1;
        self.sent
    }
}

impl Node {
    fn hears(&self, channel: &ChannelId) -> bool {
        let hears = matches!(self.link, Link::Works | Link::Lossy { hears: true, .. });
        hears && !self.life.is_over() && self.wanted.contains(channel)
    }
}

fn away() -> BusError {
    BusError("away".to_owned())
}

impl End {
    fn with<T>(&self, work: impl FnOnce(&mut Node) -> T) -> T {
        let mut shared = self.exchange.shared.lock().unwrap();
        work(shared.nodes.get_mut(&self.node).unwrap())
    }

    async fn take(&self) -> BusEvent {
        loop {
            self.life.hold().await;
            let news = self.news.notified();
            let first = self.with(|node| node.inbox.first_entry().map(|entry| entry.key().0));
            match first {
                Some(due) if due <= Instant::now() => {
                    let (_, event) = self.with(|node| node.inbox.pop_first().unwrap());
                    self.note(&event);
                    return event;
                }
                Some(due) => {
                    tokio::select! {
                        biased;
                        () = sleep_until(due) => {}
                        () = news => {}
                    }
                }
                None => news.await,
            }
        }
    }

    fn note(&self, event: &BusEvent) {
        let BusEvent::Message(BusMessage { channel, bytes }) = event else { return };
        let sum = bytes.iter().fold(7_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)));
        let legible = self.exchange.world.is_read() && channel.as_str() == ALL_NODES;
        let text = if legible { String::from_utf8_lossy(bytes) } else { "".into() };
        note!(self.exchange.world, "bus at {} {channel:?} {sum:x} {text}", self.node);
    }

    async fn listen(&self, channels: &[ChannelId]) -> Result<(), BusError> {
        sleep(Duration::from_millis(1)).await;
        self.life.hold().await;
        loop {
            let news = self.news.notified();
            let link = self.with(|node| {
                if !matches!(node.link, Link::Lossy { .. }) {
                    node.wanted.extend(channels.iter().cloned());
                }
                node.link
            });
            match link {
                Link::Works => return Ok(()),
                Link::Away => return Err(away()),
                Link::Lossy { .. } => news.await,
            }
        }
    }
}

impl Bus for End {
    fn publish<'a>(&'a self, channel: &'a ChannelId, bytes: Bytes) -> BoxFuture<'a, Result<(), BusError>> {
        async move {
            self.life.hold().await;
            self.exchange.send(self.node, channel, &bytes)
        }
        .boxed()
    }

    fn subscribe<'a>(&'a self, channels: &'a [ChannelId]) -> BoxFuture<'a, Result<(), BusError>> {
        self.listen(channels).boxed()
    }

    fn unsubscribe<'a>(&'a self, channels: &'a [ChannelId]) -> BoxFuture<'a, Result<(), BusError>> {
        self.with(|node| node.wanted.retain(|channel| !channels.contains(channel)));
        std::future::ready(Ok(())).boxed()
    }

    fn receive(&self) -> BoxFuture<'_, Option<BusEvent>> {
        self.take().map(Some).boxed()
    }

    fn state(&self) -> LinkState {
        self.with(|node| node.state)
    }
}
