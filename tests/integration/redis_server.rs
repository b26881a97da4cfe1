//! A real Redis on a free port of the loopback.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::ports::free_port;

/// A running server; killed when dropped.
pub(crate) struct Redis {
    process: Child,
    port: u16,
}

impl Redis {
    pub(crate) async fn start() -> Self {
        let port = free_port();
        Self { process: running_on(port).await, port }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) async fn kill(&mut self) {
        self.process.kill().await.unwrap();
    }

    /// Starts it again where it was, empty.
    pub(crate) async fn restart(&mut self) {
        self.process = running_on(self.port).await;
    }

    /// Forgets everything, as an operator's slip would.
    pub(crate) async fn flush(&self) {
        let done = Command::new("redis-cli").args(["-p", &self.port.to_string(), "FLUSHALL"]).stdout(Stdio::null()).status().await;
        assert!(done.unwrap().success());
    }
}

async fn running_on(port: u16) -> Child {
    let mut command = Command::new("redis-server");
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"]);
    let mut process =
        command.stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("redis-server is not installed: scripts/install-test-tools.sh");
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    while let Some(said) = lines.next_line().await.unwrap() {
        if said.contains("Ready to accept connections") {
            // It says nothing more that would fill the pipe.
            return process;
        }
    }
    panic!("redis-server ended");
}
