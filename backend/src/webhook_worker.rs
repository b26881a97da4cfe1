//! Sends what webhooks wait for: claims, sends side by side, keeps what became of it.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::db::{Db, DbResult};
use crate::scope::{SystemScope, TenantScope};
use crate::webhooks::{self, Due, Sender};

/// How often it is looked whether something is due.
const POLL: Duration = Duration::from_millis(250);
/// Deliveries under way at once.
const AT_ONCE: usize = 16;
/// Ticks between two removals of old deliveries: about an hour.
const TIDY: u64 = 4 * 3600;

/// Runs until `stop`; what is under way then is claimed again after its lease.
pub async fn run(db: Db, clock: Clock, sender: Sender, stop: CancellationToken) {
    let mut tick = tokio::time::interval(POLL);
    let mut under_way = JoinSet::new();
    let mut ticks: u64 = 0;
    loop {
        tokio::select! {
            _ = tick.tick() => ticks += 1,
            Some(_) = under_way.join_next() => {}
            () = stop.cancelled() => return,
        }
        let done = async {
            if ticks.is_multiple_of(TIDY) {
                webhooks::tidy(&db, SystemScope::of_the_system(), clock.now()).await?;
                ticks += 1;
            }
            claim(&db, &clock, AT_ONCE - under_way.len().min(AT_ONCE)).await
        };
        match done.await {
            Ok(claimed) => {
                for due in claimed {
                    under_way.spawn(send(db.clone(), clock.clone(), sender.clone(), due));
                }
            }
            Err(error) => tracing::warn!(error = %error, "webhooks cannot be worked off now"),
        }
    }
}

async fn claim(db: &Db, clock: &Clock, room: usize) -> DbResult<Vec<Due>> {
    if room == 0 {
        return Ok(Vec::new());
    }
    let room = i64::try_from(room).unwrap_or(1);
    webhooks::claim(db, SystemScope::of_the_system(), clock.now(), room).await
}

async fn send(db: Db, clock: Clock, sender: Sender, due: Due) {
    let outcome = sender.send(&due, clock.now()).await;
    if let Some(error) = &outcome.error {
        tracing::info!(tenant.id = %due.tenant_id, webhook.id = %due.webhook_id, attempt = due.attempts, error, "a webhook was not delivered");
    }
    // Not stored, it is sent again after its lease: twice rather than never.
    if let Err(error) = webhooks::settle(&db, TenantScope::proven(due.tenant_id), &due, &outcome, clock.now()).await {
        tracing::warn!(error = %error, "what became of a webhook could not be stored");
    }
}
