//! Visitors of the tenant's sites.

use axum::Json;
use axum::extract::State;

use super::model::{ConversationOut, VisitorOut};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::extract::PathIds;
use crate::http::login::SignedIn;
use crate::http::paging::Page;
use crate::ids::VisitorId;
use crate::{conversations, visitors, visits};

/// Conversations of one visitor that a list shows: more would be a research, not a glance.
const CONVERSATIONS: i64 = 100;

/// One visitor, with the page they are on.
#[utoipa::path(get, operation_id = "visitors_show", path = "/api/v1/visitors/{id}", tag = "visitors", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = VisitorOut)))]
pub async fn show(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<VisitorId>) -> Result<Json<VisitorOut>> {
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
