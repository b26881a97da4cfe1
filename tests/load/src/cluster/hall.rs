//! The stage of the scenario: three nodes, PostgreSQL, Redis, a balancer in front, and a proxy on every way between them.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::cluster::Plan;
use crate::cluster::disk::Disk;
use crate::dice::Dice;
use crate::fault::Result;
use crate::postgres::Postgres;
use crate::proxy::Proxy;
use crate::redis::Redis;
use crate::rest::Console;
use crate::server::{Server, Setup};

/// How many nodes.
pub const NODES: usize = 3;
/// An app of XPUSH's own protocol that is open to all.
pub const APP: &str = "demo";
/// The node whose clock can be moved.
pub const FAKED: usize = 2;

/// One node and its ways to what it needs.
#[derive(Debug)]
pub struct Node {
    pub server: Server,
    pub to_postgres: Proxy,
    pub to_redis: Proxy,
}

/// Everything that runs.
#[derive(Debug)]
pub struct Hall {
    pub nodes: Vec<Node>,
    pub postgres: Postgres,
    pub redis: Redis,
    /// By which operators reach any node.
    pub console: Proxy,
    /// By which visitors do.
    pub widget: Proxy,
    /// Where PostgreSQL's data is, if it can be filled.
    pub disk: Option<Disk>,
    /// Says what time the last node thinks it is, if that can be moved.
    pub clock: Option<PathBuf>,
    files: TempDir,
    notes: Vec<String>,
}

impl Hall {
    /// Starts everything; the first node makes the demo tenant.
    pub async fn open(plan: &Plan) -> Result<Self> {
        let mut notes = Vec::new();
        let room = plan.out.join("disk");
        let disk = match Disk::mount(&room, if plan.long { 3 } else { 1 }).await {
            Ok(disk) => Some(disk),
            Err(error) => {
                notes.push(format!("no disk was filled, because none can be mounted here: {}", error.to_string().trim()));
                None
            }
        };
        let postgres = Postgres::start(&room.canonicalize()?).await?;
        let redis = Redis::start().await?;
        let dice = Dice::new(plan.seed).fork(4_000_000);
        // Nobody is there yet; the nodes' ports are known when they run.
        let (console, widget) = (Proxy::start(&[1; NODES], dice.fork(1)).await?, Proxy::start(&[1; NODES], dice.fork(2)).await?);
        let files = TempDir::new()?;
        let clock = fake_time(files.path(), &mut notes)?;
        let mut hall = Self { nodes: Vec::new(), postgres, redis, console, widget, disk, clock, files, notes };
        for index in 0..NODES {
            hall.add_node(plan, index).await?;
        }
        Ok(hall)
    }

    async fn add_node(&mut self, plan: &Plan, index: usize) -> Result<()> {
        let dice = Dice::new(plan.seed).fork(5_000_000 + index as u64);
        let to_postgres = Proxy::start(&[self.postgres.port()], dice.fork(1)).await?;
        let to_redis = Proxy::start(&[self.redis.port], dice.fork(2)).await?;
        let log = plan.out.join(format!("node-{index}.server.log"));
        // The log of an earlier run would be mixed with this one's; that there is none is fine.
        std::fs::remove_file(&log).unwrap_or_default();
        let mut environment = vec![
            ("REDIS_URL", format!("redis://127.0.0.1:{}", to_redis.port)),
            ("STALK_NODE_NAME", format!("node-{index}")),
            ("STALK_PUBLIC_URL", self.console_url()),
            ("STALK_WIDGET_URL", format!("http://127.0.0.1:{}", self.widget.port)),
            ("STALK_FILES", self.files.path().join("files").display().to_string()),
            ("STALK_POSTS_PER_SECOND", "100000".to_owned()),
            ("STALK_POST_BURST", "100000".to_owned()),
            ("STALK_CONNECTIONS_PER_ADDRESS", "10000".to_owned()),
            ("STALK_NEW_VISITORS_PER_MINUTE", "10000000".to_owned()),
            ("STALK_XPUSH_OPEN_APPS", APP.to_owned()),
            ("STALK_SESSIONS_PER_MINUTE", "1000000".to_owned()),
            ("STALK_HEARTBEAT_MS", plan.heartbeat.as_millis().to_string()),
        ];
        if let Some(clock) = self.clock.as_ref().filter(|_| index == FAKED) {
            environment.extend(preload(clock));
        }
        let environment = environment.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let database_url = Some(format!("postgres://postgres@127.0.0.1:{}/stalk", to_postgres.port));
        let server = Server::start(Setup { binary: plan.binary.clone(), database_url, demo: index == 0, log, environment }).await?;
        self.console.lead_to(index, server.ports().console);
        self.widget.lead_to(index, server.ports().widget);
        self.nodes.push(Node { server, to_postgres, to_redis });
        Ok(())
    }

    /// The demo tenant's owner, by the balancer.
    pub async fn sign_in(&self) -> Result<Console> {
        let first = &self.nodes[0].server;
        Console::sign_in(&self.console_url(), &first.printed("Sign in as").await?, &first.printed("Password").await?).await
    }

    /// `http://…` of the consoles, which is their origin too.
    pub fn console_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.console.port)
    }

    /// `ws://…/ws` of the widgets.
    pub fn visitors_url(&self) -> String {
        format!("ws://127.0.0.1:{}/ws", self.widget.port)
    }

    /// The origin of the demo shop's pages.
    pub fn shop_origin(&self) -> String {
        self.nodes[0].server.shop_origin()
    }

    /// What could not be done here.
    pub fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }

    /// Ends everything.
    pub async fn close(mut self) -> Result<()> {
        for node in &mut self.nodes {
            node.server.kill().await?;
        }
        self.redis.kill().await?;
        self.postgres.stop().await
    }
}

/// The file that says what is added to the last node's clock; `None` where the clock cannot be moved.
fn fake_time(folder: &Path, notes: &mut Vec<String>) -> Result<Option<PathBuf>> {
    if library().is_none() {
        notes.push("no clock was moved, because libfaketime is not installed: apt-get install faketime".to_owned());
        return Ok(None);
    }
    let file = folder.join("clock");
    std::fs::write(&file, "+0")?;
    Ok(Some(file))
}

/// The library that stands between a program and the system's clock.
fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?;
    folders.filter_map(|entry| Some(entry.ok()?.path().join("faketime/libfaketimeMT.so.1"))).find(|path| path.exists())
}

fn preload(clock: &Path) -> Vec<(&'static str, String)> {
    let library = library().unwrap_or_default();
    vec![
        ("LD_PRELOAD", library.display().to_string()),
        ("FAKETIME_TIMESTAMP_FILE", clock.display().to_string()),
        ("FAKETIME_CACHE_DURATION", "1".to_owned()),
        // Durations are measured by the monotonic clock, which no jump of a clock moves.
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
    ]
}
