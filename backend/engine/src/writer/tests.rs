//! The writer against a log whose commits the test lets through one by one.

use std::sync::Mutex;

use serde_json::value::to_raw_value;
use tokio::sync::Semaphore;

use super::*;
use crate::channel::ChannelId;

/// A log of numbers: refuses odd ones by themselves, the whole batch when it holds `FATAL`, wants each by itself when it holds `BAD`, which it then
/// refuses, or `GONE`, when it can store nothing any more, and panics at `PANIC`. Of two lanes the hundreds go by the second.
struct Gated {
    lanes: usize,
    gate: Semaphore,
    batches: Mutex<Vec<Vec<u32>>>,
    begun: mpsc::UnboundedSender<usize>,
}

const FATAL: u32 = 1_000;
const PANIC: u32 = 2_000;
const BAD: u32 = 98;
const GONE: u32 = 96;

impl ChannelLog for Gated {
    type Entry = u32;
    type Reply = u32;

    fn lanes(&self) -> usize {
        self.lanes
    }

    fn lane(&self, entry: &u32) -> usize {
        usize::from(*entry >= 100)
    }

    async fn append(&self, batch: Vec<u32>, turn: &mut Turn) -> Result<Committed<u32, u32>, Refusal> {
        self.begun.send(batch.len()).unwrap();
        self.gate.acquire().await.unwrap().forget();
        assert!(!batch.contains(&PANIC), "the log breaks");
        if batch.contains(&FATAL) {
            return Err(Refusal::new(Code::Unavailable, "the disk is full"));
        }
        if batch == [BAD] {
            return Err(Refusal::new(Code::Conflict, "bad"));
        }
        if batch == [GONE] {
            return Err(Refusal::new(Code::Unavailable, "gone"));
        }
        if batch.contains(&BAD) || batch.contains(&GONE) {
            return Ok(batch.into_iter().map(|entry| Err(Unappended::Alone(Box::new(entry)))).collect());
        }
        turn.come().await;
        self.batches.lock().unwrap().push(batch.clone());
        Ok(batch.into_iter().map(|entry| one(entry).map_err(Into::into)).collect())
    }

    async fn since(&self, _: &ChannelId, _: u64, _: usize) -> Result<Vec<Publication>, Refusal> {
        Ok(Vec::new())
    }

    async fn tops(&self, _: &[ChannelId]) -> Result<Vec<(ChannelId, u64)>, Refusal> {
        Ok(Vec::new())
    }
}

fn one(entry: u32) -> Result<Appended<u32>, Refusal> {
    if entry % 2 == 1 {
        return Err(Refusal::new(Code::Conflict, "odd"));
    }
    let data = to_raw_value(&entry).unwrap().into();
    let publication = Publication { channel: "numbers".into(), seq: Some(u64::from(entry)), data };
    let membership = crate::channel::Membership { channel: "numbers".into(), logged: true };
    let follow = Follow { principal: entry.to_string().into(), membership };
    Ok(Appended { reply: entry, publications: vec![publication], follow: vec![follow] })
}

/// Notes what goes out, in order.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Notes {
    fn read(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Outlet for Notes {
    fn follow(&self, follow: Follow) {
        self.0.lock().unwrap().push(format!("follow {}", follow.principal));
    }

    fn publish(&self, publication: Publication) -> impl Future<Output = ()> + Send {
        self.0.lock().unwrap().push(format!("publish {}", publication.data));
        std::future::ready(())
    }

    fn committed(&self, entries: usize) {
        self.0.lock().unwrap().push(format!("committed {entries}"));
    }
}

struct Bench {
    writer: Arc<Writer<Gated>>,
    log: Arc<Gated>,
    notes: Notes,
    begun: mpsc::UnboundedReceiver<usize>,
}

fn bench(gather: Gather) -> Bench {
    bench_of(gather, 1)
}

fn bench_of(gather: Gather, lanes: usize) -> Bench {
    let (writer, working) = writer(gather, lanes);
    let (begun, seen) = mpsc::unbounded_channel();
    let log = Arc::new(Gated { lanes, gate: Semaphore::new(0), batches: Mutex::default(), begun });
    let notes = Notes::default();
    for lane in working {
        spawn(lane.run(Arc::clone(&log), notes.clone()));
    }
    Bench { writer: Arc::new(writer), log, notes, begun: seen }
}

#[expect(clippy::disallowed_methods, reason = "a test has no task set")]
fn spawn<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> tokio::task::JoinHandle<T> {
    tokio::spawn(work)
}

impl Bench {
    fn append(&self, entry: u32) -> tokio::task::JoinHandle<Result<u32, Refusal>> {
        let writer = Arc::clone(&self.writer);
        let lane = self.log.lane(&entry);
        spawn(async move { writer.append(lane, entry).await })
    }

    /// Lets a first entry into its commit, so that what follows queues up behind it.
    async fn occupied(gather: Gather) -> Self {
        let mut bench = bench(gather);
        bench.append(0);
        assert_eq!(bench.begun.recv().await, Some(1));
        bench
    }

    fn let_through(&self, commits: usize) {
        self.log.gate.add_permits(commits);
    }
}

const AT_ONCE: Gather = Gather { linger: Duration::ZERO, max: 3 };

#[tokio::test]
async fn what_arrives_during_a_commit_is_the_next_batch_up_to_the_limit() {
    let mut bench = Bench::occupied(AT_ONCE).await;
    let mut asked = Vec::new();
    for entry in [2, 4, 6, 8] {
        asked.push(bench.append(entry));
        tokio::task::yield_now().await;
    }
    bench.let_through(3);
    assert_eq!(bench.begun.recv().await, Some(3));
    assert_eq!(bench.begun.recv().await, Some(1));
    for (asked, entry) in asked.into_iter().zip([2, 4, 6, 8]) {
        assert_eq!(asked.await.unwrap(), Ok(entry));
    }
    assert_eq!(*bench.log.batches.lock().unwrap(), [vec![0], vec![2, 4, 6], vec![8]]);
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_comes_alone_does_not_wait_for_others() {
    let start = Instant::now();
    let bench = bench(Gather { linger: Duration::from_secs(1), max: 3 });
    bench.let_through(1);
    assert_eq!(bench.append(2).await.unwrap(), Ok(2));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn entries_in_company_wait_a_moment_for_more() {
    let mut bench = Bench::occupied(Gather { linger: Duration::from_secs(1), max: 9 }).await;
    let early = [bench.append(2), bench.append(4)];
    tokio::task::yield_now().await;
    bench.let_through(2);
    tokio::time::advance(Duration::from_millis(500)).await;
    let late = bench.append(6);
    assert_eq!(bench.begun.recv().await, Some(3));
    for asked in early.into_iter().chain([late]) {
        assert!(asked.await.unwrap().is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn an_entry_that_comes_a_moment_after_a_batch_waits_as_well_and_a_later_one_does_not() {
    let linger = Duration::from_secs(1);
    let mut bench = Bench::occupied(Gather { linger, max: 9 }).await;
    let both = [bench.append(2), bench.append(4)];
    bench.let_through(4);
    for asked in both {
        assert!(asked.await.unwrap().is_ok());
    }
    assert_eq!(bench.begun.recv().await, Some(2));
    let start = Instant::now();
    assert_eq!(bench.append(6).await.unwrap(), Ok(6));
    assert_eq!(start.elapsed(), linger);
    tokio::time::advance(linger).await;
    let start = Instant::now();
    assert_eq!(bench.append(8).await.unwrap(), Ok(8));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

#[tokio::test]
async fn an_entry_follows_then_publishes_then_answers_and_a_refused_one_does_nothing() {
    let bench = Bench::occupied(AT_ONCE).await;
    let asked = [bench.append(2), bench.append(3), bench.append(4)];
    tokio::task::yield_now().await;
    bench.let_through(2);
    let mut answers = Vec::new();
    for asked in asked {
        answers.push(asked.await.unwrap().map_err(|refusal| refusal.code));
    }
    assert_eq!(answers, [Ok(2), Err(Code::Conflict), Ok(4)]);
    let first = ["committed 1", "follow 0", "publish 0"];
    assert_eq!(bench.notes.read(), [&first[..], &["committed 2", "follow 2", "publish 2", "follow 4", "publish 4"]].concat());
}

#[tokio::test]
async fn a_batch_that_fails_refuses_every_entry_and_the_next_one_is_tried() {
    let bench = Bench::occupied(AT_ONCE).await;
    let asked = [bench.append(2), bench.append(FATAL), bench.append(4)];
    tokio::task::yield_now().await;
    bench.let_through(3);
    for asked in asked {
        assert_eq!(asked.await.unwrap(), Err(Refusal::new(Code::Unavailable, "the disk is full")));
    }
    assert_eq!(bench.append(6).await.unwrap(), Ok(6));
}

#[tokio::test]
async fn what_a_batch_failed_with_is_tried_and_told_one_by_one_with_the_turn_free_between_them() {
    let mut bench = bench_of(AT_ONCE, 2);
    bench.append(0);
    assert_eq!(bench.begun.recv().await, Some(1));
    let asked = [bench.append(2), bench.append(BAD), bench.append(4)];
    tokio::task::yield_now().await;
    // The first, the batch that fails, and then the first of it.
    bench.let_through(3);
    assert_eq!([bench.begun.recv().await, bench.begun.recv().await, bench.begun.recv().await], [Some(3), Some(1), Some(1)]);
    assert_eq!(bench.notes.read().last().unwrap(), "publish 2");
    // Another lane tells while the next waits in the log.
    let other = bench.append(100);
    assert_eq!(bench.begun.recv().await, Some(1));
    bench.let_through(3);
    assert_eq!(other.await.unwrap(), Ok(100));
    let mut answers = Vec::new();
    for asked in asked {
        answers.push(asked.await.unwrap().map_err(|refusal| refusal.code));
    }
    assert_eq!(answers, [Ok(2), Err(Code::Conflict), Ok(4)]);
    assert_eq!(bench.notes.read().iter().filter(|note| note.starts_with("publish")).count(), 4);
}

#[tokio::test]
async fn a_log_that_goes_away_meanwhile_is_asked_once_and_not_for_each() {
    let mut bench = bench(AT_ONCE);
    bench.append(0);
    assert_eq!(bench.begun.recv().await, Some(1));
    let asked = [bench.append(GONE), bench.append(2), bench.append(4)];
    tokio::task::yield_now().await;
    bench.let_through(3);
    for asked in asked {
        assert_eq!(asked.await.unwrap(), Err(Refusal::new(Code::Unavailable, "gone")));
    }
    assert_eq!([bench.begun.recv().await, bench.begun.recv().await], [Some(3), Some(1)]);
    assert!(bench.begun.try_recv().is_err());
}

#[tokio::test]
async fn a_log_that_panics_fails_its_batch_only() {
    let bench = bench(AT_ONCE);
    bench.let_through(2);
    assert_eq!(bench.append(PANIC).await.unwrap().unwrap_err().code, Code::Internal);
    assert_eq!(bench.append(2).await.unwrap(), Ok(2));
}

#[tokio::test]
async fn a_caller_that_leaves_does_not_undo_its_entry() {
    let bench = Bench::occupied(AT_ONCE).await;
    let leaving = bench.append(2);
    tokio::task::yield_now().await;
    leaving.abort();
    let staying = bench.append(4);
    tokio::task::yield_now().await;
    bench.let_through(2);
    assert_eq!(staying.await.unwrap(), Ok(4));
    assert_eq!(*bench.log.batches.lock().unwrap(), [vec![0], vec![2, 4]]);
    assert!(bench.notes.read().contains(&"publish 2".to_owned()));
}

#[tokio::test]
async fn closing_commits_what_is_queued_and_refuses_what_comes_later() {
    let bench = Bench::occupied(AT_ONCE).await;
    let queued = bench.append(2);
    tokio::task::yield_now().await;
    bench.let_through(2);
    bench.writer.close().await;
    assert_eq!(queued.await.unwrap(), Ok(2));
    assert_eq!(bench.append(4).await.unwrap().unwrap_err().code, Code::Unavailable);
}

#[tokio::test]
async fn lanes_prepare_at_the_same_time_and_each_keeps_its_order() {
    let mut bench = bench_of(AT_ONCE, 2);
    let mut asked = vec![bench.append(2), bench.append(100)];
    // Both are in the log before either has answered.
    assert_eq!((bench.begun.recv().await, bench.begun.recv().await), (Some(1), Some(1)));
    for entry in [4, 102, 6, 104] {
        asked.push(bench.append(entry));
        tokio::task::yield_now().await;
    }
    bench.let_through(4);
    for asked in asked {
        assert!(asked.await.unwrap().is_ok());
    }
    let batches = bench.log.batches.lock().unwrap().clone();
    let of_lane = |first: bool| batches.iter().filter(|batch| (batch[0] < 100) == first).cloned().collect::<Vec<_>>();
    assert_eq!((of_lane(true), of_lane(false)), (vec![vec![2], vec![4, 6]], vec![vec![100], vec![102, 104]]));
}

#[tokio::test]
async fn who_came_to_its_turn_first_tells_first() {
    let gate = Arc::default();
    let (mut first, mut second) = (Turn::of(&gate), Turn::of(&gate));
    first.come().await;
    first.come().await;
    assert!(second.come().now_or_never().is_none(), "two batches told at the same time");
    drop(first);
    assert!(second.come().now_or_never().is_some());
}

#[tokio::test]
async fn closing_waits_for_every_lane() {
    let mut bench = bench_of(AT_ONCE, 2);
    let asked = [bench.append(2), bench.append(100)];
    assert_eq!((bench.begun.recv().await, bench.begun.recv().await), (Some(1), Some(1)));
    bench.let_through(2);
    bench.writer.close().await;
    for asked in asked {
        assert!(asked.await.unwrap().is_ok());
    }
    assert_eq!(bench.append(102).await.unwrap().unwrap_err().code, Code::Unavailable);
}
