//! A small product: who has a name comes in, and is a member of the rooms it was invited to; what is said in a room is in the log.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep};
use xpush::{Accepted, Caller, ChannelId, ChannelLog, Code, Engine, Handshake, Identity, Membership, Policy, Refusal};

use crate::bus::Exchange;
use crate::store::{Post, SharedLog};
use crate::world::{Life, World, note};

/// What a node did is known to the others after this, also when its first word of it gets lost.
const SAID: Duration = Duration::from_secs(2);

/// That a node's policy was told of a change.
pub(crate) struct Change {
    at: Instant,
    by: Arc<Life>,
    node: usize,
    principal: Arc<str>,
    present: bool,
    /// The node could say so to the others since.
    heard: bool,
}

/// What the nodes' policies were told of presence, in the order of time.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) changes: Vec<Change>,
}

impl Told {
    /// A node can say to the others what it told.
    pub(crate) fn hear(&mut self, node: usize) {
        self.changes.iter_mut().filter(|change| change.node == node).for_each(|change| change.heard = true);
    }

    /// Whether what was told last of a principal is so. What a node told that died before it could say so, nobody can know: it counts or not.
    pub(crate) fn is_true(&self, principal: &str, present: bool) -> bool {
        for change in self.changes.iter().rev().filter(|change| *change.principal == *principal) {
            if change.present == present {
                return true;
            }
            if change.by.ended().is_none_or(|ended| change.heard && change.at + SAID < ended) {
                return false;
            }
        }
        !present
    }
}

/// The product on one node.
pub(crate) struct House {
    pub(crate) world: Arc<World>,
    pub(crate) node: usize,
    pub(crate) life: Arc<Life>,
    pub(crate) told: Arc<Mutex<Told>>,
    pub(crate) exchange: Exchange,
}

pub(crate) fn membership(room: &ChannelId) -> Membership {
    Membership { channel: room.clone(), logged: true }
}

/// The rooms of a principal, read from the log.
async fn rooms_of(log: &SharedLog, principal: &str) -> Result<Vec<ChannelId>, Refusal> {
    log.there().await?;
    let rooms = log.store.rows().members.get(principal).into_iter().flatten().cloned().collect();
    log.back(rooms).await
}

impl Policy for House {
    type Principal = Arc<str>;
    type Log = SharedLog;

    async fn authenticate(&self, engine: &Engine<Self>, handshake: Handshake) -> Result<Accepted<Arc<str>>, Refusal> {
        let hello = &handshake.payload;
        let name: Arc<str> = hello["name"].as_str().unwrap_or_default().into();
        let (mut join, mut entries) = (Vec::new(), Map::new());
        // Whoever says how far it has read is a member at once, and gets the rest with the welcome; others join room by room.
        if hello["after"].is_object() {
            for room in rooms_of(engine.log(), &name).await? {
                let after = hello["after"][room.as_str()].as_u64().unwrap_or(0);
                let found = engine.log().since(&room, after, 200).await?;
                let found = found.iter().map(|entry| serde_json::from_str(entry.data.get()).unwrap_or_default()).collect();
                entries.insert(room.as_str().to_owned(), Value::Array(found));
                join.push(membership(&room));
            }
        }
        let welcome = Map::from_iter([("entries".to_owned(), Value::Object(entries))]);
        let identity = Identity { principal: Arc::clone(&name), device: "one".into() };
        Ok(Accepted { principal: name, identity, welcome, join })
    }

    async fn connected(&self, engine: &Engine<Self>, caller: &Caller<Arc<str>>) {
        // An invitation that came after `authenticate` looked and before the connection was known.
        loop {
            match rooms_of(engine.log(), &caller.principal).await {
                Ok(rooms) => return rooms.iter().for_each(|room| engine.follow(&caller.principal, membership(room))),
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
        }
    }

    async fn authorize_join(&self, _: &Engine<Self>, _: &Caller<Arc<str>>, channel: &ChannelId) -> Result<Membership, Refusal> {
        Ok(membership(channel))
    }

    async fn request(&self, engine: &Engine<Self>, caller: &Caller<Arc<str>>, method: &str, params: Value) -> Result<Value, Refusal> {
        let (Some(room), Some(id), "say") = (params["room"].as_str(), params["id"].as_u64(), method) else {
            return Err(Refusal::new(Code::Invalid, format!("{method}?")));
        };
        let invites = params["invites"].as_str().map(Arc::from);
        let post = Post { room: room.into(), by: Arc::clone(&caller.principal), id, invites };
        Ok(json!({"seq": engine.append(post).await?}))
    }

    async fn presence_changed(&self, _: &Engine<Self>, identity: &Identity, present: bool) {
        if !self.life.is_over() {
            note!(self.world, "node {} tells that {} is present: {present}", self.node, identity.principal);
            let heard = self.exchange.is_heard(self.node);
            let change = Change {
                at: Instant::now(),
                by: Arc::clone(&self.life),
                node: self.node,
                principal: Arc::clone(&identity.principal),
                present,
                heard,
            };
            self.told.lock().unwrap().changes.push(change);
        }
    }
}
