//! Websites with a widget: their key, domains, looks and words. Knows tenants only.

mod cache;
mod days;
mod hours;
mod model;
pub mod settings;
mod store;

pub use cache::SiteCache;
pub use days::{day_of, hour_of, plus as plus_days, start_of, written as written_day};
pub use hours::{BusinessHours, Hours, WallClock, time_zone, wall_clock, written_moment};
pub(crate) use model::valid_domains;
pub use model::{Language, NewSite, RoutingMode, Site, SiteSide, SiteUpdate, domain_matches, normalise_domain, snippet};

use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx};
use crate::ids::SiteId;
use crate::scope::{SiteScope, SystemScope, TenantScope};

/// The site with this public key, over all tenants: how a hello begins.
pub async fn find_by_key(db: &Db, system: SystemScope, site_key: &str) -> DbResult<Option<Site>> {
    store::find_by_key(db, system, site_key).await
}

/// One site of the tenant.
pub async fn find(db: &Db, scope: TenantScope, id: SiteId) -> DbResult<Option<Site>> {
    store::find(db, scope, id).await
}

/// The tenant's sites, oldest first.
pub async fn list(db: &Db, scope: TenantScope) -> DbResult<Vec<Site>> {
    store::list(db, scope).await
}

/// Inserts a site.
pub async fn insert(tx: &mut Tx, scope: TenantScope, site: &NewSite) -> DbResult<()> {
    store::insert(tx, scope, site).await
}

/// Writes a whole site back, as changed by [`Site::apply`].
pub async fn update(tx: &mut Tx, scope: TenantScope, site: &Site) -> DbResult<()> {
    store::update(tx, scope, site).await
}

/// Remembers that the widget was seen, and on which page if it said so.
pub async fn update_last_seen(db: &Db, scope: SiteScope, now: Millis, url: Option<&str>) -> DbResult<()> {
    store::update_last_seen(db, scope, now, url).await
}

/// The secrets that sign identities now: the present one, and for a day after a rotation the one before.
#[derive(Clone, Debug)]
pub struct IdentitySecrets {
    /// Signs.
    pub secret: String,
    /// When it was made, if it is not the first.
    pub rotated_at: Option<Millis>,
    /// All that verify.
    pub all: Vec<String>,
}

/// The secret before a rotation is good for so long.
const GRACE: Millis = crate::clock::DAY;

/// The identity secrets of a site.
pub async fn identity_secrets(db: &Db, scope: SiteScope, now: Millis) -> DbResult<Option<IdentitySecrets>> {
    let Some((secret, previous, rotated_at)) = store::identity_secrets(db, scope).await? else { return Ok(None) };
    let previous = previous.filter(|_| rotated_at.is_some_and(|at| now - at < GRACE));
    let all = std::iter::once(secret.clone()).chain(previous).collect();
    Ok(Some(IdentitySecrets { secret, rotated_at, all }))
}

/// Makes another secret; the present one becomes the previous.
pub async fn rotate_identity_secret(tx: &mut Tx, scope: SiteScope, secret: &str, now: Millis) -> DbResult<()> {
    store::rotate_identity_secret(tx, scope, secret, now).await
}
