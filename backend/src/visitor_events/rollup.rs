//! What a batch of events does to the counts: which are new, which page views follow one another, whose visit it is, and what each day,
//! minute and top list gets. Pure: what the batch may touch was loaded by [`super::store`], which also writes what comes of it.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use crate::clock::Millis;
use crate::ids::{VisitId, VisitorId};
use crate::scope::SiteScope;
use crate::sites;

use super::distinct::Sketch;
use super::model::{Act, Item, NewEvent, OnPage, Order, What, milli, page_key, referrer_key};

/// So many visitors of a day are told apart one by one; more are counted by a sketch.
pub(super) const EXACT: i64 = 4096;
/// Milliseconds of a minute.
const MINUTE: Millis = 60_000;
/// A message belongs to a visit that did something within so long.
const IDLE: Millis = 30 * MINUTE;

/// A visit as far as counting needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VisitRow {
    pub(super) scope: SiteScope,
    pub(super) id: VisitId,
    pub(super) visitor: VisitorId,
    /// On which it began.
    pub(super) day: i64,
    /// The last on which its visitor was counted.
    pub(super) last_day: i64,
    pub(super) started_at: Millis,
    pub(super) last_at: Millis,
    pub(super) page_views: i64,
    /// The page it is on.
    pub(super) url: Option<String>,
    pub(super) chatted: bool,
    pub(super) ordered: bool,
}

impl VisitRow {
    fn begun(event: &NewEvent, id: VisitId, day: i64) -> Self {
        Self {
            scope: event.scope,
            id,
            visitor: event.visitor,
            day,
            last_day: 0,
            started_at: event.at,
            last_at: event.at,
            page_views: 0,
            url: None,
            chatted: false,
            ordered: false,
        }
    }
}

/// Somebody of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PersonRow {
    pub(super) scope: SiteScope,
    pub(super) visitor: VisitorId,
    pub(super) day: i64,
    pub(super) person: VisitorId,
    pub(super) counted: bool,
}

/// How a day's visitors stand.
#[derive(Clone, Debug, Default)]
pub(super) struct DayRow {
    pub(super) visitors: i64,
    pub(super) sketch: Option<Sketch>,
}

/// What was stored before.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    /// Events of the batch that are known already.
    pub(super) known: HashSet<(SiteScope, Uuid)>,
    /// Orders of the batch that are known already.
    pub(super) orders: HashSet<(SiteScope, String)>,
    pub(super) visits: HashMap<(SiteScope, VisitId), VisitRow>,
    pub(super) people: Vec<PersonRow>,
    pub(super) days: HashMap<(SiteScope, i64), DayRow>,
}

/// What a day gains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct DayGain {
    pub(super) page_views: i64,
    pub(super) visitors: i64,
    pub(super) visits: i64,
    pub(super) orders: i64,
    pub(super) visits_ordered: i64,
    pub(super) visits_chatted: i64,
    pub(super) visits_chatted_ordered: i64,
}

/// What a minute gains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct MinuteGain {
    pub(super) page_views: i64,
    pub(super) visits: i64,
    pub(super) orders: i64,
}

/// An order to be kept.
#[derive(Clone, Debug)]
pub(super) struct OrderRow {
    pub(super) scope: SiteScope,
    pub(super) order_id: String,
    pub(super) visitor: VisitorId,
    pub(super) visit: VisitId,
    pub(super) day: i64,
    pub(super) at: Millis,
    pub(super) value_milli: i64,
    pub(super) currency: String,
}

/// A kind of top list.
pub(super) type Kind = &'static str;
/// Pages by address.
pub(super) const PAGES: Kind = "page";
/// Products by the shop's number.
pub(super) const PRODUCTS: Kind = "product";
/// Where visits come from.
pub(super) const REFERRERS: Kind = "referrer";

/// What an entry of a top list gains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TopGain {
    pub(super) label: String,
    pub(super) count: i64,
    pub(super) quantity: i64,
}

/// What comes of a batch.
#[derive(Debug, Default)]
pub(super) struct Rolled {
    /// Places in the batch of what is new, in the order of time.
    pub(super) fresh: Vec<usize>,
    pub(super) visits: HashMap<(SiteScope, VisitId), VisitRow>,
    pub(super) people: Vec<PersonRow>,
    pub(super) orders: Vec<OrderRow>,
    pub(super) days: BTreeMap<(SiteScope, i64), DayGain>,
    pub(super) minutes: BTreeMap<(SiteScope, i64), MinuteGain>,
    pub(super) tops: BTreeMap<(SiteScope, Kind, i64, String), TopGain>,
    /// Orders and thousandths, by currency.
    pub(super) revenue: BTreeMap<(SiteScope, i64, String), (i64, i64)>,
    pub(super) sketches: HashMap<(SiteScope, i64), Sketch>,
}

/// Decides a batch.
pub(super) fn roll(batch: &[NewEvent], loaded: Loaded) -> Rolled {
    let mut order: Vec<usize> = (0..batch.len()).collect();
    order.sort_by_key(|place| batch.get(*place).map_or(0, |event| event.at));
    let mut roll = Roll { loaded, out: Rolled::default() };
    for place in order {
        if let Some(event) = batch.get(place)
            && roll.take(event)
        {
            roll.out.fresh.push(place);
        }
    }
    roll.out
}

struct Roll {
    loaded: Loaded,
    out: Rolled,
}

impl Roll {
    /// Counts an event; false where there is nothing new in it.
    fn take(&mut self, event: &NewEvent) -> bool {
        let key = (event.scope, event.id);
        if self.loaded.known.contains(&key) {
            return false;
        }
        let fresh = match &event.what {
            What::Chatted => self.chatted(event),
            What::Act(visit, act, page) => self.act(event, *visit, act, page.as_ref()),
        };
        self.loaded.known.insert(key);
        fresh
    }

    fn act(&mut self, event: &NewEvent, visit: VisitId, act: &Act, page: Option<&OnPage>) -> bool {
        let day = sites::day_of(&event.zone, event.at);
        let known = self.loaded.visits.get(&(event.scope, visit)).cloned();
        // The same address in a row is one view: every reconnect names it again.
        let named_again = |row: &VisitRow| row.url.is_some() && row.url.as_deref() == page.map(|page| page.url.as_str());
        if matches!(act, Act::PageEntered { .. }) && known.as_ref().is_some_and(named_again) {
            return false;
        }
        if known.is_none() {
            self.day(event.scope, day).visits += 1;
            self.minute(event.scope, event.at).visits += 1;
        }
        let mut row = known.unwrap_or_else(|| VisitRow::begun(event, visit, day));
        if row.last_day < day {
            row.last_day = day;
            self.count_person(event, day);
        }
        row.visitor = event.visitor;
        row.last_at = row.last_at.max(event.at);
        match act {
            Act::PageEntered { referrer, product } => {
                if let Some(page) = page {
                    self.entered(&mut row, (event.at, day), page, referrer.as_deref());
                }
                if let Some(product) = product {
                    let key = product.id.clone().unwrap_or_else(|| page_key(&product.url));
                    self.top(event.scope, PRODUCTS, day, (key, product.name.clone())).count += 1;
                }
            }
            Act::OrderPlaced(order) => self.ordered(&mut row, (event.at, day), order),
            Act::CartChanged(_) | Act::Custom { .. } => {}
        }
        self.put(row);
        true
    }

    fn entered(&mut self, row: &mut VisitRow, (at, day): (Millis, i64), page: &OnPage, referrer: Option<&str>) {
        row.page_views += 1;
        row.url = Some(page.url.clone());
        self.day(row.scope, day).page_views += 1;
        self.minute(row.scope, at).page_views += 1;
        self.top(row.scope, PAGES, day, (page_key(&page.url), page.title.clone())).count += 1;
        if row.page_views == 1 {
            let from = referrer_key(referrer, &page.url);
            self.top(row.scope, REFERRERS, row.day, (from.clone(), from)).count += 1;
        }
    }

    fn ordered(&mut self, row: &mut VisitRow, (at, day): (Millis, i64), order: &Order) {
        let (scope, value_milli) = (row.scope, milli(order.value));
        if !self.loaded.orders.insert((scope, order.order_id.clone())) {
            return;
        }
        let (order_id, currency) = (order.order_id.clone(), order.currency.clone());
        self.out.orders.push(OrderRow { scope, order_id, visitor: row.visitor, visit: row.id, day, at, value_milli, currency });
        self.day(scope, day).orders += 1;
        self.minute(scope, at).orders += 1;
        let revenue = self.out.revenue.entry((scope, day, order.currency.clone())).or_default();
        revenue.0 += 1;
        revenue.1 += value_milli;
        self.sold(scope, day, &order.items);
        if !row.ordered {
            row.ordered = true;
            let began = self.day(scope, row.day);
            began.visits_ordered += 1;
            began.visits_chatted_ordered += i64::from(row.chatted);
        }
    }

    fn chatted(&mut self, event: &NewEvent) -> bool {
        let of_visitor = |row: &&VisitRow| row.scope == event.scope && event.selves().any(|id| id == row.visitor);
        let recent = |row: &&VisitRow| row.last_at >= event.at - IDLE;
        let latest = self.loaded.visits.values().filter(of_visitor).filter(recent).max_by_key(|row| (row.last_at, row.id)).cloned();
        if let Some(mut row) = latest {
            row.last_at = row.last_at.max(event.at);
            if !row.chatted {
                row.chatted = true;
                let began = self.day(event.scope, row.day);
                began.visits_chatted += 1;
                began.visits_chatted_ordered += i64::from(row.ordered);
            }
            self.put(row);
        }
        true
    }

    /// Whoever was counted that day before it was known who they are is not counted again.
    fn count_person(&mut self, event: &NewEvent, day: i64) {
        let (scope, selves) = (event.scope, event.selves().collect::<Vec<_>>());
        let own: Vec<&PersonRow> = self.loaded.people.iter().filter(|row| row.scope == scope && selves.contains(&row.visitor)).collect();
        if own.iter().any(|row| row.day == day && row.visitor == event.visitor) {
            return;
        }
        let counted = own.iter().all(|row| row.day != day);
        let person = own.iter().min_by_key(|row| row.day).map_or(event.visitor, |row| row.person);
        let row = PersonRow { scope, visitor: event.visitor, day, person, counted };
        self.loaded.people.push(row);
        let stands = self.loaded.days.entry((scope, day)).or_default();
        let gained = if let Some(sketch) = &mut stands.sketch {
            sketch.add(person.0);
            let gained = i64::try_from(sketch.estimate()).unwrap_or(stands.visitors) - stands.visitors;
            self.out.sketches.insert((scope, day), sketch.clone());
            // An estimate never takes back what was said.
            gained.max(0)
        } else {
            self.out.people.push(row);
            i64::from(counted)
        };
        stands.visitors += gained;
        self.day(scope, day).visitors += gained;
    }

    fn sold(&mut self, scope: SiteScope, day: i64, items: &[Item]) {
        for item in items {
            let key = if item.id.is_empty() { item.name.clone() } else { item.id.clone() };
            if !key.is_empty() {
                self.top(scope, PRODUCTS, day, (key, item.name.clone())).quantity += i64::from(item.quantity);
            }
        }
    }

    fn put(&mut self, row: VisitRow) {
        let key = (row.scope, row.id);
        self.loaded.visits.insert(key, row.clone());
        self.out.visits.insert(key, row);
    }

    fn day(&mut self, scope: SiteScope, day: i64) -> &mut DayGain {
        self.out.days.entry((scope, day)).or_default()
    }

    fn minute(&mut self, scope: SiteScope, at: Millis) -> &mut MinuteGain {
        self.out.minutes.entry((scope, at.div_euclid(MINUTE))).or_default()
    }

    fn top(&mut self, scope: SiteScope, kind: Kind, day: i64, (name, label): (String, String)) -> &mut TopGain {
        let top = self.out.tops.entry((scope, kind, day, name)).or_default();
        if !label.is_empty() {
            top.label = label;
        }
        top
    }
}
