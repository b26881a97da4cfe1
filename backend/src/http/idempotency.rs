//! `Idempotency-Key` for writes that make something: a retry with the same key gets the first answer, also after a restart. Writes that name
//! their result (PUT, PATCH, DELETE, and posts with a client id) are the same when repeated and need no row.

mod store;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app::App;
use crate::clock::DAY;
use crate::error::{Error, ErrorCode, Result};
use crate::http::extract::BODY_MAX;
use crate::http::login::SignedIn;
use crate::text;

/// A first try that has not answered after this long is taken for dead.
const ABANDONED: i64 = 60_000;

/// Answers what is told once and must not be kept: a repeat makes another.
const SECRETS: [&str; 2] = ["/api/v1/api-keys", "/api/v1/me/socket-tokens"];

/// Answers repeats of POSTs; passes what carries no key.
pub async fn guard(State(app): State<App>, request: Request, next: Next) -> Result<Response> {
    let path = request.uri().path();
    // What is posted to a conversation names itself by a client id, and is not to wait for two more commits.
    let posts = request.method() == Method::POST && !SECRETS.contains(&path) && !path.starts_with("/api/v1/conversations/");
    let Some(key) = request.headers().get("idempotency-key").filter(|_| posts).cloned() else { return Ok(next.run(request).await) };
    let key = key.to_str().ok().filter(|key| (8..=100).contains(&key.len())).map(ToOwned::to_owned);
    let key = key.ok_or_else(|| Error::invalid("Idempotency-Key must have 8 to 100 visible characters, such as a UUID"))?;
    let (mut parts, body) = request.into_parts();
    let me = SignedIn::from_request_parts(&mut parts, &app).await?;
    let body = to_bytes(body, BODY_MAX)
        .await
        .map_err(|_| Error::new(ErrorCode::TooLarge, "the body is larger than 64 KiB, which is the limit"))?;
    let hash = text::fingerprint(&serde_json::json!([parts.method.as_str(), parts.uri.path(), String::from_utf8_lossy(&body)]));
    let claim = store::Claim {
        scope: me.scope,
        principal: me.operator.id,
        key: &key,
        hash: &hash,
        now: app.clock.now(),
        forget_before: app.clock.now() - DAY,
    };
    match store::claim(&app.db, &claim, ABANDONED).await? {
        store::Found::Fresh => {}
        store::Found::Other => {
            return Err(Error::new(ErrorCode::Conflict, "this Idempotency-Key was used before with another request; make a new one"));
        }
        store::Found::Running => return Err(Error::unavailable("the first request with this Idempotency-Key is still running; try again")),
        store::Found::Answered(status, body) => return Ok(replay(status, body)),
    }
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    let (parts, body) = response.into_parts();
    let body: Bytes = to_bytes(body, usize::MAX).await.map_err(|error| Error::internal(&error))?;
    // What may succeed on a retry is not remembered.
    let final_answer = !parts.status.is_server_error() && parts.status != StatusCode::TOO_MANY_REQUESTS;
    let answer = final_answer.then(|| (i64::from(parts.status.as_u16()), String::from_utf8_lossy(&body).into_owned()));
    store::settle(&app.db, &claim, answer).await?;
    Ok(Response::from_parts(parts, Body::from(body)))
}

fn replay(status: i64, body: String) -> Response {
    let status = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(StatusCode::OK);
    (status, [(header::CONTENT_TYPE, "application/json"), (header::HeaderName::from_static("idempotent-replayed"), "true")], body)
        .into_response()
}
