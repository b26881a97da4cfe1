//! Promotions: what is offered to visitors, what came of it, and "send now".

use axum::Json;
use axum::body::Body as RawBody;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::model::{
    AudienceOut, DryRunIn, DryRunOut, NewPromotionIn, PictureOut, PromotionIn, PromotionOut, PromotionVersionOut, SendIn, SentOut, paths,
};
use crate::app::App;
use crate::error::{Error, ErrorCode, Result};
use crate::events::Event;
use crate::files::PHOTO_MIB;
use crate::http::extract::{Body, Params, PathIds};
use crate::http::intake;
use crate::http::login::SignedIn;
use crate::http::paging::Page;
use crate::ids::{PromotionId, SiteId};
use crate::promotion_worker::To;
use crate::promotions::{self, Promotion, Update};
use crate::sites;
use crate::text::Fields;

async fn find(app: &App, me: &SignedIn, id: PromotionId) -> Result<Promotion> {
    promotions::find(&app.db, me.scope, id).await?.ok_or_else(|| Error::not_found("promotion"))
}

async fn shown(app: &App, me: &SignedIn, promotion: Promotion) -> Result<Json<PromotionOut>> {
    let sums = promotions::sums(&app.db, me.scope).await?.remove(&promotion.id).unwrap_or_default();
    Ok(Json(PromotionOut::new(promotion, sums)))
}

async fn known_site(app: &App, me: &SignedIn, site: Option<SiteId>) -> Result<()> {
    match site {
        Some(id) if sites::find(&app.db, me.scope, id).await?.is_none() => Err(Error::not_found("site")),
        _ => Ok(()),
    }
}

/// All promotions, newest first, with what came of them.
#[utoipa::path(get, operation_id = "promotions_list", path = "/api/v1/promotions", tag = "promotions", responses((status = 200, body = Page<PromotionOut>)))]
pub async fn list(State(app): State<App>, me: SignedIn) -> Result<Json<Page<PromotionOut>>> {
    let found = promotions::list(&app.db, me.scope).await?;
    let mut sums = promotions::sums(&app.db, me.scope).await?;
    let out = found.into_iter().map(|promotion| {
        let sums = sums.remove(&promotion.id).unwrap_or_default();
        PromotionOut::new(promotion, sums)
    });
    Ok(Json(Page::whole(out.collect())))
}

/// One promotion.
#[utoipa::path(get, operation_id = "promotions_show", path = "/api/v1/promotions/{id}", tag = "promotions", params(("id" = Uuid, Path)), responses((status = 200, body = PromotionOut)))]
pub async fn show(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<PromotionId>) -> Result<Json<PromotionOut>> {
    let found = find(&app, &me, id).await?;
    shown(&app, &me, found).await
}

/// Keeps a picture for a promotion and answers its public address, for `image_url`: the raw bytes are the body, at most 5 MiB; it becomes at most
/// 1,200 pixels wide and high. Owners and admins.
#[utoipa::path(post, operation_id = "promotions_create_picture", path = "/api/v1/promotions/pictures", tag = "promotions", request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 201, body = PictureOut)))]
pub async fn create_picture(
    State(app): State<App>,
    me: SignedIn,
    headers: HeaderMap,
    body: RawBody,
) -> Result<(StatusCode, Json<PictureOut>)> {
    me.administers()?;
    let incoming = intake::read(body, &headers, app.files.incoming(PHOTO_MIB)).await?;
    let name = app.files.keep_picture(me.scope, incoming).await?;
    let url = format!("{}/pictures/{}/{name}", app.listen.widget_origin(), me.scope.tenant());
    Ok((StatusCode::CREATED, Json(PictureOut { url })))
}

/// Makes a promotion. Owners and admins.
#[utoipa::path(post, operation_id = "promotions_create", path = "/api/v1/promotions", tag = "promotions", request_body = NewPromotionIn, responses((status = 201, body = PromotionOut)))]
pub async fn create(State(app): State<App>, me: SignedIn, Body(new): Body<NewPromotionIn>) -> Result<(StatusCode, Json<PromotionOut>)> {
    me.administers()?;
    known_site(&app, &me, new.site_id).await?;
    let known = promotions::list(&app.db, me.scope).await?.len();
    if known >= promotions::MOST {
        let why = format!("there are {known} promotions, and {} is the most; delete one that is over", promotions::MOST);
        return Err(Error::new(ErrorCode::Conflict, why));
    }
    let now = app.clock.now();
    let update = Update {
        name: Some(new.name),
        definition: Some(new.definition.clone()),
        starts_at: Some(new.starts_at),
        ends_at: Some(new.ends_at),
        active: Some(new.active),
        site_id: None,
    };
    let empty = Promotion {
        id: app.clock.new_id(),
        site_id: new.site_id,
        name: String::new(),
        status: "paused".to_owned(),
        version: 1,
        definition: promotions::stored(new.definition),
        starts_at: None,
        ends_at: None,
        created_by: me.operator.id,
        created_at: now,
        updated_at: now,
    };
    let promotion = empty.apply(update, now).map_err(Error::fields)?;
    let mut tx = app.db.begin().await?;
    promotions::insert(&mut tx, me.scope, &promotion).await?;
    tx.commit().await?;
    app.promoter.changed(me.scope, &promotion, &[]).await;
    app.events.publish(Event::PromotionChanged(me.scope.tenant()));
    Ok((StatusCode::CREATED, shown(&app, &me, promotion).await?))
}

/// Changes a promotion, pauses it or lets it go on. Owners and admins.
#[utoipa::path(patch, operation_id = "promotions_update", path = "/api/v1/promotions/{id}", tag = "promotions", params(("id" = Uuid, Path)), request_body = PromotionIn, responses((status = 200, body = PromotionOut)))]
pub async fn update(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<PromotionId>,
    Body(change): Body<PromotionIn>,
) -> Result<Json<PromotionOut>> {
    me.administers()?;
    let before = find(&app, &me, id).await?;
    known_site(&app, &me, change.site_id.flatten()).await?;
    let PromotionIn { name, site_id, active, definition, starts_at, ends_at } = change;
    let update = Update { name, site_id, definition, active, starts_at, ends_at };
    let promotion = before.apply(update, app.clock.now()).map_err(Error::fields)?;
    let mut tx = app.db.begin().await?;
    promotions::update(&mut tx, me.scope, &promotion, me.operator.id).await?;
    tx.commit().await?;
    let on_screens = if promotion.is_on(app.clock.now()) { Vec::new() } else { app.promoter.on_screens(me.scope, id).await? };
    app.promoter.changed(me.scope, &promotion, &on_screens).await;
    app.events.publish(Event::PromotionChanged(me.scope.tenant()));
    shown(&app, &me, promotion).await
}

/// What a promotion's definition was, the present one first; the last 50.
#[utoipa::path(get, operation_id = "promotions_list_versions", path = "/api/v1/promotions/{id}/versions", tag = "promotions", params(("id" = Uuid, Path)),
    responses((status = 200, body = Page<PromotionVersionOut>)))]
pub async fn list_versions(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<PromotionId>,
) -> Result<Json<Page<PromotionVersionOut>>> {
    find(&app, &me, id).await?;
    let versions = promotions::versions(&app.db, me.scope, id).await?;
    Ok(Json(Page::whole(versions.into_iter().map(PromotionVersionOut::from).collect())))
}

/// Deletes a promotion with everything that was counted of it. Owners and admins.
#[utoipa::path(delete, operation_id = "promotions_delete", path = "/api/v1/promotions/{id}", tag = "promotions", params(("id" = Uuid, Path)), responses((status = 204)))]
pub async fn delete(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<PromotionId>) -> Result<StatusCode> {
    me.administers()?;
    let found = find(&app, &me, id).await?;
    let on_screens = app.promoter.on_screens(me.scope, id).await?;
    let mut tx = app.db.begin().await?;
    promotions::delete(&mut tx, me.scope, id).await?;
    tx.commit().await?;
    app.promoter.changed(me.scope, &found, &on_screens).await;
    app.events.publish(Event::PromotionChanged(me.scope.tenant()));
    Ok(StatusCode::NO_CONTENT)
}

/// Offers a promotion now: to these visitors, or to whoever is on these pages. Conditions and limits do not count; the group that is shown nothing
/// and conversations do.
#[utoipa::path(post, operation_id = "promotions_send", path = "/api/v1/promotions/{id}/sends", tag = "promotions", params(("id" = Uuid, Path)), request_body = SendIn, responses((status = 200, body = SentOut)))]
pub async fn send(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<PromotionId>,
    Body(asked): Body<SendIn>,
) -> Result<Json<SentOut>> {
    let promotion = find(&app, &me, id).await?;
    if !promotion.is_on(app.clock.now()) {
        return Err(Error::new(ErrorCode::Conflict, "this promotion is paused or not on now; let it go on before it is sent"));
    }
    let (send_id, to) = asked.to().map_err(Error::fields)?;
    let done = app.promoter.send(me.scope, id, send_id, &to).await?;
    app.events.publish(Event::PromotionChanged(me.scope.tenant()));
    Ok(Json(done.into()))
}

/// The query of an audience.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AudienceQuery {
    site_id: Option<SiteId>,
    /// Paths, one a line.
    pages: Option<String>,
}

/// Who is on such pages now.
#[utoipa::path(get, operation_id = "promotions_audience", path = "/api/v1/promotions/audience", tag = "promotions",
    params(("site_id" = Option<Uuid>, Query), ("pages" = Option<String>, Query, description = "Paths such as /products/*, one a line; none: any page")),
    responses((status = 200, body = AudienceOut)))]
pub async fn audience(State(app): State<App>, me: SignedIn, Params(query): Params<AudienceQuery>) -> Result<Json<AudienceOut>> {
    let mut fields = Fields::new();
    let pages = query.pages.unwrap_or_default().lines().map(str::trim).filter(|line| !line.is_empty()).map(ToOwned::to_owned).collect();
    let paths = paths(&mut fields, pages);
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let found = app.promoter.audience(me.scope, &To::Pages { site: query.site_id, paths }).await?;
    Ok(Json(found.into()))
}

/// Tries a promotion out on a visitor who is there now: would they see it, and if not, why. Nothing is shown and nothing is counted.
#[utoipa::path(post, operation_id = "promotions_dry_run", path = "/api/v1/promotions/dry-runs", tag = "promotions", request_body = DryRunIn, responses((status = 200, body = DryRunOut)))]
pub async fn dry_run(State(app): State<App>, me: SignedIn, Body(asked): Body<DryRunIn>) -> Result<Json<DryRunOut>> {
    let stored = match asked.promotion_id {
        Some(id) => Some(find(&app, &me, id).await?),
        None => None,
    };
    let now = app.clock.now();
    let promotion = match (stored, asked.definition) {
        (Some(stored), None) => stored,
        (None, None) => return Err(Error::invalid("promotion_id or definition is needed")),
        (stored, Some(definition)) => {
            let mut fields = Fields::new();
            definition.check(&mut fields);
            if !fields.is_empty() {
                return Err(Error::fields(fields));
            }
            Promotion {
                id: stored.map_or_else(|| app.clock.new_id(), |stored| stored.id),
                site_id: asked.site_id,
                name: "dry run".to_owned(),
                status: "active".to_owned(),
                version: 1,
                definition: promotions::stored(definition),
                starts_at: None,
                ends_at: None,
                created_by: me.operator.id,
                created_at: now,
                updated_at: now,
            }
        }
    };
    Ok(Json(app.promoter.explain(me.scope, &promotion, asked.visitor_id).await?.into()))
}

/// The JSON schema of a promotion's definition: event, conditions, limits, offer, goal.
#[utoipa::path(get, operation_id = "promotions_schema", path = "/api/v1/promotions/schema", tag = "promotions", responses((status = 200, body = Object)))]
pub async fn schema(_: SignedIn) -> Json<Value> {
    Json(schema_of("PromotionDefinition"))
}

/// A schema of the OpenAPI document as a JSON schema of its own, with those it speaks of.
fn schema_of(name: &str) -> Value {
    let document = super::openapi::document().to_string().replace("#/components/schemas/", "#/$defs/");
    let document: Value = serde_json::from_str(&document).unwrap_or_default();
    let all = &document["components"]["schemas"];
    let mut defs = serde_json::Map::new();
    let mut wanted = vec![name.to_owned()];
    while let Some(next) = wanted.pop() {
        if defs.contains_key(&next) {
            continue;
        }
        let found = all[&next].clone();
        let text = found.to_string();
        wanted.extend(text.split("#/$defs/").skip(1).filter_map(|rest| rest.split('"').next().map(ToOwned::to_owned)));
        defs.insert(next, found);
    }
    json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": format!("#/$defs/{name}"), "$defs": defs})
}
