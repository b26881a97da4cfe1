//! Promotions: rules that offer something to a visitor, and what came of it, by group. A visitor belongs to one group of a promotion for ever;
//! everything that is counted is counted once for each. Who is offered what, and when, is carried out by [`crate::promotion_worker`].

mod model;
mod store;

pub use model::{Definition, Goal, GoalKind, NewOffer, Promotion, Report, Revenue, Sums, Update, Version, page_view, stored};
pub use store::{Assignment, OpenOffer, Order, PastOffer};

use std::collections::{HashMap, HashSet};

use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx};
use crate::ids::{OfferId, OperatorId, PromotionId, VisitId, VisitorId};
use crate::scope::{SiteScope, TenantScope};

/// Promotions of one tenant at most: each is looked at for every page view.
pub const MOST: usize = 200;

/// Versions of a promotion that are told; older ones are kept for the offers that name them.
const VERSIONS: i64 = 50;

/// The tenant's promotions, newest first.
pub async fn list(db: &Db, scope: TenantScope) -> DbResult<Vec<Promotion>> {
    store::list(db, scope).await
}

/// One of them.
pub async fn find(db: &Db, scope: TenantScope, id: PromotionId) -> DbResult<Option<Promotion>> {
    store::find(db, scope, id).await
}

/// Stores a new one, with its first version.
pub async fn insert(tx: &mut Tx, scope: TenantScope, new: &Promotion) -> DbResult<()> {
    store::insert(tx, scope, new).await
}

/// Writes a changed one back; a change of the definition is a version of its own.
pub async fn update(tx: &mut Tx, scope: TenantScope, promotion: &Promotion, by: OperatorId) -> DbResult<()> {
    store::update(tx, scope, promotion, by).await
}

/// What its definition was, the present one first.
pub async fn versions(db: &Db, scope: TenantScope, id: PromotionId) -> DbResult<Vec<Version>> {
    store::versions(db, scope, id, VERSIONS).await
}

/// Removes it with everything that was counted; false where there is none.
pub async fn delete(tx: &mut Tx, scope: TenantScope, id: PromotionId) -> DbResult<bool> {
    store::delete(tx, scope, id).await
}

/// What came of the tenant's promotions: who saw it, and who was held out.
pub async fn sums(db: &Db, scope: TenantScope) -> DbResult<HashMap<PromotionId, [Sums; 2]>> {
    store::sums(db, scope).await
}

/// What a visitor was offered before, by any promotion.
pub async fn past(db: &Db, scope: TenantScope, visitor: VisitorId) -> DbResult<Vec<PastOffer>> {
    store::past(db, scope, visitor).await
}

/// How many other visits there were.
pub async fn visits_before(db: &Db, scope: TenantScope, visitor: VisitorId, visit: VisitId) -> DbResult<i64> {
    store::visits_before(db, scope, visitor, visit).await
}

/// The groups that these visitors belong to already.
pub async fn groups(tx: &mut Tx, scope: TenantScope, id: PromotionId, visitors: &[VisitorId]) -> DbResult<HashMap<VisitorId, bool>> {
    store::groups(tx, scope, id, visitors).await
}

/// Stores firings of one promotion, at most one for each occasion of a visitor, and answers those that are new.
pub async fn offer(tx: &mut Tx, scope: TenantScope, id: PromotionId, offers: &[NewOffer]) -> DbResult<Vec<OfferId>> {
    store::offer(tx, scope, id, offers).await
}

/// Keeps what a visitor's page reports of an offer, each kind once. `None` where this visitor has no such offer.
pub async fn report(
    tx: &mut Tx,
    scope: SiteScope,
    visitor: VisitorId,
    (offer, report): (OfferId, Report),
    now: Millis,
) -> DbResult<Option<PromotionId>> {
    store::report(tx, scope, visitor, (offer, report), now).await
}

/// What this visitor was offered since, or held out of.
pub async fn assignments(db: &Db, scope: TenantScope, visitor: VisitorId, since: Millis) -> DbResult<Vec<Assignment>> {
    store::assignments(db, scope, visitor, since).await
}

/// Notes that a visitor reached a promotion's goal; true when they had not before.
pub async fn reach(tx: &mut Tx, scope: TenantScope, assignment: &Assignment, now: Millis) -> DbResult<bool> {
    store::reach(tx, scope, assignment, now).await
}

/// Credits a promotion with an order; false when it was credited before.
pub async fn credit(tx: &mut Tx, scope: TenantScope, assignment: &Assignment, order: &Order) -> DbResult<bool> {
    store::credit(tx, scope, assignment, order).await
}

/// Offers that may still stand on a screen.
pub async fn open_offers(db: &Db, scope: TenantScope, id: PromotionId, since: Millis) -> DbResult<Vec<OpenOffer>> {
    store::open_offers(db, scope, id, since).await
}

/// Those of them whose conversation is open.
pub async fn in_conversation(db: &Db, scope: TenantScope, visitors: &[VisitorId]) -> DbResult<HashSet<VisitorId>> {
    store::in_conversation(db, scope, visitors).await
}
