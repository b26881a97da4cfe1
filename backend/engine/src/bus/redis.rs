//! The bus on Redis: one subscription per channel that has local members, `SSUBSCRIBE` and `SPUBLISH` where Redis is a Cluster. One driver
//! owns the connections; what queues up while it writes is its next pipeline. When a connection fails it opens all anew, subscribes to
//! everything wanted, and says `Resumed`.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use redis::{Pipeline, PushInfo, PushKind, Value};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::bus::{Bus, BusError, BusEvent, BusMessage, LinkState};
use crate::channel::ChannelId;
use crate::link::{Link, LinkError, RedisConfig};
use crate::tasks::Tasks;

/// Commands that may wait for the driver; publications beyond are refused.
const QUEUE: usize = 16_384;
/// Commands of one pipeline.
const BATCH: usize = 1_024;
/// Messages that may wait for the node before further ones are lost.
const BACKLOG: usize = 65_536;
/// A connection that says nothing to a ping is dead.
const PING: Duration = Duration::from_secs(2);
const FIRST_RETRY: Duration = Duration::from_millis(50);
const LAST_RETRY: Duration = Duration::from_secs(1);

/// What the driver is asked.
enum Command {
    Publish(ChannelId, Bytes),
    Subscribe(Vec<ChannelId>, oneshot::Sender<()>),
    Unsubscribe(Vec<ChannelId>),
}

/// One node's end of a bus on Redis. Ends when it is dropped.
pub struct RedisBus {
    messages: mpsc::Sender<Command>,
    // Unbounded, but as long as memberships change: an interest must never be lost.
    interests: mpsc::UnboundedSender<Command>,
    inbox: tokio::sync::Mutex<mpsc::Receiver<BusEvent>>,
    state: Arc<Mutex<LinkState>>,
    tasks: Tasks,
}

impl RedisBus {
    /// Begins to connect; does not wait for it. Must be called on a tokio runtime.
    pub fn new(config: RedisConfig) -> Self {
        let (messages, queued) = mpsc::channel(QUEUE);
        let (interests, asked) = mpsc::unbounded_channel();
        let (events, inbox) = mpsc::channel(BACKLOG);
        let state = Arc::new(Mutex::new(LinkState { connected: false, since: Instant::now() }));
        let tasks = Tasks::default();
        let driver = Driver {
            config,
            messages: queued,
            interests: asked,
            events,
            state: Arc::clone(&state),
            wanted: HashSet::new(),
            leaving: HashMap::new(),
            missed: false,
        };
        tasks.spawn_driver(driver.run());
        Self { messages, interests, inbox: tokio::sync::Mutex::new(inbox), state, tasks }
    }
}

impl Drop for RedisBus {
    fn drop(&mut self) {
        self.tasks.cancel();
    }
}

impl Bus for RedisBus {
    fn publish<'a>(&'a self, channel: &'a ChannelId, bytes: Bytes) -> BoxFuture<'a, Result<(), BusError>> {
        let sent = if self.state().connected {
            self.messages.try_send(Command::Publish(channel.clone(), bytes)).map_err(|_| BusError("Redis does not keep up".to_owned()))
        } else {
            Err(BusError("Redis is away".to_owned()))
        };
        ready(sent).boxed()
    }

    fn subscribe<'a>(&'a self, channels: &'a [ChannelId]) -> BoxFuture<'a, Result<(), BusError>> {
        let (done, effective) = oneshot::channel();
        let asked = self.interests.send(Command::Subscribe(channels.to_vec(), done));
        async move {
            asked.map_err(|_| BusError("the bus has ended".to_owned()))?;
            effective.await.map_err(|_| BusError("Redis is away".to_owned()))
        }
        .boxed()
    }

    fn unsubscribe<'a>(&'a self, channels: &'a [ChannelId]) -> BoxFuture<'a, Result<(), BusError>> {
        let asked = self.interests.send(Command::Unsubscribe(channels.to_vec()));
        ready(asked.map_err(|_| BusError("the bus has ended".to_owned()))).boxed()
    }

    fn receive(&self) -> BoxFuture<'_, Option<BusEvent>> {
        async { self.inbox.lock().await.recv().await }.boxed()
    }

    fn state(&self) -> LinkState {
        *lock(&self.state)
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Driver {
    config: RedisConfig,
    messages: mpsc::Receiver<Command>,
    interests: mpsc::UnboundedReceiver<Command>,
    events: mpsc::Sender<BusEvent>,
    state: Arc<Mutex<LinkState>>,
    wanted: HashSet<ChannelId>,
    /// Unsubscriptions that Redis has not confirmed. One that nobody asked for means that a slot has moved.
    leaving: HashMap<ChannelId, u32>,
    /// A message did not fit into the node's inbox.
    missed: bool,
}

impl Driver {
    async fn run(mut self) {
        let mut retry = FIRST_RETRY;
        loop {
            let (pushes, mut arriving) = mpsc::unbounded_channel();
            let failed = match self.connect(&pushes).await {
                Ok(link) => {
                    retry = FIRST_RETRY;
                    self.now(true);
                    tracing::info!(nodes = link.len(), sharded = link.sharded(), "connected to Redis");
                    if !self.tell(BusEvent::Resumed).await {
                        return;
                    }
                    match self.serve(&link, &mut arriving).await {
                        Ok(()) => return,
                        Err(error) => error,
                    }
                }
                Err(error) => error,
            };
            if self.now(false) {
                tracing::warn!(error = %failed, "the connection to Redis is lost; members here are served, other nodes are not reached");
            }
            if !self.wait(retry).await {
                return;
            }
            retry = (retry * 2).min(LAST_RETRY);
        }
    }

    /// Notes how the connection is; whether that is a change.
    fn now(&self, connected: bool) -> bool {
        let mut state = lock(&self.state);
        let changed = state.connected != connected;
        if changed {
            *state = LinkState { connected, since: Instant::now() };
        }
        changed
    }

    /// `false` when the bus has ended.
    async fn tell(&self, event: BusEvent) -> bool {
        self.events.send(event).await.is_ok()
    }

    async fn connect(&mut self, pushes: &mpsc::UnboundedSender<PushInfo>) -> Result<Link, LinkError> {
        let link = Link::open(&self.config, Some(pushes)).await?;
        self.leaving.clear();
        while let Ok(command) = self.interests.try_recv() {
            self.note(command);
        }
        let all: Vec<_> = self.wanted.iter().cloned().collect();
        for some in all.chunks(BATCH) {
            let mut pipelines = Pipelines::new(&link, &self.config.prefix);
            for channel in some {
                pipelines.subscribe(channel);
            }
            pipelines.send().await?;
        }
        Ok(link)
    }

    /// Remembers an interest for the next connection; whoever waits for it hears that it failed.
    fn note(&mut self, command: Command) {
        match command {
            Command::Subscribe(channels, _) => self.wanted.extend(channels),
            Command::Unsubscribe(channels) => {
                for channel in channels {
                    self.wanted.remove(&channel);
                }
            }
            Command::Publish(..) => {}
        }
    }

    /// Passes time without a connection. `false` when the bus has ended.
    async fn wait(&mut self, time: Duration) -> bool {
        let over = sleep(time);
        tokio::pin!(over);
        loop {
            tokio::select! {
                () = &mut over => return true,
                command = self.interests.recv() => match command {
                    Some(command) => self.note(command),
                    None => return false,
                },
                command = self.messages.recv() => if command.is_none() { return false },
            }
        }
    }

    /// Works until the connection fails (`Err`) or the bus ends (`Ok`).
    async fn serve(&mut self, link: &Link, arriving: &mut mpsc::UnboundedReceiver<PushInfo>) -> Result<(), LinkError> {
        let mut pings = interval(PING);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            // What arrived goes first, interests before publications: a node hears what it subscribed to before it speaks itself.
            tokio::select! {
                biased;
                push = arriving.recv() => self.take(push)?,
                command = self.interests.recv() => {
                    let Some(first) = command else { return Ok(()) };
                    let batch = waiting(first, || self.interests.try_recv().ok());
                    self.work(link, arriving, batch).await?;
                }
                command = self.messages.recv() => {
                    let Some(first) = command else { return Ok(()) };
                    let batch = waiting(first, || self.messages.try_recv().ok());
                    self.work(link, arriving, batch).await?;
                }
                _ = pings.tick() => {
                    self.catch_missed();
                    link.ping().await?;
                }
            }
        }
    }

    /// Sends a batch, and takes what arrives while Redis answers.
    async fn work(&mut self, link: &Link, arriving: &mut mpsc::UnboundedReceiver<PushInfo>, batch: Vec<Command>) -> Result<(), LinkError> {
        let prefix = self.config.prefix.clone();
        let mut pipelines = Pipelines::new(link, &prefix);
        let mut asking = Vec::new();
        for command in batch {
            match command {
                Command::Publish(channel, bytes) => pipelines.publish(&channel, &bytes),
                Command::Subscribe(channels, done) => {
                    asking.push(done);
                    for channel in channels {
                        pipelines.subscribe(&channel);
                        self.wanted.insert(channel);
                    }
                }
                Command::Unsubscribe(channels) => {
                    for channel in channels {
                        pipelines.unsubscribe(&channel);
                        self.wanted.remove(&channel);
                        *self.leaving.entry(channel).or_default() += 1;
                    }
                }
            }
        }
        let sending = pipelines.send();
        tokio::pin!(sending);
        loop {
            tokio::select! {
                biased;
                push = arriving.recv() => self.take(push)?,
                sent = &mut sending => { sent?; break }
            }
        }
        for done in asking {
            // Fails when nobody waits any more.
            done.send(()).ok();
        }
        Ok(())
    }

    fn take(&mut self, push: Option<PushInfo>) -> Result<(), LinkError> {
        let Some(PushInfo { kind, data }) = push else { return Err(LinkError::Topology("the connection has ended".to_owned())) };
        match kind {
            PushKind::Disconnection => Err(LinkError::Topology("Redis closed the connection".to_owned())),
            PushKind::Message | PushKind::SMessage => {
                self.deliver(data);
                Ok(())
            }
            PushKind::Unsubscribe | PushKind::SUnsubscribe => self.left(channel(&data, &self.config.prefix)),
            _ => Ok(()),
        }
    }

    fn left(&mut self, channel: Option<ChannelId>) -> Result<(), LinkError> {
        let Some(channel) = channel else { return Ok(()) };
        let Some(asked) = self.leaving.get_mut(&channel) else { return Err(LinkError::Topology("a slot has moved".to_owned())) };
        *asked -= 1;
        if *asked == 0 {
            self.leaving.remove(&channel);
        }
        Ok(())
    }

    fn deliver(&mut self, mut data: Vec<Value>) {
        let (Some(Value::BulkString(bytes)), Some(channel)) = (data.pop(), channel(&data, &self.config.prefix)) else { return };
        let message = BusMessage { channel, bytes: bytes.into() };
        if self.events.try_send(BusEvent::Message(message)).is_err() && !std::mem::replace(&mut self.missed, true) {
            tracing::warn!("bus: this node does not keep up with what arrives; some of it is lost and will be fetched");
        }
    }

    /// After a loss by fullness the node must look for what it missed, as after any other.
    fn catch_missed(&mut self) {
        if self.missed && self.events.try_send(BusEvent::Resumed).is_ok() {
            self.missed = false;
        }
    }
}

/// A command and what waits behind it, up to a pipeline's length.
fn waiting(first: Command, next: impl FnMut() -> Option<Command>) -> Vec<Command> {
    std::iter::once(first).chain(std::iter::from_fn(next).take(BATCH - 1)).collect()
}

/// The channel of a push, without the prefix.
fn channel(data: &[Value], prefix: &str) -> Option<ChannelId> {
    let Some(Value::BulkString(name)) = data.first() else { return None };
    let name = std::str::from_utf8(name).ok()?;
    name.strip_prefix(prefix)?.strip_prefix(':').map(ChannelId::from)
}

/// A pipeline for each node.
struct Pipelines<'a> {
    link: &'a Link,
    prefix: &'a str,
    of_node: Vec<Pipeline>,
}

impl<'a> Pipelines<'a> {
    fn new(link: &'a Link, prefix: &'a str) -> Self {
        Self { link, prefix, of_node: (0..link.len()).map(|_| Pipeline::new()).collect() }
    }

    fn add(&mut self, plain: &str, sharded: &str, channel: &ChannelId, bytes: Option<&[u8]>) {
        let name = format!("{}:{channel}", self.prefix);
        let Some(pipeline) = self.of_node.get_mut(self.link.place(name.as_bytes())) else { return };
        let command = pipeline.cmd(if self.link.sharded() { sharded } else { plain }).arg(name);
        if let Some(bytes) = bytes {
            command.arg(bytes);
        }
    }

    fn publish(&mut self, channel: &ChannelId, bytes: &[u8]) {
        self.add("PUBLISH", "SPUBLISH", channel, Some(bytes));
    }

    // One command per channel: each is answered by one confirmation, as the pipeline expects.
    fn subscribe(&mut self, channel: &ChannelId) {
        self.add("SUBSCRIBE", "SSUBSCRIBE", channel, None);
    }

    fn unsubscribe(&mut self, channel: &ChannelId) {
        self.add("UNSUBSCRIBE", "SUNSUBSCRIBE", channel, None);
    }

    async fn send(self) -> Result<(), LinkError> {
        let sending = self.of_node.into_iter().enumerate().filter(|(_, pipeline)| !pipeline.is_empty());
        let sending = sending.filter_map(|(place, pipeline)| Some((self.link.node(place)?, pipeline)));
        let each = sending.map(|(mut node, pipeline)| async move { pipeline.exec_async(&mut node).await });
        futures_util::future::try_join_all(each).await?;
        Ok(())
    }
}
