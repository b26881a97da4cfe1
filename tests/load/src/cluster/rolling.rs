//! Scenario: three nodes are stopped and started one after the other while messages come at a steady rate. No send may fail: every one is
//! acknowledged within the time after which a client would give its connection up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::sleep;

use crate::checker::check;
use crate::clock::{Instant, millis_between};
use crate::cluster::hall::{Hall, NODES};
use crate::cluster::{CONVERGENCE, Plan, READERS, Report, all_acknowledged, enter, judged};
use crate::fault::{Result, fault};
use crate::kill::converge;
use crate::stage::Stage;

/// A node that was asked to stop has stopped after this.
const STOPS: Duration = Duration::from_secs(15);
/// A client whose send is not acknowledged within this gives its connection up.
const SEND_MS: u64 = 4000;
/// Between two nodes, as whoever rolls waits for the last to be well.
const BETWEEN: Duration = Duration::from_secs(4);

/// Plays the scenario.
pub async fn run(plan: &Plan) -> Result<Report> {
    let begun = Instant::now();
    let mut hall = Hall::open(plan).await?;
    let console = hall.sign_in().await?;
    let stage = Arc::new(Stage::of_many());
    let enough = Arc::new(AtomicBool::new(false));
    let actors = enter(plan, &hall, &console, &stage, &enough).await?;
    let before = stage.progress().borrow().acknowledged;
    let rolling = Instant::now();
    let mut log = Vec::new();
    for index in 0..NODES {
        sleep(BETWEEN).await;
        let server = &mut hall.nodes[index].server;
        let stopped = server.stop(STOPS * plan.slack).await?;
        log.push(format!("node {index} stopped in {stopped} ms, ready again in {} ms", server.restart().await?));
    }
    sleep(BETWEEN).await;
    let sent = stage.progress().borrow().acknowledged - before;
    log.push(format!("{} messages/s while rolling", sent * 1000 / millis_between(rolling, Instant::now()).max(1)));
    enough.store(true, Ordering::Relaxed);
    if !all_acknowledged(&stage, plan).await {
        return fault("not everything was acknowledged");
    }
    let converged = converge(&stage, &console, READERS, CONVERGENCE * plan.slack).await?;
    // Nobody writes beside the reading of the log, also when there was no end to it.
    stage.end();
    let histories = actors.join_all().await;
    let truth = console.truth().await?;
    let mut verdict = check(&histories, &truth);
    let late: Vec<u64> = histories
        .iter()
        .flat_map(|history| history.acknowledged_ms.iter().copied())
        .filter(|ms| *ms > SEND_MS * u64::from(plan.slack))
        .collect();
    let slowest = histories.iter().flat_map(|history| history.acknowledged_ms.iter().copied()).max().unwrap_or(0);
    log.push(format!("the slowest send was acknowledged after {slowest} ms"));
    log.extend(histories.iter().flat_map(|history| history.slow.iter().cloned()));
    if !late.is_empty() {
        verdict.complain(format!("{} sends were not acknowledged within {SEND_MS} ms, times {}: {late:?}", late.len(), plan.slack));
    }
    let mut report = judged(plan, &histories, &verdict, log, converged, hall.notes());
    report.faults = NODES;
    report.took_ms = millis_between(begun, Instant::now());
    hall.close().await?;
    Ok(report)
}
