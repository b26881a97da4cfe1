//! Wakes snoozed conversations when their time has come, as a command of the one writer.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::conversations::{self, Command, Queued, Sender, What};
use crate::db::Db;
use crate::error::Result;
use crate::realtime::Realtime;
use crate::scope::SystemScope;

/// How often is looked; a snooze is over within this.
const TICK: Duration = Duration::from_secs(1);
/// Woken at once, in one commit.
const AT_ONCE: i64 = 200;

/// Runs until `stop`.
pub async fn run(db: Db, clock: Clock, realtime: Realtime, stop: CancellationToken) {
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = wake(&db, &clock, &realtime).await {
            tracing::warn!(error = %error, "snoozed conversations could not be woken; it is tried again");
        }
    }
}

async fn wake(db: &Db, clock: &Clock, realtime: &Realtime) -> Result<()> {
    let due = conversations::list_due(db, SystemScope::of_the_system(), clock.now(), AT_ONCE).await?;
    let wakings = due.into_iter().map(|(tenant, conversation)| {
        let command = Command { tenant, sender: Sender::system(), also: Vec::new(), what: What::Wake { conversation } };
        realtime.change(Queued { command, visitor: None })
    });
    for woken in futures_util::future::join_all(wakings).await {
        woken?;
    }
    Ok(())
}
