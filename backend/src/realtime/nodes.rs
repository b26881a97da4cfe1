//! This node among others: how it joins them, what it says of itself, and who they are.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use xpush::bus::redis::RedisBus;
use xpush::registry::redis::RedisRegistry;
use xpush::registry::{NodeRecord, Registry as _};
use xpush::{Cluster, RedisConfig};

use super::{Engine, Live, Realtime};
use crate::clock::Millis;
use crate::config::Role;
use crate::process::{self, Meter};

/// Redis is given so long when a node starts.
const AT_START: Duration = Duration::from_secs(3);

/// What makes this node one of several.
#[derive(Clone, Debug)]
pub struct Among {
    /// Where Redis is.
    pub redis_urls: Vec<String>,
    /// Names the installation: several may share a Redis.
    pub installation: String,
    /// Where visitors reach this node itself.
    pub address: Option<String>,
}

/// What this node tells of itself.
#[derive(Clone, Debug)]
pub struct Myself {
    /// What it is called.
    pub name: String,
    /// What it does.
    pub roles: Vec<Role>,
    /// The mark of the folder in which it keeps files.
    pub files: String,
}

impl Among {
    /// Whether these are addresses at all.
    pub fn check(redis_urls: &[String]) -> Result<(), String> {
        RedisConfig { urls: redis_urls.to_vec(), prefix: String::new() }.check()
    }

    pub(super) fn redis(&self) -> RedisConfig {
        RedisConfig { urls: self.redis_urls.clone(), prefix: format!("stalk-{}", self.installation) }
    }

    pub(super) fn cluster(&self) -> Cluster {
        let (bus, registry) = (Arc::new(RedisBus::new(self.redis())), Arc::new(RedisRegistry::new(self.redis())));
        Cluster { bus, registry, address: self.address.clone() }
    }

    /// The nodes that Redis knows now.
    pub async fn nodes(&self) -> Result<Vec<Node>, String> {
        let registry = RedisRegistry::new(self.redis());
        let listed = tokio::time::timeout(AT_START, registry.list()).await;
        let records = listed.map_err(|_| "Redis does not answer".to_owned())?.map_err(|error| error.to_string())?;
        Ok(records.into_iter().map(|leased| Node::of(leased.node)).collect())
    }
}

/// A node, as it said of itself a moment ago.
#[derive(Clone, Debug)]
pub struct Node {
    /// Names it for the life of its process.
    pub id: uuid::Uuid,
    /// Where visitors reach it, if it has an address of its own.
    pub address: Option<String>,
    /// Open connections.
    pub connections: usize,
    /// How busy it is, from 0 (idle) to 1 (full).
    pub load: f64,
    /// The rest.
    pub about: About,
}

/// What a node says of itself beside what the engine says; a node of another version may leave something out.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// What it is called.
    pub name: String,
    /// What it does.
    pub roles: Vec<String>,
    /// Which version it is.
    pub version: String,
    /// When it started, in ms since 1970 UTC.
    pub started_at: Millis,
    /// The mark of its folder of files.
    pub files: String,
    /// Channels with members there.
    pub channels: usize,
    /// Those of them that have members elsewhere, too.
    pub spread: usize,
    /// Log entries a second, lately.
    pub messages_per_second: f64,
    /// Processors that it keeps busy.
    pub processors: Option<f64>,
    /// Bytes of memory.
    pub memory: Option<u64>,
    /// How long the bus takes, in milliseconds.
    pub bus_ms: f64,
}

impl Node {
    fn of(record: NodeRecord) -> Self {
        let NodeRecord { id, address, connections, load, about, .. } = record;
        Self { id: id.0, address, connections, load, about: serde_json::from_value(about).unwrap_or_default() }
    }
}

/// What has to be measured between two looks.
pub(super) struct Speaking {
    myself: Myself,
    started_at: Millis,
    meter: Meter,
    before: Mutex<Option<(Instant, u64)>>,
}

impl Speaking {
    pub(super) fn new(myself: Myself, started_at: Millis) -> Self {
        Self { myself, started_at, meter: Meter::default(), before: Mutex::default() }
    }

    #[expect(clippy::cast_precision_loss, reason = "numbers to look at")]
    fn about(&self, engine: &Engine) -> About {
        let (counts, now) = (engine.counts(), Instant::now());
        let before = self.before.lock().unwrap_or_else(PoisonError::into_inner).replace((now, counts.appended));
        let messages_per_second = before.map_or(0.0, |(at, appended)| {
            let passed = now.duration_since(at).as_secs_f64();
            if passed > 0.0 { counts.appended.saturating_sub(appended) as f64 / passed } else { 0.0 }
        });
        About {
            name: self.myself.name.clone(),
            roles: self.myself.roles.iter().map(|role| role.name().to_owned()).collect(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: self.started_at,
            files: self.myself.files.clone(),
            channels: counts.channels,
            spread: counts.spread,
            messages_per_second,
            processors: self.meter.processors(),
            memory: process::memory(),
            bus_ms: counts.bus_lag as f64 / 1000.0,
        }
    }
}

/// For the registry.
pub(super) fn about(live: &Live, engine: &Engine) -> Value {
    serde_json::to_value(live.speaking.about(engine)).unwrap_or_default()
}

/// How this node stands among others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What others are told reaches them.
    pub redis: bool,
    /// How many nodes there are, as far as this one knows.
    pub nodes: usize,
}

impl Realtime {
    /// How this node stands among others; nothing when it is alone by choice.
    pub fn standing(&self) -> Option<Standing> {
        let health = self.engine.cluster_health()?;
        Some(Standing { redis: health.bus.connected && health.lease.held, nodes: health.nodes })
    }

    /// This node's id.
    pub fn node_id(&self) -> uuid::Uuid {
        self.engine.node_id().0
    }

    /// The nodes that were there a moment ago, by name; this one alone where nothing is known of others.
    pub fn nodes(&self) -> Vec<Node> {
        let mut nodes: Vec<Node> = self.engine.nodes().into_iter().map(Node::of).collect();
        if nodes.is_empty() {
            let counts = self.engine.counts();
            let connections = counts.websocket + counts.socketio;
            let about = self.engine.policy().speaking.about(&self.engine);
            nodes.push(Node { id: self.node_id(), address: None, connections, load: self.engine.load(), about });
        }
        nodes.sort_by(|one, other| (&one.about.name, one.id).cmp(&(&other.about.name, other.id)));
        nodes
    }
}
