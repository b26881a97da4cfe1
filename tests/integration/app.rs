//! A server with a data folder and a database of its own, set up like a shop on its first day, and the people who use it.

use std::path::Path;

use clap::Parser as _;
use serde_json::{Value, json};
use stalk::clock::Clock;
use stalk::config::{Cli, Command, ServeArgs, Storage};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::database::Database;
use crate::operator::{Operator, fresh_id};
use crate::socket::Socket;

/// The page's origin that the first site allows.
pub(crate) const SHOP: &str = "http://shop.test";
/// Everybody's password.
pub(crate) const PASSWORD: &str = "a long enough password";
/// The first owner's address.
pub(crate) const OWNER: &str = "owner@shop.test";

/// Room for tests that are not about limits.
pub(crate) const ROOMY: [&str; 10] = [
    "--connections-per-address",
    "0",
    "--post-burst",
    "100000",
    "--posts-per-second",
    "100000",
    "--sign-in-failures",
    "1000",
    "--account-tries-per-hour",
    "100000",
];

/// A website of the installation.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) id: String,
    pub(crate) key: String,
    /// A page of it.
    pub(crate) origin: String,
}

/// A tenant with one owner and one site.
pub(crate) struct Tenant {
    pub(crate) id: String,
    pub(crate) owner: Operator,
    pub(crate) site: Site,
}

/// A running server.
pub(crate) struct TestApp {
    pub(crate) console: String,
    pub(crate) widget: String,
    /// What the server printed at its start.
    pub(crate) lines: Vec<String>,
    pub(crate) database: Database,
    pub(crate) clock: Clock,
    folder: TempDir,
    args: Vec<String>,
    stop: CancellationToken,
    stopped: Option<JoinHandle<()>>,
}

/// A running server with its first tenant.
pub(crate) struct Shop {
    pub(crate) app: TestApp,
    pub(crate) tenant: String,
    pub(crate) owner: Operator,
    pub(crate) site: Site,
}

impl std::ops::Deref for Shop {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.app
    }
}

/// Parsed as the binary parses its command line.
pub(crate) fn serve_args(folder: &Path, database: &Database, more: &[String]) -> ServeArgs {
    let mut line = vec!["stalk".to_owned(), "serve".to_owned(), "--data".to_owned(), folder.display().to_string()];
    for listener in ["--listen", "--widget-listen", "--metrics-listen", "--demo-listen"] {
        if !more.iter().any(|word| word == listener) {
            line.extend([listener.to_owned(), "127.0.0.1:0".to_owned()]);
        }
    }
    if !more.iter().any(|word| word == "--database-url") {
        line.extend(database.url().into_iter().flat_map(|url| ["--database-url".to_owned(), url]));
    }
    line.extend(more.iter().cloned());
    match Cli::try_parse_from(line).unwrap().command {
        Command::Serve(args) => *args,
        other => panic!("not serve: {other:?}"),
    }
}

impl TestApp {
    /// A server on an empty installation.
    pub(crate) async fn empty(args: &[&str], clock: Clock) -> Self {
        let folder = TempDir::new().unwrap();
        let database = Database::create(folder.path()).await;
        Self::on(folder, database, args, clock).await
    }

    /// A server on this folder and database.
    pub(crate) async fn on(folder: TempDir, database: Database, args: &[&str], clock: Clock) -> Self {
        let args: Vec<String> = args.iter().map(|&word| word.to_owned()).collect();
        let mut app = Self {
            console: String::new(),
            widget: String::new(),
            lines: Vec::new(),
            database,
            clock,
            folder,
            args,
            stop: CancellationToken::new(),
            stopped: None,
        };
        app.start_again().await;
        app
    }

    /// Starts on what is stored; on other ports.
    pub(crate) async fn start_again(&mut self) {
        self.stop = CancellationToken::new();
        let args = serve_args(self.folder.path(), &self.database, &self.args);
        let started = stalk::app::serve(args, self.clock.clone(), self.stop.clone()).await.unwrap();
        let line = |name: &str| {
            let found = started.lines.iter().find_map(|line| line.strip_prefix(name));
            found.unwrap_or_else(|| panic!("no line {name}")).trim().to_owned()
        };
        line("Console").trim_end_matches("/console/").clone_into(&mut self.console);
        line("Widget").trim_end_matches("/w.js").clone_into(&mut self.widget);
        self.lines = started.lines;
        self.stopped = Some(started.stopped);
    }

    /// Asks the server to stop.
    pub(crate) fn ask_to_stop(&self) {
        self.stop.cancel();
    }

    /// Returns when the server has stopped.
    pub(crate) async fn stopped(&mut self) {
        self.stop.cancel();
        if let Some(stopped) = self.stopped.take() {
            stopped.await.unwrap();
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where everything is kept, for backup, restore and check.
    pub(crate) fn storage(&self) -> Storage {
        serve_args(self.folder.path(), &self.database, &[]).storage
    }

    /// The one-time code that was printed.
    pub(crate) fn setup_code(&self) -> String {
        self.lines.iter().find_map(|line| line.split_once("code=")).unwrap().1.to_owned()
    }

    /// Submits the first set-up.
    pub(crate) async fn set_up(&self, browser: &Operator, code: &str) -> crate::operator::Answer {
        let fields = [
            ("code", code),
            ("shop", "Shop"),
            ("domain", "shop.test"),
            ("name", "Olive Owner"),
            ("email", OWNER),
            ("password", PASSWORD),
            ("language", "en"),
        ];
        browser.form("/set-up", &fields).await
    }

    /// A browser without a login.
    pub(crate) fn nobody(&self) -> Operator {
        Operator::nobody(&self.console)
    }

    /// A visitor's first connection to a site.
    pub(crate) async fn visitor_of(&self, site: &Site) -> Socket {
        Socket::open(&self.widget, Some(&site.origin)).await.hello(hello(site, None)).await
    }

    /// One more connection of a visitor, with its ticket.
    pub(crate) async fn returning(&self, site: &Site, ticket: &str, after: Value) -> Socket {
        let mut again = hello(site, Some(ticket));
        again["after"] = after;
        Socket::open(&self.widget, Some(&site.origin)).await.hello(again).await
    }

    /// A visitor's panel: Socket.IO on the widget's listener.
    pub(crate) async fn panel(&self, site: &Site, ticket: Option<&str>) -> Socket {
        Socket::open_socketio(&self.widget, Some(&self.widget), &hello(site, ticket)).await.welcomed().await
    }

    /// An operator's socket.
    pub(crate) async fn socket_of(&self, operator: &Operator) -> Socket {
        let token = operator.post("/api/v1/me/socket-tokens", &json!({})).await.ok();
        let hello = json!({"v": 1, "token": token["token"]});
        Socket::open_socketio(&self.console, Some(&self.console), &hello).await.welcomed().await
    }

    /// A visitor's request over the HTTP fallback.
    pub(crate) async fn fallback(&self, site: &Site, ticket: &str, method: &str, params: &Value) -> crate::operator::Answer {
        let (bearer, body) = (format!("Bearer {ticket}"), json!({"m": method, "p": params}).to_string());
        let headers = [
            ("origin", site.origin.as_str()),
            ("authorization", bearer.as_str()),
            ("x-stalk-site", site.key.as_str()),
            ("content-type", "application/json"),
        ];
        let address = format!("{}/widget/v1/requests", self.widget);
        self.nobody().bare(reqwest::Method::POST, &address, &headers, Some(body.into_bytes())).await
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
        self.database.forget();
    }
}

impl Shop {
    /// A shop with an owner and a site, and limits that no test meets.
    pub(crate) async fn open() -> Self {
        Self::open_with(&[], Clock::system()).await
    }

    /// The same with more arguments (a later one does not repeat an earlier one) and a clock.
    pub(crate) async fn open_with(args: &[&str], clock: Clock) -> Self {
        let mut all = args.to_vec();
        for pair in ROOMY.chunks(2).filter(|pair| !args.contains(&pair[0])) {
            all.extend(pair);
        }
        Self::of(TestApp::empty(&all, clock).await).await
    }

    /// With the limits of a default installation.
    pub(crate) async fn open_strict() -> Self {
        Self::of(TestApp::empty(&[], Clock::system()).await).await
    }

    /// Makes the first tenant of an empty installation. Its queue is given to nobody by itself: most tests are about something else, and count
    /// entries; those about routing ask for it with [`Shop::routes`].
    pub(crate) async fn of(app: TestApp) -> Self {
        let owner = app.nobody();
        let answer = app.set_up(&owner, &app.setup_code()).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let site = owner.get("/api/v1/sites").await.ok()["items"][0].clone();
        let site = Site { id: text(&site["id"]), key: text(&site["key"]), origin: SHOP.to_owned() };
        let tenant = text(&owner.get("/api/v1/me").await.ok()["tenant"]["id"]);
        let shop = Self { app, tenant, owner, site };
        shop.routes(&json!({"mode": "manual"})).await;
        shop
    }

    /// The owner's login is over after a month.
    pub(crate) async fn owner_signs_in_again(&self) {
        let answer = self.owner.form("/sign-in", &[("email", OWNER), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
    }

    /// Says how the first site's queue is given to operators.
    pub(crate) async fn routes(&self, routing: &Value) {
        self.owner.patch(&format!("/api/v1/sites/{}", self.site.id), &json!({"routing": routing})).await.ok();
    }

    /// A visitor's first connection.
    pub(crate) async fn visitor(&self) -> Socket {
        self.visitor_of(&self.site).await
    }

    /// A colleague who only answers.
    pub(crate) async fn operator(&self) -> Operator {
        self.colleague(&self.tenant, "operator").await
    }

    /// A colleague who administers.
    pub(crate) async fn admin(&self) -> Operator {
        self.colleague(&self.tenant, "admin").await
    }

    /// A new operator of a tenant, signed in. The row is made here, for an invitation takes a letter; its password is the owner's.
    async fn colleague(&self, tenant: &str, role: &str) -> Operator {
        let (id, email) = (fresh_id(), format!("{role}-{}@shop.test", fresh_id().simple()));
        let (tenant, id) = (self.database.id(tenant.parse().unwrap()), self.database.id(id));
        let sql = format!(
            "INSERT INTO operators (tenant_id, id, email, name, role, password_hash, created_at)
             SELECT {tenant}, {id}, '{email}', 'Some {role}', '{role}', password_hash, 0 FROM operators WHERE email = '{OWNER}'"
        );
        self.database.run(&sql).await;
        Operator::signed_in(&self.console, &email, PASSWORD).await
    }

    /// Takes an operator's rights away.
    pub(crate) async fn deactivate(&self, operator: &Operator) {
        let id = text(&operator.get("/api/v1/me").await.ok()["operator"]["id"]);
        self.owner.patch(&format!("/api/v1/operators/{id}"), &json!({"deactivated": true})).await.ok();
    }

    /// A second site of the same tenant, on other.shop.test.
    pub(crate) async fn second_site(&self) -> Site {
        let new = json!({"name": "Second", "domains": ["second.test"], "language": "en"});
        let made = self.owner.post("/api/v1/sites", &new).await.ok();
        self.owner.patch(&format!("/api/v1/sites/{}", text(&made["id"])), &json!({"routing": {"mode": "manual"}})).await.ok();
        Site { id: text(&made["id"]), key: text(&made["key"]), origin: "http://second.test".to_owned() }
    }

    /// A second tenant on the same installation.
    pub(crate) async fn other_tenant(&self) -> Tenant {
        let (tenant, site, key) = (fresh_id(), fresh_id(), format!("other{}", Uuid::new_v4().simple()));
        let (tenant_sql, site_sql, now) = (self.database.id(tenant), self.database.id(site), self.clock.now());
        let sql = format!(
            "INSERT INTO tenants (id, name, created_at) VALUES ({tenant_sql}, 'Other', {now});
             INSERT INTO sites (tenant_id, id, site_key, name, language, domains, color, side, reopen_days, identity_secret, routing_mode, created_at)
             VALUES ({tenant_sql}, {site_sql}, '{key}', 'Other', 'en', '[\"other.test\"]', '#000000', 'right', 14, 'secret', 'manual', 0)"
        );
        self.database.run(&sql).await;
        let owner = self.colleague(&tenant.to_string(), "owner").await;
        Tenant { id: tenant.to_string(), owner, site: Site { id: site.to_string(), key, origin: "http://other.test".to_owned() } }
    }
}

/// A visitor's hello.
pub(crate) fn hello(site: &Site, ticket: Option<&str>) -> Value {
    json!({
        "v": 1, "site": site.key, "ticket": ticket, "device": fresh_id(), "language": "en", "visit": fresh_id(),
        "page": {"url": format!("{}/socks", site.origin), "title": "Socks", "referrer": null},
    })
}

/// A JSON text.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}
