//! The live board beside the chat: 500 visitors who walk through the shop, three operators who watch them, and people who write meanwhile.

use super::Bench;
use super::marks::Mark;
use super::product::{Product, Store};
use super::report::Row;
use super::rooms::due;
use super::talk::{Pace, Talk};
use crate::clock::unix_millis;
use crate::fault::Result;

/// The chat's 99th percentile is measured without the board first.
pub async fn live(bench: &Bench) -> Result<Vec<Row>> {
    let scale = bench.scale();
    let (writers, walkers) = (scale.members(100), scale.members(400));
    let (pace, changes_per_second) = (Pace::PerSecond(scale.rate(200)), scale.rate(50));
    let product = Product::start(bench, Store::Sqlite).await?;
    let mut talk = Talk::begin(product, writers, false, 2).await?;
    let calls = (0..walkers).map(|_| talk.product.visitor(None, true)).collect::<Result<Vec<_>>>()?;
    let ids = talk.listeners(calls)?;
    let visits: Vec<String> = ids.iter().map(|_| talk.product.id()).collect();
    let idle = talk.measure(bench, pace, |seen| seen.heard_p99_ms)?;

    talk.watch_board(3).await?;
    let (began, clock, mut changed) = (std::time::Instant::now(), talk.clock(), 0);
    let length = scale.window * u32::try_from(scale.repeats).unwrap_or(1);
    let beside = talk.window_with(pace, length, |talk| {
        while changed < due(changes_per_second, began.elapsed()) {
            changed += 1;
            let turn = usize::try_from(changed).unwrap_or(0) * 31 % ids.len();
            let event = talk.product.page(&visits[turn], Mark { number: changed, sent_us: clock.micros() }, unix_millis());
            // Numbers beyond any message's, so that the answers are not taken for acknowledgements.
            talk.fleet.request(ids[turn], u64::MAX / 2 + changed, "event.post", &event);
        }
        Ok(())
    })?;
    // The last changes are told by the next tick of the board.
    talk.window(Pace::PerSecond(0), std::time::Duration::from_secs(1))?;
    let (board, unseen) = talk.board_seen(changed);
    talk.product.stop().await?;
    let (p99, most) = (board.millis(99.0), board.millis(100.0));
    let slower = beside.heard_p99_ms / idle.heard_p99_ms.max(0.001);
    let row = Row::new("board_500", most, "ms until the board is right, at most")
        .p99(p99)
        .bound("≤ 1 s, every change seen, chat's p99 ≤ 2x idle", most <= 1_000.0 && unseen == 0 && slower <= 2.0 && beside.is_whole());
    Ok(vec![row.seen(format!(
        "{changed} page changes, {unseen} not seen; chat p99 {:.2} ms without, {:.2} ms beside; {}",
        idle.heard_p99_ms,
        beside.heard_p99_ms,
        beside.words()
    ))])
}
