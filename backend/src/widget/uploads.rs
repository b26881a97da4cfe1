//! Files over the widget's listener: what visitors upload, and what links open. Nothing that is served here may run: no script, no frame, no
//! guessing of types.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::app::App;
use crate::error::{Error, Reason, Result};
use crate::files::{FileRow, NewFile, links};
use crate::http::extract::Params;
use crate::http::files::IMMUTABLE;
use crate::http::intake;
use crate::http::peer::Peer;
use crate::ids::{FileId, OperatorId, TenantId};
use crate::sites::settings::FileTypes;
use crate::text;

use super::fallback::{header_of, proven, readable};

/// A document without any right, in an origin of its own, should a browser ever show it as one.
const CSP: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// How a file is called.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadQuery {
    name: String,
}

/// Takes a visitor's file; it waits a day for the message that carries it.
pub async fn create(
    State(app): State<App>,
    Peer(peer): Peer,
    headers: HeaderMap,
    query: Result<Params<UploadQuery>>,
    body: Body,
) -> Response {
    let answer = match query {
        Ok(Params(query)) => keep(&app, peer, &headers, &query.name, body).await,
        Err(error) => Err(error),
    };
    readable(answer.map(|kept| (StatusCode::CREATED, Json(kept))).into_response(), header_of(&headers, "origin"))
}

async fn keep(app: &App, peer: std::net::IpAddr, headers: &HeaderMap, name: &str, body: Body) -> Result<Value> {
    let (visitor, site_key) = proven(app, peer, headers).await?;
    let paced = app.uploads.take(text::network(peer)).await;
    paced.map_err(|wait| Error::rate_limited("too many files from this address; wait a moment", wait))?;
    let site = app.sites.find(site_key).await?.ok_or_else(|| Error::not_found("site"))?;
    let settings = &site.settings.files;
    if !settings.enabled {
        return Err(Error::forbidden("this site takes no files").because(Reason::NoFiles));
    }
    let incoming = intake::read(body, headers, app.files.incoming(settings.max_mib)).await?;
    let new = NewFile {
        scope: visitor.scope,
        uploader: visitor.visitor.into(),
        name: name.to_owned(),
        pictures_only: settings.types == FileTypes::Images,
        incoming,
    };
    Ok(json!({"attachment": app.files.keep(new).await?}))
}

/// What a link says: whose file, until when, proven by what, and whether the thumbnail is wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkQuery {
    #[serde(rename = "o")]
    tenant: Option<Uuid>,
    #[serde(rename = "e")]
    expires: Option<i64>,
    #[serde(rename = "s")]
    seal: Option<String>,
    #[serde(rename = "t")]
    thumbnail: Option<u8>,
}

/// A file, by a link that has not expired.
pub async fn show(State(app): State<App>, Path((id, _)): Path<(String, String)>, Params(query): Params<LinkQuery>) -> Result<Response> {
    let gone = || Error::not_found("file");
    let id = FileId(id.parse().map_err(|_| gone())?);
    let (Some(tenant), Some(expires), Some(seal)) = (query.tenant, query.expires, query.seal) else {
        return Err(Error::forbidden("this address is not a whole link; open the file from the conversation"));
    };
    let scope = links::prove(&app.signer, TenantId(tenant), id, expires, &seal, app.clock.now());
    let scope = scope.ok_or_else(|| Error::forbidden("this link has expired or was changed; open the file from the conversation again"))?;
    let file = app.files.find(scope, id).await?.ok_or_else(gone)?;
    let thumbnail = query.thumbnail == Some(1);
    let bytes = app.files.open(scope, id, thumbnail).await?.ok_or_else(gone)?;
    let mut response = Body::from_stream(bytes.stream).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.length));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=3600, immutable"));
    describe(headers, &file)?;
    Ok(response)
}

/// Pictures that we have drawn ourselves may be shown; everything else is bytes to be saved.
fn describe(headers: &mut HeaderMap, file: &FileRow) -> Result<()> {
    let drawn = file.width.is_some();
    // A thumbnail shines through where its picture does.
    let kind = if drawn { file.media_type.as_str() } else { "application/octet-stream" };
    let kind = HeaderValue::from_str(kind).map_err(|error| Error::internal(&error))?;
    headers.insert(header::CONTENT_TYPE, kind);
    let name = url_name(&file.name);
    let how = if drawn { "inline" } else { "attachment" };
    let disposition = HeaderValue::from_str(&format!("{how}; filename*=UTF-8''{name}")).map_err(|error| Error::internal(&error))?;
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CSP));
    headers.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    Ok(())
}

/// Percent-encoded as RFC 8187 wants it.
fn url_name(name: &str) -> String {
    use std::fmt::Write as _;
    name.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// A picture that the shop shows to everybody, of a promotion: public, and never another under the same address.
pub async fn picture(State(app): State<App>, Path((tenant, name)): Path<(String, String)>) -> Result<Response> {
    let gone = || Error::not_found("picture");
    let tenant = TenantId(tenant.parse().map_err(|_| gone())?);
    let (media_type, bytes) = app.files.picture(tenant, &name).await?.ok_or_else(gone)?;
    Ok(([(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, IMMUTABLE), (header::CONTENT_SECURITY_POLICY, CSP)], bytes)
        .into_response())
}

/// An operator's photo: public, and never another under the same address.
pub async fn photo(State(app): State<App>, Path((operator, hash)): Path<(String, String)>) -> Result<Response> {
    let gone = || Error::not_found("photo");
    let operator = OperatorId(operator.parse().map_err(|_| gone())?);
    let bytes = app.files.photo(operator, &hash).await?.ok_or_else(gone)?;
    Ok(([(header::CONTENT_TYPE, "image/webp"), (header::CACHE_CONTROL, IMMUTABLE), (header::CONTENT_SECURITY_POLICY, CSP)], bytes)
        .into_response())
}
