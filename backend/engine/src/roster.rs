//! Who is present and how many members channels have over all nodes: a pure replica that each node keeps of the others. Nodes tell one
//! another what changed, in numbered news; a number that is missing makes a node ask for everything. Times are passed in; `node::gossip`
//! drives it.
//!
//! Exactly one node tells the policy that a principal came or went: the one that a hash of the principal chooses among those that are
//! settled. It says so to the others. What nobody said within a second (its teller died) is told by whom the hash chooses then: around a
//! crash or an outage a change may be told twice, never not at all, as long as one node lives that knew what was told before. Whoever is to
//! tell an absence may have come too late to know that it has to: the others say so. Where both sides of a cut told something else, the
//! absences that were told meanwhile are said again, and who is there after all is told anew.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::channel::ChannelId;
use crate::policy::Identity;
use crate::registry::NodeId;

mod denied;
mod news;
#[cfg(test)]
mod tests;

use denied::Denied;
pub(crate) use news::{News, Numbered};

/// How long the chosen teller of a change has to say that it did.
const CONFIRM: Duration = Duration::from_secs(1);
/// After this it is believed to have told.
const BELIEVE: Duration = Duration::from_secs(30);
/// A node listens this long before it tells anything: there may be others.
const SETTLE: Duration = Duration::from_millis(500);
/// A node that was silent for longer than this does not come back.
const MOURN: Duration = Duration::from_hours(1);
/// Entries of one piece of a snapshot.
const PIECE: usize = 500;

/// Where a principal is.
struct Seat {
    identity: Identity,
    nodes: BTreeSet<NodeId>,
    /// What the policy was told last, here or elsewhere.
    told: bool,
    /// Something else may have been told since: what is has to be told again.
    doubted: bool,
}

/// What is known of another node.
struct Peer {
    number: u64,
    heard: Instant,
    settled: bool,
    /// Its numbers are in order since its last snapshot.
    current: bool,
    /// It said that it goes; who was there counts as present until then.
    gone: Option<Instant>,
    principals: HashSet<Arc<str>>,
    channels: HashMap<ChannelId, usize>,
    /// Principals of the snapshot that is arriving.
    arriving: Option<HashSet<Arc<str>>>,
}

/// The policy is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tell {
    pub(crate) identity: Identity,
    pub(crate) present: bool,
}

/// See the module.
pub(crate) struct Roster {
    own: NodeId,
    beat: Duration,
    /// When it says that it is settled …
    settles: Instant,
    /// … and when it tells itself: the others have heard the former by then, and leave it its part.
    tells: Instant,
    seats: HashMap<Arc<str>, Seat>,
    peers: BTreeMap<NodeId, Peer>,
    /// Members of each channel on other nodes.
    remote: HashMap<ChannelId, usize>,
    /// Changes that nobody said to have told, and since when.
    untold: BTreeMap<Arc<str>, Instant>,
    /// What the other nodes have to hear.
    news: News,
    dirty: BTreeSet<ChannelId>,
    number: u64,
    /// No other node can be heard: this one tells for itself.
    alone: bool,
    /// Who was said to be absent while somebody may not have been heard, or was known to be there.
    denied: Denied,
    /// Nodes that fell silent, and when: they may be there still.
    lost: BTreeMap<NodeId, Instant>,
    /// This node goes, and leaves telling to the others.
    leaving: bool,
    /// When `sweep` was called last.
    swept: Instant,
}

impl Roster {
    /// Knows nobody yet. Nodes speak at least once every `beat`.
    pub(crate) fn new(own: NodeId, beat: Duration, now: Instant) -> Self {
        Self {
            own,
            beat,
            settles: now + SETTLE,
            tells: now + SETTLE + beat * 2,
            seats: HashMap::new(),
            peers: BTreeMap::new(),
            remote: HashMap::new(),
            untold: BTreeMap::new(),
            news: News::default(),
            dirty: BTreeSet::new(),
            number: 0,
            alone: false,
            denied: Denied::default(),
            lost: BTreeMap::new(),
            leaving: false,
            swept: now,
        }
    }

    /// Whether a principal is present on any node.
    pub(crate) fn is_present(&self, principal: &str) -> bool {
        self.seats.get(principal).is_some_and(|seat| !seat.nodes.is_empty())
    }

    /// Members of a channel on the other nodes.
    pub(crate) fn remote_members(&self, channel: &ChannelId) -> usize {
        self.remote.get(channel).copied().unwrap_or(0)
    }

    /// Members of a channel on each other node that has some.
    pub(crate) fn members_by_node(&self, channel: &ChannelId) -> Vec<(NodeId, usize)> {
        self.peers.iter().filter_map(|(node, peer)| peer.channels.get(channel).map(|count| (*node, *count))).collect()
    }

    /// Whether other nodes can be heard at all.
    pub(crate) fn hearing(&mut self, hearing: bool, now: Instant) {
        if hearing && self.alone {
            // They could not be heard, which says nothing of them: each gets its whole patience again.
            self.peers.values_mut().for_each(|peer| peer.heard = now);
            self.settles = now + SETTLE;
            self.tells = self.settles + self.beat * 2;
        }
        self.alone = !hearing;
    }

    /// A principal came to this node, or left it for good.
    pub(crate) fn local(&mut self, identity: &Identity, present: bool, now: Instant) -> Option<Tell> {
        let own = self.own;
        self.sit(identity, own, present);
        self.news.change(identity, present);
        if present {
            self.confirm(&identity.principal);
        }
        self.weigh(&identity.principal, now)
    }

    /// A principal came to another node than the one where it was when its presence was told: who knows of the latter says so.
    fn confirm(&mut self, principal: &Arc<str>) {
        if self.seats.get(principal).is_some_and(|seat| seat.told && !seat.doubted) {
            self.news.known.push(principal.to_string());
        }
    }

    /// The number of members of a channel changed here.
    pub(crate) fn touched(&mut self, channel: &ChannelId) {
        if !self.dirty.contains(channel) {
            self.dirty.insert(channel.clone());
        }
    }

    fn sit(&mut self, identity: &Identity, node: NodeId, present: bool) {
        let seat = || Seat { identity: identity.clone(), nodes: BTreeSet::new(), told: false, doubted: false };
        let seat = self.seats.entry(Arc::clone(&identity.principal)).or_insert_with(seat);
        if present {
            if seat.nodes.is_empty() {
                seat.identity = identity.clone();
            }
            seat.nodes.insert(node);
        } else {
            seat.nodes.remove(&node);
        }
    }

    /// Compares what is with what was told, and decides whether this node tells.
    fn weigh(&mut self, principal: &Arc<str>, now: Instant) -> Option<Tell> {
        let seat = self.seats.get(principal)?;
        let present = !seat.nodes.is_empty();
        if present == seat.told && !seat.doubted {
            self.untold.remove(principal);
            if !present {
                self.seats.remove(principal);
            }
            return None;
        }
        if self.teller(principal, now) != Some(self.own) {
            self.untold.entry(Arc::clone(principal)).or_insert(now);
            return None;
        }
        let tell = Tell { identity: seat.identity.clone(), present };
        self.untold.remove(principal);
        self.news.told.push((principal.to_string(), present));
        self.note_told(principal, present, now);
        Some(tell)
    }

    fn note_told(&mut self, principal: &Arc<str>, present: bool, now: Instant) {
        if present {
            self.denied.present(principal);
        } else {
            self.denied.absent(principal, self.doubtful(now), now);
        }
        let Some(seat) = self.seats.get_mut(principal) else { return };
        (seat.told, seat.doubted) = (present, false);
        if !present && seat.nodes.is_empty() {
            self.seats.remove(principal);
        }
    }

    /// Whether somebody may be present where this node does not hear of it.
    fn doubtful(&self, now: Instant) -> bool {
        self.alone || !self.lost.is_empty() || now < self.tells
    }

    /// Who tells the changes of a principal; `None` when nobody is settled yet.
    fn teller(&self, principal: &str, now: Instant) -> Option<NodeId> {
        let own = Some(self.own).filter(|_| (now >= self.tells || self.alone) && !self.leaving);
        let others = self.peers.iter().filter(|(_, peer)| !self.alone && peer.settled && peer.gone.is_none()).map(|(node, _)| *node);
        others.chain(own).max_by_key(|node| (chance(principal, *node), *node))
    }

    /// Whether this node says what it knows of a principal: its teller does, and everybody where that is silent.
    fn speaks_for(&self, principal: &str, now: Instant) -> bool {
        let Some(teller) = self.teller(principal, now) else { return true };
        teller == self.own || self.peers.get(&teller).is_some_and(|peer| peer.heard + self.beat * 2 <= now)
    }

    /// Forgets the nodes that are silent for longer than `patience`, or went, and finds the changes whose teller did not tell.
    pub(crate) fn sweep(&mut self, patience: Duration, now: Instant) -> Vec<Tell> {
        // When this node itself has slept, everybody looks silent.
        let slept = now.saturating_duration_since(self.swept);
        self.swept = now;
        if slept > patience / 4 {
            for peer in self.peers.values_mut() {
                peer.heard = (peer.heard + slept).min(now);
            }
        }
        let over = |peer: &Peer| peer.gone.is_some_and(|gone| gone <= now) || (!self.alone && peer.heard + patience <= now);
        let over: Vec<NodeId> = self.peers.iter().filter(|(_, peer)| over(peer)).map(|(node, _)| *node).collect();
        let mut tells = Vec::new();
        self.lost.retain(|_, lost| *lost + MOURN > now);
        self.denied.forget(now);
        for node in over {
            let silent = self.peers.get(&node).is_some_and(|peer| peer.gone.is_none());
            if silent {
                self.lost.insert(node, now);
            }
            tells.extend(self.forget(node, silent, now));
        }
        self.believe(now);
        let due: Vec<Arc<str>> = self.untold.iter().filter(|(_, since)| **since + CONFIRM <= now).map(|(who, _)| Arc::clone(who)).collect();
        tells.extend(due.iter().filter_map(|principal| self.weigh(principal, now)));
        let owed = |principal: &&Arc<str>| self.seats.get(*principal).is_some_and(|seat| seat.told && seat.nodes.is_empty());
        let owed: Vec<_> = due.iter().filter(owed).map(ToString::to_string).collect();
        self.news.owed.extend(owed);
        tells
    }

    /// What another node had long enough to tell was told: its word of that was lost.
    fn believe(&mut self, now: Instant) {
        let believed: Vec<Arc<str>> = {
            let others = |principal: &Arc<str>| self.teller(principal, now).is_some_and(|teller| teller != self.own);
            let long = self.untold.iter().filter(|(principal, since)| **since + BELIEVE <= now && others(principal));
            long.map(|(principal, _)| Arc::clone(principal)).collect()
        };
        for principal in believed {
            self.untold.remove(&principal);
            let present = self.is_present(&principal);
            self.note_told(&principal, present, now);
        }
    }

    fn forget(&mut self, node: NodeId, silent: bool, now: Instant) -> Vec<Tell> {
        let Some(mut peer) = self.peers.remove(&node) else { return Vec::new() };
        for (channel, count) in std::mem::take(&mut peer.channels) {
            self.less(&channel, count);
        }
        let mut tells = self.unseat(node, peer.principals.iter().cloned().collect(), now);
        if silent {
            tells.extend(self.again(peer.principals, now));
        }
        tells
    }

    /// Those who are present elsewhere too: before it died a node that was cut off may have told that they are absent.
    fn again(&mut self, principals: HashSet<Arc<str>>, now: Instant) -> Vec<Tell> {
        let mut principals: Vec<_> = principals.into_iter().collect();
        principals.sort_unstable();
        let told = principals.iter().filter_map(|principal| self.seats.get(principal)).filter(|seat| seat.told && !seat.nodes.is_empty());
        let mine = told.filter(|seat| self.teller(&seat.identity.principal, now) == Some(self.own));
        let tells: Vec<_> = mine.map(|seat| Tell { identity: seat.identity.clone(), present: true }).collect();
        self.news.told.extend(tells.iter().map(|tell| (tell.identity.principal.to_string(), true)));
        tells
    }

    fn unseat(&mut self, node: NodeId, mut principals: Vec<Arc<str>>, now: Instant) -> Vec<Tell> {
        principals.sort_unstable();
        let gone = principals.into_iter().filter_map(|principal| {
            self.seats.get_mut(&principal)?.nodes.remove(&node);
            self.weigh(&principal, now)
        });
        gone.collect()
    }

    fn less(&mut self, channel: &ChannelId, count: usize) {
        if let Some(members) = self.remote.get_mut(channel) {
            *members = members.saturating_sub(count);
            if *members == 0 {
                self.remote.remove(channel);
            }
        }
    }
}

/// Higher wins (rendezvous hashing); the same on every node and in every version.
pub(crate) fn chance(key: &str, node: NodeId) -> u64 {
    let bytes = key.as_bytes().iter().chain(node.0.as_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    // FNV alone leaves the high bits to the first bytes; this spreads them (MurmurHash3's finalizer).
    let mixed = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let mixed = (mixed ^ (mixed >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    mixed ^ (mixed >> 33)
}
