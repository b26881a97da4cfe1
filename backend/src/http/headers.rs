//! Security headers of each listener. What a page may load is decided here, page by page.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// For server-rendered pages: own styles and scripts, nobody's frame.
pub const PAGE_CSP: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// For one answer of the console's page: scripts and style sheets carry its nonce, and what they load is theirs to answer for. Pictures come from
/// here, from the widget's origin (attachments, photos) and from the shop's own `pictures` (products), and from nowhere that a visitor names.
pub fn console_csp(nonce: &str, widget_origin: &str, pictures: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob: {widget_origin} {pictures}; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default"
    )
}

/// For the console's service worker, which fetches the page and its code and does nothing else.
pub const WORKER_CSP: &str = "default-src 'none'; connect-src 'self'";

/// Console's listener: nothing is framed, sniffed, or told where one came from; every answer is by default a page without rights.
pub async fn console(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    common(&mut response);
    unless_set(&mut response, header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    unless_set(&mut response, header::X_FRAME_OPTIONS, "DENY");
    unless_set(&mut response, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    unless_set(&mut response, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    response
}

/// Widget's listener: made to be loaded from other origins; the panel names its own ancestors.
pub async fn widget(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    common(&mut response);
    unless_set(&mut response, header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
    unless_set(&mut response, HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
    response
}

fn common(response: &mut Response) {
    unless_set(response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    // Not `no-referrer`: under it browsers send `Origin: null` with our own forms.
    unless_set(response, header::REFERRER_POLICY, "same-origin");
    unless_set(response, HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()");
}

fn unless_set(response: &mut Response, name: HeaderName, value: &'static str) {
    response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
}
