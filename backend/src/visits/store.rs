//! SQL of visits.

use serde_json::{Value, json};
use sqlx::types::Json;

use super::PageView;
use crate::db::{Db, DbResult, execute, fetch_one, fetch_optional};
use crate::ids::VisitorId;
use crate::scope::TenantScope;

/// The page of a visit.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct VisitPage {
    /// Address.
    pub page_url: Option<String>,
    /// Title.
    pub page_title: Option<String>,
    /// Where the visit came from.
    pub referrer: Option<String>,
}

/// A visitor's visits in short.
#[derive(Clone, Debug)]
pub struct VisitorVisits {
    /// How many.
    pub count: i64,
    /// The latest one's page.
    pub latest: Option<VisitPage>,
}

pub(super) async fn upsert(db: &Db, views: Vec<(PageView, i64)>) -> DbResult<()> {
    let rows: Vec<Value> = views
        .iter()
        .map(|(view, count)| {
            json!({"tenant_id": view.scope.tenant(), "visitor_id": view.visitor, "id": view.visit, "site_id": view.scope.site(), "at": view.at,
                   "page_views": count, "referrer": view.referrer, "page_url": view.url, "page_title": view.title})
        })
        .collect();
    let mut tx = db.begin().await?;
    execute!(
        &mut tx,
        sqlite: "INSERT INTO visits (tenant_id, visitor_id, id, site_id, started_at, last_seen_at, page_views, entry_url, referrer, page_url, page_title)
                 SELECT unhex(r.value ->> 'tenant_id', '-'), unhex(r.value ->> 'visitor_id', '-'), unhex(r.value ->> 'id', '-'), unhex(r.value ->> 'site_id', '-'),
                   r.value ->> 'at', r.value ->> 'at', r.value ->> 'page_views', r.value ->> 'page_url', r.value ->> 'referrer', r.value ->> 'page_url', r.value ->> 'page_title'
                 FROM json_each($1) r WHERE true
                 ON CONFLICT (tenant_id, visitor_id, id) DO UPDATE SET last_seen_at = excluded.last_seen_at, page_views = visits.page_views + excluded.page_views
                   - CASE WHEN visits.page_url = excluded.page_url THEN 1 ELSE 0 END,
                   page_url = excluded.page_url, page_title = excluded.page_title",
        postgres: "INSERT INTO visits (tenant_id, visitor_id, id, site_id, started_at, last_seen_at, page_views, entry_url, referrer, page_url, page_title)
                   SELECT tenant_id, visitor_id, id, site_id, at, at, page_views, page_url, referrer, page_url, page_title
                   FROM jsonb_to_recordset($1) AS r(tenant_id uuid, visitor_id uuid, id uuid, site_id uuid, at bigint, page_views bigint, referrer text, page_url text, page_title text)
                   ON CONFLICT (tenant_id, visitor_id, id) DO UPDATE SET last_seen_at = excluded.last_seen_at, page_views = visits.page_views + excluded.page_views
                   - CASE WHEN visits.page_url = excluded.page_url THEN 1 ELSE 0 END,
                     page_url = excluded.page_url, page_title = excluded.page_title",
        Json(rows)
    )?;
    tx.commit().await
}

pub(super) async fn of_visitor(db: &Db, scope: TenantScope, visitor: VisitorId) -> DbResult<VisitorVisits> {
    let (count,): (i64,) =
        fetch_one!(db: db, (i64,), "SELECT COUNT(*) FROM visits WHERE tenant_id = $1 AND visitor_id = $2", scope.tenant(), visitor)?;
    let latest = fetch_optional!(
        db: db, VisitPage,
        "SELECT page_url, page_title, referrer FROM visits WHERE tenant_id = $1 AND visitor_id = $2 ORDER BY last_seen_at DESC, id DESC LIMIT 1",
        scope.tenant(), visitor
    )?;
    Ok(VisitorVisits { count, latest })
}
