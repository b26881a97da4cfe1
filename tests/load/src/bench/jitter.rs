//! Clients on bad networks: every connection breaks now and then, and still everybody hears everything. A client comes back by the protocol's
//! rules and asks for what it missed by the number it has.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::json;

use super::Bench;
use super::fleet::{Call, Fleet, Heard, Id};
use super::marks::{self, Mark, Reader};
use super::meter::{Latencies, real, real_count};
use super::process::{Kind, Process};
use super::report::Row;
use super::rooms::due;
use super::wire::Dialect;
use crate::dice::Dice;
use crate::fault::Result;

const ROOM: &str = "log/jitter";

/// One client.
#[derive(Debug, Clone, Copy, Default)]
struct Listener {
    /// Everything up to here was heard.
    have: u64,
    /// Numbers were left out, or there is more to fetch.
    wants: bool,
}

struct Play {
    fleet: Fleet,
    listeners: Vec<Listener>,
    reader: Reader,
    latencies: Latencies,
    wanting: Vec<Id>,
    twice: u64,
}

impl Play {
    fn hear(listener: &mut Listener, marks: &[Mark], now: u64, latencies: &mut Latencies) -> u64 {
        let mut twice = 0;
        for mark in marks {
            if mark.number == listener.have + 1 {
                listener.have = mark.number;
                latencies.record(now.saturating_sub(mark.sent_us));
            } else if mark.number > listener.have {
                listener.wants = true;
            } else {
                twice += 1;
            }
        }
        twice
    }

    /// Whoever was welcomed, or found a hole, asks for what it lacks.
    fn turn(&mut self) -> Result<()> {
        let Self { fleet, listeners, reader, latencies, wanting, twice } = self;
        let clock = fleet.clock();
        fleet.turn(Duration::from_millis(1), &mut |id, heard| {
            // The last one is the speaker.
            let Some(listener) = listeners.get_mut(id) else { return };
            match heard {
                Heard::Welcome(_) => wanting.push(id),
                Heard::Gone => {}
                Heard::Text(text) => {
                    let before = listener.wants;
                    *twice += Self::hear(listener, reader.marks(text), clock.micros(), latencies);
                    let more = text.windows(11).any(|window| window == br#""more":true"#);
                    if more || (listener.wants && !before) {
                        wanting.push(id);
                    }
                }
            }
        })?;
        for id in wanting.drain(..) {
            listeners[id].wants = false;
            fleet.request(id, 1, "channel.join", &json!({"channel": ROOM, "after": listeners[id].have}).to_string());
        }
        Ok(())
    }
}

/// Whose connection breaks when, and who comes back when.
struct Weather {
    call: Call,
    dice: Dice,
    /// Connections last up to so long, uniformly: half of it on average.
    longest: Duration,
    losses: BTreeSet<(Instant, Id)>,
    returns: BTreeSet<(Instant, Id)>,
    lost: u64,
}

impl Weather {
    fn pass(&mut self, fleet: &mut Fleet, is_bad: bool) -> Result<()> {
        let now = Instant::now();
        while let Some((at, id)) = self.losses.first().copied().filter(|(at, _)| is_bad && *at <= now) {
            self.losses.remove(&(at, id));
            fleet.hang_up(id);
            self.lost += 1;
            self.returns.insert((now + self.dice.up_to(Duration::from_secs(1)), id));
        }
        while let Some((at, id)) = self.returns.first().copied().filter(|(at, _)| *at <= now) {
            self.returns.remove(&(at, id));
            fleet.redial(id, &self.call)?;
            self.losses.insert((now + self.dice.up_to(self.longest), id));
        }
        Ok(())
    }
}

/// 1,000 clients whose connection is lost every 15 s on average, 100 messages a second to all.
pub fn drops(bench: &Bench) -> Result<Vec<Row>> {
    let scale = bench.scale();
    let (clients, rate) = (scale.members(1_000), scale.rate(100));
    // In the small form as well everybody is lost a few times.
    let (length, longest) = if scale.smoke { (2, 1) } else { (45, 30) };
    let (length, longest) = (Duration::from_secs(length), Duration::from_secs(longest));
    let server = Process::start(bench, &Kind::Engine { plain: false, redis: None })?;
    let call = Call {
        address: server.address,
        dialect: Dialect::Frames,
        origin: "http://bench.invalid".to_owned(),
        hello: r#"{"v":1,"name":"client"}"#.to_owned(),
    };
    let mut fleet = Fleet::new()?;
    fleet.gather(std::iter::repeat_n(call.clone(), clients + 1), 200, Duration::from_mins(1), &mut |_, _| {})?;
    let (listeners, clock, speaker) = (vec![Listener::default(); clients], fleet.clock(), clients);
    let wanting = (0..clients).collect();
    let mut play = Play { fleet, listeners, reader: Reader::default(), latencies: Latencies::new()?, wanting, twice: 0 };
    let (began, mut dice) = (Instant::now(), Dice::new(15));
    let losses = (0..clients).map(|id| (began + dice.up_to(longest), id)).collect();
    let mut weather = Weather { call, dice, longest, losses, returns: BTreeSet::new(), lost: 0 };
    let mut said = 0;
    loop {
        let is_open = began.elapsed() <= length;
        while is_open && said < due(rate, began.elapsed()) {
            said += 1;
            let text = marks::text(Mark { number: said, sent_us: clock.micros() }, 200);
            play.fleet.request(speaker, said, "say", &json!({"room": ROOM, "text": text}).to_string());
        }
        weather.pass(&mut play.fleet, is_open)?;
        play.turn()?;
        let is_whole = weather.returns.is_empty() && play.listeners.iter().all(|listener| listener.have == said);
        if !is_open && (is_whole || began.elapsed() > length + Duration::from_secs(20)) {
            break;
        }
    }
    Ok(vec![row(&play, clients, said, weather.lost)])
}

fn row(play: &Play, clients: usize, said: u64, lost: u64) -> Row {
    let have: u64 = play.listeners.iter().map(|listener| listener.have).sum();
    let share = real(have) / (real(said) * real_count(clients)) * 100.0;
    let p99 = play.latencies.millis(99.0);
    let row = Row::new("jitter", share, "% delivered").p99(p99).bound("100 %, p99 ≤ 2 s", have == said * clients as u64 && p99 <= 2_000.0);
    row.seen(format!(
        "{clients} clients, {said} messages, {lost} lost connections, p50 {:.2} ms, {} repeats dropped by clients",
        play.latencies.millis(50.0),
        play.twice
    ))
}
