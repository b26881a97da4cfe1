//! SQL of visitors.

use super::{Profile, Visitor};
use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx, execute, fetch_optional};
use crate::ids::VisitorId;
use crate::scope::{SiteScope, TenantScope};

pub(super) async fn find(db: &Db, scope: TenantScope, id: VisitorId) -> DbResult<Option<Visitor>> {
    fetch_optional!(
        db: db, Visitor,
        "SELECT id, site_id, name, email, language, user_agent, first_seen_at, last_seen_at FROM visitors WHERE tenant_id = $1 AND id = $2",
        scope.tenant(), id
    )
}

pub(super) async fn upsert(tx: &mut Tx, scope: SiteScope, id: VisitorId, profile: &Profile, now: Millis) -> DbResult<()> {
    execute!(
        tx,
        "INSERT INTO visitors (tenant_id, id, site_id, name, email, attributes, language, user_agent, first_seen_at, last_seen_at)
         VALUES ($1, $2, $3, $4, $5, '{}', $6, $7, $8, $8)
         ON CONFLICT (tenant_id, id) DO UPDATE SET
           name = COALESCE(excluded.name, visitors.name), email = COALESCE(excluded.email, visitors.email),
           language = COALESCE(excluded.language, visitors.language), user_agent = COALESCE(excluded.user_agent, visitors.user_agent),
           last_seen_at = excluded.last_seen_at",
        scope.tenant(),
        id,
        scope.site(),
        &profile.name,
        &profile.email,
        &profile.language,
        &profile.user_agent,
        now
    )
    .map(drop)
}
