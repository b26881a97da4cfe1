//! Keys of tenants' programs. A key asks in the name of the operator who made it and may what its scopes name, and never more than that operator
//! may; it ends with them. Only a hash of its secret is kept.

mod model;
mod store;

pub use model::{ApiKey, KeyScope, Needed, NewApiKey, SECRET_PREFIX, needed};

use crate::clock::{Clock, Millis};
use crate::db::{Db, DbResult, Tx};
use crate::ids::{ApiKeyId, OperatorId};
use crate::scope::{SystemScope, TenantScope};
use crate::text;

/// Keys of one tenant at most.
pub const MOST: i64 = 50;
/// Characters of a name at most.
pub const NAME_MAX: usize = 60;
/// When a key was last used is noted this often.
const NOTED: Millis = 60_000;

/// How sockets know the login of a key.
pub fn login_name(key: ApiKeyId) -> String {
    format!("key-{key}")
}

/// All keys of the tenant, newest first.
pub async fn list(db: &Db, scope: TenantScope) -> DbResult<Vec<ApiKey>> {
    store::list(db, scope).await
}

/// Makes a key; the secret is told here and never again. `None` where the tenant has as many as it may.
pub async fn insert(tx: &mut Tx, scope: TenantScope, clock: &Clock, new: &NewApiKey) -> DbResult<Option<(ApiKeyId, String)>> {
    if store::count(tx, scope).await? >= MOST {
        return Ok(None);
    }
    let secret = format!("{SECRET_PREFIX}{}", text::random_word(40));
    let id: ApiKeyId = clock.new_id();
    let hint = secret[secret.len() - 4..].to_owned();
    store::insert(tx, scope, (id, new), (&hint, &text::sha256(secret.as_bytes())), clock.now()).await?;
    Ok(Some((id, secret)))
}

/// Ends a key; answers whose it was, or `None` where there is no such key.
pub async fn delete(tx: &mut Tx, scope: TenantScope, id: ApiKeyId) -> DbResult<Option<OperatorId>> {
    store::delete(tx, scope, id).await
}

/// The key with this secret, if it still holds. That it was used is noted now and then.
pub async fn find_by_secret(db: &Db, system: SystemScope, clock: &Clock, secret: &str) -> DbResult<Option<ApiKey>> {
    let now = clock.now();
    let found = store::find_by_hash(db, system, &text::sha256(secret.as_bytes())).await?;
    let Some(key) = found.filter(|key| key.expires_at.is_none_or(|at| at > now)) else { return Ok(None) };
    if key.last_used_at.is_none_or(|at| now - at > NOTED)
        && let Err(error) = store::update_used(db, TenantScope::proven(key.tenant_id), key.id, now).await
    {
        // Nobody is refused because a note could not be written.
        tracing::warn!(error = %error, "when an API key was last used could not be stored");
    }
    Ok(Some(key))
}
