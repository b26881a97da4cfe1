//! The console's files, as built from console/; every deep link answers the one page, which routes by itself.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use tower_sessions::Session;

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::files::{IMMUTABLE, embedded};
use crate::http::{headers, login};

#[derive(rust_embed::RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/console/dist"]
#[allow_missing = true]
struct Files;

/// The service worker: asked for again at every start, so that a new release is never kept out by an old one.
const WORKER: &str = "sw.js";

/// The console, or the way to sign in.
pub async fn index(State(app): State<App>, session: Session) -> Result<Response> {
    if login::find(&app, &session).await?.is_none() {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    let mut response = embedded::<Files>("index.html", "no-cache")?;
    let policy = HeaderValue::from_str(&headers::console_csp(&app.listen.widget_origin())).map_err(|error| Error::internal(&error))?;
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// A file where there is one, else the console itself.
pub async fn any(state: State<App>, session: Session, Path(path): Path<String>) -> Result<Response> {
    if path.starts_with("assets/") {
        return embedded::<Files>(&path, IMMUTABLE);
    }
    if path == WORKER {
        let mut response = embedded::<Files>(WORKER, "no-cache")?;
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(headers::WORKER_CSP));
        return Ok(response);
    }
    if Files::get(&path).is_some() && path != "index.html" {
        return embedded::<Files>(&path, "public, max-age=3600");
    }
    index(state, session).await
}

/// `/`: to the console.
pub async fn root() -> Redirect {
    Redirect::to("/console/")
}
