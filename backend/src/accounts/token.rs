//! What a letter's link carries: 256 random bits. The database has their SHA-256 alone, so that nobody who reads it can use a link.

use crate::text;

/// A fresh token.
pub(super) struct Token {
    /// Goes into the link and nowhere else.
    pub(super) text: String,
    /// Is stored.
    pub(super) hash: Vec<u8>,
}

impl Token {
    pub(super) fn fresh() -> Self {
        let text = text::hex(&text::random_bytes(32));
        Self { hash: hash(&text), text }
    }
}

/// The hash of a token that came back.
pub(super) fn hash(token: &str) -> Vec<u8> {
    text::sha256(token.as_bytes())
}
