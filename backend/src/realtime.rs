//! Where the product meets the engine: the only module that imports `xpush`. It proves who a connection is ([`hello`], [`login`]), answers its
//! requests ([`requests`]), keeps the logs ([`logs`]) and tells operators what changed ([`feed`]) and visitors who is there ([`availability`]).
//! Features know nothing of it; the API asks through [`Realtime::change`].

mod arrivals;
mod availability;
mod board;
mod crowd_log;
mod crowds;
mod feed;
mod hello;
mod limits;
mod log;
mod login;
mod logs;
mod names;
mod nodes;
mod pace;
mod principal;
mod profile;
mod queue;
mod requests;
mod share;
mod tracking;
mod turns;
mod welcome;
mod wire;
mod xpush_apps;

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use xpush::{Accepted, Caller, Disconnect, Handshake, Identity, Membership, Policy, Refusal};

use crate::board::Board;
use crate::clock::Clock;
use crate::conversations::{self, Queued, Reply};
use crate::db::Db;
use crate::error::Error;
use crate::events::{Event, Events};
use crate::files::Files;
use crate::ids::{OperatorId, TenantId, VisitorId};
use crate::rate::{RateLimiter, Shared};
use crate::scope::{SiteScope, TenantScope};
use crate::signing::Signer;
use crate::sites::SiteCache;
use crate::visitor_events::{self, EventsDb};
use crate::visitors::Profile;
use crate::visits::Recorder;

pub use availability::Availabilities;
pub use limits::shared as shared_rates;
use log::ConversationLog;
pub use login::SocketToken;
use logs::Logs;
pub use nodes::{About, Among, Myself, Node, Standing};
use pace::ByAddress;
pub use principal::{OperatorPrincipal, Principal, VisitorPrincipal};
use principal::{operator_key, visitor_identity, visitor_key};
use wire::{panel_channel, publication, soft_event, visitor_channel};
pub use xpush_apps::SessionNode;

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

/// What the policy needs.
pub struct Live {
    db: Db,
    clock: Clock,
    signer: Signer,
    files: Files,
    sites: SiteCache,
    visits: Recorder,
    acts: visitor_events::Recorder,
    events_db: EventsDb,
    events: Events,
    widget_origin: String,
    public_origin: String,
    posts: RateLimiter<VisitorId>,
    /// Rates in crowds, and how many are there.
    crowds: crowds::Crowds,
    acts_pace: RateLimiter<VisitorId>,
    chats: tracking::Chats,
    /// Who is on the sites now.
    board: Mutex<Board>,
    /// Something said by other nodes may be lost: the logins of open sockets …
    doubted: Notify,
    /// … and what the others have on their boards are to be asked for.
    asking: Notify,
    /// Another node asked for everything on the board.
    asked: AtomicBool,
    offline_posts: RateLimiter<VisitorId>,
    letters: RateLimiter<VisitorId>,
    /// Erased while they were connected: what their open connections ask is refused as their tickets are.
    erased: Mutex<HashSet<VisitorId>>,
    by_address: ByAddress,
    availabilities: Availabilities,
    arrivals: arrivals::Arrivals,
    /// Socket tokens that were used, until they expire anyway.
    used_tokens: Mutex<Vec<(i64, uuid::Uuid)>>,
    /// … and those that were used on other nodes.
    shared: Option<Arc<limits::SharedRates>>,
    ended_logins: login::EndedLogins,
    names: names::Names,
    queue_positions: Arc<queue::QueuePositions>,
    seen: Mutex<std::collections::HashMap<crate::ids::SiteId, i64>>,
    reply_times: welcome::ReplyTimes,
    heartbeat: Duration,
    speaking: nodes::Speaking,
}

/// What [`start`] needs.
pub struct Parts {
    /// Database.
    pub db: Db,
    /// Clock.
    pub clock: Clock,
    /// Keys.
    pub signer: Signer,
    /// What people attach.
    pub files: Files,
    /// Sites by key.
    pub sites: SiteCache,
    /// Page views.
    pub visits: Recorder,
    /// Visitor events.
    pub acts: visitor_events::Recorder,
    /// Where those are.
    pub events_db: EventsDb,
    /// Domain events.
    pub events: Events,
    /// Listeners' origins.
    pub widget_origin: String,
    /// See above.
    pub public_origin: String,
    /// Rates and counts.
    pub limits: crate::config::Limits,
    /// Who this node is.
    pub myself: Myself,
    /// Among whom; nobody when it is alone.
    pub among: Option<Among>,
    /// Which node a session is sent to.
    pub sessions: crate::config::Sessions,
}

/// The handle that the rest of the product holds.
#[derive(Clone)]
pub struct Realtime {
    engine: Engine,
}

/// The numbers that the engine runs with.
fn options(parts: &Parts) -> xpush::Options {
    let Parts { limits, myself, sessions, .. } = parts;
    xpush::Options {
        connections_per_address: limits.connections_per_address,
        heartbeat: Duration::from_millis(limits.heartbeat_ms),
        // Nobody is sent to a node without sockets.
        capacity: if myself.roles.contains(&crate::config::Role::Channel) { xpush_apps::capacity(sessions) } else { 0 },
        allocation: xpush_apps::allocation(sessions),
        ..xpush::Options::default()
    }
}

/// Starts the engine; its tasks end with [`Realtime::drain`], feed and business hours with `stop`.
pub fn start(parts: Parts, stop: CancellationToken) -> (Realtime, impl Future<Output = ()>) {
    let options = options(&parts);
    let Parts {
        db, clock, signer, files, sites, visits, acts, events_db, events, widget_origin, public_origin, limits, myself, among, ..
    } = parts;
    let queue_positions: Arc<queue::QueuePositions> = Arc::default();
    let conversations = ConversationLog::new(db.clone(), clock.clone(), events.clone(), queue_positions.clone(), widget_origin.clone());
    let log = Logs::new(conversations, crowd_log::CrowdLog::new(db.clone(), clock.clone()), db.log_lanes());
    let shared = among.as_ref().map(|among| Arc::new(limits::SharedRates::new(among)));
    let rates = shared.clone().map(|shared| shared as Arc<dyn Shared>);
    let over_all = |name, per_second, burst| RateLimiter::new(per_second, burst).over_all(name, rates.as_ref());
    let (arrivals, reading) = arrivals::arrivals(db.clone());
    let live = Live {
        arrivals,
        crowds: crowds::Crowds::new(over_all),
        posts: over_all("posts", f64::from(limits.posts_per_second), f64::from(limits.post_burst)),
        // Each may cause a letter, so they are few.
        offline_posts: over_all("offline posts", 1.0 / 60.0, 5.0),
        letters: over_all("letters", 1.0 / 600.0, 3.0),
        erased: Mutex::default(),
        by_address: ByAddress::new(&limits, rates.as_ref()),
        availabilities: Availabilities::new(db.clone()),
        speaking: nodes::Speaking::new(myself, clock.now()),
        db,
        clock,
        signer,
        files,
        sites,
        visits,
        acts,
        events_db,
        acts_pace: over_all("acts", 20.0, 200.0),
        chats: tracking::Chats::default(),
        board: Mutex::new(if among.is_some() { Board::shared() } else { Board::default() }),
        doubted: Notify::new(),
        asking: Notify::new(),
        asked: AtomicBool::new(false),
        events: events.clone(),
        widget_origin,
        public_origin,
        used_tokens: Mutex::default(),
        shared: shared.clone(),
        ended_logins: login::EndedLogins::default(),
        names: names::Names::default(),
        queue_positions,
        seen: Mutex::default(),
        reply_times: welcome::ReplyTimes::default(),
        heartbeat: Duration::from_millis(limits.heartbeat_ms),
    };
    let engine = match &among {
        Some(among) => Engine::in_cluster(live, log, options, among.cluster()),
        None => Engine::new(live, log, options),
    };
    let realtime = Realtime { engine: engine.clone() };
    let telling = tell(engine, &events, reading, stop);
    (realtime, telling)
}

/// Whatever is told without being asked for, until `stop`.
fn tell(engine: Engine, events: &Events, reading: arrivals::Reading, stop: CancellationToken) -> impl Future<Output = ()> + use<> {
    let (feed, queue, share, afar) = (events.listen(), events.listen_everywhere(), events.listen(), events.listen_afar());
    async move {
        tokio::join!(
            reading.run(stop.clone()),
            feed::run(engine.clone(), feed, stop.clone()),
            queue::run(engine.clone(), queue, stop.clone()),
            board::run(engine.clone(), stop.clone()),
            crowds::run(engine.clone(), stop.clone()),
            availability::hear(engine.clone(), afar, stop.clone()),
            share::run(engine.clone(), share, stop.clone()),
            share::ask(engine.clone(), stop.clone()),
            share::doubt(engine.clone(), stop.clone()),
            availability::tick(engine, stop)
        );
    }
}

impl Realtime {
    /// Endpoints of one listener: both transports on the widget's, Socket.IO alone on the console's.
    pub fn router(&self, listener: &'static str) -> axum::Router {
        let socketio = xpush::transport::socketio::router(self.engine.clone(), listener);
        if listener == WIDGET { socketio.merge(xpush::transport::websocket::router(self.engine.clone(), listener)) } else { socketio }
    }

    /// Changes a log: answers after the commit, tells members after the commit.
    pub async fn change(&self, queued: Queued) -> Result<Reply, Error> {
        Ok(logs::change(&self.engine, queued).await?)
    }

    /// The HTTP fallback's hello.
    pub async fn hello(&self, handshake: HttpHello) -> Result<Value, Error> {
        let HttpHello { peer, origin, user_agent, body } = handshake;
        self.pace(peer).await?;
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

    async fn pace(&self, peer: IpAddr) -> Result<(), Error> {
        let paced = self.engine.policy().by_address.fallback.take(peer).await;
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
        self.pace(peer).await?;
        hello::visitor_of_ticket(self.engine.policy(), site_key, ticket, origin, profile).await
    }

    /// A socket token for this login.
    pub fn socket_token(&self, operator: &crate::operators::Operator, login: &str) -> Option<SocketToken> {
        login::socket_token(self.engine.policy(), operator, login)
    }

    /// Ends the sockets of one login of an operator.
    pub fn end_login(&self, tenant: TenantId, operator: OperatorId, login: &str) -> usize {
        // A token of this login may still be on its way.
        self.forget_logins(vec![login.to_owned()]);
        self.engine.kick(&operator_key(tenant, operator), Some(login), Disconnect::LoginEnded, "this login has ended; sign in again")
    }

    /// Ends all sockets of an operator; `logins` are the names of theirs that ended.
    pub fn end_all_logins(&self, tenant: TenantId, operator: OperatorId, logins: &[String]) {
        self.forget_logins(logins.to_vec());
        self.engine.kick(&operator_key(tenant, operator), None, Disconnect::LoginEnded, "this login has ended; sign in again");
    }

    /// Tokens of these logins are good for nothing any more, on any node.
    fn forget_logins(&self, logins: Vec<String>) {
        let live = self.engine.policy();
        for login in &logins {
            live.ended_logins.add(login, live.clock.now());
        }
        share::tell(&self.engine, &[share::Said::LoginsEnded(logins)], true);
    }

    /// After an operator gave themselves another name: open connections write under it, and colleagues are told.
    pub fn operator_renamed(&self, tenant: TenantId, operator: OperatorId, name: &str) {
        let live = self.engine.policy();
        live.names.set(operator, name);
        share::tell(&self.engine, &[share::Said::Renamed(operator, name.to_owned())], true);
        live.events.publish(Event::OperatorChanged(tenant, operator));
    }

    /// True while the visitor has a live connection.
    pub fn visitor_present(&self, tenant: TenantId, visitor: VisitorId) -> bool {
        self.engine.is_present(&visitor_key(tenant, visitor))
    }

    /// True while the operator has a live connection.
    pub fn operator_present(&self, tenant: TenantId, operator: OperatorId) -> bool {
        self.engine.is_present(&operator_key(tenant, operator))
    }

    /// After an operator chose another availability, came or left for good.
    pub async fn availability_changed(&self, tenant: TenantId, operator: OperatorId) {
        availability::refresh(&self.engine, tenant).await;
        self.engine.policy().events.publish(Event::OperatorAvailabilityChanged(tenant, operator));
    }

    /// After somebody changed what is known of a visitor: operators see it in the panel, and in the rows of their conversations.
    pub async fn visitor_changed(&self, scope: TenantScope, visitor: VisitorId) -> Result<(), Error> {
        let live = self.engine.policy();
        feed::tell_visitor(&self.engine, scope.tenant(), visitor).await;
        for row in conversations::list_of_visitor(&live.db, scope, visitor, feed::ROWS_OF_VISITOR).await? {
            live.events.publish(Event::ConversationChanged(scope.tenant(), row.conversation.id));
        }
        Ok(())
    }

    /// True while the visitor's panel is the connected one.
    pub fn panel_present(&self, tenant: TenantId, visitor: VisitorId) -> bool {
        self.engine.members(&panel_channel(tenant, visitor)) > 0
    }

    /// Tells a visitor's connections something that is not logged.
    pub async fn tell_visitor(&self, tenant: TenantId, visitor: VisitorId, kind: &str, data: Value) {
        let event = soft_event(&self.engine.policy().clock, kind, None, data);
        if let Some(publication) = publication(visitor_channel(tenant, visitor), None, &event) {
            self.engine.publish(publication).await;
        }
    }

    /// How many operators can answer visitors of this site now, whatever its hours.
    pub async fn operators_online(&self, scope: SiteScope) -> Result<usize, Error> {
        Ok(availability::who(self.engine.policy(), &self.engine, scope).await?.len())
    }

    /// True when somebody can answer visitors of this site now.
    pub async fn is_available(&self, scope: SiteScope) -> Result<bool, Error> {
        availability::is_available(self.engine.policy(), &self.engine, scope).await
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

impl Live {
    /// Whether a visitor has a conversation, as far as the board knows them: only their coming and going concerns operators.
    fn is_talking(&self, tenant: TenantId, visitor: VisitorId) -> Option<bool> {
        self.on_board(|board| board.is_talking(tenant, visitor))
    }

    /// Open connections of these are refused from now on.
    fn erase(&self, visitors: Vec<VisitorId>) {
        self.erased.lock().map(|mut erased| erased.extend(visitors)).ok();
    }
}

impl Policy for Live {
    type Principal = Principal;
    type Log = Logs;

    async fn authenticate(&self, engine: &Engine, handshake: Handshake) -> Result<Accepted<Principal>, Refusal> {
        Box::pin(hello::accept(self, engine, handshake)).await
    }

    async fn connected(&self, engine: &Engine, caller: &Caller<Principal>) {
        hello::catch_up(self, engine, caller).await;
    }

    async fn authorize_join(&self, _: &Engine, caller: &Caller<Principal>, channel: &xpush::ChannelId) -> Result<Membership, Refusal> {
        requests::authorize_join(self, &caller.principal, channel).await
    }

    async fn request(&self, engine: &Engine, caller: &Caller<Principal>, method: &str, params: Value) -> Result<Value, Refusal> {
        requests::answer(self, engine, caller, method, params).await.map_err(Refusal::from)
    }

    fn told(&self, _: &Engine, data: &RawValue) {
        share::told(self, data);
    }

    fn missed(&self, _: &Engine) {
        share::missed(self);
    }

    fn left(&self, _: &Engine, caller: &Caller<Principal>) {
        board::leaving(self, &caller.principal);
    }

    fn about(&self, engine: &Engine) -> Value {
        nodes::about(self, engine)
    }

    async fn presence_changed(&self, engine: &Engine, identity: &Identity, present: bool) {
        availability::presence_changed(self, engine, identity, present).await;
    }
}
