//! Scenario: one crowd whose members are spread over three nodes. What is said reaches all of them once; a freeze and a mute are felt by all at
//! once; every node counts the same when many came, when many left, and when a node was killed with everybody who was on it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::bench::meter::{Meter, real};
use crate::cluster::Plan;
use crate::cluster::hall::{APP, Hall, NODES};
use crate::fault::{Result, fault};
use crate::rest::Console;

pub mod ears;

use ears::{Company, Wanted};

/// The crowd's key.
const KEY: &str = "thousands";
/// What is said while it is measured, and how often.
const SAID: u64 = 50;
const PER_SECOND: u64 = 5;
/// The promises: a freeze or a mute is felt, who came or left is counted, who was on a dead node is not counted any more.
const FELT_MS: u64 = 1_000;
const COUNTED_MS: u64 = 2_000;
const DEAD_COUNTED_MS: u64 = 10_000;
/// Channels that are placed, to see every node that is handed out.
const PLACED: usize = 30;
/// Nothing here is waited for longer.
const PATIENCE: Duration = Duration::from_mins(1);

/// The file `crowd.json`.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    pub members: usize,
    pub said: u64,
    pub deliveries: u64,
    pub lost: u64,
    pub twice: u64,
    pub delivered_p50_ms: f64,
    pub delivered_p99_ms: f64,
    /// Processor time of all three nodes while it was said, of one core.
    pub nodes_percent: f64,
    pub all_came_ms: u64,
    pub came_counted_ms: u64,
    pub frozen_told_ms: u64,
    pub muted_told_ms: u64,
    pub left_counted_ms: u64,
    pub killed_counted_ms: u64,
    /// Until the operator who was on the node counts as absent.
    pub killed_absent_ms: u64,
    /// Until no other node sends anybody to it.
    pub killed_unplaced_ms: u64,
    pub all_back_ms: u64,
    pub back_counted_ms: u64,
    /// What was wrong.
    pub detail: Vec<String>,
}

impl Report {
    fn within(&mut self, what: &str, took: u64, limit: u64, plan: &Plan) {
        if took > limit * u64::from(plan.slack) {
            self.detail.push(format!("{what} after {took} ms, promised within {limit} ms"));
        }
    }

    /// Whether every promise was kept.
    pub fn is_clean(&self) -> bool {
        self.lost + self.twice == 0 && self.detail.is_empty()
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { members, all_came_ms, came_counted_ms, left_counted_ms, killed_counted_ms, .. } = self;
        writeln!(f, "a crowd of {members} on {NODES} nodes: all came in {all_came_ms} ms, counted alike {came_counted_ms} ms later")?;
        writeln!(
            f,
            "  {} said, {} deliveries, {} lost, {} twice, p50 {:.0} ms, p99 {:.0} ms, the nodes used {:.0} % of a core",
            self.said, self.deliveries, self.lost, self.twice, self.delivered_p50_ms, self.delivered_p99_ms, self.nodes_percent
        )?;
        writeln!(f, "  a freeze reached the last after {} ms, a mute its visitor after {} ms", self.frozen_told_ms, self.muted_told_ms)?;
        writeln!(f, "  counted alike {left_counted_ms} ms after a third of a node left, {killed_counted_ms} ms after a node was killed")?;
        let Self { killed_absent_ms, killed_unplaced_ms, .. } = self;
        writeln!(
            f,
            "  who was on it was absent everywhere after {killed_absent_ms} ms, and nobody was sent there after {killed_unplaced_ms} ms"
        )?;
        writeln!(
            f,
            "  who was on it was back elsewhere with everything after {} ms, counted {} ms later",
            self.all_back_ms, self.back_counted_ms
        )?;
        for sentence in &self.detail {
            writeln!(f, "  - {sentence}")?;
        }
        Ok(())
    }
}

fn ms(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Plays the scenario.
pub async fn run(plan: &Plan) -> Result<Report> {
    let mut hall = Hall::open(plan).await?;
    let console = hall.sign_in().await?;
    console.create_crowd(KEY).await?;
    let site = console.site_key().await?;
    let mut report = Report { members: usize::try_from(plan.visitors)?, ..Report::default() };
    let mut company = Company::new(plan, &hall, &site)?;

    let began = Instant::now();
    company.come(report.members)?;
    report.all_came_ms = ms(began);
    report.came_counted_ms = counted(&hall, &console, report.members, &mut company).await?;
    company.name_writers()?;
    talk(&hall, &mut company, &mut report)?;
    moderate(&hall, &console, &mut company, &mut report).await?;
    come_and_go(&mut hall, &console, &mut company, &mut report).await?;

    let Report { came_counted_ms, frozen_told_ms, muted_told_ms, left_counted_ms, killed_counted_ms, back_counted_ms, .. } = report;
    let Report { killed_absent_ms, killed_unplaced_ms, .. } = report;
    report.within("who came was counted alike", came_counted_ms, COUNTED_MS, plan);
    report.within("a freeze reached the last", frozen_told_ms, FELT_MS, plan);
    report.within("a mute reached its visitor", muted_told_ms, FELT_MS, plan);
    report.within("who left was counted alike", left_counted_ms, COUNTED_MS, plan);
    report.within("a dead node's members were gone", killed_counted_ms, DEAD_COUNTED_MS, plan);
    report.within("who was on a dead node was absent", killed_absent_ms, DEAD_COUNTED_MS, plan);
    report.within("a dead node was handed out by nobody", killed_unplaced_ms, DEAD_COUNTED_MS, plan);
    report.within("who came back was counted alike", back_counted_ms, COUNTED_MS, plan);
    if company.cut_off() > 0 {
        report.detail.push(format!("{} members were cut off: {}", company.cut_off(), company.reasons()));
    }
    hall.close().await?;
    Ok(report)
}

/// Until nobody counts the members of a dead node, takes them for present, or sends anybody there.
async fn buried(hall: &Hall, console: &Console, (members, dead): (usize, &str), company: &mut Company, report: &mut Report) -> Result<()> {
    let began = Instant::now();
    let (mut counted, mut absent, mut unplaced) = (None, None, None);
    while counted.is_none() || absent.is_none() || unplaced.is_none() {
        let (mut is_counted, mut is_absent, mut is_unplaced) = (true, true, true);
        for node in hall.nodes.iter().filter(|node| node.server.pid().is_some()) {
            let at = console.at(&node.server.console_url());
            is_counted &= counted.is_some() || at.members(KEY).await? == members;
            company.turn()?;
            is_absent &= absent.is_some() || at.present().await? == 0;
            company.turn()?;
            is_unplaced &= unplaced.is_some() || !placed(&node.server.widget_url()).await?.contains(dead);
            company.turn()?;
        }
        for (is_so, since) in [(is_counted, &mut counted), (is_absent, &mut absent), (is_unplaced, &mut unplaced)] {
            if is_so && since.is_none() {
                *since = Some(ms(began));
            }
        }
        if began.elapsed() > PATIENCE {
            return fault(format!("a dead node is not forgotten: counted {counted:?}, absent {absent:?}, unplaced {unplaced:?} ms"));
        }
    }
    let took = |since: Option<u64>| since.unwrap_or(u64::MAX);
    (report.killed_counted_ms, report.killed_absent_ms, report.killed_unplaced_ms) = (took(counted), took(absent), took(unplaced));
    Ok(())
}

async fn operators_present(hall: &Hall, console: &Console, count: usize, company: &mut Company) -> Result<()> {
    let began = Instant::now();
    for node in &hall.nodes {
        while console.at(&node.server.console_url()).present().await? != count {
            company.turn()?;
            if began.elapsed() > PATIENCE {
                return fault(format!("not every node knows of {count} present operators"));
            }
        }
    }
    Ok(())
}

/// The nodes that a node names for some channels.
async fn placed(widget: &str) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for channel in 0..PLACED {
        let answer: Value = reqwest::get(format!("{widget}/node/{APP}/room-{channel}")).await?.json().await?;
        names.extend(answer["result"]["server"]["name"].as_str().map(ToOwned::to_owned));
    }
    Ok(names)
}

/// Until every node that runs counts so many.
async fn counted(hall: &Hall, console: &Console, members: usize, company: &mut Company) -> Result<u64> {
    let began = Instant::now();
    loop {
        let mut counts = Vec::new();
        for node in hall.nodes.iter().filter(|node| node.server.pid().is_some()) {
            counts.push(console.at(&node.server.console_url()).members(KEY).await?);
            // They go on answering heartbeats.
            company.turn()?;
        }
        if counts.iter().all(|count| *count == members) {
            return Ok(ms(began));
        }
        if began.elapsed() > PATIENCE {
            return fault(format!("the nodes count {counts:?} of {members} members"));
        }
        sleep(Duration::from_millis(10)).await;
    }
}

fn talk(hall: &Hall, company: &mut Company, report: &mut Report) -> Result<()> {
    let pids: Vec<u32> = hall.nodes.iter().filter_map(|node| node.server.pid()).collect();
    let meter = Meter::start(&pids)?;
    let said = company.talk(SAID, PER_SECOND)?;
    let used = meter.read()?;
    report.said = SAID;
    report.deliveries = said.delivered;
    report.lost = said.lost;
    report.twice = said.twice;
    (report.delivered_p50_ms, report.delivered_p99_ms) = (said.p50_ms, said.p99_ms);
    report.nodes_percent = used.server_s / used.seconds.max(real(1) / 1e3) * 100.0;
    Ok(())
}

async fn moderate(hall: &Hall, console: &Console, company: &mut Company, report: &mut Report) -> Result<()> {
    let operator = company.operator(console, &hall.nodes[0].server.console_url(), &hall.console_url()).await?;
    for frozen in [true, false] {
        let began = Instant::now();
        company.ask(operator, "crowd.freeze", &json!({"crowd": company.crowd(), "frozen": frozen}))?;
        // It holds from the answer on, wherever one is.
        for writer in company.writers() {
            let refused = company.say_once(writer)?;
            if refused.as_deref() != frozen.then_some("crowd_frozen") {
                report.detail.push(format!("frozen {frozen}: member {writer} was answered {refused:?}"));
            }
        }
        company.wait_for(&Wanted::Frozen(frozen), PATIENCE)?;
        report.frozen_told_ms = report.frozen_told_ms.max(company.last_heard(began));
    }
    let Some(writer) = company.writers().last().copied() else { return fault("nobody writes") };
    let began = Instant::now();
    let mute = json!({"crowd": company.crowd(), "visitor": company.visitor_of(writer), "muted": true, "minutes": 5});
    company.ask(operator, "crowd.mute", &mute)?;
    let refused = company.say_once(writer)?;
    if refused.as_deref() != Some("crowd_muted") {
        report.detail.push(format!("muted: member {writer} was answered {refused:?}"));
    }
    company.wait_for(&Wanted::Muted(writer), PATIENCE)?;
    report.muted_told_ms = company.last_heard(began);
    company.hang_up(operator);
    Ok(())
}

async fn come_and_go(hall: &mut Hall, console: &Console, company: &mut Company, report: &mut Report) -> Result<()> {
    let mut members = report.members;
    let leaving: Vec<usize> = company.readers_of_node(0).step_by(3).collect();
    members -= leaving.len();
    for id in leaving {
        company.hang_up(id);
    }
    report.left_counted_ms = counted(hall, console, members, company).await?;

    let dead = NODES - 1;
    let homeless: Vec<usize> = company.of_node(dead).collect();
    let name = format!("node-{dead}");
    let Some(node) = console.nodes().await?.into_iter().find(|node| node.name == name) else {
        return fault("a node is not known by its name");
    };
    // Present there and nowhere else: whoever hung up before counts as present for some seconds.
    operators_present(hall, console, 0, company).await?;
    let operator = company.operator(console, &hall.nodes[dead].server.console_url(), &hall.console_url()).await?;
    operators_present(hall, console, 1, company).await?;
    hall.nodes[dead].server.kill().await?;
    company.lose(&homeless);
    company.lose(&[operator]);
    buried(hall, console, (members - homeless.len(), &node.id), company, report).await?;
    // What is said while they are away is what they come back for.
    company.speak(PER_SECOND)?;
    let began = Instant::now();
    company.come_back(&homeless, dead, PER_SECOND)?;
    report.all_back_ms = ms(began);
    report.back_counted_ms = counted(hall, console, members, company).await?;
    Ok(())
}
