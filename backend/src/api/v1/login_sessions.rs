//! One's own logins, and the password that opens them.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::model::{LoginSessionOut, PasswordIn};
use crate::accounts::password_reset;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::extract::Body;
use crate::http::login::SignedIn;
use crate::http::paging::Page;
use crate::http::peer::Peer;
use crate::operators::{self, login_sessions, password};
use crate::text::{self, Fields};

/// One's logins that are not over, the last used first.
#[utoipa::path(get, operation_id = "login_sessions_list", path = "/api/v1/me/login-sessions", tag = "me", responses((status = 200, body = Page<LoginSessionOut>)))]
pub async fn list(State(app): State<App>, me: SignedIn) -> Result<Json<Page<LoginSessionOut>>> {
    let found = login_sessions::list(&app.db, me.scope, me.operator.id, app.clock.now()).await?;
    Ok(Json(Page::whole(found.into_iter().map(|login| LoginSessionOut::new(login, &me.login)).collect())))
}

/// Ends one of one's logins and its sockets.
#[utoipa::path(delete, operation_id = "login_sessions_delete", path = "/api/v1/me/login-sessions/{id}", tag = "me", params(("id" = String, Path)), responses((status = 204)))]
pub async fn delete(State(app): State<App>, me: SignedIn, Path(id): Path<String>) -> Result<StatusCode> {
    let mut tx = app.db.begin().await?;
    let found = login_sessions::delete(&mut tx, me.scope, me.operator.id, &id).await?;
    tx.commit().await?;
    if !found {
        return Err(Error::not_found("login session"));
    }
    app.realtime.end_login(me.scope.tenant(), me.operator.id, &id);
    Ok(StatusCode::NO_CONTENT)
}

/// Chooses a new password: every other login and its sockets end.
#[utoipa::path(put, operation_id = "me_update_password", path = "/api/v1/me/password", tag = "me", request_body = PasswordIn, responses((status = 204)))]
pub async fn update_password(State(app): State<App>, me: SignedIn, Peer(peer): Peer, Body(change): Body<PasswordIn>) -> Result<StatusCode> {
    let mut fields = Fields::new();
    password::check(&mut fields, "new_password", &change.new_password);
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    prove(&app, &me, &text::network(peer).to_string(), change.current_password).await?;
    let hash = password::hash(change.new_password).await.map_err(|error| Error::unavailable(error.to_string()))?;
    let (tenant, id) = (me.scope.tenant(), me.operator.id);
    let mut tx = app.db.begin().await?;
    let mut operator = operators::find_locked(&mut tx, me.scope, id).await?.ok_or_else(|| Error::not_found("operator"))?;
    operator.password_hash = hash;
    operators::update(&mut tx, me.scope, &operator).await?;
    password_reset::password_changed(&mut tx, &app.clock, &app.listen.public_origin(), &operator).await?;
    tx.commit().await?;
    // Afterwards, so that a sign-in under way either is among these or sees the new password.
    let mut tx = app.db.begin().await?;
    let ended = login_sessions::delete_all(&mut tx, me.scope, id, Some(&me.login)).await?;
    tx.commit().await?;
    for login in ended {
        app.realtime.end_login(tenant, id, &login);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Wrong tries count as failed sign-ins: a borrowed screen is no place to guess.
async fn prove(app: &App, me: &SignedIn, network: &str, current: String) -> Result<()> {
    for key in [network, &me.operator.email] {
        let paced = app.sign_ins.take(key.to_owned()).await;
        paced.map_err(|wait| Error::rate_limited("too many wrong passwords; wait a moment", wait))?;
    }
    let right = current.chars().count() <= password::PASSWORD_MAX
        && password::verify(current, Some(me.operator.password_hash.clone()))
            .await
            .map_err(|error| Error::unavailable(error.to_string()))?;
    if !right {
        return Err(Error::fields(Fields::from([("current_password".to_owned(), "is not your password".to_owned())])));
    }
    app.sign_ins.give_back(network.to_owned()).await;
    app.sign_ins.give_back(me.operator.email.clone()).await;
    Ok(())
}
