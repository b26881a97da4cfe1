//! SQL of operators.

use super::{NewOperator, Operator};
use crate::db::{Db, DbResult, Tx, execute, fetch_all, fetch_optional};
use crate::ids::OperatorId;
use crate::scope::{SystemScope, TenantScope};

pub(super) async fn find(db: &Db, scope: TenantScope, id: OperatorId) -> DbResult<Option<Operator>> {
    fetch_optional!(
        db: db, Operator,
        "SELECT tenant_id, id, email, name, role, password_hash, availability, language, deactivated_at, capacity, time_zone, preferences, photo_hash
         FROM operators WHERE tenant_id = $1 AND id = $2",
        scope.tenant(), id
    )
}

pub(super) async fn find_locked(tx: &mut Tx, scope: TenantScope, id: OperatorId) -> DbResult<Option<Operator>> {
    fetch_optional!(
        tx: tx, Operator,
        sqlite: "SELECT tenant_id, id, email, name, role, password_hash, availability, language, deactivated_at, capacity, time_zone, preferences, photo_hash
                 FROM operators WHERE tenant_id = $1 AND id = $2",
        postgres: "SELECT tenant_id, id, email, name, role, password_hash, availability, language, deactivated_at, capacity, time_zone, preferences, photo_hash
                   FROM operators WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
        scope.tenant(), id
    )
}

pub(super) async fn find_by_email(db: &Db, _: SystemScope, email: &str) -> DbResult<Option<Operator>> {
    fetch_optional!(
        db: db, Operator,
        "SELECT tenant_id, id, email, name, role, password_hash, availability, language, deactivated_at, capacity, time_zone, preferences, photo_hash
         FROM operators WHERE email = $1",
        email
    )
}

pub(super) async fn list(db: &Db, scope: TenantScope, all: bool) -> DbResult<Vec<Operator>> {
    fetch_all!(
        db: db, Operator,
        "SELECT tenant_id, id, email, name, role, password_hash, availability, language, deactivated_at, capacity, time_zone, preferences, photo_hash
         FROM operators WHERE tenant_id = $1 AND ($2 = 1 OR deactivated_at IS NULL) ORDER BY name, id",
        scope.tenant(), i64::from(all)
    )
}

pub(super) async fn active_owners_locked(tx: &mut Tx, scope: TenantScope) -> DbResult<Vec<OperatorId>> {
    // In order of id, so that two who lock all of them do not wait for each other.
    let rows: Vec<(OperatorId,)> = fetch_all!(
        tx: tx, (OperatorId,),
        sqlite: "SELECT id FROM operators WHERE tenant_id = $1 AND role = 'owner' AND deactivated_at IS NULL ORDER BY id",
        postgres: "SELECT id FROM operators WHERE tenant_id = $1 AND role = 'owner' AND deactivated_at IS NULL ORDER BY id FOR UPDATE",
        scope.tenant()
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(super) async fn insert(tx: &mut Tx, scope: TenantScope, operator: &NewOperator) -> DbResult<()> {
    execute!(
        tx,
        "INSERT INTO operators (tenant_id, id, email, name, role, password_hash, language, time_zone, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        scope.tenant(),
        operator.id,
        &operator.email,
        &operator.name,
        operator.role,
        &operator.password_hash,
        &operator.language,
        &operator.time_zone,
        operator.created_at
    )
    .map(drop)
}

pub(super) async fn update(tx: &mut Tx, scope: TenantScope, operator: &Operator) -> DbResult<()> {
    execute!(
        tx,
        "UPDATE operators SET name = $3, role = $4, password_hash = $5, availability = $6, language = $7, deactivated_at = $8, capacity = $9,
         time_zone = $10, preferences = $11 WHERE tenant_id = $1 AND id = $2",
        scope.tenant(),
        operator.id,
        &operator.name,
        operator.role,
        &operator.password_hash,
        operator.availability,
        &operator.language,
        operator.deactivated_at,
        operator.capacity,
        &operator.time_zone,
        &operator.preferences
    )
    .map(drop)
}

pub(super) async fn update_photo(tx: &mut Tx, scope: TenantScope, id: OperatorId, hash: Option<&str>) -> DbResult<()> {
    execute!(tx, "UPDATE operators SET photo_hash = $3 WHERE tenant_id = $1 AND id = $2", scope.tenant(), id, hash).map(drop)
}
