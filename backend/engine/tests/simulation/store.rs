//! The log that all nodes share, each behind a door of its own, as nodes share a database: a batch is committed whole or not at all, and a
//! post that is repeated is answered with its first number.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use xpush::{Appended, ChannelId, ChannelLog, Code, Committed, Follow, Membership, Publication, Refusal, Turn};

use crate::door::Door;
use crate::world::{World, note};

/// Something somebody said.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    pub(crate) room: ChannelId,
    pub(crate) by: Arc<str>,
    /// The sender's number of it: the same for every attempt.
    pub(crate) id: u64,
    /// Who is a member of the room from here on.
    pub(crate) invites: Option<Arc<str>>,
}

#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) by: Arc<str>,
    pub(crate) id: u64,
    data: Arc<RawValue>,
}

/// What is committed.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) rooms: BTreeMap<ChannelId, Vec<Entry>>,
    /// Rooms that a principal is a member of by itself.
    pub(crate) members: BTreeMap<Arc<str>, BTreeSet<ChannelId>>,
    /// Where each post is.
    known: BTreeMap<(Arc<str>, u64), u64>,
}

#[derive(Clone)]
pub(crate) struct Store {
    world: Arc<World>,
    rows: Arc<Mutex<Rows>>,
}

impl Store {
    pub(crate) fn new(world: &Arc<World>) -> Self {
        Self { world: Arc::clone(world), rows: Arc::default() }
    }

    pub(crate) fn rows(&self) -> MutexGuard<'_, Rows> {
        self.rows.lock().unwrap()
    }

    pub(crate) fn top(&self, room: &ChannelId) -> u64 {
        self.rows().rooms.get(room).map_or(0, |entries| entries.len() as u64)
    }

    fn commit(&self, post: Post) -> Appended<u64> {
        let mut rows = self.rows();
        let Post { room, by, id, invites } = post;
        if let Some(seq) = rows.known.get(&(Arc::clone(&by), id)) {
            // Whoever repeats it may never have been heard: the membership is said again, as the contract of logs wants it.
            let membership = Membership { channel: room, logged: true };
            let follow = invites.into_iter().map(|principal| Follow { principal, membership: membership.clone() }).collect();
            return Appended { reply: *seq, publications: Vec::new(), follow };
        }
        let entries = rows.rooms.entry(room.clone()).or_default();
        let seq = entries.len() as u64 + 1;
        let data: Arc<RawValue> = to_raw_value(&json!({"by": *by, "id": id, "seq": seq})).unwrap().into();
        entries.push(Entry { by: Arc::clone(&by), id, data: Arc::clone(&data) });
        note!(self.world, "committed {by}/{id} as {room} {seq}");
        rows.known.insert((by, id), seq);
        let membership = Membership { channel: room.clone(), logged: true };
        let follow = invites.into_iter().map(|principal| {
            rows.members.entry(Arc::clone(&principal)).or_default().insert(room.clone());
            Follow { principal, membership: membership.clone() }
        });
        let follow = follow.collect();
        Appended { reply: seq, publications: vec![Publication { channel: room, seq: Some(seq), data }], follow }
    }
}

/// A node's way to the log.
pub(crate) struct SharedLog {
    pub(crate) store: Store,
    pub(crate) door: Arc<Door>,
}

impl SharedLog {
    pub(crate) async fn there(&self) -> Result<(), Refusal> {
        if self.door.enter().await { Ok(()) } else { Err(away()) }
    }

    pub(crate) async fn back<T>(&self, answer: T) -> Result<T, Refusal> {
        if self.door.leave().await { Ok(answer) } else { Err(away()) }
    }
}

fn away() -> Refusal {
    Refusal::new(Code::Unavailable, "the log is away")
}

impl ChannelLog for SharedLog {
    type Entry = Post;
    type Reply = u64;

    async fn append(&self, batch: Vec<Post>, _: &mut Turn) -> Result<Committed<u64, Post>, Refusal> {
        self.there().await?;
        let committed = batch.into_iter().map(|post| Ok(self.store.commit(post))).collect();
        self.back(committed).await
    }

    async fn since(&self, channel: &ChannelId, after: u64, limit: usize) -> Result<Vec<Publication>, Refusal> {
        self.there().await?;
        let found = {
            let rows = self.store.rows();
            let entries = rows.rooms.get(channel).map_or(&[][..], Vec::as_slice);
            let numbered = entries.iter().zip(1..).filter(|(_, seq)| *seq > after).take(limit);
            numbered.map(|(entry, seq)| Publication { channel: channel.clone(), seq: Some(seq), data: Arc::clone(&entry.data) }).collect()
        };
        self.back(found).await
    }

    async fn tops(&self, channels: &[ChannelId]) -> Result<Vec<(ChannelId, u64)>, Refusal> {
        self.there().await?;
        let tops = channels.iter().map(|channel| (channel.clone(), self.store.top(channel))).filter(|(_, top)| *top > 0).collect();
        self.back(tops).await
    }
}
