//! Oneself: profile, availability, sockets, signing out.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use tower_sessions::Session;

use super::model::{MeIn, MeOut, MyselfOut, SocketTokenOut, TenantOut};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::extract::Body;
use crate::http::login::SignedIn;
use crate::operators::{self, OperatorUpdate};
use crate::tenants;
use crate::text::{self, Fields};

async fn out(app: &App, me: SignedIn) -> Result<Json<MeOut>> {
    let tenant = tenants::find(&app.db, me.scope).await?.ok_or_else(|| Error::not_found("tenant"))?;
    let present = app.realtime.operator_present(me.scope.tenant(), me.operator.id);
    let operators::Operator { id, name, role, availability, email, language, .. } = me.operator;
    Ok(Json(MeOut {
        operator: MyselfOut { id, name, role, availability, present, email, language },
        tenant: TenantOut { id: tenant.id, name: tenant.name },
        widget_url: app.listen.widget_origin(),
    }))
}

/// Who is signed in.
#[utoipa::path(get, operation_id = "me_show", path = "/api/v1/me", tag = "me", responses((status = 200, body = MeOut)))]
pub async fn show(State(app): State<App>, me: SignedIn) -> Result<Json<MeOut>> {
    out(&app, me).await
}

/// Changes name, language or availability.
#[utoipa::path(patch, operation_id = "me_update", path = "/api/v1/me", tag = "me", request_body = MeIn, responses((status = 200, body = MeOut)))]
pub async fn update(State(app): State<App>, me: SignedIn, Body(change): Body<MeIn>) -> Result<Json<MeOut>> {
    let mut fields = Fields::new();
    let name = change.name.map(|name| text::clean_line(&text::required(&mut fields, "name", &name, text::NAME_MAX)));
    if change.language.as_deref().is_some_and(|language| !["ko", "en"].contains(&language)) {
        fields.insert("language".to_owned(), "must be ko or en".to_owned());
    }
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let update = OperatorUpdate { name, language: change.language, availability: change.availability };
    let mut tx = app.db.begin().await?;
    operators::update(&mut tx, me.scope, me.operator.id, &update).await?;
    tx.commit().await?;
    app.realtime.availability_changed(me.scope.tenant(), me.operator.id).await;
    let operator = operators::find(&app.db, me.scope, me.operator.id).await?.ok_or_else(|| Error::not_found("operator"))?;
    out(&app, SignedIn { operator, ..me }).await
}

/// A token for one Socket.IO connection: valid for 60 seconds and once.
#[utoipa::path(post, operation_id = "me_create_socket_token", path = "/api/v1/me/socket-tokens", tag = "me", responses((status = 201, body = SocketTokenOut)))]
pub async fn create_socket_token(State(app): State<App>, me: SignedIn) -> Result<(StatusCode, Json<SocketTokenOut>)> {
    let token = app.realtime.socket_token(&me.operator, &me.login).ok_or_else(|| Error::internal(&"no signing key"))?;
    Ok((StatusCode::CREATED, Json(SocketTokenOut { token: token.token, expires_at: token.expires_at })))
}

/// Signs out: this login and its sockets end.
#[utoipa::path(delete, operation_id = "me_delete_login", path = "/api/v1/me/login-session", tag = "me", responses((status = 204)))]
pub async fn delete_login(State(app): State<App>, me: SignedIn, session: Session) -> Result<StatusCode> {
    session.flush().await.map_err(|error| Error::unavailable(format!("the login cannot be ended now: {error}")))?;
    app.realtime.end_login(me.scope.tenant(), me.operator.id, Some(&me.login));
    Ok(StatusCode::NO_CONTENT)
}
