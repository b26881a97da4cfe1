//! SQL of the check: each statement selects what must not exist.

use crate::db::{Db, DbResult, fetch_all, fetch_one};
use crate::scope::SystemScope;

/// A broken promise.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Finding {
    /// In a `conversation` or a `crowd`.
    pub kind: String,
    /// In which.
    pub id: uuid::Uuid,
    /// What.
    pub what: String,
}

pub(super) async fn count(db: &Db, _: SystemScope) -> DbResult<i64> {
    let (count,): (i64,) = fetch_one!(db: db, (i64,), "SELECT COUNT(*) FROM conversations")?;
    Ok(count)
}

pub(super) async fn findings(db: &Db, _: SystemScope) -> DbResult<Vec<Finding>> {
    let mut found = fetch_all!(
        db: db, Finding,
        "SELECT 'conversation' AS kind, c.id, 'the log is not 1..n' AS what FROM conversations c
         LEFT JOIN messages m ON m.tenant_id = c.tenant_id AND m.conversation_id = c.id
         GROUP BY c.tenant_id, c.id, c.last_seq
         HAVING COUNT(m.seq) <> c.last_seq OR COALESCE(MAX(m.seq), 0) <> c.last_seq OR COALESCE(MIN(m.seq), 1) <> 1"
    )?;
    found.extend(fetch_all!(
        db: db, Finding,
        "SELECT 'conversation' AS kind, c.id, 'the notes are not 1..n' AS what FROM conversations c
         LEFT JOIN notes n ON n.tenant_id = c.tenant_id AND n.conversation_id = c.id
         GROUP BY c.tenant_id, c.id, c.last_note_seq
         HAVING COUNT(n.seq) <> c.last_note_seq OR COALESCE(MAX(n.seq), 0) <> c.last_note_seq OR COALESCE(MIN(n.seq), 1) <> 1"
    )?);
    found.extend(fetch_all!(
        db: db, Finding,
        "SELECT 'conversation' AS kind, r.conversation_id AS id, 'a receipt is beyond the log' AS what FROM receipts r
         JOIN conversations c ON c.tenant_id = r.tenant_id AND c.id = r.conversation_id
         WHERE r.delivered_seq > c.last_seq OR r.read_seq > r.delivered_seq"
    )?);
    found.extend(fetch_all!(
        db: db, Finding,
        "SELECT 'conversation' AS kind, c.id, 'the last message is not one' AS what FROM conversations c
         LEFT JOIN messages m ON m.tenant_id = c.tenant_id AND m.conversation_id = c.id AND m.seq = c.last_message_seq AND m.type = 'message.posted'
         WHERE c.last_message_seq > 0 AND m.seq IS NULL"
    )?);
    found.extend(fetch_all!(
        db: db, Finding,
        "SELECT 'crowd' AS kind, c.id, 'the log is not 1..n' AS what FROM crowds c
         LEFT JOIN crowd_messages m ON m.tenant_id = c.tenant_id AND m.crowd_id = c.id
         GROUP BY c.tenant_id, c.id, c.last_seq
         HAVING COUNT(m.seq) <> c.last_seq OR COALESCE(MAX(m.seq), 0) <> c.last_seq OR COALESCE(MIN(m.seq), 1) <> 1"
    )?);
    Ok(found)
}
