//! How a request becomes a WebSocket (RFC 6455, section 4.2).

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::upgrade::OnUpgrade;
use sha1::{Digest, Sha1};

use crate::refusal::{Code, Refusal};

/// The answer that agrees, and the stream that follows it; else the answer that says what is missing.
pub(super) fn agree(request: &mut Request) -> Result<(Response, OnUpgrade), Box<Response>> {
    let headers = request.headers();
    let names = |name: HeaderName, token: &str| has_token(headers, &name, token);
    if !names(header::CONNECTION, "upgrade") || !names(header::UPGRADE, "websocket") {
        return Err(Box::new(refuse(StatusCode::UPGRADE_REQUIRED, "this address speaks WebSocket: ask for the upgrade")));
    }
    if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return Err(Box::new(refuse(StatusCode::BAD_REQUEST, "sec-websocket-version is 13")));
    }
    let accept = headers.get(header::SEC_WEBSOCKET_KEY).map(accept).transpose().ok().flatten();
    let Some(accept) = accept else { return Err(Box::new(refuse(StatusCode::BAD_REQUEST, "sec-websocket-key is missing"))) };
    let Some(upgrade) = request.extensions_mut().remove::<OnUpgrade>() else {
        return Err(Box::new(refuse(StatusCode::UPGRADE_REQUIRED, "this connection cannot be upgraded: use HTTP/1.1")));
    };
    let agreed = [
        (header::CONNECTION, HeaderValue::from_static("upgrade")),
        (header::UPGRADE, HeaderValue::from_static("websocket")),
        (header::SEC_WEBSOCKET_ACCEPT, accept),
    ];
    Ok(((StatusCode::SWITCHING_PROTOCOLS, agreed).into_response(), upgrade))
}

fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|one| one.trim().eq_ignore_ascii_case(token))
}

fn accept(key: &HeaderValue) -> Result<HeaderValue, header::InvalidHeaderValue> {
    let digest = Sha1::new().chain_update(key.as_bytes()).chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11").finalize();
    HeaderValue::try_from(STANDARD.encode(digest))
}

fn refuse(status: StatusCode, message: &str) -> Response {
    (status, [(header::UPGRADE, "websocket")], Json(Refusal::new(Code::Invalid, message))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_accepted_as_the_rfc_shows() {
        let key = HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(accept(&key).unwrap(), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn tokens_are_found_in_lists_and_in_any_case() {
        let mut headers = HeaderMap::new();
        headers.append(header::CONNECTION, HeaderValue::from_static("keep-alive, Upgrade"));
        assert!(has_token(&headers, &header::CONNECTION, "upgrade"));
        assert!(!has_token(&headers, &header::CONNECTION, "up"));
        assert!(!has_token(&headers, &header::UPGRADE, "websocket"));
    }
}
