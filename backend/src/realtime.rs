//! Where the product meets the engine: the only module that imports `xpush`. It proves who a connection is ([`hello`]), answers its requests
//! ([`requests`]), keeps the log ([`log`]) and tells operators what changed ([`feed`]).
//! Features know nothing of it; the API asks through [`Realtime::change`].

mod availability;
mod feed;
mod hello;
mod log;
mod requests;

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;
use xpush::{Accepted, Caller, Code, Disconnect, Handshake, Identity, Membership, Policy, Publication, Refusal};

use crate::clock::Clock;
use crate::conversations::{Queued, Reply, Sender, SenderKind};
use crate::db::Db;
use crate::error::{Error, ErrorCode};
use crate::events::{Event, Events};
use crate::ids::{ConversationId, DeviceId, OperatorId, TenantId, VisitorId};
use crate::rate::RateLimiter;
use crate::scope::{SiteScope, TenantScope};
use crate::signing::Signer;
use crate::sites::SiteCache;
use crate::visitors::{Acting, Profile};
use crate::visits::Recorder;

pub use availability::Availabilities;
pub use hello::SocketToken;
use log::ConversationLog;

/// The engine with this product's policy.
pub type Engine = xpush::Engine<Live>;
/// Counters of the engine, for metrics.
pub use xpush::Counts;
/// A client's address after trusted proxies, for the transports.
pub use xpush::Peer;

/// Listener of console and programs, and listener of visitors, by name.
pub const CONSOLE: &str = "console";
/// See above.
pub const WIDGET: &str = "widget";

/// Who a connection speaks for.
#[derive(Clone, Debug)]
pub enum Principal {
    /// A person on a site.
    Visitor(VisitorPrincipal),
    /// A person who answers.
    Operator(OperatorPrincipal),
}

/// A visitor, proven by ticket.
#[derive(Clone, Debug)]
pub struct VisitorPrincipal {
    /// Their site.
    pub scope: SiteScope,
    /// Who.
    pub visitor: VisitorId,
    /// The public key of the site.
    pub site_key: String,
    /// Their browser profile.
    pub device: DeviceId,
    /// Browser and language.
    pub profile: Profile,
    /// Their latest conversation when they said hello.
    pub conversation: Option<ConversationId>,
}

/// An operator, proven by socket token.
#[derive(Clone, Debug)]
pub struct OperatorPrincipal {
    /// Their tenant.
    pub scope: TenantScope,
    /// Who.
    pub id: OperatorId,
    /// Display name.
    pub name: String,
}

impl VisitorPrincipal {
    /// As they act now.
    pub fn acting(&self) -> Acting {
        Acting { scope: self.scope, visitor: self.visitor, device: self.device, profile: self.profile.clone() }
    }
}

impl Principal {
    /// As the log names them.
    pub fn sender(&self) -> Sender {
        match self {
            Self::Visitor(visitor) => Sender { kind: SenderKind::Visitor, id: visitor.visitor.into(), name: None },
            Self::Operator(operator) => Sender { kind: SenderKind::Operator, id: operator.id.into(), name: Some(operator.name.clone()) },
        }
    }

    /// Whose rows they may touch at most.
    pub fn tenant(&self) -> TenantScope {
        match self {
            Self::Visitor(visitor) => visitor.scope.wide(),
            Self::Operator(operator) => operator.scope,
        }
    }
}

/// What the policy needs.
pub struct Live {
    db: Db,
    clock: Clock,
    signer: Signer,
    sites: SiteCache,
    visits: Recorder,
    events: Events,
    widget_origin: String,
    public_origin: String,
    posts: RateLimiter<VisitorId>,
    offline_posts: RateLimiter<VisitorId>,
    by_address: ByAddress,
    availabilities: Availabilities,
    /// Connected visitors that have a conversation: only their coming and going concerns operators.
    talking: Mutex<HashSet<VisitorId>>,
    /// Socket tokens that were used, until they expire anyway.
    used_tokens: Mutex<Vec<(i64, uuid::Uuid)>>,
    ended_logins: hello::EndedLogins,
    seen: Mutex<std::collections::HashMap<crate::ids::SiteId, i64>>,
    heartbeat: Duration,
}

/// What one address may do, however many visitors it says it is.
struct ByAddress {
    new_visitors: RateLimiter<IpAddr>,
    offline_posts: RateLimiter<IpAddr>,
    fallback: RateLimiter<IpAddr>,
}

impl ByAddress {
    fn new(limits: &crate::config::Limits) -> Self {
        let (visitors, messages) = (f64::from(limits.new_visitors_per_minute), f64::from(limits.offline_messages_per_hour));
        Self {
            new_visitors: RateLimiter::new(visitors / 60.0, visitors),
            offline_posts: RateLimiter::new(messages / 3600.0, messages),
            // As much as one connection may ask, for HTTP has none to count by.
            fallback: RateLimiter::new(50.0, 200.0),
        }
    }
}

/// What [`start`] needs.
pub struct Parts {
    /// Database.
    pub db: Db,
    /// Clock.
    pub clock: Clock,
    /// Keys.
    pub signer: Signer,
    /// Sites by key.
    pub sites: SiteCache,
    /// Page views.
    pub visits: Recorder,
    /// Domain events.
    pub events: Events,
    /// Listeners' origins.
    pub widget_origin: String,
    /// See above.
    pub public_origin: String,
    /// Rates and counts.
    pub limits: crate::config::Limits,
}

/// The handle that the rest of the product holds.
#[derive(Clone)]
pub struct Realtime {
    engine: Engine,
}

/// Starts the engine; its tasks end with [`Realtime::drain`], the feed with `stop`.
pub fn start(parts: Parts, stop: CancellationToken) -> (Realtime, impl Future<Output = ()>) {
    let Parts { db, clock, signer, sites, visits, events, widget_origin, public_origin, limits } = parts;
    let options = xpush::Options {
        connections_per_address: limits.connections_per_address,
        heartbeat: Duration::from_millis(limits.heartbeat_ms),
        ..xpush::Options::default()
    };
    let log = ConversationLog::new(db.clone(), clock.clone(), events.clone());
    let live = Live {
        posts: RateLimiter::new(f64::from(limits.posts_per_second), f64::from(limits.post_burst)),
        // Each may cause a letter, so they are few.
        offline_posts: RateLimiter::new(1.0 / 60.0, 5.0),
        by_address: ByAddress::new(&limits),
        availabilities: Availabilities::new(db.clone()),
        db,
        clock,
        signer,
        sites,
        visits,
        events: events.clone(),
        widget_origin,
        public_origin,
        talking: Mutex::default(),
        used_tokens: Mutex::default(),
        ended_logins: hello::EndedLogins::default(),
        seen: Mutex::default(),
        heartbeat: Duration::from_millis(limits.heartbeat_ms),
    };
    let engine = Engine::new(live, log, options);
    let realtime = Realtime { engine: engine.clone() };
    (realtime, feed::run(engine, events.listen(), stop))
}

impl Realtime {
    /// Endpoints of one listener: both transports on the widget's, Socket.IO alone on the console's.
    pub fn router(&self, listener: &'static str) -> axum::Router {
        let socketio = xpush::transport::socketio::router(self.engine.clone(), listener);
        if listener == WIDGET { socketio.merge(xpush::transport::websocket::router(self.engine.clone(), listener)) } else { socketio }
    }

    /// Changes a log: answers after the commit, tells members after the commit.
    pub async fn change(&self, queued: Queued) -> Result<Reply, Error> {
        Ok(self.engine.append(queued).await?)
    }

    /// The HTTP fallback's hello.
    pub async fn hello(&self, handshake: HttpHello) -> Result<Value, Error> {
        let HttpHello { peer, origin, user_agent, body } = handshake;
        self.pace(peer)?;
        let handshake = Handshake { listener: WIDGET, transport: xpush::TransportKind::Http, peer, origin, user_agent, payload: body };
        let accepted = self.engine.hello(handshake).await?;
        let mut welcome = accepted.welcome;
        welcome.insert("v".to_owned(), 1.into());
        welcome.insert("heartbeat".to_owned(), u64::try_from(self.engine.policy().heartbeat.as_millis()).unwrap_or(u64::MAX).into());
        Ok(Value::Object(welcome))
    }

    /// The HTTP fallback's request, by ticket.
    pub async fn request(&self, peer: IpAddr, visitor: VisitorPrincipal, method: &str, params: Value) -> Result<Value, Error> {
        let identity = visitor_identity(&visitor);
        let principal = Arc::new(Principal::Visitor(visitor));
        let caller = Caller { principal, identity, connection: None, listener: WIDGET, transport: xpush::TransportKind::Http, peer };
        Ok(self.engine.handle(&caller, method, params).await?)
    }

    fn pace(&self, peer: IpAddr) -> Result<(), Error> {
        let paced = self.engine.policy().by_address.fallback.take(peer);
        paced.map_err(|wait| Error::rate_limited("too many requests from this address; wait a moment", wait))
    }

    /// The visitor of a ticket, for the HTTP fallback.
    pub async fn visitor(
        &self,
        peer: IpAddr,
        site_key: &str,
        ticket: &str,
        origin: Option<&str>,
        profile: Profile,
    ) -> Result<VisitorPrincipal, Error> {
        self.pace(peer)?;
        hello::visitor_of_ticket(self.engine.policy(), site_key, ticket, origin, profile).await
    }

    /// A socket token for this login.
    pub fn socket_token(&self, operator: &crate::operators::Operator, login: &str) -> Option<SocketToken> {
        hello::socket_token(self.engine.policy(), operator, login)
    }

    /// Ends sockets of one login (or of all logins) of an operator.
    pub fn end_login(&self, tenant: TenantId, operator: OperatorId, login: Option<&str>) -> usize {
        if let Some(login) = login {
            // A token of this login may still be on its way.
            self.engine.policy().ended_logins.add(login, self.engine.policy().clock.now());
        }
        self.engine.kick(&operator_key(tenant, operator), login, Disconnect::LoginEnded, "this login has ended; sign in again")
    }

    /// True while the visitor has a live connection.
    pub fn visitor_present(&self, tenant: TenantId, visitor: VisitorId) -> bool {
        self.engine.is_present(&visitor_key(tenant, visitor))
    }

    /// True while the operator has a live connection.
    pub fn operator_present(&self, tenant: TenantId, operator: OperatorId) -> bool {
        self.engine.is_present(&operator_key(tenant, operator))
    }

    /// After an operator chose another availability.
    pub async fn availability_changed(&self, tenant: TenantId, operator: OperatorId) {
        availability::refresh(&self.engine, tenant).await;
        self.engine.policy().events.publish(Event::OperatorAvailabilityChanged(tenant, operator));
    }

    /// Counters for metrics.
    pub fn counts(&self) -> Counts {
        self.engine.counts()
    }

    /// Tells every client to come back, finishes what is queued and ends.
    pub async fn drain(&self, grace: Duration) {
        self.engine.drain(grace).await;
    }
}

/// A hello that came by HTTP.
pub struct HttpHello {
    /// Client's address.
    pub peer: IpAddr,
    /// Origin header.
    pub origin: Option<String>,
    /// User-Agent header.
    pub user_agent: Option<String>,
    /// The hello.
    pub body: Value,
}

impl Policy for Live {
    type Principal = Principal;
    type Log = ConversationLog;

    async fn authenticate(&self, engine: &Engine, handshake: Handshake) -> Result<Accepted<Principal>, Refusal> {
        hello::accept(self, engine, handshake).await
    }

    async fn connected(&self, engine: &Engine, caller: &Caller<Principal>) {
        hello::catch_up(self, engine, caller).await;
    }

    async fn authorize_join(&self, _: &Engine, caller: &Caller<Principal>, channel: &xpush::ChannelId) -> Result<Membership, Refusal> {
        requests::authorize_join(self, &caller.principal, channel).await
    }

    async fn request(&self, engine: &Engine, caller: &Caller<Principal>, method: &str, params: Value) -> Result<Value, Refusal> {
        requests::answer(self, engine, (&caller.principal, caller.peer), method, params).await.map_err(Refusal::from)
    }

    async fn presence_changed(&self, engine: &Engine, identity: &Identity, present: bool) {
        availability::presence_changed(self, engine, identity, present).await;
    }
}

// Keys carry the tenant, so that who came or went is known without asking the database.
fn visitor_key(tenant: TenantId, visitor: VisitorId) -> String {
    format!("visitor/{tenant}/{visitor}")
}

fn operator_key(tenant: TenantId, operator: OperatorId) -> String {
    format!("operator/{tenant}/{operator}")
}

fn visitor_identity(visitor: &VisitorPrincipal) -> Identity {
    Identity { principal: visitor_key(visitor.scope.tenant(), visitor.visitor).into(), device: visitor.device.to_string().into() }
}

fn visitor_channel(tenant: TenantId, visitor: VisitorId) -> xpush::ChannelId {
    format!("v/{tenant}/{visitor}").into()
}

fn site_channel(scope: SiteScope) -> xpush::ChannelId {
    format!("s/{}/{}", scope.tenant(), scope.site()).into()
}

fn operators_channel(tenant: TenantId) -> xpush::ChannelId {
    format!("o/{tenant}").into()
}

/// A publication of this JSON, encoded once.
fn publication(channel: xpush::ChannelId, seq: Option<i64>, data: &Value) -> Option<Publication> {
    let data = RawValue::from_string(data.to_string()).ok()?;
    Some(Publication { channel, seq: seq.and_then(|seq| u64::try_from(seq).ok()), data: data.into() })
}

/// An event that is not logged, in the one envelope.
fn soft_event(clock: &Clock, kind: &str, conversation: Option<ConversationId>, data: Value) -> Value {
    let mut event = serde_json::json!({"v": 1, "id": clock.new_id::<uuid::Uuid>(), "type": kind, "at": clock.now()});
    if let Some(map) = event.as_object_mut() {
        map.insert("data".to_owned(), data);
        map.extend(conversation.map(|id| ("conversation".to_owned(), serde_json::json!(id))));
    }
    event
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let code = match error.code {
            ErrorCode::Invalid => Code::Invalid,
            ErrorCode::Unauthenticated => Code::Unauthenticated,
            ErrorCode::Forbidden => Code::Forbidden,
            ErrorCode::NotFound => Code::NotFound,
            ErrorCode::Conflict => Code::Conflict,
            ErrorCode::TooLarge => Code::TooLarge,
            ErrorCode::RateLimited => Code::RateLimited,
            ErrorCode::Unavailable => Code::Unavailable,
            ErrorCode::Internal => Code::Internal,
        };
        let mut refusal = Self::new(code, error.message);
        refusal.fields = error.fields;
        refusal.retry_after_ms = error.retry_after_ms;
        refusal
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal.code {
            Code::Invalid => ErrorCode::Invalid,
            Code::Unauthenticated => ErrorCode::Unauthenticated,
            Code::Forbidden => ErrorCode::Forbidden,
            Code::NotFound => ErrorCode::NotFound,
            Code::Conflict => ErrorCode::Conflict,
            Code::TooLarge => ErrorCode::TooLarge,
            Code::RateLimited => ErrorCode::RateLimited,
            Code::Unavailable => ErrorCode::Unavailable,
            Code::Internal => ErrorCode::Internal,
        };
        Self { code, message: refusal.message, fields: refusal.fields, retry_after_ms: refusal.retry_after_ms }
    }
}
