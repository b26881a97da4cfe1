//! A raw body on its way into [`Incoming`]: judged by its announced length first, and again while it comes.

use axum::body::Body;
use axum::http::{HeaderMap, header};
use futures_util::StreamExt as _;

use crate::error::{Error, Reason, Result};
use crate::files::Incoming;

/// The whole body, or why not; a sender who hangs up leaves nothing.
pub async fn read(body: Body, headers: &HeaderMap, mut incoming: Incoming) -> Result<Incoming> {
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|value| value.parse().ok());
    incoming.announce(announced.unwrap_or(0))?;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        incoming.push(&piece.map_err(|_| Error::invalid("the file did not come whole; send it again").because(Reason::FileCut))?)?;
    }
    Ok(incoming)
}
