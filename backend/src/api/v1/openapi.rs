//! The OpenAPI document: every route of /api/v1 by its annotation.

use axum::Json;
use utoipa::OpenApi;

use super::{
    canned_responses, conversations, drafts, files, invitations, login_sessions, me, messages, offline_messages, operators, promotions,
    search, sites, tags, visitors,
};
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
        files::update_photo,
        files::delete_photo,
        files::create,
        files::create_links,
        files::list,
        operators::list,
        operators::update,
        invitations::list,
        invitations::create,
        invitations::delete,
        invitations::resend,
        super::api_keys::list,
        super::api_keys::create,
        super::api_keys::delete,
        super::webhooks::list,
        super::webhooks::create,
        super::webhooks::update,
        super::webhooks::delete,
        super::webhooks::rotate_secret,
        super::webhooks::test,
        super::webhooks::list_deliveries,
        super::webhooks::replay,
        sites::list,
        sites::show,
        sites::create,
        sites::update,
        sites::show_identity_secret,
        sites::rotate_identity_secret,
        conversations::list,
        conversations::counts,
        conversations::show,
        conversations::update_status,
        conversations::update_assignee,
        conversations::update_receipt,
        drafts::list,
        drafts::show,
        drafts::update,
        tags::list,
        tags::create,
        tags::update,
        tags::delete,
        tags::update_conversation,
        canned_responses::list,
        canned_responses::create,
        canned_responses::update,
        canned_responses::delete,
        promotions::list,
        promotions::show,
        promotions::create,
        promotions::update,
        promotions::delete,
        promotions::send,
        promotions::audience,
        promotions::dry_run,
        promotions::schema,
        search::list,
        messages::list,
        messages::create,
        messages::update,
        messages::delete,
        messages::list_notes,
        messages::create_note,
        visitors::show,
        visitors::update,
        visitors::list_conversations,
        visitors::list_page_views,
        offline_messages::list,
        offline_messages::update_read,
    ),
    components(schemas(Error, crate::conversations::Sort))
)]
pub struct Document;

/// The document.
pub async fn show() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}
