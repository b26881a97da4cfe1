//! SQL of what came of an offer: reports of pages, goals reached, orders credited. Everything of a visitor counts once, and the sums move in the
//! same transaction.

use super::{Assignment, Order};
use crate::clock::Millis;
use crate::db::{Db, DbResult, Tx, execute, fetch_all, fetch_optional};
use crate::ids::{OfferId, PromotionId, VisitorId};
use crate::promotions::{Report, Revenue, Sums};
use crate::scope::{SiteScope, TenantScope};

/// Moves a group's sums.
pub(super) async fn add(tx: &mut Tx, scope: TenantScope, (id, held_out): (PromotionId, i64), by: &Sums) -> DbResult<()> {
    if *by == Sums::default() {
        return Ok(());
    }
    execute!(
        tx,
        "INSERT INTO promotion_counters AS c (tenant_id, promotion_id, held_out, visitors, shown, clicked, dismissed, goals, orders)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (tenant_id, promotion_id, held_out) DO UPDATE SET visitors = c.visitors + excluded.visitors, shown = c.shown + excluded.shown,
           clicked = c.clicked + excluded.clicked, dismissed = c.dismissed + excluded.dismissed, goals = c.goals + excluded.goals,
           orders = c.orders + excluded.orders",
        scope.tenant(), id, held_out, by.visitors, by.shown, by.clicked, by.dismissed, by.goals, by.orders
    )?;
    for Revenue { currency, orders, value_milli } in &by.revenue {
        execute!(
            tx,
            "INSERT INTO promotion_revenue AS r (tenant_id, promotion_id, held_out, currency, orders, value_milli) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (tenant_id, promotion_id, held_out, currency) DO UPDATE SET orders = r.orders + excluded.orders,
               value_milli = r.value_milli + excluded.value_milli",
            scope.tenant(), id, held_out, currency, *orders, *value_milli
        )?;
    }
    Ok(())
}

pub(in crate::promotions) async fn report(
    tx: &mut Tx,
    scope: SiteScope,
    visitor: VisitorId,
    (offer, report): (OfferId, Report),
    now: Millis,
) -> DbResult<Option<PromotionId>> {
    let found = fetch_optional!(
        tx: tx, (PromotionId,),
        "SELECT promotion_id FROM promotion_offers WHERE tenant_id = $1 AND visitor_id = $2 AND id = $3 AND site_id = $4 AND held_out = 0",
        scope.tenant(), visitor, offer, scope.site()
    )?;
    let Some((id,)) = found else { return Ok(None) };
    let (of, wide) = ((id, visitor, offer), scope.wide());
    // Whoever clicked or closed it has seen it, even where that report was lost.
    let shown = note_shown(tx, wide, of, now).await?;
    let clicked = if report == Report::Clicked { note_clicked(tx, wide, of, now).await? } else { 0 };
    let dismissed = if report == Report::Dismissed { note_dismissed(tx, wide, of, now).await? } else { 0 };
    add(tx, wide, (id, 0), &Sums { shown, clicked, dismissed, ..Sums::default() }).await?;
    Ok(Some(id))
}

// Each writes the first time of the offer, and answers 1 if it is also the visitor's first.
async fn note_shown(
    tx: &mut Tx,
    scope: TenantScope,
    (id, visitor, offer): (PromotionId, VisitorId, OfferId),
    now: Millis,
) -> DbResult<i64> {
    execute!(
        tx,
        "UPDATE promotion_offers SET shown_at = COALESCE(shown_at, $4) WHERE tenant_id = $1 AND visitor_id = $2 AND id = $3",
        scope.tenant(),
        visitor,
        offer,
        now
    )?;
    execute!(
        tx,
        "UPDATE promotion_assignments SET shown_at = $4 WHERE tenant_id = $1 AND promotion_id = $2 AND visitor_id = $3 AND shown_at IS NULL",
        scope.tenant(),
        id,
        visitor,
        now
    )
    .map(counted)
}

async fn note_clicked(
    tx: &mut Tx,
    scope: TenantScope,
    (id, visitor, offer): (PromotionId, VisitorId, OfferId),
    now: Millis,
) -> DbResult<i64> {
    execute!(
        tx,
        "UPDATE promotion_offers SET clicked_at = COALESCE(clicked_at, $4) WHERE tenant_id = $1 AND visitor_id = $2 AND id = $3",
        scope.tenant(),
        visitor,
        offer,
        now
    )?;
    execute!(
        tx,
        "UPDATE promotion_assignments SET clicked_at = $4 WHERE tenant_id = $1 AND promotion_id = $2 AND visitor_id = $3 AND clicked_at IS NULL",
        scope.tenant(),
        id,
        visitor,
        now
    )
    .map(counted)
}

async fn note_dismissed(
    tx: &mut Tx,
    scope: TenantScope,
    (id, visitor, offer): (PromotionId, VisitorId, OfferId),
    now: Millis,
) -> DbResult<i64> {
    execute!(
        tx,
        "UPDATE promotion_offers SET dismissed_at = COALESCE(dismissed_at, $4) WHERE tenant_id = $1 AND visitor_id = $2 AND id = $3",
        scope.tenant(),
        visitor,
        offer,
        now
    )?;
    execute!(
        tx,
        "UPDATE promotion_assignments SET dismissed_at = $4 WHERE tenant_id = $1 AND promotion_id = $2 AND visitor_id = $3 AND dismissed_at IS NULL",
        scope.tenant(),
        id,
        visitor,
        now
    )
    .map(counted)
}

fn counted(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(0)
}

pub(in crate::promotions) async fn assignments(
    db: &Db,
    scope: TenantScope,
    visitor: VisitorId,
    since: Millis,
) -> DbResult<Vec<Assignment>> {
    fetch_all!(
        db: db, Assignment,
        "SELECT a.promotion_id, a.visitor_id, a.held_out, a.last_at, a.goal_at, p.definition FROM promotion_assignments a
         JOIN promotions p ON p.tenant_id = a.tenant_id AND p.id = a.promotion_id
         WHERE a.tenant_id = $1 AND a.visitor_id = $2 AND a.last_at >= $3",
        scope.tenant(), visitor, since
    )
}

pub(in crate::promotions) async fn reach(tx: &mut Tx, scope: TenantScope, assignment: &Assignment, now: Millis) -> DbResult<bool> {
    let Assignment { promotion_id, visitor_id, held_out, .. } = assignment;
    let goals = counted(execute!(
        tx,
        "UPDATE promotion_assignments SET goal_at = $4 WHERE tenant_id = $1 AND promotion_id = $2 AND visitor_id = $3 AND goal_at IS NULL",
        scope.tenant(),
        promotion_id,
        visitor_id,
        now
    )?);
    add(tx, scope, (*promotion_id, *held_out), &Sums { goals, ..Sums::default() }).await?;
    Ok(goals > 0)
}

pub(in crate::promotions) async fn credit(tx: &mut Tx, scope: TenantScope, assignment: &Assignment, order: &Order) -> DbResult<bool> {
    let Assignment { promotion_id, visitor_id, held_out, .. } = assignment;
    let orders = counted(execute!(
        tx,
        "INSERT INTO promotion_orders (tenant_id, promotion_id, visitor_id, order_id, amount, currency, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (tenant_id, promotion_id, visitor_id, order_id) DO NOTHING",
        scope.tenant(),
        promotion_id,
        visitor_id,
        &order.id,
        order.amount,
        &order.currency,
        order.at
    )?);
    if orders > 0 {
        let revenue = vec![Revenue { currency: order.currency.clone(), orders, value_milli: order.amount }];
        add(tx, scope, (*promotion_id, *held_out), &Sums { orders, revenue, ..Sums::default() }).await?;
    }
    Ok(orders > 0)
}
