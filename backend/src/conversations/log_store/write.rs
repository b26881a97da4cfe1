//! Writes what the ledger decided: a fixed number of statements for a batch of any size.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};
use sqlx::types::Json;

use crate::clock::Millis;
use crate::db::{DbResult, Tx, execute};
use crate::ids::{ClientMessageId, ConversationId, DeliveryId, MessageId, ParticipantId, TenantId};
use crate::scope::TenantScope;
use crate::text::hex;
use crate::webhooks::{self, EventKind, Happened};

use super::super::ledger::{Ledger, NewEntry};
use super::super::model::{Conversation, Entry, SenderKind};

pub(super) async fn all(tx: &mut Tx, ledger: &Ledger, now: Millis) -> DbResult<()> {
    conversations(tx, ledger).await?;
    messages(tx, &ledger.new_entries).await?;
    notes(tx, &ledger.new_notes).await?;
    receipts(tx, ledger, now).await?;
    files(tx, ledger).await?;
    ratings(tx, ledger, now).await?;
    erase(tx, ledger).await?;
    tell_programs(tx, ledger, now).await
}

/// What tenants' webhooks are told, in the transaction in which it happens. Mostly nobody listens, and then this is one look.
async fn tell_programs(tx: &mut Tx, ledger: &Ledger, now: Millis) -> DbResult<()> {
    let tenants: BTreeSet<TenantId> = ledger.new_entries.iter().chain(&ledger.new_notes).map(|new| new.entry.tenant_id).collect();
    if tenants.is_empty() {
        return Ok(());
    }
    let listening = webhooks::listening(tx, &tenants).await?;
    if listening.is_empty() {
        return Ok(());
    }
    let mut happened = Vec::new();
    for NewEntry { entry, .. } in ledger.new_entries.iter().chain(&ledger.new_notes) {
        let Some(conversation) = ledger.conversation(entry.conversation_id) else { continue };
        if entry.seq == 1 && entry.kind == "message.posted" {
            happened.push(opened(conversation, entry));
        }
        happened.extend(told(conversation, entry));
    }
    webhooks::record(tx, &listening, &happened, now).await
}

fn opened(conversation: &Conversation, entry: &Entry) -> Happened {
    Happened {
        tenant: entry.tenant_id,
        site: Some(conversation.site_id),
        id: DeliveryId(conversation.id.0),
        kind: EventKind::ConversationOpened,
        at: entry.at,
        visitor: Some(conversation.visitor_id),
        message: None,
        data: json!({"conversation": shown(conversation)}),
    }
}

fn told(conversation: &Conversation, entry: &Entry) -> Option<Happened> {
    let message = match entry.kind.as_str() {
        "message.posted" => Some(entry.seq),
        "message.edited" => entry.data["target"].as_i64(),
        _ => None,
    };
    Some(Happened {
        tenant: entry.tenant_id,
        site: Some(conversation.site_id),
        id: DeliveryId(entry.id.0),
        kind: EventKind::of_entry(&entry.kind)?,
        at: entry.at,
        visitor: Some(conversation.visitor_id),
        message: message.map(|seq| (conversation.id, seq)),
        data: json!({"conversation": shown(conversation), "entry": entry.envelope()}),
    })
}

/// A conversation as programs see it: what does not change with every reader.
fn shown(conversation: &Conversation) -> Value {
    let assignee = conversation.assignee_id.map(|id| json!({"id": id, "name": conversation.assignee_name}));
    json!({
        "id": conversation.id, "site_id": conversation.site_id, "visitor_id": conversation.visitor_id, "status": conversation.status,
        "assignee": assignee, "previous_id": conversation.previous_id, "created_at": conversation.created_at,
    })
}

/// Most have only grown, which concerns few of their indexes.
async fn conversations(tx: &mut Tx, ledger: &Ledger) -> DbResult<()> {
    let dirty = ledger.dirty.iter().filter_map(|id| ledger.conversation(*id));
    let (grown, changed): (Vec<_>, Vec<_>) = dirty.partition(|conversation| ledger.has_only_grown(conversation));
    grown_conversations(tx, &grown).await?;
    changed_conversations(tx, &changed).await
}

/// What of a conversation changes with every entry.
#[derive(Serialize)]
struct Grown {
    t: TenantId,
    id: ConversationId,
    seq: i64,
    note: i64,
    message: i64,
    at: Millis,
}

async fn grown_conversations(tx: &mut Tx, grown: &[&Conversation]) -> DbResult<()> {
    if grown.is_empty() {
        return Ok(());
    }
    let row = |of: &&Conversation| Grown {
        t: of.tenant_id,
        id: of.id,
        seq: of.last_seq,
        note: of.last_note_seq,
        message: of.last_message_seq,
        at: of.updated_at,
    };
    execute!(
        tx,
        sqlite: "WITH r(value) AS MATERIALIZED (SELECT value FROM jsonb_each($1))
                 UPDATE conversations SET last_seq = r.value ->> 'seq', last_note_seq = r.value ->> 'note', last_message_seq = r.value ->> 'message',
                   updated_at = r.value ->> 'at'
                 FROM r WHERE conversations.tenant_id = unhex(r.value ->> 't', '-') AND conversations.id = unhex(r.value ->> 'id', '-')",
        // Every row is there and locked. What conflicts is found by its key, whatever plan was made while there were few; a site of this id there is not.
        postgres: "INSERT INTO conversations (tenant_id, id, site_id, visitor_id, status, last_seq, last_note_seq, last_message_seq, created_at, updated_at)
                   SELECT t, id, t, t, 'open', seq, note, message, at, at
                   FROM jsonb_to_recordset($1) AS r(t uuid, id uuid, seq bigint, note bigint, message bigint, at bigint)
                   ON CONFLICT (tenant_id, id) DO UPDATE SET last_seq = excluded.last_seq, last_note_seq = excluded.last_note_seq,
                     last_message_seq = excluded.last_message_seq, updated_at = excluded.updated_at",
        Json(grown.iter().map(row).collect::<Vec<_>>())
    )
    .map(drop)
}

async fn changed_conversations(tx: &mut Tx, rows: &[&Conversation]) -> DbResult<()> {
    if rows.is_empty() {
        return Ok(());
    }
    execute!(
        tx,
        sqlite: "INSERT INTO conversations (tenant_id, id, site_id, visitor_id, status, assignee_id, last_seq, last_note_seq, last_message_seq,
                   waiting_since, resolved_at, previous_id, snoozed_until, assigned_at, queued_since, agent_since, created_at, updated_at)
                 SELECT unhex(r.value ->> 'tenant_id', '-'), unhex(r.value ->> 'id', '-'), unhex(r.value ->> 'site_id', '-'), unhex(r.value ->> 'visitor_id', '-'),
                   r.value ->> 'status', unhex(r.value ->> 'assignee_id', '-'), r.value ->> 'last_seq', r.value ->> 'last_note_seq', r.value ->> 'last_message_seq',
                   r.value ->> 'waiting_since', r.value ->> 'resolved_at', unhex(r.value ->> 'previous_id', '-'),
                   r.value ->> 'snoozed_until', r.value ->> 'assigned_at', r.value ->> 'queued_since', r.value ->> 'agent_since', r.value ->> 'created_at', r.value ->> 'updated_at'
                 FROM jsonb_each($1) r WHERE true
                 ON CONFLICT (tenant_id, id) DO UPDATE SET status = excluded.status, assignee_id = excluded.assignee_id, last_seq = excluded.last_seq,
                   last_note_seq = excluded.last_note_seq, last_message_seq = excluded.last_message_seq, waiting_since = excluded.waiting_since,
                   resolved_at = excluded.resolved_at, snoozed_until = excluded.snoozed_until, assigned_at = excluded.assigned_at,
                   queued_since = excluded.queued_since, agent_since = excluded.agent_since, updated_at = excluded.updated_at",
        postgres: "INSERT INTO conversations (tenant_id, id, site_id, visitor_id, status, assignee_id, last_seq, last_note_seq, last_message_seq,
                     waiting_since, resolved_at, previous_id, snoozed_until, assigned_at, queued_since, agent_since, created_at, updated_at)
                   SELECT tenant_id, id, site_id, visitor_id, status, assignee_id, last_seq, last_note_seq, last_message_seq,
                     waiting_since, resolved_at, previous_id, snoozed_until, assigned_at, queued_since, agent_since, created_at, updated_at
                   FROM jsonb_to_recordset($1) AS r(tenant_id uuid, id uuid, site_id uuid, visitor_id uuid, status text, assignee_id uuid, last_seq bigint,
                     last_note_seq bigint, last_message_seq bigint, waiting_since bigint, resolved_at bigint, previous_id uuid,
                     snoozed_until bigint, assigned_at bigint, queued_since bigint, agent_since bigint, created_at bigint, updated_at bigint)
                   ON CONFLICT (tenant_id, id) DO UPDATE SET status = excluded.status, assignee_id = excluded.assignee_id, last_seq = excluded.last_seq,
                     last_note_seq = excluded.last_note_seq, last_message_seq = excluded.last_message_seq, waiting_since = excluded.waiting_since,
                     resolved_at = excluded.resolved_at, snoozed_until = excluded.snoozed_until, assigned_at = excluded.assigned_at,
                     queued_since = excluded.queued_since, agent_since = excluded.agent_since, updated_at = excluded.updated_at",
        Json(rows)
    )
    .map(drop)
}

/// A row of a log on its way to the database.
#[derive(Serialize)]
struct EntryRow<'a> {
    tenant_id: TenantId,
    conversation_id: ConversationId,
    seq: i64,
    id: MessageId,
    r#type: &'a str,
    sender_kind: SenderKind,
    sender_id: ParticipantId,
    sender_name: Option<&'a str>,
    client_message_id: Option<ClientMessageId>,
    body_hash: Option<String>,
    data: &'a Value,
    at: Millis,
}

impl<'a> From<&'a NewEntry> for EntryRow<'a> {
    fn from(new: &'a NewEntry) -> Self {
        let entry = &new.entry;
        Self {
            tenant_id: entry.tenant_id,
            conversation_id: entry.conversation_id,
            seq: entry.seq,
            id: entry.id,
            r#type: &entry.kind,
            sender_kind: entry.sender_kind,
            sender_id: entry.sender_id,
            sender_name: entry.sender_name.as_deref(),
            client_message_id: entry.client_message_id,
            body_hash: new.body_hash.as_deref().map(hex),
            data: &entry.data,
            at: entry.at,
        }
    }
}

async fn messages(tx: &mut Tx, new: &[NewEntry]) -> DbResult<()> {
    if new.is_empty() {
        return Ok(());
    }
    let rows: Vec<EntryRow<'_>> = new.iter().map(EntryRow::from).collect();
    execute!(
        tx,
        sqlite: "INSERT INTO messages (tenant_id, conversation_id, seq, id, type, sender_kind, sender_id, sender_name, client_message_id, body_hash, data, at)
                 SELECT unhex(r.value ->> 'tenant_id', '-'), unhex(r.value ->> 'conversation_id', '-'), r.value ->> 'seq', unhex(r.value ->> 'id', '-'), r.value ->> 'type',
                   r.value ->> 'sender_kind', unhex(r.value ->> 'sender_id', '-'), r.value ->> 'sender_name', unhex(r.value ->> 'client_message_id', '-'),
                   unhex(r.value ->> 'body_hash'), r.value -> 'data', r.value ->> 'at'
                 FROM jsonb_each($1) r",
        postgres: "INSERT INTO messages (tenant_id, conversation_id, seq, id, type, sender_kind, sender_id, sender_name, client_message_id, body_hash, data, at)
                   SELECT tenant_id, conversation_id, seq, id, type, sender_kind, sender_id, sender_name, client_message_id, decode(body_hash, 'hex'), data, at
                   FROM jsonb_to_recordset($1) AS r(tenant_id uuid, conversation_id uuid, seq bigint, id uuid, type text, sender_kind text, sender_id uuid,
                     sender_name text, client_message_id uuid, body_hash text, data jsonb, at bigint)",
        Json(rows)
    )
    .map(drop)
}

async fn notes(tx: &mut Tx, new: &[NewEntry]) -> DbResult<()> {
    if new.is_empty() {
        return Ok(());
    }
    let rows: Vec<EntryRow<'_>> = new.iter().map(EntryRow::from).collect();
    execute!(
        tx,
        sqlite: "INSERT INTO notes (tenant_id, conversation_id, seq, id, sender_id, sender_name, client_message_id, body_hash, data, at)
                 SELECT unhex(r.value ->> 'tenant_id', '-'), unhex(r.value ->> 'conversation_id', '-'), r.value ->> 'seq', unhex(r.value ->> 'id', '-'),
                   unhex(r.value ->> 'sender_id', '-'), r.value ->> 'sender_name', unhex(r.value ->> 'client_message_id', '-'),
                   unhex(r.value ->> 'body_hash'), r.value -> 'data', r.value ->> 'at'
                 FROM jsonb_each($1) r",
        postgres: "INSERT INTO notes (tenant_id, conversation_id, seq, id, sender_id, sender_name, client_message_id, body_hash, data, at)
                   SELECT tenant_id, conversation_id, seq, id, sender_id, sender_name, client_message_id, decode(body_hash, 'hex'), data, at
                   FROM jsonb_to_recordset($1) AS r(tenant_id uuid, conversation_id uuid, seq bigint, id uuid, sender_id uuid,
                     sender_name text, client_message_id uuid, body_hash text, data jsonb, at bigint)",
        Json(rows)
    )
    .map(drop)
}

async fn receipts(tx: &mut Tx, ledger: &Ledger, now: Millis) -> DbResult<()> {
    if ledger.new_receipts.is_empty() {
        return Ok(());
    }
    let rows: Vec<Value> = ledger
        .new_receipts
        .iter()
        .filter_map(|key| {
            let (row, conversation) = (ledger.receipt(*key)?, ledger.conversation(key.0)?);
            Some(json!({
                "tenant_id": conversation.tenant_id, "conversation_id": row.conversation, "participant_id": row.participant, "side": row.side,
                "delivered_seq": row.watermark.delivered, "read_seq": row.watermark.read, "updated_at": now,
            }))
        })
        .collect();
    execute!(
        tx,
        sqlite: "INSERT INTO receipts (tenant_id, conversation_id, participant_id, side, delivered_seq, read_seq, updated_at)
                 SELECT unhex(r.value ->> 'tenant_id', '-'), unhex(r.value ->> 'conversation_id', '-'), unhex(r.value ->> 'participant_id', '-'), r.value ->> 'side',
                   r.value ->> 'delivered_seq', r.value ->> 'read_seq', r.value ->> 'updated_at' FROM jsonb_each($1) r WHERE true
                 ON CONFLICT (tenant_id, conversation_id, participant_id) DO UPDATE SET
                   delivered_seq = excluded.delivered_seq, read_seq = excluded.read_seq, updated_at = excluded.updated_at",
        postgres: "INSERT INTO receipts (tenant_id, conversation_id, participant_id, side, delivered_seq, read_seq, updated_at)
                   SELECT tenant_id, conversation_id, participant_id, side, delivered_seq, read_seq, updated_at
                   FROM jsonb_to_recordset($1) AS r(tenant_id uuid, conversation_id uuid, participant_id uuid, side text, delivered_seq bigint, read_seq bigint, updated_at bigint)
                   ON CONFLICT (tenant_id, conversation_id, participant_id) DO UPDATE SET
                     delivered_seq = excluded.delivered_seq, read_seq = excluded.read_seq, updated_at = excluded.updated_at",
        Json(rows)
    )
    .map(drop)
}

async fn ratings(tx: &mut Tx, ledger: &Ledger, now: Millis) -> DbResult<()> {
    for (id, score, comment) in &ledger.ratings {
        let Some(conversation) = ledger.conversation(*id) else { continue };
        execute!(
            tx,
            "INSERT INTO ratings (tenant_id, conversation_id, score, comment, at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant_id, conversation_id) DO UPDATE SET score = excluded.score, comment = excluded.comment, at = excluded.at",
            conversation.tenant_id,
            id,
            score,
            comment,
            now
        )?;
    }
    Ok(())
}

/// Files belong to the entries that carry them.
async fn files(tx: &mut Tx, ledger: &Ledger) -> DbResult<()> {
    for (file, id, seq) in &ledger.sent {
        let Some(conversation) = ledger.conversation(*id) else { continue };
        execute!(
            tx,
            "UPDATE files SET conversation_id = $3, seq = $4 WHERE tenant_id = $1 AND id = $2",
            conversation.tenant_id,
            file,
            id,
            seq
        )?;
    }
    Ok(())
}

/// Takes the text of retracted entries, and of their edits, out of the stored log.
async fn erase(tx: &mut Tx, ledger: &Ledger) -> DbResult<()> {
    for (id, target) in &ledger.erased {
        let Some(conversation) = ledger.conversation(*id) else { continue };
        webhooks::forget_message(tx, TenantScope::proven(conversation.tenant_id), *id, *target).await?;
        execute!(
            tx,
            "UPDATE messages SET data = '{\"kind\":\"retracted\"}' WHERE tenant_id = $1 AND conversation_id = $2 AND seq = $3 AND type = 'message.posted'",
            conversation.tenant_id,
            id,
            target
        )?;
        // Without a message and old enough for the next removal of unsent files.
        execute!(
            tx,
            "UPDATE files SET conversation_id = NULL, seq = NULL, created_at = 0 WHERE tenant_id = $1 AND conversation_id = $2 AND seq = $3",
            conversation.tenant_id,
            id,
            target
        )?;
        execute!(
            tx,
            sqlite: "UPDATE messages SET data = json_object('target', $3) WHERE tenant_id = $1 AND conversation_id = $2
                     AND type = 'message.edited' AND data ->> 'target' = $3",
            postgres: "UPDATE messages SET data = jsonb_build_object('target', $3::bigint) WHERE tenant_id = $1 AND conversation_id = $2
                       AND type = 'message.edited' AND (data ->> 'target')::bigint = $3",
            conversation.tenant_id, id, target
        )?;
    }
    Ok(())
}
