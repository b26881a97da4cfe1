//! Reads the rows that a batch may touch into the ledger, locking them where several writers exist.

use std::collections::BTreeSet;
use std::hash::Hash;
use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use sqlx::types::Json;

use crate::clock::{DAY, Millis};
use crate::db::{DbResult, Tx, fetch_all};
use crate::ids::{ClientMessageId, ConversationId, FileId, OperatorId, ParticipantId, SiteId, TenantId, VisitorId};

use super::super::command::{Queued, Target, What};
use super::super::content::Content;
use super::super::ledger::{Known, Ledger, Log, ReceiptRow};
use super::super::model::{Conversation, Entry, SenderKind, Side, Status, Watermark};

type Keys<T> = BTreeSet<(TenantId, T)>;

/// What a batch names.
#[derive(Default)]
struct Named {
    conversations: Keys<ConversationId>,
    /// Those that operators write into.
    answered: Keys<ConversationId>,
    messages: Keys<(ParticipantId, ClientMessageId)>,
    notes: Keys<(ParticipantId, ClientMessageId)>,
    entries: Keys<(ConversationId, i64)>,
    operators: Keys<OperatorId>,
    files: Keys<FileId>,
}

impl Named {
    fn of(batch: &[Queued], ledger: &Ledger) -> Self {
        let mut named = Self::default();
        for queued in batch {
            let (tenant, sender) = (queued.command.tenant, queued.command.sender.id);
            let selves = std::iter::once(sender).chain(queued.command.also.iter().copied()).chain(ledger.merged(sender));
            named.conversations.extend(queued.command.what.conversation().map(|id| (tenant, id)));
            match &queued.command.what {
                What::Post { target, client_message_id, content, .. } => {
                    if let Content::Attachment(id) = content {
                        named.files.insert((tenant, *id));
                    }
                    named.messages.extend(selves.map(|sender| (tenant, (sender, *client_message_id))));
                    if let Target::Conversation(id) = target {
                        named.answered.extend(queued.visitor.is_none().then_some((tenant, *id)));
                        // Who answers first becomes the assignee, with their photo.
                        let answers = queued.command.sender.kind == SenderKind::Operator;
                        named.operators.extend(answers.then_some((tenant, OperatorId(sender.0))));
                    }
                }
                What::Edit { conversation, target, client_message_id, .. } => {
                    named.messages.insert((tenant, (sender, *client_message_id)));
                    named.entries.insert((tenant, (*conversation, *target)));
                }
                What::Note { client_message_id, .. } => _ = named.notes.insert((tenant, (sender, *client_message_id))),
                What::SetAssignee { assignee, note, .. } => {
                    named.operators.extend(assignee.map(|id| (tenant, id)));
                    named.notes.extend(note.as_ref().map(|note| (tenant, (sender, note.client_message_id))));
                }
                What::SetStatus { .. } | What::Wake { .. } | What::HandOver { .. } | What::Rate { .. } | What::Receipt { .. } => {}
            }
        }
        named
    }
}

pub(super) async fn all(
    tx: &mut Tx,
    ledger: &mut Ledger,
    (batch, now): (&[Queued], Millis),
    visitors: &[(TenantId, VisitorId)],
) -> DbResult<()> {
    let mut named = Named::of(batch, ledger);
    for known in client_ids(tx, ledger, &named).await? {
        named.conversations.insert(known);
    }
    let mut left = Keys::new();
    for LockedRow { conversation, latest } in conversations(tx, visitors, &named).await? {
        let key = (conversation.tenant_id, conversation.id);
        if conversation.status == Status::Resolved && named.answered.contains(&key) {
            left.insert((conversation.tenant_id, conversation.visitor_id));
        }
        named.conversations.insert(key);
        if latest == 1 {
            ledger.know_current(conversation);
        } else {
            ledger.know_conversation(conversation);
        }
    }
    begun(tx, ledger, &left).await?;
    receipts(tx, ledger, &named.conversations).await?;
    entries(tx, ledger, &named.entries).await?;
    operators(tx, ledger, &named.operators).await?;
    files(tx, ledger, &named.files, now).await?;
    reopen_days(tx, ledger, batch).await
}

/// Empty sets are not asked for: most batches name no note, no edit and no operator.
fn unless_empty<T: Serialize + Eq + Hash + Ord>(keys: &Keys<T>) -> Option<Json<Vec<&(TenantId, T)>>> {
    (!keys.is_empty()).then(|| Json(keys.iter().collect()))
}

#[derive(sqlx::FromRow)]
struct KnownRow {
    #[sqlx(flatten)]
    entry: Entry,
    body_hash: Vec<u8>,
}

/// What the batch's client ids already name; answers the conversations those entries are in.
async fn client_ids(tx: &mut Tx, ledger: &mut Ledger, named: &Named) -> DbResult<Vec<(TenantId, ConversationId)>> {
    let mut conversations = Vec::new();
    let mut know = |ledger: &mut Ledger, log: Log, rows: Vec<KnownRow>| {
        for KnownRow { entry, body_hash } in rows {
            conversations.push((entry.tenant_id, entry.conversation_id));
            if let Some(id) = entry.client_message_id {
                ledger.know_client_id(log, id, Known { body_hash, entry: Arc::new(entry) });
            }
        }
    };
    if let Some(keys) = unless_empty(&named.messages) {
        let rows = fetch_all!(
            tx: tx, KnownRow,
            sqlite: "SELECT m.tenant_id, m.conversation_id, m.seq, m.id, m.type, m.sender_kind, m.sender_id, m.sender_name, m.client_message_id, m.data, m.at, m.body_hash
                     FROM jsonb_each($1) k CROSS JOIN messages m ON m.tenant_id = unhex(k.value ->> '$[0]', '-') AND m.sender_id = unhex(k.value ->> '$[1][0]', '-')
                     AND m.client_message_id = unhex(k.value ->> '$[1][1]', '-')",
            postgres: "SELECT m.tenant_id, m.conversation_id, m.seq, m.id, m.type, m.sender_kind, m.sender_id, m.sender_name, m.client_message_id, m.data, m.at, m.body_hash
                       FROM jsonb_array_elements($1) k CROSS JOIN LATERAL (SELECT * FROM messages m WHERE m.tenant_id = (k ->> 0)::uuid
                       AND m.sender_id = (k #>> '{1,0}')::uuid AND m.client_message_id = (k #>> '{1,1}')::uuid LIMIT 1) m",
            keys
        )?;
        know(ledger, Log::Messages, rows);
    }
    if let Some(keys) = unless_empty(&named.notes) {
        let rows = fetch_all!(
            tx: tx, KnownRow,
            sqlite: "SELECT n.tenant_id, n.conversation_id, n.seq, n.id, 'note.posted' AS type, 'operator' AS sender_kind, n.sender_id, n.sender_name, n.client_message_id, n.data, n.at, n.body_hash
                     FROM jsonb_each($1) k CROSS JOIN notes n ON n.tenant_id = unhex(k.value ->> '$[0]', '-') AND n.sender_id = unhex(k.value ->> '$[1][0]', '-')
                     AND n.client_message_id = unhex(k.value ->> '$[1][1]', '-')",
            postgres: "SELECT n.tenant_id, n.conversation_id, n.seq, n.id, 'note.posted' AS type, 'operator' AS sender_kind, n.sender_id, n.sender_name, n.client_message_id, n.data, n.at, n.body_hash
                       FROM jsonb_array_elements($1) k CROSS JOIN LATERAL (SELECT * FROM notes n WHERE n.tenant_id = (k ->> 0)::uuid
                       AND n.sender_id = (k #>> '{1,0}')::uuid AND n.client_message_id = (k #>> '{1,1}')::uuid LIMIT 1) n",
            keys
        )?;
        know(ledger, Log::Notes, rows);
    }
    Ok(conversations)
}

#[derive(sqlx::FromRow)]
struct LockedRow {
    #[sqlx(flatten)]
    conversation: Conversation,
    /// 1 where it is its visitor's latest and that matters.
    latest: i64,
}

/// All conversations that the batch may touch: the visitors' latest, those that are named, and the latest of whose operators answer, which tells whether
/// the visitor still sees the answer. In one statement, so that all transactions lock them in one order.
async fn conversations(tx: &mut Tx, visitors: &[(TenantId, VisitorId)], named: &Named) -> DbResult<Vec<LockedRow>> {
    if visitors.is_empty() && named.conversations.is_empty() {
        return Ok(Vec::new());
    }
    fetch_all!(
        tx: tx, LockedRow,
        sqlite: "SELECT c.tenant_id, c.id, c.site_id, c.visitor_id, c.status, c.assignee_id, o.name AS assignee_name, o.photo_hash AS assignee_photo, c.last_seq, c.last_note_seq,
                   c.last_message_seq, c.waiting_since, c.resolved_at, c.previous_id, c.snoozed_until, c.assigned_at, c.queued_since, c.agent_since, c.created_at, c.updated_at,
                   w.latest
                 FROM (SELECT row_id, MAX(latest) AS latest FROM (
                   SELECT (SELECT rowid FROM conversations WHERE tenant_id = unhex(k.value ->> 0, '-') AND visitor_id = unhex(k.value ->> 1, '-')
                     ORDER BY created_at DESC, id DESC LIMIT 1) AS row_id, 1 AS latest FROM jsonb_each($1) k
                   UNION ALL SELECT (SELECT rowid FROM conversations WHERE tenant_id = unhex(k.value ->> 0, '-') AND id = unhex(k.value ->> 1, '-')), 0 FROM jsonb_each($2) k
                   UNION ALL SELECT (SELECT rowid FROM conversations WHERE tenant_id = n.tenant_id AND visitor_id = n.visitor_id ORDER BY created_at DESC, id DESC LIMIT 1), 1
                     FROM jsonb_each($3) k CROSS JOIN conversations n ON n.tenant_id = unhex(k.value ->> 0, '-') AND n.id = unhex(k.value ->> 1, '-')
                 ) GROUP BY row_id) w
                 CROSS JOIN conversations c ON c.rowid = w.row_id
                 LEFT JOIN operators o ON o.tenant_id = c.tenant_id AND o.id = c.assignee_id",
        postgres: "SELECT c.tenant_id, c.id, c.site_id, c.visitor_id, c.status, c.assignee_id, o.name AS assignee_name, o.photo_hash AS assignee_photo, c.last_seq, c.last_note_seq,
                     c.last_message_seq, c.waiting_since, c.resolved_at, c.previous_id, c.snoozed_until, c.assigned_at, c.queued_since, c.agent_since, c.created_at, c.updated_at,
                     w.latest
                   FROM (SELECT tenant_id, id, MAX(latest)::bigint AS latest FROM (
                     SELECT (k ->> 0)::uuid AS tenant_id, (SELECT id FROM conversations WHERE tenant_id = (k ->> 0)::uuid AND visitor_id = (k ->> 1)::uuid
                       ORDER BY created_at DESC, id DESC LIMIT 1) AS id, 1 AS latest FROM jsonb_array_elements($1) k
                     UNION ALL SELECT (k ->> 0)::uuid, (k ->> 1)::uuid, 0 FROM jsonb_array_elements($2) k
                     UNION ALL SELECT n.tenant_id, (SELECT id FROM conversations WHERE tenant_id = n.tenant_id AND visitor_id = n.visitor_id
                       ORDER BY created_at DESC, id DESC LIMIT 1), 1 FROM jsonb_array_elements($3) k
                       CROSS JOIN LATERAL (SELECT tenant_id, visitor_id FROM conversations WHERE tenant_id = (k ->> 0)::uuid AND id = (k ->> 1)::uuid LIMIT 1) n
                   ) wanted GROUP BY tenant_id, id ORDER BY id) w
                   CROSS JOIN LATERAL (SELECT * FROM conversations WHERE tenant_id = w.tenant_id AND id = w.id LIMIT 1 FOR UPDATE) c
                   LEFT JOIN operators o ON o.tenant_id = c.tenant_id AND o.id = c.assignee_id",
        Json(visitors), Json(&named.conversations), Json(&named.answered)
    )
}

/// The latest conversations of visitors whose resolved one an operator answers in, whoever they are by now: they may have begun another since they
/// signed in, and while this batch waited for its lock.
async fn begun(tx: &mut Tx, ledger: &mut Ledger, left: &Keys<VisitorId>) -> DbResult<()> {
    let Some(keys) = unless_empty(left) else { return Ok(()) };
    let rows = fetch_all!(
        tx: tx, (VisitorId, ConversationId),
        sqlite: "SELECT v.id, (SELECT c.id FROM conversations c WHERE c.tenant_id = v.tenant_id
                   AND c.visitor_id IN (SELECT COALESCE(v.merged_into, v.id) UNION ALL
                     SELECT m.id FROM visitors m WHERE m.tenant_id = v.tenant_id AND m.merged_into = COALESCE(v.merged_into, v.id))
                   ORDER BY c.created_at DESC, c.id DESC LIMIT 1)
                 FROM jsonb_each($1) k CROSS JOIN visitors v ON v.tenant_id = unhex(k.value ->> 0, '-') AND v.id = unhex(k.value ->> 1, '-')",
        postgres: "SELECT v.id, c.id FROM jsonb_array_elements($1) k
                   CROSS JOIN LATERAL (SELECT tenant_id, id, merged_into FROM visitors WHERE tenant_id = (k ->> 0)::uuid AND id = (k ->> 1)::uuid LIMIT 1) v
                   CROSS JOIN LATERAL (SELECT l.id FROM (SELECT COALESCE(v.merged_into, v.id) AS id UNION ALL
                       SELECT m.id FROM visitors m WHERE m.tenant_id = v.tenant_id AND m.merged_into = COALESCE(v.merged_into, v.id)) s
                     CROSS JOIN LATERAL (SELECT id, created_at FROM conversations WHERE tenant_id = v.tenant_id AND visitor_id = s.id
                       ORDER BY created_at DESC, id DESC LIMIT 1) l
                     ORDER BY l.created_at DESC, l.id DESC LIMIT 1) c",
        keys
    )?;
    for (visitor, latest) in rows {
        ledger.know_latest(visitor, latest);
    }
    Ok(())
}

type ReceiptTuple = (ConversationId, ParticipantId, Side, i64, i64);

async fn receipts(tx: &mut Tx, ledger: &mut Ledger, keys: &Keys<ConversationId>) -> DbResult<()> {
    let Some(keys) = unless_empty(keys) else { return Ok(()) };
    let rows = fetch_all!(
        tx: tx, ReceiptTuple,
        sqlite: "SELECT r.conversation_id, r.participant_id, r.side, r.delivered_seq, r.read_seq FROM jsonb_each($1) k
                 CROSS JOIN receipts r ON r.tenant_id = unhex(k.value ->> 0, '-') AND r.conversation_id = unhex(k.value ->> 1, '-')",
        postgres: "SELECT r.conversation_id, r.participant_id, r.side, r.delivered_seq, r.read_seq FROM jsonb_array_elements($1) k
                   CROSS JOIN LATERAL (SELECT * FROM receipts r WHERE r.tenant_id = (k ->> 0)::uuid AND r.conversation_id = (k ->> 1)::uuid OFFSET 0) r",
        keys
    )?;
    for (conversation, participant, side, delivered, read) in rows {
        ledger.know_receipt(ReceiptRow { conversation, participant, side, watermark: Watermark { delivered, read } });
    }
    Ok(())
}

async fn entries(tx: &mut Tx, ledger: &mut Ledger, keys: &Keys<(ConversationId, i64)>) -> DbResult<()> {
    let Some(keys) = unless_empty(keys) else { return Ok(()) };
    let rows = fetch_all!(
        tx: tx, Entry,
        sqlite: "SELECT m.tenant_id, m.conversation_id, m.seq, m.id, m.type, m.sender_kind, m.sender_id, m.sender_name, m.client_message_id, m.data, m.at
                 FROM jsonb_each($1) k CROSS JOIN messages m ON m.tenant_id = unhex(k.value ->> '$[0]', '-') AND m.conversation_id = unhex(k.value ->> '$[1][0]', '-')
                 AND m.seq = k.value ->> '$[1][1]'",
        postgres: "SELECT m.tenant_id, m.conversation_id, m.seq, m.id, m.type, m.sender_kind, m.sender_id, m.sender_name, m.client_message_id, m.data, m.at
                   FROM jsonb_array_elements($1) k CROSS JOIN LATERAL (SELECT * FROM messages m WHERE m.tenant_id = (k ->> 0)::uuid
                   AND m.conversation_id = (k #>> '{1,0}')::uuid AND m.seq = (k #>> '{1,1}')::bigint LIMIT 1) m",
        keys
    )?;
    for entry in rows {
        ledger.know_entry(entry);
    }
    Ok(())
}

async fn operators(tx: &mut Tx, ledger: &mut Ledger, keys: &Keys<OperatorId>) -> DbResult<()> {
    let Some(keys) = unless_empty(keys) else { return Ok(()) };
    let rows = fetch_all!(
        tx: tx, (OperatorId, String, Option<String>),
        sqlite: "SELECT o.id, o.name, o.photo_hash FROM jsonb_each($1) k CROSS JOIN operators o ON o.tenant_id = unhex(k.value ->> 0, '-') AND o.id = unhex(k.value ->> 1, '-')
                 WHERE o.deactivated_at IS NULL",
        postgres: "SELECT o.id, o.name, o.photo_hash FROM (SELECT value FROM jsonb_array_elements($1) LIMIT jsonb_array_length($1)) named(k) JOIN operators o ON o.tenant_id = (k ->> 0)::uuid AND o.id = (k ->> 1)::uuid
                   WHERE o.deactivated_at IS NULL",
        keys
    )?;
    for (id, name, photo) in rows {
        ledger.know_operator(id, name, photo);
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct UnsentFile {
    id: FileId,
    uploader_id: ParticipantId,
    name: String,
    media_type: String,
    size_bytes: i64,
    width: Option<i64>,
    height: Option<i64>,
}

/// Files of the last day that no message carries yet.
async fn files(tx: &mut Tx, ledger: &mut Ledger, keys: &Keys<FileId>, now: Millis) -> DbResult<()> {
    let Some(keys) = unless_empty(keys) else { return Ok(()) };
    let rows = fetch_all!(
        tx: tx, UnsentFile,
        sqlite: "SELECT f.id, f.uploader_id, f.name, f.media_type, f.size_bytes, f.width, f.height FROM jsonb_each($1) k
                 CROSS JOIN files f ON f.tenant_id = unhex(k.value ->> 0, '-') AND f.id = unhex(k.value ->> 1, '-')
                 WHERE f.conversation_id IS NULL AND f.created_at > $2",
        postgres: "SELECT f.id, f.uploader_id, f.name, f.media_type, f.size_bytes, f.width, f.height FROM (SELECT value FROM jsonb_array_elements($1) LIMIT jsonb_array_length($1)) named(k)
                   JOIN files f ON f.tenant_id = (k ->> 0)::uuid AND f.id = (k ->> 1)::uuid
                   WHERE f.conversation_id IS NULL AND f.created_at > $2 ORDER BY f.id FOR UPDATE OF f",
        keys, now - DAY
    )?;
    for UnsentFile { id, uploader_id, name, media_type, size_bytes, width, height } in rows {
        let attachment = json!({"id": id, "name": name, "media_type": media_type, "size": size_bytes, "width": width, "height": height});
        ledger.know_file(id, uploader_id, attachment);
    }
    Ok(())
}

async fn reopen_days(tx: &mut Tx, ledger: &mut Ledger, batch: &[Queued]) -> DbResult<()> {
    let sites: Keys<SiteId> =
        batch.iter().filter_map(|queued| queued.visitor.as_ref().map(|visitor| (queued.command.tenant, visitor.scope.site()))).collect();
    let Some(keys) = unless_empty(&sites) else { return Ok(()) };
    let rows = fetch_all!(
        tx: tx, (SiteId, i64, i64),
        sqlite: "SELECT s.id, s.reopen_days, COALESCE(a.enabled, 0) FROM jsonb_each($1) k CROSS JOIN sites s ON s.tenant_id = unhex(k.value ->> 0, '-') AND s.id = unhex(k.value ->> 1, '-')
                 LEFT JOIN virtual_agents a ON a.tenant_id = s.tenant_id AND a.site_id = s.id",
        postgres: "SELECT s.id, s.reopen_days, COALESCE(a.enabled, 0) FROM (SELECT value FROM jsonb_array_elements($1) LIMIT jsonb_array_length($1)) named(k) JOIN sites s ON s.tenant_id = (k ->> 0)::uuid AND s.id = (k ->> 1)::uuid
                   LEFT JOIN virtual_agents a ON a.tenant_id = s.tenant_id AND a.site_id = s.id",
        keys
    )?;
    for (id, days, agent) in rows {
        ledger.know_reopen_days(id, days);
        if agent != 0 {
            ledger.know_agent(id);
        }
    }
    Ok(())
}
