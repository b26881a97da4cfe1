//! SQL of files. Which message carries a file is written by the conversation's log.

use std::collections::BTreeSet;

use serde_json::json;
use sqlx::types::Json;

use super::model::{FileRow, Sent};
use crate::clock::Millis;
use crate::db::{Db, DbResult, execute, fetch_all, fetch_one, fetch_optional};
use crate::ids::{ConversationId, FileId, TenantId};
use crate::scope::{SiteScope, SystemScope, TenantScope};

pub(super) async fn used(db: &Db, scope: TenantScope) -> DbResult<i64> {
    let (bytes,): (i64,) = fetch_one!(
        db: db, (i64,),
        "SELECT CAST(COALESCE(SUM(size_bytes + thumbnail_bytes), 0) AS BIGINT) FROM files WHERE tenant_id = $1",
        scope.tenant()
    )?;
    Ok(bytes)
}

pub(super) async fn insert(db: &Db, scope: SiteScope, row: &FileRow) -> DbResult<()> {
    let mut tx = db.begin().await?;
    execute!(
        &mut tx,
        "INSERT INTO files (tenant_id, id, site_id, uploader_id, name, media_type, size_bytes, width, height, thumbnail_bytes, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        scope.tenant(),
        row.id,
        row.site_id,
        row.uploader_id,
        &row.name,
        &row.media_type,
        row.size_bytes,
        row.width,
        row.height,
        row.thumbnail_bytes,
        row.created_at
    )?;
    tx.commit().await
}

pub(super) async fn find(db: &Db, scope: TenantScope, id: FileId) -> DbResult<Option<FileRow>> {
    fetch_optional!(
        db: db, FileRow,
        "SELECT id, site_id, uploader_id, name, media_type, size_bytes, width, height, thumbnail_bytes, created_at FROM files WHERE tenant_id = $1 AND id = $2",
        scope.tenant(), id
    )
}

pub(super) async fn of_conversation(
    db: &Db,
    scope: TenantScope,
    conversation: ConversationId,
    ids: &BTreeSet<FileId>,
) -> DbResult<Vec<FileRow>> {
    fetch_all!(
        db: db, FileRow,
        sqlite: "SELECT f.id, f.site_id, f.uploader_id, f.name, f.media_type, f.size_bytes, f.width, f.height, f.thumbnail_bytes, f.created_at
                 FROM jsonb_each($3) k CROSS JOIN files f ON f.tenant_id = $1 AND f.id = unhex(k.value, '-') WHERE f.conversation_id = $2",
        postgres: "SELECT f.id, f.site_id, f.uploader_id, f.name, f.media_type, f.size_bytes, f.width, f.height, f.thumbnail_bytes, f.created_at
                   FROM jsonb_array_elements_text($3) k JOIN files f ON f.tenant_id = $1 AND f.id = k::uuid WHERE f.conversation_id = $2",
        scope.tenant(), conversation, Json(ids)
    )
}

pub(super) async fn list(db: &Db, scope: TenantScope, conversation: ConversationId) -> DbResult<Vec<Sent>> {
    fetch_all!(
        db: db, Sent,
        "SELECT f.id, f.site_id, f.uploader_id, f.name, f.media_type, f.size_bytes, f.width, f.height, f.thumbnail_bytes, f.created_at, m.seq, m.at, m.sender_kind
         FROM files f JOIN messages m ON m.tenant_id = f.tenant_id AND m.conversation_id = f.conversation_id AND m.seq = f.seq
         WHERE f.tenant_id = $1 AND f.conversation_id = $2 ORDER BY f.seq DESC LIMIT 500",
        scope.tenant(), conversation
    )
}

pub(super) async fn unsent(db: &Db, _: SystemScope, before: Millis) -> DbResult<Vec<(TenantId, FileId)>> {
    fetch_all!(
        db: db, (TenantId, FileId),
        "SELECT tenant_id, id FROM files WHERE conversation_id IS NULL AND created_at < $1 ORDER BY created_at LIMIT 100",
        before
    )
}

pub(super) async fn delete(db: &Db, _: SystemScope, files: &[(TenantId, FileId)]) -> DbResult<()> {
    let mut tx = db.begin().await?;
    execute!(
        &mut tx,
        sqlite: "DELETE FROM files WHERE conversation_id IS NULL
                 AND (tenant_id, id) IN (SELECT unhex(k.value ->> 0, '-'), unhex(k.value ->> 1, '-') FROM jsonb_each($1) k)",
        postgres: "DELETE FROM files WHERE conversation_id IS NULL
                   AND (tenant_id, id) IN (SELECT (k ->> 0)::uuid, (k ->> 1)::uuid FROM jsonb_array_elements($1) k)",
        Json(json!(files))
    )?;
    tx.commit().await
}
