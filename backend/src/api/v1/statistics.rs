//! Statistics of one site or of all, and the same as files for spreadsheets.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::model::{ExportQuery, Report, StatisticsQuery, TopsQuery};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::extract::Params;
use crate::http::login::SignedIn;
use crate::http::paging::{self, Page};
use crate::ids::SiteId;
use crate::statistics::csv::{self, Cell};
use crate::statistics::{self, Overview, Period, Revenue, Span, Top, TopKind};
use crate::{sites, text};

/// The period on the calendars of the sites that are asked for.
async fn spans(app: &App, me: &SignedIn, site: Option<uuid::Uuid>, period: Period) -> Result<Vec<Span>> {
    let found = match site {
        Some(id) => vec![sites::find(&app.db, me.scope, SiteId(id)).await?.ok_or_else(|| Error::not_found("site"))?],
        None => sites::list(&app.db, me.scope).await?,
    };
    Ok(statistics::spans(&found, period, app.clock.now()))
}

async fn overview(app: &App, me: &SignedIn, site: Option<uuid::Uuid>, period: Period) -> Result<Overview> {
    let spans = spans(app, me, site, period).await?;
    let mut overview = statistics::overview(&app.db, &app.events_db, me.scope, &spans, app.clock.now()).await?;
    let live = app.realtime.live_count(me.scope.tenant(), site.map(SiteId));
    overview.live_now = u64::try_from(live).unwrap_or(u64::MAX);
    Ok(overview)
}

/// Numbers of a period.
#[utoipa::path(get, operation_id = "statistics_show", path = "/api/v1/statistics", tag = "statistics", params(StatisticsQuery), responses((status = 200, body = Overview)))]
pub async fn show(State(app): State<App>, me: SignedIn, Params(query): Params<StatisticsQuery>) -> Result<Json<Overview>> {
    Ok(Json(overview(&app, &me, query.site_id, query.period).await?))
}

/// Pages, products or referrers, the most viewed first.
#[utoipa::path(get, operation_id = "statistics_list_tops", path = "/api/v1/statistics/tops", tag = "statistics", params(TopsQuery), responses((status = 200, body = Page<Top>)))]
pub async fn list_tops(State(app): State<App>, me: SignedIn, Params(query): Params<TopsQuery>) -> Result<Json<Page<Top>>> {
    let limit = paging::limit(query.limit)?;
    let spans = spans(&app, &me, query.site_id, query.period).await?;
    Ok(Json(Page::whole(statistics::tops(&app.events_db, me.scope, &spans, query.kind, limit).await?)))
}

/// Rows of a file at most.
const ROWS: i64 = 10_000;

/// A file for spreadsheets: UTF-8, separated by commas; texts that begin like a formula have an apostrophe in front.
#[utoipa::path(get, operation_id = "statistics_export", path = "/api/v1/statistics/export", tag = "statistics", params(ExportQuery), responses((status = 200, content_type = "text/csv", body = String)))]
pub async fn export(State(app): State<App>, me: SignedIn, Params(query): Params<ExportQuery>) -> Result<Response> {
    let (name, file) = match query.report {
        Report::Days => ("days", days_file(&overview(&app, &me, query.site_id, query.period).await?)),
        Report::Pages => ("pages", tops_file(&app, &me, &query, TopKind::Pages).await?),
        Report::Products => ("products", tops_file(&app, &me, &query, TopKind::Products).await?),
        Report::Referrers => ("referrers", tops_file(&app, &me, &query, TopKind::Referrers).await?),
    };
    let shown = format!("attachment; filename=\"statistics-{name}.csv\"");
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, shown)], file).into_response())
}

fn days_file(overview: &Overview) -> String {
    let mut headings = vec!["day", "page_views", "visitors", "visits", "conversations", "missed", "orders"];
    let worth: Vec<String> = overview.revenue.iter().map(|revenue| format!("revenue_{}", revenue.currency)).collect();
    headings.extend(worth.iter().map(String::as_str));
    let amount = |of_day: &[Revenue], currency: &str| {
        of_day.iter().find(|revenue| revenue.currency == currency).map_or(0.0, |revenue| revenue.value)
    };
    let rows: Vec<Vec<Cell>> = overview
        .days
        .iter()
        .map(|day| {
            let counts = [day.page_views, day.visitors, day.visits, day.conversations, day.missed, day.orders].map(Cell::Number);
            let worth = overview.revenue.iter().map(|revenue| Cell::Amount(amount(&day.revenue, &revenue.currency)));
            std::iter::once(Cell::Text(day.day.clone())).chain(counts).chain(worth).collect()
        })
        .collect();
    csv::file(&headings, &rows)
}

async fn tops_file(app: &App, me: &SignedIn, query: &ExportQuery, kind: TopKind) -> Result<String> {
    let spans = spans(app, me, query.site_id, query.period).await?;
    let rows = statistics::tops(&app.events_db, me.scope, &spans, kind, ROWS).await?;
    let text = |text: String| Cell::Text(text::clean_line(&text));
    Ok(match kind {
        TopKind::Pages => {
            let row = |top: Top| vec![text(top.name), text(top.label), Cell::Number(top.count)];
            csv::file(&["page", "title", "page_views"], &rows.into_iter().map(row).collect::<Vec<_>>())
        }
        TopKind::Products => {
            let row = |top: Top| vec![text(top.name), text(top.label), Cell::Number(top.count), Cell::Number(top.quantity)];
            csv::file(&["product", "name", "page_views", "ordered"], &rows.into_iter().map(row).collect::<Vec<_>>())
        }
        TopKind::Referrers => {
            let row = |top: Top| vec![text(top.name), Cell::Number(top.count)];
            csv::file(&["referrer", "visits"], &rows.into_iter().map(row).collect::<Vec<_>>())
        }
    })
}
