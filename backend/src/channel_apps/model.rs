//! What an app is, and what a token of it says. No I/O.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Millis;
use crate::ids::{ChannelAppId, TenantId};
use crate::signing::jwt;

/// Who may come into an app's channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum AppMode {
    /// Whoever knows the key, as whoever they say.
    Open,
    /// Whoever has a token that the tenant's program signed, as whom it names, in the channels it names.
    Token,
}

/// An app.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ChannelApp {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Id.
    pub id: ChannelAppId,
    /// What clients send as `A`.
    pub app_key: String,
    /// What its maker calls it.
    pub name: String,
    /// Who may come.
    pub mode: AppMode,
    /// Signs tokens.
    pub secret: String,
    /// When it was made.
    pub created_at: Millis,
}

/// What a tenant makes.
#[derive(Clone, Debug)]
pub struct NewChannelApp {
    /// Name.
    pub name: String,
    /// Who may come.
    pub mode: AppMode,
}

/// Who wants to come into a channel.
#[derive(Clone, Copy, Debug)]
pub struct Comer<'a> {
    /// The app's key.
    pub app: &'a str,
    /// Channel.
    pub channel: &'a str,
    /// As they say.
    pub user: Option<&'a str>,
    /// As they have.
    pub token: Option<&'a str>,
}

/// A token's claims.
#[derive(Debug, Deserialize)]
struct Claims {
    /// The app's key: a token of one app is worth nothing in another, even where they share a secret.
    aud: String,
    /// The user.
    sub: String,
    /// The channels; `*` is any.
    channels: Vec<String>,
}

impl ChannelApp {
    /// The user that a comer is proven to be, `None` where nothing has to be proven; or why they may not come in.
    pub(super) fn admit(&self, comer: Comer<'_>, now: Millis) -> Result<Option<String>, String> {
        if self.mode == AppMode::Open {
            return Ok(None);
        }
        let token = comer.token.ok_or("this app asks for a token ([TK])")?;
        let refused = |why: &dyn std::fmt::Display| format!("the token ([TK]) is not taken: {why}");
        let claims: Claims = jwt::claims(token, std::slice::from_ref(&self.secret), now / 1000).map_err(|error| refused(&error))?;
        if claims.aud != self.app_key {
            return Err(refused(&"it is of another app"));
        }
        if claims.sub.is_empty() || claims.sub.len() > super::USER_MAX || claims.sub.contains(char::is_control) {
            return Err(refused(&"its \"sub\" is no name of a user"));
        }
        if comer.user.is_some_and(|user| user != claims.sub) {
            return Err(refused(&"it is of another user"));
        }
        if !claims.channels.iter().any(|channel| channel == "*" || channel == comer.channel) {
            return Err(refused(&"it does not name this channel"));
        }
        Ok(Some(claims.sub))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use hmac::{Hmac, KeyInit as _, Mac as _};
    use serde_json::{Value, json};
    use sha2::Sha256;
    use uuid::Uuid;

    use super::*;

    fn token(claims: &Value, secret: &str) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let head = format!("{}.{}", encode(&json!({"alg": "HS256"})), encode(claims));
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(head.as_bytes());
        format!("{head}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    fn app(mode: AppMode) -> ChannelApp {
        ChannelApp {
            tenant_id: TenantId(Uuid::nil()),
            id: ChannelAppId(Uuid::nil()),
            app_key: "k".to_owned(),
            name: "App".to_owned(),
            mode,
            secret: "s3cret".to_owned(),
            created_at: 0,
        }
    }

    #[test]
    fn a_token_opens_its_own_channels_as_its_own_user_and_nothing_else() {
        let good = json!({"aud": "k", "sub": "alice", "channels": ["a", "b"], "exp": 200});
        let try_as = |claims: &Value, secret: &str, channel: &str, user: Option<&str>| {
            let token = token(claims, secret);
            app(AppMode::Token).admit(Comer { app: "k", channel, user, token: Some(&token) }, 100_000)
        };
        assert_eq!(try_as(&good, "s3cret", "a", None), Ok(Some("alice".to_owned())));
        assert_eq!(try_as(&good, "s3cret", "b", Some("alice")), Ok(Some("alice".to_owned())));
        let with = |name: &str, value: Value| {
            let mut claims = good.clone();
            claims[name] = value;
            claims
        };
        assert!(try_as(&with("channels", json!(["*"])), "s3cret", "anything", None).is_ok());
        let why = |result: Result<Option<String>, String>| result.unwrap_err();
        assert!(why(try_as(&good, "s3cret", "c", None)).ends_with("it does not name this channel"));
        assert!(why(try_as(&good, "s3cret", "a", Some("bob"))).ends_with("it is of another user"));
        assert!(why(try_as(&with("aud", json!("other")), "s3cret", "a", None)).ends_with("it is of another app"));
        assert!(why(try_as(&with("exp", json!(100)), "s3cret", "a", None)).contains("expired"));
        assert!(why(try_as(&with("sub", json!("")), "s3cret", "a", None)).contains("sub"));
        assert!(why(try_as(&good, "other", "a", None)).contains("signature"));
        assert!(why(app(AppMode::Token).admit(Comer { app: "k", channel: "a", user: None, token: None }, 0)).contains("[TK]"));
    }

    #[test]
    fn an_open_app_proves_nothing() {
        assert_eq!(app(AppMode::Open).admit(Comer { app: "k", channel: "a", user: Some("anybody"), token: None }, 0), Ok(None));
    }
}
