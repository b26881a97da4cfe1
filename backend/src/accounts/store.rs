//! SQL of sign-ups, resets, invitations and the count of letters. What is found by a token is found before a tenant is known.

use uuid::Uuid;

use super::sign_up::Pending;
use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx, execute, fetch_all, fetch_one, fetch_optional};
use crate::ids::{InvitationId, OperatorId, TenantId};
use crate::operators::Role;
use crate::scope::{SystemScope, TenantScope};

/// Somebody who was asked to join.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Whom.
    pub email: String,
    /// As what.
    pub role: Role,
    /// `ko` or `en`: of the letter, and of the operator at first.
    pub language: String,
    /// By whom.
    pub inviter_id: OperatorId,
    /// What they are called.
    pub inviter_name: String,
    /// When it was made.
    pub created_at: Millis,
    /// Until when its link is good.
    pub expires_at: Millis,
}

pub(super) async fn lock_letters(tx: &mut Tx, _: SystemScope, email: &str) -> DbResult<()> {
    // SQLite's writer is alone already; in PostgreSQL two requests for one address wait for each other.
    execute!(tx, sqlite: "SELECT $1", postgres: "SELECT pg_advisory_xact_lock(hashtext($1))", email).map(drop)
}

pub(super) async fn delete_letters_before(tx: &mut Tx, _: SystemScope, at: Millis) -> DbResult<()> {
    execute!(tx, "DELETE FROM anonymous_letters WHERE created_at <= $1", at).map(drop)
}

pub(super) async fn count_letters(tx: &mut Tx, _: SystemScope, email: &str, since: Millis) -> DbResult<i64> {
    let (count,): (i64,) =
        fetch_one!(tx: tx, (i64,), "SELECT COUNT(*) FROM anonymous_letters WHERE email = $1 AND created_at > $2", email, since)?;
    Ok(count)
}

pub(super) async fn insert_letter(tx: &mut Tx, _: SystemScope, id: Uuid, email: &str, now: Millis) -> DbResult<()> {
    execute!(tx, "INSERT INTO anonymous_letters (id, email, created_at) VALUES ($1, $2, $3)", id, email, now).map(drop)
}

pub(super) async fn insert_sign_up(
    tx: &mut Tx,
    _: SystemScope,
    pending: &Pending,
    hash: &[u8],
    (now, expires_at): (Millis, Millis),
) -> DbResult<()> {
    // Old rows go while we write anyway.
    execute!(tx, "DELETE FROM sign_ups WHERE expires_at <= $1", now)?;
    execute!(
        tx,
        "INSERT INTO sign_ups (token_hash, email, name, shop, language, time_zone, password_hash, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        hash,
        &pending.email,
        &pending.name,
        &pending.shop,
        &pending.language,
        &pending.time_zone,
        &pending.password_hash,
        now,
        expires_at
    )
    .map(drop)
}

pub(super) async fn find_sign_up(db: &Db, _: SystemScope, hash: &[u8], now: Millis) -> DbResult<Option<Pending>> {
    fetch_optional!(
        db: db, Pending,
        "SELECT email, name, shop, language, time_zone, password_hash FROM sign_ups WHERE token_hash = $1 AND expires_at > $2",
        hash, now
    )
}

pub(super) async fn take_sign_up(tx: &mut Tx, _: SystemScope, hash: &[u8], now: Millis) -> DbResult<Option<Pending>> {
    fetch_optional!(
        tx: tx, Pending,
        "DELETE FROM sign_ups WHERE token_hash = $1 AND expires_at > $2 RETURNING email, name, shop, language, time_zone, password_hash",
        hash, now
    )
}

pub(super) async fn delete_sign_ups_of(tx: &mut Tx, _: SystemScope, email: &str) -> DbResult<()> {
    execute!(tx, "DELETE FROM sign_ups WHERE email = $1", email).map(drop)
}

pub(super) async fn insert_reset(
    tx: &mut Tx,
    _: SystemScope,
    hash: &[u8],
    whose: Option<(TenantId, OperatorId)>,
    (now, expires_at): (Millis, Millis),
) -> DbResult<()> {
    execute!(
        tx,
        "INSERT INTO password_resets (token_hash, tenant_id, operator_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        hash,
        whose.map(|(tenant, _)| tenant),
        whose.map(|(_, operator)| operator),
        now,
        expires_at
    )
    .map(drop)
}

pub(super) async fn find_reset(db: &Db, _: SystemScope, hash: &[u8], now: Millis) -> DbResult<Option<(TenantId, OperatorId)>> {
    fetch_optional!(
        db: db, (TenantId, OperatorId),
        "SELECT tenant_id, operator_id FROM password_resets WHERE token_hash = $1 AND expires_at > $2 AND operator_id IS NOT NULL",
        hash, now
    )
}

pub(super) async fn take_reset(tx: &mut Tx, _: SystemScope, hash: &[u8], now: Millis) -> DbResult<Option<(TenantId, OperatorId)>> {
    fetch_optional!(
        tx: tx, (TenantId, OperatorId),
        "DELETE FROM password_resets WHERE token_hash = $1 AND expires_at > $2 AND operator_id IS NOT NULL RETURNING tenant_id, operator_id",
        hash, now
    )
}

pub(super) async fn delete_resets_of(tx: &mut Tx, scope: TenantScope, operator: OperatorId) -> DbResult<()> {
    execute!(tx, "DELETE FROM password_resets WHERE tenant_id = $1 AND operator_id = $2", scope.tenant(), operator).map(drop)
}

pub(super) async fn delete_resets_before(tx: &mut Tx, _: SystemScope, now: Millis) -> DbResult<()> {
    execute!(tx, "DELETE FROM password_resets WHERE expires_at <= $1", now).map(drop)
}

pub(super) async fn list_invitations(db: &Db, scope: TenantScope) -> DbResult<Vec<Invitation>> {
    fetch_all!(
        db: db, Invitation,
        "SELECT i.id, i.email, i.role, i.language, i.invited_by AS inviter_id, o.name AS inviter_name, i.created_at, i.expires_at
         FROM invitations i JOIN operators o ON o.tenant_id = i.tenant_id AND o.id = i.invited_by
         WHERE i.tenant_id = $1 ORDER BY i.created_at DESC, i.id DESC",
        scope.tenant()
    )
}

pub(super) async fn find_invitation(db: &Db, scope: TenantScope, id: InvitationId) -> DbResult<Option<Invitation>> {
    fetch_optional!(
        db: db, Invitation,
        "SELECT i.id, i.email, i.role, i.language, i.invited_by AS inviter_id, o.name AS inviter_name, i.created_at, i.expires_at
         FROM invitations i JOIN operators o ON o.tenant_id = i.tenant_id AND o.id = i.invited_by
         WHERE i.tenant_id = $1 AND i.id = $2",
        scope.tenant(), id
    )
}

pub(super) async fn find_invitation_by_token(
    db: &Db,
    _: SystemScope,
    hash: &[u8],
    now: Millis,
) -> DbResult<Option<(TenantId, Invitation)>> {
    let found = fetch_optional!(
        db: db, (TenantId, InvitationId),
        "SELECT tenant_id, id FROM invitations WHERE token_hash = $1 AND expires_at > $2",
        hash, now
    )?;
    let Some((tenant, id)) = found else { return Ok(None) };
    Ok(find_invitation(db, TenantScope::proven(tenant), id).await?.map(|invitation| (tenant, invitation)))
}

pub(super) async fn insert_invitation(tx: &mut Tx, scope: TenantScope, new: &Invitation, hash: &[u8]) -> DbResult<()> {
    execute!(
        tx,
        "INSERT INTO invitations (tenant_id, id, email, role, language, invited_by, token_hash, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        scope.tenant(),
        new.id,
        &new.email,
        new.role,
        &new.language,
        new.inviter_id,
        hash,
        new.created_at,
        new.expires_at
    )
    .map(drop)
}

pub(super) async fn update_invitation(
    tx: &mut Tx,
    scope: TenantScope,
    id: InvitationId,
    hash: &[u8],
    expires_at: Millis,
) -> DbResult<bool> {
    let updated = execute!(
        tx,
        "UPDATE invitations SET token_hash = $3, expires_at = $4 WHERE tenant_id = $1 AND id = $2",
        scope.tenant(),
        id,
        hash,
        expires_at
    )?;
    Ok(updated > 0)
}

pub(super) async fn delete_invitation(tx: &mut Tx, scope: TenantScope, id: InvitationId) -> DbResult<bool> {
    Ok(execute!(tx, "DELETE FROM invitations WHERE tenant_id = $1 AND id = $2", scope.tenant(), id)? > 0)
}

pub(super) async fn take_invitation(tx: &mut Tx, scope: TenantScope, id: InvitationId, hash: &[u8]) -> DbResult<bool> {
    let taken = execute!(tx, "DELETE FROM invitations WHERE tenant_id = $1 AND id = $2 AND token_hash = $3", scope.tenant(), id, hash)?;
    Ok(taken > 0)
}
