//! Finding conversations by what was said in them: substring-exact and whatever the case, in messages, notes, visitors' names and addresses, the
//! same on both databases. [`pattern`] says what matches (pure), [`store`] asks. There is no index to keep in step with the log: a word of one
//! syllable is as findable as a sentence, and docs/PERFORMANCE.md tells what that costs.

mod pattern;
mod store;

pub use pattern::{Excerpt, Pattern};

use std::collections::HashMap;

use crate::clock::Millis;
use crate::conversations::{self, InboxRow};
use crate::db::{Db, DbResult};
use crate::ids::ConversationId;
use crate::scope::TenantScope;

/// Hits shown of one conversation at most.
const HITS: i64 = 5;

/// A place where the words stand.
#[derive(Clone, Debug)]
pub struct Hit {
    /// Its place in the log of messages, or of notes.
    pub seq: i64,
    /// It is a note.
    pub note: bool,
    /// When it was said.
    pub at: Millis,
    /// By whom; unset for the visitor.
    pub sender_name: Option<String>,
    /// The words with what stands around them.
    pub excerpt: Excerpt,
}

/// A conversation in which the words stand.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its row.
    pub row: InboxRow,
    /// The newest places, newest first.
    pub hits: Vec<Hit>,
    /// They stand in the visitor's name or address.
    pub visitor_match: bool,
}

/// Conversations in which the words stand, last changed first, below `after`.
pub async fn find(
    db: &Db,
    scope: TenantScope,
    pattern: &Pattern,
    after: Option<(Millis, ConversationId)>,
    limit: i64,
) -> DbResult<Vec<Found>> {
    let ids = store::list_conversations(db, scope, pattern, after, limit).await?;
    let mut rows: HashMap<ConversationId, InboxRow> =
        conversations::list_rows(db, scope, &ids).await?.into_iter().map(|row| (row.conversation.id, row)).collect();
    let mut hits: HashMap<ConversationId, Vec<Hit>> = HashMap::new();
    for hit in store::list_hits(db, scope, pattern, &ids, HITS).await? {
        let Some(excerpt) = pattern.excerpt(&hit.text) else { continue };
        let of = hits.entry(hit.conversation_id).or_default();
        of.push(Hit { seq: hit.seq, note: hit.note != 0, at: hit.at, sender_name: hit.sender_name, excerpt });
    }
    Ok(ids
        .into_iter()
        .filter_map(|id| {
            let row = rows.remove(&id)?;
            let mut hits = hits.remove(&id).unwrap_or_default();
            hits.sort_by_key(|hit| std::cmp::Reverse((hit.at, hit.seq)));
            let visitor_match = [&row.visitor_name, &row.visitor_email].into_iter().flatten().any(|text| pattern.excerpt(text).is_some());
            Some(Found { row, hits, visitor_match })
        })
        .collect())
}
