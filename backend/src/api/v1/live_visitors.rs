//! Who is on the tenant's sites now, and saying hello to them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;

use super::messages::posted;
use super::model::{GreetingIn, PostedOut};
use crate::app::App;
use crate::board::{Greeting, LiveVisitor};
use crate::error::{Error, Result};
use crate::http::extract::{Body, PathIds};
use crate::http::login::SignedIn;
use crate::http::paging::Page;
use crate::ids::{ClientMessageId, VisitorId};
use crate::text::{self, Fields};

/// Everybody who is on a site of the tenant now, the newest first. Consoles hear of changes on a socket (`board.watch`).
#[utoipa::path(get, operation_id = "live_visitors_list", path = "/api/v1/live-visitors", tag = "visitors", responses((status = 200, body = Page<LiveVisitor>)))]
pub async fn list(State(app): State<App>, me: SignedIn) -> Json<Page<LiveVisitor>> {
    Json(Page::whole(app.realtime.live_visitors(me.scope.tenant())))
}

/// Says hello to a visitor who is on a site now: in their open conversation, or in a new one that is then the operator's. It shows on their screen at once.
#[utoipa::path(post, operation_id = "visitors_create_greeting", path = "/api/v1/visitors/{id}/greetings", tag = "visitors", params(("id" = uuid::Uuid, Path)), request_body = GreetingIn, responses((status = 201, body = PostedOut)))]
pub async fn create_greeting(
    State(app): State<App>,
    me: SignedIn,
    PathIds(visitor): PathIds<VisitorId>,
    Body(new): Body<GreetingIn>,
) -> Result<(StatusCode, Json<PostedOut>)> {
    let mut fields = Fields::new();
    let said = text::required(&mut fields, "text", &new.text, text::MESSAGE_MAX);
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    // The same as on a socket, so that a retry may come the other way.
    let body_hash = text::fingerprint(&json!({"visitor": visitor, "client_message_id": new.client_message_id, "text": new.text}));
    let greeting = Greeting { visitor, client_message_id: ClientMessageId(new.client_message_id), text: said, body_hash };
    let reply = app.realtime.greet(me.scope, (me.operator.id, &me.operator.name), greeting).await?;
    Ok((StatusCode::CREATED, Json(posted(reply)?)))
}
