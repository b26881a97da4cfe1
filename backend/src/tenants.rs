//! The paying customer: the wall between data. Knows nothing of sites or operators; next: `operators`, `sites`.

mod store;

use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx};
use crate::ids::TenantId;
use crate::scope::{SystemScope, TenantScope};

/// A tenant.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Tenant {
    /// Its id, first in every key.
    pub id: TenantId,
    /// What it calls itself.
    pub name: String,
    /// When it signed up.
    pub created_at: Millis,
}

/// The tenant of a scope.
pub async fn find(db: &Db, scope: TenantScope) -> DbResult<Option<Tenant>> {
    store::find(db, scope).await
}

/// True while the installation has no tenant: the first set-up is open.
pub async fn is_empty(db: &Db, system: SystemScope) -> DbResult<bool> {
    Ok(store::count(db, system).await? == 0)
}

/// The tenant that was there first.
pub async fn find_first(db: &Db, system: SystemScope) -> DbResult<Option<TenantId>> {
    store::find_first(db, system).await
}

/// Inserts a tenant.
pub async fn insert(tx: &mut Tx, system: SystemScope, tenant: &Tenant) -> DbResult<()> {
    store::insert(tx, system, tenant).await
}

/// Locks out a second first set-up and tells how many tenants there are, inside a transaction.
pub async fn count_locked(tx: &mut Tx, system: SystemScope) -> DbResult<i64> {
    store::count_locked(tx, system).await
}
