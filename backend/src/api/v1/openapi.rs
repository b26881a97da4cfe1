//! The OpenAPI document: every route of /api/v1 by its annotation.

use axum::Json;
use utoipa::OpenApi;

use super::{conversations, invitations, login_sessions, me, messages, offline_messages, operators, sites, visitors};
use crate::error::Error;

/// The document, made from the handlers' annotations.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "STALK API",
        description = "Live chat for shops and blogs. Times are milliseconds since 1970 UTC, ids UUIDv7, texts plain text. Errors answer the schema Error."
    ),
    paths(
        me::show,
        me::update,
        me::create_socket_token,
        me::delete_login,
        login_sessions::list,
        login_sessions::delete,
        login_sessions::update_password,
        operators::list,
        operators::update,
        invitations::list,
        invitations::create,
        invitations::delete,
        invitations::resend,
        sites::list,
        sites::show,
        sites::create,
        sites::update,
        conversations::list,
        conversations::counts,
        conversations::show,
        conversations::update_status,
        conversations::update_assignee,
        conversations::update_receipt,
        messages::list,
        messages::create,
        messages::update,
        messages::delete,
        messages::list_notes,
        messages::create_note,
        visitors::show,
        visitors::list_conversations,
        offline_messages::list,
        offline_messages::update_read,
    ),
    components(schemas(Error))
)]
pub struct Document;

/// The document.
pub async fn show() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}
