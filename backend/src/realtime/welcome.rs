//! What a visitor is welcomed with: who they are here, and the site's widget as it should look to them. A loader asks for little, a panel for all.

use std::collections::HashMap;
use std::sync::Mutex;

use serde_json::{Map, Value, json};

use crate::clock::{DAY, Millis};
use crate::conversations;
use crate::error::Result;
use crate::ids::SiteId;
use crate::operators;
use crate::scope::SiteScope;
use crate::sites::Site;
use crate::text;
use crate::virtual_agent;

use super::availability::{self, Told};
use super::{Engine, Live, VisitorPrincipal};

/// Faces that a panel shows.
const FACES: usize = 3;
/// Answered conversations without which a reply time would be hearsay.
const ENOUGH: usize = 5;
/// A reply time is computed again after so long.
const FRESH: Millis = 10 * 60 * 1000;

/// Reply times by site, remembered: a median of a week does not move in a minute.
#[derive(Debug, Default)]
pub(super) struct ReplyTimes(Mutex<HashMap<SiteId, (Millis, Option<i64>)>>);

/// The welcome, but for the conversation.
pub(super) async fn of(
    live: &Live,
    engine: &Engine,
    site: &Site,
    (ticket, visitor): (&str, Value),
    principal: &VisitorPrincipal,
    briefly: bool,
) -> Result<Map<String, Value>> {
    let mut welcome = Map::new();
    welcome.insert("ticket".to_owned(), ticket.into());
    welcome.insert("visitor".to_owned(), visitor);
    welcome.insert("site".to_owned(), site_view(live, engine, site, principal, briefly).await?.into());
    welcome.extend(
        [("conversation", Value::Null), ("entries", json!([])), ("unread", 0.into())].map(|(name, value)| (name.to_owned(), value)),
    );
    welcome.insert("limits".to_owned(), json!({"text": text::MESSAGE_MAX}));
    Ok(welcome)
}

async fn site_view(live: &Live, engine: &Engine, site: &Site, principal: &VisitorPrincipal, briefly: bool) -> Result<Map<String, Value>> {
    let Told { available, opens_at } = availability::now(live, engine, SiteScope::proven(site.tenant_id, site.id)).await?;
    let language = site.language_for(principal.profile.language.as_deref());
    let mut view = Map::new();
    let mut add = |more: Value| {
        if let Value::Object(more) = more {
            view.extend(more);
        }
    };
    add(json!({"name": site.name, "language": language, "color": site.color, "side": site.side, "available": available}));
    add(site.settings.loader_view(language, &site.language));
    if !briefly {
        add(site.settings.panel_view(language, &site.language));
        let operators = if site.settings.show_operators { faces(live, engine, site).await? } else { Vec::new() };
        let reply_time = reply_time(live, principal.scope).await?;
        // Who finds nobody still finds the virtual agent, and asks it instead of leaving a message.
        let agent = virtual_agent::is_enabled(&live.db, principal.scope).await?;
        add(json!({"opens_at": opens_at, "greeting": site.greeting, "operators": operators, "reply_time_s": reply_time, "agent": agent}));
    }
    Ok(view)
}

/// Who is there to answer, by name.
async fn faces(live: &Live, engine: &Engine, site: &Site) -> Result<Vec<Value>> {
    let there = availability::who(live, engine, SiteScope::proven(site.tenant_id, site.id)).await?;
    if there.is_empty() {
        return Ok(Vec::new());
    }
    let all = operators::list(&live.db, crate::scope::TenantScope::proven(site.tenant_id), false).await?;
    let shown = all.iter().filter(|operator| there.contains(&operator.id)).take(FACES);
    Ok(shown.map(|operator| json!({"name": operator.name, "photo_url": operator.photo_url(&live.widget_origin)})).collect())
}

/// Seconds after which half of the last week's conversations were answered, where there were enough.
async fn reply_time(live: &Live, scope: SiteScope) -> Result<Option<i64>> {
    let now = live.clock.now();
    let known = live.reply_times.0.lock().ok().and_then(|known| known.get(&scope.site()).copied());
    if let Some((at, seconds)) = known
        && now - at < FRESH
    {
        return Ok(seconds);
    }
    let mut waits = conversations::first_replies(&live.db, scope, now - 7 * DAY).await?;
    waits.sort_unstable();
    let seconds = (waits.len() >= ENOUGH).then(|| waits[waits.len() / 2] / 1000);
    if let Ok(mut known) = live.reply_times.0.lock() {
        known.insert(scope.site(), (now, seconds));
    }
    Ok(seconds)
}
