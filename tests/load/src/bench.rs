//! `stalk-load bench`: the figures of docs/PERFORMANCE.md. Server and generator run on different cores; each row warms up, is measured several
//! times, and the middle is taken. Rows of the product run against the release binary with everything a visitor causes; rows of the engine
//! against `backend/engine/examples/fanout.rs`; peers in the same run.
//!
//! * `fleet`, `wire`, `marks`: the generator; `meter`: processor time and latencies; `pin`: cores;
//! * `process`: engine, Node and Redis; `product`: the release binary and what its clients say;
//! * `rooms`, `talk`: the plays of fan-out and of posting; `fanout`, `nodes`, `visitors`, …: one file for each family of rows;
//! * `report`: what is left behind; `profile`: where the server's time goes.

use std::path::PathBuf;
use std::time::Duration;

use crate::fault::{Result, fault};

pub mod board;
pub mod ears;
pub mod fanout;
pub mod fleet;
pub mod hot;
pub mod jitter;
pub mod marks;
pub mod meter;
pub mod nodes;
pub mod persist;
pub mod pin;
pub mod process;
pub mod product;
pub mod profile;
pub mod report;
pub mod rest;
pub mod rooms;
pub mod talk;
pub mod visitors;
pub mod wire;

use meter::Stolen;
use product::Store;
use profile::Recorder;
pub use report::{Row, line};

/// What to measure, and where things are.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The product.
    pub binary: PathBuf,
    /// The engine's example `fanout`.
    pub engine: PathBuf,
    /// The folder of the Node peers, with their packages installed.
    pub peers: PathBuf,
    /// Folder of logs and of the report.
    pub out: PathBuf,
    /// Rows by the beginning of their names; none: all.
    pub names: Vec<String>,
    /// Everything small and short: only whether it works.
    pub smoke: bool,
    /// Record where the server's time goes, and draw it.
    pub profile: bool,
}

/// A run.
#[derive(Debug)]
pub struct Bench {
    plan: Plan,
    cores: pin::Cores,
}

/// Sizes and times of a run.
#[derive(Debug, Clone, Copy)]
struct Scale {
    smoke: bool,
    warm_up: Duration,
    window: Duration,
    repeats: usize,
}

impl Scale {
    /// As many, or a twentieth.
    fn members(self, members: usize) -> usize {
        if self.smoke { members / 20 } else { members }
    }

    /// So often, or a tenth.
    fn rate(self, rate: u64) -> u64 {
        if self.smoke { rate / 10 } else { rate }
    }
}

impl Bench {
    fn scale(&self) -> Scale {
        let millis = Duration::from_millis;
        let smoke = self.plan.smoke;
        let (warm_up, window, repeats) = if self.plan.profile {
            (millis(2000), millis(5000), 1)
        } else if smoke {
            (millis(200), millis(500), 1)
        } else {
            (millis(2000), millis(5000), 3)
        };
        Scale { smoke, warm_up, window, repeats }
    }
}

/// Families of rows, in the order in which they are measured.
const FAMILIES: [&str; 19] = [
    "hot_channel_500",
    "fanout_coalesced",
    "fanout_uncoalesced",
    "fanout_5000",
    "fanout_10000",
    "small_channels_engine",
    "two_nodes",
    "irrelevant_messages",
    "jitter",
    "start",
    "idle",
    "handshakes",
    "reconnect_storm",
    "small_channels",
    "durable_ack_sqlite",
    "durable_ack_postgres",
    "persist_max_sqlite",
    "persist_max_postgres",
    "board_500",
];

async fn measure(bench: &Bench, family: &str) -> Result<Vec<Row>> {
    match family {
        "fanout_coalesced" => fanout::coalesced(bench),
        "fanout_uncoalesced" => fanout::uncoalesced(bench),
        "fanout_5000" => fanout::five_thousand(bench),
        "fanout_10000" => fanout::ten_thousand(bench),
        "small_channels_engine" => fanout::small(bench),
        "two_nodes" => nodes::kept(bench),
        "irrelevant_messages" => nodes::irrelevant(bench),
        "jitter" => jitter::drops(bench),
        "start" => rest::start(bench).await,
        "hot_channel_500" => hot::channel(bench).await,
        "idle" => visitors::idle(bench).await,
        "handshakes" => visitors::handshakes(bench).await,
        "reconnect_storm" => visitors::storm(bench).await,
        "small_channels" => persist::small_channels(bench).await,
        "durable_ack_sqlite" => persist::durable_ack(bench, Store::Sqlite).await,
        "durable_ack_postgres" => persist::durable_ack(bench, Store::Postgres).await,
        "persist_max_sqlite" => persist::maximum(bench, Store::Sqlite).await,
        "persist_max_postgres" => persist::maximum(bench, Store::Postgres).await,
        "board_500" => board::live(bench).await,
        other => fault(format!("no row is called {other}")),
    }
}

/// Measures what the plan names, tells each row as it comes, and writes the report. An error means that something could not be measured; the
/// rows that could are written all the same.
pub async fn run(plan: Plan, mut tell: impl FnMut(&str)) -> Result<PathBuf> {
    let path = plan.out.join(match (plan.smoke, plan.profile) {
        (true, _) => "smoke.json",
        // A recorded run is a slower one.
        (_, true) => "profiled.json",
        _ => "report.json",
    });
    std::fs::create_dir_all(&plan.out)?;
    let bench = Bench { plan, cores: pin::Cores::find()? };
    bench.cores.pin_generator()?;
    let families = chosen(&bench.plan.names)?;
    tell(&bench.cores.describe());
    let (mut rows, mut failed) = (Vec::new(), Vec::new());
    for family in families {
        let recorder = bench.plan.profile.then(|| Recorder::start(bench.cores.server(), &bench.plan.out)).transpose()?;
        let stolen = Stolen::start(bench.cores.server())?;
        let measured = measure(&bench, family).await;
        let words = format!("the host took {:.0} % of the core", stolen.share()? * 100.0);
        if let Some(recorder) = recorder {
            let svg = bench.plan.out.join(format!("profile-{family}.svg"));
            recorder.draw(family, &svg)?;
            tell(&format!("drawn: {}", svg.display()));
        }
        match measured {
            Ok(measured) => {
                let measured: Vec<Row> = measured.into_iter().map(|row| row.seen(&words)).collect();
                for row in &measured {
                    tell(&line(row));
                }
                rows.extend(measured);
            }
            Err(error) => {
                tell(&format!("{family:<26} could not be measured: {error}"));
                failed.push(family);
            }
        }
        report::write(&path, &rows, !bench.plan.names.is_empty())?;
    }
    if failed.is_empty() { Ok(path) } else { fault(format!("could not be measured: {}", failed.join(", "))) }
}

fn chosen(names: &[String]) -> Result<Vec<&'static str>> {
    if names.is_empty() {
        return Ok(FAMILIES.to_vec());
    }
    let mut families = Vec::new();
    for name in names {
        let exact: Vec<&str> = FAMILIES.into_iter().filter(|family| family == name).collect();
        let beginning = || FAMILIES.into_iter().filter(|family| family.starts_with(name.as_str()));
        let found = if exact.is_empty() { beginning().collect() } else { exact };
        if found.is_empty() {
            return fault(format!("no row begins with {name}; there are: {}", FAMILIES.join(", ")));
        }
        families.extend(found);
    }
    Ok(families)
}
