//! SQL of what visitors may have of what is kept of them.

use serde_json::Value;
use sqlx::types::Json;

use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx, execute, fetch_all, fetch_optional};
use crate::ids::{ConversationId, VisitorId};
use crate::scope::SiteScope;
use crate::webhooks;

pub(super) async fn put_code(
    tx: &mut Tx,
    scope: SiteScope,
    visitor: VisitorId,
    (email, hash, expires): (&str, &[u8], Millis),
) -> DbResult<()> {
    execute!(
        tx,
        "INSERT INTO email_codes (tenant_id, visitor_id, email, code_hash, attempts, expires_at) VALUES ($1, $2, $3, $4, 0, $5)
         ON CONFLICT (tenant_id, visitor_id) DO UPDATE SET email = excluded.email, code_hash = excluded.code_hash, attempts = 0, expires_at = excluded.expires_at",
        scope.tenant(), visitor, email, hash, expires
    )
    .map(drop)
}

/// Counts a guess, and answers what it is compared with, if there is a guess left.
pub(super) async fn guess(
    tx: &mut Tx,
    scope: SiteScope,
    visitor: VisitorId,
    most: i64,
    now: Millis,
) -> DbResult<Option<(String, Vec<u8>)>> {
    execute!(tx, "UPDATE email_codes SET attempts = attempts + 1 WHERE tenant_id = $1 AND visitor_id = $2", scope.tenant(), visitor)?;
    fetch_optional!(
        tx: tx, (String, Vec<u8>),
        "SELECT email, code_hash FROM email_codes WHERE tenant_id = $1 AND visitor_id = $2 AND attempts <= $3 AND expires_at > $4",
        scope.tenant(), visitor, most, now
    )
}

pub(super) async fn confirm(tx: &mut Tx, scope: SiteScope, visitor: VisitorId, email: &str) -> DbResult<()> {
    execute!(tx, "UPDATE visitors SET email = $3, confirmed_email = $3 WHERE tenant_id = $1 AND id = $2", scope.tenant(), visitor, email)?;
    execute!(tx, "DELETE FROM email_codes WHERE tenant_id = $1 AND visitor_id = $2", scope.tenant(), visitor).map(drop)
}

pub(super) async fn conversations(db: &Db, scope: SiteScope, selves: &[VisitorId]) -> DbResult<Vec<ConversationId>> {
    let rows = fetch_all!(
        db: db, (ConversationId,),
        sqlite: "SELECT c.id FROM jsonb_each($3) k CROSS JOIN conversations c ON c.tenant_id = $1 AND c.visitor_id = unhex(k.value, '-')
                 WHERE +c.site_id = $2 ORDER BY c.created_at, c.id",
        postgres: "SELECT c.id FROM jsonb_array_elements_text($3) k JOIN conversations c ON c.tenant_id = $1 AND c.visitor_id = k::uuid
                   WHERE c.site_id = $2 ORDER BY c.created_at, c.id",
        scope.tenant(), scope.site(), Json(selves)
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

type Document = (Json<Value>,);

fn documents(rows: Vec<Document>) -> Vec<Value> {
    rows.into_iter().map(|(Json(row),)| row).collect()
}

pub(super) async fn visitors(db: &Db, scope: SiteScope, selves: &[VisitorId]) -> DbResult<Vec<Value>> {
    fetch_all!(
        db: db, Document,
        sqlite: "SELECT json_object('id', lower(hex(v.id)), 'name', v.name, 'email', v.email, 'external_id', v.external_id, 'attributes', json(v.attributes),
                   'language', v.language, 'user_agent', v.user_agent, 'first_seen_at', v.first_seen_at, 'last_seen_at', v.last_seen_at)
                 FROM jsonb_each($3) k CROSS JOIN visitors v ON v.tenant_id = $1 AND v.id = unhex(k.value, '-') WHERE v.site_id = $2",
        postgres: "SELECT jsonb_build_object('id', replace(v.id::text, '-', ''), 'name', v.name, 'email', v.email, 'external_id', v.external_id, 'attributes', v.attributes,
                     'language', v.language, 'user_agent', v.user_agent, 'first_seen_at', v.first_seen_at, 'last_seen_at', v.last_seen_at)
                   FROM jsonb_array_elements_text($3) k JOIN visitors v ON v.tenant_id = $1 AND v.id = k::uuid WHERE v.site_id = $2",
        scope.tenant(), scope.site(), Json(selves)
    )
    .map(documents)
}

pub(super) async fn offline_messages(db: &Db, scope: SiteScope, selves: &[VisitorId]) -> DbResult<Vec<Value>> {
    fetch_all!(
        db: db, Document,
        sqlite: "SELECT json_object('name', m.name, 'email', m.email, 'text', m.text, 'page_url', m.page_url, 'at', m.at)
                 FROM jsonb_each($3) k CROSS JOIN offline_messages m ON m.tenant_id = $1 AND m.visitor_id = unhex(k.value, '-') WHERE m.site_id = $2 ORDER BY m.at",
        postgres: "SELECT jsonb_build_object('name', m.name, 'email', m.email, 'text', m.text, 'page_url', m.page_url, 'at', m.at)
                   FROM jsonb_array_elements_text($3) k JOIN offline_messages m ON m.tenant_id = $1 AND m.visitor_id = k::uuid WHERE m.site_id = $2 ORDER BY m.at",
        scope.tenant(), scope.site(), Json(selves)
    )
    .map(documents)
}

pub(super) async fn visits(db: &Db, scope: SiteScope, selves: &[VisitorId]) -> DbResult<Vec<Value>> {
    fetch_all!(
        db: db, Document,
        sqlite: "SELECT json_object('started_at', s.started_at, 'last_seen_at', s.last_seen_at, 'page_views', s.page_views, 'entry_url', s.entry_url,
                   'referrer', s.referrer, 'page_url', s.page_url, 'page_title', s.page_title)
                 FROM jsonb_each($3) k CROSS JOIN visits s ON s.tenant_id = $1 AND s.visitor_id = unhex(k.value, '-') WHERE s.site_id = $2 ORDER BY s.started_at",
        postgres: "SELECT jsonb_build_object('started_at', s.started_at, 'last_seen_at', s.last_seen_at, 'page_views', s.page_views, 'entry_url', s.entry_url,
                     'referrer', s.referrer, 'page_url', s.page_url, 'page_title', s.page_title)
                   FROM jsonb_array_elements_text($3) k JOIN visits s ON s.tenant_id = $1 AND s.visitor_id = k::uuid WHERE s.site_id = $2 ORDER BY s.started_at",
        scope.tenant(), scope.site(), Json(selves)
    )
    .map(documents)
}

pub(super) async fn page_views(db: &Db, scope: SiteScope, selves: &[VisitorId]) -> DbResult<Vec<Value>> {
    fetch_all!(
        db: db, Document,
        sqlite: "SELECT json_object('at', p.at, 'url', p.url, 'title', p.title)
                 FROM jsonb_each($2) k CROSS JOIN page_views p ON p.tenant_id = $1 AND p.visitor_id = unhex(k.value, '-') ORDER BY p.at LIMIT 10000",
        postgres: "SELECT jsonb_build_object('at', p.at, 'url', p.url, 'title', p.title)
                   FROM jsonb_array_elements_text($2) k JOIN page_views p ON p.tenant_id = $1 AND p.visitor_id = k::uuid ORDER BY p.at LIMIT 10000",
        scope.tenant(), Json(selves)
    )
    .map(documents)
}

pub(super) async fn crowd_messages(db: &Db, scope: SiteScope, selves: &[VisitorId]) -> DbResult<Vec<Value>> {
    fetch_all!(
        db: db, Document,
        sqlite: "SELECT json_object('crowd', c.name, 'name', COALESCE(n.name, m.sender_name), 'at', m.at, 'data', json(m.data))
                 FROM jsonb_each($3) k CROSS JOIN crowd_messages m ON m.tenant_id = $1 AND m.sender_id = unhex(k.value, '-') AND m.client_message_id IS NOT NULL
                 JOIN crowds c ON c.tenant_id = m.tenant_id AND c.id = m.crowd_id AND c.site_id = $2
                 LEFT JOIN crowd_names n ON n.tenant_id = m.tenant_id AND n.visitor_id = m.sender_id ORDER BY m.at LIMIT 10000",
        postgres: "SELECT jsonb_build_object('crowd', c.name, 'name', COALESCE(n.name, m.sender_name), 'at', m.at, 'data', m.data)
                   FROM jsonb_array_elements_text($3) k JOIN crowd_messages m ON m.tenant_id = $1 AND m.sender_id = k::uuid AND m.client_message_id IS NOT NULL
                   JOIN crowds c ON c.tenant_id = m.tenant_id AND c.id = m.crowd_id AND c.site_id = $2
                   LEFT JOIN crowd_names n ON n.tenant_id = m.tenant_id AND n.visitor_id = m.sender_id ORDER BY m.at LIMIT 10000",
        scope.tenant(), scope.site(), Json(selves)
    )
    .map(documents)
}

pub(super) async fn erase(tx: &mut Tx, scope: SiteScope, selves: &[VisitorId], now: Millis) -> DbResult<()> {
    for visitor in selves {
        let (tenant, visitor) = (scope.tenant(), *visitor);
        execute!(
            tx,
            "UPDATE visitors SET name = NULL, email = NULL, confirmed_email = NULL, external_id = NULL, attributes = '{}', user_agent = NULL, language = NULL, time_zone = NULL, erased_at = $3
             WHERE tenant_id = $1 AND id = $2",
            tenant, visitor, now
        )?;
        erase_messages(tx, scope, selves, visitor).await?;
        execute!(
            tx,
            "UPDATE ratings SET comment = NULL WHERE tenant_id = $1 AND conversation_id IN (SELECT id FROM conversations WHERE tenant_id = $1 AND visitor_id = $2)",
            tenant,
            visitor
        )?;
        // Without a message and old enough for the next removal of unsent files.
        execute!(
            tx,
            "UPDATE files SET conversation_id = NULL, seq = NULL, created_at = 0 WHERE tenant_id = $1 AND uploader_id = $2",
            tenant,
            visitor
        )?;
        execute!(tx, "DELETE FROM offline_messages WHERE tenant_id = $1 AND visitor_id = $2", tenant, visitor)?;
        webhooks::forget_visitor(tx, scope.wide(), visitor).await?;
        execute!(tx, "DELETE FROM email_codes WHERE tenant_id = $1 AND visitor_id = $2", tenant, visitor)?;
        forget(tx, scope, visitor).await?;
    }
    Ok(())
}

/// What a visitor wrote: found by the conversations of all that they are, because the log has no index of senders.
async fn erase_messages(tx: &mut Tx, scope: SiteScope, selves: &[VisitorId], visitor: VisitorId) -> DbResult<()> {
    execute!(
        tx,
        sqlite: "UPDATE messages SET sender_name = NULL, data = CASE type WHEN 'message.posted' THEN '{\"kind\":\"retracted\"}'
                   WHEN 'message.edited' THEN json_object('target', data ->> 'target')
                   WHEN 'rating.given' THEN json_object('score', data ->> 'score', 'comment', NULL) ELSE data END
                 WHERE tenant_id = $1 AND sender_id = $2
                   AND conversation_id IN (SELECT id FROM conversations WHERE tenant_id = $1 AND visitor_id IN (SELECT unhex(value, '-') FROM jsonb_each($3)))",
        postgres: "UPDATE messages SET sender_name = NULL, data = CASE type WHEN 'message.posted' THEN '{\"kind\":\"retracted\"}'
                     WHEN 'message.edited' THEN jsonb_build_object('target', data -> 'target')
                     WHEN 'rating.given' THEN jsonb_build_object('score', data -> 'score', 'comment', NULL) ELSE data END
                   WHERE tenant_id = $1 AND sender_id = $2
                     AND conversation_id IN (SELECT id FROM conversations WHERE tenant_id = $1 AND visitor_id IN (SELECT value::uuid FROM jsonb_array_elements_text($3)))",
        scope.tenant(), visitor, Json(selves)
    )
    .map(drop)
}

/// Deletes what is kept of a visitor beside the log; what was counted of them stays, without whom.
async fn forget(tx: &mut Tx, scope: SiteScope, visitor: VisitorId) -> DbResult<()> {
    let tenant = scope.tenant();
    execute!(
        tx,
        "UPDATE crowd_messages SET sender_name = NULL, data = '{\"kind\":\"retracted\"}' WHERE tenant_id = $1 AND sender_id = $2 AND client_message_id IS NOT NULL",
        tenant,
        visitor
    )?;
    execute!(tx, "DELETE FROM crowd_names WHERE tenant_id = $1 AND visitor_id = $2", tenant, visitor)?;
    execute!(tx, "DELETE FROM crowd_members WHERE tenant_id = $1 AND visitor_id = $2", tenant, visitor)?;
    execute!(tx, "DELETE FROM promotion_offers WHERE tenant_id = $1 AND visitor_id = $2", tenant, visitor)?;
    execute!(tx, "DELETE FROM promotion_assignments WHERE tenant_id = $1 AND visitor_id = $2", tenant, visitor)?;
    execute!(tx, "DELETE FROM promotion_orders WHERE tenant_id = $1 AND visitor_id = $2", tenant, visitor)?;
    execute!(tx, "DELETE FROM unanswered_questions WHERE tenant_id = $1 AND visitor_id = $2", tenant, visitor)?;
    execute!(tx, "DELETE FROM page_views WHERE tenant_id = $1 AND visitor_id = $2", tenant, visitor)?;
    execute!(tx, "DELETE FROM visits WHERE tenant_id = $1 AND visitor_id = $2", tenant, visitor)?;
    execute!(tx, "DELETE FROM devices WHERE tenant_id = $1 AND participant_id = $2", tenant, visitor)?;
    Ok(())
}
