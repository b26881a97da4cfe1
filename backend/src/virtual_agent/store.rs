//! SQL of virtual agents.

use super::decide::Stage;
use super::model::{Agent, Pair, Unanswered};
use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx, execute, fetch_all, fetch_optional};
use crate::ids::{ConversationId, FaqId, SiteId, TenantId, UnansweredId};
use crate::scope::{SiteScope, SystemScope, TenantScope};
use crate::text;

/// How far the virtual agent has come in a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// Everything up to here was heard.
    pub seen_seq: i64,
    /// Questions in a row without an answer.
    pub misses: i64,
    /// Where it stands.
    pub stage: Stage,
    /// When that was written.
    pub updated_at: Millis,
}

/// A conversation that a virtual agent has.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Waiting {
    /// Whose.
    pub tenant_id: TenantId,
    /// Which.
    pub id: ConversationId,
}

pub(super) async fn list_agents(db: &Db, scope: TenantScope) -> DbResult<Vec<Agent>> {
    fetch_all!(db: db, Agent, "SELECT site_id, enabled, settings FROM virtual_agents WHERE tenant_id = $1", scope.tenant())
}

pub(super) async fn is_enabled(db: &Db, scope: SiteScope) -> DbResult<bool> {
    let found = fetch_optional!(
        db: db, (i64,),
        "SELECT enabled FROM virtual_agents WHERE tenant_id = $1 AND site_id = $2",
        scope.tenant(), scope.site()
    )?;
    Ok(found.is_some_and(|(enabled,)| enabled != 0))
}

pub(super) async fn put_agent(tx: &mut Tx, scope: TenantScope, agent: &Agent, now: Millis) -> DbResult<()> {
    execute!(
        tx,
        "INSERT INTO virtual_agents (tenant_id, site_id, enabled, settings, updated_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, site_id) DO UPDATE SET enabled = excluded.enabled, settings = excluded.settings, updated_at = excluded.updated_at",
        scope.tenant(),
        agent.site_id,
        agent.enabled,
        &agent.settings,
        now
    )
    .map(drop)
}

pub(super) async fn list_pairs(db: &Db, scope: TenantScope) -> DbResult<Vec<Pair>> {
    fetch_all!(
        db: db, Pair,
        "SELECT id, site_id, enabled, phrases, answers, answered, created_by, created_at, updated_at FROM faq_pairs
         WHERE tenant_id = $1 ORDER BY created_at, id",
        scope.tenant()
    )
}

pub(super) async fn put_pair(tx: &mut Tx, scope: TenantScope, pair: &Pair) -> DbResult<()> {
    execute!(
        tx,
        "INSERT INTO faq_pairs (tenant_id, id, site_id, enabled, phrases, answers, answered, created_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9)
         ON CONFLICT (tenant_id, id) DO UPDATE SET site_id = excluded.site_id, enabled = excluded.enabled, phrases = excluded.phrases,
           answers = excluded.answers, updated_at = excluded.updated_at",
        scope.tenant(),
        pair.id,
        pair.site_id,
        pair.enabled,
        &pair.phrases,
        &pair.answers,
        pair.created_by,
        pair.created_at,
        pair.updated_at
    )
    .map(drop)
}

pub(super) async fn delete_pair(tx: &mut Tx, scope: TenantScope, id: FaqId) -> DbResult<bool> {
    Ok(execute!(tx, "DELETE FROM faq_pairs WHERE tenant_id = $1 AND id = $2", scope.tenant(), id)? > 0)
}

pub(super) async fn list_unanswered(db: &Db, scope: TenantScope, limit: i64) -> DbResult<Vec<Unanswered>> {
    fetch_all!(
        db: db, Unanswered,
        "SELECT id, site_id, text, language, times, conversation_id, visitor_id, first_at, last_at FROM unanswered_questions
         WHERE tenant_id = $1 ORDER BY last_at DESC, id DESC LIMIT $2",
        scope.tenant(), limit
    )
}

pub(super) async fn delete_unanswered(tx: &mut Tx, scope: TenantScope, id: UnansweredId) -> DbResult<bool> {
    Ok(execute!(tx, "DELETE FROM unanswered_questions WHERE tenant_id = $1 AND id = $2", scope.tenant(), id)? > 0)
}

pub(super) async fn find_turn(db: &Db, scope: TenantScope, id: ConversationId) -> DbResult<Turn> {
    let row = fetch_optional!(
        db: db, (i64, i64, i64, Millis),
        "SELECT seen_seq, misses, asked_contact, updated_at FROM virtual_agent_turns WHERE tenant_id = $1 AND conversation_id = $2",
        scope.tenant(), id
    )?;
    Ok(row.map_or_else(Turn::default, |(seen_seq, misses, asked, updated_at)| {
        let stage = match asked {
            0 => Stage::Talking,
            1 => Stage::AskedContact,
            _ => Stage::HandingOver,
        };
        Turn { seen_seq, misses, stage, updated_at }
    }))
}

pub(super) async fn put_turn(tx: &mut Tx, scope: TenantScope, id: ConversationId, turn: &Turn, now: Millis) -> DbResult<()> {
    let asked = match turn.stage {
        Stage::Talking => 0_i64,
        Stage::AskedContact => 1,
        Stage::HandingOver => 2,
    };
    execute!(
        tx,
        "INSERT INTO virtual_agent_turns (tenant_id, conversation_id, seen_seq, misses, asked_contact, updated_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (tenant_id, conversation_id) DO UPDATE SET seen_seq = excluded.seen_seq, misses = excluded.misses,
           asked_contact = excluded.asked_contact, updated_at = excluded.updated_at",
        scope.tenant(), id, turn.seen_seq, turn.misses, asked, now
    )
    .map(drop)
}

pub(super) async fn miss(tx: &mut Tx, scope: TenantScope, site: SiteId, question: &Unanswered) -> DbResult<()> {
    execute!(
        tx,
        "INSERT INTO unanswered_questions AS q (tenant_id, id, site_id, question_key, text, language, times, conversation_id, visitor_id, first_at, last_at)
         VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10)
         ON CONFLICT (tenant_id, site_id, question_key) DO UPDATE SET times = q.times + 1, conversation_id = excluded.conversation_id,
           visitor_id = excluded.visitor_id, last_at = excluded.last_at",
        scope.tenant(), question.id, site, text::cut(&text::key(&question.text), 200), text::cut(&question.text, 500), &question.language,
        question.conversation_id, question.visitor_id, question.first_at, question.last_at
    )
    .map(drop)
}

pub(super) async fn count_answer(tx: &mut Tx, scope: TenantScope, id: FaqId) -> DbResult<()> {
    execute!(tx, "UPDATE faq_pairs SET answered = answered + 1 WHERE tenant_id = $1 AND id = $2", scope.tenant(), id).map(drop)
}

pub(super) async fn list_waiting(db: &Db, _: SystemScope) -> DbResult<Vec<Waiting>> {
    fetch_all!(db: db, Waiting, "SELECT tenant_id, id FROM conversations WHERE agent_since IS NOT NULL AND status = 'open'")
}
