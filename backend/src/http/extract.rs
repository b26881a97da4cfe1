//! Extractors that answer our own errors: a JSON body that is strict, a path id that is one, a query that is understood.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::header;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::error::{Error, ErrorCode, Result};

/// Largest JSON body.
pub const BODY_MAX: usize = 64 * 1024;

/// A JSON body, strict: unknown fields are refused where the type says so.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let is_json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|kind| kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json")));
        if !is_json {
            return Err(Error::invalid("the body must be JSON; send the header Content-Type: application/json"));
        }
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|_| Error::new(ErrorCode::TooLarge, format!("the body is larger than {} KiB, which is the limit", BODY_MAX / 1024)))?;
        serde_json::from_slice(&bytes).map(Self).map_err(|error| Error::invalid(format!("the body is not understood: {error}")))
    }
}

/// Ids of the path, in order. Whatever is not an id names nothing: 404.
pub struct PathIds<T>(pub T);

/// What a path segment may hold.
pub trait Segment: Sized {
    /// From its text.
    fn parse(text: &str) -> Option<Self>;
}

impl<T: From<Uuid>> Segment for T {
    fn parse(text: &str) -> Option<Self> {
        text.parse::<Uuid>().ok().map(T::from)
    }
}

/// A place in a log, as a path segment.
pub struct Seq(pub i64);

async fn segments(parts: &mut Parts) -> Result<Vec<String>> {
    let path = axum::extract::RawPathParams::from_request_parts(parts, &()).await.map_err(|_| Error::not_found("page"))?;
    Ok(path.iter().map(|(_, value)| value.to_owned()).collect())
}

impl<S: Send + Sync, A: Segment> FromRequestParts<S> for PathIds<A> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let found = segments(parts).await?;
        found.first().and_then(|text| A::parse(text)).map(Self).ok_or_else(|| Error::not_found("id"))
    }
}

/// An id and a place in its log.
pub struct PathEntry<A>(pub A, pub Seq);

impl<S: Send + Sync, A: Segment> FromRequestParts<S> for PathEntry<A> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let found = segments(parts).await?;
        let id = found.first().and_then(|text| A::parse(text));
        let seq = found.get(1).and_then(|text| text.parse::<i64>().ok()).filter(|seq| *seq > 0);
        match (id, seq) {
            (Some(id), Some(seq)) => Ok(Self(id, Seq(seq))),
            _ => Err(Error::not_found("message")),
        }
    }
}

/// Two ids.
pub struct PathPair<A, B>(pub A, pub B);

impl<S: Send + Sync, A: Segment, B: Segment> FromRequestParts<S> for PathPair<A, B> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let found = segments(parts).await?;
        let first = found.first().and_then(|text| A::parse(text));
        let second = found.get(1).and_then(|text| B::parse(text));
        first.zip(second).map(|(first, second)| Self(first, second)).ok_or_else(|| Error::not_found("id"))
    }
}

/// The query of an address.
pub struct Params<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Query(query) = Query::<T>::from_request_parts(parts, state)
            .await
            .map_err(|error| Error::invalid(format!("the query is not understood: {error}")))?;
        Ok(Self(query))
    }
}
