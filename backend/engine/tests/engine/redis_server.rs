//! Real Redis servers on free ports of the loopback: alone, or as a Cluster.

use std::net::TcpListener;
use std::process::Stdio;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use xpush::RedisConfig;

use crate::hall::soon;

/// A running server; killed when dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) port: u16,
}

/// A port that nobody uses and no other test was given, whose Cluster port (10,000 higher) is free too; both are below those that the system gives to
/// outgoing connections, so that nobody's connection takes one while a server is away.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 10_000).unwrap_or_default();
    loop {
        let port = 10_000 + (start + NEXT.fetch_add(1, Ordering::Relaxed) % 10_000) % 10_000;
        if [port, port + 10_000].iter().all(|&port| TcpListener::bind(("127.0.0.1", port)).is_ok()) {
            return port;
        }
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_on(free_port(), &[]).await
    }

    async fn start_on(port: u16, more: &[&str]) -> Self {
        let mut command = Command::new("redis-server");
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"]);
        let mut process = command.args(more).stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("redis-server is not installed");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut said = String::new();
        while !said.contains("Ready to accept connections") {
            said = soon(lines.next_line()).await.unwrap().expect("redis-server ended");
        }
        // Read on, or the server would be stopped by a full pipe.
        crate::hall::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { process, port }
    }

    pub(crate) async fn kill(&mut self) {
        self.process.kill().await.unwrap();
    }

    /// Starts it again where it was, empty.
    pub(crate) async fn restart(&mut self) {
        *self = Self::start_on(self.port, &[]).await;
    }

    pub(crate) fn config(&self) -> RedisConfig {
        RedisConfig::new(format!("redis://127.0.0.1:{}", self.port))
    }
}

/// Three nodes that share the slots.
pub(crate) struct Cluster {
    servers: Vec<Server>,
}

impl Cluster {
    pub(crate) async fn start() -> Self {
        let mut servers = Vec::new();
        for _ in 0..3 {
            let port = free_port();
            let file = format!("xpush-test-nodes-{port}.conf");
            let options = ["--cluster-enabled", "yes", "--cluster-config-file", &file, "--cluster-node-timeout", "2000"];
            servers.push(Server::start_on(port, &options).await);
            tokio::fs::remove_file(format!("/tmp/{file}")).await.ok();
        }
        let mut command = Command::new("redis-cli");
        command.args(["--cluster", "create"]).args(servers.iter().map(|server| format!("127.0.0.1:{}", server.port)));
        let made = command.args(["--cluster-yes", "--cluster-replicas", "0"]).stdout(Stdio::null()).status();
        assert!(soon(made).await.unwrap().success(), "the Cluster was not made");
        let cluster = Self { servers };
        soon(cluster.settled()).await;
        cluster
    }

    /// Every node knows that every slot is served.
    async fn settled(&self) {
        for server in &self.servers {
            loop {
                let info = Command::new("redis-cli").args(["-p", &server.port.to_string(), "cluster", "info"]).output().await.unwrap();
                if String::from_utf8_lossy(&info.stdout).contains("cluster_state:ok") {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }

    pub(crate) fn config(&self) -> RedisConfig {
        RedisConfig::new(format!("redis://127.0.0.1:{}", self.servers[0].port))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for server in &self.servers {
            std::fs::remove_file(format!("/tmp/xpush-test-nodes-{}.conf", server.port)).ok();
        }
    }
}
