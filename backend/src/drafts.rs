//! What operators have begun to write, one text a conversation: kept here, so that it goes on at another desk. Nobody else sees it.

mod store;

pub use store::Draft;

use crate::clock::Millis;
use crate::db::{Db, DbResult};
use crate::ids::{ConversationId, OperatorId};
use crate::scope::TenantScope;

/// An operator's drafts, last changed first.
pub async fn list(db: &Db, scope: TenantScope, operator: OperatorId) -> DbResult<Vec<Draft>> {
    store::list(db, scope, operator).await
}

/// The draft for one conversation.
pub async fn find(db: &Db, scope: TenantScope, operator: OperatorId, conversation: ConversationId) -> DbResult<Option<Draft>> {
    store::find(db, scope, operator, conversation).await
}

/// Keeps a draft; an empty text removes it.
pub async fn put(db: &Db, scope: TenantScope, operator: OperatorId, draft: &NewDraft) -> DbResult<()> {
    store::put(db, scope, operator, draft).await
}

/// A draft to keep.
#[derive(Clone, Debug)]
pub struct NewDraft {
    /// Where it will go.
    pub conversation: ConversationId,
    /// As far as it is written.
    pub text: String,
    /// It will be a note.
    pub note: bool,
    /// Now.
    pub at: Millis,
}
