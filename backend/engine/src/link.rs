//! Connections to Redis, alone or as a Cluster: which of them serves a key, and whether they still live. What is said over them stands in
//! `bus::redis`, `registry::redis` and `limits::redis`. A link that failed in any part is dropped whole and opened anew by its owner.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, ProtocolVersion, PushInfo, Value};
use tokio::sync::{Mutex, mpsc};

use slots::{SLOTS, slot_of};

mod sentinel;
mod slots;

/// How long a connection may take to come up, and how long Redis may take to answer.
const CONNECT: Duration = Duration::from_secs(1);
const ANSWER: Duration = Duration::from_secs(2);

/// Where Redis is, and what our names in it begin with.
#[derive(Clone, Debug)]
pub struct RedisConfig {
    /// `redis://[user:password@]host[:port][/db]` (`rediss://` for TLS), or several nodes of one Cluster: the first that answers is asked for the
    /// others. `redis+sentinel://[user:password@]host[:port],host[:port]…/master[/db]` asks Sentinels who takes writes.
    pub urls: Vec<String>,
    /// Begins every key and channel, so that several installations can share a server.
    pub prefix: String,
}

impl RedisConfig {
    /// One server, or any node of a Cluster.
    pub fn new(url: impl Into<String>) -> Self {
        Self { urls: vec![url.into()], prefix: "xpush".to_owned() }
    }

    /// Whether the addresses can be read; says what is wrong, without them, for they may hold passwords.
    pub fn check(&self) -> Result<(), String> {
        for url in &self.urls {
            match url.strip_prefix(sentinel::SCHEME) {
                Some(named) => sentinel::check(named).map_err(|error| error.to_string())?,
                None => url.as_str().into_connection_info().map(drop).map_err(|error| error.to_string())?,
            }
        }
        Ok(())
    }
}

/// Redis did not do what it was asked: it is away, moved a slot, or refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LinkError {
    #[error(transparent)]
    Redis(#[from] redis::RedisError),
    #[error("{0}")]
    Topology(String),
}

/// The connections to every node that serves keys.
pub(crate) struct Link {
    nodes: Vec<MultiplexedConnection>,
    /// The node of each slot of a Cluster; `None` for a server alone.
    slots: Option<Vec<u16>>,
}

impl Link {
    /// Connects. `pushes` hears what channels say; a Cluster is found by asking.
    pub(crate) async fn open(config: &RedisConfig, pushes: Option<&mpsc::UnboundedSender<PushInfo>>) -> Result<Self, LinkError> {
        let mut last = LinkError::Topology("no address of Redis is configured".to_owned());
        for url in &config.urls {
            match Self::open_at(url, pushes).await {
                Ok(link) => return Ok(link),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn open_at(url: &str, pushes: Option<&mpsc::UnboundedSender<PushInfo>>) -> Result<Self, LinkError> {
        match url.strip_prefix(sentinel::SCHEME) {
            Some(named) => Self::open_by(&sentinel::master(named).await?, pushes).await,
            None => Self::open_by(url, pushes).await,
        }
    }

    async fn open_by(url: &str, pushes: Option<&mpsc::UnboundedSender<PushInfo>>) -> Result<Self, LinkError> {
        let info = url.into_connection_info()?;
        let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3).set_skip_set_lib_name();
        let info = info.set_redis_settings(settings);
        let mut seed = connect(info.clone(), pushes).await?;
        let about: String = redis::cmd("INFO").arg("cluster").query_async(&mut seed).await?;
        if !about.contains("cluster_enabled:1") {
            sentinel::takes_writes(&mut seed).await?;
            return Ok(Self { nodes: vec![seed], slots: None });
        }
        let map: Value = redis::cmd("CLUSTER").arg("SLOTS").query_async(&mut seed).await?;
        let ranges = slots::ranges(&map).ok_or_else(|| LinkError::Topology("CLUSTER SLOTS was answered in an unknown form".to_owned()))?;
        Self::open_cluster(&info, &ranges, pushes).await
    }

    async fn open_cluster(
        seed: &ConnectionInfo,
        ranges: &[slots::Range],
        pushes: Option<&mpsc::UnboundedSender<PushInfo>>,
    ) -> Result<Self, LinkError> {
        let (mut addresses, mut nodes) = (Vec::new(), Vec::new());
        let mut slots = vec![u16::MAX; usize::from(SLOTS)];
        for range in ranges {
            let address = address(seed.addr(), range);
            let known = addresses.iter().position(|known| *known == address);
            let index = if let Some(index) = known {
                index
            } else {
                nodes.push(connect(seed.clone().set_addr(address.clone()), pushes).await?);
                addresses.push(address);
                addresses.len() - 1
            };
            let index = u16::try_from(index).map_err(|_| LinkError::Topology("more nodes than slots".to_owned()))?;
            if let Some(served) = slots.get_mut(usize::from(range.first)..=usize::from(range.last)) {
                served.fill(index);
            }
        }
        if slots.contains(&u16::MAX) {
            return Err(LinkError::Topology("some slots of the Cluster are served by nobody".to_owned()));
        }
        Ok(Self { nodes, slots: Some(slots) })
    }

    /// Whether channels belong to slots (`SSUBSCRIBE`, `SPUBLISH`).
    pub(crate) fn sharded(&self) -> bool {
        self.slots.is_some()
    }

    /// How many nodes there are.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Which of the nodes serves a key or channel.
    pub(crate) fn place(&self, key: &[u8]) -> usize {
        let slot = |slots: &Vec<u16>| slots.get(usize::from(slot_of(key))).map_or(0, |node| usize::from(*node));
        self.slots.as_ref().map_or(0, slot)
    }

    /// A handle of a node's connection; handles share it, and what they send is pipelined.
    pub(crate) fn node(&self, place: usize) -> Option<MultiplexedConnection> {
        self.nodes.get(place).cloned()
    }

    /// Asks every node whether it is there.
    pub(crate) async fn ping(&self) -> Result<(), LinkError> {
        for node in &self.nodes {
            redis::cmd("PING").exec_async(&mut node.clone()).await?;
        }
        Ok(())
    }
}

async fn connect(info: ConnectionInfo, pushes: Option<&mpsc::UnboundedSender<PushInfo>>) -> Result<MultiplexedConnection, LinkError> {
    let mut config = AsyncConnectionConfig::new().set_connection_timeout(Some(CONNECT)).set_response_timeout(Some(ANSWER));
    if let Some(pushes) = pushes {
        config = config.set_push_sender(pushes.clone());
    }
    Ok(Client::open(info)?.get_multiplexed_async_connection_with_config(&config).await?)
}

/// A node that does not know its own name is where we asked.
fn address(seed: &ConnectionAddr, range: &slots::Range) -> ConnectionAddr {
    let own = match seed {
        ConnectionAddr::Tcp(host, _) => host.as_str(),
        _ => "127.0.0.1",
    };
    ConnectionAddr::Tcp(if range.host.is_empty() { own.to_owned() } else { range.host.clone() }, range.port)
}

/// Scripts on one slot of Redis: what the registry and the shared limits need. Connects when first asked, and again after a failure.
pub(crate) struct Scripts {
    config: RedisConfig,
    link: Mutex<Option<(Link, MultiplexedConnection)>>,
}

impl Scripts {
    pub(crate) fn new(config: RedisConfig) -> Self {
        Self { config, link: Mutex::new(None) }
    }

    /// A key of ours. All of them are in one slot of a Cluster, so that a script may touch several.
    pub(crate) fn key(&self, name: &str) -> String {
        format!("{{{}}}:{name}", self.config.prefix)
    }

    /// Runs a script.
    pub(crate) async fn run(&self, script: &str, keys: &[String], arguments: &[String]) -> Result<Value, LinkError> {
        let mut node = self.node().await?;
        let mut command = redis::cmd("EVAL");
        command.arg(script).arg(keys.len()).arg(keys).arg(arguments);
        let answer = command.query_async(&mut node).await;
        if answer.is_err() {
            // The slot may have moved, or the server have gone: look again at the next call.
            *self.link.lock().await = None;
        }
        Ok(answer?)
    }

    async fn node(&self) -> Result<MultiplexedConnection, LinkError> {
        let mut link = self.link.lock().await;
        if let Some((_, node)) = &*link {
            return Ok(node.clone());
        }
        let opened = Link::open(&self.config, None).await?;
        let place = opened.place(self.key("").as_bytes());
        let node = opened.node(place).ok_or_else(|| LinkError::Topology("no node serves our slot".to_owned()))?;
        *link = Some((opened, node.clone()));
        Ok(node)
    }
}
