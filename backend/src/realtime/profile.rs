//! What visitors ask about themselves: who they are to the shop, what they tell, their conversations, their rating, their letters, their data.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;
use xpush::Disconnect;

use crate::clock::Millis;
use crate::conversations::{self, Command, Queued, Reply, Status, What};
use crate::error::{Error, ErrorCode, Result};
use crate::events::Event;
use crate::ids::{ConversationId, VisitorId};
use crate::scope::SiteScope;
use crate::sites::{self, Site};
use crate::text::{self, Fields};
use crate::visitor_data;
use crate::visitor_events;
use crate::visitors::identity::{self, Identified};
use crate::visitors::ticket::Ticket;
use crate::visitors::{self, Visitor, VisitorUpdate, valid_attributes};

use super::logs;
use super::principal::visitor_key;
use super::requests::visible;
use super::share;
use super::wire::visitor_view;
use super::{Engine, Live, Principal, VisitorPrincipal};

/// Conversations of a list.
const CONVERSATIONS: i64 = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentifyIn {
    token: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PutIn {
    name: Option<String>,
    email: Option<String>,
    attributes: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OfConversationIn {
    conversation: Uuid,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RatingIn {
    conversation: Uuid,
    score: i64,
    comment: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfirmIn {
    email: String,
    code: Option<String>,
}

/// A visitor as they see themselves.
#[derive(Serialize)]
pub(super) struct VisitorView<'a> {
    id: VisitorId,
    name: Option<&'a str>,
    email: Option<&'a str>,
    identified: bool,
    prechat_done: bool,
    email_confirmed: bool,
}

/// From the row, if there is one, and whether they have a conversation.
pub(super) fn view(id: VisitorId, stored: Option<&Visitor>, has_conversation: bool) -> VisitorView<'_> {
    let identified = stored.is_some_and(|visitor| visitor.external_id.is_some());
    VisitorView {
        id,
        name: stored.and_then(|visitor| visitor.name.as_deref()),
        email: stored.and_then(|visitor| visitor.email.as_deref()),
        identified,
        prechat_done: identified || has_conversation || stored.is_some_and(|visitor| visitor.prechat_at.is_some()),
        email_confirmed: stored.is_some_and(|visitor| visitor.confirmed_email.is_some()),
    }
}

/// Whom a token of the shop's server names; the anonymous visitor of the ticket becomes part of them.
pub(super) async fn prove(live: &Live, engine: &Engine, scope: SiteScope, anonymous: Option<VisitorId>, token: &str) -> Result<Identified> {
    let secrets = sites::identity_secrets(&live.db, scope, live.clock.now()).await?.ok_or_else(|| Error::not_found("site"))?;
    let identity = identity::read(token, &secrets.all, &live.clock).map_err(|why| {
        let mut error = Error::unauthenticated(format!("the identity is refused: {why}"));
        error.fields = Some(Fields::from([("identity".to_owned(), why)]));
        error
    })?;
    let identified = identity::identify(&live.db, &live.clock, scope, anonymous, &identity).await?;
    if identified.merged {
        // Their other connections say hello again, and then know what has become theirs.
        let key = visitor_key(scope.tenant(), identified.visitor);
        engine.kick(&key, None, Disconnect::GoingAway, "conversations of another browser have become yours");
    }
    Ok(identified)
}

pub(super) async fn identify(live: &Live, engine: &Engine, visitor: &VisitorPrincipal, asked: IdentifyIn) -> Result<Value> {
    let scope = visitor.scope;
    let identified = prove(live, engine, scope, Some(visitor.visitor), &asked.token).await?;
    let ticket = Ticket::new(scope, identified.visitor, visitor.device, live.clock.now()).sign(&live.signer);
    let ticket = ticket.ok_or_else(|| Error::internal(&"no signing key"))?;
    let stored = visitors::find(&live.db, scope.wide(), identified.visitor).await?;
    let latest = conversations::find_latest(&live.db, scope, identified.visitor).await?;
    let conversation =
        latest.as_ref().map(|latest| visitor_view(&live.widget_origin, &latest.conversation, latest.receipts, latest.queue_position));
    if let Some(latest) = &latest {
        live.events.publish(Event::ConversationChanged(scope.tenant(), latest.conversation.id));
    }
    Ok(json!({"ticket": ticket, "visitor": view(identified.visitor, stored.as_ref(), latest.is_some()), "conversation": conversation}))
}

async fn site_of(live: &Live, visitor: &VisitorPrincipal) -> Result<std::sync::Arc<Site>> {
    live.sites.find(&visitor.site_key).await?.ok_or_else(|| Error::not_found("site"))
}

/// A name or an address that nobody has signed counts only where the shop does not sign them.
fn may_say_who(site: &Site, visitor: &VisitorPrincipal) -> Result<()> {
    if site.settings.identity_required || visitor.identified {
        return Err(Error::forbidden("the shop itself says who its visitors are; sign in there"));
    }
    Ok(())
}

pub(super) async fn put(live: &Live, visitor: &VisitorPrincipal, given: PutIn) -> Result<Value> {
    let paced = live.posts.take(visitor.visitor).await;
    paced.map_err(|wait| Error::rate_limited("too many changes in a short time; wait a moment", wait))?;
    if given.name.is_some() || given.email.is_some() {
        may_say_who(&*site_of(live, visitor).await?, visitor)?;
    }
    let answered_prechat = given.attributes.is_none();
    let mut fields = Fields::new();
    let some = |value: Option<String>| value.filter(|value| !value.trim().is_empty());
    let update = VisitorUpdate {
        name: some(given.name).map(|name| Some(text::clean_line(&text::required(&mut fields, "name", &name, text::NAME_MAX)))),
        email: some(given.email).map(|email| Some(text::email(&mut fields, "email", &email))),
        attributes: valid_attributes(&mut fields, given.attributes.unwrap_or_default()),
    };
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let (scope, now) = (visitor.scope, live.clock.now());
    let mut tx = live.db.begin().await?;
    visitors::upsert(&mut tx, &[visitor.acting()], now).await?;
    if visitors::update(&mut tx, scope.wide(), visitor.visitor, &update).await? == Some(false) {
        return Err(Error::invalid("a visitor has at most 50 attributes; remove some by setting them to null"));
    }
    if answered_prechat {
        visitors::update_prechat(&mut tx, scope, visitor.visitor, now).await?;
    }
    tx.commit().await?;
    let stored = visitors::find(&live.db, scope.wide(), visitor.visitor).await?;
    let latest = conversations::find_latest(&live.db, scope, visitor.visitor).await?;
    if let Some(latest) = &latest {
        live.events.publish(Event::ConversationChanged(scope.tenant(), latest.conversation.id));
    }
    Ok(json!({"visitor": view(visitor.visitor, stored.as_ref(), latest.is_some())}))
}

pub(super) async fn conversations(live: &Live, visitor: &VisitorPrincipal) -> Result<Value> {
    let rows = conversations::list_of_visitor(&live.db, visitor.scope.wide(), visitor.visitor, CONVERSATIONS).await?;
    let items: Vec<Value> = rows
        .iter()
        .map(|row| {
            let mut item = visitor_view(&live.widget_origin, &row.conversation, row.receipts(), row.queue_position);
            let last = row.message_data.as_ref().zip(row.message_sender_kind).map(|(data, kind)| {
                let side = if kind == conversations::SenderKind::Visitor { "visitor" } else { "operator" };
                let (kind, said) = conversations::summary(data);
                json!({"side": side, "kind": kind, "text": text::cut(said, 140), "at": row.message_at})
            });
            if let Some(map) = item.as_object_mut() {
                map.insert("last_message".to_owned(), json!(last));
            }
            item
        })
        .collect();
    Ok(json!({"items": items}))
}

async fn command(live: &Live, engine: &Engine, principal: &Principal, what: What) -> Result<Value> {
    let command = Command { tenant: principal.tenant().tenant(), sender: principal.sender(), also: principal.also(), what };
    match logs::change(engine, Queued { command, visitor: None }).await? {
        Reply::Conversation(conversation, receipts) => {
            Ok(json!({"conversation": visitor_view(&live.widget_origin, &conversation, receipts, None)}))
        }
        _ => Err(Error::internal(&"a change was answered by something else")),
    }
}

pub(super) async fn resolve(live: &Live, engine: &Engine, principal: &Principal, asked: OfConversationIn) -> Result<Value> {
    command(
        live,
        engine,
        principal,
        What::SetStatus { conversation: ConversationId(asked.conversation), status: Status::Resolved, until: None },
    )
    .await
}

pub(super) async fn rate(
    live: &Live,
    engine: &Engine,
    (principal, visitor): (&Principal, &VisitorPrincipal),
    given: RatingIn,
) -> Result<Value> {
    let paced = live.posts.take(visitor.visitor).await;
    paced.map_err(|wait| Error::rate_limited("too many ratings in a short time; wait a moment", wait))?;
    if !site_of(live, visitor).await?.settings.rating {
        return Err(Error::forbidden("this site asks for no rating"));
    }
    let mut fields = Fields::new();
    if !(1..=5).contains(&given.score) {
        fields.insert("score".to_owned(), format!("is {}; 1 to 5 are allowed", given.score));
    }
    let comment = given.comment.filter(|comment| !text::clean(comment).is_empty());
    let comment = comment.map(|comment| text::required(&mut fields, "comment", &comment, 1000));
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    command(live, engine, principal, What::Rate { conversation: ConversationId(given.conversation), score: given.score, comment }).await
}

async fn letters(live: &Live, visitor: &VisitorPrincipal, peer: std::net::IpAddr) -> Result<()> {
    let paced = live.letters.take(visitor.visitor).await;
    paced.map_err(|wait| Error::rate_limited("at most 3 letters can be asked for at once, then one in 10 minutes", wait))?;
    let paced = live.by_address.offline_posts.take(peer).await;
    paced.map_err(|wait| Error::rate_limited("too many letters were asked for from this address; try again later", wait))
}

/// Mails a code to an address, or takes the code that was mailed.
pub(super) async fn confirm(live: &Live, (visitor, peer): (&VisitorPrincipal, std::net::IpAddr), asked: ConfirmIn) -> Result<Value> {
    let site = site_of(live, visitor).await?;
    may_say_who(&site, visitor)?;
    let mut fields = Fields::new();
    let email = text::email(&mut fields, "email", &asked.email);
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    match asked.code {
        None => {
            letters(live, visitor, peer).await?;
            visitor_data::mail_code(&live.db, &live.clock, &visitor.acting(), &site, &email).await?;
            Ok(json!({"confirmed": false}))
        }
        Some(code) => {
            visitor_data::take_code(&live.db, &live.clock, visitor.scope, visitor.visitor, &email, code.trim()).await?;
            Ok(json!({"confirmed": true}))
        }
    }
}

/// Mails a conversation to the address that the visitor has proven to read.
pub(super) async fn transcript(
    live: &Live,
    (principal, visitor, peer): (&Principal, &VisitorPrincipal, std::net::IpAddr),
    asked: OfConversationIn,
) -> Result<Value> {
    let site = site_of(live, visitor).await?;
    if !site.settings.transcript {
        return Err(Error::forbidden("this site mails no conversations"));
    }
    let id = ConversationId(asked.conversation);
    visible(live, principal, id).await?;
    let stored = visitors::find(&live.db, visitor.scope.wide(), visitor.visitor).await?;
    let email = stored.and_then(|visitor| visitor.confirmed_email);
    let email = email.ok_or_else(|| Error::new(ErrorCode::Conflict, "confirm your e-mail address first (email.confirm)"))?;
    letters(live, visitor, peer).await?;
    visitor_data::mail_transcript(&live.db, &live.clock, &visitor.acting(), &site, id, &email).await?;
    Ok(json!({"email": email}))
}

async fn may_have_data(live: &Live, visitor: &VisitorPrincipal) -> Result<()> {
    if !site_of(live, visitor).await?.settings.visitor_data {
        return Err(Error::forbidden("ask the shop for your data"));
    }
    let paced = live.letters.take(visitor.visitor).await;
    paced.map_err(|wait| Error::rate_limited("this was asked for too often; try again later", wait))
}

/// The visitor and whoever became part of them, also who never wrote: pages that they saw are the visitor's.
async fn everybody(live: &Live, visitor: &VisitorPrincipal) -> Result<Vec<VisitorId>> {
    let mut all = vec![visitor.visitor];
    if visitor.identified {
        all.extend(identity::merged_into(&live.db, visitor.scope.wide(), visitor.visitor).await?);
    }
    Ok(all)
}

pub(super) async fn export(live: &Live, visitor: &VisitorPrincipal) -> Result<Value> {
    may_have_data(live, visitor).await?;
    let selves = everybody(live, visitor).await?;
    let mut all = visitor_data::export(&live.db, visitor.scope, &selves).await?;
    let mut events = Vec::new();
    for id in selves {
        events.extend(visitor_events::list_of_visitor(&live.events_db, visitor.scope.wide(), id).await?);
    }
    all["events"] = json!(events);
    Ok(all)
}

/// Erases everything of the visitor: the ticket is good for nothing any more, and neither are open connections.
pub(super) async fn delete(live: &Live, engine: &Engine, visitor: &VisitorPrincipal) -> Result<Value> {
    may_have_data(live, visitor).await?;
    let selves = everybody(live, visitor).await?;
    // First, for their ticket is still good then: what could not be deleted now can be asked for again.
    for id in &selves {
        visitor_events::delete_of_visitor(&live.events_db, visitor.scope, *id).await?;
    }
    let now: Millis = live.clock.now();
    let seen_in = crate::crowds::list_of_visitor(&live.db, visitor.scope, &selves).await?;
    for id in visitor_data::erase(&live.db, visitor.scope, &selves, now).await? {
        live.events.publish(Event::ConversationChanged(visitor.scope.tenant(), id));
    }
    live.on_board(|board| {
        for id in &selves {
            board.forget(visitor.scope.tenant(), *id);
        }
    });
    super::crowds::tell_erased(live, engine, visitor.scope.tenant(), (&seen_in, &selves)).await;
    share::tell(engine, &[share::Said::Erased(selves.clone())], true);
    live.erase(selves);
    Ok(json!({}))
}
