//! SQL of canned responses.

use super::{CannedResponse, CannedResponseUpdate, NewCannedResponse};
use crate::db::{Db, DbResult, Tx, execute, fetch_all, fetch_optional};
use crate::ids::CannedResponseId;
use crate::scope::TenantScope;

pub(super) async fn list(db: &Db, scope: TenantScope) -> DbResult<Vec<CannedResponse>> {
    fetch_all!(
        db: db, CannedResponse,
        "SELECT r.id, r.shortcut, r.text, r.site_id, r.created_by, o.name AS created_by_name, r.updated_at
         FROM canned_responses r JOIN operators o ON o.tenant_id = r.tenant_id AND o.id = r.created_by WHERE r.tenant_id = $1 ORDER BY r.shortcut",
        scope.tenant()
    )
}

pub(super) async fn find(db: &Db, scope: TenantScope, id: CannedResponseId) -> DbResult<Option<CannedResponse>> {
    fetch_optional!(
        db: db, CannedResponse,
        "SELECT r.id, r.shortcut, r.text, r.site_id, r.created_by, o.name AS created_by_name, r.updated_at
         FROM canned_responses r JOIN operators o ON o.tenant_id = r.tenant_id AND o.id = r.created_by WHERE r.tenant_id = $1 AND r.id = $2",
        scope.tenant(), id
    )
}

pub(super) async fn insert(tx: &mut Tx, scope: TenantScope, new: &NewCannedResponse) -> DbResult<()> {
    execute!(
        tx,
        "INSERT INTO canned_responses (tenant_id, id, shortcut, text, site_id, created_by, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
        scope.tenant(),
        new.id,
        &new.shortcut,
        &new.text,
        new.site_id,
        new.created_by,
        new.created_at
    )
    .map(drop)
}

pub(super) async fn update(tx: &mut Tx, scope: TenantScope, id: CannedResponseId, update: &CannedResponseUpdate) -> DbResult<()> {
    execute!(
        tx,
        "UPDATE canned_responses SET shortcut = COALESCE($3, shortcut), text = COALESCE($4, text), updated_at = $5 WHERE tenant_id = $1 AND id = $2",
        scope.tenant(),
        id,
        &update.shortcut,
        &update.text,
        update.updated_at
    )?;
    if let Some(site) = update.site_id {
        execute!(tx, "UPDATE canned_responses SET site_id = $3 WHERE tenant_id = $1 AND id = $2", scope.tenant(), id, site)?;
    }
    Ok(())
}

pub(super) async fn delete(tx: &mut Tx, scope: TenantScope, id: CannedResponseId) -> DbResult<bool> {
    Ok(execute!(tx, "DELETE FROM canned_responses WHERE tenant_id = $1 AND id = $2", scope.tenant(), id)? > 0)
}
