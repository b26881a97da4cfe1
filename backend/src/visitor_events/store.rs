//! SQL of visitor events and of what is counted of them, in the database of events. A batch is one transaction: what it may touch is loaded,
//! [`super::rollup`] decides, what comes of it is written. Rows travel as one JSON document per statement.

mod write;

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::Serialize;
use serde_json::{Value, json};
use sqlx::types::Json;
use uuid::Uuid;

use super::EventsDb;
use super::distinct::Sketch;
use super::model::{Act, NewEvent, What};
use super::rollup::{self, DayRow, EXACT, Loaded, PersonRow, VisitRow};
use crate::clock::{DAY, Millis};
use crate::db::{DbResult, Tx, execute, fetch_all};
use crate::ids::{SiteId, TenantId, VisitId, VisitorId};
use crate::scope::{SiteScope, SystemScope, TenantScope};
use crate::sites;

/// Stores what of the batch is new and counts it; answers the places of those.
pub(super) async fn insert(db: &EventsDb, batch: &[NewEvent], now: Millis) -> DbResult<Vec<usize>> {
    let mut tx = db.0.begin().await?;
    let loaded = load(&mut tx, batch).await?;
    let rolled = rollup::roll(batch, loaded);
    write::all(&mut tx, batch, &rolled, now).await?;
    tx.commit().await?;
    Ok(rolled.fresh)
}

fn of(scope: SiteScope) -> (TenantId, SiteId) {
    (scope.tenant(), scope.site())
}

/// The document of a statement; nothing where there is nothing to ask.
fn document<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Option<Json<Vec<T>>> {
    let rows: Vec<T> = rows.into_iter().collect();
    (!rows.is_empty()).then_some(Json(rows))
}

async fn load(tx: &mut Tx, batch: &[NewEvent]) -> DbResult<Loaded> {
    lock(tx, batch).await?;
    let scopes: HashMap<(TenantId, SiteId), SiteScope> = batch.iter().map(|event| (of(event.scope), event.scope)).collect();
    let mut loaded = Loaded { known: known(tx, batch, &scopes).await?, orders: orders(tx, batch, &scopes).await?, ..Loaded::default() };
    for row in visits(tx, batch, &scopes).await? {
        loaded.visits.insert((row.scope, row.id), row);
    }
    let coming = coming(batch, &loaded);
    loaded.people = people(tx, &coming, &scopes).await?;
    loaded.days = days(tx, &coming, &scopes).await?;
    Ok(loaded)
}

/// Two nodes count the same site one after the other; SQLite has one writer anyway.
async fn lock(tx: &mut Tx, batch: &[NewEvent]) -> DbResult<()> {
    let sites: BTreeSet<SiteId> = batch.iter().map(|event| event.scope.site()).collect();
    if matches!(tx, Tx::Postgres(_)) {
        execute!(
            tx,
            sqlite: "SELECT 1 WHERE $1 IS NULL",
            postgres: "SELECT pg_advisory_xact_lock(hashtextextended(k.site, 7)) FROM (SELECT value AS site FROM jsonb_array_elements_text($1) ORDER BY value) k",
            Json(sites)
        )?;
    }
    Ok(())
}

type Scopes = HashMap<(TenantId, SiteId), SiteScope>;

async fn known(tx: &mut Tx, batch: &[NewEvent], scopes: &Scopes) -> DbResult<HashSet<(SiteScope, Uuid)>> {
    let keys = document(batch.iter().map(|event| json!([event.scope.tenant(), event.scope.site(), event.id])));
    let rows = fetch_all!(
        tx: tx, (TenantId, SiteId, Uuid),
        sqlite: "SELECT e.tenant_id, e.site_id, e.id FROM jsonb_each($1) k CROSS JOIN visitor_events e ON e.tenant_id = unhex(k.value ->> 0, '-')
                 AND e.site_id = unhex(k.value ->> 1, '-') AND e.id = unhex(k.value ->> 2, '-')",
        postgres: "SELECT e.tenant_id, e.site_id, e.id FROM jsonb_array_elements($1) k
                   CROSS JOIN LATERAL (SELECT * FROM visitor_events e WHERE e.tenant_id = (k ->> 0)::uuid AND e.site_id = (k ->> 1)::uuid AND e.id = (k ->> 2)::uuid LIMIT 1) e",
        keys
    )?;
    Ok(rows.into_iter().filter_map(|(tenant, site, id)| Some((*scopes.get(&(tenant, site))?, id))).collect())
}

async fn orders(tx: &mut Tx, batch: &[NewEvent], scopes: &Scopes) -> DbResult<HashSet<(SiteScope, String)>> {
    let order = |event: &NewEvent| match &event.what {
        What::Act(_, act, _) if let Act::OrderPlaced(order) = &**act => Some(order.order_id.clone()),
        _ => None,
    };
    let named = batch.iter().filter_map(|event| Some(json!([event.scope.tenant(), event.scope.site(), order(event)?])));
    let Some(keys) = document(named) else { return Ok(HashSet::new()) };
    let rows = fetch_all!(
        tx: tx, (TenantId, SiteId, String),
        sqlite: "SELECT o.tenant_id, o.site_id, o.order_id FROM jsonb_each($1) k CROSS JOIN visitor_orders o ON o.tenant_id = unhex(k.value ->> 0, '-')
                 AND o.site_id = unhex(k.value ->> 1, '-') AND o.order_id = k.value ->> 2",
        postgres: "SELECT o.tenant_id, o.site_id, o.order_id FROM jsonb_array_elements($1) k
                   CROSS JOIN LATERAL (SELECT * FROM visitor_orders o WHERE o.tenant_id = (k ->> 0)::uuid AND o.site_id = (k ->> 1)::uuid AND o.order_id = k ->> 2 LIMIT 1) o",
        keys
    )?;
    Ok(rows.into_iter().filter_map(|(tenant, site, id)| Some((*scopes.get(&(tenant, site))?, id))).collect())
}

#[derive(sqlx::FromRow)]
struct Visit {
    tenant_id: TenantId,
    site_id: SiteId,
    id: VisitId,
    visitor_id: VisitorId,
    day: i64,
    last_day: i64,
    started_at: Millis,
    last_at: Millis,
    page_views: i64,
    url: Option<String>,
    chatted: i64,
    ordered: i64,
}

/// Visits that the batch names, and the latest ones of those who wrote a message.
async fn visits(tx: &mut Tx, batch: &[NewEvent], scopes: &Scopes) -> DbResult<Vec<VisitRow>> {
    let mut rows: Vec<Visit> = Vec::new();
    let named = batch.iter().filter_map(|event| match &event.what {
        What::Act(visit, ..) => Some(json!([event.scope.tenant(), event.scope.site(), visit])),
        What::Chatted => None,
    });
    if let Some(keys) = document(named) {
        rows.extend(fetch_all!(
            tx: tx, Visit,
            sqlite: "SELECT v.tenant_id, v.site_id, v.id, v.visitor_id, v.day, v.last_day, v.started_at, v.last_at, v.page_views, v.url, v.chatted, v.ordered
                     FROM jsonb_each($1) k CROSS JOIN counted_visits v ON v.tenant_id = unhex(k.value ->> 0, '-') AND v.site_id = unhex(k.value ->> 1, '-')
                     AND v.id = unhex(k.value ->> 2, '-')",
            postgres: "SELECT v.tenant_id, v.site_id, v.id, v.visitor_id, v.day, v.last_day, v.started_at, v.last_at, v.page_views, v.url, v.chatted, v.ordered
                       FROM jsonb_array_elements($1) k CROSS JOIN LATERAL (SELECT * FROM counted_visits w WHERE w.tenant_id = (k ->> 0)::uuid
                       AND w.site_id = (k ->> 1)::uuid AND w.id = (k ->> 2)::uuid LIMIT 1) v",
            keys
        )?);
    }
    let talking = batch.iter().filter(|event| matches!(event.what, What::Chatted));
    let keys = talking.flat_map(|event| event.selves().map(|id| json!([event.scope.tenant(), event.scope.site(), id])).collect::<Vec<_>>());
    if let Some(keys) = document(keys) {
        rows.extend(fetch_all!(
            tx: tx, Visit,
            sqlite: "SELECT v.tenant_id, v.site_id, v.id, v.visitor_id, v.day, v.last_day, v.started_at, v.last_at, v.page_views, v.url, v.chatted, v.ordered
                     FROM jsonb_each($1) k CROSS JOIN counted_visits v ON v.tenant_id = unhex(k.value ->> 0, '-') AND v.site_id = unhex(k.value ->> 1, '-')
                     AND v.id = (SELECT w.id FROM counted_visits w WHERE w.tenant_id = unhex(k.value ->> 0, '-') AND w.site_id = unhex(k.value ->> 1, '-')
                       AND w.visitor_id = unhex(k.value ->> 2, '-') ORDER BY w.last_at DESC, w.id DESC LIMIT 1)",
            postgres: "SELECT v.tenant_id, v.site_id, v.id, v.visitor_id, v.day, v.last_day, v.started_at, v.last_at, v.page_views, v.url, v.chatted, v.ordered
                       FROM jsonb_array_elements($1) k CROSS JOIN LATERAL (SELECT * FROM counted_visits w WHERE w.tenant_id = (k ->> 0)::uuid
                       AND w.site_id = (k ->> 1)::uuid AND w.visitor_id = (k ->> 2)::uuid ORDER BY w.last_at DESC LIMIT 1) v",
            keys
        )?);
    }
    let row = |row: Visit| {
        Some(VisitRow {
            scope: *scopes.get(&(row.tenant_id, row.site_id))?,
            id: row.id,
            visitor: row.visitor_id,
            day: row.day,
            last_day: row.last_day,
            started_at: row.started_at,
            last_at: row.last_at,
            page_views: row.page_views,
            url: row.url,
            chatted: row.chatted != 0,
            ordered: row.ordered != 0,
        })
    };
    Ok(rows.into_iter().filter_map(row).collect())
}

/// Who may be new on a day, with who they were before.
type Coming = BTreeSet<(SiteScope, i64, Vec<VisitorId>)>;

fn coming(batch: &[NewEvent], loaded: &Loaded) -> Coming {
    let mut coming = Coming::new();
    for event in batch {
        let What::Act(visit, ..) = &event.what else { continue };
        let day = sites::day_of(&event.zone, event.at);
        if loaded.visits.get(&(event.scope, *visit)).is_none_or(|row| row.last_day < day) {
            coming.insert((event.scope, day, event.selves().collect()));
        }
    }
    coming
}

async fn people(tx: &mut Tx, coming: &Coming, scopes: &Scopes) -> DbResult<Vec<PersonRow>> {
    let keys: BTreeSet<_> = coming.iter().flat_map(|(scope, day, selves)| selves.iter().map(|id| (of(*scope), *id, *day))).collect();
    let Some(keys) = document(keys.into_iter().map(|((tenant, site), id, day)| json!([tenant, site, id, day]))) else {
        return Ok(Vec::new());
    };
    let rows = fetch_all!(
        tx: tx, (TenantId, SiteId, VisitorId, i64, VisitorId, i64),
        sqlite: "SELECT DISTINCT p.tenant_id, p.site_id, p.visitor_id, p.day, p.person_id, p.counted FROM jsonb_each($1) k
                 CROSS JOIN day_visitors p ON p.tenant_id = unhex(k.value ->> 0, '-') AND p.site_id = unhex(k.value ->> 1, '-') AND p.visitor_id = unhex(k.value ->> 2, '-')
                 WHERE p.day = k.value ->> 3 OR p.day = (SELECT MIN(q.day) FROM day_visitors q WHERE q.tenant_id = p.tenant_id AND q.site_id = p.site_id
                   AND q.visitor_id = p.visitor_id)",
        postgres: "SELECT DISTINCT p.tenant_id, p.site_id, p.visitor_id, p.day, p.person_id, p.counted FROM (SELECT value FROM jsonb_array_elements($1) LIMIT jsonb_array_length($1)) named(k)
                   JOIN day_visitors p ON p.tenant_id = (k ->> 0)::uuid AND p.site_id = (k ->> 1)::uuid AND p.visitor_id = (k ->> 2)::uuid
                   WHERE p.day = (k ->> 3)::bigint OR p.day = (SELECT MIN(q.day) FROM day_visitors q WHERE q.tenant_id = p.tenant_id AND q.site_id = p.site_id
                     AND q.visitor_id = p.visitor_id)",
        keys
    )?;
    let row = |(tenant, site, visitor, day, person, counted): (_, _, _, _, _, i64)| {
        Some(PersonRow { scope: *scopes.get(&(tenant, site))?, visitor, day, person, counted: counted != 0 })
    };
    Ok(rows.into_iter().filter_map(row).collect())
}

/// How the days stand to which somebody may come; one that has become too large for exact counting gets its sketch here.
async fn days(tx: &mut Tx, coming: &Coming, scopes: &Scopes) -> DbResult<HashMap<(SiteScope, i64), DayRow>> {
    let mut expected: HashMap<(SiteScope, i64), i64> = HashMap::new();
    for (scope, day, _) in coming {
        *expected.entry((*scope, *day)).or_default() += 1;
    }
    let Some(keys) = document(expected.keys().map(|(scope, day)| json!([scope.tenant(), scope.site(), day]))) else {
        return Ok(HashMap::new());
    };
    let rows = fetch_all!(
        tx: tx, (TenantId, SiteId, i64, i64, Option<Vec<u8>>),
        sqlite: "SELECT d.tenant_id, d.site_id, d.day, d.visitors, d.sketch FROM jsonb_each($1) k CROSS JOIN site_days d ON d.tenant_id = unhex(k.value ->> 0, '-')
                 AND d.site_id = unhex(k.value ->> 1, '-') AND d.day = k.value ->> 2",
        postgres: "SELECT d.tenant_id, d.site_id, d.day, d.visitors, d.sketch FROM (SELECT value FROM jsonb_array_elements($1) LIMIT jsonb_array_length($1)) named(k) JOIN site_days d ON d.tenant_id = (k ->> 0)::uuid
                   AND d.site_id = (k ->> 1)::uuid AND d.day = (k ->> 2)::bigint",
        keys
    )?;
    let mut days = HashMap::new();
    for (tenant, site, day, visitors, sketch) in rows {
        let Some(scope) = scopes.get(&(tenant, site)).copied() else { continue };
        let sketch = sketch.and_then(Sketch::from_bytes);
        days.insert((scope, day), DayRow { visitors, sketch });
    }
    for (key, more) in expected {
        let row: &mut DayRow = days.entry(key).or_default();
        if row.sketch.is_none() && row.visitors + more > EXACT {
            row.sketch = Some(sketch_of(tx, key).await?);
        }
    }
    Ok(days)
}

async fn sketch_of(tx: &mut Tx, (scope, day): (SiteScope, i64)) -> DbResult<Sketch> {
    let rows = fetch_all!(
        tx: tx, (Uuid,),
        "SELECT person_id FROM day_visitors WHERE tenant_id = $1 AND site_id = $2 AND day = $3 AND counted = 1",
        scope.tenant(), scope.site(), day
    )?;
    let mut sketch = Sketch::default();
    for (id,) in rows {
        sketch.add(id);
    }
    Ok(sketch)
}

/// A kept event of a visitor, for a person who wants to know what is kept of them.
#[derive(Clone, Debug, sqlx::FromRow, Serialize)]
pub struct KeptEvent {
    /// Its id.
    pub id: Uuid,
    /// Its kind.
    pub kind: String,
    /// Its name, of a shop's own.
    pub name: Option<String>,
    /// When.
    pub at: Millis,
    /// On which page.
    pub url: Option<String>,
    /// What it carried.
    #[sqlx(json(nullable))]
    pub props: Option<Value>,
}

/// The newest events of a visitor.
pub(super) async fn list_of_visitor(db: &EventsDb, scope: TenantScope, visitor: VisitorId, limit: i64) -> DbResult<Vec<KeptEvent>> {
    fetch_all!(
        db: &db.0, KeptEvent,
        "SELECT id, kind, name, at, url, props FROM visitor_events WHERE tenant_id = $1 AND visitor_id = $2 ORDER BY at DESC LIMIT $3",
        scope.tenant(), visitor, limit
    )
}

/// Deletes what a visitor did; what was counted of it stays a number.
pub(super) async fn delete_of_visitor(db: &EventsDb, scope: SiteScope, visitor: VisitorId) -> DbResult<()> {
    let mut tx = db.0.begin().await?;
    execute!(&mut tx, "DELETE FROM visitor_events WHERE tenant_id = $1 AND visitor_id = $2", scope.tenant(), visitor)?;
    execute!(
        &mut tx,
        "UPDATE counted_visits SET url = NULL WHERE tenant_id = $1 AND site_id = $2 AND visitor_id = $3",
        scope.tenant(),
        scope.site(),
        visitor
    )?;
    tx.commit().await
}

/// Deletes the oldest hour of what is older than the setting says, and details that no statistics ask for; answers how many events that were.
pub(super) async fn delete_oldest(db: &EventsDb, _: SystemScope, now: Millis, kept: Millis) -> DbResult<u64> {
    let mut tx = db.0.begin().await?;
    let deleted = execute!(
        &mut tx,
        "DELETE FROM visitor_events WHERE stored_at < $1 AND stored_at <= (SELECT MIN(stored_at) FROM visitor_events) + 3600000",
        now - kept
    )?;
    execute!(&mut tx, "DELETE FROM site_minutes WHERE minute < $1", (now - 9 * DAY) / 60_000)?;
    execute!(&mut tx, "DELETE FROM counted_visits WHERE last_at < $1", now - 9 * DAY)?;
    execute!(&mut tx, "DELETE FROM day_visitors WHERE day < $1", sites::day_of("UTC", now - 100 * DAY))?;
    tx.commit().await?;
    Ok(deleted)
}
