//! The OpenAPI document: every route of /api/v1 by its annotation.

use axum::Json;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{
    canned_responses, conversations, drafts, files, invitations, live_visitors, login_sessions, me, messages, offline_messages, operators,
    promotions, search, sites, statistics, tags, visitors,
};
use crate::api_keys::{self, Needed};
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
        live_visitors::list,
        live_visitors::create_greeting,
        statistics::show,
        statistics::list_tops,
        statistics::export,
        offline_messages::list,
        offline_messages::update_read,
    ),
    components(schemas(Error, crate::conversations::Sort)),
    modifiers(&Keys)
)]
pub struct Document;

/// Says of every call what an API key needs for it; calls without are for people who are signed in.
struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API key, stalk_…")).build();
        if let Some(components) = &mut document.components {
            components.add_security_scheme("api_key", SecurityScheme::Http(scheme));
        }
        for (path, item) in &mut document.paths.paths {
            let calls = [
                (true, &mut item.get),
                (false, &mut item.post),
                (false, &mut item.put),
                (false, &mut item.patch),
                (false, &mut item.delete),
            ];
            for (reads, operation) in calls {
                let scopes: Vec<&str> = match api_keys::needed(reads, path) {
                    Some(Needed::Scope(scope)) => vec![scope.name()],
                    Some(Needed::Any) => Vec::new(),
                    Some(Needed::Login) | None => continue,
                };
                if let Some(operation) = operation {
                    operation.security = Some(vec![SecurityRequirement::new("api_key", scopes)]);
                }
            }
        }
    }
}

/// The document.
pub async fn show() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}
