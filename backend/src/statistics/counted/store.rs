//! SQL of statistics in the database of events.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sqlx::types::Json;
use uuid::Uuid;

use super::super::Span;
use super::super::model::Top;
use crate::db::{DbResult, fetch_all};
use crate::ids::SiteId;
use crate::scope::TenantScope;
use crate::visitor_events::{EventsDb, Sketch};

/// A site's day.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(in super::super) struct CountedDay {
    pub(in super::super) site_id: SiteId,
    pub(in super::super) day: i64,
    pub(in super::super) page_views: i64,
    pub(in super::super) visitors: i64,
    pub(in super::super) visits: i64,
    pub(in super::super) orders: i64,
    pub(in super::super) visits_ordered: i64,
    pub(in super::super) visits_chatted: i64,
    pub(in super::super) visits_chatted_ordered: i64,
}

fn keys(spans: &[Span]) -> Json<Vec<Value>> {
    Json(spans.iter().map(|span| json!([span.site, span.from_day, span.to_day])).collect())
}

pub(in super::super) async fn days(db: &EventsDb, scope: TenantScope, spans: &[Span]) -> DbResult<Vec<CountedDay>> {
    fetch_all!(
        db: &db.0, CountedDay,
        sqlite: "SELECT d.site_id, d.day, d.page_views, d.visitors, d.visits, d.orders, d.visits_ordered, d.visits_chatted, d.visits_chatted_ordered
                 FROM jsonb_each($2) k CROSS JOIN site_days d ON d.tenant_id = $1 AND d.site_id = unhex(k.value ->> 0, '-')
                 AND d.day >= k.value ->> 1 AND d.day <= k.value ->> 2",
        postgres: "SELECT d.site_id, d.day, d.page_views, d.visitors, d.visits, d.orders, d.visits_ordered, d.visits_chatted, d.visits_chatted_ordered
                   FROM jsonb_array_elements($2) k JOIN site_days d ON d.tenant_id = $1 AND d.site_id = (k ->> 0)::uuid
                   AND d.day >= (k ->> 1)::bigint AND d.day <= (k ->> 2)::bigint",
        scope.tenant(), keys(spans)
    )
}

/// How many different people were there in the whole of each span: exact, but for sites that had a day with too many to be told apart.
pub(in super::super) async fn distinct(db: &EventsDb, scope: TenantScope, spans: &[Span]) -> DbResult<i64> {
    let sketches = fetch_all!(
        db: &db.0, (SiteId, Option<Vec<u8>>),
        sqlite: "SELECT d.site_id, d.sketch FROM jsonb_each($2) k CROSS JOIN site_days d ON d.tenant_id = $1 AND d.site_id = unhex(k.value ->> 0, '-')
                 AND d.day >= k.value ->> 1 AND d.day <= k.value ->> 2 WHERE d.sketch IS NOT NULL",
        postgres: "SELECT d.site_id, d.sketch FROM jsonb_array_elements($2) k JOIN site_days d ON d.tenant_id = $1 AND d.site_id = (k ->> 0)::uuid
                   AND d.day >= (k ->> 1)::bigint AND d.day <= (k ->> 2)::bigint WHERE d.sketch IS NOT NULL",
        scope.tenant(), keys(spans)
    )?;
    let mut merged: BTreeMap<SiteId, Sketch> = BTreeMap::new();
    for (site, sketch) in sketches {
        if let Some(sketch) = sketch.and_then(Sketch::from_bytes) {
            merged.entry(site).or_default().merge(&sketch);
        }
    }
    let (large, small): (Vec<Span>, Vec<Span>) = spans.iter().cloned().partition(|span| merged.contains_key(&span.site));
    let exact = fetch_all!(
        db: &db.0, (i64,),
        sqlite: "SELECT COUNT(*) FROM (SELECT DISTINCT p.site_id, p.person_id FROM jsonb_each($2) k CROSS JOIN day_visitors p ON p.tenant_id = $1
                   AND p.site_id = unhex(k.value ->> 0, '-') AND p.day >= k.value ->> 1 AND p.day <= k.value ->> 2 WHERE p.counted = 1)",
        postgres: "SELECT COUNT(*) FROM (SELECT DISTINCT p.site_id, p.person_id FROM jsonb_array_elements($2) k JOIN day_visitors p ON p.tenant_id = $1
                     AND p.site_id = (k ->> 0)::uuid AND p.day >= (k ->> 1)::bigint AND p.day <= (k ->> 2)::bigint WHERE p.counted = 1) counted",
        scope.tenant(), keys(&small)
    )?;
    let people = fetch_all!(
        db: &db.0, (SiteId, Uuid),
        sqlite: "SELECT DISTINCT p.site_id, p.person_id FROM jsonb_each($2) k CROSS JOIN day_visitors p ON p.tenant_id = $1
                 AND p.site_id = unhex(k.value ->> 0, '-') AND p.day >= k.value ->> 1 AND p.day <= k.value ->> 2 WHERE p.counted = 1",
        postgres: "SELECT DISTINCT p.site_id, p.person_id FROM jsonb_array_elements($2) k JOIN day_visitors p ON p.tenant_id = $1
                   AND p.site_id = (k ->> 0)::uuid AND p.day >= (k ->> 1)::bigint AND p.day <= (k ->> 2)::bigint WHERE p.counted = 1",
        scope.tenant(), keys(&large)
    )?;
    for (site, person) in people {
        if let Some(sketch) = merged.get_mut(&site) {
            sketch.add(person);
        }
    }
    let estimated: i64 = merged.values().map(|sketch| i64::try_from(sketch.estimate()).unwrap_or(0)).sum();
    Ok(estimated + exact.into_iter().map(|(count,)| count).sum::<i64>())
}

/// Minutes of the sites' present days: `(site, minute, page views, visits, orders)`.
pub(in super::super) async fn minutes(db: &EventsDb, scope: TenantScope, spans: &[Span]) -> DbResult<Vec<(SiteId, i64, i64, i64, i64)>> {
    let keys: Vec<Value> =
        spans.iter().map(|span| json!([span.site, span.midnight.div_euclid(60_000), span.to.div_euclid(60_000)])).collect();
    fetch_all!(
        db: &db.0, (SiteId, i64, i64, i64, i64),
        sqlite: "SELECT m.site_id, m.minute, m.page_views, m.visits, m.orders FROM jsonb_each($2) k CROSS JOIN site_minutes m ON m.tenant_id = $1
                 AND m.site_id = unhex(k.value ->> 0, '-') AND m.minute >= k.value ->> 1 AND m.minute < k.value ->> 2",
        postgres: "SELECT m.site_id, m.minute, m.page_views, m.visits, m.orders FROM jsonb_array_elements($2) k JOIN site_minutes m ON m.tenant_id = $1
                   AND m.site_id = (k ->> 0)::uuid AND m.minute >= (k ->> 1)::bigint AND m.minute < (k ->> 2)::bigint",
        scope.tenant(), Json(keys)
    )
}

/// `(site, day, currency, orders, thousandths)`.
pub(in super::super) async fn revenue(db: &EventsDb, scope: TenantScope, spans: &[Span]) -> DbResult<Vec<(SiteId, i64, String, i64, i64)>> {
    fetch_all!(
        db: &db.0, (SiteId, i64, String, i64, i64),
        sqlite: "SELECT d.site_id, d.day, d.currency, d.orders, d.value_milli FROM jsonb_each($2) k CROSS JOIN day_revenue d ON d.tenant_id = $1
                 AND d.site_id = unhex(k.value ->> 0, '-') AND d.day >= k.value ->> 1 AND d.day <= k.value ->> 2",
        postgres: "SELECT d.site_id, d.day, d.currency, d.orders, d.value_milli FROM jsonb_array_elements($2) k JOIN day_revenue d ON d.tenant_id = $1
                   AND d.site_id = (k ->> 0)::uuid AND d.day >= (k ->> 1)::bigint AND d.day <= (k ->> 2)::bigint",
        scope.tenant(), keys(spans)
    )
}

/// The first places of a list.
pub(in super::super) async fn tops(db: &EventsDb, scope: TenantScope, spans: &[Span], kind: &str, limit: i64) -> DbResult<Vec<Top>> {
    fetch_all!(
        db: &db.0, Top,
        sqlite: "SELECT t.name, MAX(t.label) AS label, SUM(t.count) AS count, SUM(t.quantity) AS quantity FROM jsonb_each($2) k CROSS JOIN day_tops t ON t.tenant_id = $1
                 AND t.site_id = unhex(k.value ->> 0, '-') AND t.kind = $3 AND t.day >= k.value ->> 1 AND t.day <= k.value ->> 2
                 GROUP BY t.name ORDER BY SUM(t.count) DESC, SUM(t.quantity) DESC, t.name LIMIT $4",
        postgres: "SELECT t.name, MAX(t.label) AS label, SUM(t.count)::bigint AS count, SUM(t.quantity)::bigint AS quantity FROM jsonb_array_elements($2) k
                   JOIN day_tops t ON t.tenant_id = $1 AND t.site_id = (k ->> 0)::uuid AND t.kind = $3 AND t.day >= (k ->> 1)::bigint AND t.day <= (k ->> 2)::bigint
                   GROUP BY t.name ORDER BY SUM(t.count) DESC, SUM(t.quantity) DESC, t.name COLLATE \"C\" LIMIT $4",
        scope.tenant(), keys(spans), kind, limit
    )
}
