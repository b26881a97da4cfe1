//! Canned responses: every operator may write them, for they are what operators say.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::model::{CannedResponseIn, CannedResponseOut, NewCannedResponseIn};
use crate::app::App;
use crate::canned_responses::{self, CannedResponseUpdate, NewCannedResponse, TEXT_MAX, valid_shortcut};
use crate::error::{Error, ErrorCode, Result};
use crate::events::Event;
use crate::http::extract::{Body, PathIds};
use crate::http::login::SignedIn;
use crate::http::paging::Page;
use crate::ids::{CannedResponseId, SiteId};
use crate::sites;
use crate::text::{self, Fields};

async fn shown(app: &App, me: &SignedIn, id: CannedResponseId) -> Result<Json<CannedResponseOut>> {
    let found = canned_responses::find(&app.db, me.scope, id).await?.ok_or_else(|| Error::not_found("canned response"))?;
    Ok(Json(found.into()))
}

async fn known_site(app: &App, me: &SignedIn, site: Option<SiteId>) -> Result<()> {
    if let Some(site) = site {
        sites::find(&app.db, me.scope, site).await?.ok_or_else(|| Error::not_found("site"))?;
    }
    Ok(())
}

fn taken(error: Error, shortcut: Option<&str>) -> Error {
    match (error.code, shortcut) {
        (ErrorCode::Conflict, Some(shortcut)) => {
            Error::new(ErrorCode::Conflict, format!("there is a canned response {shortcut:?} already"))
        }
        _ => error,
    }
}

/// All, by shortcut.
#[utoipa::path(get, operation_id = "canned_responses_list", path = "/api/v1/canned-responses", tag = "canned responses", responses((status = 200, body = Page<CannedResponseOut>)))]
pub async fn list(State(app): State<App>, me: SignedIn) -> Result<Json<Page<CannedResponseOut>>> {
    let found = canned_responses::list(&app.db, me.scope).await?;
    Ok(Json(Page::whole(found.into_iter().map(CannedResponseOut::from).collect())))
}

/// Makes one.
#[utoipa::path(post, operation_id = "canned_responses_create", path = "/api/v1/canned-responses", tag = "canned responses", request_body = NewCannedResponseIn, responses((status = 201, body = CannedResponseOut)))]
pub async fn create(
    State(app): State<App>,
    me: SignedIn,
    Body(new): Body<NewCannedResponseIn>,
) -> Result<(StatusCode, Json<CannedResponseOut>)> {
    let mut fields = Fields::new();
    let shortcut = valid_shortcut(&mut fields, &new.shortcut);
    let text = text::required(&mut fields, "text", &new.text, TEXT_MAX);
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    known_site(&app, &me, new.site_id).await?;
    let id = app.clock.new_id();
    let new = NewCannedResponse { id, shortcut, text, site_id: new.site_id, created_by: me.operator.id, created_at: app.clock.now() };
    let mut tx = app.db.begin().await?;
    canned_responses::insert(&mut tx, me.scope, &new).await.map_err(|error| taken(error.into(), Some(&new.shortcut)))?;
    tx.commit().await?;
    app.events.publish(Event::CannedResponseChanged(me.scope.tenant()));
    Ok((StatusCode::CREATED, shown(&app, &me, id).await?))
}

/// Changes one.
#[utoipa::path(patch, operation_id = "canned_responses_update", path = "/api/v1/canned-responses/{id}", tag = "canned responses", params(("id" = uuid::Uuid, Path)), request_body = CannedResponseIn, responses((status = 200, body = CannedResponseOut)))]
pub async fn update(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<CannedResponseId>,
    Body(change): Body<CannedResponseIn>,
) -> Result<Json<CannedResponseOut>> {
    let mut fields = Fields::new();
    let shortcut = change.shortcut.map(|shortcut| valid_shortcut(&mut fields, &shortcut));
    let text = change.text.map(|text| text::required(&mut fields, "text", &text, TEXT_MAX));
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    drop(shown(&app, &me, id).await?);
    known_site(&app, &me, change.site_id.flatten()).await?;
    let update = CannedResponseUpdate { shortcut, text, site_id: change.site_id, updated_at: app.clock.now() };
    let mut tx = app.db.begin().await?;
    let updated = canned_responses::update(&mut tx, me.scope, id, &update).await;
    updated.map_err(|error| taken(error.into(), update.shortcut.as_deref()))?;
    tx.commit().await?;
    app.events.publish(Event::CannedResponseChanged(me.scope.tenant()));
    shown(&app, &me, id).await
}

/// Removes one.
#[utoipa::path(delete, operation_id = "canned_responses_delete", path = "/api/v1/canned-responses/{id}", tag = "canned responses", params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
pub async fn delete(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<CannedResponseId>) -> Result<StatusCode> {
    let mut tx = app.db.begin().await?;
    if !canned_responses::delete(&mut tx, me.scope, id).await? {
        return Err(Error::not_found("canned response"));
    }
    tx.commit().await?;
    app.events.publish(Event::CannedResponseChanged(me.scope.tenant()));
    Ok(StatusCode::NO_CONTENT)
}
