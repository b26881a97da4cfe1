//! Who is on a tenant's sites now. Live is who has a connection, or had a page view within five minutes and did not leave. Pure and in memory:
//! [`crate::realtime`] says what happens and asks for snapshots and deltas. Several nodes keep one board together ([`shared`]).

mod model;
mod shared;
#[cfg(test)]
mod tests;

pub use model::{Greeting, LiveConversation, LiveOrder, LivePage, LiveVisitor};
pub use shared::Piece;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::clock::Millis;
use crate::ids::{SiteId, TenantId, VisitorId};
use crate::visitor_events::Act;
use crate::visitors::{self, Acting, device::Device};
use crate::visits::{Campaign, PageView};

/// Without a connection somebody counts as live so long after a page view.
const LINGERS: Millis = 5 * 60_000;
/// Whoever ended the connection on purpose and did not come back within the presence TTL has left. A little more than that.
const LEAVING: Millis = 10_000;
/// Pages of a trail, beside the present one.
const TRAIL: usize = 9;
/// A stay ends with so much idleness.
const IDLE: Millis = 30 * 60_000;
/// Visitors of one tenant that are kept and shown: the newest.
pub const MOST: usize = 5_000;

/// What changed since the last delta.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Delta {
    /// Its number: one more than that before.
    pub version: u64,
    /// Who came, or is not what they were.
    pub put: Vec<LiveVisitor>,
    /// Who is gone.
    pub gone: Vec<VisitorId>,
}

/// Somebody who said hello.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// They themselves, as they would act.
    pub acting: Acting,
    /// Who became part of them.
    pub merged: Vec<VisitorId>,
    /// Their name, if known.
    pub name: Option<String>,
    /// Their address, if known.
    pub email: Option<String>,
    /// The shop's own server has said who they are.
    pub identified: bool,
    /// Their latest conversation.
    pub conversation: Option<LiveConversation>,
}

/// The boards of all tenants.
#[derive(Debug, Default)]
pub struct Board {
    tenants: HashMap<TenantId, Tenant>,
    /// Other nodes are told.
    shared: bool,
}

#[derive(Debug, Default)]
struct Tenant {
    version: u64,
    watched: bool,
    /// Boxed: a table has room for up to twice as many as there are.
    present: HashMap<VisitorId, Box<Present>>,
    changed: BTreeSet<VisitorId>,
    shared: bool,
    /// What other nodes were not told yet; of who is gone the revision.
    untold: BTreeMap<VisitorId, Option<u64>>,
}

#[derive(Clone, Debug)]
struct Present {
    shown: LiveVisitor,
    acting: Acting,
    /// The last page view, or anything else they did.
    seen: Millis,
    /// When they came.
    came: Millis,
    /// When they ended a connection on purpose.
    left: Option<Millis>,
    /// Of two states the one with the higher number is the later.
    revision: u64,
}

impl Board {
    /// A hello: somebody has a connection.
    pub fn arrived(&mut self, arrival: Arrival, now: Millis) {
        let Arrival { acting, merged, name, email, identified, conversation } = arrival;
        let (tenant, id) = (acting.scope.tenant(), acting.visitor);
        let board = self.tenant(tenant);
        // What the anonymous visitor was doing goes on under the name.
        let before = merged.iter().filter_map(|id| board.remove(*id)).max_by_key(|present| present.seen);
        if board.present.len() >= MOST && !board.present.contains_key(&id) {
            board.drop_oldest();
        }
        let present = board.present.entry(id).or_insert_with(|| {
            Box::new(match before {
                Some(before) => Present {
                    shown: LiveVisitor { id, ..before.shown },
                    acting: acting.clone(),
                    seen: now,
                    came: now,
                    left: None,
                    ..before
                },
                None => Present::new(&acting, now),
            })
        });
        present.left = None;
        // Above whatever another node may still have of them.
        present.revision = present.revision.max(u64::try_from(now).unwrap_or(0));
        let shown = &mut present.shown;
        (shown.name, shown.email, shown.identified, shown.connected) = (name, email, identified, true);
        shown.conversation = conversation;
        // The panel does not know what the loader said of the browser; the other way round both do.
        if acting.profile.user_agent.is_some() {
            let device = Device::of(acting.profile.user_agent.as_deref().unwrap_or_default());
            (shown.browser, shown.os, shown.device) = (device.browser.map(Cow::from), device.os.map(Cow::from), device.kind.map(Cow::from));
        }
        if acting.profile.language.is_some() {
            shown.language.clone_from(&acting.profile.language);
        }
        present.acting = acting;
        board.touch(id);
        board.note(id);
    }

    /// A page view; the page named again changes nothing.
    pub fn entered(&mut self, view: &PageView, now: Millis) {
        self.change(view.scope.tenant(), view.visitor, |present| {
            let idle = now - present.seen > IDLE;
            present.seen = now;
            let shown = &mut present.shown;
            if idle || shown.page.is_none() {
                shown.since = now;
                shown.trail.clear();
                shown.referrer.clone_from(&view.referrer);
                shown.campaign = Campaign::of(&view.url);
            }
            if shown.page.as_ref().is_some_and(|page| page.url == view.url) {
                // Frameworks set the title after the address.
                let same = shown.page.as_ref().is_none_or(|page| page.title == view.title) && shown.product == view.product;
                if let Some(page) = shown.page.as_mut() {
                    page.title.clone_from(&view.title);
                }
                shown.product.clone_from(&view.product);
                return !same || idle;
            }
            let entered = LivePage { url: view.url.clone(), title: view.title.clone(), at: now };
            if let Some(before) = shown.page.replace(entered) {
                shown.trail.insert(0, before);
                shown.trail.truncate(TRAIL);
            }
            shown.product.clone_from(&view.product);
            true
        });
    }

    /// A cart or an order.
    pub fn acted(&mut self, tenant: TenantId, visitor: VisitorId, (act, at): (&Act, Millis)) {
        self.change(tenant, visitor, |present| {
            present.seen = present.seen.max(at);
            match act {
                Act::CartChanged(cart) => present.shown.cart = Some(cart.clone()).filter(|cart| cart.value > 0.0 || !cart.items.is_empty()),
                Act::OrderPlaced(order) => {
                    present.shown.cart = None;
                    present.shown.order = Some(LiveOrder { value: order.value, currency: order.currency.clone(), at });
                }
                Act::PageEntered { .. } | Act::Custom { .. } => return false,
            }
            true
        });
    }

    /// A conversation is not what it was, or its visitor has another name. Only the latest is shown.
    pub fn talked(
        &mut self,
        tenant: TenantId,
        visitor: VisitorId,
        (name, email): (Option<&str>, Option<&str>),
        conversation: LiveConversation,
    ) {
        self.change(tenant, visitor, |present| {
            let shown = &mut present.shown;
            if shown.conversation.as_ref().is_some_and(|known| known.id > conversation.id) {
                return false;
            }
            let before = (shown.conversation.clone(), shown.name.clone(), shown.email.clone());
            shown.conversation = Some(conversation);
            (shown.name, shown.email) = (name.map(ToOwned::to_owned), email.map(ToOwned::to_owned));
            before != (shown.conversation.clone(), shown.name.clone(), shown.email.clone())
        });
    }

    /// They posted; what else is new of the conversation is told by itself.
    pub fn began_to_talk(&mut self, tenant: TenantId, visitor: VisitorId, conversation: LiveConversation) {
        self.change(tenant, visitor, |present| {
            let begins = present.shown.conversation.as_ref().is_none_or(|known| known.id < conversation.id);
            if begins {
                present.shown.conversation = Some(conversation);
            }
            begins
        });
    }

    /// How often they came.
    pub fn counted(&mut self, tenant: TenantId, visitor: VisitorId, visits: i64) {
        self.change(tenant, visitor, |present| present.shown.visits.replace(visits) != Some(visits));
    }

    /// They ended a connection on purpose: another page is loading, or they leave.
    pub fn leaving(&mut self, tenant: TenantId, visitor: VisitorId, now: Millis) {
        self.change(tenant, visitor, |present| {
            present.left = Some(now);
            false
        });
    }

    /// Their last connection has been gone for a while. Who left is off the board; whose line is lost stays on it for a time.
    pub fn disconnected(&mut self, tenant: TenantId, visitor: VisitorId, now: Millis) {
        let Some(board) = self.tenants.get_mut(&tenant) else { return };
        let Some(present) = board.present.get_mut(&visitor) else { return };
        present.shown.connected = false;
        let left = present.left.is_some_and(|left| now - left <= LEAVING);
        if left || now - present.seen > LINGERS {
            board.remove(visitor);
        } else {
            board.touch(visitor);
            board.note(visitor);
        }
    }

    /// Erased: they are not to be seen any more.
    pub fn forget(&mut self, tenant: TenantId, visitor: VisitorId) {
        if let Some(board) = self.tenants.get_mut(&tenant)
            && board.remove(visitor).is_some()
            && board.shared
        {
            // Whatever another node has heard of them since.
            board.untold.insert(visitor, Some(u64::MAX));
        }
    }

    /// Takes off whoever has been away long enough, and tenants of whom nobody is there.
    pub fn sweep(&mut self, now: Millis) {
        self.tenants.retain(|_, board| {
            let away = |present: &Present| !present.shown.connected && now - present.seen > LINGERS;
            let gone: Vec<VisitorId> = board.present.iter().filter(|(_, present)| away(present)).map(|(id, _)| *id).collect();
            for id in gone {
                board.remove(id);
            }
            board.watched || !board.present.is_empty() || !board.untold.is_empty()
        });
    }

    /// Everybody who is there, the newest first, and the number of the last delta; from now on changes are gathered.
    pub fn watch(&mut self, tenant: TenantId) -> (u64, Vec<LiveVisitor>) {
        let board = self.tenant(tenant);
        board.watched = true;
        (board.version, self.list(tenant))
    }

    /// Nobody looks any more: changes are gathered no longer.
    pub fn unwatch(&mut self, tenant: TenantId) {
        if let Some(board) = self.tenants.get_mut(&tenant) {
            board.watched = false;
            board.changed.clear();
        }
    }

    /// Tenants of whom somebody watches the board.
    pub fn watched(&self) -> Vec<TenantId> {
        self.tenants.iter().filter(|(_, board)| board.watched).map(|(tenant, _)| *tenant).collect()
    }

    /// What changed since the last time, if anything did.
    pub fn delta(&mut self, tenant: TenantId) -> Option<Delta> {
        let board = self.tenants.get_mut(&tenant).filter(|board| !board.changed.is_empty())?;
        board.version += 1;
        let (mut put, mut gone) = (Vec::new(), Vec::new());
        for id in std::mem::take(&mut board.changed) {
            match board.present.get(&id) {
                Some(present) => put.push(present.shown.clone()),
                None => gone.push(id),
            }
        }
        Some(Delta { version: board.version, put, gone })
    }

    /// Everybody who is there, the newest first.
    pub fn list(&self, tenant: TenantId) -> Vec<LiveVisitor> {
        let mut all: Vec<LiveVisitor> =
            self.tenants.get(&tenant).into_iter().flat_map(|board| board.present.values()).map(|present| present.shown.clone()).collect();
        all.sort_by_key(|shown| std::cmp::Reverse((shown.since, shown.id)));
        all
    }

    /// How many are there, on one site or on all.
    pub fn count(&self, tenant: TenantId, site: Option<SiteId>) -> usize {
        let on = |board: &Tenant| board.present.values().filter(|present| site.is_none_or(|site| present.shown.site_id == site)).count();
        self.tenants.get(&tenant).map_or(0, on)
    }

    /// Those who came before, and whose visits were not looked up; at most so many.
    pub fn uncounted(&self, tenant: TenantId, before: Millis, most: usize) -> Vec<VisitorId> {
        let all = self.tenants.get(&tenant).into_iter().flat_map(|board| board.present.iter());
        all.filter(|(_, present)| present.shown.visits.is_none() && present.came <= before).map(|(id, _)| *id).take(most).collect()
    }

    /// Somebody who is there, as they would act.
    pub fn acting(&self, tenant: TenantId, visitor: VisitorId) -> Option<Acting> {
        Some(self.tenants.get(&tenant)?.present.get(&visitor)?.acting.clone())
    }

    fn change(&mut self, tenant: TenantId, visitor: VisitorId, change: impl FnOnce(&mut Present) -> bool) {
        let Some(board) = self.tenants.get_mut(&tenant) else { return };
        let Some(present) = board.present.get_mut(&visitor) else { return };
        let shows = change(present);
        board.touch(visitor);
        if shows {
            board.note(visitor);
        }
    }

    fn tenant(&mut self, tenant: TenantId) -> &mut Tenant {
        let shared = self.shared;
        self.tenants.entry(tenant).or_insert_with(|| Tenant { shared, ..Tenant::default() })
    }

    /// Whether somebody has a conversation, as far as this board knows them.
    pub fn is_talking(&self, tenant: TenantId, visitor: VisitorId) -> Option<bool> {
        Some(self.tenants.get(&tenant)?.present.get(&visitor)?.shown.conversation.is_some())
    }

    /// Whom the board shows with a connection.
    pub fn connected(&self) -> Vec<(TenantId, VisitorId)> {
        let of = |(tenant, board): (&TenantId, &Tenant)| {
            let there = board.present.iter().filter(|(_, present)| present.shown.connected);
            there.map(|(id, _)| (*tenant, *id)).collect::<Vec<_>>()
        };
        self.tenants.iter().flat_map(of).collect()
    }
}

impl Tenant {
    fn note(&mut self, id: VisitorId) {
        if self.watched {
            self.changed.insert(id);
        }
    }

    /// Something about somebody changed here: other nodes are to be told.
    fn touch(&mut self, id: VisitorId) {
        if let Some(present) = self.present.get_mut(&id) {
            present.revision += 1;
            if self.shared {
                self.untold.insert(id, None);
            }
        }
    }

    fn remove(&mut self, id: VisitorId) -> Option<Present> {
        let removed = *self.present.remove(&id)?;
        if self.shared {
            self.untold.insert(id, Some(removed.revision));
        }
        self.note(id);
        Some(removed)
    }

    fn drop_oldest(&mut self) {
        // Who only looks goes first.
        let talks = |present: &Present| present.shown.conversation.is_some();
        if let Some(oldest) = self.present.iter().min_by_key(|(_, present)| (talks(present), present.seen)).map(|(id, _)| *id) {
            self.remove(oldest);
        }
    }
}

impl Present {
    fn new(acting: &Acting, now: Millis) -> Self {
        let shown = LiveVisitor {
            id: acting.visitor,
            site_id: acting.scope.site(),
            label: visitors::label(acting.visitor, None),
            name: None,
            email: None,
            identified: false,
            page: None,
            product: None,
            trail: Vec::new(),
            since: now,
            referrer: None,
            campaign: None,
            browser: None,
            os: None,
            device: None,
            language: None,
            visits: None,
            cart: None,
            order: None,
            conversation: None,
            connected: true,
        };
        Self { shown, acting: acting.clone(), seen: now, came: now, left: None, revision: 0 }
    }
}
