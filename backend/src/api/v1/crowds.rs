//! A site's crowds. What is said in them, and who keeps order there, goes over the sockets (docs/PROTOCOL.md).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::model::{CrowdIn, CrowdOut, MutedOut, NewCrowdIn};
use crate::app::App;
use crate::crowds::{self, Crowd, CrowdUpdate, NewCrowd};
use crate::error::{Error, ErrorCode, Result};
use crate::http::extract::{Body, PathIds, PathPair};
use crate::http::login::SignedIn;
use crate::http::paging::Page;
use crate::ids::{CrowdId, SiteId};
use crate::scope::SiteScope;
use crate::sites;
use crate::text::Fields;

async fn site(app: &App, me: &SignedIn, id: SiteId) -> Result<SiteScope> {
    let site = sites::find(&app.db, me.scope, id).await?.ok_or_else(|| Error::not_found("site"))?;
    Ok(me.site_scope(&site))
}

async fn find(app: &App, me: &SignedIn, site: SiteId, id: CrowdId) -> Result<Crowd> {
    let found = crowds::find(&app.db, me.scope, id).await?;
    found.filter(|crowd| crowd.site_id == site).ok_or_else(|| Error::not_found("crowd"))
}

fn out(app: &App, crowd: Crowd) -> CrowdOut {
    let members = app.realtime.crowd_members(&crowd);
    CrowdOut::new(crowd, members)
}

/// Crowds of a site, with how many are there now: first those that operators made, then those of pages, each where something was said last first. At most 1,000.
#[utoipa::path(get, operation_id = "crowds_list", path = "/api/v1/sites/{id}/crowds", tag = "crowds", params(("id" = Uuid, Path)), responses((status = 200, body = Page<CrowdOut>)))]
pub async fn list(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<SiteId>) -> Result<Json<Page<CrowdOut>>> {
    let scope = site(&app, &me, id).await?;
    let found = crowds::list(&app.db, scope).await?;
    Ok(Json(Page::whole(found.into_iter().map(|crowd| out(&app, crowd)).collect())))
}

/// One crowd.
#[utoipa::path(get, operation_id = "crowds_show", path = "/api/v1/sites/{id}/crowds/{crowd}", tag = "crowds", params(("id" = Uuid, Path), ("crowd" = Uuid, Path)), responses((status = 200, body = CrowdOut)))]
pub async fn show(State(app): State<App>, me: SignedIn, PathPair(site, id): PathPair<SiteId, CrowdId>) -> Result<Json<CrowdOut>> {
    let crowd = find(&app, &me, site, id).await?;
    Ok(Json(out(&app, crowd)))
}

/// Makes a crowd. Owners and admins.
#[utoipa::path(post, operation_id = "crowds_create", path = "/api/v1/sites/{id}/crowds", tag = "crowds", params(("id" = Uuid, Path)), request_body = NewCrowdIn, responses((status = 201, body = CrowdOut)))]
pub async fn create(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<SiteId>,
    Body(new): Body<NewCrowdIn>,
) -> Result<(StatusCode, Json<CrowdOut>)> {
    me.administers()?;
    let scope = site(&app, &me, id).await?;
    let NewCrowdIn { key, name, history, writers, slow_mode_s } = new;
    let update = CrowdUpdate { history, writers, slow_mode_s, ..CrowdUpdate::default() };
    let new = NewCrowd::checked(&key, &name, &update).map_err(Error::fields)?;
    let known = crowds::count(&app.db, scope, false).await?;
    if known >= crowds::MOST {
        let why = format!("this site has {known} crowds, and {} is the most; delete one that is over", crowds::MOST);
        return Err(Error::new(ErrorCode::Conflict, why));
    }
    if crowds::find_by_key(&app.db, scope, &new.key).await?.is_some() {
        let what = "is another crowd's of this site; choose one that is free".to_owned();
        return Err(Error { code: ErrorCode::Conflict, ..Error::fields(Fields::from([("key".to_owned(), what)])) });
    }
    let mut tx = app.db.begin().await?;
    let made = crowds::insert(&mut tx, scope, &app.clock, &new).await?;
    tx.commit().await?;
    app.realtime.crowd_changed(me.scope, made).await?;
    let crowd = find(&app, &me, id, made).await?;
    Ok((StatusCode::CREATED, Json(out(&app, crowd))))
}

/// Changes a crowd: members see and feel it at once. Owners and admins.
#[utoipa::path(patch, operation_id = "crowds_update", path = "/api/v1/sites/{id}/crowds/{crowd}", tag = "crowds", params(("id" = Uuid, Path), ("crowd" = Uuid, Path)), request_body = CrowdIn, responses((status = 200, body = CrowdOut)))]
pub async fn update(
    State(app): State<App>,
    me: SignedIn,
    PathPair(site, id): PathPair<SiteId, CrowdId>,
    Body(change): Body<CrowdIn>,
) -> Result<Json<CrowdOut>> {
    me.administers()?;
    find(&app, &me, site, id).await?;
    let mut fields = Fields::new();
    let update = CrowdUpdate::from(change).check(&mut fields);
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let mut tx = app.db.begin().await?;
    crowds::update(&mut tx, me.scope, id, &update, app.clock.now()).await?;
    tx.commit().await?;
    app.realtime.crowd_changed(me.scope, id).await?;
    let crowd = find(&app, &me, site, id).await?;
    Ok(Json(out(&app, crowd)))
}

/// Deletes a crowd with everything that was said in it. Owners and admins.
#[utoipa::path(delete, operation_id = "crowds_delete", path = "/api/v1/sites/{id}/crowds/{crowd}", tag = "crowds", params(("id" = Uuid, Path), ("crowd" = Uuid, Path)), responses((status = 204)))]
pub async fn delete(State(app): State<App>, me: SignedIn, PathPair(site, id): PathPair<SiteId, CrowdId>) -> Result<StatusCode> {
    me.administers()?;
    let crowd = find(&app, &me, site, id).await?;
    let mut tx = app.db.begin().await?;
    crowds::delete(&mut tx, me.scope, id).await?;
    tx.commit().await?;
    app.realtime.crowd_deleted(&crowd).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Who only reads in a crowd, the latest first.
#[utoipa::path(get, operation_id = "crowds_list_muted", path = "/api/v1/sites/{id}/crowds/{crowd}/mutes", tag = "crowds", params(("id" = Uuid, Path), ("crowd" = Uuid, Path)), responses((status = 200, body = Page<MutedOut>)))]
pub async fn list_muted(
    State(app): State<App>,
    me: SignedIn,
    PathPair(site, id): PathPair<SiteId, CrowdId>,
) -> Result<Json<Page<MutedOut>>> {
    let crowd = find(&app, &me, site, id).await?;
    let found = crowds::list_muted(&app.db, me.scope, crowd.id, app.clock.now()).await?;
    Ok(Json(Page::whole(found.into_iter().map(MutedOut::from).collect())))
}
