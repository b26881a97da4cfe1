//! Files of operators, links to what conversations carry, and photos.

use std::collections::BTreeSet;

use axum::Json;
use axum::body::Body as RawBody;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};

use super::model::{AttachmentLinksIn, AttachmentLinksOut, KeptOut, SentAttachmentOut, UploadQuery};
use crate::app::App;
use crate::conversations::{self, Conversation};
use crate::error::{Error, Result};
use crate::events::Event;
use crate::files::{NewFile, PHOTO_MIB, links};
use crate::http::extract::{Body, Params, PathIds};
use crate::http::intake;
use crate::http::login::SignedIn;
use crate::http::paging::Page;
use crate::ids::{ConversationId, FileId};
use crate::{operators, sites};

/// Links in one request at most.
const LINKS_MAX: usize = 50;

async fn find(app: &App, me: &SignedIn, id: ConversationId) -> Result<Conversation> {
    conversations::find(&app.db, me.scope, id).await?.ok_or_else(|| Error::not_found("conversation"))
}

/// Uploads a file for a message to this conversation: the raw bytes are the body. It waits a day for the message.
#[utoipa::path(post, operation_id = "files_create", path = "/api/v1/files", tag = "files", params(UploadQuery), request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 201, body = KeptOut)))]
pub async fn create(
    State(app): State<App>,
    me: SignedIn,
    Params(query): Params<UploadQuery>,
    headers: HeaderMap,
    body: RawBody,
) -> Result<(StatusCode, Json<KeptOut>)> {
    let conversation = find(&app, &me, query.conversation.into()).await?;
    let site = sites::find(&app.db, me.scope, conversation.site_id).await?.ok_or_else(|| Error::not_found("site"))?;
    let incoming = intake::read(body, &headers, app.files.incoming(site.settings.files.max_mib)).await?;
    let new = NewFile { scope: me.site_scope(&site), uploader: me.operator.id.into(), name: query.name, pictures_only: false, incoming };
    Ok((StatusCode::CREATED, Json(KeptOut { attachment: app.files.keep(new).await? })))
}

/// Links to attachments of a conversation, good for an hour.
#[utoipa::path(post, operation_id = "conversations_create_attachment_links", path = "/api/v1/conversations/{id}/attachment-links", tag = "files", params(("id" = Uuid, Path)), request_body = AttachmentLinksIn, responses((status = 200, body = AttachmentLinksOut)))]
pub async fn create_links(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<ConversationId>,
    Body(asked): Body<AttachmentLinksIn>,
) -> Result<Json<AttachmentLinksOut>> {
    find(&app, &me, id).await?;
    if asked.ids.len() > LINKS_MAX {
        return Err(Error::invalid(format!("{} links in one request; at most {LINKS_MAX} are made", asked.ids.len())));
    }
    let ids: BTreeSet<FileId> = asked.ids.into_iter().map(FileId).collect();
    let files = app.files.of_conversation(me.scope, id, &ids).await?;
    let (origin, now) = (app.listen.widget_origin(), app.clock.now());
    let links: Vec<_> = files.iter().filter_map(|file| links::to(&app.signer, &origin, me.scope, file, now)).collect();
    if links.len() < ids.len() {
        return Err(Error::not_found("attachment"));
    }
    Ok(Json(AttachmentLinksOut { links }))
}

/// The newest 500 attachments of a conversation, newest first.
#[utoipa::path(get, operation_id = "conversations_list_attachments", path = "/api/v1/conversations/{id}/attachments", tag = "files", params(("id" = Uuid, Path)), responses((status = 200, body = Page<SentAttachmentOut>)))]
pub async fn list(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<ConversationId>) -> Result<Json<Page<SentAttachmentOut>>> {
    find(&app, &me, id).await?;
    let sent = app.files.list(me.scope, id).await?;
    Ok(Json(Page::whole(sent.into_iter().map(SentAttachmentOut::from).collect())))
}

/// Makes this picture one's photo: the raw bytes are the body, at most 5 MiB; it becomes a square of 256 pixels.
#[utoipa::path(put, operation_id = "me_update_photo", path = "/api/v1/me/photo", tag = "me", request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 204)))]
pub async fn update_photo(State(app): State<App>, me: SignedIn, headers: HeaderMap, body: RawBody) -> Result<StatusCode> {
    let incoming = intake::read(body, &headers, app.files.incoming(PHOTO_MIB)).await?;
    let hash = app.files.keep_photo(me.operator.id, incoming).await?;
    name_photo(&app, &me, Some(hash)).await
}

/// Takes one's photo away.
#[utoipa::path(delete, operation_id = "me_delete_photo", path = "/api/v1/me/photo", tag = "me", responses((status = 204)))]
pub async fn delete_photo(State(app): State<App>, me: SignedIn) -> Result<StatusCode> {
    name_photo(&app, &me, None).await
}

async fn name_photo(app: &App, me: &SignedIn, hash: Option<String>) -> Result<StatusCode> {
    let mut tx = app.db.begin().await?;
    operators::update_photo(&mut tx, me.scope, me.operator.id, hash.as_deref()).await?;
    tx.commit().await?;
    if let Some(before) = me.operator.photo_hash.as_ref().filter(|before| Some(*before) != hash.as_ref()) {
        app.files.remove_photo(me.operator.id, before).await?;
    }
    app.events.publish(Event::OperatorChanged(me.scope.tenant(), me.operator.id));
    Ok(StatusCode::NO_CONTENT)
}
