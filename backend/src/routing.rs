//! Who gets which conversation. [`plan`] decides (pure), [`store`] reads what it decides on. What is decided is carried out by
//! `crate::routing_worker` as commands of the one writer, which look again; nothing here writes.

mod plan;
mod store;

pub(crate) use plan::plan;
pub use plan::{Case, Move, Plan, Seat, SiteRule};
pub use store::{Desk, OperatorRow, SiteRow};

use crate::clock::Millis;
use crate::db::{Db, DbResult};
use crate::ids::TenantId;
use crate::scope::{SystemScope, TenantScope};

/// Conversations a site's operator has at once, where nobody chose another number.
pub const CAPACITY: i64 = 5;

/// All that decides about one tenant's conversations, but for who is present.
pub async fn find_desk(db: &Db, scope: TenantScope, now: Millis) -> DbResult<Desk> {
    store::find_desk(db, scope, now).await
}

/// Tenants with open conversations: what a start has to look at.
pub async fn list_tenants(db: &Db, system: SystemScope) -> DbResult<Vec<TenantId>> {
    store::list_tenants(db, system).await
}

/// Tenants where an assignee leaves a visitor waiting for longer than the site allows.
pub async fn list_overdue(db: &Db, system: SystemScope, now: Millis) -> DbResult<Vec<TenantId>> {
    store::list_overdue(db, system, now).await
}
