//! The tenant's people who answer: who they are, whether they are available, and how they prove it ([`password`], [`login_sessions`]).
//! Knows tenants only; what operators may do with conversations is decided there.

pub mod login_sessions;
mod model;
pub mod password;
mod store;

pub use model::{Availability, NewOperator, Operator, OperatorUpdate, Role, photo_url};

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

/// The tenant's active operators, by name.
pub async fn list(db: &Db, scope: TenantScope) -> DbResult<Vec<Operator>> {
    store::list(db, scope).await
}

/// Inserts an operator; [`crate::db::DbError::Duplicate`] when the e-mail is taken.
pub async fn insert(tx: &mut Tx, scope: TenantScope, operator: &NewOperator) -> DbResult<()> {
    store::insert(tx, scope, operator).await
}

/// Changes what is `Some`.
pub async fn update(tx: &mut Tx, scope: TenantScope, id: OperatorId, update: &OperatorUpdate) -> DbResult<()> {
    store::update(tx, scope, id, update).await
}
