//! Conversations and their logs.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::people::NamedOut;
use crate::clock::Millis;
use crate::conversations::{self, Card, Entry, InboxRow, QuickReply, Receipts, Sender, SenderKind, Side, Sort, Status};
use crate::ids::{ConversationId, MessageId, OperatorId, ParticipantId, SiteId, VisitorId};
use crate::text;
use crate::visitors;

/// A visitor in the inbox.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConversationVisitor)]
pub struct ConversationVisitorOut {
    /// Id.
    pub id: VisitorId,
    /// What they call themselves.
    #[schema(required)]
    pub name: Option<String>,
    /// Where they can be reached.
    #[schema(required)]
    pub email: Option<String>,
    /// The name, or "Visitor 4F2A".
    pub label: String,
    /// Has a live connection now.
    pub present: bool,
}

/// The last message of a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LastMessage)]
pub struct LastMessageOut {
    /// Its place in the log.
    pub seq: i64,
    /// Who wrote it.
    pub sender: Sender,
    /// Whose side that is.
    pub side: Side,
    /// What it is made of.
    #[schema(value_type = MessageKind)]
    pub kind: String,
    /// The first 140 characters of the text, the name of the file or the title of the card; empty when it was taken back.
    pub text: String,
    /// In ms since 1970 UTC.
    pub at: Millis,
}

/// What a message is made of; documents the words that logs are written in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// Plain text.
    Text,
    /// A file.
    Attachment,
    /// A card.
    Card,
    /// It was taken back.
    Retracted,
}

/// A page of the shop.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ShopPage)]
pub struct ShopPageOut {
    /// Address.
    pub url: String,
    /// Title.
    pub title: String,
}

/// What a visitor thought of a conversation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Rating)]
pub struct RatingOut {
    /// 1 to 5.
    pub score: i64,
    /// In words.
    #[schema(required)]
    pub comment: Option<String>,
}

/// A conversation, as the inbox shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Conversation)]
pub struct ConversationOut {
    /// Id.
    pub id: ConversationId,
    /// Its log's channel.
    pub channel: String,
    /// Its notes' channel.
    pub notes_channel: String,
    /// Its site.
    pub site: NamedOut,
    /// Its visitor.
    pub visitor: ConversationVisitorOut,
    /// Where it stands; queued is open without assignee, and not with the virtual agent.
    pub status: Status,
    /// Who answers.
    #[schema(required)]
    pub assignee: Option<NamedOut>,
    /// Top of the log.
    pub last_seq: i64,
    /// Top of the notes.
    pub last_note_seq: i64,
    /// Its tags, by name.
    pub tags: Vec<String>,
    /// When it comes back from a snooze, in ms since 1970 UTC; null: when the visitor writes, or not snoozed.
    #[schema(required)]
    pub snoozed_until: Option<Millis>,
    /// When the assignee got it, in ms since 1970 UTC.
    #[schema(required)]
    pub assigned_at: Option<Millis>,
    /// Since when the virtual agent answers it, in ms since 1970 UTC; null: people do.
    #[schema(required)]
    pub agent_since: Option<Millis>,
    /// Its place in its site's queue, 1 for the next; null unless it is queued.
    #[schema(required)]
    pub queue_position: Option<i64>,
    /// Last message.
    #[schema(required)]
    pub last_message: Option<LastMessageOut>,
    /// Since when the visitor waits for an answer, in ms since 1970 UTC.
    #[schema(required)]
    pub waiting_since: Option<Millis>,
    /// Messages of the visitor that no operator has read, counted to 100.
    pub unread: i64,
    /// Watermarks of both sides.
    pub receipts: Receipts,
    /// The page the visitor is on, or was last.
    #[schema(required)]
    pub page: Option<ShopPageOut>,
    /// What the visitor thought of it.
    #[schema(required)]
    pub rating: Option<RatingOut>,
    /// The conversation it continues.
    #[schema(required)]
    pub previous_id: Option<ConversationId>,
    /// In ms since 1970 UTC.
    pub created_at: Millis,
    /// In ms since 1970 UTC.
    pub updated_at: Millis,
}

impl ConversationOut {
    /// From the row and the engine's knowledge.
    pub fn new(row: InboxRow, visitor_present: bool) -> Self {
        let receipts = row.receipts();
        let last_message = last_message(&row);
        let tags = row.tags();
        let conversation = row.conversation;
        Self {
            channel: conversations::log_channel(conversation.tenant_id, conversation.id),
            notes_channel: conversations::notes_channel(conversation.tenant_id, conversation.id),
            id: conversation.id,
            site: NamedOut { id: conversation.site_id.0, name: row.site_name },
            visitor: ConversationVisitorOut {
                id: row.person_id,
                label: visitors::label(row.person_id, row.visitor_name.as_deref()),
                name: row.visitor_name,
                email: row.visitor_email,
                present: visitor_present,
            },
            status: conversation.status,
            assignee: conversation.assignee_id.map(|id| NamedOut { id: id.0, name: conversation.assignee_name.unwrap_or_default() }),
            last_seq: conversation.last_seq,
            last_note_seq: conversation.last_note_seq,
            tags,
            snoozed_until: conversation.snoozed_until,
            assigned_at: conversation.assigned_at,
            agent_since: conversation.agent_since,
            queue_position: row.queue_position,
            last_message,
            waiting_since: conversation.waiting_since,
            unread: row.unread,
            receipts,
            page: row.page_url.map(|url| ShopPageOut { url, title: row.page_title.unwrap_or_default() }),
            rating: row.rating_score.map(|score| RatingOut { score, comment: row.rating_comment }),
            previous_id: conversation.previous_id,
            created_at: conversation.created_at,
            updated_at: conversation.updated_at,
        }
    }
}

fn last_message(row: &InboxRow) -> Option<LastMessageOut> {
    let (kind, text) = row.message_data.as_ref().map_or(("text", ""), |data| conversations::summary(data));
    let sender_kind = row.message_sender_kind?;
    Some(LastMessageOut {
        seq: row.conversation.last_message_seq,
        side: if sender_kind == SenderKind::Visitor { Side::Visitor } else { Side::Operator },
        kind: kind.to_owned(),
        sender: Sender { kind: sender_kind, id: row.message_sender_id?, name: row.message_sender_name.clone() },
        text: text::cut(text, 140),
        at: row.message_at?,
    })
}

/// Numbers on the inbox's tabs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Counts)]
pub struct CountsOut {
    /// Open without assignee.
    pub queued: i64,
    /// Open and mine.
    pub mine: i64,
    /// Open.
    pub open: i64,
    /// Snoozed.
    pub snoozed: i64,
    /// Resolved.
    pub resolved: i64,
    /// Offline messages nobody has read.
    pub offline_unread: i64,
}

/// One entry of a log: the envelope of docs/PROTOCOL.md, section 5.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LogEntry)]
pub struct LogEntryOut {
    /// Version of the envelope: 1.
    pub v: u8,
    /// Id.
    pub id: MessageId,
    /// `message.posted`, `message.edited`, `message.retracted`, `conversation.assigned`, `conversation.resolved`, `conversation.snoozed`, `conversation.reopened`, `note.posted`.
    #[serde(rename = "type")]
    pub kind: String,
    /// In ms since 1970 UTC.
    pub at: Millis,
    /// Conversation.
    pub conversation: ConversationId,
    /// Place in the log, 1..n without holes.
    pub seq: i64,
    /// Who.
    pub sender: SenderOut,
    /// The sender's own id.
    #[schema(required)]
    pub client_message_id: Option<Uuid>,
    /// What the type needs: docs/PROTOCOL.md, section 5.
    pub data: Value,
}

/// Who wrote an entry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EntrySender)]
pub struct SenderOut {
    /// What they are.
    pub kind: SenderKind,
    /// Participant id.
    pub id: ParticipantId,
    /// Name at that moment.
    #[schema(required)]
    pub name: Option<String>,
}

impl From<Entry> for LogEntryOut {
    fn from(entry: Entry) -> Self {
        Self {
            v: 1,
            id: entry.id,
            kind: entry.kind,
            at: entry.at,
            conversation: entry.conversation_id,
            seq: entry.seq,
            sender: SenderOut { kind: entry.sender_kind, id: entry.sender_id, name: entry.sender_name },
            client_message_id: entry.client_message_id.map(|id| id.0),
            data: entry.data,
        }
    }
}

/// A stretch of a log, oldest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LogPage)]
pub struct LogPageOut {
    /// Entries.
    pub items: Vec<LogEntryOut>,
    /// Top of the log now.
    pub top: i64,
}

/// Which stretch of a log.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LogQuery {
    /// Entries above this seq.
    pub after: Option<i64>,
    /// Entries below this seq (the nearest ones).
    pub before: Option<i64>,
    /// 1 to 200, default 50.
    pub limit: Option<i64>,
}

/// A message to post: exactly one of text, attachment and card.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMessage)]
pub struct NewMessageIn {
    /// UUIDv7 made when the person pressed send; a repeat with the same body gets the first answer, with another body `conflict`.
    pub client_message_id: Uuid,
    /// 1 to 8,000 characters of plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// A file that was uploaded and not sent yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment: Option<Uuid>,
    /// A card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// At most 10 answers to offer with a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quick_replies: Option<Vec<QuickReply>>,
}

/// A note to post, or another text for a message.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewText)]
pub struct NewTextIn {
    /// UUIDv7 made when the person pressed send; a repeat with the same body gets the first answer, with another body `conflict`.
    pub client_message_id: Uuid,
    /// 1 to 8,000 characters of plain text.
    pub text: String,
}

/// Where a posted entry went.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Posted)]
pub struct PostedOut {
    /// The entry.
    pub message: PostedEntryOut,
    /// Its conversation.
    pub conversation: ConversationId,
    /// Its channel.
    pub channel: String,
}

/// Id, place and time of a stored entry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PostedEntry)]
pub struct PostedEntryOut {
    /// Id.
    pub id: MessageId,
    /// Place in the log.
    pub seq: i64,
    /// In ms since 1970 UTC.
    pub at: Millis,
}

/// A new status.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StatusChange)]
pub struct StatusIn {
    /// `open`, `snoozed` or `resolved`.
    pub status: Status,
    /// With `snoozed`: when it comes back, in ms since 1970 UTC, at most a year ahead; null or absent: when the visitor writes.
    pub snoozed_until: Option<Millis>,
}

/// A new assignee.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AssigneeChange)]
pub struct AssigneeIn {
    /// An operator of the tenant, or null for the queue.
    #[schema(value_type = Option<Uuid>)]
    pub operator_id: Option<OperatorId>,
    /// What the new assignee should know; only operators see it. Repeating the request with the same id changes nothing more.
    pub note: Option<NewTextIn>,
}

/// How far one has got.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReceiptChange)]
pub struct ReceiptIn {
    /// Everything up to this seq is in one's hands.
    pub delivered: Option<i64>,
    /// Everything up to this seq was on one's screen.
    pub read: Option<i64>,
}

/// What the inbox is narrowed to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConversationQuery {
    /// `open`, `snoozed` or `resolved`; absent: all.
    pub status: Option<Status>,
    /// `me`, `none` or an operator's id; absent: all.
    pub assignee: Option<String>,
    /// A tag's name; absent: all.
    pub tag: Option<String>,
    /// `newest` (last changed first, the default) or `waiting` (who waits longest first).
    #[serde(default)]
    #[param(required = false)]
    pub sort: Sort,
    /// A site's id; absent: all.
    #[param(value_type = Option<Uuid>)]
    pub site: Option<SiteId>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// 1 to 200, default 50.
    pub limit: Option<i64>,
}
