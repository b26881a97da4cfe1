//! SQL of identified visitors.

use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx, execute, fetch_all, fetch_optional};
use crate::ids::VisitorId;
use crate::scope::{SiteScope, TenantScope};
use crate::visitors::lately::MINUTE;

pub(super) async fn find(tx: &mut Tx, scope: SiteScope, external_id: &str) -> DbResult<Option<VisitorId>> {
    let found = fetch_optional!(
        tx: tx, (VisitorId,),
        "SELECT id FROM visitors WHERE tenant_id = $1 AND site_id = $2 AND external_id = $3",
        scope.tenant(), scope.site(), external_id
    )?;
    Ok(found.map(|(id,)| id))
}

pub(super) async fn insert(tx: &mut Tx, scope: SiteScope, id: VisitorId, external_id: &str, now: Millis) -> DbResult<()> {
    execute!(
        tx,
        "INSERT INTO visitors (tenant_id, id, site_id, external_id, attributes, first_seen_at, last_seen_at) VALUES ($1, $2, $3, $4, '{}', $5, $5)",
        scope.tenant(),
        id,
        scope.site(),
        external_id,
        now
    )
    .map(drop)
}

pub(super) async fn touch(tx: &mut Tx, scope: SiteScope, id: VisitorId, email: Option<&str>, now: Millis) -> DbResult<()> {
    execute!(
        tx,
        "UPDATE visitors SET last_seen_at = $3, confirmed_email = COALESCE($4, confirmed_email) WHERE tenant_id = $1 AND id = $2",
        scope.tenant(),
        id,
        now,
        email
    )
    .map(drop)
}

/// True of somebody who may be merged, false of somebody who may not, and nothing where there is no row.
pub(super) async fn may_be_merged(tx: &mut Tx, scope: SiteScope, id: VisitorId) -> DbResult<Option<bool>> {
    let found = fetch_optional!(
        tx: tx, (bool,),
        "SELECT site_id = $3 AND external_id IS NULL AND merged_into IS NULL AND erased_at IS NULL FROM visitors WHERE tenant_id = $1 AND id = $2",
        scope.tenant(), id, scope.site()
    )?;
    Ok(found.map(|(may,)| may))
}

/// True when somebody anonymous was merged: nobody is merged twice, nor into another later. Who never wrote has no row and is given one: their first
/// message may be waiting to be stored, and their page views are there already. It says that they were seen before it was made, until they write.
pub(super) async fn merge(tx: &mut Tx, scope: SiteScope, from: VisitorId, into: VisitorId, now: Millis) -> DbResult<bool> {
    let merged = execute!(
        tx,
        "INSERT INTO visitors (tenant_id, id, site_id, merged_into, attributes, first_seen_at, last_seen_at) VALUES ($1, $2, $3, $4, '{}', $5, $6)
         ON CONFLICT (tenant_id, id) DO UPDATE SET merged_into = excluded.merged_into
         WHERE visitors.site_id = excluded.site_id AND visitors.external_id IS NULL AND visitors.merged_into IS NULL AND visitors.erased_at IS NULL",
        scope.tenant(),
        from,
        scope.site(),
        into,
        now,
        now - MINUTE
    )?;
    Ok(merged > 0)
}

pub(super) async fn merged_into(db: &Db, scope: TenantScope, into: VisitorId) -> DbResult<Vec<VisitorId>> {
    let rows = fetch_all!(
        db: db, (VisitorId,),
        "SELECT id FROM visitors WHERE tenant_id = $1 AND merged_into = $2",
        scope.tenant(), into
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(super) async fn merged_who_wrote(db: &Db, scope: TenantScope, into: VisitorId, since: Millis) -> DbResult<Vec<VisitorId>> {
    let rows = fetch_all!(
        db: db, (VisitorId,),
        "SELECT id FROM visitors WHERE tenant_id = $1 AND merged_into = $2 AND (last_seen_at >= first_seen_at OR first_seen_at > $3)
         ORDER BY last_seen_at DESC LIMIT 100",
        scope.tenant(), into, since
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
