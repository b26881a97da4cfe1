//! SQL of statistics in chat's own database, by its readers: what conversations say of themselves.

use serde_json::{Value, json};
use sqlx::types::Json;

use super::Span;
use super::model::Chat;
use crate::clock::Millis;
use crate::db::{Db, DbResult, fetch_all};
use crate::ids::SiteId;
use crate::scope::TenantScope;

/// Conversations of a period at most; the newest.
const MOST: i64 = 50_000;

/// Conversations that began in the sites' spans.
pub(super) async fn chats(db: &Db, scope: TenantScope, spans: &[Span]) -> DbResult<Vec<(SiteId, Chat)>> {
    let keys: Vec<Value> = spans.iter().map(|span| json!([span.site, span.from, span.to])).collect();
    let rows = fetch_all!(
        db: db, (SiteId, Millis, Option<Millis>, Option<Millis>, Option<i64>),
        sqlite: "SELECT c.site_id, c.created_at, v.at,
                   (SELECT o.at FROM messages o WHERE o.tenant_id = c.tenant_id AND o.conversation_id = c.id AND o.seq > v.seq AND o.type = 'message.posted'
                     AND o.sender_kind = 'operator' ORDER BY o.seq LIMIT 1), r.score
                 FROM jsonb_each($2) k
                 CROSS JOIN conversations c ON c.tenant_id = $1 AND c.site_id = unhex(k.value ->> 0, '-') AND c.created_at >= k.value ->> 1 AND c.created_at < k.value ->> 2
                 LEFT JOIN messages v ON v.tenant_id = c.tenant_id AND v.conversation_id = c.id
                   AND v.seq = (SELECT MIN(m.seq) FROM messages m WHERE m.tenant_id = c.tenant_id AND m.conversation_id = c.id AND m.type = 'message.posted'
                     AND m.sender_kind = 'visitor')
                 LEFT JOIN ratings r ON r.tenant_id = c.tenant_id AND r.conversation_id = c.id
                 ORDER BY c.created_at DESC LIMIT $3",
        postgres: "SELECT c.site_id, c.created_at, v.at,
                     (SELECT o.at FROM messages o WHERE o.tenant_id = c.tenant_id AND o.conversation_id = c.id AND o.seq > v.seq AND o.type = 'message.posted'
                       AND o.sender_kind = 'operator' ORDER BY o.seq LIMIT 1), r.score
                   FROM jsonb_array_elements($2) k
                   JOIN conversations c ON c.tenant_id = $1 AND c.site_id = (k ->> 0)::uuid AND c.created_at >= (k ->> 1)::bigint AND c.created_at < (k ->> 2)::bigint
                   LEFT JOIN messages v ON v.tenant_id = c.tenant_id AND v.conversation_id = c.id
                     AND v.seq = (SELECT MIN(m.seq) FROM messages m WHERE m.tenant_id = c.tenant_id AND m.conversation_id = c.id AND m.type = 'message.posted'
                       AND m.sender_kind = 'visitor')
                   LEFT JOIN ratings r ON r.tenant_id = c.tenant_id AND r.conversation_id = c.id
                   ORDER BY c.created_at DESC LIMIT $3",
        scope.tenant(), Json(keys), MOST
    )?;
    let chat = |(site, began, asked, answered, score)| (site, Chat { began, asked, answered, score });
    Ok(rows.into_iter().map(chat).collect())
}
