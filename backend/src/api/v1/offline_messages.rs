//! Messages left while nobody was available.

use axum::Json;
use axum::extract::State;

use super::model::{OfflineMessageOut, PageQuery, ReadIn};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::extract::{Body, Params, PathIds};
use crate::http::login::SignedIn;
use crate::http::paging::{self, Cursor, Page};
use crate::ids::OfflineMessageId;
use crate::offline;

/// Newest first.
#[utoipa::path(get, operation_id = "offline_messages_list", path = "/api/v1/offline-messages", tag = "offline messages", params(PageQuery), responses((status = 200, body = Page<OfflineMessageOut>)))]
pub async fn list(State(app): State<App>, me: SignedIn, Params(query): Params<PageQuery>) -> Result<Json<Page<OfflineMessageOut>>> {
    let limit = paging::limit(query.limit)?;
    let after = Cursor::decode(query.cursor.as_deref())?.map(|Cursor(at, id)| (at, OfflineMessageId(id)));
    let rows = offline::list(&app.db, me.scope, after, limit + 1).await?;
    Ok(Json(paging::page(rows, limit, |row| Cursor(row.at, row.id.0), OfflineMessageOut::from)))
}

/// Marks as read or unread.
#[utoipa::path(put, operation_id = "offline_messages_update_read", path = "/api/v1/offline-messages/{id}/read", tag = "offline messages", params(("id" = uuid::Uuid, Path)), request_body = ReadIn, responses((status = 200, body = OfflineMessageOut)))]
pub async fn update_read(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<OfflineMessageId>,
    Body(change): Body<ReadIn>,
) -> Result<Json<OfflineMessageOut>> {
    let read_at = change.read.then(|| app.clock.now());
    if !offline::update_read(&app.db, me.scope, id, read_at).await? {
        return Err(Error::not_found("offline message"));
    }
    let message = offline::find(&app.db, me.scope, id).await?.ok_or_else(|| Error::not_found("offline message"))?;
    Ok(Json(message.into()))
}
