//! What happened on a site, or on all of a tenant's, in a period: counts of visitors from the database of events, figures of conversations from chat's
//! own. Days are those of each site's own calendar. Definitions: docs/STATISTICS.md.

mod counted;
pub mod csv;
mod figures;
mod model;
mod store;

pub use model::{Day, Group, Hour, Overview, Period, Revenue, Top, TopKind, Totals};

use std::collections::{BTreeMap, HashMap};

use crate::clock::Millis;
use crate::db::{Db, DbResult};
use crate::ids::SiteId;
use crate::scope::TenantScope;
use crate::sites::{self, Site};
use crate::visitor_events::EventsDb;

/// A site's part of a period.
#[derive(Clone, Debug)]
pub struct Span {
    site: SiteId,
    zone: String,
    from_day: i64,
    to_day: i64,
    /// When the first day begins, and the last ends.
    from: Millis,
    to: Millis,
    /// When the present day began.
    midnight: Millis,
}

/// The period as each of these sites has it.
pub fn spans(sites: &[Site], period: Period, now: Millis) -> Vec<Span> {
    let span = |site: &Site| {
        let zone = site.time_zone.clone();
        let to_day = sites::day_of(&zone, now);
        let from_day = sites::plus_days(to_day, 1 - period.days());
        let (from, to) = (sites::start_of(&zone, from_day), sites::start_of(&zone, sites::plus_days(to_day, 1)));
        let midnight = sites::start_of(&zone, to_day);
        Span { site: site.id, zone, from_day, to_day, from, to, midnight }
    };
    sites.iter().map(span).collect()
}

/// All numbers of a period. Who is there now is asked elsewhere.
pub async fn overview(db: &Db, events: &EventsDb, scope: TenantScope, spans: &[Span], now: Millis) -> DbResult<Overview> {
    let (counted, revenue) = (counted::days(events, scope, spans).await?, counted::revenue(events, scope, spans).await?);
    let chats = store::chats(db, scope, spans).await?;
    let mut overview = Overview { days: days_of(spans), hours: hours(events, scope, spans).await?, ..Overview::default() };
    if let (Some(first), Some(last)) = (overview.days.first(), overview.days.last()) {
        (overview.from, overview.to) = (first.day.clone(), last.day.clone());
    }
    overview.time_zone = if let [only] = spans { Some(only.zone.clone()) } else { None };
    let places = Places::of(spans);
    let (mut all, mut talked) = (Group::default(), Group::default());
    for row in &counted {
        let totals = &mut overview.totals;
        totals.page_views += row.page_views;
        totals.visits += row.visits;
        totals.orders += row.orders;
        all.visits += row.visits;
        all.ordered += row.visits_ordered;
        talked.visits += row.visits_chatted;
        talked.ordered += row.visits_chatted_ordered;
        if let Some(day) = places.of_day(row.site_id, row.day).and_then(|place| overview.days.get_mut(place)) {
            day.page_views += row.page_views;
            day.visitors += row.visitors;
            day.visits += row.visits;
            day.orders += row.orders;
        }
    }
    overview.totals.visitors = counted::distinct(events, scope, spans).await?;
    for (site, day, currency, orders, value_milli) in revenue {
        add_revenue(&mut overview.revenue, &currency, (orders, value_milli));
        if let Some(day) = places.of_day(site, day).and_then(|place| overview.days.get_mut(place)) {
            add_revenue(&mut day.revenue, &currency, (orders, value_milli));
        }
    }
    overview.revenue.sort_by_key(|revenue| (std::cmp::Reverse(revenue.orders), revenue.currency.clone()));
    for (site, chat) in &chats {
        if let Some(day) = places.of_moment(*site, chat.began).and_then(|place| overview.days.get_mut(place)) {
            day.conversations += 1;
            day.missed += i64::from(figures::is_missed(chat, now));
        }
    }
    let chats: Vec<_> = chats.into_iter().map(|(_, chat)| chat).collect();
    figures::add(&mut overview.totals, &chats, now);
    overview.chatted = with_share(talked);
    overview.not_chatted =
        with_share(Group { visits: all.visits - talked.visits, ordered: all.ordered - talked.ordered, conversion: None });
    Ok(overview)
}

/// The first places of a list.
pub async fn tops(events: &EventsDb, scope: TenantScope, spans: &[Span], kind: TopKind, limit: i64) -> DbResult<Vec<Top>> {
    counted::tops(events, scope, spans, kind.stored(), limit).await
}

fn with_share(group: Group) -> Group {
    Group { conversion: figures::share(group.ordered, group.visits), ..group }
}

fn add_revenue(list: &mut Vec<Revenue>, currency: &str, (orders, value_milli): (i64, i64)) {
    let more = Revenue::new(currency.to_owned(), orders, value_milli);
    match list.iter_mut().find(|revenue| revenue.currency == currency) {
        Some(revenue) => {
            revenue.orders += more.orders;
            revenue.value = ((revenue.value + more.value) * 1000.0).round() / 1000.0;
        }
        None => list.push(more),
    }
}

/// Every day of the period, with nothing in it yet. Sites in different zones may have different dates: the first one's stand for all.
fn days_of(spans: &[Span]) -> Vec<Day> {
    let Some(span) = spans.first() else { return Vec::new() };
    let mut day = span.from_day;
    let mut days = Vec::new();
    while day <= span.to_day {
        days.push(Day { day: sites::written_day(day), ..Day::default() });
        day = sites::plus_days(day, 1);
    }
    days
}

/// Which place among the days of a period a site's own day has: today is the last for everybody.
struct Places {
    days: HashMap<(SiteId, i64), usize>,
    zones: HashMap<SiteId, String>,
}

impl Places {
    fn of(spans: &[Span]) -> Self {
        let mut days = HashMap::new();
        for span in spans {
            let (mut day, mut place) = (span.from_day, 0);
            while day <= span.to_day {
                days.insert((span.site, day), place);
                (day, place) = (sites::plus_days(day, 1), place + 1);
            }
        }
        Self { days, zones: spans.iter().map(|span| (span.site, span.zone.clone())).collect() }
    }

    fn of_day(&self, site: SiteId, day: i64) -> Option<usize> {
        self.days.get(&(site, day)).copied()
    }

    fn of_moment(&self, site: SiteId, at: Millis) -> Option<usize> {
        self.of_day(site, sites::day_of(self.zones.get(&site)?, at))
    }
}

/// The hours of the sites' present days, each on its own clock.
async fn hours(events: &EventsDb, scope: TenantScope, spans: &[Span]) -> DbResult<Vec<Hour>> {
    let zones: BTreeMap<SiteId, &str> = spans.iter().map(|span| (span.site, span.zone.as_str())).collect();
    let mut hours: Vec<Hour> = (0..24).map(|hour| Hour { hour, ..Hour::default() }).collect();
    for (site, minute, page_views, visits, orders) in counted::minutes(events, scope, spans).await? {
        let hour = zones.get(&site).map(|zone| sites::hour_of(zone, minute * 60_000));
        if let Some(hour) = hour.and_then(|hour| hours.get_mut(hour)) {
            hour.page_views += page_views;
            hour.visits += visits;
            hour.orders += orders;
        }
    }
    Ok(hours)
}
