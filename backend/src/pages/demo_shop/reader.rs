//! Who reads: the language that `?lang=` asks for, else the browser's. A language that was asked for is kept in the links.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use url::form_urlencoded;

use crate::pages::language::Language;

/// The reader of one page.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    /// What the page is written in.
    pub(super) language: Language,
    /// Whether the address named it.
    pub(super) asked: bool,
}

/// The language that a query string names, if it is one of ours.
fn asked(query: &str) -> Option<Language> {
    let (_, value) = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "lang")?;
    match value.as_ref() {
        "ko" => Some(Language::Korean),
        "en" => Some(Language::English),
        _ => None,
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let asked = parts.uri.query().and_then(asked);
        let accepted = Language::from_request_parts(parts, state).await?;
        Ok(Self { language: asked.unwrap_or(accepted), asked: asked.is_some() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_may_name_one_of_our_languages() {
        assert_eq!(asked("lang=ko"), Some(Language::Korean));
        assert_eq!(asked("a=1&lang=en"), Some(Language::English));
        assert_eq!(asked("lang=de"), None);
        assert_eq!(asked(""), None);
    }
}
