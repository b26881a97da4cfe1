//! SQL of drafts.

use super::NewDraft;
use crate::clock::Millis;
use crate::db::{Db, DbResult, execute, fetch_all, fetch_optional};
use crate::ids::{ConversationId, OperatorId};
use crate::scope::TenantScope;

/// A draft as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Draft {
    /// Where it will go.
    pub conversation_id: ConversationId,
    /// As far as it is written.
    pub text: String,
    /// 1 for a note: the engines have no boolean in common.
    pub note: i64,
    /// When it changed last.
    pub updated_at: Millis,
}

pub(super) async fn list(db: &Db, scope: TenantScope, operator: OperatorId) -> DbResult<Vec<Draft>> {
    fetch_all!(
        db: db, Draft,
        "SELECT conversation_id, text, note, updated_at FROM drafts WHERE tenant_id = $1 AND operator_id = $2 ORDER BY updated_at DESC, conversation_id LIMIT 500",
        scope.tenant(), operator
    )
}

pub(super) async fn find(db: &Db, scope: TenantScope, operator: OperatorId, conversation: ConversationId) -> DbResult<Option<Draft>> {
    fetch_optional!(
        db: db, Draft,
        "SELECT conversation_id, text, note, updated_at FROM drafts WHERE tenant_id = $1 AND operator_id = $2 AND conversation_id = $3",
        scope.tenant(), operator, conversation
    )
}

pub(super) async fn put(db: &Db, scope: TenantScope, operator: OperatorId, draft: &NewDraft) -> DbResult<()> {
    let mut tx = db.begin().await?;
    if draft.text.is_empty() {
        execute!(
            &mut tx,
            "DELETE FROM drafts WHERE tenant_id = $1 AND operator_id = $2 AND conversation_id = $3",
            scope.tenant(),
            operator,
            draft.conversation
        )?;
    } else {
        execute!(
            &mut tx,
            "INSERT INTO drafts (tenant_id, operator_id, conversation_id, text, note, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant_id, operator_id, conversation_id) DO UPDATE SET text = excluded.text, note = excluded.note, updated_at = excluded.updated_at",
            scope.tenant(),
            operator,
            draft.conversation,
            &draft.text,
            i64::from(draft.note),
            draft.at
        )?;
    }
    tx.commit().await
}
