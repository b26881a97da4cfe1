//! Carries routing out: hears who came, went, or is free, asks [`crate::routing`] what follows, and gives the answer to the one writer of logs.
//! Beside the message path: a post never waits for it. What it remembers is only since when operators are away.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, Millis};
use crate::conversations::{Command, OnlyIf, Queued, Sender, What};
use crate::db::Db;
use crate::error::Result;
use crate::events::{Event, Listener};
use crate::ids::{OperatorId, TenantId};
use crate::operators::Availability;
use crate::realtime::Realtime;
use crate::routing::{self, Desk, Move, OperatorRow, Plan, Seat, SiteRule};
use crate::scope::{SystemScope, TenantScope};

/// A reload, a tunnel or a restart is shorter than this; whoever is absent for longer has left.
const ABSENT_AFTER: Millis = 60_000;
/// What could not be settled is looked at again after so long.
const AGAIN_AFTER: Millis = 5_000;
/// How often what hangs on time alone is looked for.
const TICK: Duration = Duration::from_secs(1);

/// What the worker works with.
pub struct Router {
    /// Database.
    pub db: Db,
    /// Clock.
    pub clock: Clock,
    /// Who is present, and the writer.
    pub realtime: Realtime,
}

/// What is known between two looks.
#[derive(Default)]
struct Known {
    absent_since: HashMap<OperatorId, Millis>,
    offline_since: HashMap<OperatorId, Millis>,
    look_at: HashMap<TenantId, Millis>,
}

/// Runs until `stop`.
pub async fn run(router: Router, mut events: Listener, stop: CancellationToken) {
    let mut known = Known::default();
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut tenants = all(&router).await;
    loop {
        for tenant in tenants.drain() {
            look(&router, &mut known, tenant).await;
        }
        let first = tokio::select! {
            event = events.recv() => Some(event),
            _ = tick.tick() => None,
            () = stop.cancelled() => return,
        };
        match first {
            Some(Ok(event)) => tenants.extend(concerned(&event)),
            // What was missed may have been anybody's.
            Some(Err(RecvError::Lagged(_))) => tenants = all(&router).await,
            Some(Err(RecvError::Closed)) => return,
            None => tenants.extend(due(&router, &mut known).await),
        }
        while let Some(event) = events.try_recv() {
            tenants.extend(concerned(&event));
        }
    }
}

/// Whose operators or queue are no longer what they were.
fn concerned(event: &Event) -> Option<TenantId> {
    match event {
        Event::ConversationMoved(tenant, _)
        | Event::OperatorAvailabilityChanged(tenant, _)
        | Event::OperatorChanged(tenant, _)
        | Event::SiteChanged(tenant, _) => Some(*tenant),
        _ => None,
    }
}

async fn all(router: &Router) -> HashSet<TenantId> {
    let found = routing::list_tenants(&router.db, SystemScope::of_the_system()).await;
    let found = found.inspect_err(|error| tracing::warn!(error = %error, "routing cannot read who has conversations"));
    found.into_iter().flatten().collect()
}

async fn due(router: &Router, known: &mut Known) -> Vec<TenantId> {
    let now = router.clock.now();
    let mut due: Vec<TenantId> = known.look_at.extract_if(|_, at| *at <= now).map(|(tenant, _)| tenant).collect();
    match routing::list_overdue(&router.db, SystemScope::of_the_system(), now).await {
        Ok(overdue) => due.extend(overdue),
        Err(error) => tracing::warn!(error = %error, "routing cannot read who waits for too long"),
    }
    due
}

async fn look(router: &Router, known: &mut Known, tenant: TenantId) {
    if let Err(error) = settle(router, known, tenant).await {
        tracing::warn!(error = %error, "conversations could not be routed; it is tried again");
        known.look_at.insert(tenant, router.clock.now() + AGAIN_AFTER);
    }
}

async fn settle(router: &Router, known: &mut Known, tenant: TenantId) -> Result<()> {
    let now = router.clock.now();
    let Desk { operators, sites, days, cases } = routing::find_desk(&router.db, TenantScope::proven(tenant), now).await?;
    let seats = operators.iter().map(|operator| known.seat(router, (tenant, operator), now)).collect();
    let rule = |site: &routing::SiteRow| SiteRule {
        mode: site.routing_mode,
        reassign_after: site.reassign_after_s.map(|seconds| seconds * 1000),
        members: site.members.as_ref().map(|members| members.0.clone()),
        day: days.iter().position(|midnight| *midnight == site.midnight(now)).unwrap_or(0),
    };
    let rules = sites.iter().map(|site| (site.id, rule(site))).collect();
    let Plan { moves, unsettled } = routing::plan(now, seats, &rules, &cases);
    // Asked for together, so that they are one commit.
    let commands = moves.into_iter().map(|step| router.realtime.change(Queued { command: command(tenant, step), visitor: None }));
    for done in futures_util::future::join_all(commands).await {
        done?;
    }
    if unsettled {
        known.look_at.insert(tenant, now + AGAIN_AFTER);
    }
    Ok(())
}

fn command(tenant: TenantId, Move { conversation, from, to }: Move) -> Command {
    let what = What::SetAssignee { conversation, assignee: to, note: None, only_if: OnlyIf::StillOf(from) };
    Command { tenant, sender: Sender::system(), also: Vec::new(), what }
}

impl Known {
    fn seat(&mut self, router: &Router, (tenant, operator): (TenantId, &OperatorRow), now: Millis) -> Seat {
        let present = router.realtime.operator_present(tenant, operator.id);
        let absent = since(&mut self.absent_since, operator.id, !present, now);
        let offline = since(&mut self.offline_since, operator.id, operator.availability == Availability::Offline, now);
        let left = absent.filter(|since| {
            let at = since + ABSENT_AFTER;
            if now < at && operator.open > 0 {
                self.look_at.entry(tenant).and_modify(|known| *known = at.min(*known)).or_insert(at);
            }
            now >= at
        });
        Seat {
            operator: operator.id,
            taking: present && operator.deactivated_at.is_none() && operator.availability == Availability::Online,
            lost: operator.deactivated_at.is_some(),
            gone: operator.deactivated_at.map(|_| now).or(offline).or(left),
            open: operator.open,
            today: operator.today.clone(),
            last: operator.last_assigned_at.unwrap_or(0),
            capacity: operator.capacity.unwrap_or(routing::CAPACITY),
        }
    }
}

/// Since when something is so, as far as anybody has looked.
fn since(known: &mut HashMap<OperatorId, Millis>, operator: OperatorId, so: bool, now: Millis) -> Option<Millis> {
    if so {
        Some(*known.entry(operator).or_insert(now))
    } else {
        known.remove(&operator);
        None
    }
}
