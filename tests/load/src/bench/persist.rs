//! Messages of the product, kept: how soon they are acknowledged and heard, and how many a second there can be.

use super::Bench;
use super::product::{Product, Store};
use super::report::Row;
use super::talk::{Pace, Talk};
use crate::fault::Result;

/// 500 conversations of two and three, 2,000 messages a second, heard by operators and second tabs.
pub async fn small_channels(bench: &Bench) -> Result<Vec<Row>> {
    let scale = bench.scale();
    let product = Product::start(bench, Store::Sqlite).await?;
    let mut talk = Talk::begin(product, scale.members(500), true, if bench.plan.smoke { 2 } else { 10 }).await?;
    let rate = scale.rate(2_000);
    let seen = talk.measure(bench, Pace::PerSecond(rate), |seen| seen.heard_p99_ms)?;
    talk.product.stop().await?;
    let kept = seen.heard_p99_ms <= 25.0 && seen.is_whole();
    let row = Row::new("small_channels", seen.heard_p99_ms, "ms, p99 end to end").p99(seen.heard_p99_ms);
    Ok(vec![
        row.bound(&format!("{rate} msg/s kept, p99 ≤ 25 ms, 0 lost"), kept)
            .seen(seen.words())
            .seen(format!("p50 {:.2} ms", seen.heard_p50_ms)),
    ])
}

/// 1,000 messages a second over 500 conversations: how soon each is acknowledged, which is after the disk has it.
pub async fn durable_ack(bench: &Bench, store: Store) -> Result<Vec<Row>> {
    let scale = bench.scale();
    let product = Product::start(bench, store).await?;
    let mut talk = Talk::begin(product, scale.members(500), false, 0).await?;
    let rate = scale.rate(1_000);
    let seen = talk.measure(bench, Pace::PerSecond(rate), |seen| seen.ack_p99_ms)?;
    talk.product.stop().await?;
    let row = Row::new(&format!("durable_ack_{}", store.name()), seen.ack_p99_ms, "ms, p99 to the acknowledgement").p99(seen.ack_p99_ms);
    Ok(vec![row.bound(&format!("{rate} msg/s, p99 ≤ 20 ms"), seen.ack_p99_ms <= 20.0 && seen.is_whole()).seen(seen.words())])
}

/// 1,000 visitors who write again as soon as they are acknowledged.
pub async fn maximum(bench: &Bench, store: Store) -> Result<Vec<Row>> {
    let product = Product::start(bench, store).await?;
    let mut talk = Talk::begin(product, bench.scale().members(1_000), false, 0).await?;
    let seen = talk.measure(bench, Pace::AsFastAsAcknowledged, super::talk::Seen::per_second)?;
    talk.product.stop().await?;
    let row = Row::new(&format!("persist_max_{}", store.name()), seen.per_second(), "msg/s acknowledged").p99(seen.ack_p99_ms);
    Ok(vec![row.bound("≥ 15,000 msg/s", seen.per_second() >= 15_000.0 && seen.refused == 0).seen(seen.words())])
}
