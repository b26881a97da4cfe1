//! Requests of programs: `Authorization: Bearer stalk_…`. They need no Origin and never look at a cookie; what they may stands in the key's
//! scopes, and how often in headers of every answer.

use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::api_keys::{self, ApiKey, Needed, SECRET_PREFIX};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::login::SignedIn;
use crate::operators::{self, Operator};
use crate::rate::Taken;
use crate::scope::{SystemScope, TenantScope};

/// Marks a request that proved a key: the origin of its page is nobody's concern.
#[derive(Clone, Copy, Debug)]
pub struct ByKey;

/// The secret of the request, if it names one; whatever else the header says is nobody's here.
fn secret(headers: &HeaderMap) -> Option<&str> {
    let (scheme, secret) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    Some(secret.trim()).filter(|secret| scheme.eq_ignore_ascii_case("bearer") && secret.starts_with(SECRET_PREFIX) && secret.len() <= 200)
}

/// Lets requests without a key pass as they are, and those with one as the key's operator.
pub async fn guard(State(app): State<App>, mut request: Request, next: Next) -> Result<Response> {
    let Some(secret) = secret(request.headers()).map(ToOwned::to_owned) else { return Ok(next.run(request).await) };
    let key = api_keys::find_by_secret(&app.db, SystemScope::of_the_system(), &app.clock, &secret).await?;
    let key =
        key.ok_or_else(|| Error::unauthenticated("this API key does not exist, has expired, or its operator has left; make a new one"))?;
    let taken = app.api_requests.take_counted(key.id).await;
    let answer = match taken.result {
        Ok(()) => match signed_in(&app, &key, needed(&request)).await {
            Ok(signed_in) => {
                request.headers_mut().remove(header::COOKIE);
                request.extensions_mut().insert(signed_in);
                request.extensions_mut().insert(ByKey);
                next.run(request).await
            }
            Err(error) => error.into_response(),
        },
        Err(wait) => {
            Error::rate_limited(format!("this API key may ask {} times a minute; wait and try again", app.api_requests_per_minute), wait)
                .into_response()
        }
    };
    Ok(counted(answer, app.api_requests_per_minute, &taken))
}

fn needed(request: &Request) -> Option<Needed> {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    api_keys::needed(matches!(*request.method(), Method::GET | Method::HEAD), path)
}

async fn signed_in(app: &App, key: &ApiKey, needed: Option<Needed>) -> Result<SignedIn> {
    match needed {
        Some(Needed::Scope(scope)) if !key.may(scope) => {
            return Err(Error::forbidden(format!("this API key lacks the scope {}; make one that has it", scope.name())));
        }
        Some(Needed::Scope(_) | Needed::Any) => {}
        Some(Needed::Login) | None => return Err(Error::forbidden("an API key cannot do this; sign in to the console")),
    }
    let scope = TenantScope::proven(key.tenant_id);
    let operator = operators::find(&app.db, scope, key.operator_id).await?.filter(Operator::is_active);
    let operator = operator.ok_or_else(|| Error::unauthenticated("the operator of this API key has left; make a new one"))?;
    Ok(SignedIn { scope, operator, login: api_keys::login_name(key.id) })
}

/// How much of the rate is left, in the words of the IETF's draft.
fn counted(mut answer: Response, limit: u32, taken: &Taken) -> Response {
    let seconds = |wait: Duration| wait.as_secs_f64().ceil().to_string();
    let headers = [
        ("ratelimit-limit", limit.to_string()),
        ("ratelimit-remaining", taken.left.to_string()),
        ("ratelimit-reset", seconds(taken.full_after)),
    ];
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            answer.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &'static str) -> HeaderMap {
        [(header::AUTHORIZATION, HeaderValue::from_static(value))].into_iter().collect()
    }

    #[test]
    fn a_secret_is_read_from_a_bearer_header_only() {
        assert!(secret(&HeaderMap::new()).is_none());
        assert_eq!(secret(&of("Bearer stalk_abc")), Some("stalk_abc"));
        assert_eq!(secret(&of("bearer  stalk_abc ")), Some("stalk_abc"));
        for wrong in ["Basic stalk_abc", "stalk_abc", "Bearer", "Bearer other"] {
            assert_eq!(secret(&of(wrong)), None);
        }
    }
}
