//! One's own drafts. What a colleague has begun to write is nobody else's business.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::model::{DraftIn, DraftOut};
use crate::app::App;
use crate::conversations;
use crate::drafts::{self, NewDraft};
use crate::error::{Error, Result};
use crate::events::Event;
use crate::http::extract::{Body, PathIds};
use crate::http::login::SignedIn;
use crate::http::paging::Page;
use crate::ids::ConversationId;
use crate::text::{self, Fields};

async fn known(app: &App, me: &SignedIn, id: ConversationId) -> Result<()> {
    conversations::find(&app.db, me.scope, id).await?.map(drop).ok_or_else(|| Error::not_found("conversation"))
}

/// One's latest 500 drafts, last changed first.
#[utoipa::path(get, operation_id = "me_list_drafts", path = "/api/v1/me/drafts", tag = "me", responses((status = 200, body = Page<DraftOut>)))]
pub async fn list(State(app): State<App>, me: SignedIn) -> Result<Json<Page<DraftOut>>> {
    let found = drafts::list(&app.db, me.scope, me.operator.id).await?;
    Ok(Json(Page::whole(found.into_iter().map(|draft| DraftOut::new(draft.conversation_id, Some(draft))).collect())))
}

/// One's draft for a conversation; an empty text where there is none.
#[utoipa::path(get, operation_id = "conversations_show_draft", path = "/api/v1/conversations/{id}/draft", tag = "conversations", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = DraftOut)))]
pub async fn show(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<ConversationId>) -> Result<Json<DraftOut>> {
    known(&app, &me, id).await?;
    Ok(Json(DraftOut::new(id, drafts::find(&app.db, me.scope, me.operator.id, id).await?)))
}

/// Keeps one's draft for a conversation; one's other connections are told.
#[utoipa::path(put, operation_id = "conversations_update_draft", path = "/api/v1/conversations/{id}/draft", tag = "conversations", params(("id" = uuid::Uuid, Path)), request_body = DraftIn, responses((status = 204)))]
pub async fn update(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<ConversationId>,
    Body(new): Body<DraftIn>,
) -> Result<StatusCode> {
    // Not cleaned but for what no database takes: the space at the end is where the writing goes on.
    let text = new.text.replace('\0', "");
    let length = text.chars().count();
    if length > text::MESSAGE_MAX {
        let what = format!("has {length} characters; at most {} are allowed", text::MESSAGE_MAX);
        return Err(Error::fields(Fields::from([("text".to_owned(), what)])));
    }
    known(&app, &me, id).await?;
    let draft = NewDraft { conversation: id, text, note: new.note, at: app.clock.now() };
    drafts::put(&app.db, me.scope, me.operator.id, &draft).await?;
    app.events.publish(Event::DraftChanged(me.scope.tenant(), me.operator.id, id));
    Ok(StatusCode::NO_CONTENT)
}
