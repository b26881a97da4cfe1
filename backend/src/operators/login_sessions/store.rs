//! SQL of login sessions. Those of tower-sessions are global by nature: the row is found by its random id before a tenant is known.

use super::Login;
use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx, execute, fetch_all, fetch_optional};
use crate::ids::OperatorId;
use crate::scope::{SystemScope, TenantScope};

pub(super) struct Row {
    pub(super) id: String,
    pub(super) login: Option<Login>,
    pub(super) data: String,
    pub(super) now: Millis,
    pub(super) expires_at: Millis,
}

/// A login as its owner sees it in a list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LoginSession {
    /// The session's id: never shown, but by [`super::name`].
    pub id: String,
    /// The browser, as it says.
    pub user_agent: Option<String>,
    /// Where it was last used from.
    pub address: Option<String>,
    /// When it began.
    pub created_at: Millis,
    /// When it was last used.
    pub last_seen_at: Millis,
}

pub(super) async fn insert(db: &Db, _: SystemScope, row: &Row) -> DbResult<()> {
    let mut tx = db.begin().await?;
    let login = row.login.as_ref();
    execute!(
        &mut tx,
        "INSERT INTO login_sessions (id, tenant_id, operator_id, data, expires_at, user_agent, address, created_at, last_seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
        &row.id,
        login.map(|login| login.tenant),
        login.map(|login| login.operator),
        &row.data,
        row.expires_at,
        login.and_then(|login| login.user_agent.as_deref()),
        login.and_then(|login| login.address.as_deref()),
        row.now
    )?;
    // Old rows go while we write anyway: logins are rare, so this stays small.
    execute!(&mut tx, "DELETE FROM login_sessions WHERE expires_at < $1", row.now)?;
    tx.commit().await
}

pub(super) async fn update(db: &Db, _: SystemScope, row: &Row) -> DbResult<()> {
    let mut tx = db.begin().await?;
    execute!(
        &mut tx,
        "UPDATE login_sessions SET tenant_id = $2, operator_id = $3, data = $4, expires_at = $5, last_seen_at = $6 WHERE id = $1",
        &row.id,
        row.login.as_ref().map(|login| login.tenant),
        row.login.as_ref().map(|login| login.operator),
        &row.data,
        row.expires_at,
        row.now
    )?;
    tx.commit().await
}

pub(super) async fn update_seen(db: &Db, _: SystemScope, id: &str, address: Option<&str>, now: Millis) -> DbResult<()> {
    let mut tx = db.begin().await?;
    execute!(&mut tx, "UPDATE login_sessions SET last_seen_at = $3, address = COALESCE($2, address) WHERE id = $1", id, address, now)?;
    tx.commit().await
}

pub(super) async fn find(db: &Db, _: SystemScope, id: &str, now: Millis) -> DbResult<Option<String>> {
    let row = fetch_optional!(db: db, (String,), "SELECT data FROM login_sessions WHERE id = $1 AND expires_at > $2", id, now)?;
    Ok(row.map(|(data,)| data))
}

pub(super) async fn delete(db: &Db, _: SystemScope, id: &str) -> DbResult<()> {
    let mut tx = db.begin().await?;
    execute!(&mut tx, "DELETE FROM login_sessions WHERE id = $1", id)?;
    tx.commit().await
}

pub(super) async fn list(db: &Db, scope: TenantScope, operator: OperatorId, now: Millis) -> DbResult<Vec<LoginSession>> {
    fetch_all!(
        db: db, LoginSession,
        "SELECT id, user_agent, address, created_at, last_seen_at FROM login_sessions
         WHERE tenant_id = $1 AND operator_id = $2 AND expires_at > $3 ORDER BY last_seen_at DESC, created_at DESC, id",
        scope.tenant(), operator, now
    )
}

pub(super) async fn list_ids(tx: &mut Tx, scope: TenantScope, operator: OperatorId) -> DbResult<Vec<String>> {
    let rows: Vec<(String,)> =
        fetch_all!(tx: tx, (String,), "SELECT id FROM login_sessions WHERE tenant_id = $1 AND operator_id = $2", scope.tenant(), operator)?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(super) async fn delete_one(tx: &mut Tx, scope: TenantScope, operator: OperatorId, id: &str) -> DbResult<bool> {
    let deleted =
        execute!(tx, "DELETE FROM login_sessions WHERE tenant_id = $1 AND operator_id = $2 AND id = $3", scope.tenant(), operator, id)?;
    Ok(deleted > 0)
}
