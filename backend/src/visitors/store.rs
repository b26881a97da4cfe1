//! SQL of visitors.

use serde_json::{Value, json};
use sqlx::types::Json;

use super::{Acting, Visitor};
use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx, execute, fetch_optional};
use crate::ids::VisitorId;
use crate::scope::TenantScope;

pub(super) async fn find(db: &Db, scope: TenantScope, id: VisitorId) -> DbResult<Option<Visitor>> {
    fetch_optional!(
        db: db, Visitor,
        "SELECT id, site_id, name, email, language, user_agent, first_seen_at, last_seen_at FROM visitors WHERE tenant_id = $1 AND id = $2",
        scope.tenant(), id
    )
}

pub(super) async fn upsert(tx: &mut Tx, acting: &[Acting], now: Millis) -> DbResult<()> {
    if acting.is_empty() {
        return Ok(());
    }
    let rows: Vec<Value> = acting
        .iter()
        .map(|Acting { scope, visitor, device, profile }| {
            json!({"tenant_id": scope.tenant(), "id": visitor, "site_id": scope.site(), "device_id": device, "name": profile.name, "email": profile.email,
                   "language": profile.language, "user_agent": profile.user_agent, "now": now})
        })
        .collect();
    execute!(
        tx,
        sqlite: "INSERT INTO visitors (tenant_id, id, site_id, name, email, attributes, language, user_agent, first_seen_at, last_seen_at)
                 SELECT unhex(r.value ->> 'tenant_id', '-'), unhex(r.value ->> 'id', '-'), unhex(r.value ->> 'site_id', '-'), r.value ->> 'name', r.value ->> 'email', '{}',
                   r.value ->> 'language', r.value ->> 'user_agent', r.value ->> 'now', r.value ->> 'now' FROM json_each($1) r WHERE true
                 ON CONFLICT (tenant_id, id) DO UPDATE SET
                   name = COALESCE(excluded.name, visitors.name), email = COALESCE(excluded.email, visitors.email),
                   language = COALESCE(excluded.language, visitors.language), user_agent = COALESCE(excluded.user_agent, visitors.user_agent),
                   last_seen_at = excluded.last_seen_at",
        postgres: "INSERT INTO visitors (tenant_id, id, site_id, name, email, attributes, language, user_agent, first_seen_at, last_seen_at)
                   SELECT tenant_id, id, site_id, name, email, '{}', language, user_agent, now, now
                   FROM jsonb_to_recordset($1) AS r(tenant_id uuid, id uuid, site_id uuid, name text, email text, language text, user_agent text, now bigint) ORDER BY id
                   ON CONFLICT (tenant_id, id) DO UPDATE SET
                     name = COALESCE(excluded.name, visitors.name), email = COALESCE(excluded.email, visitors.email),
                     language = COALESCE(excluded.language, visitors.language), user_agent = COALESCE(excluded.user_agent, visitors.user_agent),
                     last_seen_at = excluded.last_seen_at",
        Json(&rows)
    )?;
    execute!(
        tx,
        sqlite: "INSERT INTO devices (tenant_id, participant_id, id, user_agent, first_seen_at, last_seen_at)
                 SELECT unhex(r.value ->> 'tenant_id', '-'), unhex(r.value ->> 'id', '-'), unhex(r.value ->> 'device_id', '-'), r.value ->> 'user_agent',
                   r.value ->> 'now', r.value ->> 'now' FROM json_each($1) r WHERE true
                 ON CONFLICT (tenant_id, participant_id, id) DO UPDATE SET user_agent = COALESCE(excluded.user_agent, devices.user_agent), last_seen_at = excluded.last_seen_at",
        postgres: "INSERT INTO devices (tenant_id, participant_id, id, user_agent, first_seen_at, last_seen_at)
                   SELECT tenant_id, id, device_id, user_agent, now, now
                   FROM jsonb_to_recordset($1) AS r(tenant_id uuid, id uuid, device_id uuid, user_agent text, now bigint) ORDER BY id
                   ON CONFLICT (tenant_id, participant_id, id) DO UPDATE SET user_agent = COALESCE(excluded.user_agent, devices.user_agent), last_seen_at = excluded.last_seen_at",
        Json(&rows)
    )
    .map(drop)
}
