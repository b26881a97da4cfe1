//! SQL of idempotency keys.

use crate::clock::Millis;
use crate::db::{Db, DbResult, execute, fetch_optional};
use crate::ids::OperatorId;
use crate::scope::TenantScope;

pub(super) struct Claim<'a> {
    pub(super) scope: TenantScope,
    pub(super) principal: OperatorId,
    pub(super) key: &'a str,
    pub(super) hash: &'a [u8],
    pub(super) now: Millis,
    pub(super) forget_before: Millis,
}

pub(super) enum Found {
    Fresh,
    Other,
    Running,
    Answered(i64, String),
}

pub(super) async fn claim(db: &Db, claim: &Claim<'_>, abandoned_after: Millis) -> DbResult<Found> {
    let mut tx = db.begin().await?;
    execute!(&mut tx, "DELETE FROM idempotency_keys WHERE tenant_id = $1 AND created_at < $2", claim.scope.tenant(), claim.forget_before)?;
    let inserted = execute!(
        &mut tx,
        "INSERT INTO idempotency_keys (tenant_id, principal_id, idempotency_key, request_hash, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, principal_id, idempotency_key) DO UPDATE SET created_at = excluded.created_at
           WHERE idempotency_keys.status IS NULL AND idempotency_keys.created_at < $6",
        claim.scope.tenant(),
        claim.principal,
        claim.key,
        claim.hash,
        claim.now,
        claim.now - abandoned_after
    )?;
    let row = fetch_optional!(
        tx: &mut tx, (Vec<u8>, Option<i64>, Option<String>),
        "SELECT request_hash, status, body FROM idempotency_keys WHERE tenant_id = $1 AND principal_id = $2 AND idempotency_key = $3",
        claim.scope.tenant(), claim.principal, claim.key
    )?;
    tx.commit().await?;
    Ok(match row {
        Some((hash, ..)) if hash != claim.hash => Found::Other,
        _ if inserted > 0 => Found::Fresh,
        Some((_, Some(status), body)) => Found::Answered(status, body.unwrap_or_default()),
        _ => Found::Running,
    })
}

pub(super) async fn settle(db: &Db, claim: &Claim<'_>, answer: Option<(i64, String)>) -> DbResult<()> {
    let mut tx = db.begin().await?;
    match answer {
        Some((status, body)) => execute!(
            &mut tx,
            "UPDATE idempotency_keys SET status = $4, body = $5 WHERE tenant_id = $1 AND principal_id = $2 AND idempotency_key = $3",
            claim.scope.tenant(),
            claim.principal,
            claim.key,
            status,
            body
        )?,
        None => execute!(
            &mut tx,
            "DELETE FROM idempotency_keys WHERE tenant_id = $1 AND principal_id = $2 AND idempotency_key = $3",
            claim.scope.tenant(),
            claim.principal,
            claim.key
        )?,
    };
    tx.commit().await
}
