//! Apps whose clients speak XPUSH's own protocol.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::model::{ChannelAppIn, ChannelAppOut, NewChannelAppIn};
use crate::app::App;
use crate::channel_apps::{self, ChannelApp, NewChannelApp};
use crate::error::{Error, ErrorCode, Result};
use crate::http::extract::{Body, PathIds};
use crate::http::login::SignedIn;
use crate::http::paging::Page;
use crate::ids::ChannelAppId;
use crate::text::{self, Fields};

fn name(name: &str) -> Result<String> {
    let mut fields = Fields::new();
    let name = text::clean_line(&text::required(&mut fields, "name", name, channel_apps::NAME_MAX));
    if fields.is_empty() { Ok(name) } else { Err(Error::fields(fields)) }
}

async fn found(app: &App, me: &SignedIn, id: ChannelAppId) -> Result<ChannelApp> {
    channel_apps::find(&app.db, me.scope, id).await?.ok_or_else(|| Error::not_found("app"))
}

/// All apps, oldest first. Owners and admins.
#[utoipa::path(get, operation_id = "apps_list", path = "/api/v1/apps", tag = "apps", responses((status = 200, body = Page<ChannelAppOut>)))]
pub async fn list(State(app): State<App>, me: SignedIn) -> Result<Json<Page<ChannelAppOut>>> {
    me.administers()?;
    let found = channel_apps::list(&app.db, me.scope).await?;
    Ok(Json(Page::whole(found.into_iter().map(ChannelAppOut::from).collect())))
}

/// Makes an app. Owners and admins.
#[utoipa::path(post, operation_id = "apps_create", path = "/api/v1/apps", tag = "apps", request_body = NewChannelAppIn, responses((status = 201, body = ChannelAppOut)))]
pub async fn create(State(app): State<App>, me: SignedIn, Body(new): Body<NewChannelAppIn>) -> Result<(StatusCode, Json<ChannelAppOut>)> {
    me.administers()?;
    let new = NewChannelApp { name: name(&new.name)?, mode: new.mode };
    let mut tx = app.db.begin().await?;
    let made = channel_apps::insert(&mut tx, me.scope, &app.clock, &new).await?;
    let id = made.ok_or_else(|| Error::new(ErrorCode::Conflict, format!("{} apps are the limit; delete one", channel_apps::MOST)))?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(found(&app, &me, id).await?.into())))
}

/// Changes an app. Whoever is in it has to come again when it asks for tokens from now on. Owners and admins.
#[utoipa::path(patch, operation_id = "apps_update", path = "/api/v1/apps/{id}", tag = "apps", params(("id" = uuid::Uuid, Path)), request_body = ChannelAppIn, responses((status = 200, body = ChannelAppOut)))]
pub async fn update(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<ChannelAppId>,
    Body(change): Body<ChannelAppIn>,
) -> Result<Json<ChannelAppOut>> {
    me.administers()?;
    let name = change.name.as_deref().map(name).transpose()?;
    let before = found(&app, &me, id).await?;
    let mut tx = app.db.begin().await?;
    if !channel_apps::update(&mut tx, me.scope, id, name.as_deref(), change.mode).await? {
        return Err(Error::not_found("app"));
    }
    tx.commit().await?;
    if change.mode.is_some_and(|mode| mode != before.mode) {
        end(&app, &before);
    }
    Ok(Json(found(&app, &me, id).await?.into()))
}

/// Removes an app; whoever is in it is disconnected. Owners and admins.
#[utoipa::path(delete, operation_id = "apps_delete", path = "/api/v1/apps/{id}", tag = "apps", params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
pub async fn delete(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<ChannelAppId>) -> Result<StatusCode> {
    me.administers()?;
    let before = found(&app, &me, id).await?;
    let mut tx = app.db.begin().await?;
    if !channel_apps::delete(&mut tx, me.scope, id).await? {
        return Err(Error::not_found("app"));
    }
    tx.commit().await?;
    end(&app, &before);
    Ok(StatusCode::NO_CONTENT)
}

/// Takes tokens of another secret from now on; whoever is in the app is disconnected. Owners and admins.
#[utoipa::path(post, operation_id = "apps_rotate_secret", path = "/api/v1/apps/{id}/secret", tag = "apps", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = ChannelAppOut)))]
pub async fn rotate_secret(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<ChannelAppId>) -> Result<Json<ChannelAppOut>> {
    me.administers()?;
    let before = found(&app, &me, id).await?;
    let mut tx = app.db.begin().await?;
    if !channel_apps::rotate_secret(&mut tx, me.scope, id).await? {
        return Err(Error::not_found("app"));
    }
    tx.commit().await?;
    end(&app, &before);
    Ok(Json(found(&app, &me, id).await?.into()))
}

/// Who is in it came under what held before.
fn end(app: &App, before: &ChannelApp) {
    app.channel_apps.forget(&before.app_key);
    app.realtime.end_app(&before.app_key);
}
