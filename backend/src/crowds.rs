//! Talk of many: a crowd has members and one log that all of them see (live shopping; everybody on the same page). What is said goes through the
//! one writer as a [`Command`]: [`ledger`] decides (pure), [`log_store`] loads and stores a whole batch, [`store`] has what operators set and
//! whom they muted. Knows sites and visitors; knows nothing of sockets, who is there now, or HTTP.

mod command;
mod ledger;
mod log_store;
mod model;
mod store;

pub use command::{Asking, Command, Done, Queued, Refused, Reply, What};
pub use model::{Crowd, CrowdUpdate, Entry, MINUTES_MAX, Member, Muted, NewCrowd, TEXT_MAX, Writers, log_channel, valid_name};

use crate::clock::{Clock, Millis};
use crate::db::{Db, DbResult, Tx};
use crate::ids::{CrowdId, OperatorId, TenantId, VisitorId};
use crate::scope::{SiteScope, TenantScope};
use crate::visitors::Acting;

/// Crowds that operators make for one site at most.
pub const MOST: i64 = 500;
/// Crowds that pages of one site make at most.
pub const MOST_PAGES: i64 = 5_000;

/// Commits the batch durably, in order, or nothing of it; answer i belongs to command i.
pub async fn commit(db: &Db, clock: &Clock, batch: &[Queued]) -> DbResult<Vec<Result<Done, Refused>>> {
    log_store::commit(db, clock, batch).await
}

/// At most `limit` entries of a log above `after`, ascending, under the names that their senders have now.
pub async fn since(db: &Db, scope: TenantScope, id: CrowdId, after: i64, limit: i64) -> DbResult<Vec<Entry>> {
    log_store::since(db, scope.tenant(), id, after, limit).await
}

/// The top of each log that exists. For the engine, which asks for channels that were authorised before.
pub async fn tops(db: &Db, keys: &[(TenantId, CrowdId)]) -> DbResult<Vec<(CrowdId, i64)>> {
    log_store::tops(db, keys).await
}

/// One crowd of the tenant.
pub async fn find(db: &Db, scope: TenantScope, id: CrowdId) -> DbResult<Option<Crowd>> {
    store::find(db, scope, id).await
}

/// The crowd of a key, or of a page's address as addresses are compared.
pub async fn find_by_key(db: &Db, scope: SiteScope, key: &str) -> DbResult<Option<Crowd>> {
    store::find_by_key(db, scope, key).await
}

/// Crowds of a site: those that operators made by name, then those of pages by their last message.
pub async fn list(db: &Db, scope: SiteScope) -> DbResult<Vec<Crowd>> {
    store::list(db, scope).await
}

/// How many there are of those that operators made, or of those of pages.
pub async fn count(db: &Db, scope: SiteScope, of_pages: bool) -> DbResult<i64> {
    store::count(db, scope, of_pages).await
}

/// Makes a crowd; [`crate::db::DbError::Duplicate`] where the site has one of this key.
pub async fn insert(tx: &mut Tx, scope: SiteScope, clock: &Clock, new: &NewCrowd) -> DbResult<CrowdId> {
    store::insert(tx, scope, clock, new).await
}

/// Changes what is `Some`; false where there is no such crowd.
pub async fn update(tx: &mut Tx, scope: TenantScope, id: CrowdId, update: &CrowdUpdate, now: Millis) -> DbResult<bool> {
    store::update(tx, scope, id, update, now).await
}

/// Deletes a crowd with everything that was said in it.
pub async fn delete(tx: &mut Tx, scope: TenantScope, id: CrowdId) -> DbResult<bool> {
    store::delete(tx, scope, id).await
}

/// What is known of a visitor, who may be several that became one, in a crowd.
pub async fn member(db: &Db, scope: SiteScope, id: CrowdId, selves: &[VisitorId], now: Millis) -> DbResult<Member> {
    store::member(db, scope, id, selves, now).await
}

/// From now on they are called so; answers the crowds that have something of theirs.
pub async fn rename(tx: &mut Tx, acting: &Acting, selves: &[VisitorId], name: &str, now: Millis) -> DbResult<Vec<CrowdId>> {
    store::rename(tx, acting, selves, name, now).await
}

/// The crowds that have something of these visitors, who are one person.
pub async fn list_of_visitor(db: &Db, scope: SiteScope, selves: &[VisitorId]) -> DbResult<Vec<CrowdId>> {
    store::list_of_visitor(db, scope, selves).await
}

/// Mutes a visitor of the site until then, or until it is lifted; false where the site knows no such visitor.
pub async fn mute(
    tx: &mut Tx,
    scope: SiteScope,
    (id, visitor): (CrowdId, VisitorId),
    by: OperatorId,
    (now, until): (Millis, Option<Millis>),
) -> DbResult<bool> {
    store::mute(tx, scope, (id, visitor), by, (now, until)).await
}

/// Lets a visitor speak again.
pub async fn unmute(tx: &mut Tx, scope: SiteScope, id: CrowdId, visitor: VisitorId) -> DbResult<()> {
    store::unmute(tx, scope, id, visitor).await
}

/// Who is muted now, the latest first.
pub async fn list_muted(db: &Db, scope: TenantScope, id: CrowdId, now: Millis) -> DbResult<Vec<Muted>> {
    store::list_muted(db, scope, id, now).await
}
