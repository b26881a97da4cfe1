//! The tenant's people who answer: who they are, whether they are available, and how they prove it ([`password`], [`login_sessions`]).
//! Knows tenants only; what operators may do with conversations is decided there.

pub mod login_sessions;
mod model;
pub mod password;
mod standing;
mod store;

pub use model::{Availability, Density, NewOperator, Notifications, Operator, Preferences, Role, Theme, photo_url};
pub use standing::{CAPACITY_MAX, StandingUpdate, Unchanged, changed};

use crate::db::{Db, DbResult, Tx};
use crate::ids::OperatorId;
use crate::scope::{SystemScope, TenantScope};

/// One operator of the tenant, also a deactivated one.
pub async fn find(db: &Db, scope: TenantScope, id: OperatorId) -> DbResult<Option<Operator>> {
    store::find(db, scope, id).await
}

/// Whoever signs in with this address, over all tenants.
pub async fn find_by_email(db: &Db, system: SystemScope, email: &str) -> DbResult<Option<Operator>> {
    store::find_by_email(db, system, email).await
}

/// As [`find`], inside a transaction and until its end the only one who does: for a change of what was read.
pub async fn find_locked(tx: &mut Tx, scope: TenantScope, id: OperatorId) -> DbResult<Option<Operator>> {
    store::find_locked(tx, scope, id).await
}

/// The tenant's operators by name; deactivated ones only with `all`.
pub async fn list(db: &Db, scope: TenantScope, all: bool) -> DbResult<Vec<Operator>> {
    store::list(db, scope, all).await
}

/// Active owners of the tenant; none of them changes before the transaction ends.
pub async fn active_owners_locked(tx: &mut Tx, scope: TenantScope) -> DbResult<Vec<OperatorId>> {
    store::active_owners_locked(tx, scope).await
}

/// Inserts an operator; [`crate::db::DbError::Duplicate`] when the e-mail is taken.
pub async fn insert(tx: &mut Tx, scope: TenantScope, operator: &NewOperator) -> DbResult<()> {
    store::insert(tx, scope, operator).await
}

/// Names another photo, or none.
pub async fn update_photo(tx: &mut Tx, scope: TenantScope, id: OperatorId, hash: Option<&str>) -> DbResult<()> {
    store::update_photo(tx, scope, id, hash).await
}

/// Writes an operator back, as read by [`find_locked`] and changed since; the address stays.
pub async fn update(tx: &mut Tx, scope: TenantScope, operator: &Operator) -> DbResult<()> {
    store::update(tx, scope, operator).await
}
