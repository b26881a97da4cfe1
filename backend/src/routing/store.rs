//! SQL of routing: one tenant's operators, sites and open conversations, as they are now.

use std::collections::{BTreeSet, HashMap, HashSet};

use sqlx::types::Json;

use super::plan::Case;
use crate::clock::Millis;
use crate::db::{Db, DbResult, fetch_all};
use crate::ids::{OperatorId, SiteId, TenantId};
use crate::operators::Availability;
use crate::scope::{SystemScope, TenantScope};
use crate::sites::{self, RoutingMode};

/// An operator with what they have.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OperatorRow {
    /// Who.
    pub id: OperatorId,
    /// What they chose.
    pub availability: Availability,
    /// Since when they may no longer sign in.
    pub deactivated_at: Option<Millis>,
    /// Open conversations they can have; unset: the default.
    pub capacity: Option<i64>,
    /// Open conversations now.
    pub open: i64,
    /// When they got the last one.
    pub last_assigned_at: Option<Millis>,
    /// Conversations got since each of the desk's midnights that are still theirs.
    #[sqlx(skip)]
    pub today: Vec<i64>,
}

/// A site's way.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SiteRow {
    /// Which.
    pub id: SiteId,
    /// By what.
    pub routing_mode: RoutingMode,
    /// Seconds.
    pub reassign_after_s: Option<i64>,
    /// Who answers there; unset: everybody.
    pub members: Option<Json<HashSet<OperatorId>>>,
    /// Where its days begin.
    pub time_zone: String,
}

impl SiteRow {
    /// When today began there.
    pub fn midnight(&self, now: Millis) -> Millis {
        sites::start_of(&self.time_zone, sites::day_of(&self.time_zone, now))
    }
}

/// Everything of one tenant that routing looks at.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Operators, also deactivated ones.
    pub operators: Vec<OperatorRow>,
    /// Sites.
    pub sites: Vec<SiteRow>,
    /// The midnights at which today began on sites that go by who got the fewest today.
    pub days: Vec<Millis>,
    /// Open conversations that are queued or assigned.
    pub cases: Vec<Case>,
}

/// Queued conversations that one look takes up at most: more than anybody has room for.
const QUEUE: i64 = 1000;

pub(super) async fn find_desk(db: &Db, scope: TenantScope, now: Millis) -> DbResult<Desk> {
    let mut operators = fetch_all!(
        db: db, OperatorRow,
        "SELECT o.id, o.availability, o.deactivated_at, o.capacity,
           (SELECT COUNT(*) FROM conversations c WHERE c.tenant_id = o.tenant_id AND c.assignee_id = o.id AND c.status = 'open') AS open,
           (SELECT MAX(c.assigned_at) FROM conversations c WHERE c.tenant_id = o.tenant_id AND c.assignee_id = o.id) AS last_assigned_at
         FROM operators o WHERE o.tenant_id = $1",
        scope.tenant()
    )?;
    let sites = fetch_all!(
        db: db, SiteRow, "SELECT id, routing_mode, reassign_after_s, members, time_zone FROM sites WHERE tenant_id = $1", scope.tenant()
    )?;
    let counting = sites.iter().filter(|site| site.routing_mode == RoutingMode::FewestToday);
    let days: Vec<Millis> = counting.map(|site| site.midnight(now)).collect::<BTreeSet<_>>().into_iter().collect();
    for midnight in &days {
        let got: HashMap<OperatorId, i64> = list_got(db, scope, *midnight).await?.into_iter().collect();
        for operator in &mut operators {
            operator.today.push(got.get(&operator.id).copied().unwrap_or(0));
        }
    }
    let mut cases = fetch_all!(
        db: db, Case,
        "SELECT c.id, c.site_id, c.assignee_id, c.assigned_at, c.waiting_since, c.queued_since FROM conversations c
         WHERE c.tenant_id = $1 AND c.queued_since IS NOT NULL ORDER BY c.queued_since, c.id LIMIT $2",
        scope.tenant(), QUEUE
    )?;
    cases.extend(fetch_all!(
        db: db, Case,
        "SELECT c.id, c.site_id, c.assignee_id, c.assigned_at, c.waiting_since, c.queued_since FROM operators o
         JOIN conversations c ON c.tenant_id = o.tenant_id AND c.assignee_id = o.id AND c.status = 'open' WHERE o.tenant_id = $1",
        scope.tenant()
    )?);
    Ok(Desk { operators, sites, days, cases })
}

/// How many conversations each operator was given since then and still has.
async fn list_got(db: &Db, scope: TenantScope, since: Millis) -> DbResult<Vec<(OperatorId, i64)>> {
    fetch_all!(
        db: db, (OperatorId, i64),
        "SELECT c.assignee_id, COUNT(*) FROM conversations c
         WHERE c.tenant_id = $1 AND c.assignee_id IS NOT NULL AND c.assigned_at >= $2 GROUP BY c.assignee_id",
        scope.tenant(), since
    )
}

pub(super) async fn list_tenants(db: &Db, _: SystemScope) -> DbResult<Vec<TenantId>> {
    let found = fetch_all!(db: db, (TenantId,), "SELECT DISTINCT tenant_id FROM conversations WHERE status = 'open'")?;
    Ok(found.into_iter().map(|(tenant,)| tenant).collect())
}

pub(super) async fn list_overdue(db: &Db, _: SystemScope, now: Millis) -> DbResult<Vec<TenantId>> {
    let found = fetch_all!(
        db: db, (TenantId,),
        "SELECT DISTINCT s.tenant_id FROM sites s JOIN conversations c ON c.tenant_id = s.tenant_id AND c.site_id = s.id
         WHERE s.reassign_after_s IS NOT NULL AND s.routing_mode <> 'manual' AND c.status = 'open' AND c.assignee_id IS NOT NULL
           AND c.waiting_since IS NOT NULL AND c.waiting_since <= $1 - s.reassign_after_s * 1000 AND c.assigned_at <= $1 - s.reassign_after_s * 1000",
        now
    )?;
    Ok(found.into_iter().map(|(tenant,)| tenant).collect())
}
