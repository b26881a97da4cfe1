//! SQL of operators.

use super::{NewOperator, Operator, OperatorUpdate};
use crate::db::{Db, DbResult, Tx, execute, fetch_all, fetch_optional};
use crate::ids::OperatorId;
use crate::scope::{SystemScope, TenantScope};

pub(super) async fn find(db: &Db, scope: TenantScope, id: OperatorId) -> DbResult<Option<Operator>> {
    fetch_optional!(
        db: db, Operator,
        "SELECT tenant_id, id, email, name, role, password_hash, availability, language, deactivated_at, photo_hash FROM operators WHERE tenant_id = $1 AND id = $2",
        scope.tenant(), id
    )
}

pub(super) async fn find_by_email(db: &Db, _: SystemScope, email: &str) -> DbResult<Option<Operator>> {
    fetch_optional!(
        db: db, Operator,
        "SELECT tenant_id, id, email, name, role, password_hash, availability, language, deactivated_at, photo_hash FROM operators WHERE email = $1",
        email
    )
}

pub(super) async fn list(db: &Db, scope: TenantScope) -> DbResult<Vec<Operator>> {
    fetch_all!(
        db: db, Operator,
        "SELECT tenant_id, id, email, name, role, password_hash, availability, language, deactivated_at, photo_hash FROM operators
         WHERE tenant_id = $1 AND deactivated_at IS NULL ORDER BY name, id",
        scope.tenant()
    )
}

pub(super) async fn insert(tx: &mut Tx, scope: TenantScope, operator: &NewOperator) -> DbResult<()> {
    execute!(
        tx,
        "INSERT INTO operators (tenant_id, id, email, name, role, password_hash, language, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        scope.tenant(), operator.id, &operator.email, &operator.name, operator.role, &operator.password_hash, &operator.language, operator.created_at
    )
    .map(drop)
}

pub(super) async fn update(tx: &mut Tx, scope: TenantScope, id: OperatorId, update: &OperatorUpdate) -> DbResult<()> {
    execute!(
        tx,
        "UPDATE operators SET name = COALESCE($3, name), language = COALESCE($4, language), availability = COALESCE($5, availability)
         WHERE tenant_id = $1 AND id = $2",
        scope.tenant(),
        id,
        &update.name,
        &update.language,
        update.availability
    )
    .map(drop)
}
