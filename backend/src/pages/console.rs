//! The console's files, as built from console/; every deep link answers the one page, which routes by itself.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use tower_sessions::Session;

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::files::{IMMUTABLE, embedded};
use crate::http::{headers, login};
use crate::sites::{self, Site};
use crate::text;

#[derive(rust_embed::RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/console/dist"]
#[allow_missing = true]
struct Files;

/// What the build writes for the nonce (`console/vite.config.ts`).
const NONCE: &str = "nonce-of-this-answer";
/// Domains from which product pictures are shown.
const PICTURE_DOMAINS: usize = 60;

/// The service worker: asked for again at every start, so that a new release is never kept out by an old one.
const WORKER: &str = "sw.js";

/// The console, or the way to sign in.
pub async fn index(State(app): State<App>, session: Session) -> Result<Response> {
    let Some(me) = login::find(&app, &session).await? else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    let page = Files::get("index.html").ok_or_else(|| Error::not_found("file"))?;
    let nonce = text::random_word(26);
    let page = String::from_utf8_lossy(&page.data).replace(NONCE, &nonce);
    let pictures = shops(&sites::list(&app.db, me.scope).await?);
    let policy = headers::console_csp(&nonce, &app.listen.widget_origin(), &pictures);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).map_err(|error| Error::internal(&error))?),
    ];
    Ok((StatusCode::OK, headers, page).into_response())
}

/// The tenant's own domains, as many as a header has room for; `console/src/conversation/shops.ts` goes by the same number.
fn shops(sites: &[Site]) -> String {
    let domains: std::collections::BTreeSet<&str> = sites.iter().flat_map(|site| site.domains.iter().map(String::as_str)).collect();
    domains.iter().take(PICTURE_DOMAINS).map(|domain| format!("https://{domain} http://{domain}")).collect::<Vec<_>>().join(" ")
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
