//! Scenario: how long the first start takes on an empty folder, and what an idle server costs.

use std::path::PathBuf;
use std::time::Duration;

use tokio::time::sleep;

use crate::clock::{Instant, millis_between};
use crate::fault::{Result, fault};
use crate::server::{Server, Setup};

/// The promise: first start to serving.
const LIMIT_MS: u64 = 300;
/// The promise: resident memory of an idle server.
const LIMIT_KB: u64 = 60 * 1024;

/// What was measured.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    pub start_ms: u64,
    pub resident_kb: u64,
    pub processes: usize,
}

impl Measured {
    /// Whether the promises hold, when each limit is multiplied by `slack`.
    pub fn is_within(&self, slack: u64) -> bool {
        self.start_ms <= LIMIT_MS * slack && self.resident_kb <= LIMIT_KB * slack && self.processes == 1
    }
}

/// Starts a server on an empty folder and looks at it after 3 idle seconds.
pub async fn run(binary: PathBuf, demo: bool, out: PathBuf) -> Result<Measured> {
    let log = out.join("start.server.log");
    let begun = Instant::now();
    let mut server = Server::start(Setup { binary, database_url: None, demo, log, environment: Vec::new() }).await?;
    let start_ms = millis_between(begun, Instant::now());
    sleep(Duration::from_secs(3)).await;
    let Some(pid) = server.pid() else { return fault("the server ended by itself") };
    let measured = Measured { start_ms, resident_kb: resident_kb(pid)?, processes: 1 + descendants(pid)? };
    server.kill().await?;
    Ok(measured)
}

/// VmRSS of a process.
pub fn resident_kb(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

/// How many processes stem from this one.
fn descendants(pid: u32) -> Result<usize> {
    let mut parents = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let path = entry?.path();
        let Some(child) = path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok()) else { continue };
        // A process may end while we look.
        let Ok(stat) = std::fs::read_to_string(path.join("stat")) else { continue };
        let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)?.parse::<u32>().ok());
        parents.extend(parent.map(|parent| (child, parent)));
    }
    let mut family = vec![pid];
    let mut next = 0;
    while let Some(elder) = family.get(next).copied() {
        family.extend(parents.iter().filter(|(_, parent)| *parent == elder).map(|(child, _)| *child));
        next += 1;
    }
    Ok(family.len() - 1)
}
