//! Scenario: three nodes on one PostgreSQL and one Redis, with proxies between everything, and one fault after the other while visitors and
//! operators talk; afterwards nothing acknowledged may be gone, stand twice or out of order, and everybody must have read the same.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::actor;
use crate::checker::{Verdict, check};
use crate::client::Client;
use crate::clock::{Instant, millis_between};
use crate::dice::Dice;
use crate::fault::{Result, fault};
use crate::history::History;
use crate::kill::{self, Database, converge};
use crate::operator::Operator;
use crate::report::percentile;
use crate::rest::Console;
use crate::stage::Stage;
use crate::visitor::{Place, Visitor};

pub mod crowd;
pub mod deck;
pub mod disk;
pub mod hall;
pub mod report;
pub mod rolling;
pub mod trouble;

pub use deck::Lengths;
use deck::deck;
use hall::Hall;
pub use report::Report;

/// How long a visitor thinks between two messages at most.
const PAUSE: Duration = Duration::from_millis(700);
/// The operator answers one message in so many.
const ANSWERED: u64 = 15;
/// Between the end of a fault and the next one everything must be moving again within this.
const MOVES_AGAIN: Duration = Duration::from_secs(20);
/// When all faults are over, whatever was written must be acknowledged within this.
const ACKNOWLEDGED: Duration = Duration::from_secs(90);
/// And then everybody must have read everything within this: a loss on the way is noticed by the next heartbeat, and fetched.
const CONVERGENCE: Duration = Duration::from_secs(30);
/// A visitor, the operator and the operator's second window read each conversation.
const READERS: usize = 3;
/// Of the nodes: shorter than in life, so that there are some.
pub const HEARTBEAT: Duration = Duration::from_secs(5);
/// Where the whole run is to take no more than eight minutes, faults and traffic end after this.
const TRAFFIC: Duration = Duration::from_mins(6);

/// What to do.
#[derive(Debug, Clone)]
pub struct Plan {
    pub binary: PathBuf,
    pub faults: usize,
    /// At least; the traffic goes on for as long as the faults do.
    pub messages: u64,
    pub visitors: u64,
    pub seed: u64,
    pub heartbeat: Duration,
    pub lengths: Lengths,
    /// Multiplies the limits of time, for a busy machine; with any, a machine that is too slow for all faults and messages may do fewer.
    pub slack: u32,
    /// However long it takes.
    pub long: bool,
    pub out: PathBuf,
}

impl Plan {
    fn is_late(&self, began: Instant) -> bool {
        !self.long && began.elapsed() > TRAFFIC
    }
}

/// Plays the scenario; an error means that it could not be judged.
pub async fn run(plan: &Plan) -> Result<Report> {
    let begun = Instant::now();
    let mut report = on_many_nodes(plan).await?;
    // The embedded database has one node, and so one fault.
    let alone = kill::Plan {
        binary: plan.binary.clone(),
        database: Database::Sqlite,
        messages: 600,
        visitors: 10,
        kills: 3,
        seed: plan.seed,
        out: plan.out.clone(),
    };
    report.add_alone(&kill::run(&alone).await?);
    report.took_ms = millis_between(begun, Instant::now());
    Ok(report)
}

async fn on_many_nodes(plan: &Plan) -> Result<Report> {
    let mut hall = Hall::open(plan).await?;
    let console = hall.sign_in().await?;
    let stage = Arc::new(Stage::of_many());
    let enough = Arc::new(AtomicBool::new(false));
    let actors = enter(plan, &hall, &console, &stage, &enough).await?;

    let mut complaints = Vec::new();
    let mut log = Vec::new();
    let began = Instant::now();
    let mut dice = Dice::new(plan.seed).fork(3_000_000);
    for trouble in deck(plan.faults, &mut dice.fork(1)) {
        if plan.is_late(began) {
            break;
        }
        let at = began.elapsed().as_secs();
        let line = hall.cause(trouble, plan, &mut dice).await?;
        let moved = moves_again(&stage, plan).await;
        log.push(format!("{at} s: {line}; moving again {}", moved.map_or("too late".to_owned(), |ms| format!("after {ms} ms"))));
        // For whoever watches, and for a run that does not end.
        std::fs::write(plan.out.join("faults.log"), log.join("\n") + "\n")?;
        if moved.is_none() {
            complaints.push(format!("nothing was acknowledged {} s after: {line}", (MOVES_AGAIN * plan.slack).as_secs()));
        }
        sleep(Duration::from_millis(1500) + dice.up_to(Duration::from_secs(2))).await;
    }
    let faults = log.len();
    write_on(&stage, plan, began).await;
    enough.store(true, Ordering::Relaxed);
    // Messages of operators come on top.
    let written = stage.progress().borrow().acknowledged;
    if faults < plan.faults || written < plan.messages {
        let few = format!("{faults} of {} faults and {written} of {} messages in the time", plan.faults, plan.messages);
        // Whoever gives slack asks whether the promises hold, not how much a machine does.
        if plan.slack == 1 { complaints.push(few) } else { log.push(few) }
    }
    if !all_acknowledged(&stage, plan).await {
        complaints.push(format!("not everything was acknowledged {} s after the last fault", (ACKNOWLEDGED * plan.slack).as_secs()));
    }
    let converged = converge(&stage, &console, READERS, CONVERGENCE * plan.slack).await?;
    if converged.is_none() {
        complaints.push(format!("not everybody had read everything {} s after all was acknowledged", (CONVERGENCE * plan.slack).as_secs()));
    }
    let truth = console.truth().await?;
    stage.end();
    let histories = actors.join_all().await;
    let mut verdict = check(&histories, &truth);
    for complaint in complaints {
        verdict.complain(complaint);
    }
    let mut report = judged(plan, &histories, &verdict, log, converged, hall.notes());
    report.faults = faults;
    hall.close().await?;
    Ok(report)
}

fn judged(
    plan: &Plan,
    histories: &[History],
    verdict: &Verdict,
    log: Vec<String>,
    converged_ms: Option<u64>,
    notes: Vec<String>,
) -> Report {
    let mut resumed: Vec<u64> = histories.iter().flat_map(|history| history.resumed_ms.iter().copied()).collect();
    let mut report = Report::of(plan.seed, log.len(), verdict);
    report.connection_losses = histories.iter().map(|history| history.losses).sum();
    (report.resume_p50_ms, report.resume_p99_ms) = (percentile(&mut resumed, 50), percentile(&mut resumed, 99));
    report.converged_ms = converged_ms;
    report.log = log.into_iter().chain(notes).collect();
    report
}

/// Lets the operator, their second window and the visitors begin; all of them by the balancer.
async fn enter(plan: &Plan, hall: &Hall, console: &Console, stage: &Arc<Stage>, enough: &Arc<AtomicBool>) -> Result<JoinSet<History>> {
    let dice = Dice::new(plan.seed);
    let place = Place { url: hall.visitors_url(), origin: hall.shop_origin(), site_key: console.site_key().await? };
    let mut actors = JoinSet::new();
    let operator = Operator::new(console.clone(), &hall.console_url(), dice.fork(1_000_000)).answering(ANSWERED);
    let window = Operator::new(console.clone(), &hall.console_url(), dice.fork(1_000_003)).watching();
    let client = |name: &str, number| Client::new(name.to_owned(), dice.fork(number));
    actors.spawn(actor::run(operator, client("operator", 1_000_001), Arc::clone(stage), dice.fork(1_000_002)));
    actors.spawn(actor::run(window, client("second window", 1_000_004), Arc::clone(stage), dice.fork(1_000_005)));
    for number in 0..plan.visitors {
        let luck = dice.fork(number + 1);
        let visitor = Visitor::new(place.clone(), u64::MAX, PAUSE, luck.fork(1)).until(Arc::clone(enough));
        let client = Client::new(format!("visitor {number}"), luck.fork(2));
        actors.spawn(actor::run(visitor, client, Arc::clone(stage), luck.fork(3)));
    }
    let mut progress = stage.progress();
    let all_write = progress.wait_for(|progress| progress.acknowledged >= plan.visitors);
    if timeout(Duration::from_mins(1), all_write).await.is_err() {
        return fault("the visitors' first messages were not acknowledged within 60 s");
    }
    Ok(actors)
}

/// Milliseconds until messages are acknowledged at a rate worth the name.
async fn moves_again(stage: &Stage, plan: &Plan) -> Option<u64> {
    let begun = Instant::now();
    let mut progress = stage.progress();
    let goal = progress.borrow().acknowledged + 50;
    let reached = timeout(MOVES_AGAIN * plan.slack, progress.wait_for(|progress| progress.acknowledged >= goal)).await.is_ok();
    reached.then(|| millis_between(begun, Instant::now()))
}

/// Lets them write until it is enough.
async fn write_on(stage: &Stage, plan: &Plan, began: Instant) {
    let patience = if plan.long { Duration::from_mins(10) } else { TRAFFIC.saturating_sub(began.elapsed()) };
    let mut progress = stage.progress();
    // What the wait returns is a guard that would hold everybody up who counts, so it is not kept.
    let _in_time = timeout(patience, progress.wait_for(|progress| progress.acknowledged >= plan.messages)).await.is_ok();
}

/// Waits until nobody has anything unsent.
async fn all_acknowledged(stage: &Stage, plan: &Plan) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < ACKNOWLEDGED * plan.slack {
        if stage.standings().values().all(|standing| standing.finished && standing.unsent == 0) {
            return true;
        }
        sleep(Duration::from_millis(100)).await;
    }
    false
}
