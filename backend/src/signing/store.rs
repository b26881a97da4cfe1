//! SQL of signing keys: they belong to the installation, not to a tenant.

use super::SigningKey;
use crate::clock::Millis;
use crate::db::{Db, DbResult, execute, fetch_all};
use crate::scope::SystemScope;

pub(super) async fn list(db: &Db, _: SystemScope) -> DbResult<Vec<SigningKey>> {
    fetch_all!(db: db, SigningKey, "SELECT kid, secret FROM signing_keys ORDER BY created_at DESC, kid")
}

/// Makes the first key, unless there is one: two would be known to one node each.
pub(super) async fn insert_first(db: &Db, _: SystemScope, key: &SigningKey, now: Millis) -> DbResult<()> {
    let mut tx = db.begin().await?;
    execute!(&mut tx, sqlite: "SELECT 1", postgres: "LOCK TABLE signing_keys IN SHARE ROW EXCLUSIVE MODE")?;
    execute!(
        &mut tx,
        sqlite: "INSERT INTO signing_keys (kid, secret, created_at) SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT 1 FROM signing_keys)",
        postgres: "INSERT INTO signing_keys (kid, secret, created_at)
                   SELECT $1::text, $2::bytea, $3::bigint WHERE NOT EXISTS (SELECT 1 FROM signing_keys)",
        &key.kid,
        &key.secret,
        now
    )?;
    tx.commit().await
}
