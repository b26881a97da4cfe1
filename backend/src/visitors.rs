//! People on a site. A visitor is first only a signed ticket; a row is made when they do something worth keeping.
//! Knows sites only; their conversations and visits are elsewhere.

mod attributes;
pub mod device;
pub mod identity;
mod lately;
mod store;
pub mod ticket;

pub use attributes::{VisitorUpdate, valid_attributes};
pub use lately::Lately;

use serde_json::{Map, Value};
use sqlx::types::Json;

use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx};
use crate::ids::{DeviceId, SiteId, TenantId, VisitorId};
use crate::scope::{SiteScope, TenantScope};

/// A visitor as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Visitor {
    /// Also the participant id in every log; never changes.
    pub id: VisitorId,
    /// The site they are on.
    pub site_id: SiteId,
    /// What they call themselves.
    pub name: Option<String>,
    /// Where they can be reached.
    pub email: Option<String>,
    /// Their browser's language.
    pub language: Option<String>,
    /// Their browser.
    pub user_agent: Option<String>,
    /// Where their clock stands, as the browser says.
    pub time_zone: Option<String>,
    /// Who they are to the shop's own server.
    pub external_id: Option<String>,
    /// What the shop or its operators know of them: texts, numbers, yes and no.
    pub attributes: Json<Map<String, Value>>,
    /// When they answered the questions before the chat.
    pub prechat_at: Option<Millis>,
    /// The address they have proven to read, or that the shop signed.
    pub confirmed_email: Option<String>,
    /// Since when everything of them is gone.
    pub erased_at: Option<Millis>,
    /// First and last time something was kept of them.
    pub first_seen_at: Millis,
    /// See above.
    pub last_seen_at: Millis,
}

/// What is known of a visitor at the moment they act.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Profile {
    /// Browser language.
    pub language: Option<String>,
    /// User-Agent header, cut.
    pub user_agent: Option<String>,
    /// Name of the browser's time zone.
    pub time_zone: Option<String>,
    /// Given name, where a form asked for it.
    pub name: Option<String>,
    /// Given address, where a form asked for it.
    pub email: Option<String>,
}

/// How a visitor without a name is called: the last four digits of the id.
pub fn label(id: VisitorId, name: Option<&str>) -> String {
    let digits = id.0.simple().to_string().to_uppercase();
    name.map_or_else(|| format!("Visitor {}", &digits[digits.len() - 4..]), ToOwned::to_owned)
}

/// One visitor of the tenant.
pub async fn find(db: &Db, scope: TenantScope, id: VisitorId) -> DbResult<Option<Visitor>> {
    store::find(db, scope, id).await
}

/// Of many, at once: the rows of those who have one, each with the place of its key.
pub async fn find_all(db: &Db, keys: &[(TenantId, VisitorId)]) -> DbResult<Vec<(i64, Visitor)>> {
    store::find_all(db, keys).await
}

/// Changes what is named, and merges the attributes; `None` where there is no such visitor, else whether the attributes still fit.
pub async fn update(tx: &mut Tx, scope: TenantScope, id: VisitorId, update: &VisitorUpdate) -> DbResult<Option<bool>> {
    store::update(tx, scope, id, update).await
}

/// Remembers that the visitor has answered the questions before the chat.
pub async fn update_prechat(tx: &mut Tx, scope: SiteScope, id: VisitorId, now: Millis) -> DbResult<()> {
    store::update_prechat(tx, scope, id, now).await
}

/// A visitor at the moment they act.
#[derive(Clone, Debug)]
pub struct Acting {
    /// Their site.
    pub scope: SiteScope,
    /// They themselves.
    pub visitor: VisitorId,
    /// On which browser profile.
    pub device: DeviceId,
    /// What is known of them.
    pub profile: Profile,
}

/// Makes the rows of visitors and their devices, or brings them up to date with what is known now. One of each at most; their rows are locked.
pub async fn upsert(tx: &mut Tx, acting: &[Acting], now: Millis) -> DbResult<()> {
    store::upsert(tx, acting, now).await
}

/// Locks visitors' rows, where there are several writers, in the order of their ids; what is not there is not locked. Answers who of them became part
/// of whom.
pub async fn lock(tx: &mut Tx, ids: &[(TenantId, VisitorId)]) -> DbResult<Vec<(VisitorId, VisitorId)>> {
    store::lock(tx, ids).await
}
