//! The HTTP fallback: the same hello and requests by `fetch`, for pages where WebSocket is blocked (docs/PROTOCOL.md, section 7).

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::error::with_body;
use crate::http::extract::Body;
use crate::http::peer::Peer;
use crate::realtime::{HttpHello, VisitorPrincipal};
use crate::text;
use crate::visitors::Profile;

pub(super) fn header_of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The page may read the answer: whether it may ask was decided by the site's domains. Without credentials, so that no cookie plays a part.
pub(super) fn readable(mut response: Response, origin: Option<&str>) -> Response {
    if let Some(origin) = origin.and_then(|origin| HeaderValue::from_str(origin).ok()) {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("origin"));
    }
    response
}

/// Preflight: says what a page may send; the answer to the request itself depends on the site.
pub async fn preflight(headers: HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let allowed = response.headers_mut();
    allowed.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    allowed.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type, authorization, x-stalk-site"));
    allowed.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    readable(response, header_of(&headers, "origin"))
}

/// Hello by HTTP: answers the welcome.
pub async fn hello(State(app): State<App>, Peer(peer): Peer, headers: HeaderMap, Body(body): Body<Value>) -> Response {
    let origin = header_of(&headers, "origin").map(ToOwned::to_owned);
    let user_agent = header_of(&headers, "user-agent").map(ToOwned::to_owned);
    let answer = app.realtime.hello(HttpHello { peer: text::network(peer), origin: origin.clone(), user_agent, body }).await;
    readable(answer.map(Json).into_response(), origin.as_deref())
}

/// A request by HTTP.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestIn {
    m: String,
    #[serde(default)]
    p: Value,
}

/// One request, answered as on a socket: `{"ok":…}` or `{"err":…}` with its status.
pub async fn request(State(app): State<App>, Peer(peer): Peer, headers: HeaderMap, body: Result<Body<RequestIn>>) -> Response {
    let origin = header_of(&headers, "origin");
    let answer = match Box::pin(answer(&app, peer, &headers, body)).await {
        Ok(ok) => Json(json!({"ok": ok})).into_response(),
        Err(error) => with_body(&error, Json(json!({"err": error}))),
    };
    readable(answer, origin)
}

async fn answer(app: &App, peer: std::net::IpAddr, headers: &HeaderMap, body: Result<Body<RequestIn>>) -> Result<Value> {
    let Body(RequestIn { m, p }) = body?;
    let (visitor, _) = proven(app, peer, headers).await?;
    Box::pin(app.realtime.request(peer, visitor, &m, p)).await
}

/// The visitor whose ticket these headers carry, and the key of their site.
pub(super) async fn proven<'a>(app: &App, peer: std::net::IpAddr, headers: &'a HeaderMap) -> Result<(VisitorPrincipal, &'a str)> {
    let ticket = header_of(headers, "authorization").and_then(|value| value.strip_prefix("Bearer "));
    let ticket = ticket.ok_or_else(|| Error::unauthenticated("send the visitor ticket as Authorization: Bearer"))?;
    let site = header_of(headers, "x-stalk-site").ok_or_else(|| Error::invalid("send the site key as X-Stalk-Site"))?;
    let profile = Profile { user_agent: header_of(headers, "user-agent").map(|agent| text::cut(agent, 300)), ..Profile::default() };
    let visitor = app.realtime.visitor(text::network(peer), site, ticket, header_of(headers, "origin"), profile).await?;
    Ok((visitor, site))
}
