//! Who is signed in: a cookie session, checked against the operator's row on every request, so that a deactivated one is out at once.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use tower_sessions::cookie::SameSite;
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

use crate::app::App;
use crate::clock::DAY;
use crate::error::{Error, Result};
use crate::http::peer::{Peer, UserAgent};
use crate::operators::login_sessions::{self, LIFETIME, LOGIN, Login, LoginSessions};
use crate::operators::{self, Operator};
use crate::scope::{SiteScope, TenantScope};
use crate::sites::Site;

/// The signed-in operator, or whoever's API key asks in their name; the only way to a tenant's rows over the console's listener.
#[derive(Clone)]
pub struct SignedIn {
    /// Their tenant's rows.
    pub scope: TenantScope,
    /// They themselves.
    pub operator: Operator,
    /// Names this login towards sockets; says nothing about the cookie.
    pub login: String,
}

impl SignedIn {
    /// The rows of one of their sites.
    pub fn site_scope(&self, site: &Site) -> SiteScope {
        SiteScope::proven(self.scope.tenant(), site.id)
    }

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
        if let Some(by_key) = parts.extensions.get::<Self>() {
            return Ok(by_key.clone());
        }
        let app = App::from_ref(state);
        let session = Session::from_request_parts(parts, state).await.map_err(|(_, why)| Error::internal(&why))?;
        let me = find(&app, &session).await?.ok_or_else(|| Error::unauthenticated("sign in first"))?;
        let Ok(Peer(address)) = Peer::from_request_parts(parts, state).await;
        if let Some(id) = session.id()
            && let Err(error) = app.logins.note_seen(&id.to_string(), Some(&address.to_string())).await
        {
            // Nobody is signed out because a note could not be written.
            tracing::warn!(error = %error, "when a login was last seen could not be stored");
        }
        Ok(me)
    }
}

/// Whoever this session belongs to, if it still may.
pub async fn find(app: &App, session: &Session) -> Result<Option<SignedIn>> {
    let login: Option<Login> =
        session.get(LOGIN).await.map_err(|error| Error::unavailable(format!("the login cannot be read now: {error}")))?;
    let (Some(login), Some(id)) = (login, session.id()) else { return Ok(None) };
    let scope = TenantScope::proven(login.tenant);
    let operator = operators::find(&app.db, scope, login.operator).await?.filter(Operator::is_active);
    if operator.is_some() && app.clock.now() - login.renewed_at > DAY {
        // Changed, it is stored and its cookie is sent again: a login that is used does not end.
        session.insert(LOGIN, Login { renewed_at: app.clock.now(), ..login }).await.map_err(not_stored)?;
    }
    Ok(operator.map(|operator| SignedIn { scope, operator, login: login_sessions::name(&id.to_string()) }))
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err hands over")]
fn not_stored(error: tower_sessions::session::Error) -> Error {
    Error::unavailable(format!("the login cannot be stored now: {error}"))
}

/// Starts a login of an operator whose password was just proven (or chosen), with a fresh id, so that an id planted before is worth nothing.
/// False when the password is no longer the operator's, or they left meanwhile: nobody is signed in then.
pub async fn begin(app: &App, session: &Session, operator: &Operator, (peer, agent): (Peer, UserAgent)) -> Result<bool> {
    session.cycle_id().await.map_err(not_stored)?;
    let login = Login {
        tenant: operator.tenant_id,
        operator: operator.id,
        user_agent: agent.0,
        address: Some(peer.0.to_string()),
        renewed_at: app.clock.now(),
    };
    session.insert(LOGIN, login).await.map_err(not_stored)?;
    session.save().await.map_err(not_stored)?;
    // Whoever ends all logins of this person first changes the row and then deletes what logins there are. Ours was either among them, or began
    // after the change and sees it here.
    let now = operators::find(&app.db, TenantScope::proven(operator.tenant_id), operator.id).await?;
    let same = now.is_some_and(|now| now.is_active() && now.password_hash == operator.password_hash);
    if !same {
        session.flush().await.map_err(not_stored)?;
    }
    Ok(same)
}

/// The cookie session of the console's listener.
pub fn layer(app: &App) -> SessionManagerLayer<LoginSessions> {
    let https = app.listen.is_https();
    SessionManagerLayer::new(app.logins.clone())
        // `__Host-` binds the cookie to this host; browsers take it over https only.
        .with_name(if https { "__Host-stalk" } else { "stalk" })
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(Duration::milliseconds(LIFETIME)))
}
