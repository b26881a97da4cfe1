//! The tenant's tags, and those of a conversation.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::conversations::show_row;
use super::model::{ConversationOut, NewTagIn, TagIn, TagOut, TagsIn};
use crate::app::App;
use crate::conversations;
use crate::error::{Error, Result};
use crate::events::Event;
use crate::http::extract::{Body, PathIds};
use crate::http::login::SignedIn;
use crate::http::paging::Page;
use crate::ids::{ConversationId, TagId};
use crate::tags::{self, TagUpdate};
use crate::text::{self, Fields};

async fn shown(app: &App, me: &SignedIn, id: TagId) -> Result<Json<TagOut>> {
    let tag = tags::find(&app.db, me.scope, id).await?.ok_or_else(|| Error::not_found("tag"))?;
    Ok(Json(tag.into()))
}

/// Rows that show the tag, and lists of tags.
fn tell(app: &App, me: &SignedIn, conversations: Vec<ConversationId>) {
    app.events.publish(Event::TagChanged(me.scope.tenant()));
    for id in conversations {
        app.events.publish(Event::ConversationChanged(me.scope.tenant(), id));
    }
}

/// All tags, by name.
#[utoipa::path(get, operation_id = "tags_list", path = "/api/v1/tags", tag = "tags", responses((status = 200, body = Page<TagOut>)))]
pub async fn list(State(app): State<App>, me: SignedIn) -> Result<Json<Page<TagOut>>> {
    let found = tags::list(&app.db, me.scope).await?;
    Ok(Json(Page::whole(found.into_iter().map(TagOut::from).collect())))
}

/// Makes a tag. Owners and admins; whoever tags a conversation makes one by naming it.
#[utoipa::path(post, operation_id = "tags_create", path = "/api/v1/tags", tag = "tags", request_body = NewTagIn, responses((status = 201, body = TagOut)))]
pub async fn create(State(app): State<App>, me: SignedIn, Body(new): Body<NewTagIn>) -> Result<(StatusCode, Json<TagOut>)> {
    me.administers()?;
    let mut fields = Fields::new();
    let name = tags::valid_name(&mut fields, "name", &new.name);
    let color = new.color.map(|color| tags::valid_color(&mut fields, color));
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let mut tx = app.db.begin().await?;
    let id = tags::insert(&mut tx, me.scope, &app.clock, &name, color).await?;
    tx.commit().await?;
    tell(&app, &me, Vec::new());
    Ok((StatusCode::CREATED, shown(&app, &me, id).await?))
}

/// Gives a tag another name or colour, on all conversations. Owners and admins.
#[utoipa::path(patch, operation_id = "tags_update", path = "/api/v1/tags/{id}", tag = "tags", params(("id" = uuid::Uuid, Path)), request_body = TagIn, responses((status = 200, body = TagOut)))]
pub async fn update(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<TagId>, Body(change): Body<TagIn>) -> Result<Json<TagOut>> {
    me.administers()?;
    let mut fields = Fields::new();
    let name = change.name.map(|name| tags::valid_name(&mut fields, "name", &name));
    let color = change.color.map(|color| tags::valid_color(&mut fields, color));
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    drop(shown(&app, &me, id).await?);
    let mut tx = app.db.begin().await?;
    tags::update(&mut tx, me.scope, id, &TagUpdate { name, color }).await?;
    tx.commit().await?;
    tell(&app, &me, tags::list_conversations(&app.db, me.scope, id).await?);
    shown(&app, &me, id).await
}

/// Removes a tag from all conversations and for good. Owners and admins.
#[utoipa::path(delete, operation_id = "tags_delete", path = "/api/v1/tags/{id}", tag = "tags", params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
pub async fn delete(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<TagId>) -> Result<StatusCode> {
    me.administers()?;
    let mut tx = app.db.begin().await?;
    let had = tags::delete(&mut tx, me.scope, id).await?.ok_or_else(|| Error::not_found("tag"))?;
    tx.commit().await?;
    tell(&app, &me, had);
    Ok(StatusCode::NO_CONTENT)
}

/// The names, cleaned, each once.
fn named(asked: &[String]) -> Result<Vec<String>> {
    let mut fields = Fields::new();
    if asked.len() > tags::MOST {
        fields.insert("tags".to_owned(), format!("are {}; at most {} are allowed", asked.len(), tags::MOST));
    }
    let mut names: Vec<String> = Vec::new();
    for name in asked {
        let name = tags::valid_name(&mut fields, "tags", name);
        if names.iter().all(|known| text::key(known) != text::key(&name)) {
            names.push(name);
        }
    }
    if fields.is_empty() { Ok(names) } else { Err(Error::fields(fields)) }
}

/// Gives a conversation exactly these tags.
#[utoipa::path(put, operation_id = "conversations_update_tags", path = "/api/v1/conversations/{id}/tags", tag = "conversations", params(("id" = uuid::Uuid, Path)), request_body = TagsIn, responses((status = 200, body = ConversationOut)))]
pub async fn update_conversation(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<ConversationId>,
    Body(new): Body<TagsIn>,
) -> Result<Json<ConversationOut>> {
    let names = named(&new.tags)?;
    conversations::find(&app.db, me.scope, id).await?.ok_or_else(|| Error::not_found("conversation"))?;
    let mut tx = app.db.begin().await?;
    tags::replace(&mut tx, me.scope, &app.clock, id, &names).await?;
    tx.commit().await?;
    // Also where no tag is new: the numbers of conversations are others.
    tell(&app, &me, vec![id]);
    show_row(&app, &me, id).await
}
