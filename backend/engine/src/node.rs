//! A node: the handle by which the product and the transports use the engine, and the state behind it.
//! `hub` is everything that changes together under one lock; the other submodules are the loops and longer verbs of the node.

use std::collections::HashSet;
use std::future::Future;
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::allocation::Allocation;
use crate::bus::Bus;
use crate::channel::{ChannelId, Membership, Publication};
use crate::connections::ConnectionId;
use crate::heartbeat;
use crate::log::{ChannelLog, Follow};
use crate::options::Options;
use crate::policy::{Caller, Identity, Policy};
use crate::refusal::{Disconnect, Refusal, millis};
use crate::registry::{NodeId, Registry};
use crate::requests::{self, Page};
use crate::tasks::Tasks;
use crate::wire::Farewell;
use crate::writer::{Gather, Outlet, Writer, writer};

mod counters;
mod drain;
mod gossip;
mod greeting;
mod guest;
mod healing;
mod health;
mod hub;
mod lease;
mod presence;
mod relay;

use counters::Counters;
pub use counters::Counts;
pub(crate) use gossip::{ALL_NODES, RESERVED};
use gossip::{Command, Gossip};
pub(crate) use guest::Guest;
pub use health::{BusHealth, ClusterHealth};
pub(crate) use hub::Hub;
use hub::Wires;
pub use lease::LeaseHealth;

/// What makes a node one of several.
pub struct Cluster {
    /// This node's end of the bus.
    pub bus: Arc<dyn Bus>,
    /// Where nodes find one another.
    pub registry: Arc<dyn Registry>,
    /// Where clients reach this node, when nodes have public addresses of their own.
    pub address: Option<String>,
}

/// The handle of a node; cheap to clone.
pub struct Engine<P: Policy>(Arc<Node<P>>);

impl<P: Policy> Clone for Engine<P> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

struct Node<P: Policy> {
    id: NodeId,
    policy: P,
    log: Arc<P::Log>,
    options: Options,
    writer: Writer<P::Log>,
    /// One lock for index, coalescer and presence: whoever joins, is welcomed or receives is ordered against everybody else.
    hub: Mutex<Hub<P::Principal>>,
    counters: Arc<Counters>,
    relay: Option<relay::Outgoing>,
    bus: Option<Arc<dyn Bus>>,
    lease: lease::Lease,
    allocation: Mutex<Allocation>,
    gossip: Arc<Gossip>,
    /// What members have is to be compared with the log.
    compare: Notify,
    beats: heartbeat::Soon,
    tasks: Tasks,
    draining: CancellationToken,
    started: Instant,
}

impl<P: Policy> Engine<P> {
    /// A node that is alone. Spawns its tasks on the current tokio runtime; `drain` ends them.
    pub fn new(policy: P, log: P::Log, options: Options) -> Self {
        Self::start(policy, log, options, None)
    }

    /// A node among others. Spawns its tasks on the current tokio runtime; `drain` ends them.
    pub fn in_cluster(policy: P, log: P::Log, options: Options, cluster: Cluster) -> Self {
        Self::start(policy, log, options, Some(cluster))
    }

    fn start(policy: P, log: P::Log, options: Options, cluster: Option<Cluster>) -> Self {
        let tasks = Tasks::default();
        let counters = Arc::new(Counters::default());
        let (writer, writing) = writer(Gather { linger: options.commit_linger, max: options.commit_max.max(1) }, log.lanes());
        let (relay, relay_loop) = relay::relay(cluster.is_some());
        let (beats, beats_asked) = heartbeat::soon();
        let (holes, holes_asked) = healing::holes();
        let (gossip, id) = (Arc::new(Gossip::default()), NodeId(options.entropy.node()));
        let (presence_out, presence_lanes) = presence::lanes(id);
        let wires = Wires::new(relay.clone(), holes, presence_out, Arc::clone(&counters), Arc::clone(&gossip));
        let engine = Self(Arc::new(Node {
            id,
            policy,
            log: Arc::new(log),
            hub: Mutex::new(Hub::new(id, &options, wires)),
            writer,
            counters,
            relay,
            bus: cluster.as_ref().map(|cluster| Arc::clone(&cluster.bus)),
            lease: lease::Lease::default(),
            allocation: Mutex::new(Allocation::new(options.allocation.clone())),
            gossip,
            compare: Notify::new(),
            options,
            beats,
            tasks: tasks.clone(),
            draining: CancellationToken::new(),
            started: Instant::now(),
        }));
        for lane in writing {
            tasks.spawn_guest(lane.run(Arc::clone(&engine.0.log), engine.clone()));
        }
        presence::spawn(&engine, presence_lanes);
        hub::spawn_flushing(&engine);
        heartbeat::spawn(&engine, beats_asked);
        if let Some((cluster, relay_loop)) = cluster.zip(relay_loop) {
            relay::spawn(&engine, &cluster, relay_loop);
            healing::spawn(&engine, holes_asked);
            gossip::spawn(&engine);
            lease::spawn(&engine, &cluster);
        }
        engine
    }

    /// The product's side.
    pub fn policy(&self) -> &P {
        &self.0.policy
    }

    /// The log behind logged channels.
    pub fn log(&self) -> &P::Log {
        &self.0.log
    }

    /// The numbers this node runs with.
    pub fn options(&self) -> &Options {
        &self.0.options
    }

    /// This node's name.
    pub fn node_id(&self) -> NodeId {
        self.0.id
    }

    /// Has an entry committed by the group-commit writer. Returns after the commit and after local members were sent its publications.
    /// Dropping the future does not undo an entry that was queued. Refuses with what the log says, or `unavailable`.
    pub async fn append(&self, entry: <P::Log as ChannelLog>::Entry) -> Result<<P::Log as ChannelLog>::Reply, Refusal> {
        self.0.writer.append(self.0.log.lane(&entry), entry).await
    }

    /// Sends what is not logged, or is committed already: to local members first, then to the other nodes.
    #[expect(clippy::unused_async, reason = "the surface promises that a publisher may have to wait; today the relay queues")]
    pub async fn publish(&self, publication: Publication) {
        self.publish_now(publication);
    }

    pub(crate) fn publish_now(&self, publication: Publication) {
        let copy = self.0.relay.as_ref().map(|relay| (relay, publication.clone()));
        self.hub().accept(publication, Instant::now());
        if copy.is_some_and(|(relay, publication)| !relay.publish(publication)) {
            self.0.counters.relay_lost.fetch_add(1, Ordering::Relaxed);
            self.0.gossip.lost.store(true, Ordering::Relaxed);
        }
    }

    /// Sends what concerns this node's members only: each node says it to its own.
    pub fn publish_here(&self, publication: Publication) {
        self.hub().accept(publication, Instant::now());
    }

    /// Makes every connection of a principal a member, here at once and on the other nodes soon.
    #[expect(clippy::needless_pass_by_value, reason = "the caller makes a membership for this call; a borrow would only be noise there")]
    pub fn follow(&self, principal: &str, membership: Membership) {
        self.hub().follow(principal, &membership);
        let channel = membership.channel.as_str().to_owned();
        self.command(Command::Follow { principal: principal.to_owned(), channel, logged: membership.logged });
    }

    /// Ends the membership of every connection of a principal, here at once and on the other nodes soon.
    pub fn unfollow(&self, principal: &str, channel: &ChannelId) {
        self.hub().unfollow(principal, channel);
        self.command(Command::Unfollow { principal: principal.to_owned(), channel: channel.as_str().to_owned() });
    }

    /// Makes one connection a member of a channel, on behalf of a policy that has judged it, and answers what of the log it is to have: what comes
    /// after `after`, or the `newest` entries. Without a connection it only reads.
    pub async fn join(
        &self,
        connection: Option<ConnectionId>,
        membership: &Membership,
        after: Option<u64>,
        newest: u64,
    ) -> Result<Page, Refusal> {
        requests::enter(self, connection, membership, (after, newest)).await
    }

    /// Ends one connection's membership.
    pub fn leave(&self, connection: ConnectionId, channel: &ChannelId) {
        self.hub().leave(connection, channel);
    }

    /// Disconnects the connections of a principal, or of one of its devices: here at once, on the other nodes soon. Returns how many were here.
    pub fn kick(&self, principal: &str, device: Option<&str>, why: Disconnect, message: &str) -> usize {
        let device_name = device.map(str::to_owned);
        let (principal_name, message_text) = (principal.to_owned(), message.to_owned());
        self.command(Command::Kick { principal: principal_name, device: device_name, code: why.code(), message: message_text });
        let mut hub = self.hub();
        let ids = hub.connections.of_principal(principal, device);
        ids.into_iter().filter(|id| hub.dismiss(*id, Farewell::new(why, message), Instant::now())).count()
    }

    /// Whether a principal is connected to any node, or was within the presence TTL. What other nodes say arrives within a second; while the
    /// bus is away their last word holds.
    pub fn is_present(&self, principal: &str) -> bool {
        let hub = self.hub();
        hub.roster.as_ref().map_or_else(|| hub.presence.is_present(principal), |roster| roster.is_present(principal))
    }

    /// How many connections are members of a channel, over all nodes; as current as `is_present`.
    pub fn members(&self, channel: &ChannelId) -> usize {
        let hub = self.hub();
        hub.connections.member_count(channel) + hub.remote_members(channel)
    }

    /// How many connections are members of a channel on this node.
    pub fn members_here(&self, channel: &ChannelId) -> usize {
        self.hub().connections.member_count(channel)
    }

    /// Answers a request: what transports call, and the HTTP fallback (without a connection `channel.join` and `channel.leave` are `invalid`).
    pub async fn handle(&self, caller: &Caller<P::Principal>, method: &str, params: Value) -> Result<Value, Refusal> {
        requests::answer(self, caller, method, params).await
    }

    /// Who is connected to this node, of those whose principal begins so: each device once.
    pub fn identities(&self, prefix: &str) -> Vec<Identity> {
        let mut seen = HashSet::new();
        let hub = self.hub();
        let all = hub.connections.handles().filter_map(|connection| Some(&connection.caller.as_ref()?.identity));
        all.filter(|identity| identity.principal.starts_with(prefix))
            .filter(|identity| seen.insert((Arc::clone(&identity.principal), Arc::clone(&identity.device))))
            .cloned()
            .collect()
    }

    /// Numbers for metrics.
    pub fn counts(&self) -> Counts {
        let hub = self.hub();
        let mut counts = self.0.counters.read(&hub.connections, hub.presence.count());
        counts.spread =
            hub.roster.as_ref().map_or(0, |roster| hub.connections.channels().filter(|channel| roster.remote_members(channel) > 0).count());
        counts.relay_waiting = self.0.relay.as_ref().map_or(0, relay::Outgoing::waiting);
        counts
    }

    pub(crate) fn hub(&self) -> MutexGuard<'_, Hub<P::Principal>> {
        // A panic elsewhere must not end every connection: each change of the hub is complete in itself.
        self.0.hub.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn tasks(&self) -> &Tasks {
        &self.0.tasks
    }

    /// Cancelled when the node takes nobody any more.
    pub(crate) fn draining(&self) -> &CancellationToken {
        &self.0.draining
    }

    /// Milliseconds since the node started: the clock of `Connection::seen`.
    pub(crate) fn clock(&self) -> u64 {
        millis(self.0.started.elapsed())
    }

    /// Sends the tops of a connection's logged channels soon, together with others that ask.
    pub(crate) fn beat_soon(&self, id: ConnectionId) {
        self.0.beats.ask(id);
    }

    /// Forgets a connection whose task has ended.
    pub(crate) fn detach(&self, id: ConnectionId) {
        self.hub().detach(id, Instant::now());
    }

    /// Counts a socket of an address until the returned guard is dropped.
    pub(crate) fn admit(&self, listener: &'static str, peer: IpAddr) -> Result<Admission<P>, Farewell> {
        let limit = self.0.options.connections_per_address;
        if self.hub().connections.admit(listener, peer, limit) {
            return Ok(Admission { engine: self.clone(), listener, peer });
        }
        let message = format!("this address has {limit} connections already; close one first");
        Err(Farewell { why: Disconnect::TooManyConnections, message, retry_after_ms: Some(self.0.options.entropy.between(5_000, 15_000)) })
    }
}

/// Counts one socket of an address while it lives.
pub(crate) struct Admission<P: Policy> {
    engine: Engine<P>,
    listener: &'static str,
    peer: IpAddr,
}

impl<P: Policy> Drop for Admission<P> {
    // Takes the node's lock, so it must never be dropped under it. It is not: the last owner of a socket is its task, which outlives the
    // connection's place in the index.
    fn drop(&mut self) {
        self.engine.hub().connections.release(self.listener, self.peer);
    }
}

impl<P: Policy> Outlet for Engine<P> {
    fn follow(&self, follow: Follow) {
        Self::follow(self, &follow.principal, follow.membership);
    }

    fn publish(&self, publication: Publication) -> impl Future<Output = ()> + Send {
        self.publish_now(publication);
        std::future::ready(())
    }

    fn committed(&self, entries: usize) {
        self.0.counters.committed(entries);
    }
}
