//! Stays of visitors and the page they are on. Page views are written in batches beside the message path, never in it. Knows sites and visitors.

mod model;
mod store;

pub use model::{Campaign, PageView, Product};
pub use store::{Trodden, VisitPage, VisitorVisits};

use std::collections::HashMap;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::clock::{Clock, DAY, Millis};
use crate::db::{Db, DbResult};
use crate::error::{Error, Result};
use crate::events::{Event, Events};
use crate::ids::VisitorId;
use crate::scope::{SystemScope, TenantScope};

/// Page views wait at most this long for company.
const GATHER: Duration = Duration::from_millis(200);
/// The trail is kept so long.
const KEPT: Millis = 90 * DAY;
/// How often what is older is looked for.
const FORGET_EVERY: Duration = Duration::from_hours(1);
/// Page views in one transaction at most.
const BATCH: usize = 1000;

type Waiting = (PageView, Option<oneshot::Sender<bool>>);

/// Where page views go.
#[derive(Clone, Debug)]
pub struct Recorder(mpsc::Sender<Waiting>);

impl Recorder {
    /// A recorder, and the loop that a task set must run until `stop`.
    pub fn new(db: Db, clock: Clock, events: Events, stop: CancellationToken) -> (Self, impl Future<Output = ()>) {
        let (sender, receiver) = mpsc::channel(20_000);
        (Self(sender), run(Recording { db, clock, events }, receiver, stop))
    }

    /// Hands a page view over without waiting; with a full queue it is dropped, since the page stays open and says more later.
    pub fn note(&self, view: PageView) {
        if self.0.try_send((view, None)).is_err() {
            tracing::warn!("page views come faster than they can be stored; one was dropped");
        }
    }

    /// Stores page views; when this returns they are committed.
    pub async fn record(&self, views: Vec<PageView>) -> Result<()> {
        let gone = || Error::unavailable("page views cannot be stored now; try again");
        let mut waiting = Vec::with_capacity(views.len());
        for view in views {
            let (answer, done) = oneshot::channel();
            self.0.send((view, Some(answer))).await.map_err(|_| gone())?;
            waiting.push(done);
        }
        for done in waiting {
            if !done.await.unwrap_or(false) {
                return Err(gone());
            }
        }
        Ok(())
    }
}

/// What the loop works with.
struct Recording {
    db: Db,
    clock: Clock,
    events: Events,
}

async fn run(recording: Recording, mut queue: mpsc::Receiver<Waiting>, stop: CancellationToken) {
    let mut hour = tokio::time::interval(FORGET_EVERY);
    loop {
        let first = tokio::select! {
            first = queue.recv() => first,
            _ = hour.tick() => {
                forget(&recording).await;
                continue;
            }
            () = stop.cancelled() => None,
        };
        let Some(first) = first else { break };
        let mut batch = vec![first];
        let deadline = tokio::time::Instant::now() + GATHER;
        while batch.len() < BATCH {
            match tokio::time::timeout_at(deadline, queue.recv()).await {
                Ok(Some(next)) => batch.push(next),
                _ => break,
            }
        }
        flush(&recording, batch).await;
    }
    let mut rest = Vec::new();
    while let Ok(next) = queue.try_recv() {
        rest.push(next);
    }
    flush(&recording, rest).await;
}

async fn flush(recording: &Recording, batch: Vec<Waiting>) {
    if batch.is_empty() {
        return;
    }
    let mut visits = store::ByVisit::new();
    for (view, _) in &batch {
        visits.entry((view.visitor, view.visit)).or_default().push(view.clone());
    }
    for views in visits.values_mut() {
        views.sort_by_key(|view| view.at);
    }
    let stored = store::insert(&recording.db, &recording.clock, &visits).await;
    match &stored {
        Ok(()) => {
            for view in visits.values().filter_map(|views| views.last()) {
                recording.events.publish(Event::VisitorChanged(view.scope.tenant(), view.visitor));
            }
        }
        Err(error) => tracing::warn!(error = %error, "page views were not stored"),
    }
    for answer in batch.into_iter().filter_map(|(_, answer)| answer) {
        let _ = answer.send(stored.is_ok());
    }
}

/// The visitor is gone from the site: the page they were on last was left `at` that time. Being there again takes it back.
pub async fn end(db: &Db, scope: TenantScope, visitor: VisitorId, at: Millis) -> DbResult<()> {
    store::end(db, scope, visitor, at).await
}

async fn forget(recording: &Recording) {
    let (system, older_than) = (SystemScope::of_the_system(), recording.clock.now() - KEPT);
    loop {
        match store::delete_oldest(&recording.db, system, older_than).await {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(error = %error, "old page views could not be deleted; it is tried again in an hour");
                return;
            }
        }
    }
}

/// Pages a visitor was on, newest first.
pub async fn list_trail(
    db: &Db,
    scope: TenantScope,
    visitor: VisitorId,
    after: Option<(Millis, Uuid)>,
    limit: i64,
) -> DbResult<Vec<Trodden>> {
    store::list_trail(db, scope, visitor, after, limit).await
}

/// How often a visitor came, and the page of the latest visit.
pub async fn of_visitor(db: &Db, scope: TenantScope, visitor: VisitorId) -> DbResult<VisitorVisits> {
    store::of_visitor(db, scope, visitor).await
}

/// How often each of these visitors came; who never did is not in the answer.
pub async fn count(db: &Db, scope: TenantScope, visitors: &[VisitorId]) -> DbResult<HashMap<VisitorId, i64>> {
    Ok(store::count(db, scope, visitors).await?.into_iter().collect())
}
