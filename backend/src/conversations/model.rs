//! What a conversation, its log entries and its receipts are. No I/O.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::clock::Millis;
use crate::ids::{ClientMessageId, ConversationId, MessageId, OperatorId, ParticipantId, SiteId, TenantId, VisitorId};

/// Where a conversation stands. *Queued* is open without an assignee; there is no second word for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum Status {
    /// Somebody should answer.
    Open,
    /// Comes back by itself.
    Snoozed,
    /// Done; a post of the visitor reopens it.
    Resolved,
}

/// Who wrote an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum SenderKind {
    /// A person on the site.
    Visitor,
    /// A person who answers.
    Operator,
    /// Rules that answer.
    VirtualAgent,
    /// The product itself.
    System,
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Last changed first: by `(updated_at, id)`, descending.
    #[default]
    Newest,
    /// Who waits longest first, then those who do not wait: by `(waiting_since, id)`.
    Waiting,
}

/// What stands for the time of those who do not wait: later than every time, and exact in JSON.
pub const NOT_WAITING: Millis = 9_007_199_254_740_991;

/// The two sides of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum Side {
    /// The visitor.
    Visitor,
    /// The shop.
    Operator,
}

/// Whoever acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Sender {
    /// What they are.
    pub kind: SenderKind,
    /// Their participant id, which never changes.
    pub id: ParticipantId,
    /// Their name at that moment.
    pub name: Option<String>,
}

impl Sender {
    /// The product itself, where it acts by its own rules.
    pub fn system() -> Self {
        Self { kind: SenderKind::System, id: ParticipantId(uuid::Uuid::nil()), name: None }
    }
}

/// Everything up to here was delivered to, and read by, a side. `read` is never above `delivered`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Watermark {
    /// Highest seq a client of that side holds.
    pub delivered: i64,
    /// Highest seq a person of that side has seen.
    pub read: i64,
}

impl Watermark {
    /// The further of two.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        Self { delivered: self.delivered.max(other.delivered), read: self.read.max(other.read) }
    }
}

/// Both sides' watermarks; of several operators the furthest counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Receipts {
    /// The visitor's.
    pub visitor: Watermark,
    /// The shop's.
    pub operator: Watermark,
}

impl Receipts {
    /// The watermark of one side, to change.
    pub fn side_mut(&mut self, side: Side) -> &mut Watermark {
        match side {
            Side::Visitor => &mut self.visitor,
            Side::Operator => &mut self.operator,
        }
    }
}

/// A row of `conversations`, with the assignee's name beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Conversation {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Id.
    pub id: ConversationId,
    /// Site.
    pub site_id: SiteId,
    /// Visitor.
    pub visitor_id: VisitorId,
    /// Status.
    pub status: Status,
    /// Who answers.
    pub assignee_id: Option<OperatorId>,
    /// Their name.
    pub assignee_name: Option<String>,
    /// What names their photo.
    pub assignee_photo: Option<String>,
    /// Top of the log.
    pub last_seq: i64,
    /// Top of the notes.
    pub last_note_seq: i64,
    /// Seq of the last `message.posted`, 0 without one.
    pub last_message_seq: i64,
    /// When the oldest unanswered message of the visitor came.
    pub waiting_since: Option<Millis>,
    /// When it was resolved last.
    pub resolved_at: Option<Millis>,
    /// The one it continues.
    pub previous_id: Option<ConversationId>,
    /// When a snoozed one comes back by itself; unset while it waits for its visitor.
    pub snoozed_until: Option<Millis>,
    /// When the assignee got it.
    pub assigned_at: Option<Millis>,
    /// Its place in the queue: since when the visitor waits, or since it came back. Unset unless it is queued.
    pub queued_since: Option<Millis>,
    /// Since when the virtual agent answers it instead of a person; such a one is not queued.
    pub agent_since: Option<Millis>,
    /// First and last change.
    pub created_at: Millis,
    /// See above.
    pub updated_at: Millis,
}

/// A row of `messages` or `notes`: one entry of a log.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub struct Entry {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Conversation.
    pub conversation_id: ConversationId,
    /// Place in the log, from 1, without holes.
    pub seq: i64,
    /// Id.
    pub id: MessageId,
    /// `message.posted`, `message.edited`, …
    #[sqlx(rename = "type")]
    pub kind: String,
    /// Who.
    pub sender_kind: SenderKind,
    /// See above.
    pub sender_id: ParticipantId,
    /// See above.
    pub sender_name: Option<String>,
    /// The sender's own id of it.
    pub client_message_id: Option<ClientMessageId>,
    /// What the type needs.
    #[sqlx(json)]
    pub data: Value,
    /// When.
    pub at: Millis,
}

/// The envelope every client sees of an entry (docs/PROTOCOL.md, section 5).
#[derive(Serialize)]
pub struct Envelope<'a> {
    v: u8,
    id: MessageId,
    r#type: &'a str,
    at: Millis,
    conversation: ConversationId,
    seq: i64,
    sender: EnvelopeSender<'a>,
    client_message_id: Option<ClientMessageId>,
    data: &'a Value,
}

#[derive(Serialize)]
struct EnvelopeSender<'a> {
    kind: SenderKind,
    id: ParticipantId,
    name: Option<&'a str>,
}

impl Entry {
    /// What goes out.
    pub fn envelope(&self) -> Envelope<'_> {
        Envelope {
            v: 1,
            id: self.id,
            r#type: &self.kind,
            at: self.at,
            conversation: self.conversation_id,
            seq: self.seq,
            sender: EnvelopeSender { kind: self.sender_kind, id: self.sender_id, name: self.sender_name.as_deref() },
            client_message_id: self.client_message_id,
            data: &self.data,
        }
    }
}

/// The name of a conversation's log among the engine's channels.
pub fn log_channel(tenant: TenantId, conversation: ConversationId) -> String {
    format!("c/{tenant}/{conversation}")
}

/// The name of a conversation's notes.
pub fn notes_channel(tenant: TenantId, conversation: ConversationId) -> String {
    format!("n/{tenant}/{conversation}")
}

/// What a visitor sees of their conversation; `queue_position` is 1 for the next, unset where it does not wait in the queue or is not yet known,
/// and `photo_url` is the assignee's.
pub fn visitor_view(conversation: &Conversation, receipts: Receipts, queue_position: Option<i64>, photo_url: Option<&str>) -> Value {
    let assignee = conversation.assignee_id.map(|id| json!({"id": id, "name": conversation.assignee_name, "photo_url": photo_url}));
    json!({
        "id": conversation.id, "channel": log_channel(conversation.tenant_id, conversation.id), "status": conversation.status,
        "last_seq": conversation.last_seq, "assignee": assignee, "queue_position": queue_position, "receipts": receipts,
        "created_at": conversation.created_at,
    })
}
