//! Scenario: `kill -9` in the middle of traffic, again and again; afterwards nothing acknowledged may be gone, nothing
//! may stand twice, and everybody must have read the same.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::actor;
use crate::checker::{Verdict, check};
use crate::client::Client;
use crate::clock::{Instant, millis_between};
use crate::dice::Dice;
use crate::fault::{Result, fault};
use crate::history::{History, Truth};
use crate::operator::{ANSWERED, Operator};
use crate::postgres::Postgres;
use crate::report::{Report, percentile};
use crate::rest::Console;
use crate::server::{Server, Setup};
use crate::stage::Stage;
use crate::visitor::{Place, Visitor};

/// All of it, from the first start to the verdict.
const TIME_LIMIT: Duration = Duration::from_mins(4);
/// Shorter than in life, so that there are some.
const HEARTBEAT: (&str, &str) = ("STALK_HEARTBEAT_MS", "5000");
/// A loss on the way is noticed by the next heartbeat, and fetched.
const CONVERGENCE: Duration = Duration::from_secs(15);
/// A visitor and the operator read each conversation.
const READERS: usize = 2;

/// The database under test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    /// A cluster of our own.
    Postgres,
    /// Somebody's server, whose database must be empty.
    Url(String),
}

impl Database {
    /// The name in reports and of the report's file.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres | Self::Url(_) => "postgres",
        }
    }
}

/// What to do.
#[derive(Debug, Clone)]
pub struct Plan {
    pub binary: PathBuf,
    pub database: Database,
    pub messages: u64,
    pub visitors: u64,
    pub kills: u64,
    pub seed: u64,
    /// Folder of reports and logs.
    pub out: PathBuf,
}

/// Plays the scenario; an error means that it could not be judged.
pub async fn run(plan: &Plan) -> Result<Report> {
    let own = match plan.database {
        Database::Postgres => Some(Postgres::start(&plan.out).await?),
        _ => None,
    };
    let url = match &plan.database {
        Database::Url(url) => Some(url.clone()),
        _ => own.as_ref().map(Postgres::url),
    };
    let played = timeout(TIME_LIMIT, play(plan, url)).await;
    if let Some(postgres) = own {
        postgres.stop().await?;
    }
    match played {
        Ok(report) => report,
        Err(_) => fault(format!("not done after {} s", TIME_LIMIT.as_secs())),
    }
}

async fn play(plan: &Plan, database_url: Option<String>) -> Result<Report> {
    let begun = Instant::now();
    let mut server = Server::start(setup(plan, database_url)).await?;
    let email = server.printed("Sign in as").await?;
    let console = Console::sign_in(&server.console_url(), &email, &server.printed("Password").await?).await?;
    let stage = Arc::new(Stage::default());
    let actors = enter(plan, &server, &console, &stage).await?;

    let mut restart_max_ms = kill_in_traffic(plan, &mut server, &stage).await?;
    all_acknowledged(plan, &stage).await;
    let converged_ms = converge(&stage, &console, READERS, CONVERGENCE).await?;
    // Nobody writes beside the reading of the log, also when there was no end to it.
    stage.end();
    let histories = actors.join_all().await;
    // Once more, when all is acknowledged: what is read afterwards was on the disk.
    server.kill().await?;
    restart_max_ms = restart_max_ms.max(server.restart().await?);
    let truth = console.truth().await?;

    let mut report = report(plan, &histories, &truth, converged_ms);
    report.restart_max_ms = restart_max_ms;
    report.took_ms = millis_between(begun, Instant::now());
    Ok(report)
}

fn setup(plan: &Plan, database_url: Option<String>) -> Setup {
    let limits =
        [("STALK_POSTS_PER_SECOND", "100000"), ("STALK_POST_BURST", "100000"), ("STALK_CONNECTIONS_PER_ADDRESS", "10000"), HEARTBEAT];
    Setup {
        binary: plan.binary.clone(),
        database_url,
        demo: true,
        log: log_file(&plan.out, &plan.database),
        environment: limits.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
    }
}

fn log_file(out: &Path, database: &Database) -> PathBuf {
    let log = out.join(format!("kill-{}.server.log", database.name()));
    // The log of an earlier run would be mixed with this one's; that there is none is fine.
    std::fs::remove_file(&log).unwrap_or_default();
    log
}

/// Lets the operator and the visitors begin.
async fn enter(plan: &Plan, server: &Server, console: &Console, stage: &Arc<Stage>) -> Result<JoinSet<History>> {
    let dice = Dice::new(plan.seed);
    let place = Place {
        url: format!("{}/ws", server.widget_url().replacen("http", "ws", 1)),
        origin: server.shop_origin(),
        site_key: console.site_key().await?,
    };
    let mut actors = JoinSet::new();
    // Visitors write eight messages a second each, and one connection may ask for 40.
    let answered = plan.visitors.div_ceil(4).max(ANSWERED);
    let operator = Operator::new(console.clone(), &server.console_url(), dice.fork(1_000_000)).answering(answered);
    let client = Client::new("operator".to_owned(), dice.fork(1_000_001));
    stage.server_is_ready();
    actors.spawn(actor::run(operator, client, Arc::clone(stage), dice.fork(1_000_002)));
    for number in 0..plan.visitors {
        let share = plan.messages / plan.visitors + u64::from(number < plan.messages % plan.visitors);
        let luck = dice.fork(number + 1);
        let visitor = Visitor::new(place.clone(), share, Duration::from_millis(120), luck.fork(1));
        let client = Client::new(format!("visitor {number}"), luck.fork(2));
        actors.spawn(actor::run(visitor, client, Arc::clone(stage), luck.fork(3)));
    }
    Ok(actors)
}

/// Kills at thresholds of acknowledged messages, spread over the traffic with jitter, each time while one more is on its
/// way; returns the longest restart.
async fn kill_in_traffic(plan: &Plan, server: &mut Server, stage: &Stage) -> Result<u64> {
    let mut dice = Dice::new(plan.seed).fork(2_000_000);
    let mut progress = stage.progress();
    let mut slowest = 0;
    let share = plan.messages / (plan.kills + 1);
    for kill in 1..=plan.kills {
        let threshold = (kill * share + dice.below(share / 2 + 1)).min(plan.messages.saturating_sub(1));
        let reached = progress.wait_for(|progress| progress.acknowledged >= threshold).await?.sent;
        progress.wait_for(|progress| progress.sent > reached || progress.acknowledged >= plan.messages).await?;
        sleep(dice.up_to(Duration::from_millis(8))).await;
        server.kill().await?;
        slowest = slowest.max(server.restart().await?);
        stage.server_is_ready();
    }
    Ok(slowest)
}

/// Waits until the visitors have nothing unsent; an outer time limit and the checker deal with the rest.
async fn all_acknowledged(plan: &Plan, stage: &Stage) {
    let mut progress = stage.progress();
    let done = progress.wait_for(|progress| progress.acknowledged >= plan.messages);
    let waited = timeout(Duration::from_secs(90), done).await;
    drop(waited);
}

/// Waits until every actor has applied every log to its end and sent all it wrote; `None` when that takes longer than `within`. Each conversation
/// has so many readers.
pub(crate) async fn converge(stage: &Stage, console: &Console, readers: usize, within: Duration) -> Result<Option<u64>> {
    let begun = Instant::now();
    while begun.elapsed() < within {
        // A connection that is kept may be one to a server that is gone: then the next is another.
        let tops = match console.conversations().await {
            Ok(tops) => tops,
            Err(error) if begun.elapsed() > within / 2 => return Err(error),
            Err(_) => Vec::new(),
        };
        let standings = stage.standings();
        let idle = standings.values().all(|standing| standing.finished && standing.unsent == 0);
        let level = tops.iter().all(|conversation| {
            let have = standings.values().filter_map(|standing| standing.watermarks.get(&conversation.id));
            have.clone().count() >= readers && have.clone().all(|have| *have == conversation.last_seq)
        });
        if idle && level && !tops.is_empty() {
            return Ok(Some(millis_between(begun, Instant::now())));
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(None)
}

fn report(plan: &Plan, histories: &[History], truth: &Truth, converged_ms: Option<u64>) -> Report {
    let mut verdict: Verdict = check(histories, truth);
    if converged_ms.is_none() {
        verdict.complain(format!("not everybody had read everything {} s after the last message", CONVERGENCE.as_secs()));
    }
    let mut resumed: Vec<u64> = histories.iter().flat_map(|history| history.resumed_ms.iter().copied()).collect();
    let mut report = Report {
        seed: plan.seed,
        database: plan.database.name().to_owned(),
        kills: plan.kills,
        messages: 0,
        acknowledged: 0,
        lost: 0,
        duplicated: 0,
        holes: 0,
        misordered: 0,
        other: 0,
        connection_losses: histories.iter().map(|history| history.losses).sum(),
        restart_max_ms: 0,
        resume_p50_ms: percentile(&mut resumed, 50),
        resume_p99_ms: percentile(&mut resumed, 99),
        converged_ms,
        took_ms: 0,
        detail: Vec::new(),
    };
    report.judge(verdict);
    report
}
