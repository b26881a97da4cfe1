//! The language of a page for somebody who has not told us yet: the browser's.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

/// Korean or English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// ko
    Korean,
    /// en
    English,
}

impl Language {
    /// `ko` or `en`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Korean => "ko",
            Self::English => "en",
        }
    }

    /// The first of ours that `Accept-Language` names.
    fn accepted(header: &str) -> Self {
        let first = header
            .split(',')
            .filter_map(|part| part.split(';').next())
            .map(str::trim)
            .find(|tag| tag.starts_with("ko") || tag.starts_with("en"));
        if first.is_some_and(|tag| tag.starts_with("ko")) { Self::Korean } else { Self::English }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Language {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let header = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Ok(Self::accepted(header))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_first_language_of_ours_counts() {
        assert_eq!(Language::accepted("ko-KR,ko;q=0.9,en-US;q=0.8"), Language::Korean);
        assert_eq!(Language::accepted("de,en;q=0.8,ko;q=0.5"), Language::English);
        assert_eq!(Language::accepted(""), Language::English);
    }
}
