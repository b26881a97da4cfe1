//! The outbox: side effects written by the transaction that causes them, worked off by leased, retried jobs. A job may run twice (a node that
//! died after the effect), never zero times. Knows what a job carries, not who asked for it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use crate::clock::{Clock, Millis};
use crate::db::{Db, DbError, DbResult, Tx, execute, fetch_all, fetch_one};
use crate::ids::{JobId, TenantId};
use crate::mail::Letter;
use crate::scope::{SystemScope, TenantScope};

/// A node that claims a job has so long to finish it.
const LEASE: Millis = 60_000;
/// After so many tries (about a day) a job is given up and stays in the table with its last error.
pub const TRIES: i64 = 60;

/// What is to be done.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// Send a letter.
    Mail(Letter),
}

impl Job {
    fn kind(&self) -> &'static str {
        match self {
            Self::Mail(_) => "mail",
        }
    }
}

/// A job that this node holds for a while.
#[derive(Debug, sqlx::FromRow)]
pub struct Claimed {
    /// Which.
    pub id: JobId,
    /// What.
    pub payload: Json<Job>,
    /// This try's number, from 1.
    pub attempts: i64,
}

/// Puts a job into the outbox; it exists when the transaction commits.
pub async fn enqueue(tx: &mut Tx, scope: TenantScope, clock: &Clock, job: &Job) -> DbResult<()> {
    insert(tx, scope.tenant(), clock, job, None).await
}

/// As [`enqueue`], for somebody who has no tenant yet.
pub async fn enqueue_of_nobody(tx: &mut Tx, _: SystemScope, clock: &Clock, job: &Job) -> DbResult<()> {
    insert(tx, TenantId(uuid::Uuid::nil()), clock, job, None).await
}

/// Writes as much as [`enqueue`] and does nothing: for a request whose time must not tell whether it caused something. What the job carries is
/// not stored.
pub async fn enqueue_nothing(tx: &mut Tx, _: SystemScope, clock: &Clock, job: &Job) -> DbResult<()> {
    insert(tx, TenantId(uuid::Uuid::nil()), clock, job, Some(clock.now())).await
}

async fn insert(tx: &mut Tx, tenant: TenantId, clock: &Clock, job: &Job, done_at: Option<Millis>) -> DbResult<()> {
    let (id, now): (JobId, Millis) = (clock.new_id(), clock.now());
    let payload = if done_at.is_some() { Ok(serde_json::json!({})) } else { serde_json::to_value(job) };
    let payload = payload.map_err(|error| DbError::Other(sqlx::Error::Encode(error.into())))?;
    execute!(
        tx,
        "INSERT INTO outbox (id, tenant_id, kind, payload, attempts, run_at, created_at, done_at) VALUES ($1, $2, $3, $4, 0, $5, $5, $6)",
        id,
        tenant,
        job.kind(),
        Json(&payload),
        now,
        done_at
    )
    .map(drop)
}

/// Takes up to `limit` due jobs for this node.
pub async fn claim(db: &Db, _: SystemScope, now: Millis, limit: i64) -> DbResult<Vec<Claimed>> {
    let mut tx = db.begin().await?;
    let claimed = fetch_all!(
        tx: &mut tx, Claimed,
        sqlite: "UPDATE outbox SET leased_until = $1 + $2, attempts = attempts + 1 WHERE id IN (
                   SELECT id FROM outbox WHERE done_at IS NULL AND failed_at IS NULL AND run_at <= $1 AND (leased_until IS NULL OR leased_until < $1)
                   ORDER BY run_at LIMIT $3) RETURNING id, payload, attempts",
        postgres: "UPDATE outbox SET leased_until = $1 + $2, attempts = attempts + 1 WHERE id IN (
                     SELECT id FROM outbox WHERE done_at IS NULL AND failed_at IS NULL AND run_at <= $1 AND (leased_until IS NULL OR leased_until < $1)
                     ORDER BY run_at LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING id, payload, attempts",
        now, LEASE, limit
    )?;
    tx.commit().await?;
    Ok(claimed)
}

/// How many wait to be done.
pub async fn count(db: &Db, _: SystemScope) -> DbResult<i64> {
    let (count,): (i64,) = fetch_one!(db: db, (i64,), "SELECT COUNT(*) FROM outbox WHERE done_at IS NULL AND failed_at IS NULL")?;
    Ok(count)
}

/// True when something is due: asked before claiming, so that an idle outbox costs no write.
pub async fn is_due(db: &Db, _: SystemScope, now: Millis) -> DbResult<bool> {
    let (due,): (i64,) = fetch_one!(
        db: db, (i64,),
        "SELECT COUNT(*) FROM outbox WHERE done_at IS NULL AND failed_at IS NULL AND run_at <= $1 AND (leased_until IS NULL OR leased_until < $1)",
        now
    )?;
    Ok(due > 0)
}

/// Done: what it carried is forgotten.
pub async fn complete(db: &Db, _: SystemScope, id: JobId, now: Millis) -> DbResult<()> {
    let mut tx = db.begin().await?;
    execute!(&mut tx, "UPDATE outbox SET done_at = $2, leased_until = NULL, last_error = NULL, payload = '{}' WHERE id = $1", id, now)?;
    tx.commit().await
}

/// Failed this time: again later, or given up after the last try.
pub async fn postpone(db: &Db, _: SystemScope, claimed: &Claimed, now: Millis, error: &str) -> DbResult<()> {
    let given_up = (claimed.attempts >= TRIES).then_some(now);
    let mut tx = db.begin().await?;
    execute!(
        &mut tx,
        "UPDATE outbox SET leased_until = NULL, run_at = $2, last_error = $3, failed_at = $4 WHERE id = $1",
        claimed.id,
        now + backoff(claimed.attempts),
        error,
        given_up
    )?;
    tx.commit().await
}

/// How long to wait after so many tries: 5 s doubling to 30 minutes.
pub fn backoff(attempts: i64) -> Millis {
    let doublings = u32::try_from(attempts.clamp(1, 10) - 1).unwrap_or(0);
    (5_000 * 2_i64.pow(doublings)).min(30 * 60_000)
}

/// How often the outbox is looked at.
pub const POLL: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_grows_from_seconds_to_half_an_hour_and_no_further() {
        assert_eq!(backoff(1), 5_000);
        assert_eq!(backoff(2), 10_000);
        assert_eq!(backoff(60), 1_800_000);
    }
}
