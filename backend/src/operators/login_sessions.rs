//! Login sessions in our own database: tower-sessions keeps its record as JSON, and tenant and operator stand beside it so that a
//! person's logins can be found and ended.

mod store;

use async_trait::async_trait;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use crate::db::Db;
use crate::ids::{OperatorId, TenantId};
use crate::scope::SystemScope;

/// The key of the login inside a session.
pub const LOGIN: &str = "login";

/// Who is signed in.
#[derive(Clone, Copy, Debug, serde::Serialize, serde::Deserialize)]
pub struct Login {
    /// Their tenant.
    pub tenant: TenantId,
    /// They themselves.
    pub operator: OperatorId,
}

/// The store that tower-sessions reads and writes.
#[derive(Clone, Debug)]
pub struct LoginSessions {
    db: Db,
}

impl LoginSessions {
    /// On this database.
    pub fn new(db: Db) -> Self {
        Self { db }
    }
}

fn backend(error: impl std::fmt::Display) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for LoginSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // Ids are 127 random bits: two alike do not happen.
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let login: Option<Login> = record.data.get(LOGIN).and_then(|value| serde_json::from_value(value.clone()).ok());
        let data = serde_json::to_string(record).map_err(|error| Error::Encode(error.to_string()))?;
        let row = store::Row { id: record.id.to_string(), login, data, expires_at: record.expiry_date.unix_timestamp() * 1000 };
        store::upsert(&self.db, SystemScope::of_the_system(), &row).await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let now = time::OffsetDateTime::now_utc();
        let data =
            store::find(&self.db, SystemScope::of_the_system(), &id.to_string(), now.unix_timestamp() * 1000).await.map_err(backend)?;
        data.map(|data| serde_json::from_str(&data).map_err(|error| Error::Decode(error.to_string()))).transpose()
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        store::delete(&self.db, SystemScope::of_the_system(), &id.to_string()).await.map_err(backend)
    }
}
