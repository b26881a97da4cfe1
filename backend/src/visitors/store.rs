//! SQL of visitors.

use serde_json::{Map, Value, json};
use sqlx::types::Json;

use super::{Acting, Visitor, VisitorUpdate};
use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx, execute, fetch_all, fetch_optional};
use crate::ids::{TenantId, VisitorId};
use crate::scope::{SiteScope, TenantScope};

pub(super) async fn find(db: &Db, scope: TenantScope, id: VisitorId) -> DbResult<Option<Visitor>> {
    fetch_optional!(
        db: db, Visitor,
        "SELECT id, site_id, name, email, language, user_agent, time_zone, external_id, attributes, prechat_at, confirmed_email, erased_at,
           first_seen_at, last_seen_at FROM visitors WHERE tenant_id = $1 AND id = $2",
        scope.tenant(), id
    )
}

pub(super) async fn find_all(db: &Db, keys: &[(TenantId, VisitorId)]) -> DbResult<Vec<(i64, Visitor)>> {
    #[derive(sqlx::FromRow)]
    struct Placed {
        place: i64,
        #[sqlx(flatten)]
        visitor: Visitor,
    }
    let rows = fetch_all!(
        db: db, Placed,
        sqlite: "SELECT k.key AS place, v.id, v.site_id, v.name, v.email, v.language, v.user_agent, v.time_zone, v.external_id, v.attributes, v.prechat_at,
                   v.confirmed_email, v.erased_at, v.first_seen_at, v.last_seen_at
                 FROM jsonb_each($1) k CROSS JOIN visitors v ON v.tenant_id = unhex(k.value ->> 0, '-') AND v.id = unhex(k.value ->> 1, '-')",
        postgres: "SELECT k.place - 1 AS place, v.id, v.site_id, v.name, v.email, v.language, v.user_agent, v.time_zone, v.external_id, v.attributes, v.prechat_at,
                     v.confirmed_email, v.erased_at, v.first_seen_at, v.last_seen_at
                   FROM jsonb_array_elements($1) WITH ORDINALITY AS k(value, place)
                   JOIN visitors v ON v.tenant_id = (k.value ->> 0)::uuid AND v.id = (k.value ->> 1)::uuid",
        Json(keys)
    )?;
    Ok(rows.into_iter().map(|Placed { place, visitor }| (place, visitor)).collect())
}

/// When somebody was seen last is kept to the minute: a row that was written a moment ago is locked and left as it is, so that a lively
/// conversation does not write three rows for every message.
pub(super) async fn upsert(tx: &mut Tx, acting: &[Acting], now: Millis) -> DbResult<()> {
    if acting.is_empty() {
        return Ok(());
    }
    let rows: Vec<Value> = acting
        .iter()
        .map(|Acting { scope, visitor, device, profile }| {
            json!({"tenant_id": scope.tenant(), "id": visitor, "site_id": scope.site(), "device_id": device, "name": profile.name, "email": profile.email,
                   "language": profile.language, "user_agent": profile.user_agent, "time_zone": profile.time_zone, "now": now})
        })
        .collect();
    execute!(
        tx,
        sqlite: "INSERT INTO visitors (tenant_id, id, site_id, name, email, attributes, language, user_agent, time_zone, first_seen_at, last_seen_at)
                 SELECT unhex(r.value ->> 'tenant_id', '-'), unhex(r.value ->> 'id', '-'), unhex(r.value ->> 'site_id', '-'), r.value ->> 'name', r.value ->> 'email', '{}',
                   r.value ->> 'language', r.value ->> 'user_agent', r.value ->> 'time_zone', r.value ->> 'now', r.value ->> 'now' FROM jsonb_each($1) r WHERE true
                 ON CONFLICT (tenant_id, id) DO UPDATE SET
                   name = COALESCE(excluded.name, visitors.name), email = COALESCE(excluded.email, visitors.email),
                   language = COALESCE(excluded.language, visitors.language), user_agent = COALESCE(excluded.user_agent, visitors.user_agent),
                   time_zone = COALESCE(excluded.time_zone, visitors.time_zone),
                   last_seen_at = excluded.last_seen_at
                 WHERE excluded.last_seen_at - visitors.last_seen_at >= 60000
                   OR COALESCE(excluded.name, visitors.name) IS DISTINCT FROM visitors.name
                   OR COALESCE(excluded.email, visitors.email) IS DISTINCT FROM visitors.email
                   OR COALESCE(excluded.language, visitors.language) IS DISTINCT FROM visitors.language
                   OR COALESCE(excluded.user_agent, visitors.user_agent) IS DISTINCT FROM visitors.user_agent
                   OR COALESCE(excluded.time_zone, visitors.time_zone) IS DISTINCT FROM visitors.time_zone",
        postgres: "INSERT INTO visitors (tenant_id, id, site_id, name, email, attributes, language, user_agent, time_zone, first_seen_at, last_seen_at)
                   SELECT tenant_id, id, site_id, name, email, '{}', language, user_agent, time_zone, now, now
                   FROM jsonb_to_recordset($1) AS r(tenant_id uuid, id uuid, site_id uuid, name text, email text, language text, user_agent text, time_zone text, now bigint) ORDER BY id
                   ON CONFLICT (tenant_id, id) DO UPDATE SET
                     name = COALESCE(excluded.name, visitors.name), email = COALESCE(excluded.email, visitors.email),
                     language = COALESCE(excluded.language, visitors.language), user_agent = COALESCE(excluded.user_agent, visitors.user_agent),
                     time_zone = COALESCE(excluded.time_zone, visitors.time_zone),
                     last_seen_at = excluded.last_seen_at
                   WHERE excluded.last_seen_at - visitors.last_seen_at >= 60000
                     OR COALESCE(excluded.name, visitors.name) IS DISTINCT FROM visitors.name
                     OR COALESCE(excluded.email, visitors.email) IS DISTINCT FROM visitors.email
                     OR COALESCE(excluded.language, visitors.language) IS DISTINCT FROM visitors.language
                     OR COALESCE(excluded.user_agent, visitors.user_agent) IS DISTINCT FROM visitors.user_agent
                     OR COALESCE(excluded.time_zone, visitors.time_zone) IS DISTINCT FROM visitors.time_zone",
        Json(&rows)
    )?;
    execute!(
        tx,
        sqlite: "INSERT INTO devices (tenant_id, participant_id, id, user_agent, first_seen_at, last_seen_at)
                 SELECT unhex(r.value ->> 'tenant_id', '-'), unhex(r.value ->> 'id', '-'), unhex(r.value ->> 'device_id', '-'), r.value ->> 'user_agent',
                   r.value ->> 'now', r.value ->> 'now' FROM jsonb_each($1) r WHERE true
                 ON CONFLICT (tenant_id, participant_id, id) DO UPDATE SET user_agent = COALESCE(excluded.user_agent, devices.user_agent), last_seen_at = excluded.last_seen_at
                 WHERE excluded.last_seen_at - devices.last_seen_at >= 60000 OR COALESCE(excluded.user_agent, devices.user_agent) IS DISTINCT FROM devices.user_agent",
        postgres: "INSERT INTO devices (tenant_id, participant_id, id, user_agent, first_seen_at, last_seen_at)
                   SELECT tenant_id, id, device_id, user_agent, now, now
                   FROM jsonb_to_recordset($1) AS r(tenant_id uuid, id uuid, device_id uuid, user_agent text, now bigint) ORDER BY id
                   ON CONFLICT (tenant_id, participant_id, id) DO UPDATE SET user_agent = COALESCE(excluded.user_agent, devices.user_agent), last_seen_at = excluded.last_seen_at
                   WHERE excluded.last_seen_at - devices.last_seen_at >= 60000 OR COALESCE(excluded.user_agent, devices.user_agent) IS DISTINCT FROM devices.user_agent",
        Json(&rows)
    )
    .map(drop)
}

/// Answers who of them became part of whom. The one writer of SQLite holds its lock already, and writes in the order in which it was asked.
pub(super) async fn lock(tx: &mut Tx, ids: &[(TenantId, VisitorId)]) -> DbResult<Vec<(VisitorId, VisitorId)>> {
    let Tx::Postgres(tx) = tx else { return Ok(Vec::new()) };
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let (tenants, visitors): (Vec<_>, Vec<_>) = ids.iter().map(|(tenant, visitor)| (tenant.0, visitor.0)).unzip();
    // Each is looked for by itself, whatever plan was made while there were few.
    let merged = sqlx::query_as(
        "SELECT k.id, locked.merged_into FROM (SELECT * FROM UNNEST($1::uuid[], $2::uuid[]) AS k(tenant_id, id) ORDER BY id) k
         CROSS JOIN LATERAL (SELECT merged_into FROM visitors WHERE tenant_id = k.tenant_id AND id = k.id LIMIT 1 FOR UPDATE) locked
         WHERE locked.merged_into IS NOT NULL",
    );
    Ok(merged.bind(tenants).bind(visitors).fetch_all(&mut **tx).await?)
}

pub(super) async fn update(tx: &mut Tx, scope: TenantScope, id: VisitorId, update: &VisitorUpdate) -> DbResult<Option<bool>> {
    let found = fetch_all!(
        tx: tx, (Json<Map<String, Value>>,),
        sqlite: "SELECT attributes FROM visitors WHERE tenant_id = $1 AND id = $2",
        postgres: "SELECT attributes FROM visitors WHERE tenant_id = $1 AND id = $2 FOR UPDATE",
        scope.tenant(), id
    )?;
    let Some((Json(attributes),)) = found.into_iter().next() else { return Ok(None) };
    let Some(attributes) = update.merged(attributes) else { return Ok(Some(false)) };
    execute!(
        tx,
        "UPDATE visitors SET name = CASE WHEN $3 = 1 THEN $4 ELSE name END, email = CASE WHEN $5 = 1 THEN $6 ELSE email END, attributes = $7
         WHERE tenant_id = $1 AND id = $2",
        scope.tenant(), id, i64::from(update.name.is_some()), update.name.as_ref().and_then(Option::as_ref),
        i64::from(update.email.is_some()), update.email.as_ref().and_then(Option::as_ref), Json(attributes)
    )?;
    Ok(Some(true))
}

pub(super) async fn update_prechat(tx: &mut Tx, scope: SiteScope, id: VisitorId, now: Millis) -> DbResult<()> {
    execute!(tx, "UPDATE visitors SET prechat_at = COALESCE(prechat_at, $3) WHERE tenant_id = $1 AND id = $2", scope.tenant(), id, now)
        .map(drop)
}
