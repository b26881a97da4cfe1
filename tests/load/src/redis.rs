//! A Redis server of one's own, on a free port, that keeps nothing on the disk.

use std::process::Stdio;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::fault::{Result, fault};
use crate::server::{free_port, signal};

/// A running server, or one that was killed.
#[derive(Debug)]
pub struct Redis {
    pub port: u16,
    child: Child,
}

impl Redis {
    /// Starts one and waits until it takes connections.
    pub async fn start() -> Result<Self> {
        let port = free_port()?;
        Ok(Self { port, child: spawn(port).await? })
    }

    /// `kill -9`.
    pub async fn kill(&mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// The killed one again, empty.
    pub async fn restart(&mut self) -> Result<()> {
        self.child = spawn(self.port).await?;
        Ok(())
    }

    /// Stops it in time, or lets it go on.
    pub async fn freeze(&self, frozen: bool) -> Result<()> {
        signal(self.child.id(), if frozen { "STOP" } else { "CONT" }).await
    }

    /// Forgets everything.
    pub async fn empty(&self) -> Result<()> {
        let done = Command::new("redis-cli").args(["-p", &self.port.to_string(), "flushall"]).output().await?;
        if done.status.success() { Ok(()) } else { fault("redis-cli flushall failed") }
    }
}

async fn spawn(port: u16) -> Result<Child> {
    let mut command = Command::new("redis-server");
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let child = command.spawn().map_err(|error| format!("redis-server cannot be started: {error}; apt-get install redis-server"))?;
    let deadline = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        if Instant::now() > deadline {
            return fault("redis-server takes no connections");
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(child)
}
