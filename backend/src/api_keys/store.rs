//! SQL of API keys.

use sqlx::types::Json;

use super::{ApiKey, NewApiKey};
use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx, execute, fetch_all, fetch_one, fetch_optional};
use crate::ids::{ApiKeyId, OperatorId};
use crate::scope::{SystemScope, TenantScope};

pub(super) async fn list(db: &Db, scope: TenantScope) -> DbResult<Vec<ApiKey>> {
    fetch_all!(
        db: db, ApiKey,
        "SELECT k.tenant_id, k.id, k.operator_id, o.name AS operator_name, k.name, k.scopes, k.hint, k.created_at, k.expires_at, k.last_used_at
         FROM api_keys k JOIN operators o ON o.tenant_id = k.tenant_id AND o.id = k.operator_id
         WHERE k.tenant_id = $1 ORDER BY k.created_at DESC, k.id DESC",
        scope.tenant()
    )
}

pub(super) async fn find_by_hash(db: &Db, _: SystemScope, hash: &[u8]) -> DbResult<Option<ApiKey>> {
    fetch_optional!(
        db: db, ApiKey,
        "SELECT k.tenant_id, k.id, k.operator_id, o.name AS operator_name, k.name, k.scopes, k.hint, k.created_at, k.expires_at, k.last_used_at
         FROM api_keys k JOIN operators o ON o.tenant_id = k.tenant_id AND o.id = k.operator_id
         WHERE k.secret_hash = $1 AND o.deactivated_at IS NULL",
        hash
    )
}

pub(super) async fn count(tx: &mut Tx, scope: TenantScope) -> DbResult<i64> {
    let (count,): (i64,) = fetch_one!(tx: tx, (i64,), "SELECT COUNT(*) FROM api_keys WHERE tenant_id = $1", scope.tenant())?;
    Ok(count)
}

pub(super) async fn insert(
    tx: &mut Tx,
    scope: TenantScope,
    (id, new): (ApiKeyId, &NewApiKey),
    (hint, hash): (&str, &[u8]),
    now: Millis,
) -> DbResult<()> {
    execute!(
        tx,
        "INSERT INTO api_keys (tenant_id, id, operator_id, name, scopes, hint, secret_hash, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        scope.tenant(),
        id,
        new.operator,
        &new.name,
        Json(&new.scopes),
        hint,
        hash,
        now,
        new.expires_at
    )
    .map(drop)
}

pub(super) async fn delete(tx: &mut Tx, scope: TenantScope, id: ApiKeyId) -> DbResult<Option<OperatorId>> {
    let whose = fetch_optional!(
        tx: tx, (OperatorId,),
        "DELETE FROM api_keys WHERE tenant_id = $1 AND id = $2 RETURNING operator_id",
        scope.tenant(), id
    )?;
    Ok(whose.map(|(operator,)| operator))
}

pub(super) async fn update_used(db: &Db, scope: TenantScope, id: ApiKeyId, now: Millis) -> DbResult<()> {
    let mut tx = db.begin().await?;
    execute!(&mut tx, "UPDATE api_keys SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2", scope.tenant(), id, now)?;
    tx.commit().await
}
