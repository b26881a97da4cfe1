//! SQL of signing keys: they belong to the installation, not to a tenant.

use super::SigningKey;
use crate::clock::Millis;
use crate::db::{Db, DbResult, execute, fetch_all};
use crate::scope::SystemScope;

pub(super) async fn list(db: &Db, _: SystemScope) -> DbResult<Vec<SigningKey>> {
    fetch_all!(db: db, SigningKey, "SELECT kid, secret FROM signing_keys ORDER BY created_at DESC, kid")
}

pub(super) async fn insert(db: &Db, _: SystemScope, key: &SigningKey, now: Millis) -> DbResult<()> {
    let mut tx = db.begin().await?;
    execute!(&mut tx, "INSERT INTO signing_keys (kid, secret, created_at) VALUES ($1, $2, $3)", &key.kid, &key.secret, now)?;
    tx.commit().await
}
