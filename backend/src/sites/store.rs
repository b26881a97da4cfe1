//! SQL of sites.

use sqlx::types::Json;

use super::{NewSite, Site};
use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx, execute, fetch_all, fetch_optional};
use crate::ids::SiteId;
use crate::scope::{SiteScope, SystemScope, TenantScope};

pub(super) async fn find_by_key(db: &Db, _: SystemScope, site_key: &str) -> DbResult<Option<Site>> {
    fetch_optional!(
        db: db, Site,
        "SELECT tenant_id, id, site_key, name, language, domains, color, side, greeting, reopen_days, offline_email, routing_mode, reassign_after_s,
           answer_goal_min, COALESCE(settings, '{}') AS settings, last_seen_at, last_seen_url, created_at,
           time_zone, business_hours, members
         FROM sites WHERE site_key = $1",
        site_key
    )
}

pub(super) async fn find(db: &Db, scope: TenantScope, id: SiteId) -> DbResult<Option<Site>> {
    fetch_optional!(
        db: db, Site,
        "SELECT tenant_id, id, site_key, name, language, domains, color, side, greeting, reopen_days, offline_email, routing_mode, reassign_after_s,
           answer_goal_min, COALESCE(settings, '{}') AS settings, last_seen_at, last_seen_url, created_at,
           time_zone, business_hours, members
         FROM sites WHERE tenant_id = $1 AND id = $2",
        scope.tenant(), id
    )
}

pub(super) async fn list(db: &Db, scope: TenantScope) -> DbResult<Vec<Site>> {
    fetch_all!(
        db: db, Site,
        "SELECT tenant_id, id, site_key, name, language, domains, color, side, greeting, reopen_days, offline_email, routing_mode, reassign_after_s,
           answer_goal_min, COALESCE(settings, '{}') AS settings, last_seen_at, last_seen_url, created_at,
           time_zone, business_hours, members
         FROM sites WHERE tenant_id = $1 ORDER BY created_at, id",
        scope.tenant()
    )
}

pub(super) async fn insert(tx: &mut Tx, scope: TenantScope, site: &NewSite) -> DbResult<()> {
    execute!(
        tx,
        "INSERT INTO sites (tenant_id, id, site_key, name, language, domains, color, side, reopen_days, identity_secret, created_at, time_zone)
         VALUES ($1, $2, $3, $4, $5, $6, '#0f7285', 'right', 14, $7, $8, $9)",
        scope.tenant(),
        site.id,
        &site.site_key,
        &site.name,
        &site.language,
        Json(&site.domains),
        &site.identity_secret,
        site.created_at,
        &site.time_zone
    )
    .map(drop)
}

pub(super) async fn update(tx: &mut Tx, scope: TenantScope, site: &Site) -> DbResult<()> {
    execute!(
        tx,
        "UPDATE sites SET name = $3, language = $4, domains = $5, color = $6, side = $7, greeting = $8, reopen_days = $9, offline_email = $10,
         time_zone = $11, business_hours = $12, members = $13, settings = $14, routing_mode = $15, reassign_after_s = $16,
         answer_goal_min = $17
         WHERE tenant_id = $1 AND id = $2",
        scope.tenant(),
        site.id,
        &site.name,
        &site.language,
        &site.domains,
        &site.color,
        &site.side,
        &site.greeting,
        site.reopen_days,
        &site.offline_email,
        &site.time_zone,
        &site.business_hours,
        &site.members,
        &site.settings,
        site.routing_mode,
        site.reassign_after_s,
        site.answer_goal_min
    )
    .map(drop)
}

pub(super) async fn update_last_seen(db: &Db, scope: SiteScope, now: Millis, url: Option<&str>) -> DbResult<()> {
    let mut tx = db.begin().await?;
    execute!(
        &mut tx,
        "UPDATE sites SET last_seen_at = $3, last_seen_url = COALESCE($4, last_seen_url) WHERE tenant_id = $1 AND id = $2",
        scope.tenant(),
        scope.site(),
        now,
        url
    )?;
    tx.commit().await
}

type Secrets = (String, Option<String>, Option<Millis>);

pub(super) async fn identity_secrets(db: &Db, scope: SiteScope) -> DbResult<Option<Secrets>> {
    fetch_optional!(
        db: db, Secrets,
        "SELECT identity_secret, previous_identity_secret, identity_rotated_at FROM sites WHERE tenant_id = $1 AND id = $2",
        scope.tenant(), scope.site()
    )
}

pub(super) async fn rotate_identity_secret(tx: &mut Tx, scope: SiteScope, secret: &str, now: Millis) -> DbResult<()> {
    execute!(
        tx,
        "UPDATE sites SET previous_identity_secret = identity_secret, identity_secret = $3, identity_rotated_at = $4 WHERE tenant_id = $1 AND id = $2",
        scope.tenant(),
        scope.site(),
        secret,
        now
    )
    .map(drop)
}
