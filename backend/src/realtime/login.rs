//! Operators' sockets: a token of a login opens one of them, once and soon.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;
use xpush::{Accepted, Handshake, Identity, Membership};

use super::Live;
use super::hello::parse;
use super::principal::{OperatorPrincipal, Principal, operator_key};
use super::wire::{operators_channel, own_channel};
use crate::clock::Millis;
use crate::error::{Error, Result};
use crate::ids::{OperatorId, TenantId};
use crate::operators::{self, Operator};
use crate::scope::TenantScope;

/// A socket token is good for so long.
const TOKEN_LIFETIME: Millis = 60_000;
const TOKEN_PURPOSE: &str = "socket-token";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OperatorHello {
    #[expect(dead_code, reason = "checked before, on the raw document")]
    v: u32,
    token: String,
}

/// What a socket token says.
#[derive(Serialize, Deserialize)]
struct TokenClaims {
    #[serde(rename = "t")]
    tenant: TenantId,
    #[serde(rename = "o")]
    operator: OperatorId,
    #[serde(rename = "l")]
    login: String,
    #[serde(rename = "x")]
    expires_at: Millis,
    #[serde(rename = "n")]
    nonce: Uuid,
}

/// A token for one Socket.IO connection.
pub struct SocketToken {
    /// Goes into the hello.
    pub token: String,
    /// Good until.
    pub expires_at: Millis,
}

pub(super) fn socket_token(live: &Live, operator: &Operator, login: &str) -> Option<SocketToken> {
    let expires_at = live.clock.now() + TOKEN_LIFETIME;
    let claims =
        TokenClaims { tenant: operator.tenant_id, operator: operator.id, login: login.to_owned(), expires_at, nonce: live.clock.new_id() };
    Some(SocketToken { token: live.signer.sign(TOKEN_PURPOSE, &claims)?, expires_at })
}

pub(super) async fn operator(live: &Live, handshake: Handshake) -> Result<Accepted<Principal>> {
    // A page of another origin can open a socket here, but it cannot get a token; the check is the second lock.
    if handshake.origin.as_deref().is_some_and(|origin| origin != live.public_origin) {
        return Err(Error::forbidden(format!("operators connect from {} only", live.public_origin)));
    }
    let hello: OperatorHello = parse(handshake.payload)?;
    let expired = || Error::unauthenticated("the socket token is not valid, was used before, or has expired; get a new one");
    let claims: TokenClaims = live.signer.verify(TOKEN_PURPOSE, &hello.token).ok_or_else(expired)?;
    let now = live.clock.now();
    if claims.expires_at <= now || live.ended_logins.contains(&claims.login) || !first_use(live, claims.nonce, claims.expires_at, now) {
        return Err(expired());
    }
    if let Some(shared) = &live.shared
        && !shared.first_use(claims.nonce).await
    {
        return Err(expired());
    }
    let scope = TenantScope::proven(claims.tenant);
    let operator = operators::find(&live.db, scope, claims.operator).await?.filter(Operator::is_active);
    let operator = operator.ok_or_else(expired)?;
    let welcome = json!({"operator": {"id": operator.id, "name": operator.name}, "tenant": {"id": claims.tenant}});
    let Value::Object(welcome) = welcome else { return Err(expired()) };
    Ok(Accepted {
        principal: Principal::Operator(OperatorPrincipal { scope, id: operator.id, name: live.names.of(operator.id, operator.name) }),
        identity: Identity { principal: operator_key(claims.tenant, operator.id).into(), device: claims.login.into() },
        welcome,
        join: vec![
            Membership { channel: operators_channel(claims.tenant), logged: false },
            Membership { channel: own_channel(claims.tenant, operator.id), logged: false },
        ],
    })
}

fn first_use(live: &Live, nonce: Uuid, expires_at: Millis, now: Millis) -> bool {
    live.used_tokens.lock().is_ok_and(|mut used| {
        used.retain(|(until, _)| *until > now);
        let fresh = used.iter().all(|(_, known)| *known != nonce);
        used.push((expires_at, nonce));
        fresh
    })
}

/// Logins that ended while a token of theirs may still be good.
#[derive(Default)]
pub(super) struct EndedLogins(std::sync::Mutex<Vec<(Millis, String)>>);

impl EndedLogins {
    pub(super) fn add(&self, login: &str, now: Millis) {
        if let Ok(mut ended) = self.0.lock() {
            ended.retain(|(until, _)| *until > now);
            ended.push((now + 2 * TOKEN_LIFETIME, login.to_owned()));
        }
    }

    pub(super) fn contains(&self, login: &str) -> bool {
        self.0.lock().is_ok_and(|ended| ended.iter().any(|(_, known)| known == login))
    }
}
