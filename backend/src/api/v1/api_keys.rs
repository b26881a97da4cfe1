//! Keys of the tenant's programs.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::model::{ApiKeyOut, NewApiKeyIn, NewApiKeyOut};
use crate::api_keys::{self, NewApiKey};
use crate::app::App;
use crate::error::{Error, ErrorCode, Result};
use crate::http::extract::{Body, PathIds};
use crate::http::login::SignedIn;
use crate::http::paging::Page;
use crate::ids::ApiKeyId;
use crate::text::{self, Fields};

/// All keys, newest first, without their secrets. Owners and admins, signed in.
#[utoipa::path(get, operation_id = "api_keys_list", path = "/api/v1/api-keys", tag = "api keys", responses((status = 200, body = Page<ApiKeyOut>)))]
pub async fn list(State(app): State<App>, me: SignedIn) -> Result<Json<Page<ApiKeyOut>>> {
    me.administers()?;
    let found = api_keys::list(&app.db, me.scope).await?;
    Ok(Json(Page::whole(found.into_iter().map(ApiKeyOut::from).collect())))
}

/// Makes a key that asks in one's own name. Its secret is in this answer and nowhere else. Owners and admins, signed in.
#[utoipa::path(post, operation_id = "api_keys_create", path = "/api/v1/api-keys", tag = "api keys", request_body = NewApiKeyIn, responses((status = 201, body = NewApiKeyOut)))]
pub async fn create(State(app): State<App>, me: SignedIn, Body(new): Body<NewApiKeyIn>) -> Result<(StatusCode, Json<NewApiKeyOut>)> {
    me.administers()?;
    let mut fields = Fields::new();
    let name = text::clean_line(&text::required(&mut fields, "name", &new.name, api_keys::NAME_MAX));
    let mut scopes = new.scopes;
    scopes.dedup();
    if scopes.is_empty() {
        fields.insert("scopes".to_owned(), "must name at least one scope, such as conversations:read".to_owned());
    }
    if new.expires_at.is_some_and(|at| at <= app.clock.now()) {
        fields.insert("expires_at".to_owned(), "must be in the future, or absent for a key that does not end by itself".to_owned());
    }
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let new = NewApiKey { operator: me.operator.id, name, scopes, expires_at: new.expires_at };
    let mut tx = app.db.begin().await?;
    let made = api_keys::insert(&mut tx, me.scope, &app.clock, &new).await?;
    let (id, secret) = made.ok_or_else(|| {
        Error::new(ErrorCode::Conflict, format!("{} API keys are the limit; delete one that is not used", api_keys::MOST))
    })?;
    tx.commit().await?;
    let key = api_keys::list(&app.db, me.scope).await?.into_iter().find(|key| key.id == id);
    let key = key.ok_or_else(|| Error::not_found("API key"))?;
    Ok((StatusCode::CREATED, Json(NewApiKeyOut { key: key.into(), secret })))
}

/// Ends a key and its sockets at once. Owners and admins, signed in.
#[utoipa::path(delete, operation_id = "api_keys_delete", path = "/api/v1/api-keys/{id}", tag = "api keys", params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
pub async fn delete(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<ApiKeyId>) -> Result<StatusCode> {
    me.administers()?;
    let mut tx = app.db.begin().await?;
    let whose = api_keys::delete(&mut tx, me.scope, id).await?.ok_or_else(|| Error::not_found("API key"))?;
    tx.commit().await?;
    app.realtime.end_login(me.scope.tenant(), whose, &api_keys::login_name(id));
    Ok(StatusCode::NO_CONTENT)
}
