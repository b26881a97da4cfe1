//! Apps: realms of channels for clients that speak XPUSH's own protocol, apart from conversations. An app is *open*, then whoever knows its key
//! comes in as whoever they say, as the first XPUSH let everybody; or it asks for a *token* that its tenant's program signs.

mod cache;
mod model;
mod store;

pub use cache::ChannelApps;
pub use model::{AppMode, ChannelApp, Comer, NewChannelApp};

use crate::clock::Clock;
use crate::db::{Db, DbResult, Tx};
use crate::ids::ChannelAppId;
use crate::scope::TenantScope;
use crate::text;

/// Apps of one tenant at most.
pub const MOST: i64 = 20;
/// Characters of a name at most.
pub const NAME_MAX: usize = 60;
/// Bytes of a user's name at most, as on the wire.
const USER_MAX: usize = 256;

/// All apps of the tenant, oldest first.
pub async fn list(db: &Db, scope: TenantScope) -> DbResult<Vec<ChannelApp>> {
    store::list(db, scope).await
}

/// One of them.
pub async fn find(db: &Db, scope: TenantScope, id: ChannelAppId) -> DbResult<Option<ChannelApp>> {
    Ok(list(db, scope).await?.into_iter().find(|app| app.id == id))
}

/// Makes one with a key and a secret of its own; `None` where the tenant has as many as it may.
pub async fn insert(tx: &mut Tx, scope: TenantScope, clock: &Clock, new: &NewChannelApp) -> DbResult<Option<ChannelAppId>> {
    if store::count(tx, scope).await? >= MOST {
        return Ok(None);
    }
    let id: ChannelAppId = clock.new_id();
    store::insert(tx, scope, (id, new), (&text::random_word(16), &text::random_word(40)), clock.now()).await?;
    Ok(Some(id))
}

/// Changes what is `Some`; false where there is no such app.
pub async fn update(tx: &mut Tx, scope: TenantScope, id: ChannelAppId, name: Option<&str>, mode: Option<AppMode>) -> DbResult<bool> {
    store::update(tx, scope, id, name, mode).await
}

/// Another secret; tokens of the one before are worth nothing at once.
pub async fn rotate_secret(tx: &mut Tx, scope: TenantScope, id: ChannelAppId) -> DbResult<bool> {
    store::update_secret(tx, scope, id, &text::random_word(40)).await
}

/// Removes an app; false where there is none.
pub async fn delete(tx: &mut Tx, scope: TenantScope, id: ChannelAppId) -> DbResult<bool> {
    store::delete(tx, scope, id).await
}
