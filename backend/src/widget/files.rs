//! The loader and the panel, as built from widget/.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse as _, Response};
use serde::Deserialize;

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::files::{IMMUTABLE, embedded};

#[derive(rust_embed::RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/widget/dist"]
#[allow_missing = true]
struct Files;

/// `/w.js`, also as `/widget.js` for the old snippet. Shops keep the address for years, so it is never cached for long.
pub async fn loader() -> Result<Response> {
    embedded::<Files>("w.js", "public, max-age=300")
}

/// Hashed files of the panel.
pub async fn asset(Path(path): Path<String>) -> Result<Response> {
    let mut response = embedded::<Files>(&format!("panel/assets/{path}"), IMMUTABLE)?;
    let headers = response.headers_mut();
    headers.insert("cross-origin-embedder-policy", HeaderValue::from_static("require-corp"));
    // The loader imports its second part from a shop's page, and modules are always asked for with CORS.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}

/// `/panel?site=KEY`, `/community?site=KEY`.
#[derive(Deserialize)]
pub struct PanelQuery {
    #[serde(default)]
    site: String,
}

/// A page that isolates itself takes only frames that do so too. `credentialless` still shows a card's picture of a host that says nothing about who
/// may embed it; a browser that does not know the word would take the panel for one without a policy, and gets the stricter one.
fn embedder_policy(headers: &HeaderMap) -> &'static str {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let version = |name: &str| agent.split_once(name)?.1.split('.').next()?.parse::<u32>().ok();
    let knows = version("Chrome/") >= Some(96) || (version("Firefox/") >= Some(119) && !agent.contains("Android"));
    if knows { "credentialless" } else { "require-corp" }
}

/// The panel's page: only the site's own domains may frame it.
pub async fn panel(State(app): State<App>, Query(query): Query<PanelQuery>, asked: HeaderMap) -> Result<Response> {
    framed(&app, &query.site, &asked, "panel/index.html").await
}

/// The page of a community, the chat of all who are on one page: framed as the panel is.
pub async fn community(State(app): State<App>, Query(query): Query<PanelQuery>, asked: HeaderMap) -> Result<Response> {
    framed(&app, &query.site, &asked, "panel/community.html").await
}

async fn framed(app: &App, site_key: &str, asked: &HeaderMap, file: &str) -> Result<Response> {
    let site = app.sites.find(site_key).await?.ok_or_else(|| Error::not_found("site key"))?;
    let mut response = embedded::<Files>(file, "no-cache")?;
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: https:; connect-src 'self' ws: wss:; frame-ancestors 'self' {}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'",
        site.frame_ancestors()
    );
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).map_err(|error| Error::internal(&error))?);
    headers.insert("cross-origin-embedder-policy", HeaderValue::from_static(embedder_policy(asked)));
    headers.insert(header::VARY, HeaderValue::from_static("user-agent"));
    Ok(response)
}

/// Nobody's frame; it loads the loader, which opens the panel as the whole page.
#[derive(Template)]
#[template(path = "pages/chat.html")]
struct ChatPage<'a> {
    name: &'a str,
    key: &'a str,
    language: &'a str,
}

/// `/chat/KEY`: the chat as a page of its own, for links from mails, maps and profiles.
pub async fn chat(State(app): State<App>, Path(key): Path<String>, asked: HeaderMap) -> Result<Response> {
    let site = app.sites.find(&key).await?.ok_or_else(|| Error::not_found("site key"))?;
    let first = asked.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).and_then(|value| value.split([',', ';']).next());
    let page = ChatPage { name: &site.name, key: &site.site_key, language: site.language_for(first) };
    let mut response = Html(page.render().map_err(|error| Error::internal(&error))?).into_response();
    let origin = app.listen.widget_origin();
    let sockets = origin.replacen("http", "ws", 1);
    let policy = format!(
        "default-src 'none'; script-src 'self'; frame-src 'self'; img-src 'self' data:; connect-src 'self' {sockets}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    );
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).map_err(|error| Error::internal(&error))?);
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_of_anywhere_are_shown_where_the_browser_can_fetch_them_without_credentials() {
        let policy = |agent: &str| embedder_policy(&HeaderMap::from_iter([(header::USER_AGENT, HeaderValue::from_str(agent).unwrap())]));
        for agent in [
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
            "Mozilla/5.0 Gecko/20100101 Firefox/132.0",
        ] {
            assert_eq!(policy(agent), "credentialless", "{agent}");
        }
        for agent in [
            "",
            "Mozilla/5.0 (Macintosh) Version/18.1 Safari/605.1.15",
            "Mozilla/5.0 (iPhone) CriOS/140.0 Mobile",
            "Chrome/95.0",
            "Android; Firefox/132.0",
        ] {
            assert_eq!(policy(agent), "require-corp", "{agent}");
        }
        assert_eq!(embedder_policy(&HeaderMap::new()), "require-corp");
    }
}
