//! Rooms full of members who hear one another: the play that every fan-out row is made of. Each message is numbered and timed; what is missing
//! or comes twice is counted.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::json;

use super::fleet::{Call, Clock, Fleet, Heard, Id};
use super::marks::{self, Mark, Reader};
use super::meter::{Latencies, Meter, Used, median, real};
use super::wire::Dialect;
use crate::fault::{Result, fault};

/// Bytes of a message's text.
const TEXT: usize = 200;
/// What was sent must arrive within this after the last was sent.
const DRAIN: Duration = Duration::from_secs(5);
/// Connections that come at the same time.
const WINDOW: usize = 200;
/// Messages sent between two looks at what arrives.
const BURST: u64 = 64;
/// The longest wait for something to arrive.
const PAUSE: Duration = Duration::from_millis(1);

/// When the next message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    PerSecond(u64),
    /// When the one before has reached everybody.
    OneInFlight,
}

/// Who is in which rooms, and how much is said.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub members: usize,
    pub rooms: usize,
    pub pace: Pace,
}

/// Where members connect: one address, or several in turn.
#[derive(Debug, Clone)]
pub struct Door {
    pub addresses: Vec<SocketAddr>,
    pub dialect: Dialect,
}

/// What one window showed.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub sent: u64,
    pub delivered: u64,
    pub lost: u64,
    pub used: Used,
    pub seconds: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

/// What several windows showed; values are medians, faults are sums.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    pub per_cpu_second: f64,
    pub per_second: f64,
    pub sent_per_second: f64,
    pub cpu_share: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    pub lost: u64,
    pub twice: u64,
    pub generator_share: f64,
}

impl Outcome {
    /// What a reader of the report should know beside the value.
    pub fn words(&self) -> String {
        let faults = if self.lost + self.twice == 0 { "0 lost".to_owned() } else { format!("{} LOST, {} twice", self.lost, self.twice) };
        format!(
            "{:.0} deliveries/s, server {:.0} %, generator {:.0} %, p50 {:.2} ms, {faults}",
            self.per_second,
            self.cpu_share * 100.0,
            self.generator_share * 100.0,
            self.p50_ms
        )
    }
}

/// Numbers of which it is remembered whether they were heard. A server that is behind takes what many members say in any order.
const REMEMBERED: u64 = 4096;

/// Which numbers of its room a member has heard, as a ring of bits.
#[derive(Debug, Clone)]
pub struct Numbers {
    highest: u64,
    bits: [u64; 64],
}

impl Default for Numbers {
    fn default() -> Self {
        Self { highest: 0, bits: [0; 64] }
    }
}

impl Numbers {
    /// Whether this one is new.
    pub fn take(&mut self, number: u64) -> bool {
        if number > self.highest {
            for passed in self.highest + 1..=number.min(self.highest + REMEMBERED) {
                let (word, bit) = self.place(passed);
                *word &= !bit;
            }
            self.highest = number;
        } else if self.highest - number >= REMEMBERED {
            return false;
        }
        let (word, bit) = self.place(number);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    fn place(&mut self, number: u64) -> (&mut u64, u64) {
        let at = number % REMEMBERED;
        let word = usize::try_from(at / 64).unwrap_or(0);
        (&mut self.bits[word], 1 << (at % 64))
    }
}

/// What the members hear.
struct Tally {
    clock: Clock,
    reader: Reader,
    latencies: Latencies,
    /// Of each member.
    heard: Vec<Numbers>,
    delivered: u64,
    twice: u64,
    /// What was said before is heard, and not timed.
    timed_from: u64,
}

impl Tally {
    fn hear(&mut self, id: Id, heard: Heard<'_>) {
        let Heard::Text(text) = heard else { return };
        let now = self.clock.micros();
        for Mark { number, sent_us } in self.reader.marks(text) {
            if self.heard[id].take(*number) {
                self.delivered += 1;
            } else {
                self.twice += 1;
            }
            if *sent_us >= self.timed_from {
                self.latencies.record(now.saturating_sub(*sent_us));
            }
        }
    }
}

/// See the module.
pub struct Rooms {
    fleet: Fleet,
    load: Load,
    pids: Vec<u32>,
    tally: Tally,
    /// The last number of each room.
    numbers: Vec<u64>,
    said: u64,
}

impl Rooms {
    /// Fills the rooms.
    pub fn open(door: &Door, pids: &[u32], load: Load) -> Result<Self> {
        let mut fleet = Fleet::new()?;
        let clock = fleet.clock();
        let calls = (0..load.members).map(|member| Call {
            address: door.addresses[member % door.addresses.len()],
            dialect: door.dialect,
            origin: "http://bench.invalid".to_owned(),
            // Over Socket.IO with batches, as the peer that gathers sends them.
            hello: json!({
                "v": 1, "name": format!("member {member}"), "rooms": [room(member, load.rooms)], "batch": door.dialect == Dialect::SocketIo,
            })
            .to_string(),
        });
        fleet.gather(calls, WINDOW, Duration::from_mins(1), &mut |_, _| {})?;
        let latencies = Latencies::new()?;
        let tally = Tally {
            clock,
            reader: Reader::default(),
            latencies,
            heard: vec![Numbers::default(); load.members],
            delivered: 0,
            twice: 0,
            timed_from: 0,
        };
        Ok(Self { fleet, load, pids: pids.to_vec(), tally, numbers: vec![0; load.rooms], said: 0 })
    }

    /// Warms up, measures as often as asked, and takes the middle.
    pub fn measure(self, warm_up: Duration, window: Duration, repeats: usize) -> Result<Outcome> {
        let [outcome] = in_turn([self], warm_up, window, repeats)?;
        Ok(outcome)
    }

    fn outcome(&self, windows: &[Window]) -> Result<Outcome> {
        if self.fleet.lost() > 0 {
            return fault(format!("{} members were cut off: {}", self.fleet.lost(), self.fleet.reasons()));
        }
        let middle = |value: fn(&Window) -> f64| median(windows.iter().map(value).collect());
        Ok(Outcome {
            per_cpu_second: middle(|window| real(window.delivered) / window.used.server_s.max(0.01)),
            per_second: middle(|window| real(window.delivered) / window.seconds),
            sent_per_second: middle(|window| real(window.sent) / window.seconds),
            cpu_share: middle(|window| window.used.server_s / window.used.seconds),
            p50_ms: middle(|window| window.p50_ms),
            p99_ms: middle(|window| window.p99_ms),
            lost: windows.iter().map(|window| window.lost).sum(),
            twice: self.tally.twice,
            generator_share: middle(|window| window.used.generator_share),
        })
    }

    /// Speaks for a tenth of the time before it measures: a room that was silent hears its first message at once and not with others. What is counted
    /// is heard, and paid for by the server, between the beginning of the window and its end.
    fn window(&mut self, length: Duration) -> Result<Window> {
        let Self { fleet, load, tally, .. } = self;
        let per_message = (load.members / load.rooms) as u64;
        let run_in = length / 10;
        (tally.delivered, tally.timed_from) = (0, u64::MAX);
        let (began, mut sent) = (Instant::now(), 0);
        let (mut beginning, mut end) = (None, None);
        loop {
            let elapsed = began.elapsed();
            if beginning.is_none() && elapsed >= run_in {
                tally.latencies.clear();
                tally.timed_from = tally.clock.micros();
                beginning = Some((Meter::start(&self.pids)?, Instant::now(), sent, tally.delivered));
            }
            if let (Some((meter, since, sent_before, delivered_before)), None) = (&beginning, &end)
                && elapsed >= run_in + length
            {
                end = Some((meter.read()?, since.elapsed(), sent - sent_before, tally.delivered - delivered_before));
            }
            let due = match load.pace {
                _ if end.is_some() => 0,
                Pace::PerSecond(rate) => due(rate, elapsed).saturating_sub(sent).min(BURST),
                Pace::OneInFlight => u64::from(tally.delivered >= sent * per_message),
            };
            for _ in 0..due {
                self.said += 1;
                sent += 1;
                say(fleet, load, tally.clock, self.said, &mut self.numbers);
            }
            let wait = match load.pace {
                Pace::PerSecond(rate) if end.is_none() => until(rate, sent + 1).saturating_sub(began.elapsed()).min(PAUSE),
                _ => PAUSE,
            };
            fleet.turn(wait, &mut |id, heard| tally.hear(id, heard))?;
            if let Some((used, lasted, said, heard)) = end
                && (tally.delivered >= sent * per_message || elapsed > run_in + length + DRAIN)
            {
                return Ok(Window {
                    sent: said,
                    delivered: heard,
                    lost: (sent * per_message).saturating_sub(tally.delivered),
                    used,
                    seconds: lasted.as_secs_f64(),
                    p50_ms: tally.latencies.millis(50.0),
                    p99_ms: tally.latencies.millis(99.0),
                });
            }
        }
    }
}

/// Warms all of them up, and measures one after the other as often as asked: a machine that is slower for a minute is so for each of them.
pub fn in_turn<const N: usize>(mut rooms: [Rooms; N], warm_up: Duration, window: Duration, repeats: usize) -> Result<[Outcome; N]> {
    for of_one in &mut rooms {
        of_one.window(warm_up)?;
        of_one.tally.twice = 0;
    }
    let mut windows = [const { Vec::new() }; N];
    for _ in 0..repeats {
        for (of_one, seen) in rooms.iter_mut().zip(&mut windows) {
            seen.push(of_one.window(window)?);
        }
    }
    let outcomes = rooms.iter().zip(&windows).map(|(of_one, seen)| of_one.outcome(seen)).collect::<Result<Vec<_>>>()?;
    outcomes.try_into().or_else(|_| fault("a room was not measured"))
}

/// When this one is due: messages that wait for one another would be a burst, which nobody asked for.
fn until(rate: u64, number: u64) -> Duration {
    Duration::from_micros((number * 1_000_000).div_ceil(rate.max(1)))
}

/// How many messages are due after so long.
pub fn due(rate: u64, elapsed: Duration) -> u64 {
    u64::try_from(elapsed.as_micros() * u128::from(rate) / 1_000_000).unwrap_or(u64::MAX)
}

fn room(member: usize, rooms: usize) -> String {
    format!("room/{}", member % rooms)
}

/// Members speak in turn, neighbours in different rooms.
fn say(fleet: &mut Fleet, load: &Load, clock: Clock, said: u64, numbers: &mut [u64]) {
    let member = usize::try_from(said.wrapping_mul(7919) % load.members as u64).unwrap_or(0);
    let number = &mut numbers[member % load.rooms];
    *number += 1;
    let text = marks::text(Mark { number: *number, sent_us: clock.micros() }, TEXT);
    let params = format!(r#"{{"room":"{}","text":"{text}"}}"#, room(member, load.rooms));
    fleet.request(member, said, "say", &params);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_new_once_in_whatever_order_it_comes() {
        let mut numbers = Numbers::default();
        assert!([1, 3, 2, 10, 4, 740, 9, 4_000, 20_000].into_iter().all(|number| numbers.take(number)));
        assert!([20_000, 4_000, 1].into_iter().all(|number| !numbers.take(number)), "heard, or too long ago");
        assert!(numbers.take(19_000) && !numbers.take(19_000));
    }

    #[test]
    fn messages_are_due_as_time_passes() {
        assert_eq!([0, 999, 1000, 2500].map(|millis| due(2, Duration::from_millis(millis))), [0, 1, 2, 5]);
        assert!((1..5_000).all(|number| due(3_000, until(3_000, number)) == number), "not before it is due, and not after");
    }
}
