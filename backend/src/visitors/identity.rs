//! Visitors whom the shop's own server knows: what its signed token says, and how the anonymous visitor of a browser becomes part of them.
//! Merging sets `merged_into` and rewrites nothing: every entry keeps the sender who wrote it.

mod store;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::attributes::{VisitorUpdate, valid_attributes};
use crate::clock::{Clock, DAY, Millis};
use crate::db::{Db, DbError, DbResult, Tx};
use crate::ids::VisitorId;
use crate::scope::{SiteScope, TenantScope};
use crate::signing::jwt;
use crate::text::{self, Fields};

/// What a token says of a visitor, cleaned.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Who they are to the shop.
    pub external_id: String,
    /// Their name.
    pub name: Option<String>,
    /// Their address, which counts as confirmed.
    pub email: Option<String>,
    /// What else the shop tells.
    pub attributes: Map<String, Value>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    name: Option<String>,
    email: Option<String>,
    #[serde(default)]
    attributes: Map<String, Value>,
}

/// The identity of a token that one of the site's secrets signed, or why it is refused.
pub fn read(token: &str, secrets: &[String], clock: &Clock) -> Result<Identity, String> {
    let claims: Claims = jwt::claims(token, secrets, clock.now() / 1000).map_err(|error| error.to_string())?;
    let mut fields = Fields::new();
    let external_id = text::required(&mut fields, "sub", &claims.sub, 200);
    let given = |value: Option<String>| value.filter(|value| !value.trim().is_empty());
    let name = given(claims.name).map(|name| text::clean_line(&text::required(&mut fields, "name", &name, text::NAME_MAX)));
    let email = given(claims.email).map(|email| text::email(&mut fields, "email", &email));
    let attributes = valid_attributes(&mut fields, claims.attributes);
    match fields.iter().next() {
        None => Ok(Identity { external_id, name, email, attributes }),
        Some((name, what)) => Err(format!("its claim {name} {what}")),
    }
}

/// The visitor that a proven identity names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identified {
    /// Who.
    pub visitor: VisitorId,
    /// Somebody anonymous of whom something was stored has just become part of them.
    pub merged: bool,
}

/// Finds or makes the identified visitor, brings them up to date, and merges the anonymous one into them, once and for ever.
pub async fn identify(db: &Db, clock: &Clock, scope: SiteScope, anonymous: Option<VisitorId>, identity: &Identity) -> DbResult<Identified> {
    match try_identify(db, clock, scope, anonymous, identity).await {
        // Another connection made the same visitor a moment earlier.
        Err(DbError::Duplicate) => try_identify(db, clock, scope, anonymous, identity).await,
        other => other,
    }
}

async fn try_identify(db: &Db, clock: &Clock, scope: SiteScope, anonymous: Option<VisitorId>, identity: &Identity) -> DbResult<Identified> {
    let now = clock.now();
    let mut tx = db.begin().await?;
    let visitor = if let Some(known) = store::find(&mut tx, scope, &identity.external_id).await? {
        known
    } else {
        let new = clock.new_id();
        store::insert(&mut tx, scope, new, &identity.external_id, now).await?;
        new
    };
    let anonymous = anonymous.filter(|anonymous| *anonymous != visitor);
    if let Some(anonymous) = anonymous {
        super::store::lock(&mut tx, &[(scope.tenant(), anonymous), (scope.tenant(), visitor)]).await?;
    }
    let update = VisitorUpdate {
        name: identity.name.clone().map(Some),
        email: identity.email.clone().map(Some),
        attributes: identity.attributes.clone(),
    };
    super::store::update(&mut tx, scope.wide(), visitor, &update).await?;
    store::touch(&mut tx, scope, visitor, identity.email.as_deref(), now).await?;
    let merged = match anonymous {
        Some(anonymous) => merge(&mut tx, scope, anonymous, visitor, now).await?,
        None => false,
    };
    tx.commit().await?;
    Ok(Identified { visitor, merged })
}

/// True when somebody was merged of whom something was stored.
async fn merge(tx: &mut Tx, scope: SiteScope, from: VisitorId, into: VisitorId, now: Millis) -> DbResult<bool> {
    let may = store::may_be_merged(tx, scope, from).await?;
    Ok(may != Some(false) && store::merge(tx, scope, from, into, now).await? && may.is_some())
}

/// Everybody who became part of this visitor.
pub async fn merged_into(db: &Db, scope: TenantScope, visitor: VisitorId) -> DbResult<Vec<VisitorId>> {
    store::merged_into(db, scope, visitor).await
}

/// Those of them who wrote, or may have: who signs in each day from a new browser becomes many, most of whom never said a word.
pub async fn merged_who_wrote(db: &Db, scope: TenantScope, visitor: VisitorId, now: Millis) -> DbResult<Vec<VisitorId>> {
    store::merged_who_wrote(db, scope, visitor, now - DAY).await
}
