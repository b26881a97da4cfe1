//! Two engines on one Redis: what being two costs, and what a node hears of rooms where it has no members.

use std::time::Duration;

use super::Bench;
use super::fleet::{Call, Fleet, Heard, Id};
use super::process::{Kind, Process};
use super::report::Row;
use super::rooms::{Door, Load, Pace, Rooms, in_turn};
use super::wire::Dialect;
use crate::fault::{Result, fault};

/// Deliveries per processor second of two nodes against one that is alone.
pub fn kept(bench: &Bench) -> Result<Vec<Row>> {
    let scale = bench.scale();
    let load = Load { members: scale.members(1_000), rooms: 1, pace: Pace::PerSecond(scale.rate(1_000)) };
    let one = [Process::start(bench, &Kind::Engine { plain: false, redis: None })?];
    let redis = Process::redis(bench)?;
    let nodes = pair(bench, &redis)?;
    let [alone, two] = in_turn([open(&one, load)?, open(&nodes, load)?], scale.warm_up, scale.window, scale.repeats)?;
    let ratio = two.per_cpu_second / alone.per_cpu_second;
    let row = Row::new("two_nodes", ratio, "kept of one node's deliveries/CPU-s").p99(two.p99_ms);
    let row = row.against("the engine alone, without Redis", 1.0);
    Ok(vec![
        row.bound("≥ 0.85, 0 lost", ratio >= 0.85 && two.lost + two.twice == 0)
            .seen(two.words())
            .seen(format!("{:.0} of two nodes, {:.0} alone", two.per_cpu_second, alone.per_cpu_second)),
    ])
}

fn open(nodes: &[Process], load: Load) -> Result<Rooms> {
    let door = Door { addresses: nodes.iter().map(|node| node.address).collect(), dialect: Dialect::Frames };
    let pids: Vec<u32> = nodes.iter().map(Process::pid).collect();
    Rooms::open(&door, &pids, load)
}

/// What the second node receives of a thousand messages to a room whose members are on the first.
pub fn irrelevant(bench: &Bench) -> Result<Vec<Row>> {
    let redis = Process::redis(bench)?;
    let nodes = pair(bench, &redis)?;
    let before = count(&nodes[1], "relayed_in")?;
    let door = Door { addresses: vec![nodes[0].address], dialect: Dialect::Frames };
    let load = Load { members: 100, rooms: 1, pace: Pace::PerSecond(bench.scale().rate(1_000)) };
    let seen = Rooms::open(&door, &[nodes[0].pid()], load)?.measure(Duration::from_millis(200), bench.scale().window, 1)?;
    let received = count(&nodes[1], "relayed_in")? - before;
    let row = Row::new("irrelevant_messages", super::meter::real(received), "messages").bound("0", received == 0);
    Ok(vec![row.seen(format!("{:.0} messages/s were said elsewhere", seen.sent_per_second))])
}

/// Two nodes that have found each other.
fn pair(bench: &Bench, redis: &Process) -> Result<[Process; 2]> {
    let kind = Kind::Engine { plain: false, redis: Some(format!("redis://{}/", redis.address)) };
    let nodes = [Process::start(bench, &kind)?, Process::start(bench, &kind)?];
    for _ in 0..400 {
        if count(&nodes[0], "nodes")? == 2 && count(&nodes[1], "nodes")? == 2 {
            return Ok(nodes);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    fault("the two nodes did not find each other within 20 s")
}

/// One of the numbers that the example tells of itself.
fn count(node: &Process, name: &str) -> Result<u64> {
    let mut fleet = Fleet::new()?;
    let call = Call {
        address: node.address,
        dialect: Dialect::Frames,
        origin: "http://bench.invalid".to_owned(),
        hello: r#"{"v":1,"name":"counter"}"#.to_owned(),
    };
    let id = fleet.gather([call], 1, Duration::from_secs(5), &mut |_, _| {})?[0];
    fleet.request(id, 1, "counts", "{}");
    let told = std::cell::RefCell::new(None);
    let mut hear = |_: Id, heard: Heard<'_>| {
        if let Heard::Text(text) = heard {
            *told.borrow_mut() = Some(String::from_utf8_lossy(text).into_owned());
        }
    };
    fleet.until(Duration::from_secs(5), |_| told.borrow().is_some(), &mut hear)?;
    fleet.hang_up(id);
    let text = told.into_inner().ok_or("the node did not tell its counts")?;
    let answer: serde_json::Value = serde_json::from_str(&text)?;
    Ok(answer["ok"][name].as_u64().unwrap_or(0))
}
