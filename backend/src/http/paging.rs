//! Cursor paging: a list goes on after the last row one has, so that rows which move or come meanwhile are neither skipped nor repeated.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::clock::Millis;
use crate::error::{Error, Result};

/// Rows of a page when the caller does not say.
const DEFAULT: i64 = 50;
/// Rows of a page at most.
const MOST: i64 = 200;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// Its rows.
    pub items: Vec<T>,
    /// Goes into `cursor` for the next page; null on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// A list that always fits one page.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next_cursor: None }
    }
}

/// Where a list goes on: the order's time and the id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor(pub Millis, pub Uuid);

impl Cursor {
    /// As it travels.
    pub fn encode(self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{}.{}", self.0, self.1.simple()))
    }

    /// From the query; nonsense is refused, not ignored.
    pub fn decode(text: Option<&str>) -> Result<Option<Self>> {
        let Some(text) = text else { return Ok(None) };
        let decoded = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let cursor =
            decoded.as_deref().and_then(|text| text.split_once('.')).and_then(|(at, id)| Some(Self(at.parse().ok()?, id.parse().ok()?)));
        cursor.map(Some).ok_or_else(|| Error::invalid("the cursor is not one of ours; pass next_cursor of the page before, or none"))
    }
}

/// A limit within bounds.
pub fn limit(asked: Option<i64>) -> Result<i64> {
    match asked {
        None => Ok(DEFAULT),
        Some(limit) if (1..=MOST).contains(&limit) => Ok(limit),
        Some(limit) => Err(Error::invalid(format!("limit is {limit}; 1 to {MOST} are allowed"))),
    }
}

/// The page of `rows`, which were asked for with one row more than `limit`.
pub fn page<R, T>(mut rows: Vec<R>, limit: i64, cursor: impl Fn(&R) -> Cursor, out: impl Fn(R) -> T) -> Page<T> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next_cursor = more.then(|| rows.last().map(|row| cursor(row).encode())).flatten();
    Page { items: rows.into_iter().map(out).collect(), next_cursor }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went_and_nonsense_is_refused() {
        let cursor = Cursor(1_795_298_351_000, Uuid::from_u128(7));
        assert_eq!(Cursor::decode(Some(&cursor.encode())).unwrap(), Some(cursor));
        assert_eq!(Cursor::decode(None).unwrap(), None);
        Cursor::decode(Some("%%%")).unwrap_err();
        Cursor::decode(Some("MTIz")).unwrap_err();
    }

    #[test]
    fn the_last_page_has_no_next() {
        let rows = |n: u128| (0..n).map(Uuid::from_u128).collect::<Vec<_>>();
        assert_eq!(page(rows(3), 2, |id| Cursor(1, *id), |id| id).items.len(), 2);
        assert!(page(rows(3), 2, |id| Cursor(1, *id), |id| id).next_cursor.is_some());
        assert!(page(rows(2), 2, |id| Cursor(1, *id), |id| id).next_cursor.is_none());
    }
}
