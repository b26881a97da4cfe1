//! SQL of searching. What a file or a card is called is its text. A message that was edited is searched as it reads now; what was taken back has no text any more.

use sqlx::types::Json;

use super::Pattern;
use crate::clock::Millis;
use crate::db::{Db, DbResult, fetch_all};
use crate::ids::ConversationId;
use crate::scope::TenantScope;

pub(super) async fn list_conversations(
    db: &Db,
    scope: TenantScope,
    pattern: &Pattern,
    after: Option<(Millis, ConversationId)>,
    limit: i64,
) -> DbResult<Vec<ConversationId>> {
    let (after_at, after_id) = after.unzip();
    // OFFSET 0 makes PostgreSQL go through the newest conversations first instead of reading every message beforehand: most words are found there.
    let words = if db.engine() == "sqlite" { pattern.glob() } else { pattern.regex() };
    let found = fetch_all!(
        db: db, (ConversationId,),
        sqlite: "SELECT c.id FROM conversations c JOIN visitors a ON a.tenant_id = c.tenant_id AND a.id = c.visitor_id
                 JOIN visitors v ON v.tenant_id = c.tenant_id AND v.id = COALESCE(a.merged_into, a.id)
                 WHERE c.tenant_id = $1 AND ($2 IS NULL OR c.updated_at < $2 OR (c.updated_at = $2 AND c.id < $3))
                   AND (EXISTS (SELECT 1 FROM messages m WHERE m.tenant_id = c.tenant_id AND m.conversation_id = c.id AND COALESCE(m.data ->> 'text', m.data ->> '$.attachment.name', m.data ->> '$.card.title') GLOB $4
                       AND NOT EXISTS (SELECT 1 FROM messages e WHERE e.tenant_id = m.tenant_id AND e.conversation_id = m.conversation_id AND e.seq > m.seq
                         AND e.type = 'message.edited' AND e.data ->> 'target' = COALESCE(m.data ->> 'target', m.seq)))
                     OR EXISTS (SELECT 1 FROM notes n WHERE n.tenant_id = c.tenant_id AND n.conversation_id = c.id AND n.data ->> 'text' GLOB $4)
                     OR v.name GLOB $4 OR v.email GLOB $4)
                 ORDER BY c.updated_at DESC, c.id DESC LIMIT $5",
        postgres: "SELECT c.id FROM (
                     SELECT id, tenant_id, visitor_id, updated_slot, updated_at FROM conversations
                     WHERE tenant_id = $1 AND ($2 IS NULL OR updated_at < $2 OR (updated_at = $2 AND id < $3)) ORDER BY updated_slot DESC, updated_at DESC, id DESC OFFSET 0
                   ) c
                   WHERE EXISTS (SELECT 1 FROM messages m WHERE m.tenant_id = c.tenant_id AND m.conversation_id = c.id AND COALESCE(m.data ->> 'text', m.data #>> '{attachment,name}', m.data #>> '{card,title}') ~ $4
                       AND NOT EXISTS (SELECT 1 FROM messages e WHERE e.tenant_id = m.tenant_id AND e.conversation_id = m.conversation_id AND e.seq > m.seq
                         AND e.type = 'message.edited' AND (e.data ->> 'target')::bigint = COALESCE((m.data ->> 'target')::bigint, m.seq)) OFFSET 0)
                     OR EXISTS (SELECT 1 FROM notes n WHERE n.tenant_id = c.tenant_id AND n.conversation_id = c.id AND n.data ->> 'text' ~ $4 OFFSET 0)
                     OR EXISTS (SELECT 1 FROM visitors a JOIN visitors v ON v.tenant_id = a.tenant_id AND v.id = COALESCE(a.merged_into, a.id)
                       WHERE a.tenant_id = c.tenant_id AND a.id = c.visitor_id AND (v.name ~ $4 OR v.email ~ $4) OFFSET 0)
                   ORDER BY c.updated_slot DESC, c.updated_at DESC, c.id DESC LIMIT $5",
        scope.tenant(), after_at, after_id, words, limit
    )?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}

/// A matching text.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct HitRow {
    pub(super) conversation_id: ConversationId,
    pub(super) seq: i64,
    pub(super) note: i64,
    pub(super) at: Millis,
    pub(super) sender_name: Option<String>,
    pub(super) text: String,
}

/// The newest `most` matching messages, and as many notes, of each conversation.
pub(super) async fn list_hits(db: &Db, scope: TenantScope, pattern: &Pattern, ids: &[ConversationId], most: i64) -> DbResult<Vec<HitRow>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let words = if db.engine() == "sqlite" { pattern.glob() } else { pattern.regex() };
    fetch_all!(
        db: db, HitRow,
        sqlite: "SELECT conversation_id, seq, note, at, sender_name, text FROM (
                   SELECT m.conversation_id, COALESCE(m.data ->> 'target', m.seq) AS seq, 0 AS note, m.at, m.sender_name, COALESCE(m.data ->> 'text', m.data ->> '$.attachment.name', m.data ->> '$.card.title') AS text,
                     ROW_NUMBER() OVER (PARTITION BY m.conversation_id ORDER BY m.seq DESC) AS nth
                   FROM jsonb_each($2) k CROSS JOIN messages m ON m.tenant_id = $1 AND m.conversation_id = unhex(k.value, '-') AND COALESCE(m.data ->> 'text', m.data ->> '$.attachment.name', m.data ->> '$.card.title') GLOB $3
                   WHERE NOT EXISTS (SELECT 1 FROM messages e WHERE e.tenant_id = m.tenant_id AND e.conversation_id = m.conversation_id AND e.seq > m.seq
                     AND e.type = 'message.edited' AND e.data ->> 'target' = COALESCE(m.data ->> 'target', m.seq))
                   UNION ALL
                   SELECT n.conversation_id, n.seq, 1, n.at, n.sender_name, n.data ->> 'text', ROW_NUMBER() OVER (PARTITION BY n.conversation_id ORDER BY n.seq DESC)
                   FROM jsonb_each($2) k CROSS JOIN notes n ON n.tenant_id = $1 AND n.conversation_id = unhex(k.value, '-') AND n.data ->> 'text' GLOB $3
                 ) WHERE nth <= $4",
        postgres: "SELECT conversation_id, seq, note, at, sender_name, text FROM (
                     SELECT m.conversation_id, COALESCE((m.data ->> 'target')::bigint, m.seq) AS seq, 0::bigint AS note, m.at, m.sender_name, COALESCE(m.data ->> 'text', m.data #>> '{attachment,name}', m.data #>> '{card,title}') AS text,
                       ROW_NUMBER() OVER (PARTITION BY m.conversation_id ORDER BY m.seq DESC) AS nth
                     FROM jsonb_array_elements_text($2) k JOIN messages m ON m.tenant_id = $1 AND m.conversation_id = k::uuid AND COALESCE(m.data ->> 'text', m.data #>> '{attachment,name}', m.data #>> '{card,title}') ~ $3
                     WHERE NOT EXISTS (SELECT 1 FROM messages e WHERE e.tenant_id = m.tenant_id AND e.conversation_id = m.conversation_id AND e.seq > m.seq
                       AND e.type = 'message.edited' AND (e.data ->> 'target')::bigint = COALESCE((m.data ->> 'target')::bigint, m.seq))
                     UNION ALL
                     SELECT n.conversation_id, n.seq, 1::bigint, n.at, n.sender_name, n.data ->> 'text', ROW_NUMBER() OVER (PARTITION BY n.conversation_id ORDER BY n.seq DESC)
                     FROM jsonb_array_elements_text($2) k JOIN notes n ON n.tenant_id = $1 AND n.conversation_id = k::uuid AND n.data ->> 'text' ~ $3
                   ) AS hits WHERE nth <= $4",
        scope.tenant(), Json(ids), words, most
    )
}
