//! SQL of the lists: inbox rows, a visitor's latest conversation, counts.

use serde_json::Value;

use super::model::{Conversation, Receipts, SenderKind, Sort, Status, Watermark};
use crate::clock::Millis;
use crate::db::{Db, DbResult, fetch_all, fetch_one, fetch_optional};
use crate::ids::{ConversationId, OperatorId, ParticipantId, SiteId, TenantId, VisitorId};
use crate::scope::{SiteScope, SystemScope, TenantScope};

/// A conversation with all that its row in the inbox shows.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct InboxRow {
    /// The conversation.
    #[sqlx(flatten)]
    pub conversation: Conversation,
    /// Who the visitor is by now: the identified one whom an anonymous one has become.
    pub person_id: VisitorId,
    /// Its site's name.
    pub site_name: String,
    /// What they call themselves.
    pub visitor_name: Option<String>,
    /// See above.
    pub visitor_email: Option<String>,
    /// The last message, if there is one.
    pub message_sender_kind: Option<SenderKind>,
    /// See above.
    pub message_sender_id: Option<ParticipantId>,
    /// See above.
    pub message_sender_name: Option<String>,
    /// See above.
    pub message_data: Option<sqlx::types::Json<Value>>,
    /// See above.
    pub message_at: Option<Millis>,
    /// Watermarks.
    pub visitor_delivered: i64,
    /// See above.
    pub visitor_read: i64,
    /// See above.
    pub operator_delivered: i64,
    /// See above.
    pub operator_read: i64,
    /// Messages of the visitor that no operator has read.
    pub unread: i64,
    /// Its tags' names, one a line.
    pub tags: Option<String>,
    /// Its place in its site's queue, from 1.
    pub queue_position: Option<i64>,
    /// The page of the visitor's latest visit.
    pub page_url: Option<String>,
    /// See above.
    pub page_title: Option<String>,
    /// What the visitor thought of it.
    pub rating_score: Option<i64>,
    /// See above.
    pub rating_comment: Option<String>,
}

impl InboxRow {
    /// Its tags' names, by name.
    pub fn tags(&self) -> Vec<String> {
        let mut tags: Vec<String> = self.tags.iter().flat_map(|tags| tags.lines()).map(ToOwned::to_owned).collect();
        tags.sort_by_key(|tag| tag.to_lowercase());
        tags
    }

    /// Both watermarks.
    pub fn receipts(&self) -> Receipts {
        Receipts {
            visitor: Watermark { delivered: self.visitor_delivered, read: self.visitor_read },
            operator: Watermark { delivered: self.operator_delivered, read: self.operator_read },
        }
    }
}

/// A visitor's latest conversation.
#[derive(Clone, Debug)]
pub struct Latest {
    /// The conversation.
    pub conversation: Conversation,
    /// Watermarks.
    pub receipts: Receipts,
    /// Messages of the shop that the visitor has not read.
    pub unread: i64,
    /// Its place in the queue, from 1.
    pub queue_position: Option<i64>,
}

/// Whose conversations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assigned {
    /// Anybody's and nobody's.
    Any,
    /// Nobody's, the virtual agent's neither.
    None,
    /// This operator's.
    To(OperatorId),
}

/// What a list is narrowed to.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Status, or all.
    pub status: Option<Status>,
    /// Assignee.
    pub assigned: Assigned,
    /// Site, or all.
    pub site: Option<SiteId>,
    /// The key of a tag, or all.
    pub tag: Option<String>,
    /// In which order.
    pub sort: Sort,
    /// Only rows after this one in the order.
    pub after: Option<(Millis, ConversationId)>,
    /// How many.
    pub limit: i64,
}

/// Numbers on the inbox's tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Counts {
    /// Open, with nobody and not with the virtual agent.
    pub queued: i64,
    /// Open and mine.
    pub mine: i64,
    /// Open.
    pub open: i64,
    /// Snoozed.
    pub snoozed: i64,
    /// Resolved.
    pub resolved: i64,
}

/// What a row of the inbox shows; `$1` is the tenant. What nobody has read is counted to 100: a busy conversation that is left alone would be read
/// whole for each change of its row.
macro_rules! inbox_columns {
    () => {
        "SELECT c.tenant_id, c.id, c.site_id, c.visitor_id, c.status, c.assignee_id, o.name AS assignee_name, o.photo_hash AS assignee_photo, c.last_seq, c.last_note_seq, c.last_message_seq,
           c.waiting_since, c.resolved_at, c.previous_id, c.snoozed_until, c.assigned_at, c.queued_since, c.agent_since, c.created_at, c.updated_at,
           v.id AS person_id, s.name AS site_name, v.name AS visitor_name, v.email AS visitor_email,
           m.sender_kind AS message_sender_kind, m.sender_id AS message_sender_id, m.sender_name AS message_sender_name, m.data AS message_data, m.at AS message_at,
           COALESCE((SELECT MAX(delivered_seq) FROM receipts r WHERE r.tenant_id = c.tenant_id AND r.conversation_id = c.id AND r.side = 'visitor'), 0) AS visitor_delivered,
           COALESCE((SELECT MAX(read_seq) FROM receipts r WHERE r.tenant_id = c.tenant_id AND r.conversation_id = c.id AND r.side = 'visitor'), 0) AS visitor_read,
           COALESCE((SELECT MAX(delivered_seq) FROM receipts r WHERE r.tenant_id = c.tenant_id AND r.conversation_id = c.id AND r.side = 'operator'), 0) AS operator_delivered,
           COALESCE((SELECT MAX(read_seq) FROM receipts r WHERE r.tenant_id = c.tenant_id AND r.conversation_id = c.id AND r.side = 'operator'), 0) AS operator_read,
           (SELECT COUNT(*) FROM (SELECT 1 FROM messages u WHERE u.tenant_id = c.tenant_id AND u.conversation_id = c.id AND u.type = 'message.posted' AND u.sender_kind = 'visitor'
             AND u.seq > COALESCE((SELECT MAX(read_seq) FROM receipts r WHERE r.tenant_id = c.tenant_id AND r.conversation_id = c.id AND r.side = 'operator'), 0) LIMIT 100) few) AS unread,
           (SELECT string_agg(t.name, '\n') FROM conversation_tags ct JOIN tags t ON t.tenant_id = ct.tenant_id AND t.id = ct.tag_id
             WHERE ct.tenant_id = c.tenant_id AND ct.conversation_id = c.id) AS tags,
           CASE WHEN c.queued_since IS NOT NULL THEN (SELECT COUNT(*) FROM conversations q WHERE q.tenant_id = c.tenant_id AND q.site_id = c.site_id
             AND q.queued_since IS NOT NULL AND q.queued_since <= c.queued_since AND (q.queued_since, q.id) <= (c.queued_since, c.id)) END AS queue_position,
           p.page_url, p.page_title, g.score AS rating_score, g.comment AS rating_comment"
    };
}

/// The rows of some conversations: which, in what order, and at most how many. PostgreSQL keeps the plan it made while the tables were small: therefore
/// it chooses the conversations first, and looks for what belongs to each by itself (`LATERAL … LIMIT 1`), which leaves it no other way.
macro_rules! inbox_rows {
    (sqlite: $where:expr, $order:expr, $limit:expr) => {
        concat!(
            inbox_columns!(),
            " FROM conversations c
         JOIN sites s ON s.tenant_id = c.tenant_id AND s.id = c.site_id
         JOIN visitors a ON a.tenant_id = c.tenant_id AND a.id = c.visitor_id
         JOIN visitors v ON v.tenant_id = c.tenant_id AND v.id = COALESCE(a.merged_into, a.id)
         LEFT JOIN operators o ON o.tenant_id = c.tenant_id AND o.id = c.assignee_id
         LEFT JOIN messages m ON m.tenant_id = c.tenant_id AND m.conversation_id = c.id AND m.seq = c.last_message_seq
         LEFT JOIN visits p ON p.tenant_id = c.tenant_id AND p.visitor_id = v.id AND p.id =
           (SELECT id FROM visits l WHERE l.tenant_id = c.tenant_id AND l.visitor_id = v.id ORDER BY l.last_seen_at DESC, l.id DESC LIMIT 1)
         LEFT JOIN ratings g ON g.tenant_id = c.tenant_id AND g.conversation_id = c.id
              WHERE c.tenant_id = $1 AND ",
            $where, " ", $order, " ", $limit
        )
    };
    (postgres: $where:expr, $order:expr, $limit:expr) => {
        inbox_rows!(
            chosen: concat!("SELECT c.* FROM conversations c WHERE c.tenant_id = $1 AND ", $where, " ", $order, " ", $limit), $order
        )
    };
    (chosen: $chosen:expr, $order:expr) => {
        concat!(
            inbox_columns!(),
            " FROM (", $chosen, ") c
              CROSS JOIN LATERAL (SELECT * FROM sites WHERE tenant_id = c.tenant_id AND id = c.site_id LIMIT 1) s
              CROSS JOIN LATERAL (SELECT * FROM visitors WHERE tenant_id = c.tenant_id AND id = c.visitor_id LIMIT 1) a
              CROSS JOIN LATERAL (SELECT * FROM visitors WHERE tenant_id = c.tenant_id AND id = COALESCE(a.merged_into, a.id) LIMIT 1) v
              LEFT JOIN LATERAL (SELECT * FROM operators WHERE tenant_id = c.tenant_id AND id = c.assignee_id LIMIT 1) o ON true
              LEFT JOIN LATERAL (SELECT * FROM messages WHERE tenant_id = c.tenant_id AND conversation_id = c.id AND seq = c.last_message_seq LIMIT 1) m ON true
              LEFT JOIN LATERAL (SELECT * FROM visits WHERE tenant_id = c.tenant_id AND visitor_id = v.id ORDER BY last_seen_at DESC, id DESC LIMIT 1) p ON true
              LEFT JOIN LATERAL (SELECT * FROM ratings WHERE tenant_id = c.tenant_id AND conversation_id = c.id LIMIT 1) g ON true ",
            $order
        )
    };
}

/// [`inbox_rows`] on either database, which may come to the same order by different indexes.
macro_rules! fetch_rows {
    ($db:expr, $where:expr, sqlite: $sqlite_order:expr, postgres: $postgres_order:expr, $limit:expr $(, $bind:expr)* $(,)?) => {
        fetch_all!(
            db: $db, InboxRow,
            sqlite: inbox_rows!(sqlite: $where, $sqlite_order, $limit),
            postgres: inbox_rows!(postgres: $where, $postgres_order, $limit)
            $(, $bind)*
        )
    };
    ($db:expr, $where:expr, $order:expr, $limit:expr $(, $bind:expr)* $(,)?) => {
        fetch_rows!($db, $where, sqlite: $order, postgres: $order, $limit $(, $bind)*)
    };
}

pub(super) async fn find(db: &Db, scope: TenantScope, id: ConversationId) -> DbResult<Option<Conversation>> {
    fetch_optional!(
        db: db, Conversation,
        "SELECT c.tenant_id, c.id, c.site_id, c.visitor_id, c.status, c.assignee_id, o.name AS assignee_name, o.photo_hash AS assignee_photo, c.last_seq, c.last_note_seq,
           c.last_message_seq, c.waiting_since, c.resolved_at, c.previous_id, c.snoozed_until, c.assigned_at, c.queued_since, c.agent_since, c.created_at, c.updated_at
         FROM conversations c LEFT JOIN operators o ON o.tenant_id = c.tenant_id AND o.id = c.assignee_id WHERE c.tenant_id = $1 AND c.id = $2",
        scope.tenant(), id
    )
}

pub(super) async fn find_row(db: &Db, scope: TenantScope, id: ConversationId) -> DbResult<Option<InboxRow>> {
    fetch_optional!(
        db: db, InboxRow,
        sqlite: inbox_rows!(sqlite: "c.id = $2", "", ""),
        postgres: inbox_rows!(postgres: "c.id = $2", "", ""),
        scope.tenant(), id
    )
}

pub(super) async fn list_rows(db: &Db, scope: TenantScope, ids: &[ConversationId]) -> DbResult<Vec<InboxRow>> {
    fetch_all!(
        db: db, InboxRow,
        sqlite: inbox_rows!(sqlite: "c.id IN (SELECT unhex(k.value, '-') FROM jsonb_each($2) k)", "", ""),
        postgres: inbox_rows!(
            chosen: "SELECT c.* FROM jsonb_array_elements_text($2) k
                     CROSS JOIN LATERAL (SELECT * FROM conversations WHERE tenant_id = $1 AND id = k::uuid LIMIT 1) c",
            ""
        ),
        scope.tenant(), sqlx::types::Json(ids)
    )
}

pub(super) async fn list_due(db: &Db, _: SystemScope, now: Millis, limit: i64) -> DbResult<Vec<(TenantId, ConversationId)>> {
    fetch_all!(
        db: db, (TenantId, ConversationId),
        "SELECT tenant_id, id FROM conversations WHERE snoozed_until IS NOT NULL AND snoozed_until <= $1 ORDER BY snoozed_until LIMIT $2",
        now, limit
    )
}

/// A queued conversation of a visitor, with its place.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Place {
    /// The conversation.
    #[sqlx(flatten)]
    pub conversation: Conversation,
    /// Who the visitor is by now.
    pub person_id: VisitorId,
    /// From 1.
    pub position: i64,
    /// Watermarks.
    pub visitor_delivered: i64,
    /// See above.
    pub visitor_read: i64,
    /// See above.
    pub operator_delivered: i64,
    /// See above.
    pub operator_read: i64,
}

impl Place {
    /// Both watermarks.
    pub fn receipts(&self) -> Receipts {
        Receipts {
            visitor: Watermark { delivered: self.visitor_delivered, read: self.visitor_read },
            operator: Watermark { delivered: self.operator_delivered, read: self.operator_read },
        }
    }
}

pub(super) async fn list_places(db: &Db, scope: TenantScope, limit: i64) -> DbResult<Vec<Place>> {
    fetch_all!(
        db: db, Place,
        "SELECT c.tenant_id, c.id, c.site_id, c.visitor_id, c.status, c.assignee_id, CAST(NULL AS TEXT) AS assignee_name, CAST(NULL AS TEXT) AS assignee_photo, c.last_seq, c.last_note_seq,
           c.last_message_seq, c.waiting_since, c.resolved_at, c.previous_id, c.snoozed_until, c.assigned_at, c.queued_since, c.agent_since, c.created_at, c.updated_at,
           COALESCE(v.merged_into, v.id) AS person_id, ROW_NUMBER() OVER (PARTITION BY c.site_id ORDER BY c.queued_since, c.id) AS position,
           COALESCE((SELECT MAX(delivered_seq) FROM receipts r WHERE r.tenant_id = c.tenant_id AND r.conversation_id = c.id AND r.side = 'visitor'), 0) AS visitor_delivered,
           COALESCE((SELECT MAX(read_seq) FROM receipts r WHERE r.tenant_id = c.tenant_id AND r.conversation_id = c.id AND r.side = 'visitor'), 0) AS visitor_read,
           COALESCE((SELECT MAX(delivered_seq) FROM receipts r WHERE r.tenant_id = c.tenant_id AND r.conversation_id = c.id AND r.side = 'operator'), 0) AS operator_delivered,
           COALESCE((SELECT MAX(read_seq) FROM receipts r WHERE r.tenant_id = c.tenant_id AND r.conversation_id = c.id AND r.side = 'operator'), 0) AS operator_read
         FROM conversations c JOIN visitors v ON v.tenant_id = c.tenant_id AND v.id = c.visitor_id
         WHERE c.tenant_id = $1 AND c.queued_since IS NOT NULL ORDER BY c.queued_since, c.id LIMIT $2",
        scope.tenant(), limit
    )
}

pub(super) async fn list(db: &Db, scope: TenantScope, filter: &Filter) -> DbResult<Vec<InboxRow>> {
    let (after_at, after_id) = filter.after.unzip();
    let (any, assignee) = match filter.assigned {
        Assigned::Any => (true, None),
        Assigned::None => (false, None),
        Assigned::To(operator) => (false, Some(operator)),
    };
    match filter.sort {
        Sort::Newest => fetch_rows!(
            db,
            "($2 IS NULL OR c.status = $2) AND ($3 OR (c.assignee_id = $4 OR ($4 IS NULL AND c.assignee_id IS NULL AND c.agent_since IS NULL))) AND ($5 IS NULL OR c.site_id = $5)
             AND ($6 IS NULL OR c.updated_at < $6 OR (c.updated_at = $6 AND c.id < $7))
             AND ($9 IS NULL OR EXISTS (SELECT 1 FROM conversation_tags ct JOIN tags t ON t.tenant_id = ct.tenant_id AND t.id = ct.tag_id
               WHERE ct.tenant_id = c.tenant_id AND ct.conversation_id = c.id AND t.name_key = $9))",
            sqlite: "ORDER BY c.updated_at DESC, c.id DESC", postgres: "ORDER BY c.updated_slot DESC, c.updated_at DESC, c.id DESC", "LIMIT $8",
            scope.tenant(), filter.status, any, assignee, filter.site, after_at, after_id, filter.limit, &filter.tag
        ),
        Sort::Waiting => fetch_rows!(
            db,
            "($2 IS NULL OR c.status = $2) AND ($3 OR (c.assignee_id = $4 OR ($4 IS NULL AND c.assignee_id IS NULL AND c.agent_since IS NULL))) AND ($5 IS NULL OR c.site_id = $5)
             AND ($6 IS NULL OR COALESCE(c.waiting_since, 9007199254740991) > $6 OR (COALESCE(c.waiting_since, 9007199254740991) = $6 AND c.id > $7))
             AND ($9 IS NULL OR EXISTS (SELECT 1 FROM conversation_tags ct JOIN tags t ON t.tenant_id = ct.tenant_id AND t.id = ct.tag_id
               WHERE ct.tenant_id = c.tenant_id AND ct.conversation_id = c.id AND t.name_key = $9))",
            "ORDER BY COALESCE(c.waiting_since, 9007199254740991), c.id", "LIMIT $8",
            scope.tenant(), filter.status, any, assignee, filter.site, after_at, after_id, filter.limit, &filter.tag
        ),
    }
}

pub(super) async fn list_of_visitor(db: &Db, scope: TenantScope, visitor: VisitorId, limit: i64) -> DbResult<Vec<InboxRow>> {
    fetch_rows!(
        db,
        "(c.visitor_id = $2 OR c.visitor_id IN (SELECT a.id FROM visitors a WHERE a.tenant_id = $1 AND a.merged_into = $2))",
        "ORDER BY c.created_at DESC, c.id DESC",
        "LIMIT $3",
        scope.tenant(),
        visitor,
        limit
    )
}

pub(super) async fn count(db: &Db, scope: TenantScope, me: OperatorId) -> DbResult<Counts> {
    fetch_one!(
        db: db, Counts,
        "SELECT COUNT(*) FILTER (WHERE status = 'open' AND assignee_id IS NULL AND agent_since IS NULL) AS queued, COUNT(*) FILTER (WHERE status = 'open' AND assignee_id = $2) AS mine,
           COUNT(*) FILTER (WHERE status = 'open') AS open, COUNT(*) FILTER (WHERE status = 'snoozed') AS snoozed,
           COUNT(*) FILTER (WHERE status = 'resolved') AS resolved
         FROM conversations WHERE tenant_id = $1",
        scope.tenant(), me
    )
}

/// Through the visitor's own conversations: SQLite would walk those of the whole site for the sake of their order, were the site's column not
/// hidden from it.
pub(super) async fn find_latest(db: &Db, scope: SiteScope, visitor: VisitorId) -> DbResult<Option<Latest>> {
    #[derive(sqlx::FromRow)]
    struct LatestRow {
        #[sqlx(flatten)]
        conversation: Conversation,
        visitor_delivered: i64,
        visitor_read: i64,
        operator_delivered: i64,
        operator_read: i64,
        unread: i64,
        queue_position: Option<i64>,
    }
    let row = fetch_optional!(
        db: db, LatestRow,
        "SELECT c.tenant_id, c.id, c.site_id, c.visitor_id, c.status, c.assignee_id, o.name AS assignee_name, o.photo_hash AS assignee_photo, c.last_seq, c.last_note_seq,
           c.last_message_seq, c.waiting_since, c.resolved_at, c.previous_id, c.snoozed_until, c.assigned_at, c.queued_since, c.agent_since, c.created_at, c.updated_at,
           COALESCE((SELECT MAX(delivered_seq) FROM receipts r WHERE r.tenant_id = c.tenant_id AND r.conversation_id = c.id AND r.side = 'visitor'), 0) AS visitor_delivered,
           COALESCE((SELECT MAX(read_seq) FROM receipts r WHERE r.tenant_id = c.tenant_id AND r.conversation_id = c.id AND r.side = 'visitor'), 0) AS visitor_read,
           COALESCE((SELECT MAX(delivered_seq) FROM receipts r WHERE r.tenant_id = c.tenant_id AND r.conversation_id = c.id AND r.side = 'operator'), 0) AS operator_delivered,
           COALESCE((SELECT MAX(read_seq) FROM receipts r WHERE r.tenant_id = c.tenant_id AND r.conversation_id = c.id AND r.side = 'operator'), 0) AS operator_read,
           (SELECT COUNT(*) FROM messages u WHERE u.tenant_id = c.tenant_id AND u.conversation_id = c.id AND u.type = 'message.posted' AND u.sender_kind <> 'visitor'
             AND u.seq > COALESCE((SELECT MAX(read_seq) FROM receipts r WHERE r.tenant_id = c.tenant_id AND r.conversation_id = c.id AND r.side = 'visitor'), 0)) AS unread,
           CASE WHEN c.queued_since IS NOT NULL THEN (SELECT COUNT(*) FROM conversations q WHERE q.tenant_id = c.tenant_id AND q.site_id = c.site_id
             AND q.queued_since IS NOT NULL AND q.queued_since <= c.queued_since AND (q.queued_since, q.id) <= (c.queued_since, c.id)) END AS queue_position
         FROM conversations c LEFT JOIN operators o ON o.tenant_id = c.tenant_id AND o.id = c.assignee_id
         WHERE c.tenant_id = $1 AND COALESCE(c.site_id, c.site_id) = $2
           AND c.visitor_id IN (SELECT $3 UNION ALL SELECT m.id FROM visitors m WHERE m.tenant_id = $1 AND m.merged_into = $3)
         ORDER BY c.created_at DESC, c.id DESC LIMIT 1",
        scope.tenant(), scope.site(), visitor
    )?;
    Ok(row.map(|row| {
        let receipts = Receipts {
            visitor: Watermark { delivered: row.visitor_delivered, read: row.visitor_read },
            operator: Watermark { delivered: row.operator_delivered, read: row.operator_read },
        };
        Latest { conversation: row.conversation, receipts, unread: row.unread, queue_position: row.queue_position }
    }))
}

/// Of each visitor who has one, with the place of their key: the conversation that [`find_latest`] finds.
pub(super) async fn latest_ids(db: &Db, keys: &[(SiteScope, VisitorId)]) -> DbResult<Vec<(i64, ConversationId)>> {
    let keys: Vec<_> = keys.iter().map(|(scope, visitor)| (scope.tenant(), scope.site(), visitor)).collect();
    let rows = fetch_all!(
        db: db, (i64, Option<ConversationId>),
        sqlite: "SELECT k.key, (SELECT c.id FROM conversations c
                   WHERE c.tenant_id = unhex(k.value ->> 0, '-') AND COALESCE(c.site_id, c.site_id) = unhex(k.value ->> 1, '-')
                     AND c.visitor_id IN (SELECT unhex(k.value ->> 2, '-') UNION ALL
                       SELECT m.id FROM visitors m WHERE m.tenant_id = unhex(k.value ->> 0, '-') AND m.merged_into = unhex(k.value ->> 2, '-'))
                   ORDER BY c.created_at DESC, c.id DESC LIMIT 1)
                 FROM jsonb_each($1) k",
        postgres: "SELECT k.place - 1, (SELECT c.id FROM conversations c
                     WHERE c.tenant_id = (k.value ->> 0)::uuid AND COALESCE(c.site_id, c.site_id) = (k.value ->> 1)::uuid
                       AND c.visitor_id IN (SELECT (k.value ->> 2)::uuid UNION ALL
                         SELECT m.id FROM visitors m WHERE m.tenant_id = (k.value ->> 0)::uuid AND m.merged_into = (k.value ->> 2)::uuid)
                     ORDER BY c.created_at DESC, c.id DESC LIMIT 1)
                   FROM jsonb_array_elements($1) WITH ORDINALITY AS k(value, place)",
        sqlx::types::Json(keys)
    )?;
    Ok(rows.into_iter().filter_map(|(place, id)| Some((place, id?))).collect())
}

pub(super) async fn first_replies(db: &Db, scope: SiteScope, since: Millis) -> DbResult<Vec<Millis>> {
    let rows = fetch_all!(
        db: db, (Option<Millis>,),
        "SELECT (SELECT m.at FROM messages m WHERE m.tenant_id = c.tenant_id AND m.conversation_id = c.id AND m.type = 'message.posted'
           AND m.sender_kind = 'operator' ORDER BY m.seq LIMIT 1) - c.created_at
         FROM conversations c WHERE c.tenant_id = $1 AND c.site_id = $2 AND c.created_at > $3 ORDER BY c.created_at DESC LIMIT 300",
        scope.tenant(), scope.site(), since
    )?;
    Ok(rows.into_iter().filter_map(|(wait,)| wait).collect())
}
