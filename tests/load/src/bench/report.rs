//! What a run leaves behind: a list of rows as JSON, and the same as a table.

use std::fmt::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::fault::Result;

/// One measured value.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Row {
    pub name: String,
    pub value: f64,
    pub unit: String,
    pub p99_ms: Option<f64>,
    /// With whom `ratio` compares.
    pub peer: Option<String>,
    pub ratio: Option<f64>,
    /// The bound and whether it was kept, then whatever else was seen.
    pub detail: String,
}

impl Row {
    /// A row with a value only.
    pub fn new(name: &str, value: f64, unit: &str) -> Self {
        Self { name: name.to_owned(), value, unit: unit.to_owned(), p99_ms: None, peer: None, ratio: None, detail: String::new() }
    }

    /// Adds the 99th percentile.
    #[must_use]
    pub fn p99(mut self, millis: f64) -> Self {
        self.p99_ms = Some(millis);
        self
    }

    /// Compares with a peer's value of the same kind.
    #[must_use]
    pub fn against(mut self, peer: &str, value: f64) -> Self {
        self.peer = Some(peer.to_owned());
        self.ratio = (value > 0.0).then(|| self.value / value);
        self
    }

    /// Says whether a bound was kept.
    #[must_use]
    pub fn bound(mut self, says: &str, kept: bool) -> Self {
        let word = if kept { "kept" } else { "MISSED" };
        let separator = if self.detail.is_empty() { "" } else { "; " };
        write!(self.detail, "{separator}{says}: {word}").ok();
        self
    }

    /// Adds whatever else was seen.
    #[must_use]
    pub fn seen(mut self, words: impl AsRef<str>) -> Self {
        let separator = if self.detail.is_empty() { "" } else { "; " };
        write!(self.detail, "{separator}{}", words.as_ref()).ok();
        self
    }
}

/// Writes the rows as JSON, and beside it as Markdown; those of an earlier run that were not measured this time stay when `keep` says so.
pub fn write(path: &Path, rows: &[Row], keep: bool) -> Result<()> {
    let mut all: Vec<Row> = Vec::new();
    if keep && let Ok(text) = std::fs::read_to_string(path) {
        // What cannot be read is replaced.
        all = serde_json::from_str(&text).unwrap_or_default();
        all.retain(|old| rows.iter().all(|row| row.name != old.name));
    }
    all.extend(rows.iter().cloned());
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path.with_extension("md"), markdown(&all))?;
    Ok(std::fs::write(path, serde_json::to_string_pretty(&all)? + "\n")?)
}

/// The rows as a table in Markdown, for docs/PERFORMANCE.md.
pub fn markdown(rows: &[Row]) -> String {
    let mut table = "| row | value | p99 | ratio | detail |\n|---|---|---|---|---|\n".to_owned();
    for row in rows {
        let p99 = row.p99_ms.map_or_else(String::new, |millis| format!("{millis:.2} ms"));
        let ratio = row.ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"));
        let beside = row.peer.as_ref().map_or_else(String::new, |peer| format!("; beside {peer}"));
        writeln!(table, "| `{}` | {} {} | {p99} | {ratio} | {}{beside} |", row.name, shown(row.value), row.unit, row.detail).ok();
    }
    table
}

fn shown(value: f64) -> String {
    if value >= 1000.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// One line of the table.
pub fn line(row: &Row) -> String {
    let p99 = row.p99_ms.map_or_else(String::new, |millis| format!("p99 {millis:.2} ms"));
    let ratio = row.ratio.map_or_else(String::new, |ratio| format!("x{ratio:.2}"));
    let value = shown(row.value);
    let mut line = format!("{:<30} {value:>10} {:<22} {p99:<16} {ratio:<7} {}", row.name, row.unit, row.detail);
    if let Some(peer) = &row.peer {
        write!(line, "; beside {peer}").ok();
    }
    line
}
