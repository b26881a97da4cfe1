//! The virtual agent: questions with their answers, what it does on each site, and what it could not answer. [`decide`] says what follows from a
//! message (pure); [`crate::virtual_agent_worker`] carries it out.

mod decide;
mod model;
mod store;

pub use decide::{Heard, Next, Reason, Stage, find_answer, next, speaks_korean};
pub use model::{Agent, Found, Pair, Phrases, Ready, Settings, Unanswered, check_answers, check_phrases, ready, stored};
pub use store::{Turn, Waiting};

use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx};
use crate::ids::{ConversationId, FaqId, SiteId, UnansweredId};
use crate::scope::{SiteScope, SystemScope, TenantScope};

/// Pairs of one tenant at most: each is compared with every question.
pub const PAIRS_MAX: usize = 500;

/// What the virtual agents of the tenant's sites do; a site without a row has none.
pub async fn list_agents(db: &Db, scope: TenantScope) -> DbResult<Vec<Agent>> {
    store::list_agents(db, scope).await
}

/// Whether a site has a virtual agent that is on.
pub async fn is_enabled(db: &Db, scope: SiteScope) -> DbResult<bool> {
    store::is_enabled(db, scope).await
}

/// Writes what the virtual agent of a site does.
pub async fn put_agent(tx: &mut Tx, scope: TenantScope, agent: &Agent, now: Millis) -> DbResult<()> {
    store::put_agent(tx, scope, agent, now).await
}

/// The tenant's pairs, oldest first.
pub async fn list_pairs(db: &Db, scope: TenantScope) -> DbResult<Vec<Pair>> {
    store::list_pairs(db, scope).await
}

/// Writes a pair, new or changed.
pub async fn put_pair(tx: &mut Tx, scope: TenantScope, pair: &Pair) -> DbResult<()> {
    store::put_pair(tx, scope, pair).await
}

/// Removes a pair; false where there is none.
pub async fn delete_pair(tx: &mut Tx, scope: TenantScope, id: FaqId) -> DbResult<bool> {
    store::delete_pair(tx, scope, id).await
}

/// Questions without an answer, the latest first.
pub async fn list_unanswered(db: &Db, scope: TenantScope, limit: i64) -> DbResult<Vec<Unanswered>> {
    store::list_unanswered(db, scope, limit).await
}

/// Takes a question off the list; false where it is not on it.
pub async fn delete_unanswered(tx: &mut Tx, scope: TenantScope, id: UnansweredId) -> DbResult<bool> {
    store::delete_unanswered(tx, scope, id).await
}

/// How far the virtual agent has come in a conversation.
pub async fn find_turn(db: &Db, scope: TenantScope, id: ConversationId) -> DbResult<Turn> {
    store::find_turn(db, scope, id).await
}

/// Writes how far it has come, with what it learned, in one transaction.
pub async fn put_turn(tx: &mut Tx, scope: TenantScope, id: ConversationId, turn: &Turn, now: Millis) -> DbResult<()> {
    store::put_turn(tx, scope, id, turn, now).await
}

/// Notes a question that had no answer; the same one counts up.
pub async fn miss(tx: &mut Tx, scope: TenantScope, site: SiteId, question: &Unanswered) -> DbResult<()> {
    store::miss(tx, scope, site, question).await
}

/// Counts an answer.
pub async fn count_answer(tx: &mut Tx, scope: TenantScope, id: FaqId) -> DbResult<()> {
    store::count_answer(tx, scope, id).await
}

/// Conversations of all tenants that a virtual agent has now.
pub async fn list_waiting(db: &Db, system: SystemScope) -> DbResult<Vec<Waiting>> {
    store::list_waiting(db, system).await
}
