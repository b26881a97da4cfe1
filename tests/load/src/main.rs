//! The command line: `stalk-load kill`, `faults`, `rolling`, `crowd`, `start` and `bench`. Exit code 1 means that a promise was broken, 2 that the
//! scenario could not be judged.
#![expect(clippy::print_stdout, reason = "a command-line tool prints")]
#![expect(clippy::print_stderr, reason = "a command-line tool prints")]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use stalk_load::cluster;
use stalk_load::fault::Result;
use stalk_load::kill::{self, Database, Plan};
use stalk_load::{bench, clock, start};

#[derive(Parser)]
#[command(about = "Load generator, fault harness and history checker for STALK")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// kill -9 in the middle of traffic; nothing acknowledged may be lost, doubled or out of order
    Kill(KillArguments),
    /// Three nodes, and one fault after the other in the middle of traffic; the same promises
    Faults(FaultsArguments),
    /// Three nodes stopped and started one after the other; no send may fail
    Rolling(FaultsArguments),
    /// Thousands of members of one crowd over three nodes: heard once, felt at once, counted alike
    Crowd(CrowdArguments),
    /// First start on an empty folder: milliseconds to serving, idle memory, number of processes
    Start(StartArguments),
    /// The figures of docs/PERFORMANCE.md, beside Node; or whether all of it works (--smoke)
    Bench(BenchArguments),
}

#[derive(Args)]
struct BenchArguments {
    /// Rows by the beginning of their names; none: all
    names: Vec<String>,
    /// Everything small and short, in less than a minute
    #[arg(long)]
    smoke: bool,
    /// Record where the server's time goes (with perf), and draw it
    #[arg(long, requires = "names")]
    profile: bool,
    /// The product
    #[arg(long, default_value = "target/release/stalk")]
    binary: PathBuf,
    /// The engine's example
    #[arg(long, default_value = "target/release/examples/fanout")]
    engine: PathBuf,
    /// The Node peers, with their packages installed
    #[arg(long, default_value = "tests/load/peers")]
    peers: PathBuf,
    /// Folder of logs and of the report
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
}

#[derive(Args)]
struct Common {
    /// The server under test
    #[arg(long, default_value = "target/release/stalk")]
    binary: PathBuf,
    /// Folder of reports and server logs
    #[arg(long, default_value = "target/faults")]
    out: PathBuf,
}

#[derive(Args)]
struct KillArguments {
    #[command(flatten)]
    common: Common,
    /// sqlite, postgres (a cluster of its own) or postgres://… (an empty database)
    #[arg(long, default_value = "sqlite", value_parser = database)]
    database: Database,
    #[arg(long, default_value_t = 2000)]
    messages: u64,
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=500))]
    visitors: u64,
    #[arg(long, default_value_t = 10)]
    kills: u64,
    /// Replays the pace, texts and moments of another run; by default of the clock
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Args)]
struct FaultsArguments {
    #[command(flatten)]
    common: Common,
    #[arg(long, default_value_t = 20)]
    faults: usize,
    /// At least so many messages of visitors
    #[arg(long, default_value_t = 50_000)]
    messages: u64,
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=2000))]
    visitors: u64,
    /// Messages of visitors a second while all is well; by default each thinks up to 700 ms
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=10_000))]
    rate: Option<u64>,
    /// However long it takes; each kind of fault once for as long as the promises say: Redis away for 30 s, PostgreSQL for 60 s
    #[arg(long)]
    long: bool,
    /// Multiplies the limits of time, for a busy machine; with any, one that is too slow may do fewer faults and messages
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=20))]
    slack: u32,
    /// Replays the faults and texts of another run; by default of the clock
    #[arg(long)]
    seed: Option<u64>,
}

#[derive(Args)]
struct CrowdArguments {
    #[command(flatten)]
    common: Common,
    /// Each is a connection, of which a process here may have 20,000 as a rule
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(60..=15_000))]
    members: u64,
    /// Multiplies the limits of time, for a busy machine
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=20))]
    slack: u32,
}

#[derive(Args)]
struct StartArguments {
    #[command(flatten)]
    common: Common,
    /// Start with the demo shop
    #[arg(long)]
    demo: bool,
    /// Multiplies the limits, for a busy machine
    #[arg(long, default_value_t = 1)]
    slack: u64,
}

fn database(text: &str) -> std::result::Result<Database, String> {
    match text {
        "sqlite" => Ok(Database::Sqlite),
        "postgres" => Ok(Database::Postgres),
        url if url.starts_with("postgres://") => Ok(Database::Url(url.to_owned())),
        other => Err(format!("{other} is neither sqlite, postgres nor postgres://…")),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Kill(arguments) => kill(arguments).await,
        Command::Faults(arguments) => faults(arguments, "report.json").await,
        Command::Rolling(arguments) => faults(arguments, "rolling.json").await,
        Command::Crowd(arguments) => crowd(arguments).await,
        Command::Start(arguments) => start(arguments).await,
        Command::Bench(arguments) => bench(arguments).await,
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

async fn kill(arguments: KillArguments) -> Result<bool> {
    let KillArguments { common, database, messages, visitors, kills, seed } = arguments;
    let seed = seed.unwrap_or_else(|| clock::unix_millis() % 1_000_000);
    println!("kill: seed {seed}, {messages} messages, {visitors} visitors, {kills} kills, {}", database.name());
    let path = common.out.join(format!("kill-{}.json", database.name()));
    let plan = Plan { binary: common.binary, database, messages, visitors, kills, seed, out: common.out };
    let report = kill::run(&plan).await?;
    report.write(&path)?;
    println!("{report}  report: {}", path.display());
    Ok(report.is_clean())
}

async fn faults(arguments: FaultsArguments, file: &str) -> Result<bool> {
    let FaultsArguments { common, faults, messages, visitors, rate, long, slack, seed } = arguments;
    let seed = seed.unwrap_or_else(|| clock::unix_millis() % 1_000_000);
    let path = common.out.join(file);
    let plan = cluster::Plan {
        binary: common.binary,
        faults,
        messages,
        visitors,
        seed,
        heartbeat: cluster::HEARTBEAT,
        rate,
        slack,
        long,
        out: common.out,
    };
    println!("three nodes: seed {seed}, {visitors} visitors");
    let report = if file == "report.json" { cluster::run(&plan).await? } else { cluster::rolling::run(&plan).await? };
    report.write(&path)?;
    println!("{report}  report: {}", path.display());
    Ok(report.is_clean(slack))
}

async fn crowd(arguments: CrowdArguments) -> Result<bool> {
    let CrowdArguments { common, members, slack } = arguments;
    let path = common.out.join("crowd.json");
    let plan = cluster::Plan {
        binary: common.binary,
        faults: 0,
        messages: 0,
        visitors: members,
        seed: 1,
        // As in life: thousands answer each.
        heartbeat: std::time::Duration::from_secs(25),
        rate: None,
        slack,
        long: false,
        out: common.out,
    };
    let report = cluster::crowd::run(&plan).await?;
    std::fs::write(&path, serde_json::to_string_pretty(&report)? + "\n")?;
    println!("{report}  report: {}", path.display());
    Ok(report.is_clean())
}

async fn start(arguments: StartArguments) -> Result<bool> {
    let StartArguments { common, demo, slack } = arguments;
    let measured = start::run(common.binary, demo, common.out).await?;
    println!(
        "first start {} ms (promise 300), idle {} MB (promise 60), {} process(es)",
        measured.start_ms,
        measured.resident_kb.div_ceil(1024),
        measured.processes
    );
    Ok(measured.is_within(slack))
}

async fn bench(arguments: BenchArguments) -> Result<bool> {
    let BenchArguments { names, smoke, profile, binary, engine, peers, out } = arguments;
    let plan = bench::Plan { binary, engine, peers, out, names, smoke, profile };
    let report = bench::run(plan, |line| println!("{line}")).await?;
    println!("report: {}", report.display());
    Ok(true)
}
