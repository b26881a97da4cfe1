//! SQL of tags.

use sqlx::types::Json;

use super::COLORS;
use crate::clock::Clock;
use crate::db::{Db, DbResult, Tx, execute, fetch_all, fetch_one, fetch_optional};
use crate::ids::{ConversationId, TagId};
use crate::scope::TenantScope;
use crate::text;

/// A tag.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Tag {
    /// Id.
    pub id: TagId,
    /// As it was first written.
    pub name: String,
    /// Index of its colour.
    pub color: i64,
    /// Conversations that have it.
    pub conversations: i64,
}

/// A change; `None` leaves the value.
#[derive(Clone, Debug, Default)]
pub struct TagUpdate {
    /// New name.
    pub name: Option<String>,
    /// New colour.
    pub color: Option<i64>,
}

pub(super) async fn list(db: &Db, scope: TenantScope) -> DbResult<Vec<Tag>> {
    fetch_all!(
        db: db, Tag,
        "SELECT t.id, t.name, t.color, (SELECT COUNT(*) FROM conversation_tags c WHERE c.tenant_id = t.tenant_id AND c.tag_id = t.id) AS conversations
         FROM tags t WHERE t.tenant_id = $1 ORDER BY t.name_key",
        scope.tenant()
    )
}

pub(super) async fn find(db: &Db, scope: TenantScope, id: TagId) -> DbResult<Option<Tag>> {
    fetch_optional!(
        db: db, Tag,
        "SELECT t.id, t.name, t.color, (SELECT COUNT(*) FROM conversation_tags c WHERE c.tenant_id = t.tenant_id AND c.tag_id = t.id) AS conversations
         FROM tags t WHERE t.tenant_id = $1 AND t.id = $2",
        scope.tenant(), id
    )
}

pub(super) async fn insert(tx: &mut Tx, scope: TenantScope, clock: &Clock, (name, color): (&str, Option<i64>)) -> DbResult<TagId> {
    let id: TagId = clock.new_id();
    let (known,): (i64,) = fetch_one!(tx: tx, (i64,), "SELECT COUNT(*) FROM tags WHERE tenant_id = $1", scope.tenant())?;
    execute!(
        tx,
        "INSERT INTO tags (tenant_id, id, name, name_key, color, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        scope.tenant(),
        id,
        name,
        text::key(name),
        color.unwrap_or(known % COLORS),
        clock.now()
    )?;
    Ok(id)
}

pub(super) async fn update(tx: &mut Tx, scope: TenantScope, id: TagId, update: &TagUpdate) -> DbResult<()> {
    execute!(
        tx,
        "UPDATE tags SET name = COALESCE($3, name), name_key = COALESCE($4, name_key), color = COALESCE($5, color) WHERE tenant_id = $1 AND id = $2",
        scope.tenant(),
        id,
        &update.name,
        update.name.as_deref().map(text::key),
        update.color
    )
    .map(drop)
}

pub(super) async fn delete(tx: &mut Tx, scope: TenantScope, id: TagId) -> DbResult<Option<Vec<ConversationId>>> {
    let had = fetch_all!(
        tx: tx, (ConversationId,),
        "SELECT conversation_id FROM conversation_tags WHERE tenant_id = $1 AND tag_id = $2",
        scope.tenant(), id
    )?;
    execute!(tx, "DELETE FROM conversation_tags WHERE tenant_id = $1 AND tag_id = $2", scope.tenant(), id)?;
    let deleted = execute!(tx, "DELETE FROM tags WHERE tenant_id = $1 AND id = $2", scope.tenant(), id)?;
    Ok((deleted > 0).then(|| had.into_iter().map(|(id,)| id).collect()))
}

pub(super) async fn list_conversations(db: &Db, scope: TenantScope, id: TagId) -> DbResult<Vec<ConversationId>> {
    let had = fetch_all!(
        db: db, (ConversationId,),
        "SELECT conversation_id FROM conversation_tags WHERE tenant_id = $1 AND tag_id = $2",
        scope.tenant(), id
    )?;
    Ok(had.into_iter().map(|(id,)| id).collect())
}

pub(super) async fn replace(
    tx: &mut Tx,
    scope: TenantScope,
    clock: &Clock,
    conversation: ConversationId,
    names: &[String],
) -> DbResult<bool> {
    let keys: Vec<String> = names.iter().map(|name| text::key(name)).collect();
    let known = fetch_all!(
        tx: tx, (String, TagId),
        sqlite: "SELECT name_key, id FROM tags WHERE tenant_id = $1 AND name_key IN (SELECT value FROM jsonb_each($2))",
        postgres: "SELECT name_key, id FROM tags WHERE tenant_id = $1 AND name_key IN (SELECT jsonb_array_elements_text($2))",
        scope.tenant(), Json(&keys)
    )?;
    let mut known: std::collections::HashMap<String, TagId> = known.into_iter().collect();
    let before = known.len();
    for (key, name) in keys.iter().zip(names) {
        if !known.contains_key(key) {
            known.insert(key.clone(), insert(tx, scope, clock, (name, None)).await?);
        }
    }
    execute!(tx, "DELETE FROM conversation_tags WHERE tenant_id = $1 AND conversation_id = $2", scope.tenant(), conversation)?;
    for id in known.values() {
        execute!(
            tx,
            "INSERT INTO conversation_tags (tenant_id, conversation_id, tag_id) VALUES ($1, $2, $3)",
            scope.tenant(),
            conversation,
            id
        )?;
    }
    Ok(known.len() > before)
}
