//! SQL of visits and of the trail of pages in them.

use std::collections::HashMap;

use serde_json::{Value, json};
use sqlx::types::Json;
use uuid::Uuid;

use super::{PageView, Product};
use crate::clock::{Clock, Millis};
use crate::db::{Db, DbResult, Tx, execute, fetch_all, fetch_one, fetch_optional};
use crate::ids::{VisitId, VisitorId};
use crate::scope::{SystemScope, TenantScope};

/// The page of a visit.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct VisitPage {
    /// Address.
    pub page_url: Option<String>,
    /// Title.
    pub page_title: Option<String>,
    /// Since when.
    pub page_since: Option<Millis>,
    /// What it sells.
    pub product: Option<Json<Product>>,
    /// Where the visit came from.
    pub referrer: Option<String>,
    /// Its first page.
    pub entry_url: Option<String>,
    /// When it began.
    pub started_at: Millis,
}

/// A visitor's visits in short.
#[derive(Clone, Debug)]
pub struct VisitorVisits {
    /// How many.
    pub count: i64,
    /// The latest one's page.
    pub latest: Option<VisitPage>,
}

/// A page that a visitor was on.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Trodden {
    /// Names it in the list.
    pub id: Uuid,
    /// When they came.
    pub at: Millis,
    /// When they went on to another page of the same visit.
    pub left_at: Option<Millis>,
    /// Address.
    pub url: String,
    /// Title.
    pub title: String,
    /// In which stay.
    pub visit_id: VisitId,
}

/// Views of one visit, in the order they came.
pub(super) type ByVisit = HashMap<(VisitorId, VisitId), Vec<PageView>>;

/// Stores views: a page named again in a row, as every reconnect does, is one view.
pub(super) async fn insert(db: &Db, clock: &Clock, visits: &ByVisit) -> DbResult<()> {
    let mut tx = db.begin().await?;
    let known = pages_now(&mut tx, visits).await?;
    let (mut rows, mut trail, mut left, mut back) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (key, views) in visits {
        let Some(last) = views.last() else { continue };
        let mut page = known.get(key).cloned();
        if page.as_deref().is_some_and(|page| views.first().is_some_and(|view| view.url == page)) {
            back.push(json!({"tenant_id": last.scope.tenant(), "visitor_id": last.visitor, "visit_id": last.visit}));
        }
        let mut fresh: Vec<(Uuid, &PageView, Option<Millis>)> = Vec::new();
        for view in views.iter().filter(|view| {
            let moved = page.as_deref() != Some(view.url.as_str());
            page = Some(view.url.clone());
            moved
        }) {
            if let Some((.., left_at)) = fresh.last_mut() {
                *left_at = Some(view.at);
            } else if known.contains_key(key) {
                left.push(json!({"tenant_id": view.scope.tenant(), "visitor_id": view.visitor, "visit_id": view.visit, "at": view.at}));
            }
            fresh.push((clock.new_id(), view, None));
        }
        trail.extend(fresh.iter().map(|(id, view, left_at)| {
            json!({"tenant_id": view.scope.tenant(), "visitor_id": view.visitor, "id": id, "site_id": view.scope.site(), "visit_id": view.visit,
                   "at": view.at, "left_at": left_at, "url": view.url, "title": view.title})
        }));
        rows.push(visit_row(views, last, &fresh));
    }
    upsert(&mut tx, rows).await?;
    come_back(&mut tx, back).await?;
    leave(&mut tx, left).await?;
    trace(&mut tx, trail).await?;
    tx.commit().await
}

fn visit_row(views: &[PageView], last: &PageView, fresh: &[(Uuid, &PageView, Option<Millis>)]) -> Value {
    let first = views.first().unwrap_or(last);
    let referrer = views.iter().find_map(|view| view.referrer.as_ref());
    json!({"tenant_id": last.scope.tenant(), "visitor_id": last.visitor, "id": last.visit, "site_id": last.scope.site(), "started_at": first.at,
           "at": last.at, "page_views": fresh.len(), "entry_url": first.url, "referrer": referrer, "page_url": last.url, "page_title": last.title,
           "page_since": fresh.last().map(|(_, view, _)| view.at), "product": last.product})
}

/// The page each of these visits was on.
async fn pages_now(tx: &mut Tx, visits: &ByVisit) -> DbResult<HashMap<(VisitorId, VisitId), String>> {
    let keys: Vec<Value> = visits
        .iter()
        .filter_map(|((visitor, visit), views)| {
            Some(json!({"tenant_id": views.first()?.scope.tenant(), "visitor_id": visitor, "id": visit}))
        })
        .collect();
    let rows = fetch_all!(
        tx: tx, (VisitorId, VisitId, String),
        sqlite: "SELECT v.visitor_id, v.id, COALESCE(v.page_url, '') FROM jsonb_each($1) k CROSS JOIN visits v ON v.tenant_id = unhex(k.value ->> 'tenant_id', '-')
                 AND v.visitor_id = unhex(k.value ->> 'visitor_id', '-') AND v.id = unhex(k.value ->> 'id', '-')",
        postgres: "SELECT v.visitor_id, v.id, COALESCE(v.page_url, '') FROM (SELECT * FROM jsonb_to_recordset($1) AS k(tenant_id uuid, visitor_id uuid, id uuid) LIMIT jsonb_array_length($1)) k
                   JOIN visits v ON v.tenant_id = k.tenant_id AND v.visitor_id = k.visitor_id AND v.id = k.id",
        Json(keys)
    )?;
    Ok(rows.into_iter().map(|(visitor, visit, url)| ((visitor, visit), url)).collect())
}

async fn upsert(tx: &mut Tx, rows: Vec<Value>) -> DbResult<()> {
    execute!(
        tx,
        sqlite: "INSERT INTO visits (tenant_id, visitor_id, id, site_id, started_at, last_seen_at, page_views, entry_url, referrer, page_url, page_title, page_since, product)
                 SELECT unhex(r.value ->> 'tenant_id', '-'), unhex(r.value ->> 'visitor_id', '-'), unhex(r.value ->> 'id', '-'), unhex(r.value ->> 'site_id', '-'),
                   r.value ->> 'started_at', r.value ->> 'at', r.value ->> 'page_views', r.value ->> 'entry_url', r.value ->> 'referrer', r.value ->> 'page_url',
                   r.value ->> 'page_title', r.value ->> 'page_since', NULLIF(r.value -> 'product', 'null')
                 FROM jsonb_each($1) r WHERE true
                 ON CONFLICT (tenant_id, visitor_id, id) DO UPDATE SET last_seen_at = excluded.last_seen_at, page_views = visits.page_views + excluded.page_views,
                   page_url = excluded.page_url, page_title = excluded.page_title, page_since = COALESCE(excluded.page_since, visits.page_since), product = excluded.product",
        postgres: "INSERT INTO visits (tenant_id, visitor_id, id, site_id, started_at, last_seen_at, page_views, entry_url, referrer, page_url, page_title, page_since, product)
                   SELECT tenant_id, visitor_id, id, site_id, started_at, at, page_views, entry_url, referrer, page_url, page_title, page_since, NULLIF(product, 'null'::jsonb)
                   FROM jsonb_to_recordset($1) AS r(tenant_id uuid, visitor_id uuid, id uuid, site_id uuid, started_at bigint, at bigint, page_views bigint, entry_url text,
                     referrer text, page_url text, page_title text, page_since bigint, product jsonb)
                   ON CONFLICT (tenant_id, visitor_id, id) DO UPDATE SET last_seen_at = excluded.last_seen_at, page_views = visits.page_views + excluded.page_views,
                     page_url = excluded.page_url, page_title = excluded.page_title, page_since = COALESCE(excluded.page_since, visits.page_since), product = excluded.product",
        Json(rows)
    )
    .map(drop)
}

/// Who left, and is on the same page again, never left it.
async fn come_back(tx: &mut Tx, back: Vec<Value>) -> DbResult<()> {
    if back.is_empty() {
        return Ok(());
    }
    execute!(
        tx,
        sqlite: "UPDATE page_views SET left_at = NULL FROM jsonb_each($1) k
                 WHERE page_views.tenant_id = unhex(k.value ->> 'tenant_id', '-') AND page_views.visitor_id = unhex(k.value ->> 'visitor_id', '-')
                   AND page_views.visit_id = unhex(k.value ->> 'visit_id', '-') AND page_views.left_at IS NOT NULL
                   AND NOT EXISTS (SELECT 1 FROM page_views l WHERE l.tenant_id = page_views.tenant_id AND l.visitor_id = page_views.visitor_id
                     AND l.visit_id = page_views.visit_id AND (l.at > page_views.at OR (l.at = page_views.at AND l.id > page_views.id)))",
        postgres: "UPDATE page_views SET left_at = NULL FROM (SELECT * FROM jsonb_to_recordset($1) AS k(tenant_id uuid, visitor_id uuid, visit_id uuid) LIMIT jsonb_array_length($1)) k
                   WHERE page_views.tenant_id = k.tenant_id AND page_views.visitor_id = k.visitor_id AND page_views.visit_id = k.visit_id
                     AND page_views.left_at IS NOT NULL
                     AND NOT EXISTS (SELECT 1 FROM page_views l WHERE l.tenant_id = page_views.tenant_id AND l.visitor_id = page_views.visitor_id
                       AND l.visit_id = page_views.visit_id AND (l.at > page_views.at OR (l.at = page_views.at AND l.id > page_views.id)))",
        Json(back)
    )
    .map(drop)
}

/// Ends the stay of somebody who is gone on whatever page it was.
pub(super) async fn end(db: &Db, scope: TenantScope, visitor: VisitorId, at: Millis) -> DbResult<()> {
    let mut tx = db.begin().await?;
    execute!(
        &mut tx,
        "UPDATE page_views SET left_at = $3 WHERE tenant_id = $1 AND visitor_id = $2 AND left_at IS NULL",
        scope.tenant(),
        visitor,
        at
    )?;
    tx.commit().await
}

/// Ends the stay on the page that was the last until now.
async fn leave(tx: &mut Tx, left: Vec<Value>) -> DbResult<()> {
    if left.is_empty() {
        return Ok(());
    }
    execute!(
        tx,
        sqlite: "UPDATE page_views SET left_at = k.value ->> 'at' FROM jsonb_each($1) k
                 WHERE page_views.tenant_id = unhex(k.value ->> 'tenant_id', '-') AND page_views.visitor_id = unhex(k.value ->> 'visitor_id', '-')
                   AND page_views.visit_id = unhex(k.value ->> 'visit_id', '-') AND page_views.left_at IS NULL",
        postgres: "UPDATE page_views SET left_at = k.at FROM (SELECT * FROM jsonb_to_recordset($1) AS k(tenant_id uuid, visitor_id uuid, visit_id uuid, at bigint) LIMIT jsonb_array_length($1)) k
                   WHERE page_views.tenant_id = k.tenant_id AND page_views.visitor_id = k.visitor_id AND page_views.visit_id = k.visit_id AND page_views.left_at IS NULL",
        Json(left)
    )
    .map(drop)
}

async fn trace(tx: &mut Tx, trail: Vec<Value>) -> DbResult<()> {
    if trail.is_empty() {
        return Ok(());
    }
    execute!(
        tx,
        sqlite: "INSERT INTO page_views (tenant_id, visitor_id, id, site_id, visit_id, at, left_at, url, title)
                 SELECT unhex(r.value ->> 'tenant_id', '-'), unhex(r.value ->> 'visitor_id', '-'), unhex(r.value ->> 'id', '-'), unhex(r.value ->> 'site_id', '-'),
                   unhex(r.value ->> 'visit_id', '-'), r.value ->> 'at', r.value ->> 'left_at', r.value ->> 'url', r.value ->> 'title' FROM jsonb_each($1) r",
        postgres: "INSERT INTO page_views (tenant_id, visitor_id, id, site_id, visit_id, at, left_at, url, title)
                   SELECT tenant_id, visitor_id, id, site_id, visit_id, at, left_at, url, title
                   FROM jsonb_to_recordset($1) AS r(tenant_id uuid, visitor_id uuid, id uuid, site_id uuid, visit_id uuid, at bigint, left_at bigint, url text, title text)",
        Json(trail)
    )
    .map(drop)
}

/// Of a visitor, and of everybody who became part of them: what an anonymous visitor left keeps the id it was left under.
pub(super) async fn of_visitor(db: &Db, scope: TenantScope, visitor: VisitorId) -> DbResult<VisitorVisits> {
    // In the visit in which somebody said who they are, they were both.
    let (count,): (i64,) = fetch_one!(
        db: db, (i64,),
        "SELECT COUNT(DISTINCT id) FROM visits
         WHERE tenant_id = $1 AND visitor_id IN (SELECT $2 UNION ALL SELECT m.id FROM visitors m WHERE m.tenant_id = $1 AND m.merged_into = $2)",
        scope.tenant(), visitor
    )?;
    let latest = fetch_optional!(
        db: db, VisitPage,
        "SELECT page_url, page_title, page_since, product, referrer, entry_url, started_at FROM visits
         WHERE tenant_id = $1 AND visitor_id IN (SELECT $2 UNION ALL SELECT m.id FROM visitors m WHERE m.tenant_id = $1 AND m.merged_into = $2)
         ORDER BY last_seen_at DESC, id DESC, visitor_id DESC LIMIT 1",
        scope.tenant(), visitor
    )?;
    Ok(VisitorVisits { count, latest })
}

pub(super) async fn list_trail(
    db: &Db,
    scope: TenantScope,
    visitor: VisitorId,
    after: Option<(Millis, Uuid)>,
    limit: i64,
) -> DbResult<Vec<Trodden>> {
    let (after_at, after_id) = after.unzip();
    fetch_all!(
        db: db, Trodden,
        "SELECT id, at, left_at, url, title, visit_id FROM page_views
         WHERE tenant_id = $1 AND visitor_id IN (SELECT $2 UNION ALL SELECT m.id FROM visitors m WHERE m.tenant_id = $1 AND m.merged_into = $2)
           AND ($3 IS NULL OR at < $3 OR (at = $3 AND id < $4)) ORDER BY at DESC, id DESC LIMIT $5",
        scope.tenant(), visitor, after_at, after_id, limit
    )
}

/// Deletes the oldest hour of what is older; answers how many rows that were, so that no deletion holds the writer for long.
pub(super) async fn delete_oldest(db: &Db, _: SystemScope, older_than: Millis) -> DbResult<u64> {
    let mut tx = db.begin().await?;
    let deleted =
        execute!(&mut tx, "DELETE FROM page_views WHERE at < $1 AND at <= (SELECT MIN(at) FROM page_views) + 3600000", older_than)?;
    tx.commit().await?;
    Ok(deleted)
}

pub(super) async fn count(db: &Db, scope: TenantScope, visitors: &[VisitorId]) -> DbResult<Vec<(VisitorId, i64)>> {
    fetch_all!(
        db: db, (VisitorId, i64),
        sqlite: "SELECT v.visitor_id, COUNT(*) FROM jsonb_each($2) k CROSS JOIN visits v ON v.tenant_id = $1 AND v.visitor_id = unhex(k.value, '-') GROUP BY v.visitor_id",
        postgres: "SELECT v.visitor_id, COUNT(*) FROM jsonb_array_elements_text($2) k JOIN visits v ON v.tenant_id = $1 AND v.visitor_id = k::uuid GROUP BY v.visitor_id",
        scope.tenant(), Json(visitors)
    )
}
