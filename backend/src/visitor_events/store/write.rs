//! Writes what a batch of events adds: the events themselves, and the gains of everything that is counted.

use serde_json::{Value, json};

use super::super::model::{Act, NewEvent, What};
use super::super::rollup::Rolled;
use super::document;
use crate::clock::Millis;
use crate::db::{DbResult, Tx, execute};

pub(super) async fn all(tx: &mut Tx, batch: &[NewEvent], rolled: &Rolled, now: Millis) -> DbResult<()> {
    let fresh = rolled.fresh.iter().filter_map(|place| batch.get(*place));
    write_events(tx, fresh.map(|event| event_row(event, now)).collect()).await?;
    write_visits(tx, rolled).await?;
    write_people(tx, rolled).await?;
    write_orders(tx, rolled).await?;
    write_days(tx, rolled).await?;
    write_minutes(tx, rolled).await?;
    write_tops(tx, rolled).await?;
    write_revenue(tx, rolled).await?;
    for ((scope, day), sketch) in &rolled.sketches {
        execute!(
            tx,
            "UPDATE site_days SET sketch = $4 WHERE tenant_id = $1 AND site_id = $2 AND day = $3",
            scope.tenant(),
            scope.site(),
            *day,
            sketch.bytes()
        )?;
    }
    Ok(())
}

fn event_row(event: &NewEvent, now: Millis) -> Value {
    let (visit, kind, name, url, props) = match &event.what {
        What::Chatted => (None, "message.posted", None, None, Value::Null),
        What::Act(visit, act, page) => {
            let name = if let Act::Custom { name, .. } = &**act { Some(name.as_str()) } else { None };
            (Some(*visit), act.kind(), name, page.as_ref().map(|page| page.url.as_str()), act.props())
        }
    };
    json!({"t": event.scope.tenant(), "s": event.scope.site(), "id": event.id, "visitor": event.visitor, "visit": visit, "kind": kind, "name": name,
           "at": event.at, "now": now, "url": url, "props": props})
}

async fn write_events(tx: &mut Tx, rows: Vec<Value>) -> DbResult<()> {
    let Some(rows) = document(rows) else { return Ok(()) };
    execute!(
        tx,
        sqlite: "INSERT INTO visitor_events (tenant_id, site_id, id, visitor_id, visit_id, kind, name, at, stored_at, url, props)
                 SELECT unhex(r.value ->> 't', '-'), unhex(r.value ->> 's', '-'), unhex(r.value ->> 'id', '-'), unhex(r.value ->> 'visitor', '-'),
                   unhex(r.value ->> 'visit', '-'), r.value ->> 'kind', r.value ->> 'name', r.value ->> 'at', r.value ->> 'now', r.value ->> 'url',
                   NULLIF(r.value -> 'props', 'null')
                 FROM jsonb_each($1) r WHERE true ON CONFLICT DO NOTHING",
        postgres: "INSERT INTO visitor_events (tenant_id, site_id, id, visitor_id, visit_id, kind, name, at, stored_at, url, props)
                   SELECT t, s, id, visitor, visit, kind, name, at, now, url, NULLIF(props, 'null'::jsonb)
                   FROM jsonb_to_recordset($1) AS r(t uuid, s uuid, id uuid, visitor uuid, visit uuid, kind text, name text, at bigint, now bigint, url text, props jsonb)
                   ON CONFLICT DO NOTHING",
        rows
    )
    .map(drop)
}

async fn write_visits(tx: &mut Tx, rolled: &Rolled) -> DbResult<()> {
    let rows = rolled.visits.values().map(|row| {
        json!({"t": row.scope.tenant(), "s": row.scope.site(), "id": row.id, "visitor": row.visitor, "day": row.day, "last_day": row.last_day,
               "started_at": row.started_at, "last_at": row.last_at, "page_views": row.page_views, "url": row.url, "chatted": i64::from(row.chatted),
               "ordered": i64::from(row.ordered)})
    });
    let Some(rows) = document(rows) else { return Ok(()) };
    execute!(
        tx,
        sqlite: "INSERT INTO counted_visits (tenant_id, site_id, id, visitor_id, day, last_day, started_at, last_at, page_views, url, chatted, ordered)
                 SELECT unhex(r.value ->> 't', '-'), unhex(r.value ->> 's', '-'), unhex(r.value ->> 'id', '-'), unhex(r.value ->> 'visitor', '-'),
                   r.value ->> 'day', r.value ->> 'last_day', r.value ->> 'started_at', r.value ->> 'last_at', r.value ->> 'page_views', r.value ->> 'url',
                   r.value ->> 'chatted', r.value ->> 'ordered'
                 FROM jsonb_each($1) r WHERE true
                 ON CONFLICT (tenant_id, site_id, id) DO UPDATE SET visitor_id = excluded.visitor_id, last_day = excluded.last_day, last_at = excluded.last_at,
                   page_views = excluded.page_views, url = excluded.url, chatted = excluded.chatted, ordered = excluded.ordered",
        postgres: "INSERT INTO counted_visits (tenant_id, site_id, id, visitor_id, day, last_day, started_at, last_at, page_views, url, chatted, ordered)
                   SELECT t, s, id, visitor, day, last_day, started_at, last_at, page_views, url, chatted, ordered
                   FROM jsonb_to_recordset($1) AS r(t uuid, s uuid, id uuid, visitor uuid, day bigint, last_day bigint, started_at bigint, last_at bigint,
                     page_views bigint, url text, chatted bigint, ordered bigint)
                   ON CONFLICT (tenant_id, site_id, id) DO UPDATE SET visitor_id = excluded.visitor_id, last_day = excluded.last_day, last_at = excluded.last_at,
                     page_views = excluded.page_views, url = excluded.url, chatted = excluded.chatted, ordered = excluded.ordered",
        rows
    )
    .map(drop)
}

async fn write_people(tx: &mut Tx, rolled: &Rolled) -> DbResult<()> {
    let rows = rolled.people.iter().map(|row| {
        json!({"t": row.scope.tenant(), "s": row.scope.site(), "visitor": row.visitor, "day": row.day, "person": row.person,
               "counted": i64::from(row.counted)})
    });
    let Some(rows) = document(rows) else { return Ok(()) };
    execute!(
        tx,
        sqlite: "INSERT INTO day_visitors (tenant_id, site_id, visitor_id, day, person_id, counted)
                 SELECT unhex(r.value ->> 't', '-'), unhex(r.value ->> 's', '-'), unhex(r.value ->> 'visitor', '-'), r.value ->> 'day',
                   unhex(r.value ->> 'person', '-'), r.value ->> 'counted'
                 FROM jsonb_each($1) r WHERE true ON CONFLICT DO NOTHING",
        postgres: "INSERT INTO day_visitors (tenant_id, site_id, visitor_id, day, person_id, counted)
                   SELECT t, s, visitor, day, person, counted FROM jsonb_to_recordset($1) AS r(t uuid, s uuid, visitor uuid, day bigint, person uuid, counted bigint)
                   ON CONFLICT DO NOTHING",
        rows
    )
    .map(drop)
}

async fn write_orders(tx: &mut Tx, rolled: &Rolled) -> DbResult<()> {
    let rows = rolled.orders.iter().map(|row| {
        json!({"t": row.scope.tenant(), "s": row.scope.site(), "id": row.order_id, "visitor": row.visitor, "visit": row.visit, "day": row.day,
               "at": row.at, "value": row.value_milli, "currency": row.currency})
    });
    let Some(rows) = document(rows) else { return Ok(()) };
    execute!(
        tx,
        sqlite: "INSERT INTO visitor_orders (tenant_id, site_id, order_id, visitor_id, visit_id, day, at, value_milli, currency)
                 SELECT unhex(r.value ->> 't', '-'), unhex(r.value ->> 's', '-'), r.value ->> 'id', unhex(r.value ->> 'visitor', '-'),
                   unhex(r.value ->> 'visit', '-'), r.value ->> 'day', r.value ->> 'at', r.value ->> 'value', r.value ->> 'currency'
                 FROM jsonb_each($1) r WHERE true ON CONFLICT DO NOTHING",
        postgres: "INSERT INTO visitor_orders (tenant_id, site_id, order_id, visitor_id, visit_id, day, at, value_milli, currency)
                   SELECT t, s, id, visitor, visit, day, at, value, currency
                   FROM jsonb_to_recordset($1) AS r(t uuid, s uuid, id text, visitor uuid, visit uuid, day bigint, at bigint, value bigint, currency text)
                   ON CONFLICT DO NOTHING",
        rows
    )
    .map(drop)
}

async fn write_days(tx: &mut Tx, rolled: &Rolled) -> DbResult<()> {
    let rows = rolled.days.iter().map(|((scope, day), gain)| {
        json!({"t": scope.tenant(), "s": scope.site(), "day": day, "page_views": gain.page_views, "visitors": gain.visitors, "visits": gain.visits,
               "orders": gain.orders, "ordered": gain.visits_ordered, "chatted": gain.visits_chatted, "both_of_them": gain.visits_chatted_ordered})
    });
    let Some(rows) = document(rows) else { return Ok(()) };
    execute!(
        tx,
        sqlite: "INSERT INTO site_days (tenant_id, site_id, day, page_views, visitors, visits, orders, visits_ordered, visits_chatted, visits_chatted_ordered)
                 SELECT unhex(r.value ->> 't', '-'), unhex(r.value ->> 's', '-'), r.value ->> 'day', r.value ->> 'page_views', r.value ->> 'visitors',
                   r.value ->> 'visits', r.value ->> 'orders', r.value ->> 'ordered', r.value ->> 'chatted', r.value ->> 'both_of_them'
                 FROM jsonb_each($1) r WHERE true
                 ON CONFLICT (tenant_id, site_id, day) DO UPDATE SET page_views = site_days.page_views + excluded.page_views,
                   visitors = site_days.visitors + excluded.visitors, visits = site_days.visits + excluded.visits, orders = site_days.orders + excluded.orders,
                   visits_ordered = site_days.visits_ordered + excluded.visits_ordered, visits_chatted = site_days.visits_chatted + excluded.visits_chatted,
                   visits_chatted_ordered = site_days.visits_chatted_ordered + excluded.visits_chatted_ordered",
        postgres: "INSERT INTO site_days (tenant_id, site_id, day, page_views, visitors, visits, orders, visits_ordered, visits_chatted, visits_chatted_ordered)
                   SELECT t, s, day, page_views, visitors, visits, orders, ordered, chatted, both_of_them
                   FROM jsonb_to_recordset($1) AS r(t uuid, s uuid, day bigint, page_views bigint, visitors bigint,
                     visits bigint, orders bigint, ordered bigint, chatted bigint, both_of_them bigint)
                   ON CONFLICT (tenant_id, site_id, day) DO UPDATE SET page_views = site_days.page_views + excluded.page_views,
                     visitors = site_days.visitors + excluded.visitors, visits = site_days.visits + excluded.visits, orders = site_days.orders + excluded.orders,
                     visits_ordered = site_days.visits_ordered + excluded.visits_ordered, visits_chatted = site_days.visits_chatted + excluded.visits_chatted,
                     visits_chatted_ordered = site_days.visits_chatted_ordered + excluded.visits_chatted_ordered",
        rows
    )
    .map(drop)
}

async fn write_minutes(tx: &mut Tx, rolled: &Rolled) -> DbResult<()> {
    let rows = rolled.minutes.iter().map(|((scope, minute), gain)| {
        json!({"t": scope.tenant(), "s": scope.site(), "minute": minute, "page_views": gain.page_views, "visits": gain.visits, "orders": gain.orders})
    });
    let Some(rows) = document(rows) else { return Ok(()) };
    execute!(
        tx,
        sqlite: "INSERT INTO site_minutes (tenant_id, site_id, minute, page_views, visits, orders)
                 SELECT unhex(r.value ->> 't', '-'), unhex(r.value ->> 's', '-'), r.value ->> 'minute', r.value ->> 'page_views', r.value ->> 'visits',
                   r.value ->> 'orders'
                 FROM jsonb_each($1) r WHERE true
                 ON CONFLICT (tenant_id, site_id, minute) DO UPDATE SET page_views = site_minutes.page_views + excluded.page_views,
                   visits = site_minutes.visits + excluded.visits, orders = site_minutes.orders + excluded.orders",
        postgres: "INSERT INTO site_minutes (tenant_id, site_id, minute, page_views, visits, orders)
                   SELECT t, s, minute, page_views, visits, orders
                   FROM jsonb_to_recordset($1) AS r(t uuid, s uuid, minute bigint, page_views bigint, visits bigint, orders bigint)
                   ON CONFLICT (tenant_id, site_id, minute) DO UPDATE SET page_views = site_minutes.page_views + excluded.page_views,
                     visits = site_minutes.visits + excluded.visits, orders = site_minutes.orders + excluded.orders",
        rows
    )
    .map(drop)
}

async fn write_tops(tx: &mut Tx, rolled: &Rolled) -> DbResult<()> {
    let rows = rolled.tops.iter().map(|((scope, kind, day, name), gain)| {
        json!({"t": scope.tenant(), "s": scope.site(), "kind": kind, "day": day, "name": name, "label": gain.label, "count": gain.count,
               "quantity": gain.quantity})
    });
    let Some(rows) = document(rows) else { return Ok(()) };
    execute!(
        tx,
        sqlite: "INSERT INTO day_tops (tenant_id, site_id, kind, day, name, label, count, quantity)
                 SELECT unhex(r.value ->> 't', '-'), unhex(r.value ->> 's', '-'), r.value ->> 'kind', r.value ->> 'day', r.value ->> 'name',
                   r.value ->> 'label', r.value ->> 'count', r.value ->> 'quantity'
                 FROM jsonb_each($1) r WHERE true
                 ON CONFLICT (tenant_id, site_id, kind, day, name) DO UPDATE SET count = day_tops.count + excluded.count,
                   quantity = day_tops.quantity + excluded.quantity, label = COALESCE(NULLIF(excluded.label, ''), day_tops.label)",
        postgres: "INSERT INTO day_tops (tenant_id, site_id, kind, day, name, label, count, quantity)
                   SELECT t, s, kind, day, name, label, count, quantity
                   FROM jsonb_to_recordset($1) AS r(t uuid, s uuid, kind text, day bigint, name text, label text, count bigint, quantity bigint)
                   ON CONFLICT (tenant_id, site_id, kind, day, name) DO UPDATE SET count = day_tops.count + excluded.count,
                     quantity = day_tops.quantity + excluded.quantity, label = COALESCE(NULLIF(excluded.label, ''), day_tops.label)",
        rows
    )
    .map(drop)
}

async fn write_revenue(tx: &mut Tx, rolled: &Rolled) -> DbResult<()> {
    let rows = rolled.revenue.iter().map(|((scope, day, currency), (orders, value))| {
        json!({"t": scope.tenant(), "s": scope.site(), "day": day, "currency": currency, "orders": orders, "value": value})
    });
    let Some(rows) = document(rows) else { return Ok(()) };
    execute!(
        tx,
        sqlite: "INSERT INTO day_revenue (tenant_id, site_id, day, currency, orders, value_milli)
                 SELECT unhex(r.value ->> 't', '-'), unhex(r.value ->> 's', '-'), r.value ->> 'day', r.value ->> 'currency', r.value ->> 'orders', r.value ->> 'value'
                 FROM jsonb_each($1) r WHERE true
                 ON CONFLICT (tenant_id, site_id, day, currency) DO UPDATE SET orders = day_revenue.orders + excluded.orders,
                   value_milli = day_revenue.value_milli + excluded.value_milli",
        postgres: "INSERT INTO day_revenue (tenant_id, site_id, day, currency, orders, value_milli)
                   SELECT t, s, day, currency, orders, value FROM jsonb_to_recordset($1) AS r(t uuid, s uuid, day bigint, currency text, orders bigint, value bigint)
                   ON CONFLICT (tenant_id, site_id, day, currency) DO UPDATE SET orders = day_revenue.orders + excluded.orders,
                     value_milli = day_revenue.value_milli + excluded.value_milli",
        rows
    )
    .map(drop)
}
