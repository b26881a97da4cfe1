//! What visitors do, stored and counted: page views, events of the shop's own, carts and orders. Everything goes through one batch writer beside
//! the message path, into a database of its own, so that counting never holds the writer of chat. An event counts once by its id
//! ([`rollup`] decides, pure). Knows sites (their calendar) and the product of a page; statistics read what is counted here.

mod distinct;
mod model;
mod rollup;
mod store;

pub use distinct::Sketch;
pub use model::{Act, Acted, Cart, Item, LATE, NewEvent, OnPage, Order, What, moment, page_key};
pub use store::KeptEvent;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::clock::{Clock, DAY, Millis};
use crate::db::{Db, DbResult};
use crate::error::{Error, Result};
use crate::events::{Event, Events};
use crate::ids::VisitorId;
use crate::scope::{SiteScope, SystemScope, TenantScope};

/// Events wait at most this long for company.
const GATHER: Duration = Duration::from_millis(100);
/// Events in one transaction at most.
const BATCH: usize = 1000;
/// After a failure the next try.
const AGAIN: Duration = Duration::from_secs(1);
/// Events kept in memory while the database is away, of those that no browser would send again.
const HELD: usize = 20_000;
/// How often what is older than the setting says is looked for.
const FORGET_EVERY: Duration = Duration::from_hours(1);
/// Events of one visitor in an export.
const EXPORTED: i64 = 5_000;

/// The database of events: another pool than chat's, and on SQLite another file.
#[derive(Clone, Debug)]
pub struct EventsDb(pub Db);

/// An event, and who waits until it is stored.
type Waiting = (NewEvent, Option<oneshot::Sender<bool>>);

/// Where events go.
#[derive(Clone, Debug)]
pub struct Recorder(mpsc::Sender<Waiting>);

impl Recorder {
    /// A recorder, and the loop that a task set must run until `stop`; raw events are kept for `days`.
    pub fn new(db: EventsDb, clock: Clock, events: Events, days: u32, stop: CancellationToken) -> (Self, impl Future<Output = ()>) {
        let (sender, receiver) = mpsc::channel(HELD);
        let kept = Millis::from(days) * DAY;
        (Self(sender), Recording { db, clock, events, kept, held: Vec::new() }.run(receiver, stop))
    }

    /// How many wait to be stored.
    pub fn waiting(&self) -> usize {
        self.0.max_capacity() - self.0.capacity()
    }

    /// Hands an event over without waiting; it is tried until it is stored. With a full queue it is dropped.
    pub fn note(&self, event: NewEvent) {
        if self.0.try_send((event, None)).is_err() {
            tracing::warn!("visitor events come faster than they can be stored; one was dropped");
        }
    }

    /// Stores events; when this returns they are committed. Refuses with `unavailable`: the browser keeps them and sends them again.
    pub async fn record(&self, events: Vec<NewEvent>) -> Result<()> {
        let gone = || Error::unavailable("events cannot be stored now; send them again");
        let mut waiting = Vec::with_capacity(events.len());
        for event in events {
            let (answer, done) = oneshot::channel();
            self.0.send((event, Some(answer))).await.map_err(|_| gone())?;
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
    db: EventsDb,
    clock: Clock,
    events: Events,
    kept: Millis,
    /// Nobody else has these: they wait for the database.
    held: Vec<NewEvent>,
}

impl Recording {
    async fn run(mut self, mut queue: mpsc::Receiver<Waiting>, stop: CancellationToken) {
        let mut hour = tokio::time::interval(FORGET_EVERY);
        let mut again = Instant::now();
        loop {
            let holding = !self.held.is_empty();
            let first = tokio::select! {
                first = queue.recv() => first,
                () = tokio::time::sleep_until(again), if holding => {
                    again = Instant::now() + AGAIN;
                    self.flush(Vec::new()).await;
                    continue;
                }
                _ = hour.tick() => {
                    self.forget().await;
                    continue;
                }
                () = stop.cancelled() => None,
            };
            let Some(first) = first else { break };
            let batch = gather(first, &mut queue).await;
            self.flush(batch).await;
        }
        let mut rest = Vec::new();
        while let Ok(next) = queue.try_recv() {
            rest.push(next);
        }
        self.flush(rest).await;
    }

    async fn flush(&mut self, batch: Vec<Waiting>) {
        let (mut all, mut answers) = (std::mem::take(&mut self.held), Vec::new());
        for (event, answer) in batch {
            all.push(event);
            answers.push(answer);
        }
        if all.is_empty() {
            return;
        }
        let held = all.len() - answers.len();
        let stored = store::insert(&self.db, &all, self.clock.now()).await;
        match &stored {
            Ok(fresh) => self.tell(&all, fresh),
            Err(error) => {
                tracing::warn!(error = %error, "visitor events were not stored; it is tried again");
                // What a browser still has comes again from there.
                let ours = |place: usize| place < held || answers.get(place - held).is_some_and(Option::is_none);
                self.held = all.into_iter().enumerate().filter_map(|(place, event)| ours(place).then_some(event)).take(HELD).collect();
            }
        }
        for answer in answers.into_iter().flatten() {
            let _ = answer.send(stored.is_ok());
        }
    }

    fn tell(&self, batch: &[NewEvent], fresh: &[usize]) {
        for acted in fresh.iter().filter_map(|place| batch.get(*place)).filter_map(NewEvent::acted) {
            self.events.publish(Event::VisitorActed(Arc::new(acted)));
        }
    }

    async fn forget(&self) {
        loop {
            match store::delete_oldest(&self.db, SystemScope::of_the_system(), self.clock.now(), self.kept).await {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(error = %error, "old events could not be deleted; it is tried again in an hour");
                    return;
                }
            }
        }
    }
}

async fn gather(first: Waiting, queue: &mut mpsc::Receiver<Waiting>) -> Vec<Waiting> {
    let mut batch = vec![first];
    let deadline = Instant::now() + GATHER;
    while batch.len() < BATCH {
        match tokio::time::timeout_at(deadline, queue.recv()).await {
            Ok(Some(next)) => batch.push(next),
            _ => break,
        }
    }
    batch
}

/// What is kept of what a visitor did, newest first.
pub async fn list_of_visitor(db: &EventsDb, scope: TenantScope, visitor: VisitorId) -> DbResult<Vec<KeptEvent>> {
    store::list_of_visitor(db, scope, visitor, EXPORTED).await
}

/// Deletes what a visitor did.
pub async fn delete_of_visitor(db: &EventsDb, scope: SiteScope, visitor: VisitorId) -> DbResult<()> {
    store::delete_of_visitor(db, scope, visitor).await
}
