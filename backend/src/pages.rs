//! Server-rendered pages: what must work before the console is loaded (first set-up, signing up and in,
//! a forgotten password, an invitation), and the demo shop.

pub mod assets;
pub mod console;
pub mod demo_shop;
pub mod invitation;
pub mod language;
mod notice;
pub mod password;
pub mod set_up;
pub mod sign_in;
pub mod sign_up;

use askama::Template;
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};

use crate::error::{Error, Result};
use crate::http::headers::PAGE_CSP;

/// A rendered page with the policy of our own pages, never cached: it may carry what somebody typed.
fn page(template: &impl Template) -> Result<Response> {
    let html = template.render().map_err(|error| Error::internal(&error))?;
    let mut response = Html(html).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAGE_CSP));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
