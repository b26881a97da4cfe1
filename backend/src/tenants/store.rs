//! SQL of tenants.

use super::Tenant;
use crate::db::{Db, DbResult, Tx, execute, fetch_one, fetch_optional};
use crate::ids::TenantId;
use crate::scope::{SystemScope, TenantScope};

pub(super) async fn find(db: &Db, scope: TenantScope) -> DbResult<Option<Tenant>> {
    fetch_optional!(db: db, Tenant, "SELECT id, name, created_at FROM tenants WHERE id = $1", scope.tenant())
}

pub(super) async fn count(db: &Db, _: SystemScope) -> DbResult<i64> {
    let (count,): (i64,) = fetch_one!(db: db, (i64,), "SELECT COUNT(*) FROM tenants")?;
    Ok(count)
}

pub(super) async fn find_first(db: &Db, _: SystemScope) -> DbResult<Option<TenantId>> {
    let found = fetch_optional!(db: db, (TenantId,), "SELECT id FROM tenants ORDER BY created_at, id LIMIT 1")?;
    Ok(found.map(|(id,)| id))
}

pub(super) async fn count_locked(tx: &mut Tx, _: SystemScope) -> DbResult<i64> {
    // SQLite's writer is alone already; PostgreSQL needs to be told that the emptiness counts.
    execute!(tx, sqlite: "SELECT 1", postgres: "LOCK TABLE tenants IN SHARE ROW EXCLUSIVE MODE")?;
    let (count,): (i64,) = fetch_one!(tx: tx, (i64,), "SELECT COUNT(*) FROM tenants")?;
    Ok(count)
}

pub(super) async fn insert(tx: &mut Tx, _: SystemScope, tenant: &Tenant) -> DbResult<()> {
    execute!(tx, "INSERT INTO tenants (id, name, created_at) VALUES ($1, $2, $3)", tenant.id, &tenant.name, tenant.created_at).map(drop)
}
