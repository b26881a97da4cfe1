//! Addresses of tenants' programs that are told what happens. An event is a row written by the transaction in which it happened, so none is lost
//! and none is told that did not happen; the worker sends it until it arrives or is given up after about a day. A program may hear an event twice
//! (its answer was lost), by the same id; order is not promised.
//!
//! Deliveries follow Standard Webhooks (headers `webhook-id`, `webhook-timestamp`, `webhook-signature`).

pub mod address;
mod delivery;
mod model;
mod post;
mod signature;
mod store;

pub use delivery::{Outcome, Sender};
pub use model::{Delivery, DeliveryState, Due, EventKind, Happened, Listening, NewWebhook, Webhook, WebhookUpdate};

use std::collections::BTreeSet;

use crate::clock::{Clock, DAY, Millis};
use crate::db::{Db, DbResult, Tx};
use crate::ids::{ConversationId, DeliveryId, TenantId, VisitorId, WebhookId};
use crate::jobs;
use crate::scope::{SystemScope, TenantScope};

/// Webhooks of one tenant at most.
pub const MOST: i64 = 20;
/// Characters of a name at most.
pub const NAME_MAX: usize = 60;
/// The log of deliveries goes back so far.
pub const KEPT: Millis = 30 * DAY;
/// A node that claims a delivery has so long to finish it.
const LEASE: Millis = 60_000;

/// All webhooks of the tenant, oldest first, with the last day's numbers.
pub async fn list(db: &Db, scope: TenantScope, now: Millis) -> DbResult<Vec<Webhook>> {
    store::list(db, scope, now - DAY).await
}

/// One of them.
pub async fn find(db: &Db, scope: TenantScope, id: WebhookId, now: Millis) -> DbResult<Option<Webhook>> {
    Ok(list(db, scope, now).await?.into_iter().find(|webhook| webhook.id == id))
}

/// Makes one; `None` where the tenant has as many as it may.
pub async fn insert(tx: &mut Tx, scope: TenantScope, clock: &Clock, new: &NewWebhook) -> DbResult<Option<WebhookId>> {
    if store::count(tx, scope).await? >= MOST {
        return Ok(None);
    }
    let id: WebhookId = clock.new_id();
    store::insert(tx, scope, (id, new), &signature::new_secret(), clock.now()).await?;
    Ok(Some(id))
}

/// Changes what is `Some`; false where there is no such webhook.
pub async fn update(tx: &mut Tx, scope: TenantScope, id: WebhookId, update: &WebhookUpdate) -> DbResult<bool> {
    store::update(tx, scope, id, update).await
}

/// Another secret; the one before is worth nothing at once.
pub async fn rotate_secret(tx: &mut Tx, scope: TenantScope, id: WebhookId) -> DbResult<bool> {
    store::update_secret(tx, scope, id, &signature::new_secret()).await
}

/// Removes a webhook and its log; false where there is none.
pub async fn delete(tx: &mut Tx, scope: TenantScope, id: WebhookId) -> DbResult<bool> {
    store::delete(tx, scope, id).await
}

/// A webhook's deliveries, newest first, after `(created_at, id)`.
pub async fn list_deliveries(
    db: &Db,
    scope: TenantScope,
    id: WebhookId,
    after: Option<(Millis, DeliveryId)>,
    limit: i64,
) -> DbResult<Vec<Delivery>> {
    store::list_deliveries(db, scope, id, after, limit).await
}

/// Sends it again, whatever became of it; false where there is no such delivery.
pub async fn replay(tx: &mut Tx, scope: TenantScope, (webhook, id): (WebhookId, DeliveryId), now: Millis) -> DbResult<bool> {
    store::replay(tx, scope, (webhook, id), now).await
}

/// Which webhooks of these tenants listen now. Mostly none, and then nothing has to be told.
pub async fn listening(tx: &mut Tx, tenants: &BTreeSet<TenantId>) -> DbResult<Vec<Listening>> {
    store::listening(tx, tenants).await
}

/// Writes a delivery of each event for each webhook that wants it; they exist when the transaction commits.
pub async fn record(tx: &mut Tx, listening: &[Listening], happened: &[Happened], now: Millis) -> DbResult<()> {
    let wanted = |webhook: &&Listening, event: &Happened| webhook.wants(event);
    let rows: Vec<_> = happened
        .iter()
        .flat_map(|event| listening.iter().filter(move |webhook| wanted(webhook, event)).map(move |webhook| (webhook.id, event)))
        .collect();
    if rows.is_empty() { Ok(()) } else { store::insert_deliveries(tx, &rows, now).await }
}

/// [`listening`] and [`record`] for a feature whose transaction is one tenant's.
pub async fn tell(tx: &mut Tx, scope: TenantScope, event: Happened, now: Millis) -> DbResult<()> {
    let listening = listening(tx, &BTreeSet::from([scope.tenant()])).await?;
    record(tx, &listening, &[event], now).await
}

/// The author took a message back: its text goes from the log of deliveries, sent or not.
pub async fn forget_message(tx: &mut Tx, scope: TenantScope, conversation: ConversationId, seq: i64) -> DbResult<()> {
    store::forget_message(tx, scope, conversation, seq).await
}

/// A visitor erased what is theirs: so does the log of deliveries.
pub async fn forget_visitor(tx: &mut Tx, scope: TenantScope, visitor: VisitorId) -> DbResult<()> {
    store::forget_visitor(tx, scope, visitor).await
}

/// A `ping` for this webhook alone, also while it is paused.
pub async fn ping(tx: &mut Tx, scope: TenantScope, clock: &Clock, id: WebhookId) -> DbResult<DeliveryId> {
    let event: DeliveryId = clock.new_id();
    let happened = Happened::ping(scope.tenant(), event, clock.now());
    store::insert_deliveries(tx, &[(id, &happened)], clock.now()).await?;
    Ok(event)
}

/// How many wait to be sent.
pub async fn count_waiting(db: &Db, system: SystemScope) -> DbResult<i64> {
    store::count_waiting(db, system).await
}

/// Takes due deliveries for this node: up to `limit`, and few of each webhook, so that a slow one does not hold up the others.
pub async fn claim(db: &Db, system: SystemScope, now: Millis, limit: i64) -> DbResult<Vec<Due>> {
    if !store::is_due(db, system, now).await? {
        return Ok(Vec::new());
    }
    store::claim(db, system, (now, now + LEASE), limit).await
}

/// Keeps what became of a try: done, or again later, or given up after the last.
pub async fn settle(db: &Db, scope: TenantScope, due: &Due, outcome: &Outcome, now: Millis) -> DbResult<()> {
    let (delivered, failed) = match &outcome.error {
        None => (Some(now), None),
        Some(_) => (None, (due.attempts >= jobs::TRIES).then_some(now)),
    };
    store::settle(db, scope, due, outcome, (now, now + jobs::backoff(due.attempts)), (delivered, failed)).await
}

/// Forgets deliveries that are older than the log goes back.
pub async fn tidy(db: &Db, system: SystemScope, now: Millis) -> DbResult<u64> {
    store::delete_oldest(db, system, now - KEPT).await
}
