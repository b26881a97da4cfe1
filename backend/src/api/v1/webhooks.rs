//! Webhooks, and the log of what they were told.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::model::{DeliveryOut, DeliveryQuery, NewWebhookIn, TestOut, WebhookIn, WebhookOut};
use crate::app::App;
use crate::error::{Error, ErrorCode, Result};
use crate::http::extract::{Body, Params, PathIds, PathPair};
use crate::http::login::SignedIn;
use crate::http::paging::{self, Cursor, Page};
use crate::ids::{DeliveryId, SiteId, WebhookId};
use crate::sites;
use crate::text::{self, Fields};
use crate::webhooks::{self, Delivery, EventKind, NewWebhook, WebhookUpdate};

async fn shown(app: &App, me: &SignedIn, id: WebhookId) -> Result<Json<WebhookOut>> {
    let webhook = webhooks::find(&app.db, me.scope, id, app.clock.now()).await?.ok_or_else(|| Error::not_found("webhook"))?;
    Ok(Json(webhook.into()))
}

/// What is wrong with what was asked for, by field.
struct Check<'a> {
    app: &'a App,
    me: &'a SignedIn,
    fields: Fields,
}

impl Check<'_> {
    fn name(&mut self, name: &str) -> String {
        text::clean_line(&text::required(&mut self.fields, "name", name, webhooks::NAME_MAX))
    }

    async fn url(&mut self, url: &str) -> String {
        let url = url.trim();
        let objection = if url.len() > text::URL_MAX { Some(format!("is longer than {} characters", text::URL_MAX)) } else { None };
        let objection = match objection {
            None => self.app.webhooks.objection(url).await,
            long => long,
        };
        if let Some(why) = objection {
            self.fields.insert("url".to_owned(), why);
        }
        url.to_owned()
    }

    fn events(&mut self, mut events: Vec<EventKind>) -> Vec<EventKind> {
        events.dedup();
        if events.contains(&EventKind::Ping) {
            self.fields.insert("events".to_owned(), "must not name ping, which every webhook is told when it is tried".to_owned());
        }
        events
    }

    async fn site(&mut self, site: Option<SiteId>) -> Result<Option<SiteId>> {
        if let Some(id) = site
            && sites::find(&self.app.db, self.me.scope, id).await?.is_none()
        {
            self.fields.insert("site_id".to_owned(), format!("{id} is not a site of yours"));
        }
        Ok(site)
    }

    fn done(self) -> Result<()> {
        if self.fields.is_empty() { Ok(()) } else { Err(Error::fields(self.fields)) }
    }
}

/// All webhooks, oldest first, with the last day's numbers. Owners and admins.
#[utoipa::path(get, operation_id = "webhooks_list", path = "/api/v1/webhooks", tag = "webhooks", responses((status = 200, body = Page<WebhookOut>)))]
pub async fn list(State(app): State<App>, me: SignedIn) -> Result<Json<Page<WebhookOut>>> {
    me.administers()?;
    let found = webhooks::list(&app.db, me.scope, app.clock.now()).await?;
    Ok(Json(Page::whole(found.into_iter().map(WebhookOut::from).collect())))
}

/// Makes a webhook. Owners and admins.
#[utoipa::path(post, operation_id = "webhooks_create", path = "/api/v1/webhooks", tag = "webhooks", request_body = NewWebhookIn, responses((status = 201, body = WebhookOut)))]
pub async fn create(State(app): State<App>, me: SignedIn, Body(new): Body<NewWebhookIn>) -> Result<(StatusCode, Json<WebhookOut>)> {
    me.administers()?;
    let mut check = Check { app: &app, me: &me, fields: Fields::new() };
    let new = NewWebhook {
        name: check.name(&new.name),
        url: check.url(&new.url).await,
        events: check.events(new.events),
        site: check.site(new.site_id).await?,
    };
    check.done()?;
    let mut tx = app.db.begin().await?;
    let made = webhooks::insert(&mut tx, me.scope, &app.clock, &new).await?;
    let id = made.ok_or_else(|| Error::new(ErrorCode::Conflict, format!("{} webhooks are the limit; delete one", webhooks::MOST)))?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, shown(&app, &me, id).await?))
}

/// Changes a webhook, pauses it, or lets it go on. Owners and admins.
#[utoipa::path(patch, operation_id = "webhooks_update", path = "/api/v1/webhooks/{id}", tag = "webhooks", params(("id" = uuid::Uuid, Path)), request_body = WebhookIn, responses((status = 200, body = WebhookOut)))]
pub async fn update(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<WebhookId>,
    Body(change): Body<WebhookIn>,
) -> Result<Json<WebhookOut>> {
    me.administers()?;
    let mut check = Check { app: &app, me: &me, fields: Fields::new() };
    let mut update = WebhookUpdate {
        name: change.name.map(|name| check.name(&name)),
        events: change.events.map(|events| check.events(events)),
        paused_at: change.paused.map(|paused| paused.then(|| app.clock.now())),
        ..WebhookUpdate::default()
    };
    if let Some(url) = change.url {
        update.url = Some(check.url(&url).await);
    }
    if let Some(site) = change.site_id {
        update.site = Some(check.site(site).await?);
    }
    check.done()?;
    let mut tx = app.db.begin().await?;
    if !webhooks::update(&mut tx, me.scope, id, &update).await? {
        return Err(Error::not_found("webhook"));
    }
    tx.commit().await?;
    shown(&app, &me, id).await
}

/// Removes a webhook and its log. Owners and admins.
#[utoipa::path(delete, operation_id = "webhooks_delete", path = "/api/v1/webhooks/{id}", tag = "webhooks", params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
pub async fn delete(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<WebhookId>) -> Result<StatusCode> {
    me.administers()?;
    let mut tx = app.db.begin().await?;
    if !webhooks::delete(&mut tx, me.scope, id).await? {
        return Err(Error::not_found("webhook"));
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Signs with another secret from now on. Owners and admins.
#[utoipa::path(post, operation_id = "webhooks_rotate_secret", path = "/api/v1/webhooks/{id}/secret", tag = "webhooks", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = WebhookOut)))]
pub async fn rotate_secret(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<WebhookId>) -> Result<Json<WebhookOut>> {
    me.administers()?;
    let mut tx = app.db.begin().await?;
    if !webhooks::rotate_secret(&mut tx, me.scope, id).await? {
        return Err(Error::not_found("webhook"));
    }
    tx.commit().await?;
    shown(&app, &me, id).await
}

/// Tells this webhook a `ping`. Owners and admins.
#[utoipa::path(post, operation_id = "webhooks_test", path = "/api/v1/webhooks/{id}/test", tag = "webhooks", params(("id" = uuid::Uuid, Path)), responses((status = 201, body = TestOut)))]
pub async fn test(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<WebhookId>) -> Result<(StatusCode, Json<TestOut>)> {
    me.administers()?;
    drop(shown(&app, &me, id).await?);
    let mut tx = app.db.begin().await?;
    let DeliveryId(delivery) = webhooks::ping(&mut tx, me.scope, &app.clock, id).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(TestOut { id: delivery })))
}

/// What a webhook was told, or is to be told, newest first; the log goes back 30 days. Owners and admins.
#[utoipa::path(get, operation_id = "webhooks_list_deliveries", path = "/api/v1/webhooks/{id}/deliveries", tag = "webhooks", params(("id" = uuid::Uuid, Path), DeliveryQuery), responses((status = 200, body = Page<DeliveryOut>)))]
pub async fn list_deliveries(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<WebhookId>,
    Params(query): Params<DeliveryQuery>,
) -> Result<Json<Page<DeliveryOut>>> {
    me.administers()?;
    drop(shown(&app, &me, id).await?);
    let limit = paging::limit(query.limit)?;
    let after = Cursor::decode(query.cursor.as_deref())?.map(|Cursor(at, id)| (at, DeliveryId(id)));
    let rows = webhooks::list_deliveries(&app.db, me.scope, id, after, limit + 1).await?;
    Ok(Json(paging::page(rows, limit, |row: &Delivery| Cursor(row.created_at, row.id.0), DeliveryOut::from)))
}

/// Sends a delivery again, whatever became of it. Owners and admins.
#[utoipa::path(post, operation_id = "webhooks_replay", path = "/api/v1/webhooks/{id}/deliveries/{delivery}/replay", tag = "webhooks",
    params(("id" = uuid::Uuid, Path), ("delivery" = uuid::Uuid, Path)), responses((status = 204)))]
pub async fn replay(State(app): State<App>, me: SignedIn, PathPair(id, delivery): PathPair<WebhookId, DeliveryId>) -> Result<StatusCode> {
    me.administers()?;
    let mut tx = app.db.begin().await?;
    if !webhooks::replay(&mut tx, me.scope, (id, delivery), app.clock.now()).await? {
        return Err(Error::not_found("delivery"));
    }
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
