//! Fan-out of the engine alone, beside Node: how many deliveries a second of the server's processor makes, and how late they are.

use super::Bench;
use super::process::{Kind, Process};
use super::report::Row;
use super::rooms::{Door, Load, Outcome, Pace, Rooms, in_turn};
use super::wire::Dialect;
use crate::fault::{Result, fault};

const UNIT: &str = "deliveries/CPU-s";
const ENGINE: Kind = Kind::Engine { plain: false, redis: None };
const COALESCED_NODE: Kind = Kind::Node { coalesce_ms: Some(20) };
const NODE: Kind = Kind::Node { coalesce_ms: None };

/// Plays the same with each server, in turn. They run side by side, and those whose turn it is not have nothing to do.
fn play<const N: usize>(bench: &Bench, servers: [(&Kind, Dialect); N], load: Load) -> Result<[Outcome; N]> {
    let mut running = Vec::new();
    for (kind, dialect) in servers {
        running.push((Process::start(bench, kind)?, dialect));
    }
    let open = |(server, dialect): &(Process, Dialect)| {
        Rooms::open(&Door { addresses: vec![server.address], dialect: *dialect }, &[server.pid()], load)
    };
    let rooms = running.iter().map(open).collect::<Result<Vec<_>>>()?;
    let rooms: [Rooms; N] = rooms.try_into().or_else(|_| fault("a server has no room"))?;
    let scale = bench.scale();
    in_turn(rooms, scale.warm_up, scale.window, scale.repeats)
}

fn one_room(bench: &Bench, members: usize, pace: Pace) -> Load {
    Load { members: bench.scale().members(members), rooms: 1, pace }
}

/// 1,000 members, 1,000 messages a second, gathered.
pub fn coalesced(bench: &Bench) -> Result<Vec<Row>> {
    let load = one_room(bench, 1_000, Pace::PerSecond(bench.scale().rate(1_000)));
    let [node, over_socket_io, native] =
        play(bench, [(&COALESCED_NODE, Dialect::SocketIo), (&ENGINE, Dialect::SocketIo), (&ENGINE, Dialect::Frames)], load)?;
    let peer = COALESCED_NODE.name();
    Ok(vec![
        compared("fanout_coalesced", &over_socket_io, &peer, &node, 1.0),
        compared("fanout_coalesced_native", &native, &peer, &node, 1.3),
    ])
}

/// 1,000 members, one message in flight, nothing gathered.
pub fn uncoalesced(bench: &Bench) -> Result<Vec<Row>> {
    let load = one_room(bench, 1_000, Pace::OneInFlight);
    let plain = Kind::Engine { plain: true, redis: None };
    let [node, over_socket_io, native] =
        play(bench, [(&NODE, Dialect::SocketIo), (&plain, Dialect::SocketIo), (&plain, Dialect::Frames)], load)?;
    Ok(vec![
        compared("fanout_uncoalesced", &over_socket_io, &NODE.name(), &node, 1.15),
        compared("fanout_uncoalesced_native", &native, &NODE.name(), &node, 1.6),
    ])
}

fn compared(name: &str, ours: &Outcome, peer: &str, theirs: &Outcome, bound: f64) -> Row {
    let row = Row::new(name, ours.per_cpu_second, UNIT).p99(ours.p99_ms).against(peer, theirs.per_cpu_second);
    let kept = row.ratio.is_some_and(|ratio| ratio >= bound) && ours.lost + ours.twice == 0;
    row.bound(&format!("ratio ≥ {bound}, 0 lost"), kept)
        .seen(ours.words())
        .seen(format!("peer {:.0} {UNIT}, p99 {:.2} ms", theirs.per_cpu_second, theirs.p99_ms))
}

/// 5,000 members, 200 messages a second.
pub fn five_thousand(bench: &Bench) -> Result<Vec<Row>> {
    large(bench, "fanout_5000", 5_000, 200, 100.0)
}

/// 10,000 members, 50 messages a second.
pub fn ten_thousand(bench: &Bench) -> Result<Vec<Row>> {
    large(bench, "fanout_10000", 10_000, 50, 300.0)
}

fn large(bench: &Bench, name: &str, members: usize, rate: u64, p99: f64) -> Result<Vec<Row>> {
    let load = one_room(bench, members, Pace::PerSecond(rate));
    let promised = load.members as u64 * rate;
    let [seen] = play(bench, [(&ENGINE, Dialect::Frames)], load)?;
    // A window begins and ends somewhere within a tick of the room.
    let kept = seen.per_second >= super::meter::real(promised) * 0.99 && seen.p99_ms <= p99 && seen.lost + seen.twice == 0;
    let row = Row::new(name, seen.per_second, "deliveries/s").p99(seen.p99_ms);
    Ok(vec![row.bound(&format!("{promised} deliveries/s, p99 ≤ {p99} ms, 0 lost"), kept).seen(seen.words())])
}

/// Rooms of 10, 20,000 deliveries a second.
pub fn small(bench: &Bench) -> Result<Vec<Row>> {
    let members = bench.scale().members(2_000) / 10 * 10;
    let load = Load { members, rooms: members / 10, pace: Pace::PerSecond(bench.scale().rate(2_000)) };
    let [node, ours, native] = play(bench, [(&NODE, Dialect::SocketIo), (&ENGINE, Dialect::SocketIo), (&ENGINE, Dialect::Frames)], load)?;
    let row = |name: &str, seen: &Outcome| {
        Row::new(name, seen.p99_ms, "ms, p99")
            .p99(seen.p99_ms)
            .against(&NODE.name(), node.p99_ms)
            .bound("p99 ≤ 0.5 ms, 0 lost", seen.p99_ms <= 0.5 && seen.lost + seen.twice == 0)
            .seen(seen.words())
    };
    Ok(vec![row("small_channels_engine", &native), row("small_channels_engine_socketio", &ours)])
}
