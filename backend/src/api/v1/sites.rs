//! The tenant's sites.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::model::{IdentitySecretOut, NewSiteIn, RoutingIn, SiteIn, SiteOut};
use crate::app::App;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::http::extract::{Body, PathIds};
use crate::http::login::SignedIn;
use crate::http::paging::Page;
use crate::ids::{OperatorId, SiteId};
use crate::operators;
use crate::setup;
use crate::sites::{self, Site, SiteUpdate};
use crate::text::{self, Fields};

fn out(app: &App, site: Site) -> SiteOut {
    SiteOut::new(site, &app.listen.widget_origin(), app.clock.now())
}

async fn find(app: &App, me: &SignedIn, id: SiteId) -> Result<Site> {
    sites::find(&app.db, me.scope, id).await?.ok_or_else(|| Error::not_found("site"))
}

/// All sites, oldest first.
#[utoipa::path(get, operation_id = "sites_list", path = "/api/v1/sites", tag = "sites", responses((status = 200, body = Page<SiteOut>)))]
pub async fn list(State(app): State<App>, me: SignedIn) -> Result<Json<Page<SiteOut>>> {
    let found = sites::list(&app.db, me.scope).await?;
    Ok(Json(Page::whole(found.into_iter().map(|site| out(&app, site)).collect())))
}

/// One site.
#[utoipa::path(get, operation_id = "sites_show", path = "/api/v1/sites/{id}", tag = "sites", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = SiteOut)))]
pub async fn show(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<SiteId>) -> Result<Json<SiteOut>> {
    let site = find(&app, &me, id).await?;
    Ok(Json(out(&app, site)))
}

/// Registers a site. Owners and admins.
#[utoipa::path(post, operation_id = "sites_create", path = "/api/v1/sites", tag = "sites", request_body = NewSiteIn, responses((status = 201, body = SiteOut)))]
pub async fn create(State(app): State<App>, me: SignedIn, Body(new): Body<NewSiteIn>) -> Result<(StatusCode, Json<SiteOut>)> {
    me.administers()?;
    let new =
        setup::new_site(&app.clock, &new.name, &new.domains, &new.language, me.operator.time_zone.as_deref()).map_err(Error::fields)?;
    let mut tx = app.db.begin().await?;
    sites::insert(&mut tx, me.scope, &new).await?;
    tx.commit().await?;
    app.sites.forget_all();
    app.events.publish(Event::SiteChanged(me.scope.tenant(), new.id));
    let site = find(&app, &me, new.id).await?;
    Ok((StatusCode::CREATED, Json(out(&app, site))))
}

/// All of them are the tenant's own. Whoever left may stay on the list: a form that was read before must not be refused for it.
async fn check_members(app: &App, me: &SignedIn, members: &[OperatorId]) -> Result<()> {
    let own: Vec<OperatorId> = operators::list(&app.db, me.scope, true).await?.into_iter().map(|operator| operator.id).collect();
    match members.iter().find(|id| !own.contains(id)) {
        None => Ok(()),
        Some(id) => Err(Error::fields(Fields::from([("members".to_owned(), format!("{id} is not an operator of yours"))]))),
    }
}

/// Changes a site. Owners and admins.
#[utoipa::path(patch, operation_id = "sites_update", path = "/api/v1/sites/{id}", tag = "sites", params(("id" = uuid::Uuid, Path)), request_body = SiteIn, responses((status = 200, body = SiteOut)))]
pub async fn update(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<SiteId>,
    Body(change): Body<SiteIn>,
) -> Result<Json<SiteOut>> {
    me.administers()?;
    if let Some(Some(members)) = &change.members {
        check_members(&app, &me, members).await?;
    }
    let SiteIn {
        name,
        domains,
        language,
        color,
        side,
        greeting,
        reopen_days,
        offline_email,
        settings,
        time_zone,
        business_hours,
        members,
        routing,
        answer_goal_min,
    } = change;
    let RoutingIn { mode: routing_mode, reassign_after_s } = routing.unwrap_or_default();
    let update = SiteUpdate {
        name,
        domains,
        language,
        color,
        side,
        greeting,
        reopen_days,
        routing_mode,
        reassign_after_s,
        answer_goal_min,
        offline_email,
        settings,
        time_zone,
        business_hours,
        members,
    };
    let site = find(&app, &me, id).await?.apply(update).map_err(Error::fields)?;
    let mut tx = app.db.begin().await?;
    sites::update(&mut tx, me.scope, &site).await?;
    tx.commit().await?;
    app.sites.forget_all();
    app.events.publish(Event::SiteChanged(me.scope.tenant(), id));
    Ok(Json(out(&app, site)))
}

async fn secret_of(app: &App, me: &SignedIn, id: SiteId) -> Result<Json<IdentitySecretOut>> {
    let site = find(app, me, id).await?;
    let secrets = sites::identity_secrets(&app.db, me.site_scope(&site), app.clock.now()).await?;
    let sites::IdentitySecrets { secret, rotated_at, .. } = secrets.ok_or_else(|| Error::not_found("site"))?;
    Ok(Json(IdentitySecretOut { secret, rotated_at }))
}

/// The secret with which the shop's server signs its customers' identities (HS256). Owners and admins.
#[utoipa::path(get, operation_id = "sites_show_identity_secret", path = "/api/v1/sites/{id}/identity-secret", tag = "sites", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = IdentitySecretOut)))]
pub async fn show_identity_secret(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<SiteId>) -> Result<Json<IdentitySecretOut>> {
    me.administers()?;
    secret_of(&app, &me, id).await
}

/// Makes another secret; the one before is good for 24 hours more. Owners and admins.
#[utoipa::path(post, operation_id = "sites_rotate_identity_secret", path = "/api/v1/sites/{id}/identity-secret", tag = "sites", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = IdentitySecretOut)))]
pub async fn rotate_identity_secret(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<SiteId>) -> Result<Json<IdentitySecretOut>> {
    me.administers()?;
    let site = find(&app, &me, id).await?;
    let mut tx = app.db.begin().await?;
    sites::rotate_identity_secret(&mut tx, me.site_scope(&site), &text::random_word(40), app.clock.now()).await?;
    tx.commit().await?;
    secret_of(&app, &me, id).await
}
