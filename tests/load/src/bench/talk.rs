//! Visitors who write to the shop: posts by the loader's socket, acknowledged when they are on the disk, heard by operators and by other tabs.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::json;

use super::Bench;
use super::ears::Ears;
use super::fleet::{Call, Clock, Fleet, Id};
use super::marks::{Mark, Reader};
use super::meter::{Latencies, Meter, Used, real};
use super::product::Product;
use super::rooms::due;
use super::wire::Dialect;
use crate::fault::{Result, fault};

/// Visitors who come at the same time.
const WINDOW: usize = 64;
/// What was asked must be answered within this after the last was asked.
const DRAIN: Duration = Duration::from_secs(5);

/// How visitors write.
#[derive(Debug, Clone, Copy)]
pub enum Pace {
    PerSecond(u64),
    /// Each writes the next message when the last one is acknowledged.
    AsFastAsAcknowledged,
}

/// What one window showed.
#[derive(Debug, Clone, Copy)]
pub struct Seen {
    pub asked: u64,
    pub acknowledged: u64,
    pub refused: u64,
    /// Receipts by others than the sender, and those that did not come.
    pub heard: u64,
    pub missing: u64,
    pub ack_p50_ms: f64,
    pub ack_p99_ms: f64,
    pub heard_p50_ms: f64,
    pub heard_p99_ms: f64,
    pub seconds: f64,
    pub used: Used,
}

impl Seen {
    /// Acknowledged messages a second.
    pub fn per_second(&self) -> f64 {
        real(self.acknowledged) / self.seconds
    }

    /// Nothing refused and nothing missing.
    pub fn is_whole(&self) -> bool {
        self.refused == 0 && self.missing == 0 && self.acknowledged == self.asked
    }

    /// What a reader of the report should know beside the value.
    pub fn words(&self) -> String {
        format!(
            "{:.0} msg/s, ack p50 {:.2} p99 {:.2} ms, server {:.0} %, generator {:.0} %, {} refused, {} missing",
            self.per_second(),
            self.ack_p50_ms,
            self.ack_p99_ms,
            self.used.server_s / self.used.seconds * 100.0,
            self.used.generator_share * 100.0,
            self.refused,
            self.missing + self.asked - self.acknowledged.min(self.asked),
        )
    }
}

/// One window while it lasts.
struct Round {
    pace: Pace,
    /// Who wrote the message with the same index.
    by: Vec<usize>,
    acknowledged: u64,
    refused: u64,
    /// Acknowledged before the window was over.
    in_time: u64,
    /// Receipts by others.
    expected: u64,
}

/// See the module.
pub struct Talk {
    pub product: Product,
    pub fleet: Fleet,
    ears: Ears,
    /// Those who write.
    writers: Vec<Id>,
    /// How many others hear each of them.
    audience: Vec<u64>,
    /// When the message with this number was asked, from the first number of the window on.
    asked_us: Vec<u64>,
    number: u64,
}

impl Talk {
    /// So many visitors with a conversation each; half of them have a second tab when `tabs` says so. `consoles` operators' connections share them.
    pub async fn begin(mut product: Product, visitors: usize, tabs: bool, consoles: usize) -> Result<Self> {
        let mut fleet = Fleet::new()?;
        let known = product.visitors(&mut fleet, visitors, false, WINDOW)?;
        let clock = fleet.clock();
        let ears = Ears {
            clock,
            reader: Reader::default(),
            answers: Vec::new(),
            acks: Latencies::new()?,
            receipts: Latencies::new()?,
            heard: 0,
            listens: vec![false; visitors],
            dialects: vec![Dialect::Frames; visitors],
            channels: Vec::with_capacity(visitors),
            gone: 0,
            watchers: Vec::new(),
            changes: BTreeSet::new(),
            board: Latencies::new()?,
        };
        let writers = known.iter().map(|(id, _)| *id).collect();
        let mut talk = Self { product, fleet, ears, writers, audience: vec![0; visitors], asked_us: Vec::new(), number: 0 };
        talk.first_messages()?;
        if tabs {
            let half = known.iter().step_by(2).map(|(_, ticket)| talk.product.visitor(Some(ticket), false)).collect::<Result<Vec<_>>>()?;
            talk.listeners(half)?;
            talk.audience.iter_mut().step_by(2).for_each(|audience| *audience += 1);
        }
        if consoles > 0 {
            talk.operators(consoles).await?;
        }
        Ok(talk)
    }

    /// More connections, whose receipts count.
    pub fn listeners(&mut self, calls: Vec<Call>) -> Result<Vec<Id>> {
        self.ears.dialects.extend(calls.iter().map(|call| call.dialect));
        self.ears.listens.resize(self.ears.dialects.len(), true);
        self.fleet.gather(calls, WINDOW, Duration::from_mins(1), &mut |_, _| {})
    }

    /// Operators who look at the live board from now on.
    pub async fn watch_board(&mut self, operators: usize) -> Result<()> {
        let mut calls = Vec::with_capacity(operators);
        for _ in 0..operators {
            calls.push(self.product.operator().await?);
        }
        let ids = self.listeners(calls)?;
        self.ears.channels = Vec::with_capacity(1);
        self.ask_all(&ids, "board.watch", "{}")?;
        let (_, channel) = self.ears.channels.pop().ok_or("board.watch did not name its channel")?;
        self.ask_all(&ids, "channel.join", &json!({"channel": channel}).to_string())?;
        // As the console does: what changed between the first answer and the membership is in the second.
        self.ask_all(&ids, "board.watch", "{}")?;
        self.ears.watchers = ids;
        Ok(())
    }

    /// What the watchers saw since the last look: the latencies, and how many page changes of so many were not seen by all of them.
    pub fn board_seen(&mut self, changes: u64) -> (Latencies, u64) {
        let expected = changes * self.ears.watchers.len() as u64;
        let unseen = expected.saturating_sub(self.ears.changes.len() as u64);
        (self.ears.board.clone(), unseen)
    }

    fn ask_all(&mut self, ids: &[Id], method: &str, params: &str) -> Result<()> {
        for id in ids {
            self.fleet.request(*id, 0, method, params);
        }
        let (mut waiting, deadline) = (ids.len(), Instant::now() + Duration::from_secs(10));
        while waiting > 0 {
            self.turn()?;
            for (_, is_ok) in self.ears.answers.drain(..) {
                if !is_ok {
                    return fault(format!("{method} was refused"));
                }
                waiting -= 1;
            }
            if Instant::now() > deadline {
                return fault(format!("{method} was not answered within 10 s"));
            }
        }
        Ok(())
    }

    /// The clock that marks are timed by.
    pub fn clock(&self) -> Clock {
        self.ears.clock
    }

    async fn operators(&mut self, consoles: usize) -> Result<()> {
        let mut calls = Vec::with_capacity(consoles);
        for _ in 0..consoles {
            calls.push(self.product.operator().await?);
        }
        let ids = self.listeners(calls)?;
        let channels = std::mem::take(&mut self.ears.channels);
        let mut joined = 0;
        for (number, (_, channel)) in channels.iter().enumerate() {
            let params = json!({"channel": channel, "after": 0}).to_string();
            self.fleet.request(ids[number % ids.len()], number as u64, "channel.join", &params);
            joined += 1;
        }
        let deadline = Instant::now() + Duration::from_secs(30);
        while joined > 0 {
            self.turn()?;
            for (_, is_ok) in self.ears.answers.drain(..) {
                if !is_ok {
                    return fault("an operator may not join a conversation");
                }
                joined -= 1;
            }
            if Instant::now() > deadline {
                return fault(format!("{joined} conversations were not joined within 30 s"));
            }
        }
        self.audience.iter_mut().for_each(|audience| *audience += 1);
        Ok(())
    }

    fn first_messages(&mut self) -> Result<()> {
        let (mut next, mut waiting) = (0, 0);
        let deadline = Instant::now() + Duration::from_mins(1);
        while next < self.writers.len() || waiting > 0 {
            while waiting < WINDOW && next < self.writers.len() {
                let post = self.product.post(Mark { number: 0, sent_us: 0 });
                self.fleet.request(self.writers[next], 0, "message.post", &post);
                (next, waiting) = (next + 1, waiting + 1);
            }
            self.turn()?;
            for (_, is_ok) in self.ears.answers.drain(..) {
                if !is_ok {
                    return fault("a first message was refused");
                }
                waiting -= 1;
            }
            if Instant::now() > deadline {
                return fault("first messages were not acknowledged within a minute");
            }
        }
        Ok(())
    }

    fn turn(&mut self) -> Result<()> {
        let ears = &mut self.ears;
        self.fleet.turn(Duration::from_millis(1), &mut |id, heard| ears.hear(id, heard))?;
        if self.ears.gone > 0 {
            return fault(format!("a connection was lost: {}", self.fleet.reasons()));
        }
        Ok(())
    }

    fn ask(&mut self, writer: usize) {
        let sent_us = self.ears.clock.micros();
        self.asked_us.push(sent_us);
        self.number += 1;
        let post = self.product.post(Mark { number: self.number, sent_us });
        self.fleet.request(self.writers[writer], self.asked_us.len() as u64 - 1, "message.post", &post);
    }

    /// Writes for so long, and waits for the rest.
    pub fn window(&mut self, pace: Pace, length: Duration) -> Result<Seen> {
        self.window_with(pace, length, |_| Ok(()))
    }

    /// The same, with something else done between two looks.
    pub fn window_with(&mut self, pace: Pace, length: Duration, mut beside: impl FnMut(&mut Self) -> Result<()>) -> Result<Seen> {
        self.ears.acks.clear();
        self.ears.receipts.clear();
        self.ears.heard = 0;
        self.asked_us.clear();
        let meter = Meter::start(&[self.product.pid()?])?;
        let began = Instant::now();
        let mut round = Round { pace, by: Vec::new(), acknowledged: 0, refused: 0, in_time: 0, expected: 0 };
        loop {
            let elapsed = began.elapsed();
            let is_open = elapsed <= length;
            if is_open {
                self.ask_due(&mut round, elapsed);
                beside(self)?;
            }
            self.turn()?;
            self.take_answers(&mut round, is_open);
            let is_done = round.acknowledged + round.refused >= round.by.len() as u64 && self.ears.heard >= round.expected;
            if !is_open && (is_done || elapsed > length + DRAIN) {
                break;
            }
        }
        Ok(self.seen(&round, length, meter.read()?))
    }

    fn ask_due(&mut self, round: &mut Round, elapsed: Duration) {
        let asked = round.by.len() as u64;
        let next = match round.pace {
            Pace::PerSecond(rate) => due(rate, elapsed).saturating_sub(asked).min(64),
            // Everybody once; then whoever was answered.
            Pace::AsFastAsAcknowledged => (self.writers.len() as u64).saturating_sub(asked),
        };
        for _ in 0..next {
            self.ask_by(round, round.by.len() * 7919 % self.writers.len());
        }
    }

    fn ask_by(&mut self, round: &mut Round, writer: usize) {
        round.expected += self.audience[writer];
        round.by.push(writer);
        self.ask(writer);
    }

    fn take_answers(&mut self, round: &mut Round, is_open: bool) {
        let now = self.ears.clock.micros();
        for (number, is_ok) in std::mem::take(&mut self.ears.answers) {
            let index = usize::try_from(number).unwrap_or(usize::MAX);
            let Some(asked_us) = self.asked_us.get(index) else { continue };
            self.ears.acks.record(now.saturating_sub(*asked_us));
            round.acknowledged += u64::from(is_ok);
            round.refused += u64::from(!is_ok);
            round.in_time += u64::from(is_ok && is_open);
            if is_open && matches!(round.pace, Pace::AsFastAsAcknowledged) {
                self.ask_by(round, round.by[index]);
            }
        }
    }

    fn seen(&self, round: &Round, length: Duration, used: Used) -> Seen {
        // At the highest pace only what was acknowledged within the window tells how fast it is.
        let (asked, acknowledged) = match round.pace {
            Pace::PerSecond(_) => (round.by.len() as u64, round.acknowledged),
            Pace::AsFastAsAcknowledged => (round.in_time, round.in_time),
        };
        Seen {
            asked,
            acknowledged,
            refused: round.refused,
            heard: self.ears.heard,
            missing: round.expected.saturating_sub(self.ears.heard),
            ack_p50_ms: self.ears.acks.millis(50.0),
            ack_p99_ms: self.ears.acks.millis(99.0),
            heard_p50_ms: self.ears.receipts.millis(50.0),
            heard_p99_ms: self.ears.receipts.millis(99.0),
            seconds: length.as_secs_f64(),
            used,
        }
    }

    /// Warms up, measures as often as the bench says, and returns the window whose value is in the middle.
    pub fn measure(&mut self, bench: &Bench, pace: Pace, value: fn(&Seen) -> f64) -> Result<Seen> {
        let scale = bench.scale();
        self.window(pace, scale.warm_up)?;
        let mut windows = (0..scale.repeats).map(|_| self.window(pace, scale.window)).collect::<Result<Vec<_>>>()?;
        windows.sort_by(|one, other| value(one).total_cmp(&value(other)));
        let refused = windows.iter().map(|window| window.refused).sum();
        let missing = windows.iter().map(|window| window.missing).sum();
        match windows.get(windows.len() / 2) {
            Some(middle) => Ok(Seen { refused, missing, ..*middle }),
            None => fault("nothing was measured"),
        }
    }
}
