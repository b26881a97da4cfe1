//! Who is there: operators that chose *online* and have a live connection. Visitors are told when the first comes and the last goes.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::json;
use xpush::Identity;

use crate::db::{Db, DbResult};
use crate::error::Result;
use crate::events::Event;
use crate::ids::{OperatorId, TenantId, VisitorId};
use crate::operators::{self, Availability};
use crate::scope::TenantScope;
use crate::sites;

use super::principal::operator_key;
use super::wire::{publication, site_channel, soft_event};
use super::{Engine, Live};

/// Operators who chose online, by tenant, remembered until somebody changes it.
pub struct Availabilities {
    db: Db,
    online: Mutex<HashMap<TenantId, HashSet<OperatorId>>>,
    told: Mutex<HashMap<TenantId, bool>>,
    /// Refreshes are told in the order in which they read, or visitors would keep the older one.
    refreshing: tokio::sync::Mutex<()>,
    /// Counts changes: what was read before one is not remembered after it.
    changes: AtomicU64,
}

impl Availabilities {
    pub(super) fn new(db: Db) -> Self {
        Self { db, online: Mutex::default(), told: Mutex::default(), refreshing: tokio::sync::Mutex::default(), changes: AtomicU64::new(0) }
    }

    async fn online(&self, tenant: TenantId) -> DbResult<HashSet<OperatorId>> {
        if let Some(known) = self.online.lock().ok().and_then(|online| online.get(&tenant).cloned()) {
            return Ok(known);
        }
        let before = self.changes.load(Ordering::SeqCst);
        let all = operators::list(&self.db, TenantScope::proven(tenant)).await?;
        let online: HashSet<_> =
            all.into_iter().filter(|operator| operator.availability == Availability::Online).map(|operator| operator.id).collect();
        if let Ok(mut known) = self.online.lock()
            && self.changes.load(Ordering::SeqCst) == before
        {
            known.insert(tenant, online.clone());
        }
        Ok(online)
    }

    fn forget(&self, tenant: TenantId) {
        if let Ok(mut online) = self.online.lock() {
            self.changes.fetch_add(1, Ordering::SeqCst);
            online.remove(&tenant);
        }
    }
}

/// True when somebody of the tenant can answer now.
pub(super) async fn is_available(live: &Live, engine: &Engine, tenant: TenantId) -> Result<bool> {
    let online = live.availabilities.online(tenant).await?;
    Ok(online.iter().any(|operator| engine.is_present(&operator_key(tenant, *operator))))
}

/// Who of the tenant can answer now.
pub(super) async fn who(live: &Live, engine: &Engine, tenant: TenantId) -> Result<HashSet<OperatorId>> {
    let online = live.availabilities.online(tenant).await?;
    Ok(online.into_iter().filter(|operator| engine.is_present(&operator_key(tenant, *operator))).collect())
}

/// Reads again who is online, and tells the visitors of all sites if that made a difference.
pub(super) async fn refresh(engine: &Engine, tenant: TenantId) {
    let live = engine.policy();
    let _in_order = live.availabilities.refreshing.lock().await;
    live.availabilities.forget(tenant);
    let Ok(available) = is_available(live, engine, tenant).await else { return };
    let before = live.availabilities.told.lock().ok().and_then(|mut told| told.insert(tenant, available));
    if before == Some(available) {
        return;
    }
    let Ok(sites) = sites::list(&live.db, TenantScope::proven(tenant)).await else { return };
    for site in sites {
        let event = soft_event(&live.clock, "site.availability_changed", None, json!({"available": available}));
        let channel = site_channel(crate::scope::SiteScope::proven(tenant, site.id));
        if let Some(publication) = publication(channel, None, &event) {
            engine.publish(publication).await;
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
        visitor_presence(live, tenant, VisitorId(id), present);
    } else {
        refresh(engine, tenant).await;
        live.events.publish(Event::OperatorAvailabilityChanged(tenant, OperatorId(id)));
    }
}

fn visitor_presence(live: &Live, tenant: TenantId, visitor: VisitorId, present: bool) {
    let talking = live.talking.lock().is_ok_and(|mut talking| if present { talking.contains(&visitor) } else { talking.remove(&visitor) });
    if talking {
        live.events.publish(Event::VisitorPresenceChanged(tenant, visitor, present));
    }
}
