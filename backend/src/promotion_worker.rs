//! Carries promotions out: hears where connected visitors are, decides by [`crate::rules`] who is offered what, keeps the firing, and only then
//! tells the visitor's connections. Beside the message path: a page view or a post never waits for it. What it remembers ([`board`], timers) may
//! be lost at any time; what must not happen twice is kept out by the occasion of an offer, which is stored.

mod board;
mod explain;
mod goals;
mod known;
mod send;
mod stays;

pub use explain::{Explained, Why};
pub use send::{Audience, LivePerson, Sent, To};

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::clock::{Clock, Millis};
use crate::conversations::{self, Status};
use crate::db::Db;
use crate::error::Result;
use crate::events::{Event, Events, Heard, Listener, PageEntered};
use crate::ids::{OfferId, PromotionId, TenantId, VisitorId};
use crate::promotions::{self, NewOffer, Order, Promotion};
use crate::realtime::Realtime;
use crate::rules::decide::{Caps, Moment, Verdict, decide};
use crate::rules::rule::{Trigger, said_in};
use crate::scope::TenantScope;
use crate::visitor_events::{Act, Acted};
use crate::{sites, visitors};

use board::{Board, Live, Moved};
use known::{History, Known};
use stays::Stays;

/// Whoever is gone for longer is no longer looked for.
const GONE_AFTER: Millis = 5 * 60_000;
/// How often that is looked at.
const SWEEP: Duration = Duration::from_secs(30);
/// An offer older than this is on no screen any more, or somebody left it there on purpose.
const ON_SCREEN: Millis = 60 * 60_000;

/// The handle: who is offered what, and why.
#[derive(Clone)]
pub struct Promoter(Arc<Inner>);

struct Inner {
    db: Db,
    clock: Clock,
    realtime: Realtime,
    events: Events,
    board: Mutex<Board>,
    known: Mutex<Remembered>,
}

#[derive(Default)]
struct Remembered {
    by_tenant: HashMap<TenantId, Arc<Known>>,
    /// Counts changes: what was read before one is not remembered after it.
    changes: u64,
}

/// A firing for one visitor.
struct Firing {
    live: Live,
    occasion: Uuid,
    held_out: bool,
    by_hand: bool,
}

impl Promoter {
    /// A promoter; [`Promoter::run`] makes it act.
    pub fn new(db: Db, clock: Clock, realtime: Realtime, events: Events) -> Self {
        Self(Arc::new(Inner { db, clock, realtime, events, board: Mutex::default(), known: Mutex::default() }))
    }

    /// Acts until `stop`.
    pub async fn run(self, mut events: Listener, stop: CancellationToken) {
        let mut stays = Stays::default();
        let mut sweep = tokio::time::interval(SWEEP);
        loop {
            let next = stays.next();
            tokio::select! {
                event = events.recv_from() => match event {
                    Ok((event, Heard::Here)) => Box::pin(self.hear(&mut stays, event)).await,
                    Ok((event, Heard::Afar)) => self.hear_afar(event),
                    // What was missed is at most an offer; what is remembered of promotions may be old.
                    Err(RecvError::Lagged(missed)) => {
                        tracing::debug!(missed, "promotions may have missed something");
                        self.forget_all();
                    }
                    Err(RecvError::Closed) => return,
                },
                () = tokio::time::sleep_until(next.unwrap_or_else(tokio::time::Instant::now)), if next.is_some() => {
                    for stay in stays.due(tokio::time::Instant::now()) {
                        let found = self.live(stay.tenant, stay.visitor).filter(|live| stay.lasts(live));
                        if let Some(live) = found {
                            self.consider(&live, stay.trigger).await;
                        }
                    }
                }
                _ = sweep.tick() => self.sweep(),
                () = stop.cancelled() => return,
            }
        }
    }

    async fn hear(&self, stays: &mut Stays, event: Event) {
        match event {
            Event::PageEntered(entered) => Box::pin(self.entered(stays, &entered)).await,
            Event::VisitorActed(acted) => Box::pin(self.acted(&acted)).await,
            Event::PromotionChanged(tenant) | Event::SiteChanged(tenant, _) => self.forget(tenant),
            _ => {}
        }
    }

    /// Visitors of other nodes are decided about there; who they are and where is known here as well, for whoever asks this node.
    fn hear_afar(&self, event: Event) {
        match event {
            Event::PageEntered(entered) => {
                if let Ok(mut board) = self.0.board.lock() {
                    board.enter(&entered);
                }
            }
            Event::CartSeen(tenant, visitor, cart) => {
                let items = cart.items.iter().map(|item| f64::from(item.quantity)).sum();
                if let Ok(mut board) = self.0.board.lock() {
                    board.set_cart(tenant, visitor, Some(cart.value), Some(items));
                }
            }
            Event::NodeAsked => self.tell_again(),
            Event::PromotionChanged(tenant) | Event::SiteChanged(tenant, _) => self.forget(tenant),
            _ => {}
        }
    }

    /// Says once more where everybody is; here that changes nothing.
    fn tell_again(&self) {
        let all: Vec<PageEntered> = self.0.board.lock().map(|board| board.all().map(Live::told).collect()).unwrap_or_default();
        for entered in all.into_iter().filter(|entered| self.0.realtime.visitor_present(entered.scope.tenant(), entered.visitor)) {
            self.0.events.publish(Event::PageEntered(Arc::new(entered)));
        }
    }

    async fn entered(&self, stays: &mut Stays, event: &PageEntered) {
        let tenant = event.scope.tenant();
        let Some((moved, live)) = self.0.board.lock().ok().and_then(|mut board| {
            let moved = board.enter(event);
            Some((moved, board.find(tenant, event.visitor)?.clone()))
        }) else {
            return;
        };
        if moved == Moved::No {
            return;
        }
        let Some(known) = self.known(tenant).await else { return };
        for trigger in known.stays_of(event.scope.site()) {
            stays.add(&live, trigger, moved == Moved::Visit);
        }
        self.goal_page(&live).await;
        if known.waits_for(event.scope.site(), |on| *on == Trigger::PageEnter) {
            self.consider(&live, Trigger::PageEnter).await;
        }
        if moved == Moved::Visit && known.waits_for(event.scope.site(), |on| *on == Trigger::VisitorReturned) {
            self.consider_returned(&live).await;
        }
    }

    /// What the shop's page told of: a cart, an order, an event of its own.
    async fn acted(&self, acted: &Acted) {
        let (tenant, visitor) = (acted.scope.tenant(), acted.visitor);
        let trigger = match &acted.act {
            // Told by connections, once they can hear an answer.
            Act::PageEntered { .. } => return,
            Act::CartChanged(cart) => {
                let items = cart.items.iter().map(|item| f64::from(item.quantity)).sum();
                if let Ok(mut board) = self.0.board.lock() {
                    board.set_cart(tenant, visitor, Some(cart.value), Some(items));
                }
                Trigger::CartChanged
            }
            Act::OrderPlaced(order) => {
                let order =
                    Order { id: order.order_id.clone(), amount: thousandths(order.value), currency: order.currency.clone(), at: acted.at };
                self.credit(acted.scope.wide(), visitor, &goals::Act::Order(&order)).await;
                Trigger::OrderPlaced
            }
            Act::Custom { name, .. } => {
                self.credit(acted.scope.wide(), visitor, &goals::Act::Event(name)).await;
                Trigger::Custom { name: name.clone() }
            }
        };
        let waited = self.known(tenant).await.is_some_and(|known| known.waits_for(acted.scope.site(), |on| *on == trigger));
        if waited && let Some(live) = self.live(tenant, visitor) {
            self.consider(&live, trigger).await;
        }
    }

    async fn consider_returned(&self, live: &Live) {
        match promotions::visits_before(&self.0.db, live.scope.wide(), live.visitor, live.visit).await {
            Ok(0) => {}
            Ok(_) => self.consider(live, Trigger::VisitorReturned).await,
            Err(error) => tracing::warn!(error = %error, "whether a visitor returned could not be read"),
        }
    }

    /// Something happened to a visitor: which rules fire?
    async fn consider(&self, live: &Live, trigger: Trigger) {
        let tenant = live.scope.tenant();
        let here = self.0.realtime.visitor_present(tenant, live.visitor) && !self.0.realtime.panel_present(tenant, live.visitor);
        if !here {
            return;
        }
        if let Err(error) = self.decide(live, trigger).await {
            tracing::warn!(error = %error, "a promotion could not be decided or kept; nothing was shown");
        }
    }

    async fn decide(&self, live: &Live, trigger: Trigger) -> Result<()> {
        let now = self.0.clock.now();
        let site = live.scope.site();
        let Some(known) = self.known(live.scope.tenant()).await else { return Ok(()) };
        let rules = known.rules_of(site, now);
        let Some(site) = known.sites.get(&site).filter(|_| !rules.is_empty()) else { return Ok(()) };
        let history = self.history(live).await?;
        let moment = Moment {
            event: trigger,
            visitor: live.visitor.0,
            visit: live.visit.0,
            page_view: live.page_view,
            at: now,
            facts: known::facts_of(live, &history, site, now),
        };
        let decided = decide(&rules, &moment, &known::past_of(&history), Caps::default());
        for one in decided.into_iter().filter(|one| matches!(one.verdict, Verdict::Fires | Verdict::HeldOut)) {
            let (promotion, held_out) = (PromotionId(one.rule), one.verdict == Verdict::HeldOut);
            let firing = Firing { live: live.clone(), occasion: live.page_view, held_out, by_hand: false };
            self.fire(&known, promotion, vec![firing]).await?;
        }
        Ok(())
    }

    /// Keeps firings of one promotion, then tells the visitors who are shown something. Answers how many are new: shown, held out.
    async fn fire(&self, known: &Known, id: PromotionId, mut firings: Vec<Firing>) -> Result<(usize, usize)> {
        let Some(promotion) = known.promotions.get(&id).filter(|_| !firings.is_empty()) else { return Ok((0, 0)) };
        let now = self.0.clock.now();
        let scope = TenantScope::proven(firings[0].live.scope.tenant());
        let mut tx = self.0.db.begin().await?;
        let visitors: Vec<VisitorId> = firings.iter().map(|firing| firing.live.visitor).collect();
        // A group is for ever, also where the part that is held out was changed since.
        let groups = promotions::groups(&mut tx, scope, id, &visitors).await?;
        for firing in &mut firings {
            firing.held_out = groups.get(&firing.live.visitor).copied().unwrap_or(firing.held_out);
        }
        let offers: Vec<NewOffer> = firings
            .iter()
            .map(|firing| NewOffer {
                id: self.0.clock.new_id(),
                visitor: firing.live.visitor,
                site: firing.live.scope.site(),
                version: promotion.version,
                occasion: firing.occasion,
                visit: firing.live.visit,
                page_view: firing.live.page_view,
                held_out: firing.held_out,
                by_hand: firing.by_hand,
                at: now,
            })
            .collect();
        let fresh = promotions::offer(&mut tx, scope, id, &offers).await?;
        tx.commit().await?;
        let (mut shown, mut held_out) = (0, 0);
        for (firing, offer) in firings.iter().zip(&offers).filter(|(_, offer)| fresh.contains(&offer.id)) {
            if firing.held_out {
                held_out += 1;
                continue;
            }
            shown += 1;
            let asked = firing.live.language.as_deref();
            let site = known.sites.get(&firing.live.scope.site());
            let languages = site.map_or((asked.unwrap_or("en"), "en"), |site| (site.reader(asked), site.language.as_str()));
            let data = json!({"offer": shown_offer(promotion, offer.id, &firing.live, languages)});
            self.0.realtime.tell_visitor(scope.tenant(), firing.live.visitor, "promotion.offered", data).await;
        }
        Ok((shown, held_out))
    }

    async fn history(&self, live: &Live) -> Result<History> {
        let (db, scope) = (&self.0.db, live.scope.wide());
        let latest = conversations::find_latest(db, live.scope, live.visitor).await?;
        let visitor = visitors::find(db, scope, live.visitor).await?;
        Ok(History {
            visits_before: promotions::visits_before(db, scope, live.visitor, live.visit).await?,
            conversation_open: latest.is_some_and(|latest| latest.conversation.status == Status::Open),
            past: promotions::past(db, scope, live.visitor).await?,
            attributes: visitor.map(|visitor| visitor.attributes.0).unwrap_or_default(),
            operators_online: self.0.realtime.operators_online(live.scope).await?,
        })
    }

    /// After a promotion was saved, paused or deleted, and before whoever did it is answered: nobody is offered the old one any more, and what is
    /// no longer on leaves the screens.
    pub async fn changed(&self, scope: TenantScope, promotion: &Promotion, open: &[promotions::OpenOffer]) {
        self.forget(scope.tenant());
        for offer in open.iter().filter(|offer| self.0.realtime.visitor_present(scope.tenant(), offer.visitor_id)) {
            let data = json!({"withdrawn": {"offer": offer.id, "promotion": promotion.id}});
            self.0.realtime.tell_visitor(scope.tenant(), offer.visitor_id, "promotion.withdrawn", data).await;
        }
    }

    /// Offers of a promotion that may still stand on screens.
    pub async fn on_screens(&self, scope: TenantScope, id: PromotionId) -> Result<Vec<promotions::OpenOffer>> {
        Ok(promotions::open_offers(&self.0.db, scope, id, self.0.clock.now() - ON_SCREEN).await?)
    }

    fn live(&self, tenant: TenantId, visitor: VisitorId) -> Option<Live> {
        self.0.board.lock().ok()?.find(tenant, visitor).cloned()
    }

    async fn known(&self, tenant: TenantId) -> Option<Arc<Known>> {
        let before = match self.0.known.lock() {
            Ok(known) => match known.by_tenant.get(&tenant) {
                Some(found) => return Some(found.clone()),
                None => known.changes,
            },
            Err(_) => return None,
        };
        match self.read(tenant).await {
            Ok(read) => {
                let read = Arc::new(read);
                if let Ok(mut known) = self.0.known.lock()
                    && known.changes == before
                {
                    known.by_tenant.insert(tenant, read.clone());
                }
                Some(read)
            }
            Err(error) => {
                tracing::warn!(error = %error, "promotions could not be read; nothing is offered until they can");
                None
            }
        }
    }

    async fn read(&self, tenant: TenantId) -> Result<Known> {
        let scope = TenantScope::proven(tenant);
        let promotions = promotions::list(&self.0.db, scope).await?;
        let sites = sites::list(&self.0.db, scope).await?;
        Ok(Known::new(promotions, sites))
    }

    fn forget(&self, tenant: TenantId) {
        if let Ok(mut known) = self.0.known.lock() {
            known.changes += 1;
            known.by_tenant.remove(&tenant);
        }
    }

    fn forget_all(&self) {
        if let Ok(mut known) = self.0.known.lock() {
            known.changes += 1;
            known.by_tenant.clear();
        }
    }

    fn sweep(&self) {
        let since = self.0.clock.now() - GONE_AFTER;
        if let Ok(mut board) = self.0.board.lock() {
            board.forget(since, |tenant, visitor| self.0.realtime.visitor_present(tenant, visitor));
        }
    }
}

/// An amount as it is summed up.
#[expect(clippy::cast_possible_truncation, reason = "amounts are checked to be far below the limit when they come in")]
fn thousandths(value: f64) -> i64 {
    (value * 1000.0).round() as i64
}

/// What a page needs to show an offer, in the visitor's language.
fn shown_offer(promotion: &Promotion, id: OfferId, live: &Live, (reader, site_language): (&str, &str)) -> Value {
    let offer = &promotion.definition.offer;
    let said = |texts| said_in(texts, reader, site_language);
    json!({
        "id": id, "promotion": promotion.id, "look": offer.look, "title": said(&offer.title), "text": said(&offer.text), "button": said(&offer.button),
        "url": offer.url, "image_url": offer.image_url, "coupon": offer.coupon, "page": live.url,
    })
}
