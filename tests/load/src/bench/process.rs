//! The programs beside the product: the engine's example, the Node peers and Redis, each started on a free port and killed at the end.

use std::fs::File;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::Bench;
use crate::fault::{Result, fault};
use crate::server::free_port;

const PATIENCE: Duration = Duration::from_secs(20);

/// A running program that listens on `address`.
#[derive(Debug)]
pub struct Process {
    pub address: SocketAddr,
    child: Child,
}

/// What can be started to be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The engine without a product; `plain` gathers nothing, `redis` makes it one of several nodes.
    Engine { plain: bool, redis: Option<String> },
    /// Node with socket.io, as it comes or with a coalescer of so many milliseconds on top.
    Node { coalesce_ms: Option<u64> },
}

impl Kind {
    /// The name in reports.
    pub fn name(&self) -> String {
        match self {
            Self::Engine { .. } => "engine".to_owned(),
            Self::Node { coalesce_ms: None } => "Node socket.io 4.8".to_owned(),
            Self::Node { coalesce_ms: Some(tick) } => format!("Node socket.io 4.8 with a {tick} ms coalescer"),
        }
    }
}

impl Process {
    /// Starts one on the servers' core.
    pub fn start(bench: &Bench, kind: &Kind) -> Result<Self> {
        let port = free_port()?;
        let (program, arguments): (PathBuf, Vec<String>) = match kind {
            Kind::Engine { plain, redis } => {
                let mut arguments = vec!["--port".to_owned(), port.to_string()];
                arguments.extend(plain.then(|| "--plain".to_owned()));
                arguments.extend(redis.iter().flat_map(|url| ["--redis".to_owned(), url.clone()]));
                (bench.plan.engine.clone(), arguments)
            }
            Kind::Node { coalesce_ms } => {
                let script = bench.plan.peers.join("server.js");
                if !bench.plan.peers.join("node_modules").exists() {
                    return fault(format!("the Node peers are not installed: cd {} && npm ci", bench.plan.peers.display()));
                }
                let mut arguments = vec![script.display().to_string(), port.to_string()];
                arguments.extend(coalesce_ms.iter().flat_map(|tick| ["--coalesce".to_owned(), tick.to_string()]));
                ("node".into(), arguments)
            }
        };
        let (command, mut first) = bench.cores.on_server_core(&program);
        first.extend(arguments);
        Self::spawn(&command, &first, port, &bench.plan.out.join("peers.log"))
    }

    /// Starts a Redis that keeps nothing, on whatever core is free.
    pub fn redis(bench: &Bench) -> Result<Self> {
        let port = free_port()?;
        let (command, mut arguments) = bench.cores.on_all_cores(Path::new("redis-server"));
        let own = ["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no"];
        arguments.extend(own.map(ToOwned::to_owned));
        Self::spawn(&command, &arguments, port, &bench.plan.out.join("redis.log"))
    }

    fn spawn(program: &Path, arguments: &[String], port: u16, log: &Path) -> Result<Self> {
        let log = File::options().create(true).append(true).open(log)?;
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let said = format!("{} {}", program.display(), arguments.join(" "));
        let child = command.spawn().map_err(|error| format!("{said} cannot be started: {error}"))?;
        let mut process = Self { address: SocketAddr::from(([127, 0, 0, 1], port)), child };
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(process.address).is_err() {
            if let Some(status) = process.child.try_wait()? {
                return fault(format!("{said} ended with {status}"));
            }
            if Instant::now() > deadline {
                return fault(format!("{said} does not listen after {} s", PATIENCE.as_secs()));
            }
            sleep(Duration::from_millis(5));
        }
        Ok(process)
    }

    /// Its process id; `taskset` becomes the program it starts.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
