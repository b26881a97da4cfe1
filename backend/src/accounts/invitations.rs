//! Invitations: an owner or admin names an address and a role; whoever opens the letter's link within a week chooses name and password and is in.

use super::store::{self, Invitation};
use super::token::{self, Token};
use super::{address, unrendered};
use crate::clock::{Clock, DAY, Millis};
use crate::db::{Db, DbError, DbResult};
use crate::error::{Error, ErrorCode, Result};
use crate::ids::{InvitationId, OperatorId};
use crate::jobs::{self, Job};
use crate::mail::{self, AccountMail};
use crate::operators::{self, NewOperator, Operator, Role, password};
use crate::scope::{SystemScope, TenantScope};
use crate::tenants;
use crate::text::{self, Fields};

/// A link is good for so long.
const LIFETIME: Millis = 7 * DAY;

/// What an invitation's page shows.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Who invites.
    pub inviter: String,
    /// To what.
    pub tenant: String,
    /// Which address signs in afterwards.
    pub email: String,
}

/// The tenant's invitations nobody has followed yet, newest first; also those that are too old and may be sent again.
pub async fn list(db: &Db, scope: TenantScope) -> DbResult<Vec<Invitation>> {
    store::list_invitations(db, scope).await
}

/// One of them.
pub async fn find(db: &Db, scope: TenantScope, id: InvitationId) -> DbResult<Option<Invitation>> {
    store::find_invitation(db, scope, id).await
}

/// Invites an address. One that has an account elsewhere is invited like any other, but its letter says that a person signs in to one tenant:
/// whoever invites learns nothing.
pub async fn create(
    db: &Db,
    clock: &Clock,
    origin: &str,
    by: &Operator,
    (email, role, language): (&str, Role, Option<&str>),
) -> Result<Invitation> {
    let scope = TenantScope::proven(by.tenant_id);
    let mut fields = Fields::new();
    let email = address(&mut fields, email);
    let language = language.or(by.language.as_deref()).unwrap_or("en");
    if !["ko", "en"].contains(&language) {
        fields.insert("language".to_owned(), "must be ko or en".to_owned());
    }
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let conflict = |message: &str| Error::new(ErrorCode::Conflict, message);
    // Colleagues see one another's addresses anyway, so this tells nothing new.
    if let Some(colleague) = operators::list(db, scope, true).await?.into_iter().find(|operator| operator.email == email) {
        let message = if colleague.is_active() {
            "this address is one of your operators already"
        } else {
            "this address is one of your deactivated operators; activate them again instead"
        };
        return Err(conflict(message));
    }
    let (id, token, now): (InvitationId, _, _) = (clock.new_id(), Token::fresh(), clock.now());
    let new = Invitation {
        id,
        email,
        role,
        language: language.to_owned(),
        inviter_id: by.id,
        inviter_name: by.name.clone(),
        created_at: now,
        expires_at: now + LIFETIME,
    };
    let letter = letter(db, scope, origin, &new, &token).await?;
    let mut tx = db.begin().await?;
    store::insert_invitation(&mut tx, scope, &new, &token.hash).await.map_err(|error| match error {
        DbError::Duplicate => conflict("this address is invited already; send that invitation again, or withdraw it first"),
        other => other.into(),
    })?;
    jobs::enqueue(&mut tx, scope, clock, &Job::Mail(letter)).await?;
    tx.commit().await?;
    Ok(new)
}

/// Sends an invitation again: with a new link, good for a week from now; the one before is worth nothing.
pub async fn resend(db: &Db, clock: &Clock, scope: TenantScope, origin: &str, invitation: Invitation) -> Result<Invitation> {
    let again = Invitation { expires_at: clock.now() + LIFETIME, ..invitation };
    let token = Token::fresh();
    let letter = letter(db, scope, origin, &again, &token).await?;
    let mut tx = db.begin().await?;
    if !store::update_invitation(&mut tx, scope, again.id, &token.hash, again.expires_at).await? {
        return Err(Error::not_found("invitation"));
    }
    jobs::enqueue(&mut tx, scope, clock, &Job::Mail(letter)).await?;
    tx.commit().await?;
    Ok(again)
}

/// Withdraws an invitation; false when there is none.
pub async fn delete(db: &Db, scope: TenantScope, id: InvitationId) -> DbResult<bool> {
    let mut tx = db.begin().await?;
    let deleted = store::delete_invitation(&mut tx, scope, id).await?;
    tx.commit().await?;
    Ok(deleted)
}

async fn letter(db: &Db, scope: TenantScope, origin: &str, invitation: &Invitation, token: &Token) -> Result<mail::Letter> {
    let tenant = tenants::find(db, scope).await?.ok_or_else(|| Error::not_found("tenant"))?.name;
    let elsewhere = operators::find_by_email(db, SystemScope::of_the_system(), &invitation.email).await?.is_some();
    let link = format!("{origin}/invitation?token={}", token.text);
    let inviter = &invitation.inviter_name;
    let kind = if elsewhere {
        AccountMail::InvitedElsewhere { tenant: &tenant, inviter }
    } else {
        AccountMail::Invitation { tenant: &tenant, inviter, link: &link }
    };
    mail::account(&invitation.email, &invitation.language, &kind).map_err(|error| unrendered(&error))
}

/// What a link invites to, if it is still good.
pub async fn show(db: &Db, clock: &Clock, token: &str) -> DbResult<Option<Shown>> {
    let system = SystemScope::of_the_system();
    let Some((tenant, invitation)) = store::find_invitation_by_token(db, system, &token::hash(token), clock.now()).await? else {
        return Ok(None);
    };
    let tenant = tenants::find(db, TenantScope::proven(tenant)).await?;
    Ok(tenant.map(|tenant| Shown { inviter: invitation.inviter_name, tenant: tenant.name, email: invitation.email }))
}

/// Makes the operator; `None` when the link is not good (any more), or somebody has the address by now.
pub async fn accept(db: &Db, clock: &Clock, token: &str, name: &str, new_password: String) -> Result<Option<Operator>> {
    let system = SystemScope::of_the_system();
    let mut fields = Fields::new();
    let name = text::name(&mut fields, "name", name);
    password::check(&mut fields, "password", &new_password);
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let hash = token::hash(token);
    let Some((tenant, invitation)) = store::find_invitation_by_token(db, system, &hash, clock.now()).await? else { return Ok(None) };
    let password_hash = password::hash(new_password).await.map_err(|error| Error::unavailable(error.to_string()))?;
    let scope = TenantScope::proven(tenant);
    let id: OperatorId = clock.new_id();
    let mut tx = db.begin().await?;
    // Gone, or sent again with another link, while the password was hashed: this link is not good any more.
    if !store::take_invitation(&mut tx, scope, invitation.id, &hash).await? {
        return Ok(None);
    }
    let new = NewOperator {
        id,
        email: invitation.email,
        name,
        role: invitation.role,
        password_hash,
        language: Some(invitation.language),
        time_zone: None,
        created_at: clock.now(),
    };
    match operators::insert(&mut tx, scope, &new).await {
        Err(DbError::Duplicate) => return Ok(None),
        done => done?,
    }
    tx.commit().await?;
    Ok(operators::find(db, scope, id).await?)
}
