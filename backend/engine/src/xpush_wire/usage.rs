//! What `/admin` tells: who this server is, and what it uses.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use super::{ServerInfo, is_channel};
use crate::node::Engine;
use crate::policy::Policy;

/// Clock ticks a second in `/proc`: Linux has had 100 for every program since ever.
const TICKS: f64 = 100.0;

/// As Node.js calls them.
const ARCH: &str = if cfg!(target_arch = "x86_64") { "x64" } else { "arm64" };
const PLATFORM: &str = if cfg!(target_os = "macos") { "darwin" } else { "linux" };

/// The answer to `info`.
pub(super) fn info<P: Policy>(engine: &Engine<P>, server: &ServerInfo) -> Value {
    json!({
        "pid": std::process::id(),
        "arch": ARCH,
        "platform": PLATFORM,
        "server": {"name": engine.node_id().to_string(), "host": server.host, "port": server.port},
    })
}

/// The answer to `usage`.
pub(super) fn usage<P: Policy>(engine: &Engine<P>, server: &ServerInfo) -> Value {
    let uptime = Duration::from_millis(engine.clock());
    let (channels, spread) = channels(engine);
    let memory = resident();
    let mut usage = info(engine, server);
    let measured = json!({
        "name": engine.node_id().to_string(),
        "host": server.host,
        "port": server.port,
        "uptime": uptime.as_secs_f64(),
        // One number: there is no heap apart from it.
        "memory": {"rss": memory, "heapTotal": memory, "heapUsed": memory, "external": 0, "arrayBuffers": 0},
        "client": {"socket": engine.counts().xpush, "channel": channels, "bigchannel": spread},
        "cpu": (cpu_seconds() / uptime.as_secs_f64().max(0.1) * 1_000.0).round() / 10.0,
    });
    if let (Some(usage), Value::Object(measured)) = (usage.as_object_mut(), measured) {
        usage.extend(measured);
    }
    usage
}

/// Channels with members here, and those of them that have members elsewhere too.
fn channels<P: Policy>(engine: &Engine<P>) -> (usize, usize) {
    let hub = engine.hub();
    let here = hub.connections.channels().filter(|channel| is_channel(channel));
    here.fold((0, 0), |(all, spread), channel| (all + 1, spread + usize::from(hub.remote_members(channel) > 0)))
}

/// Bytes of memory that are resident; 0 where the system does not say.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Seconds that the processor has worked for this process; 0 where the system does not say.
fn cpu_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // Behind the program's name, which may hold anything.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    fields.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / TICKS
}
