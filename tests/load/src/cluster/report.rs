//! What came out, for people and for programs.

use std::fmt;
use std::path::Path;

use serde::Serialize;

use crate::checker::Verdict;
use crate::fault::Result;
use crate::report::Report as Alone;

/// At most this many sentences are kept.
const DETAIL: usize = 50;
/// The promise: from the first welcome after a loss to having everything.
const RESUME_P99_MS: u64 = 2000;

/// The file `report.json`.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub seed: u64,
    pub databases: Vec<&'static str>,
    pub faults: usize,
    pub messages: u64,
    pub acknowledged: u64,
    pub lost: u64,
    pub duplicated: u64,
    pub holes: u64,
    pub misordered: u64,
    /// Anything else against the protocol, and what took too long.
    pub other: u64,
    pub connection_losses: u64,
    pub resume_p50_ms: u64,
    pub resume_p99_ms: u64,
    pub converged_ms: Option<u64>,
    /// The longest time until what was said was heard by others at once, after Redis was away.
    pub live_after_redis_ms: u64,
    /// The longest time until what had to wait for PostgreSQL was acknowledged.
    pub delivered_after_postgres_ms: u64,
    /// Of those that were made while one of them was away.
    pub slowest_request_ms: u64,
    pub took_ms: u64,
    /// What was wrong.
    pub detail: Vec<String>,
    /// Each fault, and when things moved again.
    pub log: Vec<String>,
}

impl Report {
    /// Of the nodes on PostgreSQL.
    pub fn of(seed: u64, faults: usize, verdict: &Verdict) -> Self {
        Self {
            seed,
            databases: vec!["postgres"],
            faults,
            messages: verdict.asked,
            acknowledged: verdict.acknowledged,
            lost: verdict.lost,
            duplicated: verdict.duplicated,
            holes: verdict.holes,
            misordered: verdict.misordered,
            other: verdict.other,
            connection_losses: 0,
            resume_p50_ms: 0,
            resume_p99_ms: 0,
            converged_ms: None,
            live_after_redis_ms: 0,
            delivered_after_postgres_ms: 0,
            slowest_request_ms: 0,
            took_ms: 0,
            detail: verdict.detail.iter().take(DETAIL).cloned().collect(),
            log: Vec::new(),
        }
    }

    /// With what the one node on the embedded database did.
    pub fn add_alone(&mut self, alone: &Alone) {
        self.databases.push("sqlite");
        self.faults += usize::try_from(alone.kills).unwrap_or(0);
        self.messages += alone.messages;
        self.acknowledged += alone.acknowledged;
        self.lost += alone.lost;
        self.duplicated += alone.duplicated;
        self.holes += alone.holes;
        self.misordered += alone.misordered;
        self.other += alone.other;
        self.connection_losses += alone.connection_losses;
        self.resume_p99_ms = self.resume_p99_ms.max(alone.resume_p99_ms);
        self.detail.extend(alone.detail.iter().map(|sentence| format!("sqlite: {sentence}")));
        self.log.push(format!("one node on SQLite: kill -9, {} times, {} messages", alone.kills, alone.messages));
    }

    /// Whether every promise was kept; the time to resume with slack, because the machine is shared with everything that is tested.
    pub fn is_clean(&self, slack: u32) -> bool {
        self.lost + self.duplicated + self.holes + self.misordered + self.other == 0
            && self.resume_p99_ms <= RESUME_P99_MS * u64::from(slack)
    }

    /// Writes the JSON file, making its folder.
    pub fn write(&self, path: &Path) -> Result<()> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, serde_json::to_string_pretty(self)? + "\n")?;
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, faults, messages, acknowledged, lost, duplicated, holes, misordered, other, .. } = self;
        writeln!(f, "{faults} faults, seed {seed}, {} s", self.took_ms / 1000)?;
        for line in &self.log {
            writeln!(f, "  {line}")?;
        }
        writeln!(f, "  messages {messages}  acknowledged {acknowledged}  connections lost {}", self.connection_losses)?;
        writeln!(f, "  lost {lost}  duplicated {duplicated}  holes {holes}  misordered {misordered}  other {other}")?;
        writeln!(f, "  resume p50 {} ms, p99 {} ms (promise {RESUME_P99_MS})", self.resume_p50_ms, self.resume_p99_ms)?;
        if self.slowest_request_ms > 0 {
            let Self { live_after_redis_ms, delivered_after_postgres_ms, slowest_request_ms, .. } = self;
            writeln!(
                f,
                "  live again at most {live_after_redis_ms} ms after Redis was away, everything stored {delivered_after_postgres_ms} ms after PostgreSQL; the slowest request took {slowest_request_ms} ms"
            )?;
        }
        match self.converged_ms {
            Some(ms) => writeln!(f, "  converged after {ms} ms")?,
            None => writeln!(f, "  did not converge")?,
        }
        for sentence in self.detail.iter().take(20) {
            writeln!(f, "  - {sentence}")?;
        }
        Ok(())
    }
}
