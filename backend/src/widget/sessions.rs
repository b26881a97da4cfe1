//! The session service of XPUSH's own protocol: which node a client should connect to. JSON for any page, also as JSONP, always with status 200:
//! its libraries read `status` in the body. Nothing is told that a login or a cookie could change.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::fallback::{header_of, readable};
use crate::app::App;
use crate::http::peer::Peer;
use crate::realtime::Realtime;
use crate::text;

/// Longest name of a JSONP function.
const CALLBACK_MAX: usize = 128;

/// What may stand behind the path.
#[derive(Deserialize)]
pub struct SessionQuery {
    callback: Option<String>,
}

/// The best node for a session of this channel.
pub async fn show(
    State(app): State<App>,
    Peer(peer): Peer,
    Path((app_id, channel)): Path<(String, String)>,
    Query(query): Query<SessionQuery>,
    headers: HeaderMap,
) -> Response {
    answer(&headers, query.callback.as_deref(), &node(&app, peer, &app_id, &channel).await)
}

async fn node(app: &App, peer: std::net::IpAddr, app_id: &str, channel: &str) -> Value {
    if app.sessions.take(text::network(peer)).await.is_err() {
        return refused("ERR-LIMIT", "too many sessions from this address; wait a moment");
    }
    if !Realtime::is_session_name(app_id) || !Realtime::is_session_name(channel) {
        return refused("ERR-PARAM", "an app and a channel have 1 to 256 bytes without control characters");
    }
    match app.channel_apps.exists(app_id).await {
        Ok(true) => {}
        Ok(false) => return refused("ERR-NOTEXIST", "there is no such app"),
        Err(error) => {
            tracing::error!(%error, "a session could not be placed");
            return refused("ERR-INTERNAL", "something went wrong on our side; try again");
        }
    }
    let Some(node) = app.realtime.session_node(app_id, channel, &app.listen.widget_origin()) else {
        return refused("error", "Channel server is not available.");
    };
    let server = json!({"channel": channel, "name": node.name, "url": node.url});
    json!({"status": "ok", "result": {"seq": text::random_word(12), "channel": channel, "server": server}})
}

/// Some libraries read `message`, others `result.message`.
fn refused(status: &str, message: &str) -> Value {
    json!({"status": status, "message": message, "result": {"message": message}})
}

/// That this server answers.
pub async fn ping(Query(query): Query<SessionQuery>, headers: HeaderMap) -> Response {
    answer(&headers, query.callback.as_deref(), &json!({"status": "ok", "result": {"message": "pong"}}))
}

/// What a page may send: nothing but the question.
pub async fn preflight(headers: HeaderMap) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let allowed = response.headers_mut();
    allowed.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET"));
    allowed.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
    allowed.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    readable(response, Some(header_of(&headers, "origin").unwrap_or("*")))
}

fn answer(headers: &HeaderMap, callback: Option<&str>, body: &Value) -> Response {
    let origin = Some(header_of(headers, "origin").unwrap_or("*"));
    let (kind, text) = match callback {
        None => ("application/json", body.to_string()),
        Some(callback) if is_function(callback) => {
            // Two separators that JSON allows in strings and old JavaScript does not.
            let body = body.to_string().replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
            ("application/javascript; charset=utf-8", format!("typeof {callback} === 'function' && {callback}({body});"))
        }
        Some(_) => ("application/json", refused("ERR-PARAM", "[callback] must be the name of a function").to_string()),
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")];
    readable((headers, text).into_response(), origin)
}

/// Names behind dots, and nothing that could be anything else.
fn is_function(name: &str) -> bool {
    let is_word = |word: &str| {
        word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_' || first == '$')
            && word.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '$')
    };
    name.len() <= CALLBACK_MAX && name.split('.').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_is_a_name_and_nothing_else() {
        for good in ["fn", "STALK._callbackInit", "$", "a.b.c1"] {
            assert!(is_function(good), "{good}");
        }
        for bad in ["", "a.", ".a", "1a", "alert(1)", "a;b", "a b", "a[0]", "a\n", "é", "<script>", &"x".repeat(129)] {
            assert!(!is_function(bad), "{bad}");
        }
    }
}
