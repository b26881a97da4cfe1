//! Login sessions in our own database: tower-sessions keeps its record as JSON, and tenant and operator stand beside it so that a
//! person's logins can be listed and ended. Our own clock says when one is over.

mod store;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

pub use store::LoginSession;

use crate::clock::{Clock, DAY, Millis};
use crate::db::{Db, DbResult, Tx};
use crate::ids::{OperatorId, TenantId};
use crate::scope::{SystemScope, TenantScope};
use crate::text;

/// The key of the login inside a session.
pub const LOGIN: &str = "login";
/// A login that is not used for so long is over.
pub const LIFETIME: Millis = 30 * DAY;
/// "Last seen" is written so often at most.
const SEEN_EVERY: Millis = 60_000;
/// More logins than this are forgotten together; each is then written once more.
const MOST: usize = 100_000;

/// Who is signed in, and from where.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Login {
    /// Their tenant.
    pub tenant: TenantId,
    /// They themselves.
    pub operator: OperatorId,
    /// The browser, as it says.
    #[serde(default)]
    pub user_agent: Option<String>,
    /// The address at sign-in.
    #[serde(default)]
    pub address: Option<String>,
    /// When the cookie was last renewed.
    #[serde(default)]
    pub renewed_at: Millis,
}

/// The name of a session towards sockets and lists: derived, so that neither carries the cookie.
pub fn name(session_id: &str) -> String {
    text::hex(&text::fingerprint(&serde_json::Value::from(session_id))[..16])
}

/// Logins of an operator that are not over, the newest first.
pub async fn list(db: &Db, scope: TenantScope, operator: OperatorId, now: Millis) -> DbResult<Vec<LoginSession>> {
    store::list(db, scope, operator, now).await
}

/// Ends one of an operator's logins by its name; false when there is none.
pub async fn delete(tx: &mut Tx, scope: TenantScope, operator: OperatorId, which: &str) -> DbResult<bool> {
    let all = store::list_ids(tx, scope, operator).await?;
    let Some(id) = all.into_iter().find(|id| name(id) == which) else { return Ok(false) };
    store::delete_one(tx, scope, operator, &id).await
}

/// Ends an operator's logins but the one named `except`; answers the names of those that ended.
pub async fn delete_all(tx: &mut Tx, scope: TenantScope, operator: OperatorId, except: Option<&str>) -> DbResult<Vec<String>> {
    let mut ended = Vec::new();
    for id in store::list_ids(tx, scope, operator).await? {
        let name = name(&id);
        if Some(name.as_str()) != except {
            store::delete_one(tx, scope, operator, &id).await?;
            ended.push(name);
        }
    }
    Ok(ended)
}

/// The store that tower-sessions reads and writes.
#[derive(Clone, Debug)]
pub struct LoginSessions {
    db: Db,
    clock: Clock,
    seen: Arc<Mutex<HashMap<String, Millis>>>,
}

impl LoginSessions {
    /// On this database, by this clock.
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock, seen: Arc::default() }
    }

    /// Remembers that a login was used, at most once a minute, and where: what is not told is left.
    pub async fn note_seen(&self, id: &str, address: Option<&str>) -> DbResult<()> {
        let now = self.clock.now();
        let due = self.seen.lock().is_ok_and(|mut seen| {
            if seen.len() >= MOST {
                seen.clear();
            }
            let due = seen.get(id).is_none_or(|last| now - last >= SEEN_EVERY);
            if due {
                seen.insert(id.to_owned(), now);
            }
            due
        });
        if due { store::update_seen(&self.db, SystemScope::of_the_system(), id, address, now).await } else { Ok(()) }
    }

    fn row(&self, record: &Record) -> Result<store::Row> {
        let login: Option<Login> = record.data.get(LOGIN).and_then(|value| serde_json::from_value(value.clone()).ok());
        let data = serde_json::to_string(record).map_err(|error| Error::Encode(error.to_string()))?;
        let now = self.clock.now();
        Ok(store::Row { id: record.id.to_string(), login, data, now, expires_at: now + LIFETIME })
    }
}

fn backend(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for LoginSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // Ids are 127 random bits: two alike do not happen.
        store::insert(&self.db, SystemScope::of_the_system(), &self.row(record)?).await.map_err(backend)
    }

    async fn save(&self, record: &Record) -> Result<()> {
        // A row that is gone stays gone: a request that was under way when its login ended must not bring it back.
        store::update(&self.db, SystemScope::of_the_system(), &self.row(record)?).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let data = store::find(&self.db, SystemScope::of_the_system(), &id.to_string(), self.clock.now()).await.map_err(backend)?;
        data.map(|data| serde_json::from_str(&data).map_err(|error| Error::Decode(error.to_string()))).transpose()
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        store::delete(&self.db, SystemScope::of_the_system(), &id.to_string()).await.map_err(backend)
    }
}
