//! Works off the outbox's letters: claims, sends, completes or postpones.

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::db::{Db, DbResult};
use crate::jobs::{self, Claimed, Job, POLL};
use crate::mail::Mailer;
use crate::scope::SystemScope;

/// Letters claimed at once: each may take the server's time-out, and all within the lease.
const AT_ONCE: i64 = 2;

/// Runs until `stop`.
pub async fn run(db: Db, clock: Clock, mailer: Mailer, stop: CancellationToken) {
    let mut tick = tokio::time::interval(POLL);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            () = stop.cancelled() => return,
        }
        if let Err(error) = work(&db, &clock, &mailer).await {
            tracing::warn!(error = %error, "the outbox cannot be worked off now");
        }
    }
}

async fn work(db: &Db, clock: &Clock, mailer: &Mailer) -> DbResult<()> {
    let system = SystemScope::of_the_system();
    while jobs::is_due(db, system, clock.now()).await? {
        for claimed in jobs::claim(db, system, clock.now(), AT_ONCE).await? {
            finish(db, clock, mailer, &claimed).await?;
        }
    }
    Ok(())
}

async fn finish(db: &Db, clock: &Clock, mailer: &Mailer, claimed: &Claimed) -> DbResult<()> {
    let system = SystemScope::of_the_system();
    let Job::Mail(letter) = &claimed.payload.0;
    match mailer.send(letter).await {
        Ok(()) => jobs::complete(db, system, claimed.id, clock.now()).await,
        Err(error) => {
            tracing::warn!(job.id = %claimed.id, attempt = claimed.attempts, error = %error, "a letter was not sent; it is tried again later");
            jobs::postpone(db, system, claimed, clock.now(), &error.to_string()).await
        }
    }
}
