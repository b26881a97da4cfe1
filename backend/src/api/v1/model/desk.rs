//! What operators put on conversations and keep for themselves: tags, canned responses, drafts.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::conversations::ConversationOut;
use super::people::NamedOut;
use super::present;
use crate::canned_responses::CannedResponse;
use crate::clock::Millis;
use crate::drafts::Draft;
use crate::ids::{CannedResponseId, ConversationId, SiteId, TagId};
use crate::search::Hit;
use crate::tags::Tag;

/// A tag.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tag)]
pub struct TagOut {
    /// Id.
    pub id: TagId,
    /// As it was first written.
    pub name: String,
    /// Index of its colour, 0 to 11.
    pub color: i64,
    /// How many conversations have it.
    pub conversations: i64,
}

impl From<Tag> for TagOut {
    fn from(Tag { id, name, color, conversations }: Tag) -> Self {
        Self { id, name, color, conversations }
    }
}

/// A new tag.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewTag)]
pub struct NewTagIn {
    /// 1 to 40 characters; unique whatever its case.
    pub name: String,
    /// 0 to 11; absent: the next one.
    pub color: Option<i64>,
}

/// A change of a tag; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TagChange)]
pub struct TagIn {
    /// 1 to 40 characters.
    pub name: Option<String>,
    /// 0 to 11.
    pub color: Option<i64>,
}

/// The tags of a conversation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TagsChange)]
pub struct TagsIn {
    /// At most 20 names of at most 40 characters; those that nobody named before are made.
    pub tags: Vec<String>,
}

/// A text that operators say often.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CannedResponse)]
pub struct CannedResponseOut {
    /// Id.
    pub id: CannedResponseId,
    /// What an operator types to find it.
    pub shortcut: String,
    /// What is inserted. `{{visitor.name}}`, `{{operator.name}}`, `{{site.name}}`, `{{page.title}}` and `{{page.url}}` are filled by the console,
    /// each with an optional `|what else`.
    pub text: String,
    /// The site it is for; null: all.
    #[schema(required)]
    pub site_id: Option<SiteId>,
    /// In ms since 1970 UTC.
    pub updated_at: Millis,
    /// Who made it.
    pub created_by: NamedOut,
}

impl From<CannedResponse> for CannedResponseOut {
    fn from(found: CannedResponse) -> Self {
        Self {
            id: found.id,
            shortcut: found.shortcut,
            text: found.text,
            site_id: found.site_id,
            updated_at: found.updated_at,
            created_by: NamedOut { id: found.created_by.0, name: found.created_by_name },
        }
    }
}

/// A new canned response.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCannedResponse)]
pub struct NewCannedResponseIn {
    /// 1 to 40 of a-z, 0-9, `-`, `_` and Hangul; unique.
    pub shortcut: String,
    /// 1 to 4,000 characters.
    pub text: String,
    /// A site; absent or null: all.
    #[schema(value_type = Option<Uuid>)]
    pub site_id: Option<SiteId>,
}

/// A change of a canned response; what is absent stays, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CannedResponseChange)]
pub struct CannedResponseIn {
    /// 1 to 40 of a-z, 0-9, `-`, `_` and Hangul; unique.
    pub shortcut: Option<String>,
    /// 1 to 4,000 characters.
    pub text: Option<String>,
    /// A site, or null for all.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    pub site_id: Option<Option<SiteId>>,
}

/// What one has begun to write.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Draft)]
pub struct DraftOut {
    /// Where it will go.
    pub conversation_id: ConversationId,
    /// As far as it is written; empty: there is none.
    pub text: String,
    /// It will be a note.
    pub note: bool,
    /// In ms since 1970 UTC; null: there is none.
    #[schema(required)]
    pub updated_at: Option<Millis>,
}

impl DraftOut {
    /// The draft, or that there is none.
    pub fn new(conversation_id: ConversationId, found: Option<Draft>) -> Self {
        match found {
            Some(Draft { text, note, updated_at, .. }) => Self { conversation_id, text, note: note != 0, updated_at: Some(updated_at) },
            None => Self { conversation_id, text: String::new(), note: false, updated_at: None },
        }
    }
}

/// A draft to keep.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DraftChange)]
pub struct DraftIn {
    /// At most 8,000 characters, kept as they are; empty removes the draft.
    pub text: String,
    /// It will be a note.
    #[serde(default)]
    pub note: bool,
}

/// What to look for.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// 1 to 100 characters, found exactly so in any case.
    pub q: String,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// 1 to 200, default 20.
    pub limit: Option<i64>,
}

/// A conversation in which the words stand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SearchResult)]
pub struct SearchResultOut {
    /// The conversation.
    pub conversation: ConversationOut,
    /// The newest 5 messages and the newest 5 notes with the words, newest first.
    pub hits: Vec<SearchHitOut>,
    /// They stand in the visitor's name or address.
    pub visitor_match: bool,
}

/// A place where the words stand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SearchHit)]
pub struct SearchHitOut {
    /// Its place in the log of messages, or of notes.
    pub seq: i64,
    /// It is a note.
    pub note: bool,
    /// In ms since 1970 UTC.
    pub at: Millis,
    /// Who said it.
    pub sender_name: String,
    /// At most 200 characters around the words.
    pub text: String,
    /// `[start, length]` of the words in it, in UTF-16 units.
    #[schema(value_type = Vec<(usize, usize)>)]
    pub ranges: Vec<[usize; 2]>,
}

impl SearchHitOut {
    /// What the visitor said bears no name.
    pub fn new(hit: Hit, visitor: &str) -> Self {
        Self {
            seq: hit.seq,
            note: hit.note,
            at: hit.at,
            sender_name: hit.sender_name.unwrap_or_else(|| visitor.to_owned()),
            text: hit.excerpt.text,
            ranges: hit.excerpt.ranges.into_iter().map(|(start, length)| [start, length]).collect(),
        }
    }
}
