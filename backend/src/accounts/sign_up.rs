//! Signing up: what was typed waits until the link in the letter was opened; then it is a tenant with an owner.

use super::token::{self, Token};
use super::{address, store, take_letter, unrendered};
use crate::clock::{Clock, DAY, Millis};
use crate::db::{Db, DbError, DbResult};
use crate::error::{Error, Result};
use crate::ids::{OperatorId, TenantId};
use crate::jobs::{self, Job};
use crate::mail::{self, AccountMail};
use crate::operators::{self, NewOperator, Operator, Role, password};
use crate::scope::{SystemScope, TenantScope};
use crate::sites;
use crate::tenants::{self, Tenant};
use crate::text::{self, Fields};

/// A link is good for so long.
const LIFETIME: Millis = DAY;

/// What was typed.
#[derive(Clone, Debug, Default)]
pub struct SignUp {
    /// What the shop is called.
    pub shop: String,
    /// The owner's name.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: String,
    /// `ko` or `en`.
    pub language: String,
    /// IANA name, as the browser says; UTC if it is none.
    pub time_zone: String,
}

/// A sign-up whose address is not confirmed yet.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Pending {
    /// The address.
    pub email: String,
    /// The owner's name.
    pub name: String,
    /// The shop's name.
    pub shop: String,
    /// `ko` or `en`.
    pub language: String,
    /// IANA name.
    pub time_zone: String,
    /// PHC string of argon2id.
    pub password_hash: String,
}

/// Puts a letter into the outbox: with a link that confirms the address, or, where somebody has it already, one that says so. Answers the
/// address as understood, and does the same work in both cases.
pub async fn ask(db: &Db, clock: &Clock, origin: &str, typed: SignUp) -> Result<String> {
    let system = SystemScope::of_the_system();
    let mut fields = Fields::new();
    let shop = text::name(&mut fields, "shop", &typed.shop);
    let name = text::name(&mut fields, "name", &typed.name);
    let email = address(&mut fields, &typed.email);
    password::check(&mut fields, "password", &typed.password);
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let language = if typed.language == "ko" { "ko" } else { "en" };
    let time_zone = sites::time_zone(&typed.time_zone).unwrap_or_else(|| "UTC".to_owned());
    let password_hash = password::hash(typed.password).await.map_err(|error| Error::unavailable(error.to_string()))?;
    let known = operators::find_by_email(db, system, &email).await?.is_some();
    let token = Token::fresh();
    let pending = Pending { email: email.clone(), name, shop, language: language.to_owned(), time_zone, password_hash };
    // Nothing that was typed stands in these letters: a stranger's address must not be a way to send words of one's own.
    let link = format!("{origin}/confirm?token={}", token.text);
    let (sign_in, reset) = (format!("{origin}/sign-in"), format!("{origin}/forgot-password"));
    let letter = if known { AccountMail::AccountExists { sign_in: &sign_in, reset: &reset } } else { AccountMail::Confirm { link: &link } };
    let letter = mail::account(&email, language, &letter).map_err(|error| unrendered(&error))?;

    let mut tx = db.begin().await?;
    if take_letter(&mut tx, clock, &email).await? {
        let now = clock.now();
        // Also where the address is taken and nobody learns this token: as much is written then.
        store::insert_sign_up(&mut tx, system, &pending, &token.hash, (now, now + LIFETIME)).await?;
        jobs::enqueue_of_nobody(&mut tx, system, clock, &Job::Mail(letter)).await?;
        tx.commit().await?;
    }
    Ok(email)
}

/// What a link would confirm, if it is still good.
pub async fn find(db: &Db, clock: &Clock, token: &str) -> DbResult<Option<Pending>> {
    store::find_sign_up(db, SystemScope::of_the_system(), &token::hash(token), clock.now()).await
}

/// Makes tenant and owner; `None` when the link is not good (any more).
pub async fn confirm(db: &Db, clock: &Clock, token: &str) -> Result<Option<Operator>> {
    let system = SystemScope::of_the_system();
    let mut tx = db.begin().await?;
    let Some(pending) = store::take_sign_up(&mut tx, system, &token::hash(token), clock.now()).await? else { return Ok(None) };
    let tenant: TenantId = clock.new_id();
    let owner: OperatorId = clock.new_id();
    let scope = TenantScope::proven(tenant);
    tenants::insert(&mut tx, system, &Tenant { id: tenant, name: pending.shop, created_at: clock.now() }).await?;
    store::delete_sign_ups_of(&mut tx, system, &pending.email).await?;
    let new = NewOperator {
        id: owner,
        email: pending.email,
        name: pending.name,
        role: Role::Owner,
        password_hash: pending.password_hash,
        language: Some(pending.language),
        time_zone: Some(pending.time_zone),
        created_at: clock.now(),
    };
    match operators::insert(&mut tx, scope, &new).await {
        // Signed up twice, or invited meanwhile: the account is there.
        Err(DbError::Duplicate) => return Ok(None),
        done => done?,
    }
    tx.commit().await?;
    Ok(operators::find(db, scope, owner).await?)
}
