//! Conversations and their logs. Every change of a log is a [`Command`] that one writer commits in batches: [`command`] says what can be asked,
//! [`ledger`] decides (pure), [`log_store`] loads and stores, [`store`] answers the lists. Knows sites, visitors and operators; knows nothing of
//! sockets, which node anyone is on, or HTTP.

pub mod command;
mod content;
mod ledger;
mod log_store;
mod model;
mod store;

pub use command::{Command, Done, Handing, OnlyIf, Queued, Refused, Reply, Target, Told, What};
pub use content::{Card, Content, Given, QuickReply, summary};
pub use model::{
    Conversation, Entry, NOT_WAITING, Receipts, Sender, SenderKind, Side, Sort, Status, Watermark, log_channel, notes_channel, visitor_view,
};
pub use store::{Assigned, Counts, Filter, InboxRow, Latest, Place};

use crate::clock::{Clock, Millis};
use crate::db::{Db, DbResult};
use crate::ids::{ConversationId, OperatorId, TenantId, VisitorId};
use crate::scope::{SiteScope, SystemScope, TenantScope};
use crate::visitors::Lately;

/// Commits the batch durably, in order, or nothing of it; answer i belongs to command i. Right before the commit, when it waits for no other batch any
/// more, it waits for `turn`.
pub async fn commit(
    db: &Db,
    clock: &Clock,
    lately: &Lately,
    batch: &[Queued],
    turn: impl Future<Output = ()> + Send,
) -> DbResult<Vec<Result<Done, Refused>>> {
    log_store::commit(db, clock, lately, batch, turn).await
}

/// At most `limit` entries of a log above `after`, ascending.
pub async fn since(db: &Db, scope: TenantScope, id: ConversationId, after: i64, limit: i64) -> DbResult<Vec<Entry>> {
    log_store::since(db, scope.tenant(), id, after, limit).await
}

/// The same of the notes.
pub async fn notes_since(db: &Db, scope: TenantScope, id: ConversationId, after: i64, limit: i64) -> DbResult<Vec<Entry>> {
    log_store::notes_since(db, scope.tenant(), id, after, limit).await
}

/// `(conversation, top of the log, top of the notes)` of each that exists. For the engine, which asks for channels that were authorised before.
pub async fn tops(db: &Db, keys: &[(TenantId, ConversationId)]) -> DbResult<Vec<(ConversationId, i64, i64)>> {
    log_store::tops(db, keys).await
}

/// One conversation of the tenant.
pub async fn find(db: &Db, scope: TenantScope, id: ConversationId) -> DbResult<Option<Conversation>> {
    store::find(db, scope, id).await
}

/// A visitor's latest conversation.
pub async fn find_latest(db: &Db, scope: SiteScope, visitor: VisitorId) -> DbResult<Option<Latest>> {
    store::find_latest(db, scope, visitor).await
}

/// The ids of the latest conversations of many, each with the place of its key.
pub async fn latest_ids(db: &Db, keys: &[(SiteScope, VisitorId)]) -> DbResult<Vec<(i64, ConversationId)>> {
    store::latest_ids(db, keys).await
}

/// A row of the inbox.
pub async fn find_row(db: &Db, scope: TenantScope, id: ConversationId) -> DbResult<Option<InboxRow>> {
    store::find_row(db, scope, id).await
}

/// Rows of the inbox, in no order.
pub async fn list_rows(db: &Db, scope: TenantScope, ids: &[ConversationId]) -> DbResult<Vec<InboxRow>> {
    store::list_rows(db, scope, ids).await
}

/// Conversations of all tenants whose snooze is over, the longest first.
pub async fn list_due(db: &Db, system: SystemScope, now: Millis, limit: i64) -> DbResult<Vec<(TenantId, ConversationId)>> {
    store::list_due(db, system, now, limit).await
}

/// The first `limit` queued conversations of the tenant, each with its place in its site's queue.
pub async fn list_places(db: &Db, scope: TenantScope, limit: i64) -> DbResult<Vec<Place>> {
    store::list_places(db, scope, limit).await
}

/// Rows of the inbox that the filter lets through, in its order.
pub async fn list(db: &Db, scope: TenantScope, filter: &Filter) -> DbResult<Vec<InboxRow>> {
    store::list(db, scope, filter).await
}

/// Conversations of one visitor, newest first.
pub async fn list_of_visitor(db: &Db, scope: TenantScope, visitor: VisitorId, limit: i64) -> DbResult<Vec<InboxRow>> {
    store::list_of_visitor(db, scope, visitor, limit).await
}

/// How many stand where.
pub async fn count(db: &Db, scope: TenantScope, me: OperatorId) -> DbResult<Counts> {
    store::count(db, scope, me).await
}

/// Milliseconds from the beginning to the shop's first answer, of the site's newest conversations since then that were answered.
pub async fn first_replies(db: &Db, scope: SiteScope, since: Millis) -> DbResult<Vec<Millis>> {
    store::first_replies(db, scope, since).await
}
