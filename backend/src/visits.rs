//! Stays of visitors and the page they are on. Page views are written in batches beside the message path, never in it. Knows sites and visitors.

mod store;

pub use store::{VisitPage, VisitorVisits};

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use crate::clock::Millis;
use crate::db::{Db, DbResult};
use crate::error::{Error, Result};
use crate::ids::{VisitId, VisitorId};
use crate::scope::{SiteScope, TenantScope};

/// Page views wait at most this long for company.
const GATHER: Duration = Duration::from_millis(200);
/// Page views in one transaction at most.
const BATCH: usize = 1000;

/// One page view.
#[derive(Clone, Debug)]
pub struct PageView {
    /// Whose rows.
    pub scope: SiteScope,
    /// Who.
    pub visitor: VisitorId,
    /// In which stay.
    pub visit: VisitId,
    /// When.
    pub at: Millis,
    /// Address.
    pub url: String,
    /// Title.
    pub title: String,
    /// Where they came from.
    pub referrer: Option<String>,
}

type Waiting = (PageView, Option<oneshot::Sender<bool>>);

/// Where page views go.
#[derive(Clone, Debug)]
pub struct Recorder(mpsc::Sender<Waiting>);

impl Recorder {
    /// A recorder, and the loop that a task set must run until `stop`.
    pub fn new(db: Db, stop: CancellationToken) -> (Self, impl Future<Output = ()>) {
        let (sender, receiver) = mpsc::channel(20_000);
        (Self(sender), run(db, receiver, stop))
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

async fn run(db: Db, mut queue: mpsc::Receiver<Waiting>, stop: CancellationToken) {
    loop {
        let first = tokio::select! {
            first = queue.recv() => first,
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
        flush(&db, batch).await;
    }
    let mut rest = Vec::new();
    while let Ok(next) = queue.try_recv() {
        rest.push(next);
    }
    flush(&db, rest).await;
}

async fn flush(db: &Db, batch: Vec<Waiting>) {
    if batch.is_empty() {
        return;
    }
    // One row a visit: an upsert may not touch the same row twice.
    let mut merged: HashMap<(VisitorId, VisitId), (PageView, i64)> = HashMap::new();
    for (view, _) in &batch {
        match merged.entry((view.visitor, view.visit)) {
            Entry::Vacant(first) => {
                first.insert((view.clone(), 1));
            }
            Entry::Occupied(mut known) => {
                let (last, pages) = known.get_mut();
                // A hello says "this is where I am" again after every reconnect: the same address in a row is one view.
                *pages += i64::from(view.url != last.url);
                if view.at >= last.at {
                    *last = PageView { referrer: last.referrer.clone().or_else(|| view.referrer.clone()), ..view.clone() };
                }
            }
        }
    }
    let stored = store::upsert(db, merged.into_values().collect()).await;
    if let Err(error) = &stored {
        tracing::warn!(error = %error, "page views were not stored");
    }
    for answer in batch.into_iter().filter_map(|(_, answer)| answer) {
        let _ = answer.send(stored.is_ok());
    }
}

/// How often a visitor came, and the page of the latest visit.
pub async fn of_visitor(db: &Db, scope: TenantScope, visitor: VisitorId) -> DbResult<VisitorVisits> {
    store::of_visitor(db, scope, visitor).await
}
