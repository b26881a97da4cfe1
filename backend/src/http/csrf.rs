//! Requests that carry a login come from our own pages only. Ports share cookies, so the whole origin is compared, port included.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::api_key::ByKey;

/// Refuses what another origin's page sends; reads without a cookie pass, for they see nothing of anybody, and so does
/// whoever proved an API key, which no browser sends by itself.
pub async fn guard(State(app): State<App>, request: Request, next: Next) -> Result<Response> {
    let headers = request.headers();
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let by_key = request.extensions().get::<ByKey>().is_some();
    if !by_key && (headers.contains_key(header::COOKIE) || !reads) {
        check(headers, reads, &app.listen.public_origin())?;
    }
    Ok(next.run(request).await)
}

fn check(headers: &HeaderMap, reads: bool, own: &str) -> Result<()> {
    let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let refused = |what: &str| Error::forbidden(format!("this request came from {what}; open the console at {own} and try again"));
    match value("sec-fetch-site") {
        None | Some("same-origin" | "none") => {}
        // A link from elsewhere may open a page, and no more.
        Some(_) if reads && value("sec-fetch-mode") == Some("navigate") && value("sec-fetch-dest") == Some("document") => {}
        Some(_) => return Err(refused("another site")),
    }
    match value("origin") {
        Some(origin) if origin == own => Ok(()),
        Some(origin) => Err(refused(origin)),
        None if reads => Ok(()),
        None => Err(refused("an unknown place (no Origin header)")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (header::HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_our_own_pages_may_write() {
        let own = "http://127.0.0.1:8080";
        check(&headers(&[("origin", own), ("sec-fetch-site", "same-origin")]), false, own).unwrap();
        check(&headers(&[("origin", own)]), false, own).unwrap();
        check(&headers(&[("origin", "http://127.0.0.1:8081"), ("sec-fetch-site", "same-site")]), false, own).unwrap_err();
        check(&headers(&[("origin", "http://127.0.0.1:8081")]), false, own).unwrap_err();
        check(&headers(&[("origin", "null")]), false, own).unwrap_err();
        check(&headers(&[]), false, own).unwrap_err();
    }

    #[test]
    fn another_site_may_link_but_not_read() {
        let own = "http://127.0.0.1:8080";
        let cross = |mode, dest| headers(&[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", mode), ("sec-fetch-dest", dest)]);
        check(&cross("navigate", "document"), true, own).unwrap();
        check(&cross("navigate", "iframe"), true, own).unwrap_err();
        check(&cross("cors", "empty"), true, own).unwrap_err();
        check(&headers(&[]), true, own).unwrap();
    }
}
