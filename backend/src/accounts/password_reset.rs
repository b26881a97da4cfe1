//! A forgotten password: a letter with a link that is good for an hour and once, and ends every login when it was used.

use super::token::{self, Token};
use super::{address, store, take_letter, unrendered};
use crate::clock::{Clock, Millis};
use crate::db::{Db, DbResult};
use crate::error::{Error, Result};
use crate::ids::{OperatorId, TenantId};
use crate::jobs::{self, Job};
use crate::mail::{self, AccountMail};
use crate::operators::{self, Operator, login_sessions, password};
use crate::scope::{SystemScope, TenantScope};
use crate::text::Fields;

/// A link is good for so long.
const LIFETIME: Millis = 60 * 60 * 1000;

/// Whose password was changed, and the names of their logins that ended.
pub struct Done {
    /// Their tenant.
    pub tenant: TenantId,
    /// They.
    pub operator: OperatorId,
    /// Names of logins.
    pub ended: Vec<String>,
}

/// Puts a letter into the outbox, if somebody has this address. Answers the address as understood, and does the same work in both cases.
pub async fn ask(db: &Db, clock: &Clock, origin: &str, typed: &str, language: &str) -> Result<String> {
    let system = SystemScope::of_the_system();
    let mut fields = Fields::new();
    let email = address(&mut fields, typed);
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let found = operators::find_by_email(db, system, &email).await?.filter(Operator::is_active);
    let token = Token::fresh();
    let link = format!("{origin}/reset-password?token={}", token.text);
    let language = found.as_ref().and_then(|operator| operator.language.clone()).unwrap_or_else(|| language.to_owned());
    let letter = mail::account(&email, &language, &AccountMail::Reset { link: &link }).map_err(|error| unrendered(&error))?;

    let mut tx = db.begin().await?;
    if take_letter(&mut tx, clock, &email).await? {
        let now = clock.now();
        let whose = found.as_ref().map(|operator| (operator.tenant_id, operator.id));
        store::delete_resets_before(&mut tx, system, now).await?;
        store::insert_reset(&mut tx, system, &token.hash, whose, (now, now + LIFETIME)).await?;
        match &found {
            Some(operator) => jobs::enqueue(&mut tx, TenantScope::proven(operator.tenant_id), clock, &Job::Mail(letter)).await?,
            None => jobs::enqueue_nothing(&mut tx, system, clock, &Job::Mail(letter)).await?,
        }
        tx.commit().await?;
    }
    Ok(email)
}

/// True while a link is good.
pub async fn is_good(db: &Db, clock: &Clock, token: &str) -> DbResult<bool> {
    Ok(store::find_reset(db, SystemScope::of_the_system(), &token::hash(token), clock.now()).await?.is_some())
}

/// Stores the new password and ends every login; `None` when the link is not good (any more).
pub async fn finish(db: &Db, clock: &Clock, origin: &str, token: &str, new_password: String) -> Result<Option<Done>> {
    let system = SystemScope::of_the_system();
    let mut fields = Fields::new();
    password::check(&mut fields, "password", &new_password);
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    if !is_good(db, clock, token).await? {
        return Ok(None);
    }
    let password_hash = password::hash(new_password).await.map_err(|error| Error::unavailable(error.to_string()))?;
    let mut tx = db.begin().await?;
    let Some((tenant, operator)) = store::take_reset(&mut tx, system, &token::hash(token), clock.now()).await? else { return Ok(None) };
    let scope = TenantScope::proven(tenant);
    let Some(mut who) = operators::find_locked(&mut tx, scope, operator).await?.filter(Operator::is_active) else { return Ok(None) };
    who.password_hash = password_hash;
    operators::update(&mut tx, scope, &who).await?;
    store::delete_resets_of(&mut tx, scope, operator).await?;
    notify(&mut tx, clock, origin, &who).await?;
    tx.commit().await?;
    // Afterwards, so that a sign-in under way either is among these or sees the new password.
    let mut tx = db.begin().await?;
    let ended = login_sessions::delete_all(&mut tx, scope, operator, None).await?;
    tx.commit().await?;
    Ok(Some(Done { tenant, operator, ended }))
}

/// Tells an operator that their password is another now, in case it was not they who changed it. Links that were sent before are worth nothing.
pub async fn password_changed(tx: &mut crate::db::Tx, clock: &Clock, origin: &str, who: &Operator) -> Result<()> {
    store::delete_resets_of(tx, TenantScope::proven(who.tenant_id), who.id).await?;
    notify(tx, clock, origin, who).await
}

async fn notify(tx: &mut crate::db::Tx, clock: &Clock, origin: &str, who: &Operator) -> Result<()> {
    let reset = format!("{origin}/forgot-password");
    let language = who.language.as_deref().unwrap_or("en");
    let letter =
        mail::account(&who.email, language, &AccountMail::PasswordChanged { reset: &reset }).map_err(|error| unrendered(&error))?;
    Ok(jobs::enqueue(tx, TenantScope::proven(who.tenant_id), clock, &Job::Mail(letter)).await?)
}
