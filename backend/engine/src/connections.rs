//! Who is connected and who is a member of what: a pure, synchronous index. It knows no socket: a connection is a handle `T` that
//! it gives back. Everything it says can be derived from `entries`; `check_invariants` compares. What it lists is in the order of ids, so
//! that nothing that follows from it depends on a hash.

use std::collections::hash_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::channel::{ChannelId, Membership};
use crate::entropy::Entropy;
use crate::policy::Identity;

#[cfg(test)]
mod tests;

/// Names one connection for its whole life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ConnectionId(Uuid);

impl ConnectionId {
    pub(crate) fn new(entropy: &Entropy) -> Self {
        Self(entropy.connection())
    }

    /// Spreads connections evenly over `slices`.
    pub(crate) fn slice(self, slices: usize) -> usize {
        // The low bytes of a version 7 id are random.
        let [.., high, low] = *self.0.as_bytes();
        usize::from(u16::from_be_bytes([high, low])) % slices
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for ConnectionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// What the first or last member of a channel means for the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nobody was there before.
    First,
    /// Nobody is there any more.
    Last,
    /// Neither.
    None,
}

/// How many slices a heartbeat is spread over.
pub(crate) const SLICES: usize = 25;

struct Entry<T> {
    handle: T,
    identity: Identity,
    /// Each channel, and whether it is logged.
    channels: BTreeMap<ChannelId, bool>,
}

type Address = (&'static str, IpAddr);

/// The index of a node's connections.
pub(crate) struct Connections<T> {
    entries: HashMap<ConnectionId, Entry<T>>,
    by_principal: HashMap<Arc<str>, BTreeSet<ConnectionId>>,
    /// Handles stand here too, so that a fan-out is one walk.
    by_channel: HashMap<ChannelId, BTreeMap<ConnectionId, T>>,
    by_slice: Vec<BTreeSet<ConnectionId>>,
    /// Admissions rather than entries: a socket counts from its first byte, before its hello.
    by_address: HashMap<Address, usize>,
    members: usize,
}

impl<T: Clone> Connections<T> {
    /// An empty index.
    pub(crate) fn new() -> Self {
        Self {
            entries: HashMap::new(),
            by_principal: HashMap::new(),
            by_channel: HashMap::new(),
            by_slice: vec![BTreeSet::new(); SLICES],
            by_address: HashMap::new(),
            members: 0,
        }
    }

    /// Counts one more socket of an address; `false`, counting nothing, when it has `limit` already (0 is no limit).
    pub(crate) fn admit(&mut self, listener: &'static str, peer: IpAddr, limit: usize) -> bool {
        let count = self.by_address.entry((listener, peer)).or_default();
        if limit > 0 && *count >= limit {
            return false;
        }
        *count += 1;
        true
    }

    /// Takes back one `admit`.
    pub(crate) fn release(&mut self, listener: &'static str, peer: IpAddr) {
        if let Slot::Occupied(mut slot) = self.by_address.entry((listener, peer)) {
            *slot.get_mut() = slot.get().saturating_sub(1);
            if *slot.get() == 0 {
                slot.remove();
            }
        }
    }

    /// Adds a connection without channels. An id is used once only.
    pub(crate) fn insert(&mut self, id: ConnectionId, identity: Identity, handle: T) {
        self.by_principal.entry(Arc::clone(&identity.principal)).or_default().insert(id);
        if let Some(slice) = self.by_slice.get_mut(id.slice(SLICES)) {
            slice.insert(id);
        }
        self.entries.insert(id, Entry { handle, identity, channels: BTreeMap::new() });
    }

    /// Removes a connection and its memberships. Returns its identity and its channels, with what that means for each.
    pub(crate) fn remove(&mut self, id: ConnectionId) -> Option<(Identity, Vec<(ChannelId, Change)>)> {
        let entry = self.entries.remove(&id)?;
        if let Some(ids) = self.by_principal.get_mut(&entry.identity.principal) {
            ids.remove(&id);
            if ids.is_empty() {
                self.by_principal.remove(&entry.identity.principal);
            }
        }
        if let Some(slice) = self.by_slice.get_mut(id.slice(SLICES)) {
            slice.remove(&id);
        }
        let mut left = Vec::with_capacity(entry.channels.len());
        for channel in entry.channels.into_keys() {
            let change = self.forget_member(&channel, id);
            left.push((channel, change));
        }
        Some((entry.identity, left))
    }

    /// Whether a connection is a member of a channel.
    pub(crate) fn is_member(&self, id: ConnectionId, channel: &ChannelId) -> bool {
        self.entries.get(&id).is_some_and(|entry| entry.channels.contains_key(channel))
    }

    /// Whether a connection is a member of a channel that is logged.
    pub(crate) fn is_logged_member(&self, id: ConnectionId, channel: &ChannelId) -> bool {
        self.entries.get(&id).is_some_and(|entry| entry.channels.get(channel).is_some_and(|logged| *logged))
    }

    /// Makes a connection a member. Unknown connections and present members change nothing.
    pub(crate) fn join(&mut self, id: ConnectionId, membership: &Membership) -> Change {
        let Some(entry) = self.entries.get_mut(&id) else { return Change::None };
        if entry.channels.insert(membership.channel.clone(), membership.logged).is_some() {
            return Change::None;
        }
        let members = self.by_channel.entry(membership.channel.clone()).or_default();
        members.insert(id, entry.handle.clone());
        self.members += 1;
        if members.len() == 1 { Change::First } else { Change::None }
    }

    /// Ends a membership, where there is one.
    pub(crate) fn leave(&mut self, id: ConnectionId, channel: &ChannelId) -> Change {
        match self.entries.get_mut(&id).and_then(|entry| entry.channels.remove(channel)) {
            Some(_) => self.forget_member(channel, id),
            None => Change::None,
        }
    }

    fn forget_member(&mut self, channel: &ChannelId, id: ConnectionId) -> Change {
        let Some(members) = self.by_channel.get_mut(channel) else { return Change::None };
        if members.remove(&id).is_some() {
            self.members -= 1;
        }
        if !members.is_empty() {
            return Change::None;
        }
        self.by_channel.remove(channel);
        Change::Last
    }

    /// The handle of a connection.
    pub(crate) fn find(&self, id: ConnectionId) -> Option<&T> {
        self.entries.get(&id).map(|entry| &entry.handle)
    }

    /// The members of a channel.
    pub(crate) fn members(&self, channel: &ChannelId) -> impl Iterator<Item = (ConnectionId, &T)> {
        self.by_channel.get(channel).into_iter().flatten().map(|(id, handle)| (*id, handle))
    }

    /// Every channel with members, in no order: to count them.
    pub(crate) fn channels(&self) -> impl Iterator<Item = &ChannelId> {
        self.by_channel.keys()
    }

    /// Every channel with members, in order.
    pub(crate) fn sorted_channels(&self) -> Vec<&ChannelId> {
        let mut channels: Vec<_> = self.channels().collect();
        channels.sort_unstable();
        channels
    }

    /// How many members a channel has.
    pub(crate) fn member_count(&self, channel: &ChannelId) -> usize {
        self.by_channel.get(channel).map_or(0, BTreeMap::len)
    }

    /// Every connection of a principal, or of one of its devices.
    pub(crate) fn of_principal(&self, principal: &str, device: Option<&str>) -> Vec<ConnectionId> {
        let ids = self.by_principal.get(principal).into_iter().flatten().copied();
        let on_device =
            |id: &ConnectionId| device.is_none_or(|device| self.entries.get(id).is_some_and(|entry| &*entry.identity.device == device));
        ids.filter(on_device).collect()
    }

    /// The logged channels of a connection.
    pub(crate) fn logged_channels(&self, id: ConnectionId) -> Vec<ChannelId> {
        let channels = self.entries.get(&id).map(|entry| entry.channels.iter()).into_iter().flatten();
        channels.filter(|(_, logged)| **logged).map(|(channel, _)| channel.clone()).collect()
    }

    /// The connections of one of the [`SLICES`]; every connection is in exactly one.
    pub(crate) fn slice(&self, slice: usize) -> Vec<ConnectionId> {
        self.by_slice.get(slice).into_iter().flatten().copied().collect()
    }

    /// Every connection.
    pub(crate) fn ids(&self) -> Vec<ConnectionId> {
        let mut ids: Vec<_> = self.entries.keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    /// Every handle.
    pub(crate) fn handles(&self) -> impl Iterator<Item = &T> {
        self.entries.values().map(|entry| &entry.handle)
    }

    /// How many channels have members, and how many memberships there are.
    pub(crate) fn channel_counts(&self) -> (usize, usize) {
        (self.by_channel.len(), self.members)
    }
}
