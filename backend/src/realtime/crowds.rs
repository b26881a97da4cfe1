//! Crowds on the sockets: who comes, what they say and what they are called; how many are there is told in [`counts`], and what operators do to
//! keep order is in [`moderation`]. Nobody is told of a single coming or going: a crowd of thousands would hear of nothing else.

mod counts;
pub(super) mod moderation;

use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;
use xpush::{Caller, ChannelId, Membership, Refusal};

pub(super) use counts::run;

use super::logs;
use super::requests::parse;
use super::wire::{operators_channel, publication, soft_event};
use super::{Engine, Live, Principal, Realtime, VisitorPrincipal};
use crate::crowds::{self, Asking, Command, Crowd, NewCrowd, Queued, What};
use crate::db::DbError;
use crate::error::{Error, ErrorCode, Result};
use crate::ids::{ClientMessageId, CrowdId, TenantId, VisitorId};
use crate::rate::RateLimiter;
use crate::scope::{SiteScope, TenantScope};
use crate::text::{self, Fields};
use crate::visitor_events::page_key;

/// What one visitor may do in crowds, and which crowds this node has members of.
pub(super) struct Crowds {
    posts: RateLimiter<VisitorId>,
    renames: RateLimiter<VisitorId>,
    pages: RateLimiter<VisitorId>,
    counts: counts::Counts,
}

impl Crowds {
    /// `rate` makes a limit that holds over all nodes: of its name, what goes on for ever, and what may come at once.
    pub(super) fn new(rate: impl Fn(&'static str, f64, f64) -> RateLimiter<VisitorId>) -> Self {
        Self {
            // Faster than anybody types who wants to be read; over all of a visitor's tabs.
            posts: rate("crowd posts", 2.0, 6.0),
            renames: rate("crowd renames", 1.0 / 20.0, 3.0),
            // Each may make a row.
            pages: rate("crowd pages", 1.0 / 10.0, 20.0),
            counts: counts::Counts::default(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JoinIn {
    crowd: Option<CrowdId>,
    key: Option<String>,
    page: Option<CrowdPageIn>,
    after: Option<u64>,
}

/// The page that a crowd belongs to, by its canonical address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CrowdPageIn {
    url: String,
    #[serde(default)]
    title: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LeaveIn {
    crowd: CrowdId,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PostIn {
    crowd: CrowdId,
    client_message_id: Uuid,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RenameIn {
    crowd: CrowdId,
    name: String,
}

fn none() -> Error {
    Error::not_found("crowd")
}

/// A crowd that the principal may see: their tenant's, of visitors their site's.
async fn visible(live: &Live, principal: &Principal, id: CrowdId) -> Result<Crowd> {
    let own = |crowd: &Crowd| match principal {
        Principal::Visitor(visitor) => crowd.site_id == visitor.scope.site(),
        Principal::Operator(_) => true,
    };
    crowds::find(&live.db, principal.tenant(), id).await?.filter(own).ok_or_else(none)
}

/// As for [`join`], asked by the engine for a channel's name.
pub(super) async fn authorize_join(
    live: &Live,
    principal: &Principal,
    channel: &ChannelId,
    (tenant, id): (TenantId, CrowdId),
) -> std::result::Result<Membership, Refusal> {
    if tenant != principal.tenant().tenant() {
        return Err(Error::not_found("channel").into());
    }
    visible(live, principal, id)
        .await
        .map_err(|error| if error.code == ErrorCode::NotFound { Error::not_found("channel") } else { error })?;
    live.crowds.counts.watch(channel);
    Ok(Membership { channel: channel.clone(), logged: true })
}

/// Makes this connection a member, and answers what whoever comes is shown.
pub(super) async fn join(live: &Live, engine: &Engine, caller: &Caller<Principal>, asked: JoinIn) -> Result<Value> {
    let principal = &*caller.principal;
    let crowd = match (principal, asked) {
        (_, JoinIn { crowd: Some(id), key: None, page: None, after }) => (visible(live, principal, id).await?, after),
        (Principal::Visitor(visitor), JoinIn { crowd: None, key: Some(key), page: None, after }) => (
            crowds::find_by_key(&live.db, visitor.scope, key.trim()).await?.filter(|crowd| crowd.page_url.is_none()).ok_or_else(none)?,
            after,
        ),
        (Principal::Visitor(visitor), JoinIn { crowd: None, key: None, page: Some(page), after }) => {
            (of_page(live, visitor, page).await?, after)
        }
        (Principal::Visitor(_), _) => return Err(Error::invalid("name a crowd by one of crowd, key and page")),
        (Principal::Operator(_), _) => return Err(Error::invalid("an operator names the crowd by its id")),
    };
    let (crowd, after) = crowd;
    let channel: ChannelId = crowds::log_channel(crowd.tenant_id, crowd.id).into();
    let newest = u64::try_from(crowd.history).unwrap_or(0);
    let joined = engine.join(caller.connection, &Membership { channel: channel.clone(), logged: true }, after, newest).await?;
    live.crowds.counts.watch(&channel);
    let mut answer = json!({
        "crowd": crowd.view(), "top": joined.top, "entries": joined.entries, "more": joined.more, "members": engine.members(&channel),
    });
    if let Principal::Visitor(visitor) = principal {
        answer["me"] = me(live, visitor, &crowd).await?;
    }
    Ok(answer)
}

/// What the visitor is called, and whether they may write.
async fn me(live: &Live, visitor: &VisitorPrincipal, crowd: &Crowd) -> Result<Value> {
    let (selves, now) = (visitor.selves().collect::<Vec<_>>(), live.clock.now());
    let known = crowds::member(&live.db, visitor.scope, crowd.id, &selves, now).await?;
    let next_at = known.posted_at.map(|at| at + crowd.slow_mode_s * 1_000).filter(|at| crowd.slow_mode_s > 0 && *at > now);
    Ok(json!({
        "ids": selves, "name": known.name, "identified": visitor.identified, "muted": known.muted.map(|until| json!({"until": until, "left_ms": until.map(|until| until - now)})),
        "wait_ms": next_at.map_or(0, |at| at - now),
    }))
}

/// The crowd of a page; the first who opens it makes it, where the site wants that.
async fn of_page(live: &Live, visitor: &VisitorPrincipal, page: CrowdPageIn) -> Result<Crowd> {
    let site = live.sites.find(&visitor.site_key).await?.ok_or_else(|| Error::not_found("site"))?;
    if !site.settings.community {
        return Err(Error::forbidden("this site has no chats of pages; switch them on in the site's settings, or name a crowd by its key"));
    }
    let url = text::web_address(&page.url)
        .ok_or_else(|| Error::fields(Fields::from([("page.url".to_owned(), "is no web address".to_owned())])))?;
    if !site.allows_origin(&url) {
        return Err(Error::forbidden("this page is not on one of the site's domains"));
    }
    let key = page_key(&url);
    if let Some(crowd) = crowds::find_by_key(&live.db, visitor.scope, &key).await? {
        return Ok(crowd);
    }
    live.crowds
        .pages
        .take(visitor.visitor)
        .await
        .map_err(|wait| Error::rate_limited("too many pages in a short time; wait a moment", wait))?;
    if crowds::count(&live.db, visitor.scope, true).await? >= crowds::MOST_PAGES {
        return Err(Error::new(ErrorCode::Conflict, format!("this site has {} chats of pages, which is the most", crowds::MOST_PAGES)));
    }
    make(live, visitor.scope, &NewCrowd::of_page(key.clone(), url, &page.title)).await?;
    crowds::find_by_key(&live.db, visitor.scope, &key).await?.ok_or_else(none)
}

async fn make(live: &Live, scope: SiteScope, new: &NewCrowd) -> Result<()> {
    let mut tx = live.db.begin().await?;
    match crowds::insert(&mut tx, scope, &live.clock, new).await {
        // Somebody else was first.
        Err(DbError::Duplicate) => Ok(()),
        made => {
            made?;
            Ok(tx.commit().await?)
        }
    }
}

pub(super) fn leave(engine: &Engine, caller: &Caller<Principal>, asked: &LeaveIn) -> Value {
    if let Some(connection) = caller.connection {
        let channel = crowds::log_channel(caller.principal.tenant().tenant(), asked.crowd);
        engine.leave(connection, &channel.into());
    }
    json!({})
}

pub(super) async fn post(live: &Live, engine: &Engine, principal: &Principal, params: Value) -> Result<Value> {
    let body_hash = text::fingerprint(&params);
    let PostIn { crowd, client_message_id, text } = parse("crowd.post", params)?;
    let mut fields = Fields::new();
    let text = text::required(&mut fields, "text", &text, crowds::TEXT_MAX);
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let visitor = match principal {
        Principal::Visitor(visitor) => {
            let paced = live.crowds.posts.take(visitor.visitor).await;
            paced.map_err(|wait| Error::rate_limited("too many messages in a short time; wait a moment", wait))?;
            Some(Asking { site: visitor.scope.site(), selves: visitor.selves().collect(), identified: visitor.identified })
        }
        Principal::Operator(_) => None,
    };
    let what = What::Post { client_message_id: ClientMessageId(client_message_id), text, body_hash };
    let command = Command { tenant: principal.tenant().tenant(), sender: principal.sender(), crowd, what };
    let reply = logs::say(engine, Queued { command, visitor }).await?;
    let wait_ms = reply.next_at.map_or(0, |at| (at - live.clock.now()).max(0));
    Ok(json!({"message": {"id": reply.id, "seq": reply.seq, "at": reply.at}, "wait_ms": wait_ms}))
}

/// What the visitor is called from now on, in all crowds of the site; whoever sees something of theirs is told.
pub(super) async fn rename(live: &Live, engine: &Engine, visitor: &VisitorPrincipal, asked: RenameIn) -> Result<Value> {
    let mut fields = Fields::new();
    let name = crowds::valid_name(&mut fields, &asked.name);
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let crowd = crowds::find(&live.db, visitor.scope.wide(), asked.crowd).await?;
    let crowd = crowd.filter(|crowd| crowd.site_id == visitor.scope.site()).ok_or_else(none)?;
    let (selves, now) = (visitor.selves().collect::<Vec<_>>(), live.clock.now());
    if let Some(until) = crowds::member(&live.db, visitor.scope, crowd.id, &selves, now).await?.muted {
        // A name is read by everybody too.
        return Err(crowds::Refused::Muted(until.map(|until| until - now)).into());
    }
    live.crowds
        .renames
        .take(visitor.visitor)
        .await
        .map_err(|wait| Error::rate_limited("the name was changed often; wait a moment", wait))?;
    let mut tx = live.db.begin().await?;
    let seen_in = crowds::rename(&mut tx, &visitor.acting(), &selves, &name, now).await?;
    tx.commit().await?;
    for crowd in seen_in {
        tell(live, engine, (visitor.scope.tenant(), crowd), "member.renamed", json!({"ids": selves, "name": name})).await;
    }
    Ok(json!({"name": name}))
}

/// Tells the members something that is not logged.
async fn tell(live: &Live, engine: &Engine, (tenant, crowd): (TenantId, CrowdId), kind: &str, data: Value) {
    let mut event = soft_event(&live.clock, kind, None, data);
    event["crowd"] = json!(crowd);
    if let Some(publication) = publication(crowds::log_channel(tenant, crowd).into(), None, &event) {
        engine.publish(publication).await;
    }
}

/// Members take what was said by an erased visitor off their screens.
pub(super) async fn tell_erased(live: &Live, engine: &Engine, tenant: TenantId, (crowds, selves): (&[CrowdId], &[VisitorId])) {
    for crowd in crowds {
        tell(live, engine, (tenant, *crowd), "member.erased", json!({"ids": selves})).await;
    }
}

/// Tells operators that a crowd is not what it was.
async fn tell_operators(live: &Live, engine: &Engine, crowd: &Crowd) {
    let data = json!({"crowd_id": crowd.id, "site_id": crowd.site_id});
    let event = soft_event(&live.clock, "crowd.changed", None, data);
    if let Some(publication) = publication(operators_channel(crowd.tenant_id), None, &event) {
        engine.publish(publication).await;
    }
}

/// Tells members and operators what a crowd is now.
async fn tell_changed(live: &Live, engine: &Engine, crowd: &Crowd) {
    tell(live, engine, (crowd.tenant_id, crowd.id), "crowd.changed", json!({"crowd": crowd.view()})).await;
    tell_operators(live, engine, crowd).await;
}

impl Realtime {
    /// How many connections are in a crowd now, over all nodes.
    pub fn crowd_members(&self, crowd: &Crowd) -> usize {
        self.engine.members(&crowds::log_channel(crowd.tenant_id, crowd.id).into())
    }

    /// After a crowd was made or changed.
    pub async fn crowd_changed(&self, scope: TenantScope, id: CrowdId) -> Result<()> {
        let live = self.engine.policy();
        if let Some(crowd) = crowds::find(&live.db, scope, id).await? {
            tell_changed(live, &self.engine, &crowd).await;
        }
        Ok(())
    }

    /// After a crowd was deleted.
    pub async fn crowd_deleted(&self, crowd: &Crowd) {
        let live = self.engine.policy();
        tell(live, &self.engine, (crowd.tenant_id, crowd.id), "crowd.deleted", json!({})).await;
        tell_operators(live, &self.engine, crowd).await;
    }
}
