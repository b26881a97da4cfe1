//! A tenant's words for conversations. A tag is made by the first who names it; its name is the same word in any case. Knows nothing of what
//! conversations are but that they have ids.

mod store;

pub use store::{Tag, TagUpdate};

use crate::clock::Clock;
use crate::db::{Db, DbResult, Tx};
use crate::ids::{ConversationId, TagId};
use crate::scope::TenantScope;
use crate::text::{self, Fields};

/// Tags of one conversation at most.
pub const MOST: usize = 20;
/// Characters of a name at most.
pub const NAME_MAX: usize = 40;
/// Colours there are; a tag has the index of one.
pub const COLORS: i64 = 12;

/// A cleaned name, or what is wrong under `field`.
pub fn valid_name(fields: &mut Fields, field: &str, name: &str) -> String {
    text::clean_line(&text::required(fields, field, name, NAME_MAX))
}

/// The index of a colour, or what is wrong.
pub fn valid_color(fields: &mut Fields, color: i64) -> i64 {
    if !(0..COLORS).contains(&color) {
        fields.insert("color".to_owned(), format!("must be 0 to {}", COLORS - 1));
    }
    color
}

/// The tenant's tags by name, each with the number of its conversations.
pub async fn list(db: &Db, scope: TenantScope) -> DbResult<Vec<Tag>> {
    store::list(db, scope).await
}

/// One of them.
pub async fn find(db: &Db, scope: TenantScope, id: TagId) -> DbResult<Option<Tag>> {
    store::find(db, scope, id).await
}

/// Makes a tag; [`crate::db::DbError::Duplicate`] where there is one of this name. Without a colour it gets the next one.
pub async fn insert(tx: &mut Tx, scope: TenantScope, clock: &Clock, name: &str, color: Option<i64>) -> DbResult<TagId> {
    store::insert(tx, scope, clock, (name, color)).await
}

/// Changes what is `Some`.
pub async fn update(tx: &mut Tx, scope: TenantScope, id: TagId, update: &TagUpdate) -> DbResult<()> {
    store::update(tx, scope, id, update).await
}

/// Removes a tag from everywhere; answers the conversations that had it, or `None` where there is no such tag.
pub async fn delete(tx: &mut Tx, scope: TenantScope, id: TagId) -> DbResult<Option<Vec<ConversationId>>> {
    store::delete(tx, scope, id).await
}

/// The conversations that have it.
pub async fn list_conversations(db: &Db, scope: TenantScope, id: TagId) -> DbResult<Vec<ConversationId>> {
    store::list_conversations(db, scope, id).await
}

/// Gives a conversation exactly these tags, and makes those that nobody named before; true when one was made.
pub async fn replace(tx: &mut Tx, scope: TenantScope, clock: &Clock, conversation: ConversationId, names: &[String]) -> DbResult<bool> {
    store::replace(tx, scope, clock, conversation, names).await
}
