//! Texts that operators say often, found by a shortcut. Their variables are filled by whoever inserts them; here they are text.

mod model;
mod store;

pub use model::{CannedResponse, CannedResponseUpdate, NewCannedResponse, TEXT_MAX, valid_shortcut};

use crate::db::{Db, DbResult, Tx};
use crate::ids::CannedResponseId;
use crate::scope::TenantScope;

/// The tenant's, by shortcut.
pub async fn list(db: &Db, scope: TenantScope) -> DbResult<Vec<CannedResponse>> {
    store::list(db, scope).await
}

/// One of them.
pub async fn find(db: &Db, scope: TenantScope, id: CannedResponseId) -> DbResult<Option<CannedResponse>> {
    store::find(db, scope, id).await
}

/// Inserts one; [`crate::db::DbError::Duplicate`] when the shortcut is taken.
pub async fn insert(tx: &mut Tx, scope: TenantScope, new: &NewCannedResponse) -> DbResult<()> {
    store::insert(tx, scope, new).await
}

/// Changes what is `Some`; [`crate::db::DbError::Duplicate`] when the new shortcut is taken.
pub async fn update(tx: &mut Tx, scope: TenantScope, id: CannedResponseId, update: &CannedResponseUpdate) -> DbResult<()> {
    store::update(tx, scope, id, update).await
}

/// True when there was one.
pub async fn delete(tx: &mut Tx, scope: TenantScope, id: CannedResponseId) -> DbResult<bool> {
    store::delete(tx, scope, id).await
}
