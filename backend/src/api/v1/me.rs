//! Oneself: profile, availability, sockets, signing out.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use tower_sessions::Session;

use super::model::{MeIn, MeOut, MyselfOut, NotificationsIn, SocketTokenOut, TenantOut};
use super::nodes::runs_installation;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::extract::Body;
use crate::http::login::SignedIn;
use crate::operators::{self, Operator};
use crate::sites;
use crate::tenants;
use crate::text::{self, Fields};

async fn out(app: &App, me: SignedIn) -> Result<Json<MeOut>> {
    let tenant = tenants::find(&app.db, me.scope).await?.ok_or_else(|| Error::not_found("tenant"))?;
    let present = app.realtime.operator_present(me.scope.tenant(), me.operator.id);
    let runs_installation = runs_installation(app, &me).await?;
    Ok(Json(MeOut {
        runs_installation,
        operator: MyselfOut::new(me.operator, present, &app.listen.widget_origin()),
        tenant: TenantOut { id: tenant.id, name: tenant.name },
        widget_url: app.listen.widget_origin(),
    }))
}

/// Who is signed in.
#[utoipa::path(get, operation_id = "me_show", path = "/api/v1/me", tag = "me", responses((status = 200, body = MeOut)))]
pub async fn show(State(app): State<App>, me: SignedIn) -> Result<Json<MeOut>> {
    out(&app, me).await
}

/// Changes what one chose for oneself.
#[utoipa::path(patch, operation_id = "me_update", path = "/api/v1/me", tag = "me", request_body = MeIn, responses((status = 200, body = MeOut)))]
pub async fn update(State(app): State<App>, me: SignedIn, Body(change): Body<MeIn>) -> Result<Json<MeOut>> {
    let mut tx = app.db.begin().await?;
    let before = operators::find_locked(&mut tx, me.scope, me.operator.id).await?.ok_or_else(|| Error::not_found("operator"))?;
    let after = applied(before.clone(), change)?;
    operators::update(&mut tx, me.scope, &after).await?;
    tx.commit().await?;
    let tenant = me.scope.tenant();
    if before.availability != after.availability {
        app.realtime.availability_changed(tenant, after.id).await;
    }
    if before.name != after.name {
        app.realtime.operator_renamed(tenant, after.id, &after.name);
    }
    out(&app, SignedIn { operator: after, ..me }).await
}

/// Oneself after the change, or what is wrong with which field.
fn applied(mut me: Operator, change: MeIn) -> Result<Operator> {
    let mut fields = Fields::new();
    if let Some(name) = change.name {
        me.name = text::name(&mut fields, "name", &name);
    }
    if let Some(language) = change.language {
        if !["ko", "en"].contains(&language.as_str()) {
            fields.insert("language".to_owned(), "must be ko or en".to_owned());
        }
        me.language = Some(language);
    }
    if let Some(zone) = change.time_zone {
        me.time_zone = match zone.as_deref().map(sites::time_zone) {
            None => None,
            Some(Some(zone)) => Some(zone),
            Some(None) => {
                fields.insert("time_zone".to_owned(), "must be a time zone such as Asia/Seoul, or null for the browser's".to_owned());
                None
            }
        };
    }
    me.availability = change.availability.unwrap_or(me.availability);
    let preferences = &mut me.preferences.0;
    preferences.theme = change.theme.unwrap_or(preferences.theme);
    preferences.density = change.density.unwrap_or(preferences.density);
    if let Some(NotificationsIn { sound, sound_repeat, desktop }) = change.notifications {
        let notifications = &mut preferences.notifications;
        notifications.sound = sound.unwrap_or(notifications.sound);
        notifications.sound_repeat = sound_repeat.unwrap_or(notifications.sound_repeat);
        notifications.desktop = desktop.unwrap_or(notifications.desktop);
    }
    if fields.is_empty() { Ok(me) } else { Err(Error::fields(fields)) }
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
    app.realtime.end_login(me.scope.tenant(), me.operator.id, &me.login);
    Ok(StatusCode::NO_CONTENT)
}
