//! SQL of login sessions. Global by nature: the row is found by its random id before a tenant is known.

use super::Login;
use crate::clock::Millis;
use crate::db::{Db, DbResult, execute, fetch_optional};
use crate::scope::SystemScope;

pub(super) struct Row {
    pub(super) id: String,
    pub(super) login: Option<Login>,
    pub(super) data: String,
    pub(super) expires_at: Millis,
}

pub(super) async fn upsert(db: &Db, _: SystemScope, row: &Row) -> DbResult<()> {
    let mut tx = db.begin().await?;
    execute!(
        &mut tx,
        "INSERT INTO login_sessions (id, tenant_id, operator_id, data, expires_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (id) DO UPDATE SET tenant_id = excluded.tenant_id, operator_id = excluded.operator_id, data = excluded.data, expires_at = excluded.expires_at",
        &row.id, row.login.map(|login| login.tenant), row.login.map(|login| login.operator), &row.data, row.expires_at
    )?;
    // Old rows go while we write anyway: logins are rare, so this stays small.
    execute!(&mut tx, "DELETE FROM login_sessions WHERE expires_at < $1", row.expires_at - 60 * crate::clock::DAY)?;
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
