//! The release binary, pinned and with the limits of one client lifted, and what its clients say: hellos of visitors and operators, posts.

use std::net::SocketAddr;

use serde_json::json;

use super::Bench;
use super::fleet::{Call, Fleet, Heard, Id};
use super::marks::{self, Mark};
use super::wire::Dialect;
use crate::dice::Dice;
use crate::fault::{Result, fault};
use crate::postgres::Postgres;
use crate::rest::Console;
use crate::server::{Server, Setup};

/// One client speaks for hundreds here; what bounds one person must not bound it.
const LIMITS: [(&str, &str); 5] = [
    ("STALK_CONNECTIONS_PER_ADDRESS", "0"),
    ("STALK_NEW_VISITORS_PER_MINUTE", "10000000"),
    ("STALK_POSTS_PER_SECOND", "1000000"),
    ("STALK_POST_BURST", "1000000"),
    ("STALK_LOG", "warn"),
];
/// Bytes of a message's text.
const TEXT: usize = 200;

/// Where the product keeps things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    Sqlite,
    Postgres,
}

impl Store {
    /// The end of a row's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// A running product with its demo shop.
#[derive(Debug)]
pub struct Product {
    pub server: Server,
    pub console: Console,
    site_key: String,
    dice: Dice,
    postgres: Option<Postgres>,
}

impl Product {
    /// Starts one on empty storage. PostgreSQL runs on both cores: it is neither server nor generator.
    pub async fn start(bench: &Bench, store: Store) -> Result<Self> {
        let out = &bench.plan.out;
        let postgres = match store {
            Store::Sqlite => None,
            Store::Postgres => {
                let postgres = Postgres::start(out).await?;
                bench.cores.release(postgres.pid())?;
                Some(postgres)
            }
        };
        let binary = bench.cores.starter(&bench.plan.binary, out)?;
        let environment = LIMITS.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let database_url = postgres.as_ref().map(Postgres::url);
        let setup = Setup { binary, database_url, demo: true, log: out.join("product.log"), environment };
        let server = Server::start(setup).await?;
        let email = server.printed("Sign in as").await?;
        let console = Console::sign_in(&server.console_url(), &email, &server.printed("Password").await?).await?;
        let site_key = console.site_key().await?;
        Ok(Self { server, console, site_key, dice: Dice::new(1), postgres })
    }

    /// Stops it and its database.
    pub async fn stop(mut self) -> Result<()> {
        self.server.kill().await?;
        match self.postgres.take() {
            Some(postgres) => postgres.stop().await,
            None => Ok(()),
        }
    }

    /// Its process id.
    pub fn pid(&self) -> Result<u32> {
        self.server.pid().ok_or_else(|| "the server ended by itself".into())
    }

    /// A visitor's call: with a ticket the one it was given to, without a new one. `lite` is a loader whose panel is closed.
    pub fn visitor(&mut self, ticket: Option<&str>, lite: bool) -> Result<Call> {
        let hello = json!({
            "v": 1, "site": self.site_key, "ticket": ticket, "device": self.dice.uuid(), "language": "en", "visit": self.dice.uuid(),
            "page": {"url": format!("{}/", self.server.shop_origin()), "title": "Shop", "referrer": ""}, "after": {}, "lite": lite,
        });
        Ok(Call {
            address: address(&self.server.widget_url())?,
            dialect: Dialect::Frames,
            origin: self.server.shop_origin(),
            hello: hello.to_string(),
        })
    }

    /// A call of the operator's console.
    pub async fn operator(&self) -> Result<Call> {
        let token = self.console.socket_token().await?;
        Ok(Call {
            address: address(&self.server.console_url())?,
            dialect: Dialect::SocketIo,
            origin: self.server.console_url(),
            hello: json!({"v": 1, "token": token}).to_string(),
        })
    }

    /// The params of a visitor's `message.post`.
    pub fn post(&mut self, mark: Mark) -> String {
        let id = self.dice.uuid();
        format!(r#"{{"client_message_id":"{id}","conversation":null,"text":"{}"}}"#, marks::text(mark, TEXT))
    }

    /// The params of an `event.post` that tells of a page whose title is this mark.
    pub fn page(&mut self, visit: &str, mark: Mark, now_ms: u64) -> String {
        let (id, url) = (self.dice.uuid(), format!("{}/page/{}", self.server.shop_origin(), mark.number));
        let title = marks::text(mark, 0);
        format!(
            r#"{{"events":[{{"event_id":"{id}","name":"page.enter","at":{now_ms},"visit":"{visit}","page":{{"url":"{url}","title":"{title}","referrer":""}},"props":{{}}}}]}}"#
        )
    }

    /// A new id, of a visit or of a message.
    pub fn id(&mut self) -> String {
        self.dice.uuid().to_string()
    }

    /// Has so many visitors come at most `window` at a time; returns them with their tickets.
    pub fn visitors(&mut self, fleet: &mut Fleet, count: usize, lite: bool, window: usize) -> Result<Vec<(Id, String)>> {
        let calls = (0..count).map(|_| self.visitor(None, lite)).collect::<Result<Vec<_>>>()?;
        let mut tickets = Vec::with_capacity(count);
        fleet.gather(calls, window, std::time::Duration::from_mins(2), &mut |id, heard| {
            if let Heard::Welcome(text) = heard
                && let Some(ticket) = super::wire::field(text, "ticket")
            {
                tickets.push((id, ticket.to_owned()));
            }
        })?;
        if tickets.len() < count {
            return fault(format!("{} of {count} visitors were given a ticket", tickets.len()));
        }
        // In the order of their numbers, which is not that of their welcomes.
        tickets.sort_unstable();
        Ok(tickets)
    }
}

fn address(url: &str) -> Result<SocketAddr> {
    Ok(url.trim_start_matches("http://").parse()?)
}
