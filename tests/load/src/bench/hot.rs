//! The channel that everybody is in: one crowd of the product, whose members all write and all hear everybody, every message kept.

use std::time::{Duration, Instant};

use serde_json::json;

use super::Bench;
use super::fleet::{Clock, Fleet, Heard, Id};
use super::marks::{self, Mark, Reader};
use super::meter::{Latencies, Meter, Used, median, real, real_count};
use super::product::{Product, Store};
use super::report::Row;
use super::rooms::{Numbers, due};
use super::wire::{self, Dialect};
use crate::fault::{Result, fault};

const CROWD: &str = "hot";
/// What was written must be heard by all within this after the last was written.
const DRAIN: Duration = Duration::from_secs(5);

struct Ears {
    clock: Clock,
    reader: Reader,
    numbers: Vec<Numbers>,
    latencies: Latencies,
    answers: Vec<bool>,
    crowd: Option<String>,
    delivered: u64,
    twice: u64,
}

impl Ears {
    fn hear(&mut self, id: Id, heard: Heard<'_>) {
        let Heard::Text(text) = heard else { return };
        if let Some((_, is_ok)) = wire::answer(Dialect::Frames, text) {
            if self.crowd.is_none() {
                self.crowd = wire::field(text, "id").map(ToOwned::to_owned);
            }
            return self.answers.push(is_ok);
        }
        let now = self.clock.micros();
        for mark in self.reader.marks(text) {
            if self.numbers.get_mut(id).is_some_and(|numbers| numbers.take(mark.number)) {
                self.delivered += 1;
            } else {
                self.twice += 1;
            }
            self.latencies.record(now.saturating_sub(mark.sent_us));
        }
    }
}

struct Play {
    product: Product,
    fleet: Fleet,
    ears: Ears,
    members: Vec<Id>,
    crowd: String,
    number: u64,
}

impl Play {
    async fn begin(bench: &Bench, count: usize) -> Result<Self> {
        let mut product = Product::start(bench, Store::Sqlite).await?;
        product.console.create_crowd(CROWD).await?;
        let mut fleet = Fleet::new()?;
        let members: Vec<Id> = product.visitors(&mut fleet, count, false, 64)?.into_iter().map(|(id, _)| id).collect();
        let ears = Ears {
            clock: fleet.clock(),
            reader: Reader::default(),
            numbers: vec![Numbers::default(); count],
            latencies: Latencies::new()?,
            answers: Vec::new(),
            crowd: None,
            delivered: 0,
            twice: 0,
        };
        let mut play = Self { product, fleet, ears, members, crowd: String::new(), number: 0 };
        play.ask_all("crowd.join", |_| json!({"key": CROWD}).to_string())?;
        play.crowd = play.ears.crowd.clone().ok_or("crowd.join did not name the crowd")?;
        let crowd = play.crowd.clone();
        play.ask_all("crowd.rename", |id| json!({"crowd": crowd, "name": format!("member {id}")}).to_string())?;
        Ok(play)
    }

    fn ask_all(&mut self, method: &str, params: impl Fn(Id) -> String) -> Result<()> {
        for id in &self.members {
            self.fleet.request(*id, 0, method, &params(*id));
        }
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.ears.answers.len() < self.members.len() {
            let ears = &mut self.ears;
            self.fleet.turn(Duration::from_millis(5), &mut |id, heard| ears.hear(id, heard))?;
            if Instant::now() > deadline {
                return fault(format!("{method} was not answered within 30 s: {}", self.fleet.reasons()));
            }
        }
        if self.ears.answers.drain(..).all(|is_ok| is_ok) { Ok(()) } else { fault(format!("{method} was refused")) }
    }

    fn window(&mut self, length: Duration) -> Result<(Used, f64, u64)> {
        self.ears.latencies.clear();
        self.ears.answers.clear();
        self.ears.delivered = 0;
        let meter = Meter::start(&[self.product.pid()?])?;
        let (began, count) = (Instant::now(), self.members.len() as u64);
        let mut sent = 0;
        loop {
            let elapsed = began.elapsed();
            // Everybody once a second.
            while elapsed <= length && sent < due(count, elapsed) {
                let member = self.members[usize::try_from(sent % count).unwrap_or(0)];
                sent += 1;
                self.number += 1;
                let text = marks::text(Mark { number: self.number, sent_us: self.ears.clock.micros() }, 200);
                let params = json!({"crowd": self.crowd, "client_message_id": self.product.id(), "text": text}).to_string();
                self.fleet.request(member, self.number, "crowd.post", &params);
            }
            let ears = &mut self.ears;
            self.fleet.turn(Duration::from_millis(1), &mut |id, heard| ears.hear(id, heard))?;
            if elapsed > length && (ears.delivered >= sent * count || elapsed > length + DRAIN) {
                break;
            }
        }
        if self.ears.answers.iter().any(|is_ok| !is_ok) {
            return fault("a post was refused");
        }
        Ok((meter.read()?, self.ears.latencies.millis(99.0), (sent * count).saturating_sub(self.ears.delivered)))
    }
}

/// 500 members who each write once a second.
pub async fn channel(bench: &Bench) -> Result<Vec<Row>> {
    let scale = bench.scale();
    let count = scale.members(500);
    let mut play = Play::begin(bench, count).await?;
    play.window(scale.warm_up)?;
    play.ears.twice = 0;
    let windows = (0..scale.repeats).map(|_| play.window(scale.window)).collect::<Result<Vec<_>>>()?;
    let (lost, cut) = (windows.iter().map(|(_, _, lost)| lost).sum::<u64>(), play.fleet.lost());
    let twice = play.ears.twice;
    play.product.stop().await?;
    let share = median(windows.iter().map(|(used, _, _)| used.server_s / used.seconds * 100.0).collect());
    let generator = median(windows.iter().map(|(used, _, _)| used.generator_share * 100.0).collect());
    let p99 = median(windows.iter().map(|(_, p99, _)| *p99).collect());
    let row = Row::new("hot_channel_500", share, "% of one core").p99(p99);
    let kept = share <= 40.0 && p99 <= 50.0 && lost + twice + cut == 0;
    Ok(vec![row.bound("≤ 40 %, p99 ≤ 50 ms, 0 lost", kept).seen(format!(
        "{count} members, {:.0} deliveries/s asked, generator {generator:.0} %, {lost} lost, {twice} twice, {cut} cut off",
        real_count(count) * real(count as u64)
    ))])
}
