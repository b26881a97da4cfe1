//! The console's REST interface, as far as scenarios need it: sign-in, the site's key, socket tokens, the final truth.

use std::time::Duration;

use reqwest::redirect::Policy;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::client::read_entry;
use crate::fault::{Result, fault};
use crate::history::{Entry, Truth};

/// A signed-in operator's browser, without the browser.
#[derive(Debug, Clone)]
pub struct Console {
    http: reqwest::Client,
    url: String,
}

/// What scenarios need of a conversation.
#[derive(Debug, Clone, Deserialize)]
pub struct Conversation {
    pub id: String,
    pub channel: String,
    pub last_seq: u64,
}

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct LogPage {
    items: Vec<Value>,
}

#[derive(Deserialize)]
struct Site {
    id: String,
    key: String,
}

#[derive(Deserialize)]
struct Crowd {
    key: Option<String>,
    members: usize,
}

#[derive(Deserialize)]
struct Operator {
    present: bool,
}

#[derive(Deserialize)]
struct Nodes {
    items: Vec<Node>,
}

/// A node of the installation.
#[derive(Debug, Clone, Deserialize)]
pub struct Node {
    pub id: String,
    pub name: String,
}

#[derive(Deserialize)]
struct Token {
    token: String,
}

impl Console {
    /// Signs in by the form; the login session lives on in a cookie.
    pub async fn sign_in(url: &str, email: &str, password: &str) -> Result<Self> {
        let http = reqwest::Client::builder().cookie_store(true).redirect(Policy::none()).timeout(Duration::from_secs(10)).build()?;
        let form = [("email", email), ("password", password)];
        let answer = http.post(format!("{url}/sign-in")).header("Origin", url).form(&form).send().await?;
        if answer.status() != 303 {
            return fault(format!("sign-in answered {}, expected 303", answer.status()));
        }
        Ok(Self { http, url: url.to_owned() })
    }

    /// The public key of the first site.
    pub async fn site_key(&self) -> Result<String> {
        let sites: Page<Site> = self.get("/api/v1/sites").await?;
        match sites.items.into_iter().next() {
            Some(site) => Ok(site.key),
            None => fault("the demo tenant has no site"),
        }
    }

    /// Makes a crowd with this key on the first site.
    pub async fn create_crowd(&self, key: &str) -> Result<()> {
        let sites: Page<Site> = self.get("/api/v1/sites").await?;
        let Some(site) = sites.items.into_iter().next() else { return fault("the demo tenant has no site") };
        let request = self.http.post(format!("{}/api/v1/sites/{}/crowds", self.url, site.id)).header("Origin", &self.url);
        request.json(&json!({"key": key, "name": key})).send().await?.error_for_status()?;
        Ok(())
    }

    /// The same browser at another node: a login is one of all nodes.
    #[must_use]
    pub fn at(&self, url: &str) -> Self {
        Self { http: self.http.clone(), url: url.to_owned() }
    }

    /// How many members the crowd with this key has, as this node counts.
    pub async fn members(&self, key: &str) -> Result<usize> {
        let sites: Page<Site> = self.get("/api/v1/sites").await?;
        let Some(site) = sites.items.into_iter().next() else { return fault("the demo tenant has no site") };
        let crowds: Page<Crowd> = self.get(&format!("/api/v1/sites/{}/crowds", site.id)).await?;
        let found = crowds.items.into_iter().find(|crowd| crowd.key.as_deref() == Some(key));
        found.map(|crowd| crowd.members).ok_or_else(|| format!("no crowd has the key {key}").into())
    }

    /// How many operators are present, as this node knows.
    pub async fn present(&self) -> Result<usize> {
        let operators: Page<Operator> = self.get("/api/v1/operators").await?;
        Ok(operators.items.iter().filter(|operator| operator.present).count())
    }

    /// The nodes that this node knows, by name.
    pub async fn nodes(&self) -> Result<Vec<Node>> {
        Ok(self.get::<Nodes>("/api/v1/nodes").await?.items)
    }

    /// A token with which an operator's socket says hello. A server that says when to come again is asked then.
    pub async fn socket_token(&self) -> Result<String> {
        loop {
            let request = self.http.post(format!("{}/api/v1/me/socket-tokens", self.url)).header("Origin", &self.url);
            let answer = request.json(&json!({})).send().await?;
            if answer.status() != 503 {
                return Ok(answer.error_for_status()?.json::<Token>().await?.token);
            }
            match answer.json::<Value>().await?["retry_after_ms"].as_u64() {
                Some(wait) => sleep(Duration::from_millis(wait)).await,
                None => return fault("no token now"),
            }
        }
    }

    /// Asks for something that needs the login and the database.
    pub async fn ask(&self) -> Result<()> {
        self.get::<Page<Conversation>>("/api/v1/conversations?status=open&limit=10").await.map(drop)
    }

    /// Every conversation, whatever its status.
    pub async fn conversations(&self) -> Result<Vec<Conversation>> {
        let mut all = Vec::new();
        for status in ["open", "resolved"] {
            let mut cursor = String::new();
            loop {
                let path = format!("/api/v1/conversations?status={status}&limit=200{cursor}");
                let page: Page<Conversation> = self.get(&path).await?;
                all.extend(page.items);
                let Some(next) = page.next_cursor else { break };
                cursor = format!("&cursor={next}");
            }
        }
        Ok(all)
    }

    /// The logs of all conversations, from seq 1 to their tops.
    pub async fn truth(&self) -> Result<Truth> {
        let mut truth = Truth::new();
        for conversation in self.conversations().await? {
            let log = self.log(&conversation.id).await?;
            truth.insert(conversation.id, log);
        }
        Ok(truth)
    }

    async fn log(&self, conversation: &str) -> Result<Vec<Entry>> {
        let mut log: Vec<Entry> = Vec::new();
        loop {
            let after = log.last().map_or(0, |entry| entry.seq);
            let path = format!("/api/v1/conversations/{conversation}/messages?after={after}&limit=200");
            let page: LogPage = self.get(&path).await?;
            if page.items.is_empty() {
                return Ok(log);
            }
            for item in &page.items {
                log.push(read_entry(item).ok_or_else(|| format!("{path}: not a log entry: {item}"))?);
            }
            if log.last().is_some_and(|entry| entry.seq <= after) {
                return fault(format!("{path} does not go on"));
            }
        }
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T> {
        let answer = self.http.get(format!("{}{path}", self.url)).send().await?.error_for_status()?;
        let text = answer.text().await?;
        serde_json::from_str(&text).map_err(|error| format!("GET {path}: {error} in {text:.300}").into())
    }
}
