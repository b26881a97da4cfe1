//! Settings, from the command line or the environment: `stalk serve --help` is their reference. One struct per section, read once at start;
//! nothing else in the product reads the environment.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Live chat for shops and blogs: one binary, one script on the page, several operators.
#[derive(Debug, Parser)]
#[command(name = "stalk", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The verbs of the binary.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve console, API, widget and sockets until SIGTERM or Ctrl-C.
    Serve(Box<ServeArgs>),
    /// Write everything into one portable file, also while serving. A backup of SQLite restores into PostgreSQL and the other way round.
    Backup {
        /// The file to write; it must not exist yet.
        file: PathBuf,
        /// Leave the bytes of attachments and photos out: they are in the folder `files` of the data folder, to be copied beside it.
        #[arg(long)]
        without_files: bool,
        #[command(flatten)]
        storage: Storage,
    },
    /// Read a backup into an empty database.
    Restore {
        /// The file that `stalk backup` wrote.
        file: PathBuf,
        #[command(flatten)]
        storage: Storage,
    },
    /// Check the promises of the stored logs: no hole in a sequence, none twice, tops that fit. Exits 1 when one is broken.
    Check {
        #[command(flatten)]
        storage: Storage,
    },
    /// List the nodes that serve the installation.
    Nodes {
        #[command(flatten)]
        storage: Storage,
        #[command(flatten)]
        nodes: Nodes,
    },
    /// Print the OpenAPI document of /api/v1.
    Openapi,
}

/// `stalk serve`.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// Where things listen.
    #[command(flatten)]
    pub listen: Listen,
    /// Where things are kept.
    #[command(flatten)]
    pub storage: Storage,
    /// How this node stands among others.
    #[command(flatten)]
    pub nodes: Nodes,
    /// How mail leaves.
    #[command(flatten)]
    pub mail: Mail,
    /// Who may come.
    #[command(flatten)]
    pub accounts: Accounts,
    /// What one visitor or address may do.
    #[command(flatten)]
    pub limits: Limits,
    /// Who speaks XPUSH's own protocol, and which node a session is sent to.
    #[command(flatten)]
    pub sessions: Sessions,
    /// Serve a demo shop too, and on the first start make a demo tenant with a one-time random password.
    #[arg(long)]
    pub demo: bool,
}

const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// Listeners and the addresses by which browsers reach them.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Listeners")]
pub struct Listen {
    /// Console, API and operators' sockets.
    #[arg(long = "listen", env = "STALK_LISTEN", default_value = "127.0.0.1:8080")]
    pub console: SocketAddr,
    /// Loader, panel, visitors' API and sockets: another origin than the console, so that nothing a visitor brings can touch a login.
    #[arg(long = "widget-listen", env = "STALK_WIDGET_LISTEN", default_value = "127.0.0.1:8081")]
    pub widget: SocketAddr,
    /// Prometheus metrics at /metrics.
    #[arg(long = "metrics-listen", env = "STALK_METRICS_LISTEN", default_value = "127.0.0.1:9090")]
    pub metrics: SocketAddr,
    /// The demo shop (with --demo), opened as http://localhost:PORT so that it is another site.
    #[arg(id = "demo_listen", long = "demo-listen", env = "STALK_DEMO_LISTEN", default_value = "127.0.0.1:8082")]
    pub demo: SocketAddr,
    /// The address operators type, such as https://chat.example.com. Default: the console listener.
    #[arg(long, env = "STALK_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// The address in the snippet, such as https://widget.example.com. Default: the widget listener.
    #[arg(long, env = "STALK_WIDGET_URL")]
    pub widget_url: Option<String>,
    /// Certificate chain in PEM form, the server's own first: console and widget then speak https. Read again when the file changes.
    #[arg(long, env = "STALK_TLS_CERTIFICATE", requires = "tls_key")]
    pub tls_certificate: Option<PathBuf>,
    /// The certificate's private key in PEM form.
    #[arg(long, env = "STALK_TLS_KEY", requires = "tls_certificate", hide_env_values = true)]
    pub tls_key: Option<PathBuf>,
    /// Host names of console and widget, separated by commas: the server orders and renews one certificate for them (ACME, TLS-ALPN-01).
    /// The names must lead to one of our two listeners on port 443.
    #[arg(long, env = "STALK_ACME_DOMAINS", value_delimiter = ',', conflicts_with = "tls_certificate")]
    pub acme_domains: Vec<String>,
    /// The e-mail address that the authority may write to.
    #[arg(long, env = "STALK_ACME_CONTACT", requires = "acme_domains")]
    pub acme_contact: Option<String>,
    /// The authority's directory. Default: Let's Encrypt, whose terms you accept by this.
    #[arg(long, env = "STALK_ACME_DIRECTORY", default_value = LETS_ENCRYPT)]
    pub acme_directory: String,
    /// PEM file of roots to trust when asking the authority, for one of your own.
    #[arg(long, env = "STALK_ACME_ROOTS", requires = "acme_domains")]
    pub acme_roots: Option<PathBuf>,
    /// Proxies whose X-Forwarded-For is believed: addresses, separated by commas.
    #[arg(long, env = "STALK_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<IpAddr>,
}

/// Database and folders.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Storage")]
pub struct Storage {
    /// Folder of the embedded database and of files. One process owns it.
    #[arg(long, env = "STALK_DATA", default_value = "./data")]
    pub data: PathBuf,
    /// postgres://… to keep everything in PostgreSQL; unset: SQLite in the data folder.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// postgres://… to keep visitor events and statistics in a database of their own; unset: beside everything else (on SQLite in events.db).
    #[arg(long, env = "EVENTS_DATABASE_URL", hide_env_values = true)]
    pub events_database_url: Option<String>,
    /// Days for which each single event of a visitor is kept; what was counted of it stays. At least 8.
    #[arg(long, env = "STALK_EVENTS_KEPT_DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(8..=3650))]
    pub events_kept_days: u32,
    /// Folder of attachments and photos. Several nodes need one that all of them share. Default: the folder `files` of the data folder.
    #[arg(long, env = "STALK_FILES")]
    pub files: Option<PathBuf>,
}

/// Redis, and what this node does there.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Several nodes")]
// The verb has the other name.
#[group(id = "SeveralNodes")]
pub struct Nodes {
    /// redis://HOST:PORT, rediss://… (TLS), several servers of a Redis Cluster separated by commas, or redis+sentinel://HOST:PORT,HOST:PORT/NAME.
    /// The same on every node. Several nodes need PostgreSQL as well.
    #[arg(long, env = "REDIS_URL", hide_env_values = true)]
    pub redis_url: Option<String>,
    /// What this node is called in lists of nodes. Default: the machine's name.
    #[arg(long, env = "STALK_NODE_NAME")]
    pub node_name: Option<String>,
    /// Where visitors reach this node itself, if that is another address than STALK_WIDGET_URL.
    #[arg(long, env = "STALK_NODE_URL")]
    pub node_url: Option<String>,
    /// What this node does, separated by commas.
    #[arg(long, env = "STALK_ROLES", value_enum, value_delimiter = ',', default_value = "session,channel,worker,web")]
    pub roles: Vec<Role>,
}

/// What a node may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Tells clients of XPUSH's own protocol which node to go to (/node on the widget's address).
    Session,
    /// Serves sockets and the HTTP fallback.
    Channel,
    /// Routes and wakes conversations, answers as the virtual agent, sends mail and webhooks.
    Worker,
    /// Serves console, API, loader, panel and files.
    Web,
}

impl Role {
    /// As it is written in settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Channel => "channel",
            Self::Worker => "worker",
            Self::Web => "web",
        }
    }
}

impl Nodes {
    /// The addresses of Redis; none without.
    pub fn redis_urls(&self) -> Vec<String> {
        match self.redis_url.as_deref().map(str::trim) {
            None | Some("") => Vec::new(),
            // Its own list stands inside the address.
            Some(url) if url.starts_with("redis+sentinel://") => vec![url.to_owned()],
            Some(urls) => urls.split(',').map(|url| url.trim().to_owned()).filter(|url| !url.is_empty()).collect(),
        }
    }

    /// Whether this node does that.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// Outgoing mail.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Mail")]
pub struct Mail {
    /// smtp://USER:PASSWORD@HOST:PORT, smtps://… or smtp://…?tls=required. Unset: mail is kept in the outbox and not sent.
    #[arg(long, env = "SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<String>,
    /// The sender of our mail.
    #[arg(long = "mail-from", env = "STALK_MAIL_FROM", default_value = "STALK <stalk@localhost.localdomain>")]
    pub from: String,
}

/// Who may come to a login by themselves.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Accounts")]
pub struct Accounts {
    /// Whether strangers may sign up and get a tenant of their own. Invitations work either way.
    #[arg(long, env = "STALK_SIGN_UP", value_enum, default_value_t = SignUp::Open)]
    pub sign_up: SignUp,
    /// The e-mail address of the account that runs the installation: it sees the nodes. Default: the owners of the first tenant.
    #[arg(long, env = "STALK_INSTANCE_OWNER")]
    pub instance_owner: Option<String>,
}

/// See [`Accounts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SignUp {
    /// Anybody who has an e-mail address.
    Open,
    /// Nobody.
    Closed,
}

/// Rates and counts; each refusal names the limit.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Limits")]
pub struct Limits {
    /// Posts a second that one visitor may go on with.
    #[arg(long, env = "STALK_POSTS_PER_SECOND", default_value_t = 10)]
    pub posts_per_second: u32,
    /// Posts that one visitor may make at once before the rate above holds.
    #[arg(long, env = "STALK_POST_BURST", default_value_t = 30)]
    pub post_burst: u32,
    /// Open connections of one address (0: no limit).
    #[arg(long, env = "STALK_CONNECTIONS_PER_ADDRESS", default_value_t = 20)]
    pub connections_per_address: usize,
    /// New visitors that one address may become in a minute.
    #[arg(long, env = "STALK_NEW_VISITORS_PER_MINUTE", default_value_t = 300)]
    pub new_visitors_per_minute: u32,
    /// Offline messages that one address may leave in an hour.
    #[arg(long, env = "STALK_OFFLINE_MESSAGES_PER_HOUR", default_value_t = 100)]
    pub offline_messages_per_hour: u32,
    /// Failed sign-ins in 15 minutes, per account and per address, before the next is refused.
    #[arg(long, env = "STALK_SIGN_IN_FAILURES", default_value_t = 10)]
    pub sign_in_failures: u32,
    /// Milliseconds that the head of a request may take, and that a connection without requests is kept.
    #[arg(long, env = "STALK_HEAD_TIMEOUT_MS", default_value_t = 20_000)]
    pub head_timeout_ms: u64,
    /// Sign-ups, password resets and uses of mailed links that one address may try in an hour.
    #[arg(long, env = "STALK_ACCOUNT_TRIES_PER_HOUR", default_value_t = 60)]
    pub account_tries_per_hour: u32,
    /// Requests that one API key may make in a minute.
    #[arg(long, env = "STALK_API_REQUESTS_PER_MINUTE", default_value_t = 600)]
    pub api_requests_per_minute: u32,
    /// Private networks that webhooks may be sent to all the same, such as 10.1.0.0/16, separated by commas. Everybody who signs up can then reach them.
    #[arg(long, env = "STALK_WEBHOOK_NETWORKS", value_delimiter = ',')]
    pub webhook_networks: Vec<String>,
    /// Space for the files of one tenant, in MiB.
    #[arg(long, env = "STALK_FILES_PER_TENANT_MIB", default_value_t = 10_240)]
    pub files_per_tenant_mib: u32,
    /// Heartbeat interval of sockets in milliseconds.
    #[arg(long, env = "STALK_HEARTBEAT_MS", default_value_t = 25_000)]
    pub heartbeat_ms: u64,
}

/// XPUSH's own protocol, and the choice of a node.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Sessions (XPUSH)")]
pub struct Sessions {
    /// Apps that anybody may connect to without a token, as the first XPUSH let everybody, separated by commas. Tenants' own apps are made in the console.
    #[arg(long = "xpush-open-app", env = "STALK_XPUSH_OPEN_APPS", value_delimiter = ',')]
    pub open_apps: Vec<String>,
    /// Opens the namespace /admin to monitoring programs that send it as `token`. Unset: nobody.
    #[arg(long = "xpush-admin-token", env = "STALK_XPUSH_ADMIN_TOKEN", hide_env_values = true)]
    pub admin_token: Option<String>,
    /// Sessions that one address may ask a node for in a minute.
    #[arg(long, env = "STALK_SESSIONS_PER_MINUTE", default_value_t = 600)]
    pub sessions_per_minute: u32,
    /// Connections at which this node is full; also its weight among others.
    #[arg(long, env = "STALK_NODE_CAPACITY", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub node_capacity: u32,
    /// Levels of load: from which load (0 to 1) a node's weight counts by which part only, for new channels, as FROM:WEIGHT in ascending order.
    #[arg(long, env = "STALK_ALLOCATION_LEVELS", value_delimiter = ',', default_value = "0.5:0.75,0.7:0.5,0.85:0.25,0.95:0", value_parser = parse_level)]
    pub allocation_levels: Vec<(f64, f64)>,
    /// A level is left only when the load is this far below where it begins.
    #[arg(long, env = "STALK_ALLOCATION_HYSTERESIS", default_value_t = 0.05, value_parser = parse_part)]
    pub allocation_hysteresis: f64,
    /// By which part of its share a node may exceed it to keep the members of a channel together.
    #[arg(long, env = "STALK_ALLOCATION_SLACK", default_value_t = 0.05, value_parser = parse_part)]
    pub allocation_slack: f64,
}

/// A number from 0 to 1.
fn parse_part(text: &str) -> Result<f64, String> {
    let part: f64 = text.trim().parse().map_err(|_| format!("{text} is not a number"))?;
    if (0.0..=1.0).contains(&part) { Ok(part) } else { Err(format!("{text} is not between 0 and 1")) }
}

/// `FROM:WEIGHT`.
fn parse_level(text: &str) -> Result<(f64, f64), String> {
    let (from, weight) = text.split_once(':').ok_or_else(|| format!("{text} is not FROM:WEIGHT, such as 0.5:0.75"))?;
    Ok((parse_part(from)?, parse_part(weight)?))
}

impl Listen {
    /// The console's origin, without a slash at the end.
    pub fn public_origin(&self) -> String {
        self.origin(self.public_url.as_deref(), self.console)
    }

    /// The widget's origin, without a slash at the end.
    pub fn widget_origin(&self) -> String {
        self.origin(self.widget_url.as_deref(), self.widget)
    }

    /// The demo shop's origin: another host name than the widget's.
    pub fn demo_origin(&self) -> String {
        format!("http://localhost:{}", self.demo.port())
    }

    fn origin(&self, configured: Option<&str>, listener: SocketAddr) -> String {
        let scheme = if self.tls_certificate.is_some() || !self.acme_domains.is_empty() { "https" } else { "http" };
        configured.map_or_else(|| format!("{scheme}://{listener}"), |url| url.trim_end_matches('/').to_owned())
    }

    /// True when the console is reached over https: cookies are then `__Host-` and secure.
    pub fn is_https(&self) -> bool {
        self.public_origin().starts_with("https://")
    }

    /// What contradicts itself, or is unsafe outside a try-out; logged at start.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.public_origin() == self.widget_origin() {
            warnings.push("STALK_PUBLIC_URL and STALK_WIDGET_URL are the same origin: a file or page of a visitor could then reach an operator's login; use two host names".to_owned());
        }
        if !self.acme_domains.is_empty() && (self.public_url.is_none() || self.widget_url.is_none()) {
            warnings.push("STALK_ACME_DOMAINS is set without STALK_PUBLIC_URL and STALK_WIDGET_URL: browsers refuse the certificate at an address that is not one of its names".to_owned());
        }
        if !self.is_https() && !self.console.ip().is_loopback() {
            warnings.push(
                "the console is served over plain http: logins can be read on the way; put TLS in front and set STALK_PUBLIC_URL=https://…"
                    .to_owned(),
            );
        }
        warnings
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn every_verb_is_well_formed_and_lists_of_redis_are_read() {
        Cli::command().debug_assert();
        let urls = |text: &str| match Cli::parse_from(["stalk", "nodes", "--redis-url", text]).command {
            Command::Nodes { nodes, .. } => nodes.redis_urls(),
            other => panic!("not nodes: {other:?}"),
        };
        assert_eq!(urls("redis://a, redis://b:7000"), ["redis://a", "redis://b:7000"]);
        assert_eq!(urls("redis+sentinel://a,b/main"), ["redis+sentinel://a,b/main"]);
        assert!(urls(" ").is_empty());
    }

    #[test]
    fn levels_are_read_and_what_is_none_is_said() {
        assert_eq!(parse_level("0.5:0.75"), Ok((0.5, 0.75)));
        assert_eq!(parse_level("0.5"), Err("0.5 is not FROM:WEIGHT, such as 0.5:0.75".to_owned()));
        assert_eq!(parse_level("0.5:2"), Err("2 is not between 0 and 1".to_owned()));
        assert_eq!(parse_part("much"), Err("much is not a number".to_owned()));
    }
}
