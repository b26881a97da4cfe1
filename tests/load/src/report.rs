//! The scenario's result, for people (a few lines) and for programs (a JSON file).

use std::fmt;
use std::path::Path;

use serde::Serialize;

use crate::checker::Verdict;
use crate::fault::Result;

/// At most this many sentences are kept.
const DETAIL: usize = 50;

/// What a fault scenario leaves behind.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub seed: u64,
    pub database: String,
    pub kills: u64,
    /// Asked by visitors and operators.
    pub messages: u64,
    pub acknowledged: u64,
    pub lost: u64,
    pub duplicated: u64,
    pub holes: u64,
    pub misordered: u64,
    /// Anything else against the protocol, and what did not converge in time.
    pub other: u64,
    pub connection_losses: u64,
    pub restart_max_ms: u64,
    pub resume_p50_ms: u64,
    pub resume_p99_ms: u64,
    pub converged_ms: Option<u64>,
    pub took_ms: u64,
    pub detail: Vec<String>,
}

impl Report {
    /// Takes over the counts and the first sentences of a verdict.
    pub fn judge(&mut self, verdict: Verdict) {
        self.messages = verdict.asked;
        self.acknowledged = verdict.acknowledged;
        self.lost = verdict.lost;
        self.duplicated = verdict.duplicated;
        self.holes = verdict.holes;
        self.misordered = verdict.misordered;
        self.other = verdict.other;
        self.detail = verdict.detail;
        self.detail.truncate(DETAIL);
    }

    /// Whether every promise was kept.
    pub fn is_clean(&self) -> bool {
        self.lost + self.duplicated + self.holes + self.misordered + self.other == 0
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
        let Self { seed, database, kills, messages, acknowledged, lost, duplicated, holes, misordered, other, .. } = self;
        writeln!(f, "kill -9 x {kills} on {database}, seed {seed}, {} s", self.took_ms / 1000)?;
        writeln!(f, "  messages {messages}  acknowledged {acknowledged}")?;
        writeln!(f, "  lost {lost}  duplicated {duplicated}  holes {holes}  misordered {misordered}  other {other}")?;
        writeln!(
            f,
            "  connections lost {}  restart max {} ms  resume p50 {} ms, p99 {} ms",
            self.connection_losses, self.restart_max_ms, self.resume_p50_ms, self.resume_p99_ms
        )?;
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

/// The value below which this share (0..=100) of the values lies; 0 when there are none.
pub fn percentile(values: &mut [u64], share: usize) -> u64 {
    values.sort_unstable();
    let index = (values.len() * share).div_ceil(100).saturating_sub(1);
    values.get(index).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let mut values: Vec<u64> = (1..=100).rev().collect();
        assert_eq!((percentile(&mut values, 50), percentile(&mut values, 99)), (50, 99));
        assert_eq!((percentile(&mut [7], 99), percentile(&mut [], 99)), (7, 0));
    }
}
