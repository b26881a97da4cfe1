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
pub mod probe;
pub mod recovery;
pub mod report;
pub mod rolling;
pub mod trouble;

use deck::{Lengths, Store, deck};
use hall::Hall;
use probe::Probe;
use recovery::Recovery;
pub use report::Report;

/// How long a visitor thinks between two messages at most.
const PAUSE: Duration = Duration::from_millis(700);
/// The operator writes so many answers a second as a rule: one connection may ask for 40 things, and after each loss it joins everything again.
const ANSWERS_PER_SECOND: u64 = 12;
/// Between the end of a fault and the next one everything must be moving again within this.
const MOVES_AGAIN: Duration = Duration::from_secs(20);
/// The promises: what is said is heard by others at once …
const LIVE_AFTER_REDIS: Duration = Duration::from_secs(5);
/// … and what could not be stored is; while something is away no request takes longer than this.
const DELIVERED_AFTER_POSTGRES: Duration = Duration::from_secs(10);
const HANGS: Duration = Duration::from_secs(10);
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
    /// Messages of visitors a second while all is well; none: as they please.
    pub rate: Option<u64>,
    /// Multiplies the limits of time, for a busy machine; with any, a machine that is too slow for all faults and messages may do fewer.
    pub slack: u32,
    /// However long it takes, and each kind of fault once for as long as is promised.
    pub long: bool,
    pub out: PathBuf,
}

impl Plan {
    fn is_late(&self, began: Instant) -> bool {
        !self.long && began.elapsed() > TRAFFIC
    }

    /// How long a visitor thinks at most: half of it as a rule.
    fn pause(&self) -> Duration {
        self.rate.map_or(PAUSE, |rate| Duration::from_millis(2_000 * self.visitors / rate.max(1)))
    }

    /// The operator answers one message in so many.
    fn answered(&self) -> u64 {
        let pause = u64::try_from(self.pause().as_millis()).unwrap_or(u64::MAX).max(1);
        (2_000 * self.visitors / pause).div_ceil(ANSWERS_PER_SECOND).max(1)
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
    let mut back = Back::default();
    let began = Instant::now();
    let mut dice = Dice::new(plan.seed).fork(3_000_000);
    let probe = Probe::start(&console, &hall.nodes.iter().map(|node| node.server.console_url()).collect::<Vec<_>>());
    for (number, trouble) in deck(plan.faults, &mut dice.fork(1)).into_iter().enumerate() {
        if plan.is_late(began) {
            break;
        }
        let at = began.elapsed().as_secs();
        probe.fault(number + 1, trouble.store().is_some());
        let line = hall.cause(trouble, Lengths::of(number, plan.long), plan, &mut dice).await?;
        let recovery = Recovery::watch(&stage, plan).await;
        log.push(format!("{at} s: {line}; {recovery}"));
        // For whoever watches, and for a run that does not end.
        std::fs::write(plan.out.join("faults.log"), log.join("\n") + "\n")?;
        complaints.extend(back.take(trouble.store(), recovery, plan).map(|what| format!("{what}: {line}")));
        sleep(if plan.long { Duration::from_millis(700) } else { Duration::from_millis(1500) } + dice.up_to(Duration::from_secs(1))).await;
    }
    let faults = log.len();
    probe.fault(0, false);
    if probe.slowest_ms() >= u64::try_from(HANGS.as_millis())? * u64::from(plan.slack) {
        complaints.push(format!("a request hung for {} ms while a store was away", probe.slowest_ms()));
    }
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
    // Nobody writes beside the reading of the log, also when there was no end to it.
    stage.end();
    let histories = actors.join_all().await;
    let truth = console.truth().await?;
    let mut verdict = check(&histories, &truth);
    for complaint in complaints {
        verdict.complain(complaint);
    }
    let mut report = judged(plan, &histories, &verdict, log, converged, hall.notes());
    report.faults = faults;
    (report.live_after_redis_ms, report.delivered_after_postgres_ms) = (back.live_after_redis_ms, back.delivered_after_postgres_ms);
    report.slowest_request_ms = probe.slowest_ms();
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

/// The longest time until a promise held again.
#[derive(Debug, Default)]
struct Back {
    live_after_redis_ms: u64,
    delivered_after_postgres_ms: u64,
}

impl Back {
    /// Takes in a recovery; says what came back too late.
    fn take(&mut self, store: Option<Store>, recovery: Recovery, plan: &Plan) -> impl Iterator<Item = String> {
        let Recovery { moving_ms, delivered_ms, live_ms } = recovery;
        let mut promises = vec![("messages were acknowledged again", moving_ms, MOVES_AGAIN)];
        match store {
            Some(Store::Redis) => {
                promises.push(("delivery was live again", live_ms, LIVE_AFTER_REDIS));
                self.live_after_redis_ms = self.live_after_redis_ms.max(live_ms.unwrap_or(u64::MAX));
            }
            Some(Store::Postgres) => {
                promises.push(("what waited was acknowledged", delivered_ms, DELIVERED_AFTER_POSTGRES));
                self.delivered_after_postgres_ms = self.delivered_after_postgres_ms.max(delivered_ms.unwrap_or(u64::MAX));
            }
            None => {}
        }
        let late = |(what, took, within): (&str, Option<u64>, Duration)| {
            let within = within * plan.slack;
            let is_late = took.is_none_or(|took| Duration::from_millis(took) > within);
            is_late.then(|| format!("{what} only after {took:?} ms, promised within {} s", within.as_secs()))
        };
        promises.into_iter().filter_map(late).collect::<Vec<_>>().into_iter()
    }
}

/// Lets the operator, their second window and the visitors begin; all of them by the balancer.
async fn enter(plan: &Plan, hall: &Hall, console: &Console, stage: &Arc<Stage>, enough: &Arc<AtomicBool>) -> Result<JoinSet<History>> {
    let dice = Dice::new(plan.seed);
    let place = Place { url: hall.visitors_url(), origin: hall.shop_origin(), site_key: console.site_key().await? };
    let mut actors = JoinSet::new();
    let operator = Operator::new(console.clone(), &hall.console_url(), dice.fork(1_000_000)).answering(plan.answered());
    let window = Operator::new(console.clone(), &hall.console_url(), dice.fork(1_000_003)).watching();
    let client = |name: &str, number| Client::new(name.to_owned(), dice.fork(number));
    actors.spawn(actor::run(operator, client("operator", 1_000_001), Arc::clone(stage), dice.fork(1_000_002)));
    actors.spawn(actor::run(window, client("second window", 1_000_004), Arc::clone(stage), dice.fork(1_000_005)));
    for number in 0..plan.visitors {
        let luck = dice.fork(number + 1);
        let visitor = Visitor::new(place.clone(), u64::MAX, plan.pause(), luck.fork(1)).until(Arc::clone(enough));
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
