//! The log's SQL: loads what a batch of commands may touch, and writes what the ledger decided, in one transaction.
//! Keys and rows travel as one JSON document per statement, so that a batch of any size costs a fixed number of statements.

mod load;
mod write;

use std::collections::BTreeSet;

use crate::clock::{Clock, Millis};
use crate::db::{Db, DbResult, Tx, fetch_all};
use crate::ids::{ConversationId, TenantId, VisitorId};
use crate::visitors::{self, Acting, Lately};

use super::command::{Done, Queued, Refused};
use super::ledger::Ledger;
use super::model::Entry;

/// Commits the whole batch durably, in order, or nothing of it.
pub(super) async fn commit(
    db: &Db,
    clock: &Clock,
    lately: &Lately,
    batch: &[Queued],
    turn: impl Future<Output = ()> + Send,
) -> DbResult<Vec<Result<Done, Refused>>> {
    let now = clock.now();
    let mut tx = db.begin_log().await?;
    let visitors = visitors_of(batch);
    let mut ledger = Ledger::default();
    // First the visitors, in the order of their ids: their rows are the locks that keep two writers from starting two conversations for one visitor.
    for (from, into) in visitors::lock(&mut tx, &visitors).await? {
        ledger.know_merged(from.into(), into.into());
    }
    let fresh = fresh_visitors(&mut tx, lately, batch, now).await?;
    // A row that was not there to be locked may have been made meanwhile, by signing in.
    let written: Vec<_> = fresh.iter().map(|acting| (acting.scope.tenant(), acting.visitor)).collect();
    for (from, into) in visitors::lock(&mut tx, &written).await? {
        ledger.know_merged(from.into(), into.into());
    }
    load::all(&mut tx, &mut ledger, (batch, now), &visitors).await?;
    let answers: Vec<Result<Done, Refused>> = batch.iter().map(|queued| ledger.apply(queued, clock)).collect();
    write::all(&mut tx, &ledger, now).await?;
    turn.await;
    tx.commit().await?;
    lately.add(&fresh, now);
    Ok(answers)
}

/// Those into whose conversations is posted, and who became part of them, in the order of their ids. Of an operator who says hello the visitor is
/// somebody else than the sender.
fn visitors_of(batch: &[Queued]) -> Vec<(TenantId, VisitorId)> {
    let posts = batch.iter().filter_map(|queued| queued.visitor.as_ref().map(|acting| (&queued.command, acting.visitor)));
    let selves = posts.flat_map(|(command, visitor)| {
        std::iter::once(visitor).chain(command.also.iter().map(|id| VisitorId(id.0))).map(|id| (id, command.tenant))
    });
    selves.collect::<BTreeSet<_>>().into_iter().map(|(id, tenant)| (tenant, id)).collect()
}

/// Writes the rows of visitors that were not written lately, and answers whose.
async fn fresh_visitors(tx: &mut Tx, lately: &Lately, batch: &[Queued], now: Millis) -> DbResult<Vec<Acting>> {
    let posting = batch.iter().filter_map(|queued| queued.visitor.as_ref());
    let mut fresh: Vec<Acting> = posting.filter(|acting| !lately.has(acting, now)).cloned().collect();
    fresh.sort_by_key(|acting| acting.visitor);
    fresh.dedup_by_key(|acting| acting.visitor);
    visitors::upsert(tx, &fresh, now).await?;
    Ok(fresh)
}

/// Entries of a log above `after`, ascending. The caller has proven that the channel may be read.
pub(super) async fn since(db: &Db, tenant: TenantId, id: ConversationId, after: i64, limit: i64) -> DbResult<Vec<Entry>> {
    fetch_all!(
        db: db, Entry,
        "SELECT tenant_id, conversation_id, seq, id, type, sender_kind, sender_id, sender_name, client_message_id, data, at
         FROM messages WHERE tenant_id = $1 AND conversation_id = $2 AND seq > $3 ORDER BY seq LIMIT $4",
        tenant, id, after, limit
    )
}

/// The same of the notes.
pub(super) async fn notes_since(db: &Db, tenant: TenantId, id: ConversationId, after: i64, limit: i64) -> DbResult<Vec<Entry>> {
    fetch_all!(
        db: db, Entry,
        "SELECT tenant_id, conversation_id, seq, id, 'note.posted' AS type, 'operator' AS sender_kind, sender_id, sender_name, client_message_id, data, at
         FROM notes WHERE tenant_id = $1 AND conversation_id = $2 AND seq > $3 ORDER BY seq LIMIT $4",
        tenant, id, after, limit
    )
}

/// Both tops of each conversation, in one statement.
pub(super) async fn tops(db: &Db, keys: &[(TenantId, ConversationId)]) -> DbResult<Vec<(ConversationId, i64, i64)>> {
    fetch_all!(
        db: db, (ConversationId, i64, i64),
        sqlite: "SELECT c.id, c.last_seq, c.last_note_seq FROM jsonb_each($1) k
                 CROSS JOIN conversations c ON c.tenant_id = unhex(k.value ->> 0, '-') AND c.id = unhex(k.value ->> 1, '-')",
        postgres: "SELECT c.id, c.last_seq, c.last_note_seq FROM (SELECT value FROM jsonb_array_elements($1) LIMIT jsonb_array_length($1)) named(k)
                   JOIN conversations c ON c.tenant_id = (k ->> 0)::uuid AND c.id = (k ->> 1)::uuid",
        sqlx::types::Json(keys)
    )
}
