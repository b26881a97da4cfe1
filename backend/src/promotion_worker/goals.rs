//! What a visitor does after an offer, credited to it: a page, an event or an order within the promotion's window, for those who saw it and for
//! those who were held out alike.

use super::Promoter;
use super::board::{Live, path_of};
use crate::clock::Millis;
use crate::error::Result;
use crate::ids::VisitorId;
use crate::promotions::{self, Goal, GoalKind, Order};
use crate::rules::condition::wildcard;
use crate::scope::TenantScope;

/// No window is longer.
const WINDOW_MAX: Millis = 30 * 24 * 3_600_000;

/// What was done.
pub(super) enum Act<'a> {
    /// A page was opened.
    Page(&'a str),
    /// An event of the shop's own.
    Event(&'a str),
    /// An order was placed.
    Order(&'a Order),
}

impl Act<'_> {
    fn reaches(&self, goal: &Goal) -> bool {
        let wanted = goal.value.as_deref().unwrap_or_default();
        match (self, goal.kind) {
            (Self::Page(path), GoalKind::Page) => wildcard(&path.to_lowercase(), &wanted.to_lowercase()),
            (Self::Event(name), GoalKind::Event) => *name == wanted,
            (Self::Order(_), GoalKind::Order) => true,
            _ => false,
        }
    }
}

impl Promoter {
    pub(super) async fn goal_page(&self, live: &Live) {
        self.credit(live.scope.wide(), live.visitor, &Act::Page(path_of(&live.url))).await;
    }

    /// Credits whatever the visitor was offered within its window.
    pub(super) async fn credit(&self, scope: TenantScope, visitor: VisitorId, act: &Act<'_>) {
        let wanted = self.known(scope.tenant()).await.is_some_and(|known| {
            let goals = known.promotions.values().filter_map(|promotion| promotion.definition.goal.as_ref());
            // Orders are credited to every promotion, whatever its goal: revenue is always of interest.
            goals.into_iter().any(|goal| act.reaches(goal)) || (matches!(act, Act::Order(_)) && !known.promotions.is_empty())
        });
        if wanted && let Err(error) = self.credit_now(scope, visitor, act).await {
            tracing::warn!(error = %error, "what a visitor did could not be credited to a promotion");
        }
    }

    async fn credit_now(&self, scope: TenantScope, visitor: VisitorId, act: &Act<'_>) -> Result<()> {
        let now = self.0.clock.now();
        let assignments = promotions::assignments(&self.0.db, scope, visitor, now - WINDOW_MAX).await?;
        if assignments.is_empty() {
            return Ok(());
        }
        let mut tx = self.0.db.begin().await?;
        for assignment in &assignments {
            let goal = assignment.definition.goal.as_ref();
            let hours = goal.map_or(24, |goal| goal.within_hours);
            if now - assignment.last_at > i64::from(hours) * 3_600_000 {
                continue;
            }
            if let Act::Order(order) = act {
                promotions::credit(&mut tx, scope, assignment, order).await?;
            }
            if goal.is_some_and(|goal| act.reaches(goal)) {
                promotions::reach(&mut tx, scope, assignment, now).await?;
            }
        }
        Ok(tx.commit().await?)
    }
}
