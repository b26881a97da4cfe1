//! The places of processes at one PostgreSQL database. Whoever serves without Redis is alone there; of several nodes one leads those workers that
//! must not run twice. A place is a database session of its own that holds advisory locks: the server ends the session of a process that is
//! gone, stopped or cut off within ten seconds, by its own clock, and another takes the lead. On the embedded database the data folder's lock
//! says the same, and the only process leads.

mod store;

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::db::{Db, DbResult};
use store::Session;

/// How often a place is confirmed; whoever wants to lead tries as often.
const BEAT: Duration = Duration::from_secs(1);
/// A database that does not answer for so long has lost us, or will soon.
const PATIENCE: Duration = Duration::from_secs(3);
/// A process that was killed a moment ago still counts as there.
const AT_START: Duration = Duration::from_secs(5);
const AGAIN: Duration = Duration::from_millis(250);
/// Beats between two complaints of the same thing.
const COMPLAINS: u32 = 30;

/// How processes stand at the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// There must be no other.
    Alone,
    /// Others may be there, if all of them are among several.
    Among {
        /// It may lead.
        leads: bool,
    },
}

/// Another process serves this database, and one of the two does so alone.
#[derive(Clone, Copy, Debug)]
pub struct Occupied;

/// Tells whether this process leads.
#[derive(Clone, Debug)]
pub struct Leader(watch::Receiver<bool>);

/// A place that was taken, to be kept.
pub struct Place {
    db: Db,
    stands: Stands,
    session: Option<Session>,
    leads: watch::Sender<bool>,
    complained: u32,
}

impl Leader {
    /// Of a process that is alone.
    fn always() -> Self {
        Self(watch::channel(true).1)
    }

    /// Whether this process leads now.
    pub fn is_leading(&self) -> bool {
        *self.0.borrow()
    }

    /// Works whenever this process leads, until `stop`. The token that the work gets ends with the lead.
    pub async fn lead<F: Future<Output = ()>>(mut self, stop: CancellationToken, work: impl Fn(CancellationToken) -> F) {
        loop {
            let leads = async { self.0.wait_for(|leads| *leads).await.is_ok() };
            if stop.run_until_cancelled(leads).await != Some(true) {
                return;
            }
            let term = stop.child_token();
            let working = work(term.clone());
            tokio::pin!(working);
            let over = async { self.0.wait_for(|leads| !*leads).await.is_ok() };
            let lost = tokio::select! {
                () = &mut working => return,
                over = over => over,
            };
            if !lost {
                // Nobody can take the lead away: the work ends with `stop`.
                return working.await;
            }
            term.cancel();
            working.await;
        }
    }
}

impl Place {
    /// Takes a place. The embedded database has none to keep.
    pub async fn take(db: &Db, stands: Stands) -> DbResult<Result<(Leader, Option<Self>), Occupied>> {
        let Some(first) = store::open(db).await? else { return Ok(Ok((Leader::always(), None))) };
        let (until, mut session) = (Instant::now() + AT_START, first);
        while !session.serve(stands == Stands::Alone).await? {
            if Instant::now() >= until {
                return Ok(Err(Occupied));
            }
            tracing::debug!("another process has a place at the database; it may be on its way out");
            sleep(AGAIN).await;
        }
        let (leads, leading) = watch::channel(false);
        let leader = if stands == Stands::Alone { Leader::always() } else { Leader(leading) };
        Ok(Ok((leader, Some(Self { db: db.clone(), stands, session: Some(session), leads, complained: 0 }))))
    }

    /// Keeps the place until `closing`; the lead is given up with `stop`.
    pub async fn keep(mut self, stop: CancellationToken, closing: CancellationToken) {
        let mut beats = interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = beats.tick() => self.beat(stop.is_cancelled()).await,
                () = stop.cancelled(), if *self.leads.borrow() => {
                    self.leads.send_replace(false);
                    if let Some(session) = &mut self.session {
                        // An unlock that did not arrive comes with the end of the session.
                        timeout(PATIENCE, session.resign()).await.ok();
                    }
                }
                () = closing.cancelled() => break,
            }
        }
        if let Some(session) = self.session {
            timeout(PATIENCE, session.close()).await.ok();
        }
    }

    async fn beat(&mut self, stopping: bool) {
        let confirmed = timeout(PATIENCE, self.confirm(stopping)).await;
        let failed = match confirmed {
            Ok(Ok(true)) => {
                self.complained = 0;
                return;
            }
            Ok(Ok(false)) => "another process serves this database, and one of the two does so without REDIS_URL".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the database does not answer".to_owned(),
        };
        // Whoever reaches the database may lead from now on.
        self.session = None;
        self.leads.send_if_modified(std::mem::take);
        if self.complained.is_multiple_of(COMPLAINS) {
            tracing::warn!(error = failed, "this process has lost its place at the database; it tries to get it back");
        }
        self.complained += 1;
    }

    /// `false` where somebody else has the place.
    async fn confirm(&mut self, stopping: bool) -> DbResult<bool> {
        if self.session.is_none() {
            let Some(mut session) = store::open(&self.db).await? else { return Ok(true) };
            if !session.serve(self.stands == Stands::Alone).await? {
                return Ok(false);
            }
            self.session = Some(session);
        }
        let Some(session) = &mut self.session else { return Ok(true) };
        let wants = self.stands == (Stands::Among { leads: true }) && !stopping;
        if !wants || *self.leads.borrow() {
            session.ping().await?;
        } else if session.lead().await? {
            tracing::info!("this node leads the workers that only one node runs");
            self.leads.send_replace(true);
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Counts the terms that began and ended.
    #[derive(Clone, Default)]
    struct Terms(Arc<(AtomicU32, AtomicU32)>);

    impl Terms {
        async fn work(self, term: CancellationToken) {
            self.0.0.fetch_add(1, Ordering::SeqCst);
            term.cancelled().await;
            self.0.1.fetch_add(1, Ordering::SeqCst);
        }

        fn now(&self) -> (u32, u32) {
            (self.0.0.load(Ordering::SeqCst), self.0.1.load(Ordering::SeqCst))
        }
    }

    #[tokio::test]
    async fn work_is_done_while_leading_and_begins_anew_with_the_next_term() {
        let (leads, leading) = watch::channel(false);
        let (counted, stop) = (Terms::default(), CancellationToken::new());
        let until = async |begun, ended| {
            while counted.now() != (begun, ended) {
                tokio::task::yield_now().await;
            }
        };
        let working = Leader(leading).lead(stop.clone(), |term| counted.clone().work(term));
        let steps = async {
            tokio::task::yield_now().await;
            assert_eq!(counted.now(), (0, 0), "nobody asked it to lead");
            leads.send_replace(true);
            until(1, 0).await;
            leads.send_replace(false);
            until(1, 1).await;
            leads.send_replace(true);
            until(2, 1).await;
            stop.cancel();
        };
        tokio::join!(working, steps);
        assert_eq!(counted.now(), (2, 2));
    }

    #[tokio::test]
    async fn whoever_is_alone_leads_until_the_stop() {
        let stop = CancellationToken::new();
        let working = Leader::always().lead(stop.clone(), |term| async move { term.cancelled().await });
        tokio::join!(working, async { stop.cancel() });
    }
}
