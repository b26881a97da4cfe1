//! The binary: reads the settings, starts what was asked for, and turns signals into a graceful stop.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program speaks to the person who started it")]

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;
use stalk::app::{self, StartError};
use stalk::clock::Clock;
use stalk::config::{Cli, Command, ServeArgs};
use stalk::{backup, check};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_env("STALK_LOG").unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,tower_sessions_core=warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal()).init();
    let done = match cli.command {
        Command::Serve(args) => serve(*args).await,
        Command::Backup { file, without_files, storage } => {
            backup::run(&storage, &file, !without_files).await.map(|told| println!("{told}"))
        }
        Command::Restore { file, storage } => backup::restore(&storage, &file).await.map(|told| println!("{told}")),
        Command::Check { storage } => check::run(&storage).await.map(|told| println!("{told}")),
        Command::Nodes { storage, nodes } => stalk::nodes::run(&storage, &nodes).await.map(|told| println!("{told}")),
        Command::Openapi => openapi(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stalk: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(args: ServeArgs) -> Result<(), StartError> {
    let stop = CancellationToken::new();
    let started = app::serve(args, Clock::system(), stop.clone()).await?;
    for line in &started.lines {
        println!("{line}");
    }
    stop_signal().await?;
    stop.cancel();
    started.stopped.await.map_err(|error| StartError(error.to_string()))
}

/// SIGTERM or Ctrl-C.
async fn stop_signal() -> Result<(), StartError> {
    let failed = |error: std::io::Error| StartError(format!("signals cannot be listened to: {error}"));
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).map_err(failed)?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        done = tokio::signal::ctrl_c() => done.map_err(failed),
    }
}

fn openapi() -> Result<(), StartError> {
    let document = stalk::api::v1::openapi::document();
    let json = serde_json::to_string_pretty(&document).map_err(|error| StartError(error.to_string()))?;
    println!("{json}");
    Ok(())
}
