//! Searching the tenant's conversations.

use axum::Json;
use axum::extract::State;

use super::conversations::out;
use super::model::{SearchHitOut, SearchQuery, SearchResultOut};
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::extract::Params;
use crate::http::login::SignedIn;
use crate::http::paging::{self, Cursor, Page};
use crate::ids::ConversationId;
use crate::search::{self, Found, Pattern};
use crate::text::{self, Fields};

/// Characters that are looked for at most.
const WORDS_MAX: usize = 100;
/// Conversations of one answer, unless asked otherwise: a person reads the first few.
const DEFAULT: i64 = 20;

/// Conversations in which the words stand exactly so, whatever the case: in messages, notes, the visitor's name or address. Last changed first.
#[utoipa::path(get, operation_id = "search_list", path = "/api/v1/search", tag = "search", params(SearchQuery), responses((status = 200, body = Page<SearchResultOut>)))]
pub async fn list(State(app): State<App>, me: SignedIn, Params(query): Params<SearchQuery>) -> Result<Json<Page<SearchResultOut>>> {
    let mut fields = Fields::new();
    let words = text::clean_line(&text::required(&mut fields, "q", &query.q, WORDS_MAX));
    if !fields.is_empty() {
        return Err(Error::fields(fields));
    }
    let limit = paging::limit(Some(query.limit.unwrap_or(DEFAULT)))?;
    let after = Cursor::decode(query.cursor.as_deref())?.map(|Cursor(at, id)| (at, ConversationId(id)));
    let Some(pattern) = Pattern::of(&words) else { return Ok(Json(Page::whole(Vec::new()))) };
    // A search reads everything; a few at a time leave connections for those who wait for an answer.
    let _turn = app.searches.acquire().await.map_err(|_| Error::unavailable("the server is stopping; try again"))?;
    let found = search::find(&app.db, me.scope, &pattern, after, limit + 1).await?;
    let cursor = |found: &Found| Cursor(found.row.conversation.updated_at, found.row.conversation.id.0);
    Ok(Json(paging::page(found, limit, cursor, |found| {
        let conversation = out(&app, found.row);
        let hits = found.hits.into_iter().map(|hit| SearchHitOut::new(hit, &conversation.visitor.label)).collect();
        SearchResultOut { conversation, hits, visitor_match: found.visitor_match }
    })))
}
