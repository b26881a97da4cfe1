//! SQL of webhooks and their deliveries.

use std::collections::BTreeSet;

use serde_json::json;
use sqlx::types::Json;

use super::{Delivery, Due, Happened, Listening, NewWebhook, Outcome, Webhook, WebhookUpdate};
use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx, execute, fetch_all, fetch_one};
use crate::ids::{ConversationId, DeliveryId, TenantId, VisitorId, WebhookId};
use crate::scope::{SystemScope, TenantScope};

pub(super) async fn list(db: &Db, scope: TenantScope, since: Millis) -> DbResult<Vec<Webhook>> {
    fetch_all!(
        db: db, Webhook,
        "SELECT w.id, w.url, w.name, w.secret, w.events, w.site_id, w.created_at, w.paused_at,
           (SELECT COUNT(*) FROM webhook_deliveries d WHERE d.tenant_id = w.tenant_id AND d.webhook_id = w.id AND d.created_at >= $2 AND d.delivered_at IS NOT NULL) AS delivered,
           (SELECT COUNT(*) FROM webhook_deliveries d WHERE d.tenant_id = w.tenant_id AND d.webhook_id = w.id AND d.delivered_at IS NULL AND d.failed_at IS NULL) AS waiting,
           (SELECT COUNT(*) FROM webhook_deliveries d WHERE d.tenant_id = w.tenant_id AND d.webhook_id = w.id AND d.created_at >= $2 AND d.failed_at IS NOT NULL) AS failed
         FROM webhooks w WHERE w.tenant_id = $1 ORDER BY w.created_at, w.id",
        scope.tenant(), since
    )
}

pub(super) async fn count(tx: &mut Tx, scope: TenantScope) -> DbResult<i64> {
    let (count,): (i64,) = fetch_one!(tx: tx, (i64,), "SELECT COUNT(*) FROM webhooks WHERE tenant_id = $1", scope.tenant())?;
    Ok(count)
}

pub(super) async fn insert(
    tx: &mut Tx,
    scope: TenantScope,
    (id, new): (WebhookId, &NewWebhook),
    secret: &[u8],
    now: Millis,
) -> DbResult<()> {
    execute!(
        tx,
        "INSERT INTO webhooks (tenant_id, id, url, name, secret, events, site_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        scope.tenant(),
        id,
        &new.url,
        &new.name,
        secret,
        Json(&new.events),
        new.site,
        now
    )
    .map(drop)
}

pub(super) async fn update(tx: &mut Tx, scope: TenantScope, id: WebhookId, update: &WebhookUpdate) -> DbResult<bool> {
    let changed = execute!(
        tx,
        "UPDATE webhooks SET name = COALESCE($3, name), url = COALESCE($4, url), events = COALESCE($5, events),
           site_id = CASE WHEN $6 = 1 THEN $7 ELSE site_id END, paused_at = CASE WHEN $8 = 1 THEN $9 ELSE paused_at END
         WHERE tenant_id = $1 AND id = $2",
        scope.tenant(),
        id,
        &update.name,
        &update.url,
        update.events.as_ref().map(Json),
        i64::from(update.site.is_some()),
        update.site.flatten(),
        i64::from(update.paused_at.is_some()),
        update.paused_at.flatten()
    )?;
    Ok(changed > 0)
}

pub(super) async fn update_secret(tx: &mut Tx, scope: TenantScope, id: WebhookId, secret: &[u8]) -> DbResult<bool> {
    let changed = execute!(tx, "UPDATE webhooks SET secret = $3 WHERE tenant_id = $1 AND id = $2", scope.tenant(), id, secret)?;
    Ok(changed > 0)
}

pub(super) async fn delete(tx: &mut Tx, scope: TenantScope, id: WebhookId) -> DbResult<bool> {
    execute!(tx, "DELETE FROM webhook_deliveries WHERE tenant_id = $1 AND webhook_id = $2", scope.tenant(), id)?;
    let deleted = execute!(tx, "DELETE FROM webhooks WHERE tenant_id = $1 AND id = $2", scope.tenant(), id)?;
    Ok(deleted > 0)
}

pub(super) async fn list_deliveries(
    db: &Db,
    scope: TenantScope,
    id: WebhookId,
    after: Option<(Millis, DeliveryId)>,
    limit: i64,
) -> DbResult<Vec<Delivery>> {
    let (at, last) = after.map_or((Millis::MAX, None), |(at, id)| (at, Some(id)));
    fetch_all!(
        db: db, Delivery,
        "SELECT id, event, body, created_at, run_at, leased_until, attempts, attempted_at, response_status, duration_ms, last_error, delivered_at, failed_at
         FROM webhook_deliveries WHERE tenant_id = $1 AND webhook_id = $2 AND (created_at < $3 OR (created_at = $3 AND id < $4))
         ORDER BY created_at DESC, id DESC LIMIT $5",
        scope.tenant(), id, at, last, limit
    )
}

pub(super) async fn replay(tx: &mut Tx, scope: TenantScope, (webhook, id): (WebhookId, DeliveryId), now: Millis) -> DbResult<bool> {
    let changed = execute!(
        tx,
        "UPDATE webhook_deliveries SET run_at = $4, attempts = 0, leased_until = NULL, delivered_at = NULL, failed_at = NULL
         WHERE tenant_id = $1 AND webhook_id = $2 AND id = $3",
        scope.tenant(),
        webhook,
        id,
        now
    )?;
    Ok(changed > 0)
}

pub(super) async fn listening(tx: &mut Tx, tenants: &BTreeSet<TenantId>) -> DbResult<Vec<Listening>> {
    fetch_all!(
        tx: tx, Listening,
        sqlite: "SELECT tenant_id, id, events, site_id FROM webhooks
                 WHERE paused_at IS NULL AND tenant_id IN (SELECT unhex(value, '-') FROM jsonb_each($1))",
        postgres: "SELECT tenant_id, id, events, site_id FROM webhooks
                   WHERE paused_at IS NULL AND tenant_id IN (SELECT value::uuid FROM jsonb_array_elements_text($1))",
        Json(tenants)
    )
}

pub(super) async fn insert_deliveries(tx: &mut Tx, rows: &[(WebhookId, &Happened)], now: Millis) -> DbResult<()> {
    let rows: Vec<_> = rows
        .iter()
        .map(|(webhook, event)| {
            json!({
                "tenant_id": event.tenant, "webhook_id": webhook, "id": event.id, "event": event.kind, "body": event.body(),
                "visitor_id": event.visitor, "conversation_id": event.message.map(|(conversation, _)| conversation),
                "message_seq": event.message.map(|(_, seq)| seq), "created_at": event.at, "run_at": now,
            })
        })
        .collect();
    execute!(
        tx,
        sqlite: "INSERT INTO webhook_deliveries (tenant_id, webhook_id, id, event, body, visitor_id, conversation_id, message_seq, created_at, run_at, attempts)
                 SELECT unhex(r.value ->> 'tenant_id', '-'), unhex(r.value ->> 'webhook_id', '-'), unhex(r.value ->> 'id', '-'), r.value ->> 'event',
                   r.value ->> 'body', unhex(r.value ->> 'visitor_id', '-'), unhex(r.value ->> 'conversation_id', '-'), r.value ->> 'message_seq', r.value ->> 'created_at', r.value ->> 'run_at', 0 FROM jsonb_each($1) r WHERE true
                 ON CONFLICT (tenant_id, webhook_id, id) DO NOTHING",
        postgres: "INSERT INTO webhook_deliveries (tenant_id, webhook_id, id, event, body, visitor_id, conversation_id, message_seq, created_at, run_at, attempts)
                   SELECT tenant_id, webhook_id, id, event, body, visitor_id, conversation_id, message_seq, created_at, run_at, 0
                   FROM jsonb_to_recordset($1) AS r(tenant_id uuid, webhook_id uuid, id uuid, event text, body text, visitor_id uuid, conversation_id uuid,
                     message_seq bigint, created_at bigint, run_at bigint)
                   ON CONFLICT (tenant_id, webhook_id, id) DO NOTHING",
        Json(rows)
    )
    .map(drop)
}

/// Takes the text of a retracted message out of what was and will be sent.
pub(super) async fn forget_message(tx: &mut Tx, scope: TenantScope, conversation: ConversationId, seq: i64) -> DbResult<()> {
    execute!(
        tx,
        "UPDATE webhook_deliveries SET body = '{\"v\":1,\"data\":{\"kind\":\"retracted\"}}' WHERE tenant_id = $1 AND conversation_id = $2 AND message_seq = $3",
        scope.tenant(),
        conversation,
        seq
    )
    .map(drop)
}

pub(super) async fn forget_visitor(tx: &mut Tx, scope: TenantScope, visitor: VisitorId) -> DbResult<()> {
    execute!(tx, "DELETE FROM webhook_deliveries WHERE tenant_id = $1 AND visitor_id = $2", scope.tenant(), visitor).map(drop)
}

pub(super) async fn is_due(db: &Db, _: SystemScope, now: Millis) -> DbResult<bool> {
    let (due,): (i64,) = fetch_one!(
        db: db, (i64,),
        "SELECT COUNT(*) FROM (SELECT 1 FROM webhook_deliveries
         WHERE delivered_at IS NULL AND failed_at IS NULL AND run_at <= $1 AND (leased_until IS NULL OR leased_until < $1) LIMIT 1) due",
        now
    )?;
    Ok(due > 0)
}

/// Deliveries of one webhook that a node holds at once.
const OF_ONE: i64 = 4;

pub(super) async fn count_waiting(db: &Db, _: SystemScope) -> DbResult<i64> {
    let (count,): (i64,) =
        fetch_one!(db: db, (i64,), "SELECT COUNT(*) FROM webhook_deliveries WHERE delivered_at IS NULL AND failed_at IS NULL")?;
    Ok(count)
}

pub(super) async fn claim(db: &Db, _: SystemScope, (now, until): (Millis, Millis), limit: i64) -> DbResult<Vec<Due>> {
    let mut tx = db.begin().await?;
    let claimed = fetch_all!(
        tx: &mut tx, Due,
        sqlite: "UPDATE webhook_deliveries SET leased_until = $2, attempts = attempts + 1
                 FROM (SELECT tenant_id, webhook_id, id, row_number() OVER (PARTITION BY tenant_id, webhook_id ORDER BY run_at, id) AS place
                       FROM webhook_deliveries WHERE delivered_at IS NULL AND failed_at IS NULL AND run_at <= $1 AND (leased_until IS NULL OR leased_until < $1)
                       ORDER BY place, run_at LIMIT $3) AS c
                 WHERE c.place <= $4 AND webhook_deliveries.tenant_id = c.tenant_id AND webhook_deliveries.webhook_id = c.webhook_id
                   AND webhook_deliveries.id = c.id
                 RETURNING tenant_id, webhook_id, id, body, attempts,
                   (SELECT w.url FROM webhooks w WHERE w.tenant_id = webhook_deliveries.tenant_id AND w.id = webhook_deliveries.webhook_id) AS url,
                   (SELECT w.secret FROM webhooks w WHERE w.tenant_id = webhook_deliveries.tenant_id AND w.id = webhook_deliveries.webhook_id) AS secret",
        postgres: "WITH due AS (
                     SELECT tenant_id, webhook_id, id, run_at FROM webhook_deliveries
                     WHERE delivered_at IS NULL AND failed_at IS NULL AND run_at <= $1 AND (leased_until IS NULL OR leased_until < $1)
                     FOR UPDATE SKIP LOCKED),
                   c AS (SELECT tenant_id, webhook_id, id, run_at, row_number() OVER (PARTITION BY tenant_id, webhook_id ORDER BY run_at, id) AS place FROM due
                         ORDER BY place, run_at LIMIT $3)
                   UPDATE webhook_deliveries AS d SET leased_until = $2, attempts = d.attempts + 1 FROM c, webhooks AS w
                   WHERE c.place <= $4 AND d.tenant_id = c.tenant_id AND d.webhook_id = c.webhook_id AND d.id = c.id
                     AND w.tenant_id = d.tenant_id AND w.id = d.webhook_id
                   RETURNING d.tenant_id, d.webhook_id, d.id, d.body, d.attempts, w.url, w.secret",
        now, until, limit, OF_ONE
    )?;
    tx.commit().await?;
    Ok(claimed)
}

pub(super) async fn settle(
    db: &Db,
    scope: TenantScope,
    due: &Due,
    outcome: &Outcome,
    (now, again): (Millis, Millis),
    (delivered, failed): (Option<Millis>, Option<Millis>),
) -> DbResult<()> {
    let mut tx = db.begin().await?;
    execute!(
        &mut tx,
        "UPDATE webhook_deliveries SET leased_until = NULL, run_at = $4, attempted_at = $5, response_status = $6, duration_ms = $7, last_error = $8,
           delivered_at = $9, failed_at = $10
         WHERE tenant_id = $1 AND webhook_id = $2 AND id = $3",
        scope.tenant(),
        due.webhook_id,
        due.id,
        again,
        now,
        outcome.status,
        outcome.duration_ms,
        &outcome.error,
        delivered,
        failed
    )?;
    tx.commit().await
}

pub(super) async fn delete_oldest(db: &Db, _: SystemScope, before: Millis) -> DbResult<u64> {
    let mut tx = db.begin().await?;
    let deleted = execute!(
        &mut tx,
        "DELETE FROM webhook_deliveries WHERE created_at < $1 AND (delivered_at IS NOT NULL OR failed_at IS NOT NULL)",
        before
    )?;
    tx.commit().await?;
    Ok(deleted)
}
