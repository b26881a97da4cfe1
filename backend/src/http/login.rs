//! Who is signed in: a cookie session, checked against the operator's row on every request, so that a deactivated one is out at once.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

use crate::app::App;
use crate::error::{Error, Result};
use crate::operators::login_sessions::{LOGIN, Login, LoginSessions};
use crate::operators::{self, Operator};
use crate::scope::TenantScope;
use crate::text;

/// The signed-in operator; the only way to a tenant's rows over the console's listener.
pub struct SignedIn {
    /// Their tenant's rows.
    pub scope: TenantScope,
    /// They themselves.
    pub operator: Operator,
    /// Names this login towards sockets; says nothing about the cookie.
    pub login: String,
}

impl SignedIn {
    /// Owners and admins pass.
    pub fn administers(&self) -> Result<()> {
        if self.operator.role.administers() {
            Ok(())
        } else {
            Err(Error::forbidden("only owners and admins can do this; ask one of yours"))
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for SignedIn
where
    App: FromRef<S>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let app = App::from_ref(state);
        let session = Session::from_request_parts(parts, state).await.map_err(|(_, why)| Error::internal(&why))?;
        find(&app, &session).await?.ok_or_else(|| Error::unauthenticated("sign in first"))
    }
}

/// Whoever this session belongs to, if it still may.
pub async fn find(app: &App, session: &Session) -> Result<Option<SignedIn>> {
    let login: Option<Login> =
        session.get(LOGIN).await.map_err(|error| Error::unavailable(format!("the login cannot be read now: {error}")))?;
    let (Some(login), Some(id)) = (login, session.id()) else { return Ok(None) };
    let scope = TenantScope::proven(login.tenant);
    let operator = operators::find(&app.db, scope, login.operator).await?.filter(|operator| operator.deactivated_at.is_none());
    Ok(operator.map(|operator| SignedIn { scope, operator, login: login_name(&id.to_string()) }))
}

/// The socket device of a session: derived, so that a token never carries the cookie.
fn login_name(session_id: &str) -> String {
    text::hex(&text::fingerprint(&serde_json::Value::from(session_id))[..16])
}

/// The cookie session of the console's listener.
pub fn layer(app: &App) -> SessionManagerLayer<LoginSessions> {
    let https = app.listen.is_https();
    SessionManagerLayer::new(LoginSessions::new(app.db.clone()))
        // `__Host-` binds the cookie to this host; browsers take it over https only.
        .with_name(if https { "__Host-stalk" } else { "stalk" })
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(Duration::days(30)))
}
