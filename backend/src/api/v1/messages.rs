//! The two logs of a conversation: messages and notes.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::conversations::change;
use super::model::{LogEntryOut, LogPageOut, LogQuery, NewMessageIn, NewTextIn, PostedEntryOut, PostedOut};
use crate::app::App;
use crate::conversations::{self, Conversation, Entry, Given, Reply, Side, Target, What};
use crate::error::{Error, Result};
use crate::http::extract::{Body, Params, PathEntry, PathIds, Seq};
use crate::http::login::SignedIn;
use crate::http::paging;
use crate::ids::{ClientMessageId, ConversationId};
use crate::text::{self, Fields};

async fn find(app: &App, me: &SignedIn, id: ConversationId) -> Result<Conversation> {
    conversations::find(&app.db, me.scope, id).await?.ok_or_else(|| Error::not_found("conversation"))
}

/// `(after, limit)` of the stretch asked for: without holes, "the n before seq" is "the n after seq - n - 1".
fn stretch(query: &LogQuery, top: i64) -> Result<(i64, i64)> {
    let limit = paging::limit(query.limit)?;
    match (query.after, query.before) {
        (Some(_), Some(_)) => Err(Error::invalid("name after or before, not both")),
        (Some(after), None) => Ok((after.max(0), limit)),
        (None, before) => {
            let before = before.unwrap_or(top + 1).clamp(1, top + 1);
            let after = (before - 1 - limit).max(0);
            Ok((after, before - 1 - after))
        }
    }
}

fn page(entries: Vec<Entry>, top: i64) -> Json<LogPageOut> {
    Json(LogPageOut { items: entries.into_iter().map(LogEntryOut::from).collect(), top })
}

pub(super) fn posted(reply: Reply) -> Result<PostedOut> {
    match reply {
        Reply::Entry { id, seq, at, conversation, .. } => Ok(PostedOut {
            message: PostedEntryOut { id, seq, at },
            conversation: conversation.id,
            channel: conversations::log_channel(conversation.tenant_id, conversation.id),
        }),
        _ => Err(Error::internal(&"a post was answered by something else")),
    }
}

/// The fingerprint of a request to a conversation: the same by REST and by socket, so that a retry may come the other way.
fn fingerprint(new: &impl Serialize, conversation: ConversationId) -> Vec<u8> {
    let mut body = json!(new);
    if let Some(map) = body.as_object_mut() {
        map.insert("conversation".to_owned(), json!(conversation));
    }
    text::fingerprint(&body)
}

/// A checked text and the fingerprint of the request that brought it.
pub(super) fn checked(new: &NewTextIn, conversation: ConversationId, place: Option<i64>) -> Result<(String, Vec<u8>)> {
    let mut fields = Fields::new();
    let text = text::required(&mut fields, "text", &new.text, text::MESSAGE_MAX);
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let mut body = json!({"client_message_id": new.client_message_id, "conversation": conversation, "text": new.text});
    if let (Some(place), Some(map)) = (place, body.as_object_mut()) {
        map.insert("place".to_owned(), place.into());
    }
    Ok((text, text::fingerprint(&body)))
}

/// A stretch of the log, oldest first: `after` a seq, `before` a seq, or the newest.
#[utoipa::path(get, operation_id = "messages_list", path = "/api/v1/conversations/{id}/messages", tag = "messages", params(("id" = Uuid, Path), LogQuery), responses((status = 200, body = LogPageOut)))]
pub async fn list(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<ConversationId>,
    Params(query): Params<LogQuery>,
) -> Result<Json<LogPageOut>> {
    let top = find(&app, &me, id).await?.last_seq;
    let (after, limit) = stretch(&query, top)?;
    Ok(page(conversations::since(&app.db, me.scope, id, after, limit).await?, top))
}

/// Posts a message. An unassigned conversation becomes the operator's, a resolved one is reopened.
#[utoipa::path(post, operation_id = "messages_create", path = "/api/v1/conversations/{id}/messages", tag = "messages", params(("id" = Uuid, Path)), request_body = NewMessageIn, responses((status = 201, body = PostedOut)))]
pub async fn create(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<ConversationId>,
    Body(new): Body<NewMessageIn>,
) -> Result<(StatusCode, Json<PostedOut>)> {
    let body_hash = fingerprint(&new, id);
    let NewMessageIn { client_message_id, text, attachment, card, quick_replies } = new;
    let content = Given { text, attachment, card, quick_replies }.checked(Side::Operator).map_err(Error::fields)?;
    let what = What::Post { target: Target::Conversation(id), client_message_id: ClientMessageId(client_message_id), content, body_hash };
    Ok((StatusCode::CREATED, Json(posted(change(&app, &me, what).await?)?)))
}

/// Gives one's own message another text; the change is an entry of the log.
#[utoipa::path(put, operation_id = "messages_update", path = "/api/v1/conversations/{id}/messages/{seq}", tag = "messages", params(("id" = Uuid, Path), ("seq" = i64, Path)), request_body = NewTextIn, responses((status = 200, body = PostedOut)))]
pub async fn update(
    State(app): State<App>,
    me: SignedIn,
    PathEntry(id, Seq(seq)): PathEntry<ConversationId>,
    Body(new): Body<NewTextIn>,
) -> Result<Json<PostedOut>> {
    let (text, body_hash) = checked(&new, id, Some(seq))?;
    let client_message_id = ClientMessageId(new.client_message_id);
    let what = What::Edit { conversation: id, target: seq, client_message_id, text: Some(text), body_hash };
    Ok(Json(posted(change(&app, &me, what).await?)?))
}

/// Takes one's own message back: its text goes from every later read. `Idempotency-Key` names the retraction.
#[utoipa::path(delete, operation_id = "messages_delete", path = "/api/v1/conversations/{id}/messages/{seq}", tag = "messages",
    params(("id" = Uuid, Path), ("seq" = i64, Path), ("Idempotency-Key" = Uuid, Header)), responses((status = 200, body = PostedOut)))]
pub async fn delete(
    State(app): State<App>,
    me: SignedIn,
    PathEntry(id, Seq(seq)): PathEntry<ConversationId>,
    headers: HeaderMap,
) -> Result<Json<PostedOut>> {
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).and_then(|text| text.parse::<Uuid>().ok());
    let key = key.ok_or_else(|| Error::invalid("name the retraction by a UUID in the header Idempotency-Key"))?;
    let body_hash = text::fingerprint(&json!([id, seq, "retract"]));
    let what = What::Edit { conversation: id, target: seq, client_message_id: ClientMessageId(key), text: None, body_hash };
    Ok(Json(posted(change(&app, &me, what).await?)?))
}

/// A stretch of the notes, oldest first.
#[utoipa::path(get, operation_id = "messages_list_notes", path = "/api/v1/conversations/{id}/notes", tag = "messages", params(("id" = Uuid, Path), LogQuery), responses((status = 200, body = LogPageOut)))]
pub async fn list_notes(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<ConversationId>,
    Params(query): Params<LogQuery>,
) -> Result<Json<LogPageOut>> {
    let top = find(&app, &me, id).await?.last_note_seq;
    let (after, limit) = stretch(&query, top)?;
    Ok(page(conversations::notes_since(&app.db, me.scope, id, after, limit).await?, top))
}

/// Posts a note that only operators see.
#[utoipa::path(post, operation_id = "messages_create_note", path = "/api/v1/conversations/{id}/notes", tag = "messages", params(("id" = Uuid, Path)), request_body = NewTextIn, responses((status = 201, body = PostedOut)))]
pub async fn create_note(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<ConversationId>,
    Body(new): Body<NewTextIn>,
) -> Result<(StatusCode, Json<PostedOut>)> {
    let (text, body_hash) = checked(&new, id, None)?;
    let what = What::Note { conversation: id, client_message_id: ClientMessageId(new.client_message_id), text, body_hash };
    Ok((StatusCode::CREATED, Json(posted(change(&app, &me, what).await?)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stretch_before_a_place_ends_right_below_it() {
        let query = |after, before, limit| LogQuery { after, before, limit };
        assert_eq!(stretch(&query(None, None, Some(50)), 120).unwrap(), (70, 50));
        assert_eq!(stretch(&query(None, Some(71), Some(50)), 120).unwrap(), (20, 50));
        assert_eq!(stretch(&query(None, Some(11), Some(50)), 120).unwrap(), (0, 10));
        assert_eq!(stretch(&query(None, Some(1), None), 120).unwrap(), (0, 0));
        assert_eq!(stretch(&query(Some(7), None, Some(5)), 120).unwrap(), (7, 5));
        stretch(&query(Some(1), Some(2), None), 120).unwrap_err();
    }
}
