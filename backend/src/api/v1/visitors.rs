//! Visitors of the tenant's sites.

use axum::Json;
use axum::extract::State;

use super::model::{ConversationOut, PageQuery, PageViewOut, VisitorIn, VisitorOut};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::extract::{Body, Params, PathIds};
use crate::http::login::SignedIn;
use crate::http::paging::{self, Cursor, Page};
use crate::ids::VisitorId;
use crate::text::{self, Fields};
use crate::visitors::{VisitorUpdate, valid_attributes};
use crate::{conversations, visitors, visits};

/// Conversations of one visitor that a list shows: more would be a research, not a glance.
const CONVERSATIONS: i64 = 100;

/// One visitor, with the page they are on.
#[utoipa::path(get, operation_id = "visitors_show", path = "/api/v1/visitors/{id}", tag = "visitors", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = VisitorOut)))]
pub async fn show(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<VisitorId>) -> Result<Json<VisitorOut>> {
    shown(&app, &me, id).await
}

async fn shown(app: &App, me: &SignedIn, id: VisitorId) -> Result<Json<VisitorOut>> {
    let visitor = visitors::find(&app.db, me.scope, id).await?.ok_or_else(|| Error::not_found("visitor"))?;
    let visits = visits::of_visitor(&app.db, me.scope, id).await?;
    Ok(Json(VisitorOut::new(visitor, visits, app.realtime.visitor_present(me.scope.tenant(), id))))
}

/// A visitor's latest 100 conversations, newest first.
#[utoipa::path(get, operation_id = "visitors_list_conversations", path = "/api/v1/visitors/{id}/conversations", tag = "visitors", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Page<ConversationOut>)))]
pub async fn list_conversations(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<VisitorId>,
) -> Result<Json<Page<ConversationOut>>> {
    visitors::find(&app.db, me.scope, id).await?.ok_or_else(|| Error::not_found("visitor"))?;
    let present = app.realtime.visitor_present(me.scope.tenant(), id);
    let rows = conversations::list_of_visitor(&app.db, me.scope, id, CONVERSATIONS).await?;
    Ok(Json(Page::whole(rows.into_iter().map(|row| ConversationOut::new(row, present)).collect())))
}

/// Changes what is known of a visitor.
#[utoipa::path(patch, operation_id = "visitors_update", path = "/api/v1/visitors/{id}", tag = "visitors", params(("id" = uuid::Uuid, Path)), request_body = VisitorIn, responses((status = 200, body = VisitorOut)))]
pub async fn update(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<VisitorId>,
    Body(change): Body<VisitorIn>,
) -> Result<Json<VisitorOut>> {
    let mut fields = Fields::new();
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let name =
        change.name.map(|name| given(name).map(|name| text::clean_line(&text::required(&mut fields, "name", &name, text::NAME_MAX))));
    let email = change.email.map(|email| given(email).map(|email| text::email(&mut fields, "email", &email)));
    let attributes = valid_attributes(&mut fields, change.attributes);
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let mut tx = app.db.begin().await?;
    match visitors::update(&mut tx, me.scope, id, &VisitorUpdate { name, email, attributes }).await? {
        Some(true) => tx.commit().await?,
        Some(false) => {
            let what = "would be more than 50; remove one first".to_owned();
            return Err(Error::fields(Fields::from([("attributes".to_owned(), what)])));
        }
        None => return Err(Error::not_found("visitor")),
    }
    app.realtime.visitor_changed(me.scope, id).await?;
    shown(&app, &me, id).await
}

/// The pages a visitor was on in the last 90 days, newest first.
#[utoipa::path(get, operation_id = "visitors_list_page_views", path = "/api/v1/visitors/{id}/page-views", tag = "visitors", params(("id" = uuid::Uuid, Path), PageQuery), responses((status = 200, body = Page<PageViewOut>)))]
pub async fn list_page_views(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<VisitorId>,
    Params(query): Params<PageQuery>,
) -> Result<Json<Page<PageViewOut>>> {
    visitors::find(&app.db, me.scope, id).await?.ok_or_else(|| Error::not_found("visitor"))?;
    let limit = paging::limit(query.limit)?;
    let after = Cursor::decode(query.cursor.as_deref())?.map(|Cursor(at, id)| (at, id));
    let rows = visits::list_trail(&app.db, me.scope, id, after, limit + 1).await?;
    Ok(Json(paging::page(rows, limit, |row| Cursor(row.at, row.id), PageViewOut::from)))
}
