//! A server that nobody uses: how soon it serves, and what it keeps.

use super::Bench;
use super::meter::{median, real};
use super::report::Row;
use crate::fault::Result;
use crate::start;

/// The first start on an empty folder, and the memory with the demo shop, idle.
pub async fn start(bench: &Bench) -> Result<Vec<Row>> {
    let out = bench.plan.out.clone();
    let binary = bench.cores.starter(&bench.plan.binary, &out)?;
    let mut starts = Vec::new();
    for _ in 0..bench.scale().repeats {
        starts.push(real(start::run(binary.clone(), false, out.clone()).await?.start_ms));
    }
    let memory = real(start::run(binary, true, out).await?.resident_kb) / 1024.0;
    let took = median(starts);
    Ok(vec![
        Row::new("start", took, "ms to the first answer").bound("≤ 300 ms", took <= 300.0).seen("empty folder, SQLite, one core"),
        Row::new("rest", memory, "MB").bound("≤ 60 MB", memory <= 60.0).seen("with the demo shop, 3 s after the start"),
    ])
}
