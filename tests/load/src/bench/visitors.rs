//! Many visitors who come, stay and come again: what one costs at rest, how fast they are let in, and how long all of them take after a restart.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::fleet::{Fleet, Heard, Id};
use super::marks::Mark;
use super::meter::{Meter, median, real, real_count};
use super::process::{Kind, Process};
use super::product::{Product, Store};
use super::report::Row;
use super::wire::Dialect;
use super::{Bench, fleet::Call};
use crate::client::backoff;
use crate::dice::Dice;
use crate::fault::{Result, fault};
use crate::start::resident_kb;

/// Handshakes under way at a time.
const AT_ONCE: usize = 64;

/// Memory and processor time of visitors who do nothing.
pub async fn idle(bench: &Bench) -> Result<Vec<Row>> {
    let count = bench.scale().members(15_000);
    let settle = if bench.plan.smoke { Duration::from_millis(500) } else { Duration::from_secs(8) };
    // A heartbeat lasts 25 s; over a whole one each connection is beaten once.
    let watched = if bench.plan.smoke { Duration::from_secs(1) } else { Duration::from_secs(50) };
    let mut product = Product::start(bench, Store::Sqlite).await?;
    let pid = product.pid()?;
    let mut fleet = Fleet::new()?;
    // One has come and gone, so that what the first one alone costs is not divided among all.
    let first = product.visitors(&mut fleet, 1, true, 1)?;
    fleet.until(settle, |_| false, &mut |_, _| {})?;
    let before = resident_kb(pid)?;
    let came = Instant::now();
    product.visitors(&mut fleet, count, true, AT_ONCE)?;
    let took = came.elapsed().as_secs_f64();
    fleet.until(settle, |_| false, &mut |_, _| {})?;
    let kb = real(resident_kb(pid)?.saturating_sub(before)) / real_count(count);
    let meter = Meter::start(&[pid])?;
    fleet.until(watched, |_| false, &mut |_, _| {})?;
    let used = meter.read()?;
    let kb_at_end = real(resident_kb(pid)?.saturating_sub(before)) / real_count(count);
    if fleet.live() != count + first.len() {
        return fault(format!("{} of {count} are still there: {}", fleet.live(), fleet.reasons()));
    }
    product.stop().await?;
    let micros = used.server_s * 1e6 / used.seconds / real_count(count);
    let words = format!("{count} visitors, who came in {took:.1} s");
    Ok(vec![
        Row::new("idle_rss_per_connection", kb, "KB")
            .bound("≤ 10 KB", kb <= 10.0)
            .seen(&words)
            .seen(format!("{kb_at_end:.1} KB at the end")),
        Row::new("idle_cpu", micros, "µs/s per connection").bound("≤ 1.0 µs/s", micros <= 1.0).seen(words),
    ])
}

/// Visitors with tickets who come, are welcomed, and go.
pub async fn handshakes(bench: &Bench) -> Result<Vec<Row>> {
    let known = bench.scale().members(2_000);
    let mut product = Product::start(bench, Store::Sqlite).await?;
    let mut fleet = Fleet::new()?;
    let tickets = product.visitors(&mut fleet, known, true, AT_ONCE)?;
    let calls = tickets.iter().map(|(_, ticket)| product.visitor(Some(ticket), true)).collect::<Result<Vec<_>>>()?;
    for (id, _) in tickets {
        fleet.hang_up(id);
    }
    let ours = come_and_go(bench, product.pid()?, &mut fleet, &calls)?;
    product.stop().await?;

    let node = Process::start(bench, &Kind::Node { coalesce_ms: None })?;
    let call = |number| Call {
        address: node.address,
        dialect: Dialect::SocketIo,
        origin: "http://bench.invalid".to_owned(),
        hello: format!(r#"{{"name":"visitor {number}"}}"#),
    };
    let calls: Vec<Call> = (0..known).map(call).collect();
    let mut others = Fleet::new()?;
    let ids: Vec<Id> = others.gather(calls.iter().cloned(), AT_ONCE, Duration::from_mins(1), &mut |_, _| {})?;
    for id in ids {
        others.hang_up(id);
    }
    let theirs = come_and_go(bench, node.pid(), &mut others, &calls)?;
    let row = Row::new("handshakes", ours.per_second, "per second on one core").against("Node socket.io 4.8", theirs.per_second);
    let kept = ours.per_second >= 8_000.0 && row.ratio.is_some_and(|ratio| ratio >= 4.0);
    Ok(vec![
        row.bound("≥ 8,000, ratio ≥ 4", kept)
            .seen(format!(
                "{:.0} per CPU-second, server {:.0} %, generator {:.0} %",
                ours.per_cpu,
                ours.share * 100.0,
                ours.generator * 100.0
            ))
            .seen(format!("peer {:.0} per second", theirs.per_second)),
    ])
}

struct Rate {
    per_second: f64,
    per_cpu: f64,
    share: f64,
    generator: f64,
}

/// Keeps [`AT_ONCE`] members on their way; who was welcomed goes, and the next one comes.
fn come_and_go(bench: &Bench, pid: u32, fleet: &mut Fleet, calls: &[Call]) -> Result<Rate> {
    let (mut next, mut welcomed) = (0, Vec::new());
    let mut dial_next = |fleet: &mut Fleet| {
        let id = next % calls.len();
        next += 1;
        fleet.redial(id, &calls[id])
    };
    for _ in 0..AT_ONCE {
        dial_next(fleet)?;
    }
    let mut windows = Vec::new();
    for number in 0..=bench.scale().repeats {
        let length = if number == 0 { bench.scale().warm_up } else { bench.scale().window };
        let (meter, began, mut count) = (Meter::start(&[pid])?, Instant::now(), 0_u64);
        while began.elapsed() < length {
            fleet.turn(Duration::from_millis(5), &mut |id, heard| {
                if matches!(heard, Heard::Welcome(_) | Heard::Gone) {
                    welcomed.push(id);
                }
            })?;
            for id in welcomed.drain(..) {
                fleet.hang_up(id);
                dial_next(fleet)?;
                count += 1;
            }
            if fleet.lost() > 0 {
                return fault(format!("a handshake failed: {}", fleet.reasons()));
            }
        }
        windows.push((count, meter.read()?));
    }
    let middle = |value: &dyn Fn(&(u64, super::meter::Used)) -> f64| median(windows.iter().skip(1).map(value).collect());
    Ok(Rate {
        per_second: middle(&|(count, used)| real(*count) / used.seconds),
        per_cpu: middle(&|(count, used)| real(*count) / used.server_s.max(0.01)),
        share: middle(&|(_, used)| used.server_s / used.seconds),
        generator: middle(&|(_, used)| used.generator_share),
    })
}

/// All are thrown out by a kill and come back by the protocol's own rules: within a second, then after 1 s doubling, with full jitter.
pub async fn storm(bench: &Bench) -> Result<Vec<Row>> {
    let (count, talking) = (bench.scale().members(10_000), bench.scale().members(1_000));
    let mut seconds = Vec::new();
    let (mut refused, mut restarts) = (0, Vec::new());
    let mut product = Product::start(bench, Store::Sqlite).await?;
    let mut fleet = Fleet::new()?;
    let known = product.visitors(&mut fleet, count, true, AT_ONCE)?;
    begin_conversations(&mut product, &mut fleet, &known[..talking])?;
    let calls = known.iter().map(|(_, ticket)| product.visitor(Some(ticket), true)).collect::<Result<Vec<_>>>()?;
    for repeat in 0..bench.scale().repeats {
        product.server.kill().await?;
        fleet.until(Duration::from_secs(10), |fleet| fleet.live() == 0, &mut |_, _| {})?;
        restarts.push(real(product.server.restart().await?));
        let (took, failed) = come_back(&mut fleet, &known, &calls, &mut Dice::new(repeat as u64))?;
        seconds.push(took);
        refused += failed;
    }
    product.stop().await?;
    let took = median(seconds.clone());
    let row = Row::new("reconnect_storm", took, "s until all are live").bound("≤ 10 s, 0 errors", took <= 10.0 && refused == 0);
    Ok(vec![row.seen(format!(
        "{count} visitors, {talking} of them with a conversation; restart {:.0} ms; {refused} connections refused or lost",
        median(restarts)
    ))])
}

fn begin_conversations(product: &mut Product, fleet: &mut Fleet, who: &[(Id, String)]) -> Result<()> {
    let (mut next, mut answers) = (0, Vec::new());
    let deadline = Instant::now() + Duration::from_mins(1);
    while answers.len() < who.len() {
        while next < who.len() && next - answers.len() < AT_ONCE {
            let post = product.post(Mark { number: 0, sent_us: 0 });
            fleet.request(who[next].0, 0, "message.post", &post);
            next += 1;
        }
        fleet.turn(Duration::from_millis(5), &mut |_, heard| {
            if let Heard::Text(text) = heard {
                answers.extend(super::wire::answer(Dialect::Frames, text).map(|(_, is_ok)| is_ok));
            }
        })?;
        if Instant::now() > deadline {
            return fault("first messages were not acknowledged within a minute");
        }
    }
    if answers.into_iter().all(|is_ok| is_ok) { Ok(()) } else { fault("a first message was refused") }
}

/// Returns the seconds until everybody was live, and how many tries failed.
fn come_back(fleet: &mut Fleet, known: &[(Id, String)], calls: &[Call], dice: &mut Dice) -> Result<(f64, u64)> {
    let began = Instant::now();
    let mut attempts = vec![0_u32; known.len()];
    let first: Id = known.first().map_or(0, |(id, _)| *id);
    let mut due: BTreeSet<(Instant, usize)> = (0..known.len()).map(|index| (began + dice.up_to(Duration::from_secs(1)), index)).collect();
    let mut failed = 0;
    let mut gone = Vec::new();
    while fleet.live() < known.len() {
        if began.elapsed() > Duration::from_mins(1) {
            return fault(format!("{} of {} were live after a minute: {}", fleet.live(), known.len(), fleet.reasons()));
        }
        while let Some((at, index)) = due.first().copied().filter(|(at, _)| *at <= Instant::now()) {
            due.remove(&(at, index));
            fleet.redial(known[index].0, &calls[index])?;
        }
        fleet.turn(Duration::from_millis(1), &mut |id, heard| {
            if matches!(heard, Heard::Gone) {
                gone.push(id - first);
            }
        })?;
        for index in gone.drain(..) {
            failed += 1;
            attempts[index] += 1;
            due.insert((Instant::now() + backoff(attempts[index], dice), index));
        }
    }
    Ok((began.elapsed().as_secs_f64(), failed))
}
