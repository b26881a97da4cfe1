//! The OpenAPI document: every route of /api/v1 by its annotation.

use axum::Json;
use serde_json::{Value, json};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use super::{
    canned_responses, conversations, crowds, drafts, files, invitations, live_visitors, login_sessions, me, messages, nodes,
    offline_messages, operators, promotions, search, sites, statistics, tags, virtual_agent, visitors,
};
use crate::api_keys::{self, Needed};
use crate::error::Error;

/// What the handlers' annotations say; [`document`] is what is told.
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
        nodes::list,
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
        super::apps::list,
        super::apps::create,
        super::apps::update,
        super::apps::delete,
        super::apps::rotate_secret,
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
        crowds::list,
        crowds::show,
        crowds::create,
        crowds::update,
        crowds::delete,
        crowds::list_muted,
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
        virtual_agent::list,
        virtual_agent::update,
        virtual_agent::try_out,
        virtual_agent::suggest,
        virtual_agent::list_pairs,
        virtual_agent::create_pair,
        virtual_agent::update_pair,
        virtual_agent::delete_pair,
        virtual_agent::list_unanswered,
        virtual_agent::delete_unanswered,
        virtual_agent::answer_unanswered,
        promotions::list,
        promotions::show,
        promotions::create,
        promotions::create_picture,
        promotions::update,
        promotions::list_versions,
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
    modifiers(&Keys, &EveryOperation)
)]
struct Document;

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

/// What is the same for all operations and is therefore said once: who asks, and how a refusal looks.
struct EveryOperation;

impl Modify for EveryOperation {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let cookie = ApiKeyValue::with_description("stalk", "A login of the console; over https it is called __Host-stalk.");
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("login", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        let login = SecurityRequirement::new::<_, _, &str>("login", []);
        document.security = Some(vec![login.clone()]);
        let error = ContentBuilder::new().schema(Some(Ref::from_schema_name("Error"))).build();
        let refusal = ResponseBuilder::new().description("A refusal.").content("application/json", error).build();
        for operation in document.paths.paths.values_mut().flat_map(operations) {
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response
                    && response.description.is_empty()
                {
                    wording(status).clone_into(&mut response.description);
                }
            }
            // What a key may do, a person may who is signed in.
            if let Some(with_a_key) = &mut operation.security {
                with_a_key.push(login.clone());
            }
            operation.responses.responses.entry("default".to_owned()).or_insert_with(|| refusal.clone().into());
        }
    }
}

/// The format wants a word for every answer; what it holds is told by the operation and the schema.
fn wording(status: &str) -> &'static str {
    match status {
        "201" => "What was made.",
        "204" => "Done; there is nothing more to say.",
        _ => "What was asked for, or what it is now.",
    }
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut path.get, &mut path.put, &mut path.post, &mut path.patch, &mut path.delete].into_iter().filter_map(Option::as_mut)
}

/// The document.
pub async fn show() -> Json<Value> {
    Json(document())
}

/// The document, with the names of aliases: the annotations see what is behind them only.
pub fn document() -> Value {
    const ALIASES: [(&str, &str, &str); 2] =
        [("i64", "Millis", "Milliseconds since 1970 UTC."), ("BTreeMap", "Texts", "A text per language (`ko`, `en`).")];
    let mut whole = json!(Document::openapi());
    for (accident, name, meaning) in ALIASES {
        if let Some(schemas) = whole["components"]["schemas"].as_object_mut()
            && let Some(mut schema) = schemas.remove(accident)
        {
            schema["description"] = meaning.into();
            schemas.insert(name.to_owned(), schema);
        }
        point(&mut whole, &format!("#/components/schemas/{accident}"), &format!("#/components/schemas/{name}"));
    }
    whole
}

/// Every reference to one schema becomes one to another.
fn point(part: &mut Value, from: &str, to: &str) {
    match part {
        Value::Object(fields) => fields.values_mut().for_each(|field| point(field, from, to)),
        Value::Array(items) => items.iter_mut().for_each(|item| point(item, from, to)),
        Value::String(text) if text == from => to.clone_into(text),
        _ => {}
    }
}
