//! Gives members of logged channels what they missed: out of the log, in order, before what follows. A hole is filled when a number is
//! missing; whole channels are compared with the log when a subscription begins, and when the bus was away.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::{self, iter};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

use crate::channel::{ChannelId, Publication};
use crate::connections::ConnectionId;
use crate::heartbeat;
use crate::log::ChannelLog;
use crate::node::Engine;
use crate::policy::Policy;
use crate::positions::Offer;
use crate::refusal::Refusal;

/// What overtook a publication came from another node; the publication itself, which may have been gathered with others (see `relay`), is mostly
/// there within this time.
const GRACE: Duration = Duration::from_millis(20);
/// Holes that are filled at the same time.
const AT_ONCE: usize = 16;
/// Entries that are read at once, and the pause behind each page: connections write in the meantime, or a long absence of the bus would look
/// like clients that do not read.
const PAGE: usize = 100;
const PAUSE: Duration = Duration::from_millis(20);
/// Channels, or connections, of one query.
const SLICE: usize = 512;
/// After the log refused.
const RETRY: Duration = Duration::from_millis(250);

/// The asking end of the healer.
#[derive(Clone)]
pub(super) struct Holes(mpsc::UnboundedSender<ChannelId>);

/// Both ends of the healer. Unbounded, but a channel is asked for once until it is healed.
pub(super) fn holes() -> (Holes, mpsc::UnboundedReceiver<ChannelId>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (Holes(sender), receiver)
}

impl Holes {
    pub(super) fn ask(&self, channel: ChannelId) {
        // Fails only after the node has stopped.
        self.0.send(channel).ok();
    }
}

/// Spawns the loop that fills holes, and the one that compares everything when the bus was away.
pub(super) fn spawn<P: Policy>(engine: &Engine<P>, asked: mpsc::UnboundedReceiver<ChannelId>) {
    let healing = engine.clone();
    engine.tasks().spawn_driver(async move {
        let channels = stream::unfold(asked, |mut asked| async move { asked.recv().await.map(|channel| (channel, asked)) });
        let healing = &healing;
        let fill = |channel: ChannelId| async move {
            sleep(GRACE).await;
            heal(healing, &channel).await;
        };
        channels.for_each_concurrent(AT_ONCE, fill).await;
    });
    let comparing = engine.clone();
    engine.tasks().spawn_driver(async move {
        loop {
            comparing.0.compare.notified().await;
            let channels = comparing.hub().logged_channels();
            tracing::info!(channels = channels.len(), "comparing what members have with the log");
            catch_up(&comparing, &channels).await;
            let everybody = comparing.hub().connections.ids();
            for some in everybody.chunks(SLICE) {
                heartbeat::beat(&comparing, some).await;
            }
        }
    });
}

/// The bus listens to these channels now. What was committed before goes to their members out of the log, and they hear the tops: nothing is
/// missing from here on.
pub(super) async fn begin<P: Policy>(engine: &Engine<P>, channels: Vec<ChannelId>) {
    let logged: Vec<ChannelId> = {
        let hub = engine.hub();
        channels.into_iter().filter(|channel| hub.is_logged(channel)).collect()
    };
    if logged.is_empty() {
        return;
    }
    catch_up(engine, &logged).await;
    // Each once, and those of channels that begin meanwhile with them: whoever joins hundreds would hear all tops, and answer, hundreds of times.
    let members: BTreeSet<ConnectionId> = {
        let hub = engine.hub();
        logged.iter().flat_map(|channel| hub.connections.members(channel).map(|(id, _)| id).collect::<Vec<_>>()).collect()
    };
    for id in members {
        engine.beat_soon(id);
    }
}

/// Compares the tops with what members here have, and gives them what they lack.
async fn catch_up<P: Policy>(engine: &Engine<P>, channels: &[ChannelId]) {
    for some in channels.chunks(SLICE) {
        let tops = loop {
            match engine.log().tops(some).await {
                Ok(tops) => break tops,
                Err(refusal) => wait(&refusal).await,
            }
        };
        let behind: Vec<ChannelId> = {
            let mut hub = engine.hub();
            tops.into_iter().filter(|(channel, top)| hub.behind(channel, *top)).map(|(channel, _)| channel).collect()
        };
        iter(behind).for_each_concurrent(AT_ONCE, |channel| async move { heal(engine, &channel).await }).await;
    }
}

async fn heal<P: Policy>(engine: &Engine<P>, channel: &ChannelId) {
    loop {
        let Some(after) = engine.hub().hole(channel) else { return };
        match engine.log().since(channel, after, PAGE).await {
            Ok(entries) => {
                engine.0.counters.healed.fetch_add(u64::try_from(entries.len()).unwrap_or(u64::MAX), Ordering::Relaxed);
                let whole = entries.len() == PAGE;
                engine.hub().fill(channel, entries, Instant::now());
                if whole {
                    sleep(PAUSE).await;
                }
            }
            Err(refusal) => wait(&refusal).await,
        }
    }
}

async fn wait(refusal: &Refusal) {
    tracing::warn!(%refusal, "what members missed is not read yet");
    sleep(RETRY).await;
}

impl<P> super::Hub<P> {
    /// The logged channels with members here.
    fn logged_channels(&self) -> Vec<ChannelId> {
        self.connections.sorted_channels().into_iter().filter(|channel| self.is_logged(channel)).cloned().collect()
    }

    fn is_logged(&self, channel: &ChannelId) -> bool {
        self.connections.members(channel).next().is_some_and(|(id, _)| self.connections.is_logged_member(id, channel))
    }

    /// What goes out of a publication: the log's order is kept where other nodes write too.
    pub(super) fn in_order(&mut self, publication: Publication) -> Vec<Publication> {
        let (Some(positions), Some(seq)) = (&mut self.positions, publication.seq) else { return vec![publication] };
        let channel = publication.channel.clone();
        match positions.offer(publication, seq) {
            Offer::Deliver(publications) => publications,
            Offer::Nothing => Vec::new(),
            Offer::Hole => {
                self.wires.holes.ask(channel);
                Vec::new()
            }
        }
    }

    /// Members of a channel were told its top.
    pub(crate) fn anchor(&mut self, channel: &ChannelId, top: u64) {
        if let Some(positions) = &mut self.positions
            && self.connections.member_count(channel) > 0
        {
            positions.anchor(channel, top);
        }
    }

    fn behind(&mut self, channel: &ChannelId, top: u64) -> bool {
        let has_members = self.connections.member_count(channel) > 0;
        self.positions.as_mut().is_some_and(|positions| has_members && positions.behind(channel, top))
    }

    fn hole(&mut self, channel: &ChannelId) -> Option<u64> {
        self.positions.as_mut()?.hole(channel)
    }

    fn fill(&mut self, channel: &ChannelId, entries: Vec<Publication>, now: Instant) {
        let Some(positions) = &mut self.positions else { return };
        let next = positions.fill(channel, entries);
        self.pass_all_on(channel, next, now);
    }
}
