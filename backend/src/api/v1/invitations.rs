//! Invitations: by owners and admins; to owners and of owners by owners only.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;

use super::model::{InvitationOut, NewInvitationIn};
use crate::accounts::{Invitation, invitations};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::extract::{Body, PathIds};
use crate::http::login::SignedIn;
use crate::http::paging::Page;
use crate::ids::InvitationId;
use crate::operators::{Role, Unchanged};

/// Invitations nobody has followed yet, newest first. Owners and admins.
#[utoipa::path(get, operation_id = "invitations_list", path = "/api/v1/invitations", tag = "operators", responses((status = 200, body = Page<InvitationOut>)))]
pub async fn list(State(app): State<App>, me: SignedIn) -> Result<Json<Page<InvitationOut>>> {
    me.administers()?;
    let found = invitations::list(&app.db, me.scope).await?;
    Ok(Json(Page::whole(found.into_iter().map(InvitationOut::from).collect())))
}

/// Invites an address by mail: the link is good for 7 days and once. Owners and admins.
#[utoipa::path(post, operation_id = "invitations_create", path = "/api/v1/invitations", tag = "operators", request_body = NewInvitationIn, responses((status = 201, body = InvitationOut)))]
pub async fn create(State(app): State<App>, me: SignedIn, Body(new): Body<NewInvitationIn>) -> Result<(StatusCode, Json<InvitationOut>)> {
    may(&me, new.role)?;
    pace(&app, &me).await?;
    let whom = (new.email.as_str(), new.role, new.language.as_deref());
    let invitation = invitations::create(&app.db, &app.clock, &app.listen.public_origin(), &me.operator, whom).await?;
    Ok((StatusCode::CREATED, Json(invitation.into())))
}

/// Withdraws an invitation: its link is worth nothing any more. Owners and admins.
#[utoipa::path(delete, operation_id = "invitations_delete", path = "/api/v1/invitations/{id}", tag = "operators", params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
pub async fn delete(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<InvitationId>) -> Result<StatusCode> {
    let invitation = find(&app, &me, id).await?;
    if !invitations::delete(&app.db, me.scope, invitation.id).await? {
        return Err(Error::not_found("invitation"));
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Sends an invitation again, with a new link that is good for 7 days from now. Owners and admins.
#[utoipa::path(post, operation_id = "invitations_resend", path = "/api/v1/invitations/{id}/resend", tag = "operators", params(("id" = uuid::Uuid, Path)), responses((status = 200, body = InvitationOut)))]
pub async fn resend(State(app): State<App>, me: SignedIn, PathIds(id): PathIds<InvitationId>) -> Result<Json<InvitationOut>> {
    let invitation = find(&app, &me, id).await?;
    pace(&app, &me).await?;
    let again = invitations::resend(&app.db, &app.clock, me.scope, &app.listen.public_origin(), invitation).await?;
    Ok(Json(again.into()))
}

async fn find(app: &App, me: &SignedIn, id: InvitationId) -> Result<Invitation> {
    me.administers()?;
    let found = invitations::find(&app.db, me.scope, id).await?.ok_or_else(|| Error::not_found("invitation"))?;
    may(me, found.role)?;
    Ok(found)
}

/// Whoever administers invites; owners only by owners.
fn may(me: &SignedIn, role: Role) -> Result<()> {
    me.administers()?;
    if role == Role::Owner && me.operator.role != Role::Owner { Err(Unchanged::OwnersOnly.into()) } else { Ok(()) }
}

async fn pace(app: &App, me: &SignedIn) -> Result<()> {
    let paced = app.invitations.take(me.scope.tenant()).await;
    paced.map_err(|wait| Error::rate_limited("at most 60 invitations can be sent in an hour; send the next one later", wait))
}
