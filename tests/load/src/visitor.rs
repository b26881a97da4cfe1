//! A visitor of a shop's page, as the loader speaks for one: a ticket that is kept, one message at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::actor::Role;
use crate::client::Client;
use crate::clock::Instant;
use crate::dice::Dice;
use crate::fault::Result;
use crate::link::Link;

/// A person stops writing when this many messages are not even sent.
const PATIENCE: usize = 3;
/// One message in this many is not waited for.
const HANGS_UP: u64 = 50;
const WORDS: [&str; 10] =
    ["which", "size", "한복", "blue", "배송", "tomorrow", "\u{1f436}", "<b>not markup</b>", "\"quoted\"", "line\nbreak"];

/// Where visitors go.
#[derive(Debug, Clone)]
pub struct Place {
    /// `ws://…/ws` of the widget listener.
    pub url: String,
    /// Origin of the shop's pages.
    pub origin: String,
    pub site_key: String,
}

/// One visitor, who writes a number of messages with pauses.
#[derive(Debug)]
pub struct Visitor {
    place: Place,
    device: String,
    visit: String,
    ticket: Option<String>,
    to_write: u64,
    /// Says that it is enough before that.
    enough: Option<Arc<AtomicBool>>,
    written: u64,
    longest_pause: Duration,
    next_at: Option<Instant>,
    dice: Dice,
}

impl Visitor {
    /// A new visitor who will write this many messages, pausing up to `longest_pause` before each.
    pub fn new(place: Place, messages: u64, longest_pause: Duration, mut dice: Dice) -> Self {
        Self {
            place,
            device: dice.uuid().to_string(),
            visit: dice.uuid().to_string(),
            ticket: None,
            to_write: messages,
            enough: None,
            written: 0,
            longest_pause,
            next_at: None,
            dice,
        }
    }

    /// The same, who ends when this turns true.
    #[must_use]
    pub fn until(mut self, enough: Arc<AtomicBool>) -> Self {
        self.enough = Some(enough);
        self
    }

    fn text(&mut self, actor: &str) -> String {
        let words: Vec<&str> = (0..=self.dice.below(12)).map(|_| self.pick()).collect();
        format!("{actor} #{}: {}", self.written, words.join(" "))
    }

    fn pick(&mut self) -> &'static str {
        let index = self.dice.below(WORDS.len() as u64);
        usize::try_from(index).map_or("", |index| WORDS[index])
    }
}

impl Role for Visitor {
    const COUNTS: bool = true;

    async fn connect(&mut self, client: &Client) -> Result<Link> {
        let hello = json!({
            "v": 1, "site": self.place.site_key, "ticket": self.ticket, "device": self.device, "language": "en",
            "visit": self.visit, "after": client.after(),
            "page": {"url": format!("{}/", self.place.origin), "title": "Shop", "referrer": ""},
        });
        Link::frames(&self.place.url, &self.place.origin, &hello).await
    }

    async fn welcomed(&mut self, client: &mut Client, welcome: &Value) -> Result<()> {
        self.ticket = welcome["ticket"].as_str().map(ToOwned::to_owned);
        let id = welcome["visitor"]["id"].as_str().unwrap_or_default();
        if client.history.participant.is_empty() {
            id.clone_into(&mut client.history.participant);
        } else if client.history.participant != id {
            client.history.notes.push(format!("became another visitor: {id}"));
        }
        let entries = welcome["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
        client.welcome(&welcome["conversation"], entries);
        Ok(())
    }

    fn told(&mut self, _client: &mut Client, _event: &Value) {}

    fn write(&mut self, client: &mut Client, now: Instant) -> Option<Instant> {
        while !self.is_finished() && client.unsent() < PATIENCE {
            let at = *self.next_at.get_or_insert_with(|| now + self.dice.up_to(self.longest_pause));
            if at > now {
                return Some(at);
            }
            self.next_at = None;
            let text = self.text(&client.history.actor.clone());
            client.write(text, None);
            self.written += 1;
        }
        None
    }

    fn hangs_up(&mut self) -> Option<Duration> {
        // A train enters a tunnel: the message may be stored, and its answer is lost. It is sent again.
        (self.dice.below(HANGS_UP) == 0).then(|| self.dice.up_to(Duration::from_millis(10)))
    }

    fn is_finished(&self) -> bool {
        self.written == self.to_write || self.enough.as_ref().is_some_and(|enough| enough.load(Ordering::Relaxed))
    }
}
