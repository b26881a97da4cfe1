//! Style sheet and icons of the server-rendered pages.

use axum::http::header;
use axum::response::{IntoResponse, Response};

fn asset(kind: &'static str, body: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=3600")], body).into_response()
}

/// Style sheet of sign-in, set-up and errors.
pub async fn pages_css() -> Response {
    asset("text/css; charset=utf-8", include_str!("../../../templates/assets/pages.css"))
}

/// What little the forms do by script.
pub async fn pages_js() -> Response {
    asset("text/javascript; charset=utf-8", include_str!("../../../templates/assets/pages.js"))
}

/// The product's mark.
pub async fn mark_svg() -> Response {
    asset("image/svg+xml", include_str!("../../../templates/assets/mark.svg"))
}
