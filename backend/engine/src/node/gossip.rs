//! What nodes tell one another beside publications, over one channel that all of them listen to: who is present where (`roster`), and
//! commands that have to reach connections wherever they are. Commands of the last minute are said again when somebody was not listening.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::Notify;
use tokio::time::{Instant, interval, sleep, timeout};

use crate::channel::{ChannelId, Membership};
use crate::node::Engine;
use crate::policy::Policy;
use crate::refusal::{Disconnect, millis};
use crate::registry::NodeId;
use crate::roster::{Numbered, Tell};
use crate::wire::Farewell;

/// The channel of all nodes. Clients cannot name it: what they may join begins with no control character.
pub(crate) const ALL_NODES: &str = "\u{1}nodes";

/// What the engine's own channels and principals begin with; the policy hears nothing of them.
pub(crate) const RESERVED: char = '\u{1}';

/// Changes are gathered this long.
const GATHER: Duration = Duration::from_millis(50);
/// A node that hears nothing of another for 4/5 of a lease forgets it; it speaks this many times as often.
pub(super) const BEATS: u32 = 10;
/// A node is asked for everything no more often than this.
const ASK_AGAIN: Duration = Duration::from_millis(500);
/// How long, and how many, commands are kept to be said again.
const REPEATED: Duration = Duration::from_mins(1);
const KEPT: usize = 10_000;

/// What a node says to all.
#[derive(Serialize, Deserialize)]
struct Note {
    node: NodeId,
    /// By the speaker's own clock, in microseconds: what it hears of itself says how long the way was.
    #[serde(default)]
    at: u64,
    said: Said,
}

#[derive(Serialize, Deserialize)]
enum Said {
    News(Numbered),
    /// Everything, please: of one node, or of all.
    Ask(Option<NodeId>),
    /// What I published lately may not have arrived, or I may not have heard: compare with the log, and say commands again.
    Compare,
    Command(Command, u64),
    /// The product's.
    Told(Box<RawValue>),
    /// I take nobody any more: send new sessions elsewhere.
    Leaving,
}

/// What has to reach connections wherever they are.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Command {
    Follow {
        principal: String,
        channel: String,
        logged: bool,
    },
    Unfollow {
        principal: String,
        channel: String,
    },
    Kick {
        principal: String,
        device: Option<String>,
        code: u16,
        message: String,
    },
    /// The product's, and said again to those that were not listening.
    Tell {
        data: Box<RawValue>,
    },
}

/// What the gossip of a node keeps beside the roster.
#[derive(Default)]
pub(super) struct Gossip {
    kept: Mutex<Kept>,
    /// Something has to be said soon.
    pub(super) soon: Notify,
    /// Something was lost on its way to the bus.
    pub(super) lost: AtomicBool,
}

#[derive(Default)]
struct Kept {
    commands: VecDeque<(Instant, Command)>,
    asked: HashMap<NodeId, Instant>,
    snapshot_wanted: bool,
}

impl Gossip {
    fn with<T>(&self, work: impl FnOnce(&mut Kept) -> T) -> T {
        work(&mut self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Spawns the loop that says what changed, and that this node lives.
pub(super) fn spawn<P: Policy>(engine: &Engine<P>) {
    let saying = engine.clone();
    engine.tasks().spawn_driver(async move {
        let mut beats = interval((saying.options().lease / BEATS).max(Duration::from_millis(1)));
        loop {
            let beat = tokio::select! {
                biased;
                _ = beats.tick() => true,
                () = saying.0.gossip.soon.notified() => false,
            };
            saying.say_news(beat);
            saying.sweep();
            // After the first, which went at once, changes are gathered.
            sleep(GATHER).await;
        }
    });
}

impl<P: Policy> Engine<P> {
    fn say(&self, said: Said) -> bool {
        let Some(relay) = &self.0.relay else { return false };
        let note = Note { node: self.0.id, at: self.micros(), said };
        serde_json::to_vec(&note).is_ok_and(|bytes| relay.note(Bytes::from(bytes)))
    }

    fn micros(&self) -> u64 {
        u64::try_from(self.0.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Says something to the product on every other node (`Policy::told`). It may get lost; what is `lasting` is said again, for a minute, whenever
    /// somebody may not have heard, so that it must bear repetition.
    pub fn tell_nodes(&self, data: Box<RawValue>, lasting: bool) {
        if lasting {
            self.command(Command::Tell { data });
        } else if self.0.relay.is_some() && !self.say(Said::Told(data)) {
            self.0.gossip.lost.store(true, Ordering::Relaxed);
        }
    }

    fn say_news(&self, beat: bool) {
        let wanted = self.0.gossip.with(|kept| std::mem::take(&mut kept.snapshot_wanted));
        let now = Instant::now();
        // Queued under the lock: news go out in the order of their numbers.
        let mut hub = self.hub();
        let hub = &mut *hub;
        let Some(roster) = &mut hub.roster else { return };
        let mut news = roster.changes(|channel| hub.connections.member_count(channel), now);
        if wanted {
            news.extend(roster.snapshot(
                hub.connections.sorted_channels().into_iter().map(|channel| (channel, hub.connections.member_count(channel))),
                now,
            ));
        }
        if news.is_empty() && beat {
            news.push(roster.beat(now));
        }
        for piece in news {
            self.say(Said::News(piece));
        }
    }

    fn sweep(&self) {
        let hearing = self.0.bus.as_ref().is_some_and(|bus| bus.state().connected);
        let patience = self.0.options.lease * 4 / 5;
        let mut hub = self.hub();
        let now = Instant::now();
        let Some(roster) = &mut hub.roster else { return };
        roster.hearing(hearing, now);
        let tells = roster.sweep(patience, now);
        hub.tell(tells);
    }

    /// Says to the others, before anything else is done, that nobody is to be sent here: the registry they ask now and then only.
    pub(super) fn say_leaving(&self) {
        self.goes(self.0.id);
        self.say(Said::Leaving);
    }

    /// Says to the others that this node goes: who was here may come back elsewhere, and was not absent then. Returns when it is said.
    pub(super) async fn say_farewell(&self, grace: Duration) {
        let (Some(relay), after) = (&self.0.relay, self.0.options.presence_ttl) else { return };
        self.say_news(false);
        let farewell = self.hub().roster.as_mut().map(|roster| roster.farewell(after, Instant::now()));
        if let Some(farewell) = farewell {
            self.say(Said::News(farewell));
        }
        timeout(grace, relay.flushed()).await.ok();
    }

    /// Does it to the connections of other nodes, and says it again to those that were not listening.
    pub(super) fn command(&self, command: Command) {
        if self.0.relay.is_none() {
            return;
        }
        let now = Instant::now();
        self.0.gossip.with(|kept| {
            if kept.commands.len() >= KEPT {
                kept.commands.pop_front();
            }
            kept.commands.push_back((now, command.clone()));
        });
        self.say(Said::Command(command, 0));
    }

    /// The bus works again: whatever was said meanwhile may be lost, in both directions.
    pub(super) fn bus_resumed(&self) {
        self.sweep();
        self.0.compare.notify_one();
        self.0.gossip.with(|kept| kept.snapshot_wanted = true);
        self.0.gossip.soon.notify_one();
        self.say(Said::Ask(None));
        self.say(Said::Compare);
        self.repeat_commands();
        self.policy().missed(self);
    }

    /// What this node said, or should have, was lost on its way out.
    pub(super) fn lost_on_the_way(&self) {
        self.say(Said::Compare);
    }

    fn repeat_commands(&self) {
        let now = Instant::now();
        let commands: Vec<_> = self.0.gossip.with(|kept| {
            kept.commands.retain(|(said, _)| *said + REPEATED > now);
            kept.commands.iter().cloned().collect()
        });
        for (said, command) in commands {
            self.say(Said::Command(command, millis(now.saturating_duration_since(said))));
        }
    }

    /// Takes what another node said to all.
    pub(super) fn hear(&self, bytes: &[u8]) {
        let Ok(Note { node, at, said }) = serde_json::from_slice(bytes) else { return };
        if node == self.0.id {
            self.0.counters.bus_lag.store(self.micros().saturating_sub(at), Ordering::Relaxed);
            return;
        }
        match said {
            Said::News(news) => {
                self.speaks(node);
                self.hear_news(node, news);
            }
            Said::Ask(of) if of.is_none_or(|of| of == self.0.id) => {
                self.0.gossip.with(|kept| kept.snapshot_wanted = true);
                self.0.gossip.soon.notify_one();
            }
            Said::Ask(_) => {}
            Said::Compare => {
                self.0.compare.notify_one();
                self.repeat_commands();
                self.policy().missed(self);
            }
            Said::Told(data) => self.policy().told(self, &data),
            Said::Leaving => self.goes(node),
            Said::Command(command, age) => self.obey(command, age),
        }
    }

    fn hear_news(&self, node: NodeId, news: Numbered) {
        let now = Instant::now();
        let mut hub = self.hub();
        let Some(roster) = &mut hub.roster else { return };
        if let Ok(tells) = roster.hear(node, news, now) {
            hub.tell(tells);
            return;
        }
        drop(hub);
        let ask = self.0.gossip.with(|kept| {
            let due = kept.asked.get(&node).is_none_or(|asked| *asked + ASK_AGAIN <= now);
            if due {
                kept.asked.insert(node, now);
            }
            due
        });
        if ask {
            self.say(Said::Ask(Some(node)));
        }
    }

    fn obey(&self, command: Command, age: u64) {
        match command {
            Command::Follow { principal, channel, logged } => {
                let membership = Membership { channel: channel.into(), logged };
                self.hub().follow(&principal, &membership);
            }
            Command::Unfollow { principal, channel } => self.hub().unfollow(&principal, &ChannelId::from(channel)),
            Command::Tell { data } => self.policy().told(self, &data),
            Command::Kick { principal, device, code, message } => {
                let Some(why) = Disconnect::of_code(code) else { return };
                // Who came after it was said is not meant.
                let said = self.clock().saturating_sub(age);
                let mut hub = self.hub();
                for id in hub.connections.of_principal(&principal, device.as_deref()) {
                    if age == 0 || hub.connections.find(id).is_some_and(|connection| connection.since() <= said) {
                        hub.dismiss(id, Farewell::new(why, &*message), Instant::now());
                    }
                }
            }
        }
    }
}

impl<P> super::Hub<P> {
    /// Has the policy told.
    pub(super) fn tell(&self, tells: impl IntoIterator<Item = Tell>) {
        for Tell { identity, present } in tells {
            self.wires.presence.changed(identity, present);
        }
    }
}
