//! Files of the front ends, built into the binary.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use crate::error::{Error, Result};

/// Hashed names never change their content.
pub const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// A built file with its type, or `not_found`.
pub fn embedded<Files: RustEmbed>(path: &str, cache: &'static str) -> Result<Response> {
    let file = Files::get(path).ok_or_else(|| Error::not_found("file"))?;
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let kind = if kind.type_() == "text" { format!("{kind}; charset=utf-8") } else { kind.to_string() };
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, cache.to_owned())], file.data).into_response())
}
