//! The rules every client of the protocol follows (sections 5 and 6), without any I/O: one message in flight, resent
//! until it is answered; per logged channel a watermark, and `channel.since` for every hole.
//!
//! `visitor` and `operator` feed it what a `Link` says and send what it finds due.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};

use crate::clock::{Instant, millis_between};
use crate::dice::Dice;
use crate::history::{Acknowledged, Asked, Entry, History};
use crate::link::Refusal;

mod feed;
mod pace;
#[cfg(test)]
mod tests;

pub use feed::{Applied, Feed};
use pace::Pace;

/// An answer that does not come within this is a dead connection.
pub const ANSWER_TIMEOUT: Duration = Duration::from_secs(4);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// A send that takes longer is explained.
const LONG: Duration = Duration::from_millis(2_500);
/// How many of the last things that happened are kept.
const TRAIL: usize = 40;
/// How many entries a client asks for at once, the most that is allowed.
const PAGE: u64 = 200;

/// A request that the link should send now.
#[derive(Debug, Clone, PartialEq)]
pub struct Due {
    pub id: u64,
    pub method: &'static str,
    pub params: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Waiting {
    Post,
    Join(String),
    Since(String),
}

#[derive(Debug, Clone)]
struct Outgoing {
    asked: Asked,
    conversation: Option<String>,
    /// Made when it is first sent, and kept: the same id with another body would be a conflict.
    body: Option<Value>,
    first_sent: Option<Instant>,
}

/// What a client of the protocol keeps between its connections.
#[derive(Debug)]
pub struct Client {
    pub history: History,
    feeds: BTreeMap<String, Feed>,
    outbox: VecDeque<Outgoing>,
    /// The visitor's conversation, once there is one.
    conversation: Option<String>,
    waiting: BTreeMap<u64, (Waiting, Instant)>,
    next_id: u64,
    not_before: Option<Instant>,
    refusals_in_a_row: u32,
    pace: Pace,
    /// What happened last, and when.
    trail: VecDeque<(Instant, String)>,
    dice: Dice,
}

impl Client {
    /// A client that has done nothing yet.
    pub fn new(actor: String, dice: Dice) -> Self {
        Self {
            history: History { actor, ..History::default() },
            feeds: BTreeMap::new(),
            outbox: VecDeque::new(),
            conversation: None,
            waiting: BTreeMap::new(),
            next_id: 1,
            not_before: None,
            refusals_in_a_row: 0,
            pace: Pace::default(),
            trail: VecDeque::new(),
            dice,
        }
    }

    /// Notes what may have held a message up.
    pub fn happened(&mut self, what: String) {
        self.trail.truncate(TRAIL - 1);
        self.trail.push_front((Instant::now(), what));
    }

    fn explained(&self, first: Instant, now: Instant) -> String {
        let during = self.trail.iter().rev().filter(|(at, _)| *at >= first);
        let said: Vec<String> = during.map(|(at, what)| format!("{} ms {what}", millis_between(first, *at))).collect();
        format!("{}: {}; acknowledged {} ms", self.history.actor, said.join(", "), millis_between(first, now))
    }

    /// Writes a message: it goes to the end of the outbox. `conversation` is for operators.
    pub fn write(&mut self, text: String, conversation: Option<&str>) {
        let asked = Asked { client_message_id: self.dice.uuid().to_string(), text };
        self.history.asked.push(asked.clone());
        self.outbox.push_back(Outgoing { asked, conversation: conversation.map(ToOwned::to_owned), body: None, first_sent: None });
    }

    /// Messages written and not acknowledged.
    pub fn unsent(&self) -> usize {
        self.outbox.len()
    }

    /// A new connection was welcomed: requests of the old one will never be answered, subscriptions are gone.
    pub fn reconnected(&mut self) {
        self.waiting.clear();
        self.pace = Pace::default();
        for feed in self.feeds.values_mut() {
            feed.fetching = false;
            feed.joined = false;
            feed.barren = false;
        }
    }

    /// Takes in the conversation that a welcome tells the visitor of, joined by itself, and its newest entries.
    pub fn welcome(&mut self, conversation: &Value, entries: &[Value]) {
        let (Some(id), Some(channel)) = (conversation["id"].as_str(), conversation["channel"].as_str()) else { return };
        self.conversation = Some(id.to_owned());
        let feed = self.feeds.entry(channel.to_owned()).or_insert_with(|| Feed::new(id));
        feed.joined = true;
        feed.want(conversation["last_seq"].as_u64().unwrap_or(0));
        for entry in entries.iter().filter(|entry| entry["conversation"] == id) {
            self.take(channel, entry);
        }
    }

    /// Begins to follow a conversation that an operator learnt of; the join becomes due.
    pub fn follow(&mut self, channel: &str, conversation: &str, last_seq: u64) {
        let feed = self.feeds.entry(channel.to_owned()).or_insert_with(|| Feed::new(conversation));
        feed.want(last_seq);
    }

    /// Whether there is nothing known to exist that has not been applied.
    pub fn is_caught_up(&self) -> bool {
        self.feeds.values().all(|feed| feed.joined && feed.have >= feed.wanted)
    }

    /// Conversation → the seq up to which everything was applied.
    pub fn watermarks(&self) -> impl Iterator<Item = (&str, u64)> {
        self.feeds.values().map(|feed| (feed.conversation.as_str(), feed.have))
    }

    /// What the hello says in `after`.
    pub fn after(&self) -> Value {
        self.watermarks().map(|(conversation, have)| (conversation.to_owned(), json!(have))).collect()
    }

    /// A publication of a logged channel arrived; a visitor is a member of its channels by itself.
    pub fn publication(&mut self, channel: &str, event: &Value) -> Applied {
        if !self.feeds.contains_key(channel) {
            let Some(conversation) = event["conversation"].as_str() else {
                self.history.notes.push(format!("a log entry without a conversation: {event}"));
                return Applied::Dropped;
            };
            self.feeds.insert(channel.to_owned(), Feed::of_member(conversation));
        }
        self.take(channel, event)
    }

    /// A heartbeat told the tops of the logs.
    pub fn heartbeat(&mut self, top: &BTreeMap<String, u64>) {
        for (channel, top) in top {
            if let Some(feed) = self.feeds.get_mut(channel) {
                feed.want(*top);
                feed.barren = false;
            }
        }
    }

    /// The requests to be sent now, in order; each is thought to be sent once returned.
    pub fn due(&mut self, now: Instant) -> Vec<Due> {
        let mut due = Vec::new();
        if self.not_before.is_some_and(|instant| now < instant) {
            return due;
        }
        self.not_before = None;
        // What was written goes first: the answers to reads are long, and one is served after the other.
        due.extend(self.due_post(now));
        let behind = self.feeds.iter().filter(|(_, feed)| feed.is_behind());
        let behind: Vec<String> = behind.map(|(channel, _)| channel.clone()).take(self.room()).collect();
        for channel in behind {
            if !self.pace.take(now) {
                self.not_before = Some(Pace::next(now));
                break;
            }
            let Some(feed) = self.feeds.get_mut(&channel) else { continue };
            feed.fetching = true;
            let (after, joined) = (feed.have, feed.joined);
            if joined {
                let id = self.expect_answer(Waiting::Since(channel.clone()), now);
                let params = json!({"channel": channel, "after": after, "limit": PAGE});
                due.push(Due { id, method: "channel.since", params });
            } else {
                let id = self.expect_answer(Waiting::Join(channel.clone()), now);
                due.push(Due { id, method: "channel.join", params: json!({"channel": channel, "after": after}) });
            }
        }
        due
    }

    /// How many more reads may wait for their answers.
    fn room(&self) -> usize {
        Pace::room(self.waiting.len())
    }

    /// When [`Client::due`] may have something new although nothing arrives.
    pub fn not_before(&self) -> Option<Instant> {
        self.not_before
    }

    /// When the connection is dead unless an answer arrives.
    pub fn deadline(&self) -> Option<Instant> {
        self.waiting.values().map(|(_, since)| *since + ANSWER_TIMEOUT).min()
    }

    /// An answer arrived; returns the number of messages it acknowledged (0 or 1).
    pub fn answer(&mut self, id: u64, answer: &Result<Value, Refusal>, now: Instant) -> u64 {
        let Some((waiting, _)) = self.waiting.remove(&id) else {
            self.history.notes.push(format!("an answer to nothing: {id} {answer:?}"));
            return 0;
        };
        match (waiting, answer) {
            (Waiting::Post, Ok(ok)) => self.acknowledged(ok, now),
            (Waiting::Post, Err(refusal)) => self.refused(refusal, now),
            (Waiting::Join(channel) | Waiting::Since(channel), Ok(ok)) => self.fetched(&channel, ok),
            (Waiting::Join(channel) | Waiting::Since(channel), Err(refusal)) => {
                self.fetch_refused(&channel, refusal, now);
            }
        }
        u64::from(matches!(answer, Ok(ok) if ok["message"]["seq"].is_u64()))
    }

    fn due_post(&mut self, now: Instant) -> Option<Due> {
        let in_flight = self.waiting.values().any(|(waiting, _)| *waiting == Waiting::Post);
        if in_flight || self.outbox.is_empty() {
            return None;
        }
        if !self.pace.take(now) {
            self.not_before = Some(Pace::next(now));
            return None;
        }
        let Outgoing { asked, conversation, body, first_sent } = self.outbox.front_mut()?;
        first_sent.get_or_insert(now);
        let body = body.get_or_insert_with(|| {
            json!({
                "client_message_id": asked.client_message_id,
                "conversation": conversation.as_ref().or(self.conversation.as_ref()),
                "text": asked.text,
            })
        });
        let params = body.clone();
        Some(Due { id: self.expect_answer(Waiting::Post, now), method: "message.post", params })
    }

    fn expect_answer(&mut self, waiting: Waiting, now: Instant) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.waiting.insert(id, (waiting, now));
        id
    }

    fn acknowledged(&mut self, ok: &Value, now: Instant) {
        let Some(sent) = self.outbox.pop_front() else { return };
        self.history.acknowledged_ms.push(sent.first_sent.map_or(0, |first| millis_between(first, now)));
        if let Some(first) = sent.first_sent.filter(|first| now.saturating_duration_since(*first) > LONG) {
            let slow = self.explained(first, now);
            self.history.slow.push(slow);
        }
        self.refusals_in_a_row = 0;
        let conversation = ok["conversation"]["id"].as_str().or(ok["conversation"].as_str());
        let (Some(conversation), Some(seq), Some(id)) = (conversation, ok["message"]["seq"].as_u64(), ok["message"]["id"].as_str()) else {
            self.history.notes.push(format!("an acknowledgement of another shape: {ok}"));
            return;
        };
        self.conversation = Some(conversation.to_owned());
        if let Some(channel) = ok["channel"].as_str() {
            self.feeds.entry(channel.to_owned()).or_insert_with(|| Feed::of_member(conversation));
        }
        self.history.acknowledged.push(Acknowledged {
            client_message_id: sent.asked.client_message_id,
            conversation: conversation.to_owned(),
            seq,
            id: id.to_owned(),
        });
    }

    fn refused(&mut self, refusal: &Refusal, now: Instant) {
        if is_passing(refusal) {
            self.refusals_in_a_row += 1;
            let wait = self.retry_wait(refusal);
            self.happened(format!("refused {} for {} ms", refusal.code, wait.as_millis()));
            self.not_before = Some(now + wait);
            return;
        }
        let dropped = self.outbox.pop_front().map(|sent| sent.asked);
        self.history.notes.push(format!("{dropped:?} was refused for good: {refusal:?}"));
    }

    fn retry_wait(&mut self, refusal: &Refusal) -> Duration {
        if let Some(wait) = refusal.retry_after_ms {
            return Duration::from_millis(wait);
        }
        backoff(self.refusals_in_a_row, &mut self.dice)
    }

    fn fetched(&mut self, channel: &str, ok: &Value) {
        let Some(feed) = self.feeds.get_mut(channel) else { return };
        feed.fetching = false;
        feed.joined = true;
        feed.want(ok["top"].as_u64().unwrap_or(0));
        let before = feed.have;
        for entry in ok["entries"].as_array().into_iter().flatten() {
            self.take(channel, entry);
        }
        let Some(feed) = self.feeds.get_mut(channel) else { return };
        if feed.have == before && feed.wanted > before {
            // Asking again at once would only repeat it; the next heartbeat or publication may help. What never comes is a hole in the end.
            feed.barren = true;
        }
    }

    fn fetch_refused(&mut self, channel: &str, refusal: &Refusal, now: Instant) {
        let passing = is_passing(refusal);
        if let Some(feed) = self.feeds.get_mut(channel) {
            feed.fetching = false;
            feed.barren = !passing;
        }
        if passing {
            self.refusals_in_a_row += 1;
            self.not_before = Some(now + self.retry_wait(refusal));
        } else {
            self.history.notes.push(format!("{channel} was refused: {refusal:?}"));
        }
    }

    fn take(&mut self, channel: &str, event: &Value) -> Applied {
        let Some(feed) = self.feeds.get_mut(channel) else { return Applied::Dropped };
        let Some(entry) = read_entry(event) else {
            self.history.notes.push(format!("a log entry of another shape: {event}"));
            return Applied::Dropped;
        };
        self.history.told.entry(feed.conversation.clone()).or_default().push(entry.clone());
        let applied = feed.apply(entry.seq);
        if applied == Applied::Next {
            self.history.received.entry(feed.conversation.clone()).or_default().push(entry);
        }
        applied
    }
}

fn is_passing(refusal: &Refusal) -> bool {
    matches!(refusal.code.as_str(), "unavailable" | "rate_limited" | "internal")
}

/// Section 6's waits without advice: 1 s doubling to 30 s, with full jitter; 0-1 s for the first.
pub fn backoff(attempt: u32, dice: &mut Dice) -> Duration {
    let most = Duration::from_secs(1 << attempt.saturating_sub(1).min(5)).min(LONGEST_WAIT);
    dice.up_to(most)
}

/// A log entry as histories keep it; `None` when a field that the checker needs is missing.
pub fn read_entry(event: &Value) -> Option<Entry> {
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    Some(Entry {
        seq: event["seq"].as_u64()?,
        id: text(&event["id"])?,
        kind: text(&event["type"])?,
        sender: text(&event["sender"]["id"]).unwrap_or_default(),
        client_message_id: text(&event["client_message_id"]),
        text: text(&event["data"]["text"]),
    })
}
