//! Group commit: one task for each lane of the log appends what many ask for. What arrives during a commit is the next batch; an entry that comes
//! alone never waits. An entry that is in the queue is committed even when its caller has gone. Batches of different lanes are prepared at the same
//! time; their commits and what follows from them take [`Turn`]s. Knows neither channels' members nor transports.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::sync::{Mutex, OwnedMutexGuard, mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::channel::Publication;
use crate::log::{Appended, ChannelLog, Committed, Follow, Unappended};
use crate::refusal::{Code, Refusal};

#[cfg(test)]
mod tests;

/// Entries that may wait for a lane of the writer.
const QUEUE: usize = 8_192;
/// How long a caller waits for room in the queue.
const PATIENCE: Duration = Duration::from_secs(2);

struct Ask<L: ChannelLog> {
    entry: L::Entry,
    answer: oneshot::Sender<Result<L::Reply, Refusal>>,
}

/// Where the consequences of a commit go.
pub(crate) trait Outlet: Send + Sync {
    /// Before the publications of the same entry.
    fn follow(&self, follow: Follow);
    /// In the order of the log.
    fn publish(&self, publication: Publication) -> impl Future<Output = ()> + Send;
    /// A batch of so many entries was committed.
    fn committed(&self, entries: usize);
}

/// When a batch is large enough.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gather {
    pub(crate) linger: Duration,
    pub(crate) max: usize,
}

/// The one place at a time of a batch that commits and tells. A log of several lanes comes to its turn when a transaction holds all that it will
/// ever wait for, right before it commits: whoever waits for what this batch holds then tells later than it, in the order of the log.
#[derive(Debug, Default)]
pub struct Turn {
    gate: Arc<Mutex<()>>,
    held: Option<OwnedMutexGuard<()>>,
}

impl Turn {
    fn of(gate: &Arc<Mutex<()>>) -> Self {
        Self { gate: Arc::clone(gate), held: None }
    }

    /// Waits until it is this batch's turn, which it then keeps until it was told.
    pub async fn come(&mut self) {
        if self.held.is_none() {
            self.held = Some(Arc::clone(&self.gate).lock_owned().await);
        }
    }
}

/// The asking end of the writer.
pub(crate) struct Writer<L: ChannelLog> {
    lanes: Vec<mpsc::Sender<Ask<L>>>,
    closing: CancellationToken,
    finished: Vec<CancellationToken>,
}

/// The working end of one lane of the writer.
pub(crate) struct WriterLoop<L: ChannelLog> {
    queue: mpsc::Receiver<Ask<L>>,
    closing: CancellationToken,
    finished: CancellationToken,
    gather: Gather,
    /// Shared by all lanes.
    gate: Arc<Mutex<()>>,
    /// Until then an entry that comes alone waits for others as well: the last batch was of several.
    lively: Option<Instant>,
}

/// Both ends of a writer of so many lanes.
pub(crate) fn writer<L: ChannelLog>(gather: Gather, lanes: usize) -> (Writer<L>, Vec<WriterLoop<L>>) {
    let mut asking = Writer { lanes: Vec::new(), closing: CancellationToken::new(), finished: Vec::new() };
    let gate = Arc::default();
    let lane = |_| {
        let (sender, queue) = mpsc::channel(QUEUE);
        let (closing, finished) = (asking.closing.clone(), CancellationToken::new());
        asking.lanes.push(sender);
        asking.finished.push(finished.clone());
        WriterLoop { queue, closing, finished, gather, gate: Arc::clone(&gate), lively: None }
    };
    let working = (0..lanes.max(1)).map(lane).collect();
    (asking, working)
}

impl<L: ChannelLog> Writer<L> {
    /// Has an entry committed and published. Refuses with `unavailable` when the queue stays full or the node shuts down.
    pub(crate) async fn append(&self, lane: usize, entry: L::Entry) -> Result<L::Reply, Refusal> {
        let (answer, answered) = oneshot::channel();
        let queued = self.lanes[lane % self.lanes.len()].send_timeout(Ask { entry, answer }, PATIENCE).await;
        queued.map_err(|_| unavailable("the log has more to write than it can take"))?;
        answered.await.unwrap_or_else(|_| Err(unavailable("this node is shutting down")))
    }

    /// Takes no more entries and returns when those in the queues are committed.
    pub(crate) async fn close(&self) {
        self.closing.cancel();
        join_all(self.finished.iter().map(CancellationToken::cancelled)).await;
    }
}

fn unavailable(message: &str) -> Refusal {
    Refusal::new(Code::Unavailable, message).retry_after(Duration::from_secs(1))
}

impl<L: ChannelLog> WriterLoop<L> {
    /// Works until `Writer::close`.
    pub(crate) async fn run(mut self, log: Arc<L>, outlet: impl Outlet) {
        while let Some(first) = self.next().await {
            let batch = self.gather(first).await;
            let several = batch.len() > 1;
            commit(&*log, &outlet, batch, &self.gate).await;
            self.lively = several.then(|| Instant::now() + self.gather.linger);
        }
        self.finished.cancel();
    }

    async fn next(&mut self) -> Option<Ask<L>> {
        if !self.closing.is_cancelled() {
            // Closing first: callers that never pause must not hold it up.
            tokio::select! {
                biased;
                () = self.closing.cancelled() => {}
                ask = self.queue.recv() => return ask,
            }
        }
        self.queue.close();
        self.queue.recv().await
    }

    /// Takes what is waiting. Lingers only when several are, or were a moment ago: under load the next ones are near, an entry alone must not pay
    /// for that.
    async fn gather(&mut self, first: Ask<L>) -> Vec<Ask<L>> {
        let mut batch = vec![first];
        self.take_waiting(&mut batch);
        let now = Instant::now();
        let is_lively = batch.len() > 1 || self.lively.is_some_and(|until| now < until);
        if !is_lively || self.gather.linger.is_zero() {
            return batch;
        }
        let deadline = now + self.gather.linger;
        while batch.len() < self.gather.max {
            match timeout_at(deadline, self.queue.recv()).await {
                Ok(Some(ask)) => batch.push(ask),
                Ok(None) | Err(_) => break,
            }
        }
        batch
    }

    fn take_waiting(&mut self, batch: &mut Vec<Ask<L>>) {
        while batch.len() < self.gather.max {
            match self.queue.try_recv() {
                Ok(ask) => batch.push(ask),
                Err(_) => break,
            }
        }
    }
}

/// What its batch failed with is tried by itself, and told in a turn of its own: it may wait for a batch of another lane, which waits for its turn.
async fn commit<L: ChannelLog>(log: &L, outlet: &impl Outlet, batch: Vec<Ask<L>>, gate: &Arc<Mutex<()>>) {
    let (alone, _) = commit_at_once(log, outlet, batch, Turn::of(gate)).await;
    let mut alone = alone.into_iter();
    while let Some(ask) = alone.next() {
        let (again, unavailable) = commit_at_once(log, outlet, vec![ask], Turn::of(gate)).await;
        refuse(again, &Refusal::new(Code::Internal, "the log did not take an entry by itself"));
        // To find out for each that nothing can be stored now would keep all of them waiting, one after the other.
        if let Some(refusal) = unavailable {
            return refuse(alone, &refusal);
        }
    }
}

fn refuse<L: ChannelLog>(asks: impl IntoIterator<Item = Ask<L>>, refusal: &Refusal) {
    for ask in asks {
        ask.answer.send(Err(refusal.clone())).ok();
    }
}

/// Answers what is to be tried by itself, and the refusal of a log that can store nothing now.
async fn commit_at_once<L: ChannelLog>(
    log: &L,
    outlet: &impl Outlet,
    batch: Vec<Ask<L>>,
    mut turn: Turn,
) -> (Vec<Ask<L>>, Option<Refusal>) {
    let (mut alone, mut unavailable) = (Vec::new(), None);
    let (entries, answers): (Vec<_>, Vec<_>) = batch.into_iter().map(|ask| (ask.entry, ask.answer)).unzip();
    let mut results = match append(log, entries, &mut turn).await {
        Err(refusal) => answers.iter().map(|_| Err(refusal.clone().into())).collect(),
        Ok(results) => {
            // Of a batch that failed there is nothing to tell.
            if results.iter().any(|result| !matches!(result, Err(Unappended::Alone(_)))) {
                turn.come().await;
                outlet.committed(results.iter().filter(|result| result.is_ok()).count());
            }
            results
        }
    }
    .into_iter();
    let missing = || Err(Refusal::new(Code::Internal, "the log did not answer for this entry").into());
    for answer in answers {
        let reply = match results.next().unwrap_or_else(missing) {
            Ok(appended) => Ok(let_out(outlet, appended).await),
            Err(Unappended::Refused(refusal)) => Err(refusal),
            Err(Unappended::Alone(entry)) => {
                alone.push(Ask { entry: *entry, answer });
                continue;
            }
        };
        if let Err(refusal) = &reply
            && refusal.code == Code::Unavailable
        {
            unavailable = Some(refusal.clone());
        }
        answer.send(reply).ok();
    }
    (alone, unavailable)
}

/// A log that panics must not take the writer, and with it the node, along.
async fn append<L: ChannelLog>(log: &L, entries: Vec<L::Entry>, turn: &mut Turn) -> Result<Committed<L::Reply, L::Entry>, Refusal> {
    let attempt = AssertUnwindSafe(async { log.append(entries, turn).await }).catch_unwind().await;
    attempt.unwrap_or_else(|_| {
        tracing::error!("the log panicked during an append");
        Err(Refusal::new(Code::Internal, "the log failed"))
    })
}

async fn let_out<R>(outlet: &impl Outlet, appended: Appended<R>) -> R {
    for follow in appended.follow {
        outlet.follow(follow);
    }
    // Published after the commit: a receiver that fetches on a hole must find the entry.
    for publication in appended.publications {
        outlet.publish(publication).await;
    }
    appended.reply
}
