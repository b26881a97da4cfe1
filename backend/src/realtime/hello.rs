//! Who comes: a hello with a visitor ticket on the widget listener, what is with a socket token on the console's
//! listener is judged in [`super::login`].

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;
use xpush::{Accepted, Caller, Disconnect, Handshake, Membership, Refusal, TransportKind};

use crate::clock::Millis;
use crate::conversations::{self, Conversation, Entry, Latest};
use crate::error::{Error, ErrorCode, Result};
use crate::events::{Event, PageEntered, PageProduct};
use crate::ids::{ConversationId, DeviceId, VisitId};
use crate::scope::{SiteScope, TenantScope};
use crate::sites::Site;
use crate::text;
use crate::visitors::ticket::{Ticket, TicketError};
use crate::visitors::{Profile, Visitor, identity};
use crate::visits::{PageView, Product};

use super::principal::{operator_key, visitor_identity};
use super::wire::{panel_channel, publication, site_channel, soft_event, visitor_channel, visitor_view};
use super::{CONSOLE, Engine, Live, Principal, VisitorPrincipal, board, login, profile, tracking, welcome};

/// The newest entries a welcome carries.
const ENTRIES: i64 = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VisitorHello {
    #[expect(dead_code, reason = "checked before, on the raw document")]
    v: u32,
    site: String,
    ticket: Option<String>,
    device: Uuid,
    language: Option<String>,
    time_zone: Option<String>,
    visit: Option<Uuid>,
    page: Option<PageIn>,
    #[serde(default)]
    after: std::collections::HashMap<ConversationId, i64>,
    /// A token of the shop's server that says who the visitor is.
    identity: Option<String>,
    /// The loader of a closed panel: it needs the launcher's looks only.
    #[serde(default)]
    lite: bool,
}

/// The page a visitor is on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PageIn {
    pub(super) url: String,
    #[serde(default)]
    pub(super) title: String,
    pub(super) referrer: Option<String>,
    pub(super) product: Option<Product>,
}

pub(super) async fn accept(live: &Live, engine: &Engine, handshake: Handshake) -> std::result::Result<Accepted<Principal>, Refusal> {
    let version = handshake.payload.get("v").and_then(Value::as_u64);
    if version != Some(1) {
        let message = "this server speaks version 1 of the protocol; the hello names another, or none in \"v\"";
        return Err(Refusal::from(Error::invalid(message)).disconnect(Disconnect::VersionRefused));
    }
    let accepted = if handshake.listener == CONSOLE {
        login::operator(live, handshake).await
    } else {
        Box::pin(visitor(live, engine, handshake)).await
    };
    accepted.map_err(|error| {
        let refused = match error.code {
            ErrorCode::Unauthenticated if error.fields.as_ref().is_some_and(|fields| fields.contains_key("identity")) => {
                Some(Disconnect::IdentityRefused)
            }
            ErrorCode::Unauthenticated => Some(Disconnect::CredentialRefused),
            ErrorCode::Forbidden => Some(Disconnect::Forbidden),
            ErrorCode::NotFound => Some(Disconnect::NotFound),
            ErrorCode::Invalid => Some(Disconnect::ProtocolError),
            _ => None,
        };
        let refusal = Refusal::from(error);
        match refused {
            Some(why) => refusal.disconnect(why),
            None => refusal,
        }
    })
}

pub(super) fn parse<T: serde::de::DeserializeOwned>(mut payload: Value) -> Result<T> {
    if let Some(map) = payload.as_object_mut() {
        map.remove("t");
    }
    serde_json::from_value(payload).map_err(|error| Error::invalid(format!("the hello is not understood: {error}")))
}

/// The site of a key, if a page of this origin may carry its widget.
async fn allowed_site(live: &Live, key: &str, origin: Option<&str>, from_panel: bool) -> Result<Arc<Site>> {
    let site = live.sites.find(key).await?.ok_or_else(|| Error::not_found("site key"))?;
    let origin = origin.unwrap_or("none");
    let allowed = origin == live.widget_origin || (!from_panel && site.allows_origin(origin));
    if !allowed {
        return Err(Error::forbidden(format!(
            "pages of {origin} may not carry the widget of this site; add the domain in the site's settings"
        )));
    }
    Ok(site)
}

fn proven_ticket(live: &Live, token: &str, scope: SiteScope) -> Result<Ticket> {
    Ticket::verify(&live.signer, token, scope, live.clock.now()).map_err(|error: TicketError| Error::unauthenticated(error.to_string()))
}

pub(super) async fn visitor_of_ticket(
    live: &Live,
    site_key: &str,
    ticket: &str,
    origin: Option<&str>,
    profile: Profile,
) -> Result<VisitorPrincipal> {
    let site = allowed_site(live, site_key, origin, false).await?;
    let scope = SiteScope::proven(site.tenant_id, site.id);
    let ticket = proven_ticket(live, ticket, scope)?;
    Ok(who(live, &site, &ticket, profile).await?.0)
}

/// Whom a proven ticket speaks for, and their row if there is one; the tickets of somebody erased are good for nothing.
async fn who(live: &Live, site: &Site, ticket: &Ticket, profile: Profile) -> Result<(VisitorPrincipal, Option<Visitor>)> {
    let scope = SiteScope::proven(site.tenant_id, site.id);
    let stored = live.arrivals.known(scope.wide(), ticket.visitor).await?;
    if stored.as_ref().is_some_and(|visitor| visitor.erased_at.is_some()) {
        return Err(Error::unauthenticated("everything of this visitor was erased; begin as a new one"));
    }
    let identified = stored.as_ref().is_some_and(|visitor| visitor.external_id.is_some());
    let merged =
        if identified { identity::merged_who_wrote(&live.db, scope.wide(), ticket.visitor, live.clock.now()).await? } else { Vec::new() };
    let (visitor, device, site_key) = (ticket.visitor, ticket.device, site.site_key.clone());
    Ok((
        VisitorPrincipal { scope, visitor, site_key, device, profile, identified, merged: merged.into(), conversation: None, page: None },
        stored,
    ))
}

async fn visitor(live: &Live, engine: &Engine, handshake: Handshake) -> Result<Accepted<Principal>> {
    let from_panel = handshake.transport == TransportKind::SocketIo;
    let (origin, user_agent) = (handshake.origin, handshake.user_agent);
    let hello: VisitorHello = parse(handshake.payload)?;
    let site = allowed_site(live, &hello.site, origin.as_deref(), from_panel).await?;
    let scope = SiteScope::proven(site.tenant_id, site.id);
    let now = live.clock.now();
    if hello.ticket.is_none() {
        let paced = live.by_address.new_visitors.take(handshake.peer).await;
        paced.map_err(|wait| Error::rate_limited("too many new visitors from this address; wait a moment", wait))?;
    }
    let kept = hello.ticket.as_ref().map(|token| proven_ticket(live, token, scope)).transpose()?;
    let ticket = match (kept, &hello.identity) {
        (Some(kept), None) => kept.renewed(now),
        (None, None) => Ticket::new(scope, live.clock.new_id(), DeviceId(hello.device), now),
        (kept, Some(token)) => {
            let proven = profile::prove(live, engine, scope, kept.map(|kept| kept.visitor), token).await?.visitor;
            match kept {
                Some(kept) if kept.visitor == proven => kept.renewed(now),
                _ => Ticket::new(scope, proven, kept.map_or(DeviceId(hello.device), |kept| kept.device), now),
            }
        }
    };
    let browser = Profile {
        language: hello.language.as_deref().map(|language| text::cut(&text::clean_line(language), 35)),
        time_zone: hello.time_zone.as_deref().and_then(time_zone),
        user_agent: user_agent.map(|agent| text::cut(&text::clean_line(&agent), 300)),
        ..Profile::default()
    };
    let signed = ticket.sign(&live.signer).ok_or_else(|| Error::internal(&"no signing key"))?;
    let (mut principal, stored) = who(live, &site, &ticket, browser).await?;
    let known = if stored.is_some() { conversations::find_latest(&live.db, scope, ticket.visitor).await? } else { None };
    principal.conversation = known.as_ref().map(|latest| latest.conversation.id);
    note_seen(live, scope, now, hello.page.as_ref());
    board::arrived(live, &principal, stored.as_ref(), known.as_ref().map(|latest| &latest.conversation), now);
    if let (Some(visit), Some(page)) = (hello.visit, hello.page) {
        let view = page_view(&principal, VisitId(visit), page, now);
        tracking::note_page(live, &principal, &site.time_zone, view.clone());
        principal.page = Some(Arc::new(view));
    }

    let mut join: Vec<_> =
        principal.selves().map(|id| Membership { channel: visitor_channel(scope.tenant(), id), logged: false }).collect();
    join.push(Membership { channel: site_channel(scope), logged: false });
    if !hello.lite {
        join.push(Membership { channel: panel_channel(scope.tenant(), ticket.visitor), logged: false });
    }
    let told = profile::view(ticket.visitor, stored.as_ref(), known.is_some());
    let mut welcome = welcome::of(live, engine, &site, (&signed, json!(told)), &principal, hello.lite).await?;
    if let Some(Latest { conversation, receipts, unread, queue_position }) = &known {
        let entries = entries_after(live, scope.wide(), conversation, &hello.after).await?;
        join.push(Membership { channel: conversations::log_channel(scope.tenant(), conversation.id).into(), logged: true });
        welcome.insert("conversation".to_owned(), visitor_view(&live.widget_origin, conversation, *receipts, *queue_position));
        welcome.insert("entries".to_owned(), json!(entries.iter().map(Entry::envelope).collect::<Vec<_>>()));
        welcome.insert("unread".to_owned(), json!(unread));
    }
    let identity = visitor_identity(&principal);
    Ok(Accepted { principal: Principal::Visitor(principal), identity, welcome, join })
}

/// A name such as Asia/Seoul; what cannot be one is not kept.
fn time_zone(named: &str) -> Option<String> {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '/' | '_' | '-' | '+');
    (!named.is_empty() && named.len() <= 64 && named.chars().all(fits)).then(|| named.to_owned())
}

async fn entries_after(
    live: &Live,
    scope: TenantScope,
    conversation: &Conversation,
    after: &std::collections::HashMap<ConversationId, i64>,
) -> Result<Vec<Entry>> {
    let newest = (conversation.last_seq - ENTRIES).max(0);
    let after = after.get(&conversation.id).copied().unwrap_or(newest);
    if after >= conversation.last_seq {
        return Ok(Vec::new());
    }
    Ok(conversations::since(&live.db, scope, conversation.id, after, ENTRIES).await?)
}

/// Tells on which page a connected visitor is.
pub(super) fn tell_page(live: &Live, principal: &VisitorPrincipal, view: &PageView) {
    let product = view.product.as_ref().map(|product| PageProduct {
        id: product.id.clone(),
        name: product.name.clone(),
        price: product.price.as_deref().and_then(|price| price.replace(',', "").parse().ok()).filter(|price: &f64| price.is_finite()),
        in_stock: product.in_stock,
    });
    live.events.publish(Event::PageEntered(Arc::new(PageEntered {
        scope: view.scope,
        visitor: view.visitor,
        visit: view.visit,
        at: view.at,
        url: view.url.clone(),
        title: view.title.clone(),
        referrer: view.referrer.clone(),
        product,
        language: principal.profile.language.clone(),
        user_agent: principal.profile.user_agent.clone(),
        identified: principal.identified,
    })));
}

pub(super) fn page_view(principal: &VisitorPrincipal, visit: VisitId, page: PageIn, at: Millis) -> PageView {
    PageView {
        scope: principal.scope,
        visitor: principal.visitor,
        visit,
        at,
        url: text::cut(&text::clean_line(&page.url), text::URL_MAX),
        title: text::cut(&text::clean_line(&page.title), 300),
        referrer: page
            .referrer
            .map(|referrer| text::cut(&text::clean_line(&referrer), text::URL_MAX))
            .filter(|referrer| !referrer.is_empty()),
        product: page.product.and_then(Product::cleaned),
    }
}

/// "The widget was last seen": at most one write a minute and site.
fn note_seen(live: &Live, scope: SiteScope, now: Millis, page: Option<&PageIn>) {
    let due = live.seen.lock().is_ok_and(|mut seen| {
        let last = seen.entry(scope.site()).or_insert(0);
        let due = now - *last > 60_000;
        if due {
            *last = now;
        }
        due
    });
    if due {
        let url = page.map(|page| text::cut(&text::clean_line(&page.url), text::URL_MAX)).filter(|url| !url.is_empty());
        live.events.publish(Event::SiteSeen(scope, url));
    }
}

/// What happened between the hello's reads and the connection being known: a first message in another tab, a sign-out in another window.
pub(super) async fn catch_up(live: &Live, engine: &Engine, caller: &Caller<Principal>) {
    match &*caller.principal {
        Principal::Operator(operator) if live.ended_logins.contains(&caller.identity.device) => {
            let key = operator_key(operator.scope.tenant(), operator.id);
            engine.kick(&key, Some(&caller.identity.device), Disconnect::LoginEnded, "this login has ended; sign in again");
        }
        Principal::Operator(_) => {}
        Principal::Visitor(visitor) => {
            // Only now does it hear what it is sent.
            if let Some(view) = &visitor.page {
                tell_page(live, visitor, view);
            }
            // An unreadable database is no reason to end the connection: it says so itself at the next request.
            let Ok(seen) = live.arrivals.latest(visitor.scope, visitor.visitor).await else { return };
            if seen.is_none() || seen == visitor.conversation {
                return;
            }
            let latest = conversations::find_latest(&live.db, visitor.scope, visitor.visitor).await;
            let Ok(Some(Latest { conversation, receipts, queue_position, .. })) = latest else { return };
            let tenant = visitor.scope.tenant();
            let membership = Membership { channel: conversations::log_channel(tenant, conversation.id).into(), logged: true };
            engine.follow(&caller.identity.principal, membership);
            let data = json!({"conversation": visitor_view(&live.widget_origin, &conversation, receipts, queue_position)});
            let event = soft_event(&live.clock, "conversation.changed", Some(conversation.id), data);
            if let Some(publication) = publication(visitor_channel(tenant, visitor.visitor), None, &event) {
                engine.publish(publication).await;
            }
        }
    }
}
