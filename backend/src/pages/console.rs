//! The console's files, as built from console/; every deep link answers the one page, which routes by itself.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use tower_sessions::Session;

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{headers, login};

#[derive(rust_embed::RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/console/dist"]
#[allow_missing = true]
struct Files;

fn file(path: &str, cache: &'static str) -> Result<Response> {
    let file = Files::get(path).ok_or_else(|| Error::not_found("file"))?;
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let kind = if kind.type_() == "text" { format!("{kind}; charset=utf-8") } else { kind.to_string() };
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cache.to_owned())];
    Ok((StatusCode::OK, headers, file.data).into_response())
}

/// The console, or the way to sign in.
pub async fn index(State(app): State<App>, session: Session) -> Result<Response> {
    if login::find(&app, &session).await?.is_none() {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    let mut response = file("index.html", "no-cache")?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(headers::CONSOLE_CSP));
    Ok(response)
}

/// A file where there is one, else the console itself.
pub async fn any(state: State<App>, session: Session, Path(path): Path<String>) -> Result<Response> {
    if path.starts_with("assets/") {
        return file(&path, "public, max-age=31536000, immutable");
    }
    if Files::get(&path).is_some() && path != "index.html" {
        return file(&path, "public, max-age=3600");
    }
    index(state, session).await
}

/// `/`: to the console.
pub async fn root() -> Redirect {
    Redirect::to("/console/")
}
