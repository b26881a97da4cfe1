//! What a connection (or the HTTP fallback) may ask, and which channels it may join.

use std::net::IpAddr;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;
use xpush::{Caller, ChannelId, Membership, Refusal};

use crate::board::Greeting;
use crate::conversations::{self, Card, Command, Given, Queued, QuickReply, Reply, Side, Target, What};
use crate::error::{Error, Result};
use crate::events::Event;
use crate::files;
use crate::ids::{ClientMessageId, ConversationId, FileId, OfferId, VisitorId};
use crate::offline::{self, NewOfflineMessage};
use crate::promotions::{self, Report};
use crate::scope::TenantScope;
use crate::text;

use super::crowds::moderation;
use super::hello::PageIn;
use super::log::Logged;
use super::logs;
use super::wire::{operators_channel, own_channel, publication, site_channel, soft_event, visitor_channel, visitor_view};
use super::{Engine, Live, Principal, VisitorPrincipal, availability, board, crowds, profile, tracking};

/// Links in one request at most.
const LINKS_MAX: usize = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PostIn {
    client_message_id: Uuid,
    conversation: Option<Uuid>,
    text: Option<String>,
    attachment: Option<Uuid>,
    card: Option<Card>,
    quick_replies: Option<Vec<QuickReply>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiptIn {
    conversation: Uuid,
    delivered: Option<i64>,
    read: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypingIn {
    conversation: Uuid,
    active: bool,
    text: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfflineIn {
    client_message_id: Uuid,
    name: String,
    email: String,
    text: String,
    page: Option<PageIn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GreetIn {
    visitor: VisitorId,
    client_message_id: Uuid,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LinksIn {
    conversation: Uuid,
    ids: std::collections::BTreeSet<FileId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReportIn {
    offer: OfferId,
    what: Report,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NothingIn {}

pub(super) fn parse<T: DeserializeOwned>(method: &str, params: Value) -> Result<T> {
    let params = if params.is_null() { json!({}) } else { params };
    serde_json::from_value(params).map_err(|error| Error::invalid(format!("params of {method} are not understood: {error}")))
}

#[expect(clippy::too_many_lines, reason = "every request, one beside the other")]
pub(super) async fn answer(live: &Live, engine: &Engine, caller: &Caller<Principal>, method: &str, params: Value) -> Result<Value> {
    let (principal, peer) = (&*caller.principal, caller.peer);
    if let Principal::Visitor(visitor) = principal
        && live.erased.lock().is_ok_and(|erased| erased.contains(&visitor.visitor))
    {
        return Err(Error::unauthenticated("everything of this visitor was erased; begin as a new one"));
    }
    // The state of a request is as large as that of the largest: whatever is rare has a box of its own.
    match (method, principal) {
        ("message.post", _) => post(live, engine, principal, params).await,
        ("receipt.put", _) => receipt(engine, principal, parse(method, params)?).await,
        ("typing.put", _) => typing(live, engine, principal, parse(method, params)?).await,
        ("offline.post", Principal::Visitor(visitor)) => Box::pin(leave(live, (visitor, peer), params)).await,
        ("event.post", Principal::Visitor(visitor)) => Box::pin(tracking::post(live, visitor, parse(method, params)?)).await,
        ("event.track", Principal::Visitor(visitor)) => Box::pin(tracking::track(live, visitor, parse(method, params)?)).await,
        ("visitor.identify", Principal::Visitor(visitor)) => {
            Box::pin(profile::identify(live, engine, visitor, parse(method, params)?)).await
        }
        ("visitor.put", Principal::Visitor(visitor)) => Box::pin(profile::put(live, visitor, parse(method, params)?)).await,
        ("conversations.list", Principal::Visitor(visitor)) => {
            let NothingIn {} = parse(method, params)?;
            Box::pin(profile::conversations(live, visitor)).await
        }
        ("conversation.resolve", Principal::Visitor(_)) => {
            Box::pin(profile::resolve(live, engine, principal, parse(method, params)?)).await
        }
        ("rating.put", Principal::Visitor(visitor)) => {
            Box::pin(profile::rate(live, engine, (principal, visitor), parse(method, params)?)).await
        }
        ("email.confirm", Principal::Visitor(visitor)) => Box::pin(profile::confirm(live, (visitor, peer), parse(method, params)?)).await,
        ("transcript.mail", Principal::Visitor(visitor)) => {
            Box::pin(profile::transcript(live, (principal, visitor, peer), parse(method, params)?)).await
        }
        ("visitor.export", Principal::Visitor(visitor)) => {
            let NothingIn {} = parse(method, params)?;
            Box::pin(profile::export(live, visitor)).await
        }
        ("visitor.delete", Principal::Visitor(visitor)) => {
            let NothingIn {} = parse(method, params)?;
            Box::pin(profile::delete(live, engine, visitor)).await
        }
        ("promotion.report", Principal::Visitor(visitor)) => Box::pin(report(live, visitor, parse(method, params)?)).await,
        ("attachment.links", Principal::Visitor(visitor)) => {
            Box::pin(attachment_links(live, principal, visitor, parse(method, params)?)).await
        }
        ("site.status", Principal::Visitor(visitor)) => {
            let NothingIn {} = parse(method, params)?;
            let available = Box::pin(availability::is_available(live, engine, visitor.scope)).await?;
            Ok(json!({"available": available}))
        }
        ("board.watch", Principal::Operator(operator)) => {
            let NothingIn {} = parse(method, params)?;
            Ok(board::watch(live, operator.scope.tenant()))
        }
        ("visitor.greet", Principal::Operator(operator)) => Box::pin(greet(live, engine, (principal, operator.scope), params)).await,
        ("crowd.join", _) => Box::pin(crowds::join(live, engine, caller, parse(method, params)?)).await,
        ("crowd.leave", _) => Ok(crowds::leave(engine, caller, &parse(method, params)?)),
        ("crowd.post", _) => crowds::post(live, engine, principal, params).await,
        ("crowd.rename", Principal::Visitor(visitor)) => Box::pin(crowds::rename(live, engine, visitor, parse(method, params)?)).await,
        ("crowd.freeze", Principal::Operator(operator)) => {
            Box::pin(moderation::freeze(live, engine, operator, parse(method, params)?)).await
        }
        ("crowd.slow_mode", Principal::Operator(operator)) => {
            Box::pin(moderation::slow_mode(live, engine, operator, parse(method, params)?)).await
        }
        ("crowd.mute", Principal::Operator(operator)) => Box::pin(moderation::mute(live, engine, operator, parse(method, params)?)).await,
        ("crowd.retract", Principal::Operator(_)) => Box::pin(moderation::retract(engine, principal, parse(method, params)?)).await,
        ("board.watch" | "visitor.greet" | "crowd.freeze" | "crowd.slow_mode" | "crowd.mute" | "crowd.retract", _) => {
            Err(Error::forbidden(format!("{method} is for operators")))
        }
        (
            "offline.post"
            | "event.post"
            | "event.track"
            | "site.status"
            | "attachment.links"
            | "promotion.report"
            | "visitor.identify"
            | "visitor.put"
            | "conversations.list"
            | "conversation.resolve"
            | "rating.put"
            | "email.confirm"
            | "transcript.mail"
            | "visitor.export"
            | "visitor.delete"
            | "crowd.rename",
            _,
        ) => Err(Error::forbidden(format!("{method} is for visitors"))),
        _ => Err(Error::invalid(format!("there is no request {method:?}; docs/PROTOCOL.md lists them"))),
    }
}

async fn post(live: &Live, engine: &Engine, principal: &Principal, params: Value) -> Result<Value> {
    let body_hash = text::fingerprint(&params);
    let post: PostIn = parse("message.post", params)?;
    let side = if matches!(principal, Principal::Visitor(_)) { Side::Visitor } else { Side::Operator };
    let PostIn { text, attachment, card, quick_replies, .. } = post;
    let content = Given { text, attachment, card, quick_replies }.checked(side).map_err(Error::fields)?;
    let visitor = match principal {
        Principal::Visitor(visitor) => {
            live.posts
                .take(visitor.visitor)
                .await
                .map_err(|wait| Error::rate_limited("too many messages in a short time; wait a moment", wait))?;
            Some(visitor.acting())
        }
        Principal::Operator(_) if post.conversation.is_none() => return Err(Error::invalid("an operator names the conversation")),
        Principal::Operator(_) => None,
    };
    let target = post.conversation.map_or(Target::Current, |id| Target::Conversation(ConversationId(id)));
    let what = What::Post { target, client_message_id: ClientMessageId(post.client_message_id), content, body_hash };
    let command = Command { tenant: principal.tenant().tenant(), sender: principal.sender(), also: principal.also(), what };
    let reply = logs::change(engine, Queued { command, visitor }).await?;
    if let (Principal::Visitor(visitor), Reply::Entry { id, at, conversation, .. }) = (principal, &reply) {
        board::began_to_talk(live, visitor, conversation);
        tracking::note_chatted(live, visitor, *id, *at).await;
    }
    posted(live, reply)
}

/// What is answered for a message that was posted.
fn posted(live: &Live, reply: Reply) -> Result<Value> {
    let Reply::Entry { id, seq, at, conversation, receipts } = reply else {
        return Err(Error::internal(&"a post was answered by something else"));
    };
    let channel = conversations::log_channel(conversation.tenant_id, conversation.id);
    let view = visitor_view(&live.widget_origin, &conversation, receipts, live.queue_positions.of(&conversation));
    Ok(json!({"message": {"id": id, "seq": seq, "at": at}, "conversation": view, "channel": channel}))
}

async fn greet(live: &Live, engine: &Engine, (principal, scope): (&Principal, TenantScope), params: Value) -> Result<Value> {
    let body_hash = text::fingerprint(&params);
    let GreetIn { visitor, client_message_id, text } = parse("visitor.greet", params)?;
    let mut fields = text::Fields::new();
    let text = text::required(&mut fields, "text", &text, text::MESSAGE_MAX);
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let greeting = Greeting { visitor, client_message_id: ClientMessageId(client_message_id), text, body_hash };
    posted(live, board::greet(live, engine, scope, principal.sender(), greeting).await?)
}

async fn receipt(engine: &Engine, principal: &Principal, put: ReceiptIn) -> Result<Value> {
    let (delivered, read) = (put.delivered.unwrap_or(0), put.read.unwrap_or(0));
    let what = What::Receipt { conversation: ConversationId(put.conversation), delivered, read };
    let command = Command { tenant: principal.tenant().tenant(), sender: principal.sender(), also: principal.also(), what };
    match logs::change(engine, Queued { command, visitor: None }).await? {
        Reply::Watermark(watermark) => Ok(json!(watermark)),
        _ => Err(Error::internal(&"a receipt was answered by something else")),
    }
}

/// Characters of a typing preview; the rest is not told.
const PREVIEW_MAX: usize = 1000;

/// Typing is told to whoever is in the channel and stored nowhere. What a visitor has typed and not sent is told to operators alone, on the
/// channel of the notes, and only where the site wants that.
async fn typing(live: &Live, engine: &Engine, principal: &Principal, put: TypingIn) -> Result<Value> {
    let id = ConversationId(put.conversation);
    let conversation = visible(live, principal, id).await?;
    let preview = preview(live, principal, put.text).await?;
    let data = json!({"participant": principal.sender(), "active": put.active});
    let event = soft_event(&live.clock, "typing.changed", Some(id), data.clone());
    if let Some(publication) = publication(conversations::log_channel(conversation.tenant_id, id).into(), None, &event) {
        engine.publish(publication).await;
    }
    if let Some(text) = preview {
        let mut data = data;
        data["text"] = text.into();
        let event = soft_event(&live.clock, "typing.changed", Some(id), data);
        if let Some(publication) = publication(conversations::notes_channel(conversation.tenant_id, id).into(), None, &event) {
            engine.publish(publication).await;
        }
    }
    Ok(json!({}))
}

/// What of a typed text operators may see.
async fn preview(live: &Live, principal: &Principal, typed: Option<String>) -> Result<Option<String>> {
    let Some(typed) = typed else { return Ok(None) };
    let Principal::Visitor(visitor) = principal else {
        return Err(Error::invalid("text goes with the typing of visitors only"));
    };
    let site = live.sites.find(&visitor.site_key).await?;
    // A page that was loaded before the setting changed goes on sending it; that is no reason to refuse the typing.
    Ok(site.filter(|site| site.settings.typing_preview).map(|_| text::cut(&typed, PREVIEW_MAX)))
}

async fn leave(live: &Live, (visitor, peer): (&VisitorPrincipal, IpAddr), params: Value) -> Result<Value> {
    let body_hash = text::fingerprint(&params);
    let left: OfflineIn = parse("offline.post", params)?;
    let paced = live.offline_posts.take(visitor.visitor).await;
    paced.map_err(|wait| Error::rate_limited("at most 5 messages can be left at once, then one a minute", wait))?;
    let paced = live.by_address.offline_posts.take(peer).await;
    paced.map_err(|wait| Error::rate_limited("too many messages were left from this address; try again later", wait))?;
    let site = live.sites.find(&visitor.site_key).await?.ok_or_else(|| Error::not_found("site"))?;
    let new = NewOfflineMessage {
        acting: visitor.acting(),
        client_message_id: ClientMessageId(left.client_message_id),
        body_hash,
        name: left.name,
        email: left.email,
        text: left.text,
        page: left.page.map(|page| (page.url, page.title)),
    };
    let link = format!("{}/console/offline", live.public_origin);
    let (id, is_new) = offline::post(&live.db, &live.clock, visitor.scope, &site, &link, new).await?;
    if is_new {
        live.events.publish(Event::OfflineMessageReceived(visitor.scope.tenant(), id));
    }
    Ok(json!({"id": id}))
}

/// Links to files of one of the visitor's conversations; files of another are not there.
async fn attachment_links(live: &Live, principal: &Principal, visitor: &VisitorPrincipal, asked: LinksIn) -> Result<Value> {
    if asked.ids.len() > LINKS_MAX {
        return Err(Error::invalid(format!("{} links in one request; at most {LINKS_MAX} are made", asked.ids.len())));
    }
    let id = ConversationId(asked.conversation);
    visible(live, principal, id).await?;
    let scope = visitor.scope.wide();
    let files = live.files.of_conversation(scope, id, &asked.ids).await?;
    let now = live.clock.now();
    let links: Vec<_> = files.iter().filter_map(|file| files::links::to(&live.signer, &live.widget_origin, scope, file, now)).collect();
    if links.len() < asked.ids.len() {
        return Err(Error::not_found("attachment"));
    }
    Ok(json!({"links": links}))
}

/// What the visitor's page did with an offer; a repeat changes nothing.
async fn report(live: &Live, visitor: &VisitorPrincipal, put: ReportIn) -> Result<Value> {
    let mut tx = live.db.begin().await?;
    for own in visitor.selves() {
        if promotions::report(&mut tx, visitor.scope, own, (put.offer, put.what), live.clock.now()).await?.is_some() {
            tx.commit().await?;
            return Ok(json!({}));
        }
    }
    Err(Error::not_found("offer"))
}

pub(super) async fn visible(live: &Live, principal: &Principal, id: ConversationId) -> Result<conversations::Conversation> {
    let found = conversations::find(&live.db, principal.tenant(), id).await?;
    let own = |conversation: &conversations::Conversation| match principal {
        Principal::Visitor(visitor) => visitor.is(conversation.visitor_id) && conversation.site_id == visitor.scope.site(),
        Principal::Operator(_) => true,
    };
    found.filter(own).ok_or_else(|| Error::not_found("conversation"))
}

/// Visitors: the logs of their own conversations and the soft channels they were put into. Operators: all of their tenant's.
pub(super) async fn authorize_join(live: &Live, principal: &Principal, channel: &ChannelId) -> std::result::Result<Membership, Refusal> {
    let gone = || Refusal::from(Error::not_found("channel"));
    let tenant = principal.tenant().tenant();
    if let Some(crowd) = logs::crowd_of(channel) {
        return crowds::authorize_join(live, principal, channel, crowd).await;
    }
    match Logged::parse(channel) {
        Some(Logged::Messages(of, id)) if of == tenant => {
            visible(live, principal, id).await?;
            Ok(Membership { channel: channel.clone(), logged: true })
        }
        Some(Logged::Notes(of, id)) if of == tenant && matches!(principal, Principal::Operator(_)) => {
            visible(live, principal, id).await?;
            Ok(Membership { channel: channel.clone(), logged: true })
        }
        // Soft channels are joined by the server alone; asking for one's own again is harmless, for any other is a 404.
        _ => match principal {
            Principal::Operator(operator)
                if *channel == operators_channel(tenant)
                    || *channel == own_channel(tenant, operator.id)
                    || *channel == board::board_channel(tenant) =>
            {
                Ok(Membership { channel: channel.clone(), logged: false })
            }
            Principal::Visitor(visitor)
                if visitor.selves().any(|id| *channel == visitor_channel(tenant, id)) || *channel == site_channel(visitor.scope) =>
            {
                Ok(Membership { channel: channel.clone(), logged: false })
            }
            _ => Err(gone()),
        },
    }
}
