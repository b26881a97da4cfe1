//! Asks every node again and again while a store is away: a request may be refused, and must not hang.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::clock::{Instant, millis_between};
use crate::rest::Console;

/// Between two requests to a node.
const PAUSE: Duration = Duration::from_millis(250);

#[derive(Debug, Default)]
struct Watched {
    /// The number of the fault that is watched; 0 when none is.
    fault: AtomicUsize,
    slowest_ms: AtomicU64,
}

/// The requests; they end when this is dropped.
#[derive(Debug)]
pub struct Probe {
    watched: Arc<Watched>,
    _asking: JoinSet<()>,
}

impl Probe {
    /// Begins to ask the consoles of these nodes.
    pub fn start(console: &Console, nodes: &[String]) -> Self {
        let watched = Arc::new(Watched::default());
        let mut asking = JoinSet::new();
        for node in nodes {
            asking.spawn(ask(console.at(node), Arc::clone(&watched)));
        }
        Self { watched, _asking: asking }
    }

    /// A fault begins. A frozen node answers nobody, so not every fault is watched.
    pub fn fault(&self, number: usize, is_watched: bool) {
        self.watched.fault.store(if is_watched { number } else { 0 }, Ordering::Relaxed);
    }

    /// How long the slowest request took that was asked in a fault that was watched, or after it.
    pub fn slowest_ms(&self) -> u64 {
        self.watched.slowest_ms.load(Ordering::Relaxed)
    }
}

async fn ask(console: Console, watched: Arc<Watched>) {
    loop {
        let (fault, begun) = (watched.fault.load(Ordering::Relaxed), Instant::now());
        // A refusal is an answer, too.
        drop(console.ask().await);
        if fault != 0 && fault == watched.fault.load(Ordering::Relaxed) {
            watched.slowest_ms.fetch_max(millis_between(begun, Instant::now()), Ordering::Relaxed);
        }
        sleep(PAUSE).await;
    }
}
