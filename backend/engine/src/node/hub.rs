//! The state that changes together: connections, coalescer and presence, with the fan-out. Everything here runs under the node's lock,
//! never waits, and hands what takes time to the node's loops.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::counters::Counters;
use super::gossip::{BEATS, Gossip};
use super::healing::Holes;
use super::presence::Lanes;
use super::relay::{Interest, Outgoing};
use crate::channel::{ChannelId, Membership, Publication};
use crate::coalescer::{Batch, Coalescer, Share, Verdict};
use crate::connections::{Change, ConnectionId, Connections};
use crate::node::Engine;
use crate::options::Options;
use crate::policy::{Identity, Policy};
use crate::positions::Positions;
use crate::presence::Presence;
use crate::refusal::Disconnect;
use crate::registry::NodeId;
use crate::roster::Roster;
use crate::transport::frame::{Body, Frame};
use crate::transport::{Connection, Undelivered};
use crate::wire::Farewell;

/// Where the hub's consequences go.
pub(super) struct Wires {
    relay: Option<Outgoing>,
    pub(super) holes: Holes,
    pub(super) presence: Lanes,
    counters: Arc<Counters>,
    /// A deadline of the coalescer is new.
    pub(super) flushing: Arc<Notify>,
    /// A deadline of presence is new.
    pub(super) departing: Arc<Notify>,
    /// Something changed that other nodes have to hear.
    gossiping: Arc<Gossip>,
}

impl Wires {
    pub(super) fn new(relay: Option<Outgoing>, holes: Holes, presence: Lanes, counters: Arc<Counters>, gossiping: Arc<Gossip>) -> Self {
        Self { relay, holes, presence, counters, flushing: Arc::default(), departing: Arc::default(), gossiping }
    }
}

/// See the module.
pub(crate) struct Hub<P> {
    pub(crate) connections: Connections<Arc<Connection<P>>>,
    pub(crate) presence: Presence,
    coalescer: Coalescer,
    /// Among others only.
    pub(super) positions: Option<Positions>,
    /// Among others only.
    pub(super) roster: Option<Roster>,
    pub(super) wires: Wires,
}

impl<P> Hub<P> {
    pub(super) fn new(id: NodeId, options: &Options, wires: Wires) -> Self {
        let clustered = wires.relay.is_some();
        Self {
            connections: Connections::new(),
            presence: Presence::new(options.presence_ttl),
            coalescer: Coalescer::new(options.coalesce.clone()),
            positions: clustered.then(Positions::default),
            roster: clustered.then(|| Roster::new(id, options.lease / BEATS, Instant::now())),
            wires,
        }
    }

    /// A principal came to this node or left it: told here when the node is alone, else by whom the roster chooses.
    pub(super) fn presence_changed(&mut self, identity: Identity, present: bool, now: Instant) {
        match &mut self.roster {
            None => self.wires.presence.changed(identity, present),
            Some(roster) => {
                let tell = roster.local(&identity, present, now);
                self.tell(tell);
                self.wires.gossiping.soon.notify_one();
            }
        }
    }

    /// Adds a connection with its channels and queues its welcome. One step, so that no publication overtakes the welcome and none
    /// that follows it is missed.
    pub(super) fn attach(&mut self, connection: &Arc<Connection<P>>, join: &[Membership], welcome: &Frame) -> Result<(), Undelivered> {
        connection.send(welcome)?;
        self.wires.counters.frames_out.fetch_add(1, Ordering::Relaxed);
        let identity = &connection.identity;
        self.connections.insert(connection.id, identity.clone(), Arc::clone(connection));
        for membership in join {
            self.join(connection.id, membership);
        }
        if self.presence.came(identity) {
            self.presence_changed(identity.clone(), true, Instant::now());
        }
        Ok(())
    }

    /// Forgets a connection, where it is known.
    pub(super) fn detach(&mut self, id: ConnectionId, now: Instant) -> bool {
        let Some((identity, left)) = self.connections.remove(id) else { return false };
        for (channel, change) in left {
            self.members_changed(change, &channel);
        }
        if self.presence.went(&identity.principal, now) {
            self.wires.departing.notify_one();
        }
        true
    }

    /// Forgets a connection and asks it to end.
    pub(crate) fn dismiss(&mut self, id: ConnectionId, farewell: Farewell, now: Instant) -> bool {
        let Some(connection) = self.connections.find(id).cloned() else { return false };
        self.detach(id, now);
        connection.exit.ask(farewell)
    }

    /// Makes a connection a member; true when it was one already.
    pub(crate) fn join(&mut self, id: ConnectionId, membership: &Membership) -> bool {
        let was_member = self.connections.is_member(id, &membership.channel);
        let change = self.connections.join(id, membership);
        if !was_member {
            self.members_changed(change, &membership.channel);
        }
        was_member
    }

    pub(crate) fn leave(&mut self, id: ConnectionId, channel: &ChannelId) {
        if self.connections.is_member(id, channel) {
            let change = self.connections.leave(id, channel);
            self.members_changed(change, channel);
        }
    }

    pub(super) fn follow(&mut self, principal: &str, membership: &Membership) {
        for id in self.connections.of_principal(principal, None) {
            self.join(id, membership);
        }
    }

    pub(super) fn unfollow(&mut self, principal: &str, channel: &ChannelId) {
        for id in self.connections.of_principal(principal, None) {
            self.leave(id, channel);
        }
    }

    fn members_changed(&mut self, change: Change, channel: &ChannelId) {
        let Some(relay) = &self.wires.relay else { return };
        if let Some(roster) = &mut self.roster {
            roster.touched(channel);
            self.wires.gossiping.soon.notify_one();
        }
        if change == Change::Last
            && let Some(positions) = &mut self.positions
        {
            positions.forget(channel);
        }
        match change {
            Change::First => relay.interest(Interest { channel: channel.clone(), listen: true }),
            Change::Last => relay.interest(Interest { channel: channel.clone(), listen: false }),
            Change::None => {}
        }
    }

    /// How many members a channel has on other nodes, as far as they have said.
    pub(crate) fn remote_members(&self, channel: &ChannelId) -> usize {
        self.roster.as_ref().map_or(0, |roster| roster.remote_members(channel))
    }

    /// Takes a publication, of this node or another, and sends or holds it.
    pub(super) fn accept(&mut self, publication: Publication, now: Instant) {
        if self.connections.member_count(&publication.channel) == 0 {
            return;
        }
        let channel = publication.channel.clone();
        let next = self.in_order(publication);
        self.pass_all_on(&channel, next, now);
    }

    /// Takes what another node said of a channel in quick succession.
    pub(super) fn accept_together(&mut self, channel: &ChannelId, publications: Vec<Publication>, now: Instant) {
        let members = self.connections.member_count(channel);
        if members == 0 {
            return;
        }
        let next: Vec<Publication> = publications.into_iter().flat_map(|publication| self.in_order(publication)).collect();
        if self.coalescer.gathers(channel, members) {
            // What waits goes with what else is said here.
            for publication in next {
                self.pass_on(publication, now);
            }
        } else {
            self.pass_all_on(channel, next, now);
        }
    }

    /// Sends what is next in a channel: one as the coalescer says, several at once and in few frames, so that catching up fills no queue.
    pub(super) fn pass_all_on(&mut self, channel: &ChannelId, mut next: Vec<Publication>, now: Instant) {
        if next.len() > 1 {
            for (share, mut held) in self.coalescer.release(channel) {
                held.extend_from_slice(&next);
                self.fan_out(Batch { channel: channel.clone(), share, held }, now);
            }
        } else if let Some(publication) = next.pop() {
            self.pass_on(publication, now);
        }
    }

    fn pass_on(&mut self, publication: Publication, now: Instant) {
        let members = self.connections.member_count(&publication.channel);
        let deadline = self.coalescer.next_deadline();
        if let Verdict::Send(publication) = self.coalescer.offer(publication, members, now) {
            self.fan_out(Batch { channel: publication.channel.clone(), share: Share::WHOLE, held: vec![publication] }, now);
        }
        if self.coalescer.next_deadline() != deadline {
            self.wires.flushing.notify_one();
        }
    }

    /// Sends what was held long enough. Returns when to come again.
    fn flush_due(&mut self, now: Instant) -> Option<Instant> {
        let connections = &self.connections;
        let batches = self.coalescer.due(now, |channel| connections.member_count(channel));
        for batch in batches {
            self.fan_out(batch, now);
        }
        self.coalescer.next_deadline()
    }

    /// Sends everything that is held.
    pub(super) fn flush_all(&mut self, now: Instant) {
        for batch in self.coalescer.flush() {
            self.fan_out(batch, now);
        }
    }

    fn fan_out(&mut self, batch: Batch, now: Instant) {
        let Batch { channel, share, held } = batch;
        let frames = Frame::batches(held);
        let mut late = Vec::new();
        let mut sent = 0;
        for (id, connection) in self.connections.members(&channel).filter(|(id, _)| share.has(*id)) {
            for frame in &frames {
                match connection.send(frame) {
                    Ok(()) => sent += 1,
                    Err(Undelivered::Gone) => break,
                    Err(Undelivered::Full) => {
                        late.push(id);
                        break;
                    }
                }
            }
        }
        self.wires.counters.frames_out.fetch_add(sent, Ordering::Relaxed);
        for id in late {
            self.cut(id, now);
        }
    }

    /// Sends a heartbeat to one connection; cuts it when it cannot take it.
    pub(crate) fn beat(&mut self, id: ConnectionId, top: BTreeMap<ChannelId, u64>, now: Instant) {
        let Some(connection) = self.connections.find(id) else { return };
        match connection.send(&Frame::new(Body::Heartbeat(top))) {
            Ok(()) => {
                connection.beaten();
                self.wires.counters.frames_out.fetch_add(1, Ordering::Relaxed);
            }
            Err(Undelivered::Full) => self.cut(id, now),
            Err(Undelivered::Gone) => {}
        }
    }

    /// A client that does not read fast enough is told to come again and resume: it never misses a frame silently.
    fn cut(&mut self, id: ConnectionId, now: Instant) {
        tracing::info!(connection.id = %id, "slow consumer cut");
        self.wires.counters.slow_consumers_cut.fetch_add(1, Ordering::Relaxed);
        self.dismiss(id, Farewell::new(Disconnect::SlowConsumer, "frames were not read fast enough; reconnect and resume"), now);
    }
}

/// Spawns the loop that sends held publications when their tick is over.
pub(super) fn spawn_flushing<P: Policy>(engine: &Engine<P>) {
    let looping = engine.clone();
    engine.tasks().spawn_driver(async move {
        let flushing = Arc::clone(&looping.hub().wires.flushing);
        loop {
            let next = looping.hub().flush_due(Instant::now());
            wait(next, &flushing).await;
        }
    });
}

/// Waits for a deadline, where there is one, or for news of an earlier one.
pub(super) async fn wait(deadline: Option<Instant>, news: &Notify) {
    match deadline {
        None => news.notified().await,
        Some(deadline) => {
            tokio::select! {
                biased;
                () = sleep_until(deadline) => {}
                () = news.notified() => {}
            }
        }
    }
}
