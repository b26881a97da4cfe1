//! The SQL of crowds' logs: loads what a batch may touch and writes what the ledger decided, in one transaction. Keys and rows travel as one JSON
//! document per statement: a batch of hundreds of messages costs as many statements as one message.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};
use sqlx::types::Json;

use crate::clock::Clock;
use crate::db::{Db, DbResult, Tx, execute, fetch_all};
use crate::ids::{ClientMessageId, CrowdId, ParticipantId, TenantId, VisitorId};
use crate::text::hex;

use super::command::{Done, Queued, Refused, What};
use super::ledger::{Known, Ledger, Standing};
use super::model::{Crowd, Entry};

/// Commits the whole batch durably, in order, or nothing of it.
pub(super) async fn commit(db: &Db, clock: &Clock, batch: &[Queued]) -> DbResult<Vec<Result<Done, Refused>>> {
    let mut tx = db.begin_log().await?;
    let mut ledger = Ledger::default();
    load(&mut tx, &mut ledger, batch).await?;
    let answers: Vec<Result<Done, Refused>> = batch.iter().map(|queued| ledger.apply(queued, clock)).collect();
    if ledger.grown.is_empty() {
        // Nothing but repeats and refusals: nothing to write, and nothing to wait for.
        tx.rollback().await?;
        return Ok(answers);
    }
    write(&mut tx, &ledger).await?;
    tx.commit().await?;
    Ok(answers)
}

async fn load(tx: &mut Tx, ledger: &mut Ledger, batch: &[Queued]) -> DbResult<()> {
    let mut crowds = BTreeSet::new();
    let mut known = BTreeSet::new();
    let mut people = BTreeSet::new();
    let mut standings = BTreeSet::new();
    let mut entries = BTreeSet::new();
    for Queued { command, visitor } in batch {
        let (tenant, crowd) = (command.tenant, command.crowd);
        crowds.insert((tenant, crowd));
        let selves = visitor.iter().flat_map(|visitor| visitor.selves.iter().copied());
        match &command.what {
            What::Post { client_message_id, .. } => {
                let senders = selves.clone().map(ParticipantId::from).chain([command.sender.id]);
                known.extend(senders.map(|sender| (tenant, (sender, *client_message_id))));
                people.extend(selves.clone().map(|own| (tenant, own)));
                standings.extend(selves.map(|own| (tenant, (crowd, own))));
            }
            What::Retract { target } => _ = entries.insert((tenant, (crowd, *target))),
        }
    }
    // First the crowds: their rows are the locks under which the rest is read.
    for crowd in load_crowds(tx, &crowds).await? {
        ledger.crowds.insert((crowd.tenant_id, crowd.id), crowd);
    }
    load_known(tx, ledger, &known).await?;
    load_entries(tx, ledger, &entries).await?;
    load_names(tx, ledger, &people).await?;
    load_standings(tx, ledger, &standings).await
}

/// Empty sets are not asked for.
fn unless_empty<T: Serialize + Ord>(keys: &BTreeSet<T>) -> Option<Json<Vec<&T>>> {
    (!keys.is_empty()).then(|| Json(keys.iter().collect()))
}

async fn load_crowds(tx: &mut Tx, keys: &BTreeSet<(TenantId, CrowdId)>) -> DbResult<Vec<Crowd>> {
    let Some(keys) = unless_empty(keys) else { return Ok(Vec::new()) };
    fetch_all!(
        tx: tx, Crowd,
        sqlite: "SELECT c.tenant_id, c.id, c.site_id, c.key, c.page_url, c.name, c.history, c.writers, c.slow_mode_s, c.frozen_at, c.last_seq, c.posted_at,
                   c.created_at, c.updated_at
                 FROM jsonb_each($1) k CROSS JOIN crowds c ON c.tenant_id = unhex(k.value ->> 0, '-') AND c.id = unhex(k.value ->> 1, '-')",
        postgres: "SELECT c.tenant_id, c.id, c.site_id, c.key, c.page_url, c.name, c.history, c.writers, c.slow_mode_s, c.frozen_at, c.last_seq, c.posted_at,
                     c.created_at, c.updated_at
                   FROM (SELECT value FROM jsonb_array_elements($1) LIMIT jsonb_array_length($1)) named(k) JOIN crowds c ON c.tenant_id = (k ->> 0)::uuid AND c.id = (k ->> 1)::uuid
                   ORDER BY c.id FOR UPDATE OF c",
        keys
    )
}

#[derive(sqlx::FromRow)]
struct KnownRow {
    #[sqlx(flatten)]
    entry: Entry,
    body_hash: Vec<u8>,
}

async fn load_known(tx: &mut Tx, ledger: &mut Ledger, keys: &BTreeSet<(TenantId, (ParticipantId, ClientMessageId))>) -> DbResult<()> {
    let Some(keys) = unless_empty(keys) else { return Ok(()) };
    let rows = fetch_all!(
        tx: tx, KnownRow,
        sqlite: "SELECT m.tenant_id, m.crowd_id, m.seq, m.id, m.type, m.sender_kind, m.sender_id, m.sender_name, m.client_message_id, m.data, m.at, m.body_hash
                 FROM jsonb_each($1) k CROSS JOIN crowd_messages m ON m.tenant_id = unhex(k.value ->> '$[0]', '-') AND m.sender_id = unhex(k.value ->> '$[1][0]', '-')
                 AND m.client_message_id = unhex(k.value ->> '$[1][1]', '-')",
        postgres: "SELECT m.tenant_id, m.crowd_id, m.seq, m.id, m.type, m.sender_kind, m.sender_id, m.sender_name, m.client_message_id, m.data, m.at, m.body_hash
                   FROM jsonb_array_elements($1) k CROSS JOIN LATERAL (SELECT * FROM crowd_messages m WHERE m.tenant_id = (k ->> 0)::uuid
                   AND m.sender_id = (k #>> '{1,0}')::uuid AND m.client_message_id = (k #>> '{1,1}')::uuid LIMIT 1) m",
        keys
    )?;
    for KnownRow { entry, body_hash } in rows {
        if let Some(id) = entry.client_message_id {
            ledger.known.insert((entry.tenant_id, (entry.sender_id, id)), Known { body_hash, entry });
        }
    }
    Ok(())
}

async fn load_entries(tx: &mut Tx, ledger: &mut Ledger, keys: &BTreeSet<(TenantId, (CrowdId, i64))>) -> DbResult<()> {
    let Some(keys) = unless_empty(keys) else { return Ok(()) };
    let rows = fetch_all!(
        tx: tx, Entry,
        sqlite: "SELECT m.tenant_id, m.crowd_id, m.seq, m.id, m.type, m.sender_kind, m.sender_id, m.sender_name, m.client_message_id, m.data, m.at
                 FROM jsonb_each($1) k CROSS JOIN crowd_messages m ON m.tenant_id = unhex(k.value ->> '$[0]', '-') AND m.crowd_id = unhex(k.value ->> '$[1][0]', '-')
                 AND m.seq = k.value ->> '$[1][1]'",
        postgres: "SELECT m.tenant_id, m.crowd_id, m.seq, m.id, m.type, m.sender_kind, m.sender_id, m.sender_name, m.client_message_id, m.data, m.at
                   FROM jsonb_array_elements($1) k CROSS JOIN LATERAL (SELECT * FROM crowd_messages m WHERE m.tenant_id = (k ->> 0)::uuid
                   AND m.crowd_id = (k #>> '{1,0}')::uuid AND m.seq = (k #>> '{1,1}')::bigint LIMIT 1) m",
        keys
    )?;
    ledger.entries.extend(rows.into_iter().map(|entry| ((entry.tenant_id, (entry.crowd_id, entry.seq)), entry)));
    Ok(())
}

async fn load_names(tx: &mut Tx, ledger: &mut Ledger, keys: &BTreeSet<(TenantId, VisitorId)>) -> DbResult<()> {
    let Some(keys) = unless_empty(keys) else { return Ok(()) };
    let rows = fetch_all!(
        tx: tx, (TenantId, VisitorId, String),
        sqlite: "SELECT n.tenant_id, n.visitor_id, n.name
                 FROM jsonb_each($1) k CROSS JOIN crowd_names n ON n.tenant_id = unhex(k.value ->> 0, '-') AND n.visitor_id = unhex(k.value ->> 1, '-')",
        postgres: "SELECT n.tenant_id, n.visitor_id, n.name
                   FROM (SELECT value FROM jsonb_array_elements($1) LIMIT jsonb_array_length($1)) named(k) JOIN crowd_names n ON n.tenant_id = (k ->> 0)::uuid AND n.visitor_id = (k ->> 1)::uuid",
        keys
    )?;
    ledger.names.extend(rows.into_iter().map(|(tenant, visitor, name)| ((tenant, visitor), name)));
    Ok(())
}

#[derive(sqlx::FromRow)]
struct StandingRow {
    tenant_id: TenantId,
    crowd_id: CrowdId,
    visitor_id: VisitorId,
    posted_at: Option<i64>,
    muted_at: Option<i64>,
    muted_until: Option<i64>,
}

async fn load_standings(tx: &mut Tx, ledger: &mut Ledger, keys: &BTreeSet<(TenantId, (CrowdId, VisitorId))>) -> DbResult<()> {
    let Some(keys) = unless_empty(keys) else { return Ok(()) };
    let rows = fetch_all!(
        tx: tx, StandingRow,
        sqlite: "SELECT m.tenant_id, m.crowd_id, m.visitor_id, m.posted_at, m.muted_at, m.muted_until
                 FROM jsonb_each($1) k CROSS JOIN crowd_members m ON m.tenant_id = unhex(k.value ->> '$[0]', '-') AND m.crowd_id = unhex(k.value ->> '$[1][0]', '-')
                 AND m.visitor_id = unhex(k.value ->> '$[1][1]', '-')",
        postgres: "SELECT m.tenant_id, m.crowd_id, m.visitor_id, m.posted_at, m.muted_at, m.muted_until
                   FROM (SELECT value FROM jsonb_array_elements($1) LIMIT jsonb_array_length($1)) named(k) JOIN crowd_members m ON m.tenant_id = (k ->> 0)::uuid AND m.crowd_id = (k #>> '{1,0}')::uuid
                   AND m.visitor_id = (k #>> '{1,1}')::uuid",
        keys
    )?;
    for StandingRow { tenant_id, crowd_id, visitor_id, posted_at, muted_at, muted_until } in rows {
        ledger.standings.insert((tenant_id, (crowd_id, visitor_id)), Standing { posted_at, muted_at, muted_until });
    }
    Ok(())
}

async fn write(tx: &mut Tx, ledger: &Ledger) -> DbResult<()> {
    let tops = ledger.grown.iter().filter_map(|key| ledger.crowds.get(key));
    let tops: Vec<Value> = tops
        .map(|crowd| json!({"tenant_id": crowd.tenant_id, "id": crowd.id, "last_seq": crowd.last_seq, "posted_at": crowd.posted_at}))
        .collect();
    execute!(
        tx,
        sqlite: "UPDATE crowds SET last_seq = r.value ->> 'last_seq', posted_at = r.value ->> 'posted_at' FROM jsonb_each($1) r
                 WHERE crowds.tenant_id = unhex(r.value ->> 'tenant_id', '-') AND crowds.id = unhex(r.value ->> 'id', '-')",
        postgres: "UPDATE crowds SET last_seq = r.last_seq, posted_at = r.posted_at
                   FROM (SELECT * FROM jsonb_to_recordset($1) AS r(tenant_id uuid, id uuid, last_seq bigint, posted_at bigint) LIMIT jsonb_array_length($1)) r
                   WHERE crowds.tenant_id = r.tenant_id AND crowds.id = r.id",
        Json(tops)
    )?;
    let entries = ledger.new_entries.iter().map(|new| {
        let entry = &new.entry;
        json!({
            "tenant_id": entry.tenant_id, "crowd_id": entry.crowd_id, "seq": entry.seq, "id": entry.id, "type": entry.kind,
            "sender_kind": entry.sender_kind, "sender_id": entry.sender_id, "sender_name": entry.sender_name,
            "client_message_id": entry.client_message_id, "body_hash": new.body_hash.as_deref().map(hex), "data": entry.data, "at": entry.at,
        })
    });
    execute!(
        tx,
        sqlite: "INSERT INTO crowd_messages (tenant_id, crowd_id, seq, id, type, sender_kind, sender_id, sender_name, client_message_id, body_hash, data, at)
                 SELECT unhex(r.value ->> 'tenant_id', '-'), unhex(r.value ->> 'crowd_id', '-'), r.value ->> 'seq', unhex(r.value ->> 'id', '-'), r.value ->> 'type',
                   r.value ->> 'sender_kind', unhex(r.value ->> 'sender_id', '-'), r.value ->> 'sender_name', unhex(r.value ->> 'client_message_id', '-'),
                   unhex(r.value ->> 'body_hash'), r.value -> 'data', r.value ->> 'at'
                 FROM jsonb_each($1) r",
        postgres: "INSERT INTO crowd_messages (tenant_id, crowd_id, seq, id, type, sender_kind, sender_id, sender_name, client_message_id, body_hash, data, at)
                   SELECT tenant_id, crowd_id, seq, id, type, sender_kind, sender_id, sender_name, client_message_id, decode(body_hash, 'hex'), data, at
                   FROM jsonb_to_recordset($1) AS r(tenant_id uuid, crowd_id uuid, seq bigint, id uuid, type text, sender_kind text, sender_id uuid,
                     sender_name text, client_message_id uuid, body_hash text, data jsonb, at bigint)",
        Json(entries.collect::<Vec<Value>>())
    )?;
    posted(tx, ledger).await?;
    for (tenant, (crowd, seq)) in &ledger.retracted {
        execute!(
            tx,
            "UPDATE crowd_messages SET data = '{\"kind\":\"retracted\"}' WHERE tenant_id = $1 AND crowd_id = $2 AND seq = $3",
            tenant,
            crowd,
            seq
        )?;
    }
    Ok(())
}

/// When visitors posted last, in crowds that are slow.
async fn posted(tx: &mut Tx, ledger: &Ledger) -> DbResult<()> {
    if ledger.posted.is_empty() {
        return Ok(());
    }
    let rows: Vec<Value> = ledger
        .posted
        .iter()
        .map(|((tenant, (crowd, visitor)), at)| json!({"tenant_id": tenant, "crowd_id": crowd, "visitor_id": visitor, "posted_at": at}))
        .collect();
    execute!(
        tx,
        sqlite: "INSERT INTO crowd_members (tenant_id, crowd_id, visitor_id, posted_at)
                 SELECT unhex(r.value ->> 'tenant_id', '-'), unhex(r.value ->> 'crowd_id', '-'), unhex(r.value ->> 'visitor_id', '-'), r.value ->> 'posted_at'
                 FROM jsonb_each($1) r WHERE true ON CONFLICT (tenant_id, crowd_id, visitor_id) DO UPDATE SET posted_at = excluded.posted_at",
        postgres: "INSERT INTO crowd_members (tenant_id, crowd_id, visitor_id, posted_at)
                   SELECT tenant_id, crowd_id, visitor_id, posted_at FROM jsonb_to_recordset($1) AS r(tenant_id uuid, crowd_id uuid, visitor_id uuid, posted_at bigint)
                   ON CONFLICT (tenant_id, crowd_id, visitor_id) DO UPDATE SET posted_at = excluded.posted_at",
        Json(rows)
    )
    .map(drop)
}

/// Entries above `after`, ascending. The caller has proven that the log may be read.
pub(super) async fn since(db: &Db, tenant: TenantId, id: CrowdId, after: i64, limit: i64) -> DbResult<Vec<Entry>> {
    fetch_all!(
        db: db, Entry,
        "SELECT m.tenant_id, m.crowd_id, m.seq, m.id, m.type, m.sender_kind, m.sender_id, COALESCE(n.name, m.sender_name) AS sender_name, m.client_message_id,
           m.data, m.at
         FROM crowd_messages m LEFT JOIN crowd_names n ON n.tenant_id = m.tenant_id AND n.visitor_id = m.sender_id
         WHERE m.tenant_id = $1 AND m.crowd_id = $2 AND m.seq > $3 ORDER BY m.seq LIMIT $4",
        tenant, id, after, limit
    )
}

/// The top of each log, in one statement.
pub(super) async fn tops(db: &Db, keys: &[(TenantId, CrowdId)]) -> DbResult<Vec<(CrowdId, i64)>> {
    fetch_all!(
        db: db, (CrowdId, i64),
        sqlite: "SELECT c.id, c.last_seq FROM jsonb_each($1) k CROSS JOIN crowds c ON c.tenant_id = unhex(k.value ->> 0, '-') AND c.id = unhex(k.value ->> 1, '-')",
        postgres: "SELECT c.id, c.last_seq FROM (SELECT value FROM jsonb_array_elements($1) LIMIT jsonb_array_length($1)) named(k) JOIN crowds c ON c.tenant_id = (k ->> 0)::uuid AND c.id = (k ->> 1)::uuid",
        Json(keys)
    )
}
