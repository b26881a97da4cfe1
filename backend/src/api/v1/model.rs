//! JSON types of the API. Names end in `In` and `Out` here and lose the ending in the OpenAPI document.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::clock::Millis;
use crate::conversations::{self, Entry, InboxRow, Receipts, Sender, SenderKind, Status};
use crate::ids::{ConversationId, MessageId, OfflineMessageId, OperatorId, ParticipantId, SiteId, TenantId, VisitorId};
use crate::offline::OfflineMessage;
use crate::operators::{Availability, Operator, Role};
use crate::sites::{self, Site};
use crate::text;
use crate::visitors::{self, Visitor};
use crate::visits::VisitorVisits;

/// An operator, as colleagues see them.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Operator)]
pub struct OperatorOut {
    /// Id.
    pub id: OperatorId,
    /// Name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// What they chose.
    pub availability: Availability,
    /// Has a live connection now.
    pub present: bool,
}

impl OperatorOut {
    /// From the row and the engine's knowledge.
    pub fn new(operator: Operator, present: bool) -> Self {
        let Operator { id, name, role, availability, .. } = operator;
        Self { id, name, role, availability, present }
    }
}

/// Oneself: the operator, with what only they see.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Myself)]
pub struct MyselfOut {
    /// Id.
    pub id: OperatorId,
    /// Name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// What one chose.
    pub availability: Availability,
    /// Has a live connection now.
    pub present: bool,
    /// Sign-in address.
    pub email: String,
    /// `ko`, `en`, or null for the browser's.
    pub language: Option<String>,
}

/// A name with an id.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Named)]
pub struct NamedOut<T> {
    /// Id.
    pub id: T,
    /// Name.
    pub name: String,
}

/// Who is signed in, and to what.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Me)]
pub struct MeOut {
    /// Oneself.
    pub operator: MyselfOut,
    /// One's tenant.
    pub tenant: TenantOut,
    /// Where the widget is served.
    pub widget_url: String,
}

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tenant)]
pub struct TenantOut {
    /// Id.
    pub id: TenantId,
    /// Name.
    pub name: String,
}

/// A change of oneself; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MeChange)]
pub struct MeIn {
    /// 1 to 120 characters.
    pub name: Option<String>,
    /// `ko` or `en`.
    pub language: Option<String>,
    /// Availability.
    pub availability: Option<Availability>,
}

/// A token for one Socket.IO connection.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SocketToken)]
pub struct SocketTokenOut {
    /// Goes into the hello, once.
    pub token: String,
    /// Good until, in ms since 1970 UTC.
    pub expires_at: Millis,
}

/// A site with its widget.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Site)]
pub struct SiteOut {
    /// Id.
    pub id: SiteId,
    /// Public key in the snippet.
    pub key: String,
    /// Name that visitors see.
    pub name: String,
    /// `ko` or `en`.
    pub language: String,
    /// `#rrggbb`.
    pub color: String,
    /// `left` or `right`.
    pub side: String,
    /// First line of the panel.
    pub greeting: Option<String>,
    /// Domains whose pages may carry the widget.
    pub domains: Vec<String>,
    /// Days within which a post reopens a resolved conversation.
    pub reopen_days: i64,
    /// Where offline messages are mailed; null: to the owners.
    pub offline_email: Option<String>,
    /// What to paste.
    pub snippet: String,
    /// When a widget last said hello, in ms since 1970 UTC.
    pub last_seen_at: Option<Millis>,
    /// In ms since 1970 UTC.
    pub created_at: Millis,
}

impl SiteOut {
    /// With the snippet for this widget origin.
    pub fn new(site: Site, widget_origin: &str) -> Self {
        Self {
            snippet: sites::snippet(widget_origin, &site.site_key),
            id: site.id,
            key: site.site_key,
            name: site.name,
            language: site.language,
            color: site.color,
            side: site.side,
            greeting: site.greeting,
            domains: site.domains.0,
            reopen_days: site.reopen_days,
            offline_email: site.offline_email,
            last_seen_at: site.last_seen_at,
            created_at: site.created_at,
        }
    }
}

/// A new site.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSite)]
pub struct NewSiteIn {
    /// 1 to 120 characters.
    pub name: String,
    /// 1 to 50 domains, such as shop.example.com or *.example.com.
    pub domains: Vec<String>,
    /// `ko` or `en`.
    pub language: String,
}

/// A change of a site; what is absent stays, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SiteChange)]
pub struct SiteIn {
    /// 1 to 120 characters.
    pub name: Option<String>,
    /// 1 to 50 domains.
    pub domains: Option<Vec<String>>,
    /// `ko` or `en`.
    pub language: Option<String>,
    /// `#rrggbb`.
    pub color: Option<String>,
    /// `left` or `right`.
    pub side: Option<String>,
    /// At most 500 characters.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub greeting: Option<Option<String>>,
    /// 0 to 3650.
    pub reopen_days: Option<i64>,
    /// An e-mail address.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub offline_email: Option<Option<String>>,
}

/// Tells null from absent.
fn present<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// A visitor in the inbox.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConversationVisitor)]
pub struct ConversationVisitorOut {
    /// Id.
    pub id: VisitorId,
    /// What they call themselves.
    pub name: Option<String>,
    /// Where they can be reached.
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
    /// Its first 140 characters; empty when it was taken back.
    pub text: String,
    /// In ms since 1970 UTC.
    pub at: Millis,
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
    #[schema(value_type = NamedOut<Uuid>)]
    pub site: NamedOut<SiteId>,
    /// Its visitor.
    pub visitor: ConversationVisitorOut,
    /// Where it stands; queued is open without assignee.
    pub status: Status,
    /// Who answers.
    #[schema(value_type = Option<NamedOut<Uuid>>)]
    pub assignee: Option<NamedOut<OperatorId>>,
    /// Top of the log.
    pub last_seq: i64,
    /// Top of the notes.
    pub last_note_seq: i64,
    /// Last message.
    pub last_message: Option<LastMessageOut>,
    /// Since when the visitor waits for an answer, in ms since 1970 UTC.
    pub waiting_since: Option<Millis>,
    /// Messages of the visitor that no operator has read.
    pub unread: i64,
    /// Watermarks of both sides.
    pub receipts: Receipts,
    /// The page the visitor is on, or was last.
    pub page: Option<ShopPageOut>,
    /// The conversation it continues.
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
        let conversation = row.conversation;
        Self {
            channel: conversations::log_channel(conversation.tenant_id, conversation.id),
            notes_channel: conversations::notes_channel(conversation.tenant_id, conversation.id),
            id: conversation.id,
            site: NamedOut { id: conversation.site_id, name: row.site_name },
            visitor: ConversationVisitorOut {
                id: conversation.visitor_id,
                label: visitors::label(conversation.visitor_id, row.visitor_name.as_deref()),
                name: row.visitor_name,
                email: row.visitor_email,
                present: visitor_present,
            },
            status: conversation.status,
            assignee: conversation.assignee_id.map(|id| NamedOut { id, name: conversation.assignee_name.unwrap_or_default() }),
            last_seq: conversation.last_seq,
            last_note_seq: conversation.last_note_seq,
            last_message,
            waiting_since: conversation.waiting_since,
            unread: row.unread,
            receipts,
            page: row.page_url.map(|url| ShopPageOut { url, title: row.page_title.unwrap_or_default() }),
            previous_id: conversation.previous_id,
            created_at: conversation.created_at,
            updated_at: conversation.updated_at,
        }
    }
}

fn last_message(row: &InboxRow) -> Option<LastMessageOut> {
    let text = row.message_data.as_ref().and_then(|data| data["text"].as_str()).unwrap_or_default();
    Some(LastMessageOut {
        seq: row.conversation.last_message_seq,
        sender: Sender { kind: row.message_sender_kind?, id: row.message_sender_id?, name: row.message_sender_name.clone() },
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
    /// `message.posted`, `message.edited`, `message.retracted`, `conversation.assigned`, `conversation.resolved`, `conversation.reopened`, `note.posted`.
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
    pub client_message_id: Option<Uuid>,
    /// What the type needs.
    #[schema(value_type = Object)]
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
pub struct LogQuery {
    /// Entries above this seq.
    pub after: Option<i64>,
    /// Entries below this seq (the nearest ones).
    pub before: Option<i64>,
    /// 1 to 200, default 50.
    pub limit: Option<i64>,
}

/// A message or note to post.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMessage)]
pub struct NewMessageIn {
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
    /// `open` or `resolved`.
    pub status: Status,
}

/// A new assignee.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AssigneeChange)]
pub struct AssigneeIn {
    /// An operator of the tenant, or null for the queue.
    #[schema(value_type = Option<Uuid>)]
    pub operator_id: Option<OperatorId>,
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

/// A visitor.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Visitor)]
pub struct VisitorOut {
    /// Id.
    pub id: VisitorId,
    /// Site.
    pub site_id: SiteId,
    /// Name.
    pub name: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// The name, or "Visitor 4F2A".
    pub label: String,
    /// Has a live connection now.
    pub present: bool,
    /// Browser language.
    pub language: Option<String>,
    /// Browser.
    pub user_agent: Option<String>,
    /// In ms since 1970 UTC.
    pub first_seen_at: Millis,
    /// In ms since 1970 UTC.
    pub last_seen_at: Millis,
    /// How many visits.
    pub visits: i64,
    /// The page of the latest visit.
    pub current_page: Option<CurrentPageOut>,
}

/// The page of a visit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CurrentPage)]
pub struct CurrentPageOut {
    /// Address.
    pub url: String,
    /// Title.
    pub title: String,
    /// Where the visit came from.
    pub referrer: Option<String>,
}

impl VisitorOut {
    /// From the row, the visits and the engine's knowledge.
    pub fn new(visitor: Visitor, visits: VisitorVisits, present: bool) -> Self {
        let current_page = visits.latest.and_then(|page| {
            Some(CurrentPageOut { url: page.page_url?, title: page.page_title.unwrap_or_default(), referrer: page.referrer })
        });
        Self {
            id: visitor.id,
            site_id: visitor.site_id,
            label: visitors::label(visitor.id, visitor.name.as_deref()),
            name: visitor.name,
            email: visitor.email,
            present,
            language: visitor.language,
            user_agent: visitor.user_agent,
            first_seen_at: visitor.first_seen_at,
            last_seen_at: visitor.last_seen_at,
            visits: visits.count,
            current_page,
        }
    }
}

/// A message left while nobody was available.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OfflineMessage)]
pub struct OfflineMessageOut {
    /// Id.
    pub id: OfflineMessageId,
    /// Site.
    #[schema(value_type = NamedOut<Uuid>)]
    pub site: NamedOut<SiteId>,
    /// Who left it.
    pub visitor_id: VisitorId,
    /// How they want to be called.
    pub name: String,
    /// Where to answer.
    pub email: String,
    /// What they wrote.
    pub text: String,
    /// The page they were on.
    pub page: Option<ShopPageOut>,
    /// In ms since 1970 UTC.
    pub at: Millis,
    /// When it was marked as read, in ms since 1970 UTC.
    pub read_at: Option<Millis>,
}

impl From<OfflineMessage> for OfflineMessageOut {
    fn from(message: OfflineMessage) -> Self {
        Self {
            id: message.id,
            site: NamedOut { id: message.site_id, name: message.site_name },
            visitor_id: message.visitor_id,
            name: message.name,
            email: message.email,
            text: message.text,
            page: message.page_url.map(|url| ShopPageOut { url, title: message.page_title.unwrap_or_default() }),
            at: message.at,
            read_at: message.read_at,
        }
    }
}

/// Read or unread.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReadChange)]
pub struct ReadIn {
    /// True for read.
    pub read: bool,
}

/// Cursor and limit of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct PageQuery {
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// 1 to 200, default 50.
    pub limit: Option<i64>,
}

/// What the inbox is narrowed to.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct ConversationQuery {
    /// `open`, `snoozed` or `resolved`; absent: all.
    pub status: Option<Status>,
    /// `me`, `none` or an operator's id; absent: all.
    pub assignee: Option<String>,
    /// A site's id; absent: all.
    #[param(value_type = Option<Uuid>)]
    pub site: Option<SiteId>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// 1 to 200, default 50.
    pub limit: Option<i64>,
}
