//! The virtual agent: its settings of each site, its pairs of question and answer, and what it could not answer.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::model::{AgentIn, AgentOut, AnswerOut, FaqIn, FaqOut, NewFaqIn, TryIn, UnansweredOut};
use crate::app::App;
use crate::conversations::{self, SenderKind};
use crate::error::{Error, ErrorCode, Result};
use crate::events::Event;
use crate::http::extract::{Body, PathIds};
use crate::http::login::SignedIn;
use crate::http::paging::Page;
use crate::ids::{ConversationId, FaqId, SiteId, UnansweredId};
use crate::sites::{self, Site};
use crate::text::{self, Fields};
use crate::virtual_agent::{self, Agent, Pair, Settings};
use crate::visitors;

/// Questions on the list at most; the rest is seen when some are done.
const UNANSWERED: i64 = 200;
/// Entries looked through for the question that is open.
const ENTRIES: i64 = 50;

fn tell(app: &App, me: &SignedIn) {
    app.events.publish(Event::VirtualAgentChanged(me.scope.tenant()));
}

async fn site(app: &App, me: &SignedIn, id: SiteId) -> Result<Site> {
    sites::find(&app.db, me.scope, id).await?.ok_or_else(|| Error::not_found("site"))
}

async fn agent_of(app: &App, me: &SignedIn, id: SiteId) -> Result<Agent> {
    let found = virtual_agent::list_agents(&app.db, me.scope).await?.into_iter().find(|agent| agent.site_id == id);
    Ok(found.unwrap_or_else(|| Agent { site_id: id, enabled: 0, settings: virtual_agent::stored(Settings::default()) }))
}

fn shown(agent: Agent, site: &Site) -> AgentOut {
    AgentOut { site_id: agent.site_id, site_name: site.name.clone(), enabled: agent.enabled != 0, settings: agent.settings.0 }
}

/// The virtual agents of all sites; of a site without one, the settings it would begin with.
#[utoipa::path(get, operation_id = "virtual_agent_list", path = "/api/v1/virtual-agent", tag = "virtual agent", responses((status = 200, body = Page<AgentOut>)))]
pub async fn list(State(app): State<App>, me: SignedIn) -> Result<Json<Page<AgentOut>>> {
    let mut items = Vec::new();
    for site in sites::list(&app.db, me.scope).await? {
        items.push(shown(agent_of(&app, &me, site.id).await?, &site));
    }
    Ok(Json(Page::whole(items)))
}

/// Changes what the virtual agent of a site does. Owners and admins.
#[utoipa::path(patch, operation_id = "virtual_agent_update", path = "/api/v1/virtual-agent/{id}", tag = "virtual agent", params(("id" = uuid::Uuid, Path, description = "The site's")), request_body = AgentIn, responses((status = 200, body = AgentOut)))]
pub async fn update(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<SiteId>,
    Body(change): Body<AgentIn>,
) -> Result<Json<AgentOut>> {
    me.administers()?;
    let site = site(&app, &me, id).await?;
    let mut agent = agent_of(&app, &me, id).await?;
    agent.enabled = change.enabled.map_or(agent.enabled, i64::from);
    if let Some(settings) = change.settings {
        let mut fields = Fields::new();
        settings.check(&mut fields);
        if !fields.is_empty() {
            return Err(Error::fields(fields));
        }
        agent.settings = virtual_agent::stored(settings);
    }
    let mut tx = app.db.begin().await?;
    virtual_agent::put_agent(&mut tx, me.scope, &agent, app.clock.now()).await?;
    tx.commit().await?;
    tell(&app, &me);
    Ok(Json(shown(agent, &site)))
}

/// What the virtual agent would answer. Nothing is posted and nothing is counted.
#[utoipa::path(post, operation_id = "virtual_agent_try", path = "/api/v1/virtual-agent/tries", tag = "virtual agent", request_body = TryIn, responses((status = 200, body = AnswerOut)))]
pub async fn try_out(State(app): State<App>, me: SignedIn, Body(asked): Body<TryIn>) -> Result<Json<AnswerOut>> {
    let mut fields = Fields::new();
    let question = text::required(&mut fields, "text", &asked.text, 2000);
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let site = site(&app, &me, asked.site_id).await?;
    let pairs = virtual_agent::ready(virtual_agent::list_pairs(&app.db, me.scope).await?);
    let reader = if virtual_agent::speaks_korean(&question) { "ko" } else { "en" };
    Ok(Json(virtual_agent::find_answer(&pairs, site.id, &question, reader, &site.language).into()))
}

/// The virtual agent's answer to the visitor's last message, for an operator to use or not. Empty where the site has none, or it knows none.
#[utoipa::path(get, operation_id = "conversations_suggestion", path = "/api/v1/conversations/{id}/suggestion", tag = "conversations", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = AnswerOut)))]
pub async fn suggest(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<ConversationId>) -> Result<Json<AnswerOut>> {
    let found = conversations::find(&app.db, me.scope, id).await?.ok_or_else(|| Error::not_found("conversation"))?;
    let agent = agent_of(&app, &me, found.site_id).await?;
    if agent.enabled == 0 || !agent.settings.suggest_when_online {
        return Ok(Json(None.into()));
    }
    let entries = conversations::since(&app.db, me.scope, id, (found.last_seq - ENTRIES).max(0), ENTRIES).await?;
    let last = entries.iter().rev().find(|entry| entry.kind == "message.posted");
    let asked = last.filter(|entry| entry.sender_kind == SenderKind::Visitor).and_then(|entry| entry.data["text"].as_str());
    let Some(question) = asked else { return Ok(Json(None.into())) };
    let site = site(&app, &me, found.site_id).await?;
    let visitor = visitors::find(&app.db, me.scope, found.visitor_id).await?;
    let language = visitor.and_then(|visitor| visitor.language).unwrap_or_else(|| site.language.clone());
    let reader = if virtual_agent::speaks_korean(question) { "ko".to_owned() } else { language };
    let pairs = virtual_agent::ready(virtual_agent::list_pairs(&app.db, me.scope).await?);
    Ok(Json(virtual_agent::find_answer(&pairs, site.id, question, &reader, &site.language).into()))
}

/// All pairs of question and answer, oldest first.
#[utoipa::path(get, operation_id = "faq_list", path = "/api/v1/faq", tag = "virtual agent", responses((status = 200, body = Page<FaqOut>)))]
pub async fn list_pairs(State(app): State<App>, me: SignedIn) -> Result<Json<Page<FaqOut>>> {
    let found = virtual_agent::list_pairs(&app.db, me.scope).await?;
    Ok(Json(Page::whole(found.into_iter().map(FaqOut::from).collect())))
}

fn checked(pair: &Pair) -> Result<()> {
    let mut fields = Fields::new();
    virtual_agent::check_phrases(&mut fields, &pair.phrases);
    virtual_agent::check_answers(&mut fields, &pair.answers);
    if fields.is_empty() { Ok(()) } else { Err(Error::fields(fields)) }
}

async fn made(app: &App, me: &SignedIn, new: NewFaqIn) -> Result<Pair> {
    if let Some(id) = new.site_id {
        drop(site(app, me, id).await?);
    }
    let known = virtual_agent::list_pairs(&app.db, me.scope).await?.len();
    if known >= virtual_agent::PAIRS_MAX {
        let why = format!("there are {known} pairs, and {} is the most; delete one that nobody asks for", virtual_agent::PAIRS_MAX);
        return Err(Error::new(ErrorCode::Conflict, why));
    }
    let now = app.clock.now();
    let pair = Pair {
        id: app.clock.new_id(),
        site_id: new.site_id,
        enabled: i64::from(new.enabled.unwrap_or(true)),
        phrases: virtual_agent::stored(new.phrases),
        answers: virtual_agent::stored(new.answers),
        answered: 0,
        created_by: me.operator.id,
        created_at: now,
        updated_at: now,
    };
    checked(&pair)?;
    Ok(pair)
}

/// Makes a pair. Owners and admins.
#[utoipa::path(post, operation_id = "faq_create", path = "/api/v1/faq", tag = "virtual agent", request_body = NewFaqIn, responses((status = 201, body = FaqOut)))]
pub async fn create_pair(State(app): State<App>, me: SignedIn, Body(new): Body<NewFaqIn>) -> Result<(StatusCode, Json<FaqOut>)> {
    me.administers()?;
    let pair = made(&app, &me, new).await?;
    let mut tx = app.db.begin().await?;
    virtual_agent::put_pair(&mut tx, me.scope, &pair).await?;
    tx.commit().await?;
    tell(&app, &me);
    Ok((StatusCode::CREATED, Json(pair.into())))
}

/// Changes a pair. Owners and admins.
#[utoipa::path(patch, operation_id = "faq_update", path = "/api/v1/faq/{id}", tag = "virtual agent", params(("id" = uuid::Uuid, Path)), request_body = FaqIn, responses((status = 200, body = FaqOut)))]
pub async fn update_pair(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<FaqId>,
    Body(change): Body<FaqIn>,
) -> Result<Json<FaqOut>> {
    me.administers()?;
    let found = virtual_agent::list_pairs(&app.db, me.scope).await?.into_iter().find(|pair| pair.id == id);
    let mut pair = found.ok_or_else(|| Error::not_found("pair"))?;
    if let Some(id) = change.site_id.flatten() {
        drop(site(&app, &me, id).await?);
    }
    pair.site_id = change.site_id.unwrap_or(pair.site_id);
    pair.enabled = change.enabled.map_or(pair.enabled, i64::from);
    if let Some(phrases) = change.phrases {
        pair.phrases = virtual_agent::stored(phrases);
    }
    if let Some(answers) = change.answers {
        pair.answers = virtual_agent::stored(answers);
    }
    pair.updated_at = app.clock.now();
    checked(&pair)?;
    let mut tx = app.db.begin().await?;
    virtual_agent::put_pair(&mut tx, me.scope, &pair).await?;
    tx.commit().await?;
    tell(&app, &me);
    Ok(Json(pair.into()))
}

/// Deletes a pair. Owners and admins.
#[utoipa::path(delete, operation_id = "faq_delete", path = "/api/v1/faq/{id}", tag = "virtual agent", params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
pub async fn delete_pair(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<FaqId>) -> Result<StatusCode> {
    me.administers()?;
    let mut tx = app.db.begin().await?;
    let found = virtual_agent::delete_pair(&mut tx, me.scope, id).await?;
    tx.commit().await?;
    tell(&app, &me);
    if found { Ok(StatusCode::NO_CONTENT) } else { Err(Error::not_found("pair")) }
}

/// Questions that no pair answered, the latest first, at most 200.
#[utoipa::path(get, operation_id = "unanswered_list", path = "/api/v1/unanswered", tag = "virtual agent", responses((status = 200, body = Page<UnansweredOut>)))]
pub async fn list_unanswered(State(app): State<App>, me: SignedIn) -> Result<Json<Page<UnansweredOut>>> {
    let found = virtual_agent::list_unanswered(&app.db, me.scope, UNANSWERED).await?;
    Ok(Json(Page::whole(found.into_iter().map(UnansweredOut::from).collect())))
}

/// Takes a question off the list. Owners and admins.
#[utoipa::path(delete, operation_id = "unanswered_delete", path = "/api/v1/unanswered/{id}", tag = "virtual agent", params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
pub async fn delete_unanswered(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<UnansweredId>) -> Result<StatusCode> {
    me.administers()?;
    let mut tx = app.db.begin().await?;
    let found = virtual_agent::delete_unanswered(&mut tx, me.scope, id).await?;
    tx.commit().await?;
    tell(&app, &me);
    if found { Ok(StatusCode::NO_CONTENT) } else { Err(Error::not_found("question")) }
}

/// Makes a pair of a question on the list, and takes it off. Owners and admins.
#[utoipa::path(post, operation_id = "unanswered_answer", path = "/api/v1/unanswered/{id}/faq", tag = "virtual agent", params(("id" = uuid::Uuid, Path)), request_body = NewFaqIn, responses((status = 201, body = FaqOut)))]
pub async fn answer_unanswered(
    State(app): State<App>,
    me: SignedIn,
    PathIds(id): PathIds<UnansweredId>,
    Body(new): Body<NewFaqIn>,
) -> Result<(StatusCode, Json<FaqOut>)> {
    me.administers()?;
    let mut tx = app.db.begin().await?;
    if !virtual_agent::delete_unanswered(&mut tx, me.scope, id).await? {
        return Err(Error::not_found("question"));
    }
    let pair = made(&app, &me, new).await?;
    virtual_agent::put_pair(&mut tx, me.scope, &pair).await?;
    tx.commit().await?;
    tell(&app, &me);
    Ok((StatusCode::CREATED, Json(pair.into())))
}
