//! Tells every connection, once per heartbeat, the tops of its logged channels as the log has them, and cuts those that are silent.
//! Connections are beaten slice by slice, so that the work is spread and a slice's tops are one query.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};

use crate::channel::ChannelId;
use crate::connections::{ConnectionId, SLICES};
use crate::log::ChannelLog;
use crate::node::Engine;
use crate::policy::Policy;
use crate::refusal::{Disconnect, millis};
use crate::wire::Farewell;

/// Connections whose tops are read in one query when they ask for a beat soon.
const SOON: usize = 512;
/// After a beat that was asked for, others are gathered this long: whoever joins many channels asks with each.
const GATHER: Duration = Duration::from_millis(100);

/// The asking end for beats out of turn.
pub(crate) struct Soon(mpsc::UnboundedSender<ConnectionId>);

/// The answering end of [`Soon`].
pub(crate) struct SoonAsked(mpsc::UnboundedReceiver<ConnectionId>);

pub(crate) fn soon() -> (Soon, SoonAsked) {
    // Unbounded, but a connection asks once when it comes and once for each channel that begins with it.
    let (sender, receiver) = mpsc::unbounded_channel();
    (Soon(sender), SoonAsked(receiver))
}

impl Soon {
    pub(crate) fn ask(&self, id: ConnectionId) {
        // Fails only after the node has stopped.
        self.0.send(id).ok();
    }
}

/// Spawns the sweep over the slices and the loop for beats out of turn.
pub(crate) fn spawn<P: Policy>(engine: &Engine<P>, soon: SoonAsked) {
    let sweeping = engine.clone();
    engine.tasks().spawn_driver(async move { sweep(&sweeping).await });
    let beating = engine.clone();
    engine.tasks().spawn_driver(async move { beat_asked(&beating, soon).await });
}

async fn sweep<P: Policy>(engine: &Engine<P>) {
    let slices = u32::try_from(SLICES).unwrap_or(u32::MAX);
    let tick = (engine.options().heartbeat / slices).max(Duration::from_millis(1));
    let mut ticks = interval_at(Instant::now() + tick, tick);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for slice in (0..SLICES).cycle() {
        ticks.tick().await;
        let ids = engine.hub().connections.slice(slice);
        let alive = cut_silent(engine, ids);
        if !alive.is_empty() {
            // Not awaited: a log that answers slowly must not delay the other slices.
            let beating = engine.clone();
            engine.tasks().spawn_driver(async move { beat(&beating, &alive).await });
        }
    }
}

async fn beat_asked<P: Policy>(engine: &Engine<P>, mut soon: SoonAsked) {
    let mut asked = Vec::with_capacity(SOON);
    while soon.0.recv_many(&mut asked, SOON).await > 0 {
        let gather = asked.len() < SOON;
        asked.sort_unstable();
        asked.dedup();
        beat(engine, &asked).await;
        asked.clear();
        if gather {
            sleep(GATHER).await;
        }
    }
}

/// Closes the connections of which nothing was heard for 2.5 heartbeats, with two of them unanswered; returns the others. The time alone would
/// not do: when the node itself has slept, every client looks silent.
fn cut_silent<P: Policy>(engine: &Engine<P>, ids: Vec<ConnectionId>) -> Vec<ConnectionId> {
    let patience = millis(engine.options().heartbeat.mul_f64(2.5));
    let clock = engine.clock();
    let mut hub = engine.hub();
    let silent = |id: &ConnectionId, hub: &crate::node::Hub<P::Principal>| {
        let connection = hub.connections.find(*id);
        connection.is_some_and(|connection| clock.saturating_sub(connection.seen()) > patience && connection.unanswered() >= 2)
    };
    let (cut, alive): (Vec<_>, Vec<_>) = ids.into_iter().partition(|id| silent(id, &hub));
    for id in cut {
        tracing::info!(connection.id = %id, "silent connection cut");
        let farewell = Farewell::new(Disconnect::HeartbeatMissed, "nothing was heard for two and a half heartbeats");
        hub.dismiss(id, farewell, Instant::now());
    }
    alive
}

/// Reads the tops of all their channels at once and sends each connection its own.
pub(crate) async fn beat<P: Policy>(engine: &Engine<P>, ids: &[ConnectionId]) {
    let asked: Vec<(ConnectionId, Vec<ChannelId>)> = {
        let hub = engine.hub();
        ids.iter().map(|id| (*id, hub.connections.logged_channels(*id))).collect()
    };
    let mut channels: Vec<ChannelId> = asked.iter().flat_map(|(_, channels)| channels.iter().cloned()).collect();
    channels.sort_unstable();
    channels.dedup();
    let read = read_tops(engine, &channels).await;
    let known = read.is_some();
    let tops = read.unwrap_or_default();
    let mut hub = engine.hub();
    let now = Instant::now();
    for (id, channels) in asked {
        for channel in channels.iter().filter(|_| known) {
            hub.anchor(channel, tops.get(channel).copied().unwrap_or(0));
        }
        let top = channels.into_iter().filter_map(|channel| tops.get_key_value(&channel).map(|(k, v)| (k.clone(), *v)));
        hub.beat(id, top.collect(), now);
    }
}

/// `None` where the log is away: the beat still says that the node lives.
async fn read_tops<P: Policy>(engine: &Engine<P>, channels: &[ChannelId]) -> Option<BTreeMap<ChannelId, u64>> {
    if channels.is_empty() {
        return None;
    }
    match timeout(engine.options().heartbeat / 5, engine.log().tops(channels)).await {
        Ok(Ok(tops)) => Some(tops.into_iter().collect()),
        Ok(Err(refusal)) => {
            tracing::warn!(%refusal, "heartbeat without tops: the log refused");
            None
        }
        Err(_) => {
            tracing::warn!("heartbeat without tops: the log did not answer in time");
            None
        }
    }
}
