//! SQL of crowds' settings, of what their members are called, and of who is muted.

use sqlx::types::Json;

use crate::clock::{Clock, Millis};
use crate::db::{Db, DbResult, Tx, execute, fetch_all, fetch_one, fetch_optional};
use crate::ids::{CrowdId, OperatorId, VisitorId};
use crate::scope::{SiteScope, TenantScope};
use crate::visitors::{self, Acting};

use super::ledger::{Standing, muted};
use super::model::{Crowd, CrowdUpdate, Member, Muted, NewCrowd};

pub(super) async fn find(db: &Db, scope: TenantScope, id: CrowdId) -> DbResult<Option<Crowd>> {
    fetch_optional!(
        db: db, Crowd,
        "SELECT tenant_id, id, site_id, key, page_url, name, history, writers, slow_mode_s, frozen_at, last_seq, posted_at, created_at, updated_at
         FROM crowds WHERE tenant_id = $1 AND id = $2",
        scope.tenant(), id
    )
}

pub(super) async fn find_by_key(db: &Db, scope: SiteScope, key: &str) -> DbResult<Option<Crowd>> {
    fetch_optional!(
        db: db, Crowd,
        "SELECT tenant_id, id, site_id, key, page_url, name, history, writers, slow_mode_s, frozen_at, last_seq, posted_at, created_at, updated_at
         FROM crowds WHERE tenant_id = $1 AND site_id = $2 AND key = $3",
        scope.tenant(), scope.site(), key
    )
}

pub(super) async fn list(db: &Db, scope: SiteScope) -> DbResult<Vec<Crowd>> {
    fetch_all!(
        db: db, Crowd,
        "SELECT tenant_id, id, site_id, key, page_url, name, history, writers, slow_mode_s, frozen_at, last_seq, posted_at, created_at, updated_at
         FROM crowds WHERE tenant_id = $1 AND site_id = $2
         ORDER BY CASE WHEN page_url IS NULL THEN 0 ELSE 1 END, COALESCE(posted_at, created_at) DESC, id LIMIT 1000",
        scope.tenant(), scope.site()
    )
}

pub(super) async fn count(db: &Db, scope: SiteScope, of_pages: bool) -> DbResult<i64> {
    let (made, of_page) = fetch_one!(
        db: db, (i64, i64),
        "SELECT COUNT(*) - COUNT(page_url), COUNT(page_url) FROM crowds WHERE tenant_id = $1 AND site_id = $2",
        scope.tenant(), scope.site()
    )?;
    Ok(if of_pages { of_page } else { made })
}

pub(super) async fn insert(tx: &mut Tx, scope: SiteScope, clock: &Clock, new: &NewCrowd) -> DbResult<CrowdId> {
    let id: CrowdId = clock.new_id();
    execute!(
        tx,
        "INSERT INTO crowds (tenant_id, id, site_id, key, page_url, name, history, writers, slow_mode_s, last_seq, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $10)",
        scope.tenant(),
        id,
        scope.site(),
        &new.key,
        &new.page_url,
        &new.name,
        new.history,
        new.writers,
        new.slow_mode_s,
        clock.now()
    )?;
    Ok(id)
}

pub(super) async fn update(tx: &mut Tx, scope: TenantScope, id: CrowdId, update: &CrowdUpdate, now: Millis) -> DbResult<bool> {
    let changed = execute!(
        tx,
        "UPDATE crowds SET name = COALESCE($3, name), history = COALESCE($4, history), writers = COALESCE($5, writers),
           slow_mode_s = COALESCE($6, slow_mode_s),
           frozen_at = CASE COALESCE($7, -1) WHEN -1 THEN frozen_at WHEN 0 THEN NULL ELSE COALESCE(frozen_at, $8) END, updated_at = $8
         WHERE tenant_id = $1 AND id = $2",
        scope.tenant(),
        id,
        &update.name,
        update.history,
        update.writers,
        update.slow_mode_s,
        update.frozen.map(i64::from),
        now
    )?;
    Ok(changed > 0)
}

pub(super) async fn delete(tx: &mut Tx, scope: TenantScope, id: CrowdId) -> DbResult<bool> {
    // The lock first: what is being written must not be left without its crowd.
    execute!(tx, "UPDATE crowds SET frozen_at = updated_at WHERE tenant_id = $1 AND id = $2", scope.tenant(), id)?;
    execute!(tx, "DELETE FROM crowd_messages WHERE tenant_id = $1 AND crowd_id = $2", scope.tenant(), id)?;
    execute!(tx, "DELETE FROM crowd_members WHERE tenant_id = $1 AND crowd_id = $2", scope.tenant(), id)?;
    Ok(execute!(tx, "DELETE FROM crowds WHERE tenant_id = $1 AND id = $2", scope.tenant(), id)? > 0)
}

pub(super) async fn member(db: &Db, scope: SiteScope, id: CrowdId, selves: &[VisitorId], now: Millis) -> DbResult<Member> {
    let rows = fetch_all!(
        db: db, (VisitorId, Option<String>, Option<Millis>, Option<Millis>, Option<Millis>),
        sqlite: "SELECT v.id, n.name, m.posted_at, m.muted_at, m.muted_until FROM jsonb_each($3) k
                 CROSS JOIN visitors v ON v.tenant_id = $1 AND v.id = unhex(k.value, '-')
                 LEFT JOIN crowd_names n ON n.tenant_id = v.tenant_id AND n.visitor_id = v.id
                 LEFT JOIN crowd_members m ON m.tenant_id = v.tenant_id AND m.crowd_id = $2 AND m.visitor_id = v.id",
        postgres: "SELECT v.id, n.name, m.posted_at, m.muted_at, m.muted_until FROM jsonb_array_elements_text($3) k
                   JOIN visitors v ON v.tenant_id = $1 AND v.id = k::uuid
                   LEFT JOIN crowd_names n ON n.tenant_id = v.tenant_id AND n.visitor_id = v.id
                   LEFT JOIN crowd_members m ON m.tenant_id = v.tenant_id AND m.crowd_id = $2 AND m.visitor_id = v.id",
        scope.tenant(), id, Json(selves)
    )?;
    let mut member = Member::default();
    for own in selves {
        let Some((_, name, posted_at, muted_at, muted_until)) = rows.iter().find(|(visitor, ..)| visitor == own) else { continue };
        member.name = member.name.take().or_else(|| name.clone());
        member.posted_at = member.posted_at.max(*posted_at);
        if let Some(left) = muted(Standing { posted_at: None, muted_at: *muted_at, muted_until: *muted_until }, now) {
            let until = left.map(|left| now + left);
            // Without an end is longer than any.
            let longest = member.muted.map_or(until, |known| known.zip(until).map(|(one, other)| one.max(other)));
            member.muted = Some(longest);
        }
    }
    Ok(member)
}

pub(super) async fn rename(tx: &mut Tx, acting: &Acting, selves: &[VisitorId], name: &str, now: Millis) -> DbResult<Vec<CrowdId>> {
    let scope = acting.scope;
    visitors::upsert(tx, std::slice::from_ref(acting), now).await?;
    let mut crowds = std::collections::BTreeSet::new();
    for own in selves {
        execute!(
            tx,
            "INSERT INTO crowd_names (tenant_id, visitor_id, site_id, name, updated_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant_id, visitor_id) DO UPDATE SET name = excluded.name, updated_at = excluded.updated_at",
            scope.tenant(),
            own,
            scope.site(),
            name,
            now
        )?;
        let found = fetch_all!(
            tx: tx, (CrowdId,),
            "SELECT DISTINCT crowd_id FROM crowd_messages WHERE tenant_id = $1 AND sender_id = $2 AND client_message_id IS NOT NULL",
            scope.tenant(), own
        )?;
        crowds.extend(found.into_iter().map(|(id,)| id));
    }
    Ok(crowds.into_iter().collect())
}

pub(super) async fn list_of_visitor(db: &Db, scope: SiteScope, selves: &[VisitorId]) -> DbResult<Vec<CrowdId>> {
    let rows = fetch_all!(
        db: db, (CrowdId,),
        sqlite: "SELECT DISTINCT m.crowd_id FROM jsonb_each($2) k CROSS JOIN crowd_messages m ON m.tenant_id = $1 AND m.sender_id = unhex(k.value, '-')
                 WHERE m.client_message_id IS NOT NULL",
        postgres: "SELECT DISTINCT m.crowd_id FROM jsonb_array_elements_text($2) k JOIN crowd_messages m ON m.tenant_id = $1 AND m.sender_id = k::uuid
                   WHERE m.client_message_id IS NOT NULL",
        scope.tenant(), Json(selves)
    )?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

pub(super) async fn mute(
    tx: &mut Tx,
    scope: SiteScope,
    (id, visitor): (CrowdId, VisitorId),
    by: OperatorId,
    (now, until): (Millis, Option<Millis>),
) -> DbResult<bool> {
    let changed = execute!(
        tx,
        "INSERT INTO crowd_members (tenant_id, crowd_id, visitor_id, muted_at, muted_until, muted_by)
         SELECT v.tenant_id, $3, v.id, $5, $6, $7 FROM visitors v WHERE v.tenant_id = $1 AND v.site_id = $2 AND v.id = $4
         ON CONFLICT (tenant_id, crowd_id, visitor_id) DO UPDATE SET
           muted_at = excluded.muted_at, muted_until = excluded.muted_until, muted_by = excluded.muted_by",
        scope.tenant(),
        scope.site(),
        id,
        visitor,
        now,
        until,
        by
    )?;
    Ok(changed > 0)
}

pub(super) async fn unmute(tx: &mut Tx, scope: SiteScope, id: CrowdId, visitor: VisitorId) -> DbResult<()> {
    execute!(
        tx,
        "UPDATE crowd_members SET muted_at = NULL, muted_until = NULL, muted_by = NULL WHERE tenant_id = $1 AND crowd_id = $2 AND visitor_id = $3",
        scope.tenant(),
        id,
        visitor
    )
    .map(drop)
}

pub(super) async fn list_muted(db: &Db, scope: TenantScope, id: CrowdId, now: Millis) -> DbResult<Vec<Muted>> {
    fetch_all!(
        db: db, Muted,
        "SELECT m.visitor_id, n.name, m.muted_at, m.muted_until, m.muted_by
         FROM crowd_members m LEFT JOIN crowd_names n ON n.tenant_id = m.tenant_id AND n.visitor_id = m.visitor_id
         WHERE m.tenant_id = $1 AND m.crowd_id = $2 AND m.muted_at IS NOT NULL AND (m.muted_until IS NULL OR m.muted_until > $3)
         ORDER BY m.muted_at DESC, m.visitor_id LIMIT 500",
        scope.tenant(), id, now
    )
}
