//! Who is there: a site is available inside its business hours while one of its members chose *online* and has a live connection. Visitors are
//! told when the first comes and the last goes, and when hours begin and end; outside of them also when they begin again.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use xpush::Identity;

use crate::clock::Millis;
use crate::conversations;
use crate::db::{Db, DbResult};
use crate::error::Result;
use crate::events::{Event, Listener};
use crate::ids::{OperatorId, SiteId, TenantId, VisitorId};
use crate::operators::{self, Availability};
use crate::scope::{SiteScope, TenantScope};
use crate::sites::{self, Hours, Site};

use super::principal::operator_key;
use super::wire::{publication, site_channel, soft_event};
use super::{Engine, Live};

/// How often it is asked whether some site's hours began or ended.
const TICK: Duration = Duration::from_secs(1);

/// Who staffs the sites of each tenant, remembered until somebody changes it.
pub struct Availabilities {
    db: Db,
    known: Mutex<HashMap<TenantId, Arc<Staff>>>,
    told: Mutex<HashMap<SiteId, Told>>,
    /// Refreshes are told in the order in which they read, or visitors would keep the older one.
    refreshing: tokio::sync::Mutex<()>,
    /// Counts changes: what was read before one is not remembered after it.
    changes: AtomicU64,
}

/// What visitors of a site are told: whether somebody can answer, and outside its hours when they begin again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) available: bool,
    pub(super) opens_at: Option<Millis>,
}

/// Of one tenant.
struct Staff {
    /// Who chose online.
    online: HashSet<OperatorId>,
    sites: Vec<StaffedSite>,
}

struct StaffedSite {
    id: SiteId,
    /// None: always open.
    hours: Option<Hours>,
    /// None: everybody.
    members: Option<HashSet<OperatorId>>,
}

impl From<Site> for StaffedSite {
    fn from(site: Site) -> Self {
        Self {
            id: site.id,
            hours: (!site.business_hours.always).then(|| site.hours()),
            members: site.members.map(|members| members.0.into_iter().collect()),
        }
    }
}

impl StaffedSite {
    fn is_available(&self, present: &HashSet<OperatorId>, now: Millis) -> bool {
        let open = self.hours.as_ref().is_none_or(|hours| hours.is_open(now));
        open && self.members.as_ref().map_or(!present.is_empty(), |members| !members.is_disjoint(present))
    }

    fn told(&self, present: &HashSet<OperatorId>, now: Millis) -> Told {
        Told { available: self.is_available(present, now), opens_at: self.hours.as_ref().and_then(|hours| hours.opens_at(now)) }
    }
}

impl Staff {
    /// Who is online and there.
    fn present(&self, engine: &Engine, tenant: TenantId) -> HashSet<OperatorId> {
        self.online.iter().copied().filter(|operator| engine.is_present(&operator_key(tenant, *operator))).collect()
    }
}

impl Availabilities {
    pub(super) fn new(db: Db) -> Self {
        Self { db, known: Mutex::default(), told: Mutex::default(), refreshing: tokio::sync::Mutex::default(), changes: AtomicU64::new(0) }
    }

    async fn staff(&self, tenant: TenantId) -> DbResult<Arc<Staff>> {
        if let Some(known) = self.known.lock().ok().and_then(|known| known.get(&tenant).cloned()) {
            return Ok(known);
        }
        let before = self.changes.load(Ordering::SeqCst);
        let scope = TenantScope::proven(tenant);
        let operators = operators::list(&self.db, scope, false).await?;
        let online = operators.into_iter().filter(|operator| operator.availability == Availability::Online).map(|operator| operator.id);
        let sites = sites::list(&self.db, scope).await?.into_iter().map(StaffedSite::from);
        let staff = Arc::new(Staff { online: online.collect(), sites: sites.collect() });
        if let Ok(mut known) = self.known.lock()
            && self.changes.load(Ordering::SeqCst) == before
        {
            known.insert(tenant, Arc::clone(&staff));
        }
        Ok(staff)
    }

    /// Whom anybody has asked for.
    fn tenants(&self) -> Vec<TenantId> {
        self.known.lock().map(|known| known.keys().copied().collect()).unwrap_or_default()
    }

    fn forget(&self, tenant: TenantId) {
        if let Ok(mut known) = self.known.lock() {
            self.changes.fetch_add(1, Ordering::SeqCst);
            known.remove(&tenant);
        }
    }

    /// Tenants of whom some site is not always open, or all.
    fn with_hours(&self, all: bool) -> Vec<(TenantId, Arc<Staff>)> {
        let Ok(known) = self.known.lock() else { return Vec::new() };
        let with_hours = known.iter().filter(|(_, staff)| all || staff.sites.iter().any(|site| site.hours.is_some()));
        with_hours.map(|(tenant, staff)| (*tenant, Arc::clone(staff))).collect()
    }

    /// Whoever asked is told this, and was told nothing before.
    fn first_told(&self, site: SiteId, now: Told) {
        if let Ok(mut told) = self.told.lock() {
            told.entry(site).or_insert(now);
        }
    }

    /// True when this was not told last.
    fn is_news(&self, site: SiteId, now: Told) -> bool {
        self.told.lock().is_ok_and(|mut told| told.insert(site, now) != Some(now))
    }
}

/// True when somebody can answer visitors of this site now.
pub(super) async fn is_available(live: &Live, engine: &Engine, scope: SiteScope) -> Result<bool> {
    Ok(now(live, engine, scope).await?.available)
}

/// What visitors of this site are told now.
pub(super) async fn now(live: &Live, engine: &Engine, scope: SiteScope) -> Result<Told> {
    let tenant = scope.tenant();
    let mut staff = live.availabilities.staff(tenant).await?;
    if staff.sites.iter().all(|site| site.id != scope.site()) {
        // Registered since.
        live.availabilities.forget(tenant);
        staff = live.availabilities.staff(tenant).await?;
    }
    let present = staff.present(engine, tenant);
    let now = live.clock.now();
    let site = staff.sites.iter().find(|site| site.id == scope.site());
    let told = site.map_or(Told { available: false, opens_at: None }, |site| site.told(&present, now));
    live.availabilities.first_told(scope.site(), told);
    Ok(told)
}

/// Who can answer visitors of this site now.
pub(super) async fn who(live: &Live, engine: &Engine, scope: SiteScope) -> Result<HashSet<OperatorId>> {
    let staff = live.availabilities.staff(scope.tenant()).await?;
    let Some(site) = staff.sites.iter().find(|site| site.id == scope.site()) else { return Ok(HashSet::new()) };
    let present = staff.present(engine, scope.tenant());
    Ok(present.into_iter().filter(|operator| site.members.as_ref().is_none_or(|members| members.contains(operator))).collect())
}

/// Reads again who staffs what, and tells visitors of the sites to which that made a difference.
pub(super) async fn refresh(engine: &Engine, tenant: TenantId) {
    let live = engine.policy();
    let _in_order = live.availabilities.refreshing.lock().await;
    live.availabilities.forget(tenant);
    // What cannot be read now is told by the next change or tick.
    if let Ok(staff) = live.availabilities.staff(tenant).await {
        tell(engine, tenant, &staff);
    }
}

/// Hears what other nodes changed, until `stop`.
pub(super) async fn hear(engine: Engine, mut events: Listener, stop: CancellationToken) {
    loop {
        let event = tokio::select! {
            event = events.recv() => event,
            () = stop.cancelled() => return,
        };
        let known = engine.policy().availabilities.tenants();
        let concerned = match event {
            Ok(Event::OperatorAvailabilityChanged(tenant, _) | Event::OperatorChanged(tenant, _) | Event::SiteChanged(tenant, _)) => {
                vec![tenant]
            }
            Ok(_) => continue,
            // It may have been anybody's.
            Err(RecvError::Lagged(_)) => known.clone(),
            Err(RecvError::Closed) => return,
        };
        // Of others nobody here was told anything.
        for tenant in concerned.into_iter().filter(|tenant| known.contains(tenant)) {
            refresh(&engine, tenant).await;
        }
    }
}

/// Tells visitors when business hours begin and end, until `stop`. Among several nodes also what somebody's coming or going on another node means
/// here: that they did is heard before it is known that they are.
pub(super) async fn tick(engine: Engine, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(TICK);
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return,
        }
        let _in_order = engine.policy().availabilities.refreshing.lock().await;
        let among = engine.cluster_health().is_some();
        for (tenant, staff) in engine.policy().availabilities.with_hours(among) {
            tell(&engine, tenant, &staff);
        }
    }
}

fn tell(engine: &Engine, tenant: TenantId, staff: &Staff) {
    let live = engine.policy();
    let (present, now) = (staff.present(engine, tenant), live.clock.now());
    for site in &staff.sites {
        let told = site.told(&present, now);
        if !live.availabilities.is_news(site.id, told) {
            continue;
        }
        let Told { available, opens_at } = told;
        let event = soft_event(&live.clock, "site.availability_changed", None, json!({"available": available, "opens_at": opens_at}));
        let channel = site_channel(SiteScope::proven(tenant, site.id));
        if let Some(publication) = publication(channel, None, &event) {
            // Every node tells its own visitors, as far as it was told itself.
            engine.publish_here(publication);
        }
    }
}

/// The engine says that somebody came or went.
pub(super) async fn presence_changed(live: &Live, engine: &Engine, identity: &Identity, present: bool) {
    let mut parts = identity.principal.split('/');
    let (Some(kind), Some(Ok(tenant)), Some(Ok(id))) = (parts.next(), parts.next().map(str::parse), parts.next().map(str::parse)) else {
        return;
    };
    let tenant = TenantId(tenant);
    if kind == "visitor" {
        visitor_presence(live, tenant, (VisitorId(id), present)).await;
    } else {
        refresh(engine, tenant).await;
        live.events.publish(Event::OperatorAvailabilityChanged(tenant, OperatorId(id)));
    }
}

async fn visitor_presence(live: &Live, tenant: TenantId, (visitor, present): (VisitorId, bool)) {
    // Asked first: whoever leaves is off the board.
    let known = live.is_talking(tenant, visitor);
    if !present {
        let now = live.clock.now();
        live.on_board(|board| board.disconnected(tenant, visitor, now));
    }
    let talks = if let Some(talks) = known {
        talks
    } else {
        // Erased, one of very many, or of another node that did not tell of them yet.
        let found = conversations::list_of_visitor(&live.db, TenantScope::proven(tenant), visitor, 1).await;
        found.is_ok_and(|found| !found.is_empty())
    };
    if talks {
        live.events.publish(Event::VisitorPresenceChanged(tenant, visitor, present));
    }
}
