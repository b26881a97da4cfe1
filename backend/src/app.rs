//! The app: everything a request may need, made once at start, and the life of the process from the listeners to the last task.

mod place;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::channel_apps::ChannelApps;
use crate::clock::Clock;
use crate::config::{Listen, Role, ServeArgs, SignUp};
use crate::data_folder::DataFolder;
use crate::db::{Db, Schema};
use crate::events::Events;
use crate::files::{Files, Shelf};
use crate::ids::{ApiKeyId, TenantId};
use crate::leader::{Leader, Stands};
use crate::listener::Service;
use crate::listener::acme::{self, Order};
use crate::listener::tls::{self, Certificate};
use crate::mail::Mailer;
use crate::operators::login_sessions::LoginSessions;
use crate::promotion_worker::Promoter;
use crate::rate::RateLimiter;
use crate::realtime::{self, Realtime};
use crate::routing_worker::{self, Router as ConversationRouter};
use crate::scope::SystemScope;
use crate::signing::Signer;
use crate::sites::SiteCache;
use crate::virtual_agent_worker::{self, AgentWorker};
use crate::visitor_events::{self, EventsDb};
use crate::visits::Recorder;
use crate::webhooks::address::Network;
use crate::{demo, listener, mail_worker, router, snooze_worker, tenants, webhook_worker, webhooks};

/// After SIGTERM clients are told to move, and everything ends within this.
const GRACE: Duration = Duration::from_secs(10);
/// Connections that may wait to be accepted: after a restart everybody comes at once, and who finds no place tries again a second later.
const BACKLOG: u32 = 4096;

/// A tenant's invitations, sent and sent again: mail to strangers in our name.
const INVITATIONS_PER_HOUR: f64 = 60.0;
/// Searches that may read at once: fewer than the embedded database has readers.
const SEARCHES: usize = 2;

/// What handlers get.
#[derive(Clone)]
pub struct App(Arc<AppInner>);

/// See [`App`].
pub struct AppInner {
    /// Database.
    pub db: Db,
    /// Database of visitor events and what is counted of them.
    pub events_db: EventsDb,
    /// Time and ids.
    pub clock: Clock,
    /// Domain events.
    pub events: Events,
    /// Sockets, logs, presence.
    pub realtime: Realtime,
    /// Who is offered what.
    pub promoter: Promoter,
    /// What people attach.
    pub files: Files,
    /// Keys.
    pub signer: Signer,
    /// Sites by key.
    pub sites: SiteCache,
    /// Origins and proxies.
    pub listen: Listen,
    /// Operators' logins.
    pub logins: LoginSessions,
    /// Tries to sign in, per account and per address.
    pub sign_ins: RateLimiter<String>,
    /// Sign-ups, resets and uses of mailed links, per address.
    pub account_tries: RateLimiter<IpAddr>,
    /// Letters to people who are invited, per tenant.
    pub invitations: RateLimiter<TenantId>,
    /// Strangers may sign up.
    pub sign_up_is_open: bool,
    /// Letters leave; else they wait in the outbox.
    pub sends_mail: bool,
    /// Searches that may read at once.
    pub searches: Semaphore,
    /// Files that one address sends.
    pub uploads: RateLimiter<IpAddr>,
    /// Requests of each API key.
    pub api_requests: RateLimiter<ApiKeyId>,
    /// How many a minute.
    pub api_requests_per_minute: u32,
    /// Apps whose clients speak XPUSH's own protocol.
    pub channel_apps: ChannelApps,
    /// Sessions that one address asks a node for.
    pub sessions: RateLimiter<IpAddr>,
    /// Tells tenants' programs.
    pub webhooks: webhooks::Sender,
    /// Opens the first set-up.
    pub setup_code: String,
    /// What this node does.
    pub roles: Vec<Role>,
    /// Cancelled when the process was asked to stop.
    pub stopping: CancellationToken,
    /// The address of whoever runs the installation, if it is named.
    pub instance_owner: Option<String>,
    /// Whether this node leads the workers that only one runs.
    pub leader: Leader,
    /// Visitor events that wait to be stored.
    pub acts: visitor_events::Recorder,
}

impl std::ops::Deref for App {
    type Target = AppInner;

    fn deref(&self) -> &AppInner {
        &self.0
    }
}

/// Why the server did not start, in words for the person who started it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct StartError(pub String);

impl StartError {
    fn because(what: &str, error: &dyn std::fmt::Display) -> Self {
        Self(format!("{what}: {error}"))
    }
}

/// What the operator of the server wants to read once: addresses, and on a first start how to get in.
pub struct Started {
    /// Lines to print.
    pub lines: Vec<String>,
    /// Ends when the server has stopped.
    pub stopped: tokio::task::JoinHandle<()>,
}

/// Opens the database a section names.
pub async fn open_db(storage: &crate::config::Storage, folder: &DataFolder) -> Result<Db, StartError> {
    match &storage.database_url {
        Some(url) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
            Db::open_postgres(url, Schema::Main).await.map_err(|error| StartError::because("PostgreSQL at DATABASE_URL", &error))
        }
        Some(_) => Err(StartError("DATABASE_URL must begin with postgres://; leave it unset for the embedded database".to_owned())),
        None => {
            Db::open_sqlite(&folder.database(), Schema::Main).await.map_err(|error| StartError::because("the embedded database", &error))
        }
    }
}

/// Opens the database of events: the one that is named, else the one beside the main database, in any case by a pool of its own.
pub async fn open_events(storage: &crate::config::Storage, folder: &DataFolder) -> Result<EventsDb, StartError> {
    let named = storage.events_database_url.as_ref().map(|url| ("EVENTS_DATABASE_URL", url));
    let opened = match named.or_else(|| storage.database_url.as_ref().map(|url| ("DATABASE_URL", url))) {
        Some((name, url)) if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
            Db::open_postgres(url, Schema::Events).await.map_err(|error| StartError::because(&format!("PostgreSQL at {name}"), &error))
        }
        Some((name, _)) => Err(StartError(format!("{name} must begin with postgres://; leave it unset for the embedded database"))),
        None => {
            let opened = Db::open_sqlite(&folder.events(), Schema::Events).await;
            opened.map_err(|error| StartError::because("the embedded database of events", &error))
        }
    };
    opened.map(EventsDb)
}

fn bind(name: &str, address: SocketAddr) -> Result<TcpListener, StartError> {
    listen(address).map_err(|error| StartError(format!("cannot listen on {address} ({name}): {error}; set {name} to a free address")))
}

fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv6() { TcpSocket::new_v6() } else { TcpSocket::new_v4() }?;
    // As tokio's own `bind` does: a restart must not wait for connections of the process before.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Starts everything and returns once it serves; `stop` begins the graceful stop.
pub async fn serve(args: ServeArgs, clock: Clock, stop: CancellationToken) -> Result<Started, StartError> {
    // Whatever is needed on the way is much, and is not to be kept by whoever waits.
    Box::pin(start(args, clock, stop)).await
}

async fn start(args: ServeArgs, clock: Clock, stop: CancellationToken) -> Result<Started, StartError> {
    let stands = place::stands(&args)?;
    let folder = DataFolder::own(&args.storage.data).map_err(|error| StartError(error.to_string()))?;
    let folder = folder.with_files(args.storage.files.as_deref());
    // Listen before opening anything, so that a wrong address costs nothing; the real ports go into the addresses we print.
    let console = bind("STALK_LISTEN", args.listen.console)?;
    let widget = bind("STALK_WIDGET_LISTEN", args.listen.widget)?;
    let metrics = bind("STALK_METRICS_LISTEN", args.listen.metrics)?;
    let demo_listener = if args.demo { Some(bind("STALK_DEMO_LISTEN", args.listen.demo)?) } else { None };
    let local = |listener: &TcpListener| listener.local_addr().map_err(|error| StartError(error.to_string()));
    let mut listen = args.listen.clone();
    (listen.console, listen.widget, listen.metrics) = (local(&console)?, local(&widget)?, local(&metrics)?);
    if let Some(listener) = &demo_listener {
        listen.demo = local(listener)?;
    }
    for warning in listen.warnings() {
        tracing::warn!("{warning}");
    }

    let (db, events_db) = (open_db(&args.storage, &folder).await?, open_events(&args.storage, &folder).await?);
    let (tasks, closing) = (TaskTracker::new(), CancellationToken::new());
    for db in [&db, &events_db.0] {
        tasks.spawn(db.clone().keep_up(stop.child_token()));
    }
    let (leader, place) = place::take(&db, stands).await?;
    if let Some(place) = place {
        tasks.spawn(place.keep(stop.child_token(), closing.clone()));
    }
    let certificate = certificate(&listen, &folder, &tasks, &stop)?;
    let shelf = Shelf::open(&folder.files()).map_err(|error| StartError::because("the folder of files", &error))?;
    let files = Files::new(db.clone(), clock.clone(), shelf, args.limits.files_per_tenant_mib);
    if args.nodes.has(Role::Worker) {
        tasks.spawn(files.clone().keep_tidy(stop.child_token()));
    }
    let app = start_app(&args, (listen, folder.files()), (db, events_db, clock, files), (stands, leader), (&tasks, &stop)).await?;
    let mut lines = vec![
        format!("Console    {}/console/", app.listen.public_origin()),
        format!("Widget     {}/w.js", app.listen.widget_origin()),
        format!("Metrics    http://{}/metrics", app.listen.metrics),
    ];
    let head_timeout = Duration::from_millis(args.limits.head_timeout_ms);
    let plain = |routes| Service { routes, certificate: None, head_timeout };
    let public = |routes| Service { certificate: certificate.clone(), ..plain(routes) };
    let mut servers =
        vec![(console, public(router::console(&app))), (widget, public(router::widget(&app))), (metrics, plain(router::metrics(&app)))];
    if let Some(listener) = demo_listener {
        let (routes, told) = demo::start(&app).await.map_err(|error| StartError::because("the demo shop", &error))?;
        lines.push(format!("Demo shop  {}/", app.listen.demo_origin()));
        lines.extend(told);
        servers.push((listener, plain(routes)));
    } else if tenants::is_empty(&app.db, SystemScope::of_the_system()).await.map_err(|error| StartError::because("the database", &error))? {
        lines.push(format!("Set up     {}/set-up?code={}", app.listen.public_origin(), app.setup_code));
    }
    for (listener, service) in servers {
        tasks.spawn(listener::serve(listener, service, closing.clone()));
    }
    let stopped = run_until_stopped(app, tasks, stop, closing, folder);
    Ok(Started { lines, stopped })
}

#[expect(clippy::too_many_lines, reason = "whatever the app holds, one beside the other")]
async fn start_app(
    args: &ServeArgs,
    (listen, folder): (Listen, std::path::PathBuf),
    (db, events_db, clock, files): (Db, EventsDb, Clock, Files),
    (stands, leader): (Stands, Leader),
    (tasks, stop): (&TaskTracker, &CancellationToken),
) -> Result<App, StartError> {
    let signer = Signer::load(&db, &clock).await.map_err(|error| StartError::because("signing keys", &error))?;
    let (myself, among) = place::introduce(args, &signer, folder).await?;
    let (events, sites) = (Events::default(), SiteCache::new(db.clone()));
    // Page views are flushed after the sockets are gone, so they stop with the drain, not with the signal.
    let (visits, recording) = Recorder::new(db.clone(), clock.clone(), events.clone(), stop.child_token());
    tasks.spawn(recording);
    let days = args.storage.events_kept_days;
    let (acts, counting) = visitor_events::Recorder::new(events_db.clone(), clock.clone(), events.clone(), days, stop.child_token());
    tasks.spawn(counting);
    let waiting_acts = acts.clone();
    let parts = realtime::Parts {
        db: db.clone(),
        clock: clock.clone(),
        signer: signer.clone(),
        files: files.clone(),
        sites: sites.clone(),
        visits,
        acts,
        events_db: events_db.clone(),
        events: events.clone(),
        widget_origin: listen.widget_origin(),
        public_origin: listen.public_origin(),
        limits: args.limits.clone(),
        myself,
        among,
        sessions: args.sessions.clone(),
    };
    let rates = parts.among.as_ref().map(realtime::shared_rates);
    let rates = rates.as_ref();
    let (realtime, feed) = realtime::start(parts, stop.child_token());
    tasks.spawn(feed);
    let webhooks = webhooks::Sender::new(allowed_networks(args)?);
    let promoter = start_promoter((&db, &clock), (&realtime, &events), (tasks, stop));
    if args.nodes.has(Role::Worker) {
        start_workers(args, (&db, &clock, &realtime, &events), (&webhooks, &leader), (tasks, stop))?;
    }
    let setup_code = place::setup_code(&signer, stands);
    let logins = LoginSessions::new(db.clone(), clock.clone());
    let tries = f64::from(args.limits.account_tries_per_hour);
    let per_minute = f64::from(args.limits.api_requests_per_minute);
    let (failures, sessions) = (f64::from(args.limits.sign_in_failures), f64::from(args.sessions.sessions_per_minute));
    let channel_apps = ChannelApps::new((&db, &clock), &args.sessions.open_apps, args.sessions.admin_token.clone());
    Ok(App(Arc::new(AppInner {
        db,
        events_db,
        clock,
        events,
        realtime,
        promoter,
        files,
        signer,
        sites,
        listen,
        logins,
        sign_ins: RateLimiter::new(failures / 900.0, failures).over_all("sign-ins", rates),
        account_tries: RateLimiter::new(tries / 3600.0, tries).over_all("account tries", rates),
        invitations: RateLimiter::new(INVITATIONS_PER_HOUR / 3600.0, INVITATIONS_PER_HOUR).over_all("invitations", rates),
        sign_up_is_open: args.accounts.sign_up == SignUp::Open,
        sends_mail: args.mail.smtp_url.is_some(),
        searches: Semaphore::new(SEARCHES),
        // A burst is a person who picks many pictures at once.
        uploads: RateLimiter::new(1.0, 60.0).over_all("uploads", rates),
        api_requests: RateLimiter::new(per_minute / 60.0, per_minute).over_all("api requests", rates),
        api_requests_per_minute: args.limits.api_requests_per_minute,
        sessions: RateLimiter::new(sessions / 60.0, sessions).over_all("sessions", rates),
        channel_apps,
        webhooks,
        setup_code,
        roles: args.nodes.roles.clone(),
        stopping: stop.child_token(),
        instance_owner: args.accounts.instance_owner.as_ref().map(|email| email.trim().to_lowercase()),
        leader,
        acts: waiting_acts,
    })))
}

/// What is done beside requests.
fn start_workers(
    args: &ServeArgs,
    (db, clock, realtime, events): (&Db, &Clock, &Realtime, &Events),
    (webhooks, leader): (&webhooks::Sender, &Leader),
    (tasks, stop): (&TaskTracker, &CancellationToken),
) -> Result<(), StartError> {
    if let Some(url) = &args.mail.smtp_url {
        let mailer = Mailer::new(url, &args.mail.from).map_err(|error| StartError(error.to_string()))?;
        tasks.spawn(mail_worker::run(db.clone(), clock.clone(), mailer, stop.child_token()));
    } else {
        tracing::warn!("SMTP_URL is not set: mail is kept in the outbox and not sent");
    }
    tasks.spawn(webhook_worker::run(db.clone(), clock.clone(), webhooks.clone(), stop.child_token()));
    // Of several nodes one at a time; a new term begins with what the database says.
    let (db, clock, realtime, events) = (db.clone(), clock.clone(), realtime.clone(), events.clone());
    let running_in = tasks.clone();
    tasks.spawn(leader.clone().lead(stop.child_token(), move |term| {
        let tasks = &running_in;
        let router = ConversationRouter { db: db.clone(), clock: clock.clone(), realtime: realtime.clone() };
        let agent = AgentWorker { db: db.clone(), clock: clock.clone(), realtime: realtime.clone(), events: events.clone() };
        let routing = routing_worker::run(router, events.listen_everywhere(), term.clone());
        let waking = snooze_worker::run(db.clone(), clock.clone(), realtime.clone(), term.clone());
        let answering = virtual_agent_worker::run(agent, events.listen_everywhere(), term);
        // Tasks of their own, so that none waits for another.
        let running = [tasks.spawn(routing), tasks.spawn(waking), tasks.spawn(answering)];
        async move {
            futures_util::future::join_all(running).await;
        }
    }));
    Ok(())
}

fn allowed_networks(args: &ServeArgs) -> Result<Vec<Network>, StartError> {
    let parse = |text: &String| text.parse().map_err(|error: String| StartError(format!("STALK_WEBHOOK_NETWORKS: {error}")));
    args.limits.webhook_networks.iter().map(parse).collect()
}

/// Promotions are decided where the visitor's connection is.
fn start_promoter(
    (db, clock): (&Db, &Clock),
    (realtime, events): (&Realtime, &Events),
    (tasks, stop): (&TaskTracker, &CancellationToken),
) -> Promoter {
    let promoter = Promoter::new(db.clone(), clock.clone(), realtime.clone(), events.clone());
    tasks.spawn(promoter.clone().run(events.listen_everywhere(), stop.child_token()));
    promoter
}

/// The certificate of console and widget, if they speak https: kept as new as its files, or ordered.
fn certificate(
    listen: &Listen,
    folder: &DataFolder,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Result<Option<Certificate>, StartError> {
    let because = |error| StartError::because("the TLS certificate", &error);
    if let Some((chain, key)) = listen.tls_certificate.as_ref().zip(listen.tls_key.as_ref()) {
        let (certificate, renewal) = tls::load(chain, key).map_err(because)?;
        tasks.spawn(renewal.run(stop.child_token()));
        return Ok(Some(certificate));
    }
    if listen.acme_domains.is_empty() {
        return Ok(None);
    }
    let (certificate, ordering) = acme::order(Order {
        names: &listen.acme_domains,
        contact: listen.acme_contact.as_deref(),
        directory: &listen.acme_directory,
        roots: listen.acme_roots.as_deref(),
        folder: folder.certificates().map_err(|error| StartError::because("the folder of certificates", &error))?,
    })
    .map_err(because)?;
    tasks.spawn(ordering.run(stop.child_token()));
    Ok(Some(certificate))
}

#[expect(clippy::disallowed_methods, reason = "this task waits for the task set itself, so it cannot be in it")]
fn run_until_stopped(
    app: App,
    tasks: TaskTracker,
    stop: CancellationToken,
    closing: CancellationToken,
    folder: DataFolder,
) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        stop.cancelled().await;
        tracing::info!("stopping: clients are told to come back");
        app.realtime.drain(GRACE).await;
        closing.cancel();
        tasks.close();
        if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
            tracing::warn!("some tasks did not end in time");
        }
        app.db.close().await;
        app.events_db.0.close().await;
        drop(folder);
        tracing::info!("stopped");
    })
}
