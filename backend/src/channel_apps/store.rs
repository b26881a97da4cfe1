//! SQL of apps.

use super::{AppMode, ChannelApp, NewChannelApp};
use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx, execute, fetch_all, fetch_one, fetch_optional};
use crate::ids::ChannelAppId;
use crate::scope::{SystemScope, TenantScope};

pub(super) async fn list(db: &Db, scope: TenantScope) -> DbResult<Vec<ChannelApp>> {
    fetch_all!(
        db: db, ChannelApp,
        "SELECT tenant_id, id, app_key, name, mode, secret, created_at FROM channel_apps WHERE tenant_id = $1 ORDER BY created_at, id",
        scope.tenant()
    )
}

pub(super) async fn find_by_key(db: &Db, _: SystemScope, key: &str) -> DbResult<Option<ChannelApp>> {
    fetch_optional!(
        db: db, ChannelApp,
        "SELECT tenant_id, id, app_key, name, mode, secret, created_at FROM channel_apps WHERE app_key = $1",
        key
    )
}

pub(super) async fn count(tx: &mut Tx, scope: TenantScope) -> DbResult<i64> {
    let (count,): (i64,) = fetch_one!(tx: tx, (i64,), "SELECT COUNT(*) FROM channel_apps WHERE tenant_id = $1", scope.tenant())?;
    Ok(count)
}

pub(super) async fn insert(
    tx: &mut Tx,
    scope: TenantScope,
    (id, new): (ChannelAppId, &NewChannelApp),
    (key, secret): (&str, &str),
    now: Millis,
) -> DbResult<()> {
    execute!(
        tx,
        "INSERT INTO channel_apps (tenant_id, id, app_key, name, mode, secret, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        scope.tenant(),
        id,
        key,
        &new.name,
        new.mode,
        secret,
        now
    )
    .map(drop)
}

pub(super) async fn update(tx: &mut Tx, scope: TenantScope, id: ChannelAppId, name: Option<&str>, mode: Option<AppMode>) -> DbResult<bool> {
    let changed = execute!(
        tx,
        "UPDATE channel_apps SET name = COALESCE($3, name), mode = COALESCE($4, mode) WHERE tenant_id = $1 AND id = $2",
        scope.tenant(),
        id,
        name,
        mode
    )?;
    Ok(changed > 0)
}

pub(super) async fn update_secret(tx: &mut Tx, scope: TenantScope, id: ChannelAppId, secret: &str) -> DbResult<bool> {
    let changed = execute!(tx, "UPDATE channel_apps SET secret = $3 WHERE tenant_id = $1 AND id = $2", scope.tenant(), id, secret)?;
    Ok(changed > 0)
}

pub(super) async fn delete(tx: &mut Tx, scope: TenantScope, id: ChannelAppId) -> DbResult<bool> {
    Ok(execute!(tx, "DELETE FROM channel_apps WHERE tenant_id = $1 AND id = $2", scope.tenant(), id)? > 0)
}
