//! What rosters tell one another: changes as they come, everything on request, and that they live.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::{PIECE, Peer, Roster, Tell};
use crate::channel::ChannelId;
use crate::policy::Identity;
use crate::registry::NodeId;

/// One piece of news. Without content it says that the node lives.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct News {
    /// Principals whose presence the policy was told, before what follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) told: Vec<(String, bool)>,
    /// Principals whose absence was told although they may have been present, and perhaps still are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) doubted: Vec<String>,
    /// Principals that came to the node or left it, in order: principal, device, whether present.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) changed: Vec<(String, String, bool)>,
    /// Channels and how many members they have on the node now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) members: Vec<(String, usize)>,
    /// Principals that came to a node and whose presence had been told: whoever comes to know of them now knows that, too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) known: Vec<String>,
    /// Principals whose presence was told and who are gone, of whose absence nothing was heard: whoever is to tell it may not know that it has to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) owed: Vec<String>,
    /// The node goes; who is there counts as present for so many milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) gone_in: Option<u64>,
    /// The first and the last piece of everything the node knows of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) snapshot: Option<(bool, bool)>,
}

/// News with their number: of a node they are consecutive.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Numbered {
    pub(super) number: u64,
    pub(super) settled: bool,
    pub(super) news: News,
}

impl News {
    pub(super) fn change(&mut self, identity: &Identity, present: bool) {
        self.changed.push((identity.principal.to_string(), identity.device.to_string(), present));
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Roster {
    fn numbered(&mut self, news: News, now: Instant) -> Numbered {
        self.number += 1;
        Numbered { number: self.number, settled: now >= self.settles, news }
    }

    /// What changed since the last call, in pieces. `count` says how many members a channel has here.
    pub(crate) fn changes(&mut self, count: impl Fn(&ChannelId) -> usize, now: Instant) -> Vec<Numbered> {
        let News { told, doubted, changed, known, owed, .. } = std::mem::take(&mut self.news);
        let members: Vec<_> =
            std::mem::take(&mut self.dirty).into_iter().map(|channel| (channel.as_str().to_owned(), count(&channel))).collect();
        let mut all = News { told, doubted, changed, members, known, owed, ..News::default() }.in_pieces();
        if all.iter().map(News::len).sum::<usize>() <= PIECE {
            // One piece where they fit into one: most of the time.
            all = vec![all.into_iter().fold(News::default(), News::and)];
        }
        all.into_iter().filter(|news| !news.is_empty()).map(|news| self.numbered(news, now)).collect()
    }

    /// That this node lives.
    pub(crate) fn beat(&mut self, now: Instant) -> Numbered {
        self.numbered(News::default(), now)
    }

    /// That this node goes.
    pub(crate) fn farewell(&mut self, after: Duration, now: Instant) -> Numbered {
        self.leaving = true;
        self.numbered(News { gone_in: Some(crate::refusal::millis(after)), ..News::default() }, now)
    }

    /// Everything this node knows of itself. Take `changes` before: what they tell must not come behind.
    pub(crate) fn snapshot<'a>(&mut self, channels: impl Iterator<Item = (&'a ChannelId, usize)>, now: Instant) -> Vec<Numbered> {
        let here = self.seats.values().filter(|seat| seat.nodes.contains(&self.own));
        let entry = |Identity { principal, device }: &Identity| (principal.to_string(), device.to_string(), true);
        let mut changed: Vec<_> = here.map(|seat| entry(&seat.identity)).collect();
        changed.sort_unstable();
        let knows = |seat: &&super::Seat| {
            seat.told && !seat.doubted && (seat.nodes.contains(&self.own) || self.teller(&seat.identity.principal, now) == Some(self.own))
        };
        let mut told: Vec<_> = self.seats.values().filter(knows).map(|seat| (seat.identity.principal.to_string(), true)).collect();
        told.sort_unstable();
        let mut doubted: Vec<_> = self.denied.principals().map(ToString::to_string).collect();
        doubted.sort_unstable();
        let members: Vec<_> = channels.map(|(channel, count)| (channel.as_str().to_owned(), count)).collect();
        let mut all = News { told, doubted, changed, members, ..News::default() }.in_pieces();
        if all.is_empty() {
            all.push(News::default());
        }
        let last = all.len() - 1;
        let mark = |(place, news)| News { snapshot: Some((place == 0, place == last)), ..news };
        let all: Vec<_> = all.into_iter().enumerate().map(mark).collect();
        all.into_iter().map(|news| self.numbered(news, now)).collect()
    }

    /// Takes another node's news. `Err`: something is missing, ask that node for everything.
    pub(crate) fn hear(&mut self, node: NodeId, heard: Numbered, now: Instant) -> Result<Vec<Tell>, ()> {
        let Numbered { number, settled, news } = heard;
        let peer = self.peers.entry(node).or_insert_with(|| Peer {
            number: 0,
            heard: now,
            settled: false,
            current: false,
            gone: None,
            principals: HashSet::new(),
            channels: HashMap::new(),
            arriving: None,
        });
        peer.heard = now;
        self.lost.remove(&node);
        let first = news.snapshot.is_some_and(|(first, _)| first);
        // A node begins with number 1, and with nobody.
        let follows = number == peer.number + 1 && (peer.current || peer.number == 0);
        if number <= peer.number && !first {
            return Ok(Vec::new());
        }
        peer.number = number;
        peer.current = follows || first;
        if !peer.current {
            return Err(());
        }
        peer.settled = settled;
        if first {
            peer.arriving = Some(HashSet::new());
        }
        Ok(self.apply(node, news, now))
    }

    fn apply(&mut self, node: NodeId, news: News, now: Instant) -> Vec<Tell> {
        let News { told, doubted, changed, members, known, owed, gone_in, snapshot } = news;
        let mut tells = Vec::new();
        for (principal, present) in told {
            // What a snapshot repeats may be older than what this node knows, unless its sender is the one to tell.
            let trusted = snapshot.is_none() || now < self.tells || self.teller(&principal, now) == Some(node);
            if snapshot.is_some() && present && self.denied.contains(&principal) {
                // Its sender did not hear that the absence was told, and does not know that it has to be told again.
                self.news.doubted.push(principal);
            } else if trusted {
                self.hear_told(principal, present, now);
            }
        }
        for principal in doubted {
            self.doubt(&principal.into(), now);
        }
        for (principal, device, present) in changed {
            let identity = Identity { principal: principal.into(), device: device.into() };
            // A snapshot says itself what it takes for told.
            if present && snapshot.is_none() && self.speaks_for(&identity.principal, now) {
                self.confirm(&identity.principal);
            }
            tells.extend(self.hear_change(node, &identity, present, now));
        }
        for principal in known {
            self.hear_known(principal, now);
        }
        for principal in owed {
            tells.extend(self.owes(&principal.into(), now));
        }
        self.hear_members(node, snapshot.is_some_and(|(first, _)| first), members);
        if snapshot.is_some_and(|(_, last)| last) {
            tells.extend(self.end_snapshot(node, now));
        }
        if let (Some(gone_in), Some(peer)) = (gone_in, self.peers.get_mut(&node)) {
            peer.gone = Some(now + Duration::from_millis(gone_in));
            let channels = std::mem::take(&mut peer.channels);
            for (channel, count) in channels {
                self.less(&channel, count);
            }
        }
        tells
    }

    fn hear_told(&mut self, principal: String, present: bool, now: Instant) {
        let principal: Arc<str> = principal.into();
        if present {
            self.denied.present(&principal);
        } else {
            let unsure = self.doubtful(now) || self.is_present(&principal);
            self.denied.absent(&principal, unsure, now);
        }
        if let Some(seat) = self.seats.get_mut(&principal) {
            (seat.told, seat.doubted) = (present, false);
        } else if present {
            let identity = Identity { principal: Arc::clone(&principal), device: "".into() };
            let seat = super::Seat { identity, nodes: BTreeSet::new(), told: true, doubted: false };
            self.seats.insert(Arc::clone(&principal), seat);
        }
        self.settle_told(&principal, now);
    }

    /// The presence of somebody who came was told before, unless this node knows of an absence since.
    fn hear_known(&mut self, principal: String, now: Instant) {
        if self.denied.contains(&principal) {
            self.news.doubted.push(principal);
        } else if self.seats.get(principal.as_str()).is_none_or(|seat| !seat.told) {
            self.hear_told(principal, true, now);
        }
    }

    /// Another node waits for the word that somebody is absent, of whom this one may know nothing at all.
    fn owes(&mut self, principal: &Arc<str>, now: Instant) -> Option<Tell> {
        if self.seats.contains_key(principal) {
            return None;
        }
        if self.denied.contains(principal) {
            self.news.told.push((principal.to_string(), false));
            return None;
        }
        let identity = Identity { principal: Arc::clone(principal), device: "".into() };
        self.seats.insert(Arc::clone(principal), super::Seat { identity, nodes: BTreeSet::new(), told: true, doubted: false });
        self.weigh(principal, now)
    }

    /// Others told the absence of somebody: what is has to be told again, whatever that is then.
    fn doubt(&mut self, principal: &Arc<str>, now: Instant) {
        let Some(seat) = self.seats.get_mut(principal).filter(|seat| seat.told) else { return };
        seat.doubted = true;
        self.untold.entry(Arc::clone(principal)).or_insert(now);
    }

    /// What was told may be what is, or it may have to be told otherwise soon.
    fn settle_told(&mut self, principal: &Arc<str>, now: Instant) {
        let Some(seat) = self.seats.get(principal) else { return };
        match (seat.told, seat.nodes.is_empty()) {
            (true, false) => drop(self.untold.remove(principal)),
            (false, true) => {
                self.untold.remove(principal);
                self.seats.remove(principal);
            }
            _ => drop(self.untold.entry(Arc::clone(principal)).or_insert(now)),
        }
    }

    fn hear_change(&mut self, node: NodeId, identity: &Identity, present: bool, now: Instant) -> Option<Tell> {
        self.sit(identity, node, present);
        if let Some(peer) = self.peers.get_mut(&node) {
            if present {
                peer.principals.insert(Arc::clone(&identity.principal));
                peer.arriving.as_mut().map(|arriving| arriving.insert(Arc::clone(&identity.principal)));
            } else {
                peer.principals.remove(&identity.principal);
            }
        }
        self.weigh(&identity.principal, now)
    }

    fn hear_members(&mut self, node: NodeId, anew: bool, members: Vec<(String, usize)>) {
        let Some(peer) = self.peers.get_mut(&node) else { return };
        let forgotten = if anew { std::mem::take(&mut peer.channels) } else { HashMap::new() };
        let mut changes = Vec::with_capacity(members.len());
        for (channel, count) in members {
            let channel = ChannelId::from(channel);
            let before = if count == 0 { peer.channels.remove(&channel) } else { peer.channels.insert(channel.clone(), count) };
            changes.push((channel, before.unwrap_or(0), count));
        }
        for (channel, count) in forgotten {
            self.less(&channel, count);
        }
        for (channel, before, count) in changes {
            self.less(&channel, before);
            if count > 0 {
                *self.remote.entry(channel).or_default() += count;
            }
        }
    }

    fn end_snapshot(&mut self, node: NodeId, now: Instant) -> Vec<Tell> {
        let Some(peer) = self.peers.get_mut(&node) else { return Vec::new() };
        let Some(arrived) = peer.arriving.take() else { return Vec::new() };
        let gone: Vec<_> = peer.principals.difference(&arrived).cloned().collect();
        peer.principals = arrived;
        self.unseat(node, gone, now)
    }
}

impl News {
    /// The same in pieces that are not too large, each of one kind.
    fn in_pieces(self) -> Vec<Self> {
        let Self { told, doubted, changed, members, known, owed, .. } = self;
        let mut all: Vec<_> = pieces(told).map(|told| Self { told, ..Self::default() }).collect();
        all.extend(pieces(doubted).map(|doubted| Self { doubted, ..Self::default() }));
        all.extend(pieces(changed).map(|changed| Self { changed, ..Self::default() }));
        all.extend(pieces(members).map(|members| Self { members, ..Self::default() }));
        all.extend(pieces(known).map(|known| Self { known, ..Self::default() }));
        all.extend(pieces(owed).map(|owed| Self { owed, ..Self::default() }));
        all
    }

    fn len(&self) -> usize {
        self.told.len() + self.doubted.len() + self.changed.len() + self.members.len() + self.known.len() + self.owed.len()
    }

    fn and(mut self, other: Self) -> Self {
        self.told.extend(other.told);
        self.doubted.extend(other.doubted);
        self.changed.extend(other.changed);
        self.members.extend(other.members);
        self.known.extend(other.known);
        self.owed.extend(other.owed);
        self
    }
}

fn pieces<T: Clone>(all: Vec<T>) -> impl Iterator<Item = Vec<T>> {
    let mut all = all.into_iter();
    std::iter::from_fn(move || Some(all.by_ref().take(PIECE).collect::<Vec<_>>()).filter(|piece| !piece.is_empty()))
}
