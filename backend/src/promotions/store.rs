//! SQL of promotions: what they are, who belongs to which group, and what was offered. What came of it is in `outcomes`.

mod outcomes;

pub(super) use outcomes::{assignments, credit, reach, report};

use std::collections::{HashMap, HashSet};

use serde_json::json;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Definition, NewOffer, Promotion, Revenue, Sums, Version};
use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx, execute, fetch_all, fetch_one, fetch_optional};
use crate::ids::{OfferId, OperatorId, PromotionId, VisitId, VisitorId};
use crate::scope::TenantScope;
use outcomes::add;

/// Past offers that are looked at: the caps of a visit and of the last days are among the newest.
const PAST: i64 = 500;

/// A firing of the past.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct PastOffer {
    /// Of which promotion.
    pub promotion_id: PromotionId,
    /// During which visit.
    pub visit_id: VisitId,
    /// On which page.
    pub page_view_id: Uuid,
    /// When.
    pub at: Millis,
}

/// A visitor's group of a promotion, with the promotion's definition as it is now.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Assignment {
    /// Of which promotion.
    pub promotion_id: PromotionId,
    /// Who.
    pub visitor_id: VisitorId,
    /// 1: shown nothing.
    pub held_out: i64,
    /// When they were offered last.
    pub last_at: Millis,
    /// When they reached the goal.
    pub goal_at: Option<Millis>,
    /// What the goal is.
    pub definition: Json<Definition>,
}

/// An order of a visitor.
#[derive(Clone, Debug)]
pub struct Order {
    /// The shop's number of it.
    pub id: String,
    /// What it is worth, in thousandths of the currency.
    pub amount: i64,
    /// Such as KRW.
    pub currency: String,
    /// When.
    pub at: Millis,
}

/// An offer that may still stand on a screen.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct OpenOffer {
    /// Which.
    pub id: OfferId,
    /// Whose.
    pub visitor_id: VisitorId,
}

pub(super) async fn list(db: &Db, scope: TenantScope) -> DbResult<Vec<Promotion>> {
    fetch_all!(
        db: db, Promotion,
        "SELECT id, site_id, name, status, version, definition, starts_at, ends_at, created_by, created_at, updated_at FROM promotions
         WHERE tenant_id = $1 ORDER BY created_at DESC, id DESC",
        scope.tenant()
    )
}

pub(super) async fn find(db: &Db, scope: TenantScope, id: PromotionId) -> DbResult<Option<Promotion>> {
    fetch_optional!(
        db: db, Promotion,
        "SELECT id, site_id, name, status, version, definition, starts_at, ends_at, created_by, created_at, updated_at FROM promotions
         WHERE tenant_id = $1 AND id = $2",
        scope.tenant(), id
    )
}

pub(super) async fn insert(tx: &mut Tx, scope: TenantScope, new: &Promotion) -> DbResult<()> {
    execute!(
        tx,
        "INSERT INTO promotions (tenant_id, id, site_id, name, status, version, definition, starts_at, ends_at, created_by, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        scope.tenant(), new.id, new.site_id, &new.name, &new.status, new.version, &new.definition, new.starts_at, new.ends_at, new.created_by,
        new.created_at, new.updated_at
    )?;
    keep_version(tx, scope, new, new.created_by).await
}

async fn keep_version(tx: &mut Tx, scope: TenantScope, promotion: &Promotion, by: OperatorId) -> DbResult<()> {
    execute!(
        tx,
        "INSERT INTO promotion_versions (tenant_id, promotion_id, version, definition, changed_by, at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (tenant_id, promotion_id, version) DO NOTHING",
        scope.tenant(),
        promotion.id,
        promotion.version,
        &promotion.definition,
        by,
        promotion.updated_at
    )
    .map(drop)
}

/// The newest first.
pub(super) async fn versions(db: &Db, scope: TenantScope, id: PromotionId, most: i64) -> DbResult<Vec<Version>> {
    fetch_all!(
        db: db, Version,
        "SELECT v.version, v.definition, v.changed_by, o.name AS changed_by_name, v.at FROM promotion_versions v
         JOIN operators o ON o.tenant_id = v.tenant_id AND o.id = v.changed_by
         WHERE v.tenant_id = $1 AND v.promotion_id = $2 ORDER BY v.version DESC LIMIT $3",
        scope.tenant(), id, most
    )
}

pub(super) async fn update(tx: &mut Tx, scope: TenantScope, promotion: &Promotion, by: OperatorId) -> DbResult<()> {
    execute!(
        tx,
        "UPDATE promotions SET site_id = $3, name = $4, status = $5, version = $6, definition = $7, starts_at = $8, ends_at = $9, updated_at = $10
         WHERE tenant_id = $1 AND id = $2",
        scope.tenant(), promotion.id, promotion.site_id, &promotion.name, &promotion.status, promotion.version, &promotion.definition,
        promotion.starts_at, promotion.ends_at, promotion.updated_at
    )?;
    keep_version(tx, scope, promotion, by).await
}

pub(super) async fn delete(tx: &mut Tx, scope: TenantScope, id: PromotionId) -> DbResult<bool> {
    let deleted = execute!(tx, "DELETE FROM promotions WHERE tenant_id = $1 AND id = $2", scope.tenant(), id)?;
    Ok(deleted > 0)
}

pub(super) async fn sums(db: &Db, scope: TenantScope) -> DbResult<HashMap<PromotionId, [Sums; 2]>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        promotion_id: PromotionId,
        held_out: i64,
        visitors: i64,
        shown: i64,
        clicked: i64,
        dismissed: i64,
        goals: i64,
        orders: i64,
    }
    let rows = fetch_all!(
        db: db, Row,
        "SELECT promotion_id, held_out, visitors, shown, clicked, dismissed, goals, orders FROM promotion_counters WHERE tenant_id = $1",
        scope.tenant()
    )?;
    let mut sums: HashMap<PromotionId, [Sums; 2]> = HashMap::new();
    for row in rows {
        let Row { promotion_id, held_out, visitors, shown, clicked, dismissed, goals, orders } = row;
        let group = &mut sums.entry(promotion_id).or_default()[usize::from(held_out != 0)];
        *group = Sums { visitors, shown, clicked, dismissed, goals, orders, revenue: Vec::new() };
    }
    let revenue = fetch_all!(
        db: db, (PromotionId, i64, String, i64, i64),
        "SELECT promotion_id, held_out, currency, orders, value_milli FROM promotion_revenue WHERE tenant_id = $1 ORDER BY orders DESC, currency",
        scope.tenant()
    )?;
    for (promotion, held_out, currency, orders, value_milli) in revenue {
        let group = &mut sums.entry(promotion).or_default()[usize::from(held_out != 0)];
        group.revenue.push(Revenue { currency, orders, value_milli });
    }
    Ok(sums)
}

pub(super) async fn past(db: &Db, scope: TenantScope, visitor: VisitorId) -> DbResult<Vec<PastOffer>> {
    fetch_all!(
        db: db, PastOffer,
        "SELECT promotion_id, visit_id, page_view_id, at FROM promotion_offers WHERE tenant_id = $1 AND visitor_id = $2 ORDER BY id DESC LIMIT $3",
        scope.tenant(), visitor, PAST
    )
}

pub(super) async fn visits_before(db: &Db, scope: TenantScope, visitor: VisitorId, visit: VisitId) -> DbResult<i64> {
    let (count,): (i64,) = fetch_one!(
        db: db, (i64,),
        "SELECT COUNT(*) FROM visits WHERE tenant_id = $1 AND visitor_id = $2 AND id <> $3",
        scope.tenant(), visitor, visit
    )?;
    Ok(count)
}

pub(super) async fn groups(tx: &mut Tx, scope: TenantScope, id: PromotionId, visitors: &[VisitorId]) -> DbResult<HashMap<VisitorId, bool>> {
    let rows = fetch_all!(
        tx: tx, (VisitorId, i64),
        sqlite: "SELECT a.visitor_id, a.held_out FROM jsonb_each($3) k
                 CROSS JOIN promotion_assignments a ON a.tenant_id = $1 AND a.promotion_id = $2 AND a.visitor_id = unhex(k.value, '-')",
        postgres: "SELECT a.visitor_id, a.held_out FROM jsonb_array_elements_text($3) k
                   JOIN promotion_assignments a ON a.tenant_id = $1 AND a.promotion_id = $2 AND a.visitor_id = k::uuid",
        scope.tenant(), id, Json(visitors)
    )?;
    Ok(rows.into_iter().map(|(visitor, held_out)| (visitor, held_out != 0)).collect())
}

pub(super) async fn offer(tx: &mut Tx, scope: TenantScope, id: PromotionId, offers: &[NewOffer]) -> DbResult<Vec<OfferId>> {
    let rows: Vec<_> = offers
        .iter()
        .map(|offer| {
            json!({"visitor_id": offer.visitor, "id": offer.id, "site_id": offer.site, "version": offer.version, "occasion": offer.occasion,
                   "visit_id": offer.visit, "page_view_id": offer.page_view, "held_out": i64::from(offer.held_out), "by_hand": i64::from(offer.by_hand), "at": offer.at})
        })
        .collect();
    let fresh = fetch_all!(
        tx: tx, (OfferId,),
        sqlite: "INSERT INTO promotion_offers (tenant_id, visitor_id, id, promotion_id, site_id, version, occasion, visit_id, page_view_id, held_out, by_hand, at)
                 SELECT $1, unhex(r.value ->> 'visitor_id', '-'), unhex(r.value ->> 'id', '-'), $2, unhex(r.value ->> 'site_id', '-'), r.value ->> 'version',
                   unhex(r.value ->> 'occasion', '-'), unhex(r.value ->> 'visit_id', '-'), unhex(r.value ->> 'page_view_id', '-'), r.value ->> 'held_out',
                   r.value ->> 'by_hand', r.value ->> 'at' FROM jsonb_each($3) r WHERE true
                 ON CONFLICT (tenant_id, promotion_id, visitor_id, occasion) DO NOTHING RETURNING id",
        postgres: "INSERT INTO promotion_offers (tenant_id, visitor_id, id, promotion_id, site_id, version, occasion, visit_id, page_view_id, held_out, by_hand, at)
                   SELECT $1, visitor_id, id, $2, site_id, version, occasion, visit_id, page_view_id, held_out, by_hand, at
                   FROM jsonb_to_recordset($3) AS r(visitor_id uuid, id uuid, site_id uuid, version bigint, occasion uuid, visit_id uuid, page_view_id uuid,
                     held_out bigint, by_hand bigint, at bigint)
                   ON CONFLICT (tenant_id, promotion_id, visitor_id, occasion) DO NOTHING RETURNING id",
        scope.tenant(), id, Json(&rows)
    )?;
    let fresh: Vec<OfferId> = fresh.into_iter().map(|(id,)| id).collect();
    let told: Vec<&NewOffer> = offers.iter().filter(|offer| fresh.contains(&offer.id)).collect();
    let visitors: Vec<VisitorId> = told.iter().map(|offer| offer.visitor).collect();
    let known = groups(tx, scope, id, &visitors).await?;
    let rows: Vec<_> =
        told.iter().map(|offer| json!({"visitor_id": offer.visitor, "held_out": i64::from(offer.held_out), "at": offer.at})).collect();
    execute!(
        tx,
        sqlite: "INSERT INTO promotion_assignments (tenant_id, promotion_id, visitor_id, held_out, first_at, last_at)
                 SELECT $1, $2, unhex(r.value ->> 'visitor_id', '-'), r.value ->> 'held_out', r.value ->> 'at', r.value ->> 'at' FROM jsonb_each($3) r WHERE true
                 ON CONFLICT (tenant_id, promotion_id, visitor_id) DO UPDATE SET last_at = excluded.last_at",
        postgres: "INSERT INTO promotion_assignments (tenant_id, promotion_id, visitor_id, held_out, first_at, last_at)
                   SELECT $1, $2, visitor_id, held_out, at, at FROM jsonb_to_recordset($3) AS r(visitor_id uuid, held_out bigint, at bigint)
                   ON CONFLICT (tenant_id, promotion_id, visitor_id) DO UPDATE SET last_at = excluded.last_at",
        scope.tenant(), id, Json(&rows)
    )?;
    for held_out in [false, true] {
        let new = told.iter().filter(|offer| offer.held_out == held_out && !known.contains_key(&offer.visitor)).count();
        let visitors = i64::try_from(new).unwrap_or(i64::MAX);
        add(tx, scope, (id, i64::from(held_out)), &Sums { visitors, ..Sums::default() }).await?;
    }
    Ok(fresh)
}

pub(super) async fn open_offers(db: &Db, scope: TenantScope, id: PromotionId, since: Millis) -> DbResult<Vec<OpenOffer>> {
    fetch_all!(
        db: db, OpenOffer,
        "SELECT id, visitor_id FROM promotion_offers
         WHERE tenant_id = $1 AND promotion_id = $2 AND at >= $3 AND held_out = 0 AND clicked_at IS NULL AND dismissed_at IS NULL",
        scope.tenant(), id, since
    )
}

pub(super) async fn in_conversation(db: &Db, scope: TenantScope, visitors: &[VisitorId]) -> DbResult<HashSet<VisitorId>> {
    let rows = fetch_all!(
        db: db, (VisitorId,),
        sqlite: "SELECT DISTINCT c.visitor_id FROM jsonb_each($2) k
                 CROSS JOIN conversations c ON c.tenant_id = $1 AND c.visitor_id = unhex(k.value, '-') AND c.status = 'open'",
        postgres: "SELECT DISTINCT c.visitor_id FROM jsonb_array_elements_text($2) k
                   JOIN conversations c ON c.tenant_id = $1 AND c.visitor_id = k::uuid AND c.status = 'open'",
        scope.tenant(), Json(visitors)
    )?;
    Ok(rows.into_iter().map(|(visitor,)| visitor).collect())
}
