//! What comes back after a fault, and when: messages are acknowledged again, what had to wait is acknowledged, and what is said is heard by
//! others at once.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::clock::{Instant, millis_between};
use crate::cluster::{MOVES_AGAIN, Plan};
use crate::stage::{Stage, Standing};

/// So many messages acknowledged are a rate worth the name.
const MOVING: u64 = 50;
/// How often it is looked.
const LOOK: Duration = Duration::from_millis(100);
/// Who hears what was said so long ago hears it live.
const LIVE: Duration = Duration::from_millis(300);

/// Milliseconds from the end of a fault; `None` is too late.
#[derive(Debug, Clone, Copy)]
pub struct Recovery {
    /// Messages are acknowledged.
    pub moving_ms: Option<u64>,
    /// Everything that was written before the end of the fault is acknowledged.
    pub delivered_ms: Option<u64>,
    /// What visitors say reaches both windows of the operator while it is new.
    pub live_ms: Option<u64>,
}

impl fmt::Display for Recovery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let say = |ms: Option<u64>| ms.map_or("too late".to_owned(), |ms| format!("after {ms} ms"));
        let Self { moving_ms, delivered_ms, live_ms } = *self;
        write!(f, "moving again {}, what waited acknowledged {}, live {}", say(moving_ms), say(delivered_ms), say(live_ms))
    }
}

impl Recovery {
    /// Watches the end of a fault.
    pub async fn watch(stage: &Stage, plan: &Plan) -> Self {
        let (patience, begun) = (MOVES_AGAIN * plan.slack, Instant::now());
        let since = || millis_between(begun, Instant::now());
        let mut progress = stage.progress();
        let goal = progress.borrow().acknowledged + MOVING;
        // What the wait returns is a guard that would hold everybody up who counts, so it is not kept.
        let moving = async { timeout(patience, progress.wait_for(|progress| progress.acknowledged >= goal)).await.is_ok().then(since) };
        let delivered = async { timeout(patience, delivered(stage)).await.is_ok().then(since) };
        let live = async { timeout(patience, live(stage, LIVE * plan.slack)).await.is_ok().then(since) };
        let (moving_ms, delivered_ms, live_ms) = tokio::join!(moving, delivered, live);
        Self { moving_ms, delivered_ms, live_ms }
    }
}

/// Returns when what everybody has written until now is acknowledged.
async fn delivered(stage: &Stage) {
    let owed: BTreeMap<String, usize> =
        stage.standings().into_iter().map(|(actor, standing)| (actor, standing.acknowledged + standing.unsent)).collect();
    let is_behind = |actor: &String, standing: &Standing| owed.get(actor).is_some_and(|owed| standing.acknowledged < *owed);
    while stage.standings().iter().any(|(actor, standing)| is_behind(actor, standing)) {
        sleep(LOOK).await;
    }
}

/// Conversation → how far its visitor has read, who has what was acknowledged.
type Tops = BTreeMap<String, u64>;

fn tops(standings: &BTreeMap<String, Standing>) -> Tops {
    let visitors = standings.values().filter(|standing| standing.is_source);
    visitors.flat_map(|standing| standing.watermarks.iter().map(|(conversation, have)| (conversation.clone(), *have))).collect()
}

/// Returns when everybody else has what visitors had so long ago, and something of that is new.
async fn live(stage: &Stage, ago: Duration) {
    let first = tops(&stage.standings());
    let mut samples: Vec<(Instant, Tops)> = Vec::new();
    loop {
        let (now, standings) = (Instant::now(), stage.standings());
        let old = samples.iter().rposition(|(at, _)| *at + ago <= now);
        if let Some((_, said)) = old.map(|old| &samples[old]) {
            let is_new = said.iter().any(|(conversation, top)| first.get(conversation).is_none_or(|before| before < top));
            let hears = |standing: &Standing| said.iter().all(|(id, top)| standing.watermarks.get(id).is_some_and(|have| have >= top));
            if is_new && standings.values().filter(|standing| !standing.is_source).all(hears) {
                return;
            }
        }
        samples.drain(..old.unwrap_or(0));
        samples.push((now, tops(&standings)));
        sleep(LOOK).await;
    }
}
