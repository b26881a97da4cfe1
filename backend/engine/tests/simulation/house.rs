//! A small product: who has a name comes in, and is a member of the rooms it was invited to; what is said in a room is in the log.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::sleep;
use xpush::{Accepted, Caller, ChannelId, ChannelLog, Code, Engine, Handshake, Identity, Membership, Policy, Refusal};

use crate::bus::Exchange;
use crate::store::{Post, SharedLog};
use crate::world::{Life, World, note};

/// What a node did is known to whoever hears it for so long, also when its first word of it gets lost.
const SAID: Duration = Duration::from_secs(2);

/// That a node's policy was told of a change.
pub(crate) struct Change {
    principal: Arc<str>,
    present: bool,
    /// The node that told, and those that heard it, or one of them, for long enough.
    known: BTreeSet<usize>,
    /// How long others have heard one of these without a pause.
    hearing: BTreeMap<usize, Duration>,
}

/// What the nodes' policies were told of presence, in the order of time.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) changes: Vec<Change>,
}

impl Told {
    /// So much time went by in which nodes could hear one another, or not.
    pub(crate) fn spread(&mut self, during: Duration, exchange: &Exchange) {
        let living = exchange.living();
        for change in &mut self.changes {
            for &node in living.iter().filter(|node| !change.known.contains(node)) {
                let hears = change.known.iter().any(|&from| exchange.is_heard(from, node));
                let so_far = change.hearing.get(&node).filter(|_| hears).copied().unwrap_or_default();
                change.hearing.insert(node, if hears { so_far + during } else { so_far });
            }
            let Change { known, hearing, .. } = change;
            known.extend(hearing.iter().filter(|(_, so_far)| **so_far >= SAID).map(|(node, _)| *node));
        }
    }

    /// Whether what was told last of a principal is so. What died with everybody who knew of it counts or not: nobody can tell otherwise.
    pub(crate) fn is_true(&self, principal: &str, present: bool, exchange: &Exchange) -> bool {
        let living = exchange.living();
        for change in self.changes.iter().rev().filter(|change| *change.principal == *principal) {
            if change.present == present {
                return true;
            }
            if !change.known.is_disjoint(&living) {
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
            let (principal, known) = (Arc::clone(&identity.principal), BTreeSet::from([self.node]));
            let change = Change { principal, present, known, hearing: BTreeMap::new() };
            self.told.lock().unwrap().changes.push(change);
        }
    }
}
