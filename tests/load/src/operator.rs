//! An operator as the console speaks for one, over Socket.IO: follows every conversation and answers some messages.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::actor::Role;
use crate::checker::MESSAGE;
use crate::client::Client;
use crate::clock::Instant;
use crate::dice::Dice;
use crate::fault::Result;
use crate::link::Link;
use crate::rest::Console;

/// One message in this many is answered, unless another number is chosen.
pub const ANSWERED: u64 = 4;

/// An operator who is signed in.
#[derive(Debug)]
pub struct Operator {
    console: Console,
    /// `ws://…/socket.io/` of the first listener.
    url: String,
    origin: String,
    /// Conversation → how many of the entries received were looked at.
    seen: BTreeMap<String, usize>,
    /// Reads only: a second window of the same person.
    watches: bool,
    /// One message in so many is answered.
    answered: u64,
    dice: Dice,
}

impl Operator {
    /// An operator at the console of this origin.
    pub fn new(console: Console, origin: &str, dice: Dice) -> Self {
        let url = format!("{}/socket.io/", origin.replacen("http", "ws", 1));
        Self { console, url, origin: origin.to_owned(), seen: BTreeMap::new(), watches: false, answered: ANSWERED, dice }
    }

    /// The same, who answers one message in so many: one person cannot keep up with a hundred.
    #[must_use]
    pub fn answering(mut self, one_in: u64) -> Self {
        self.answered = one_in;
        self
    }

    /// The same, who writes nothing.
    #[must_use]
    pub fn watching(mut self) -> Self {
        self.watches = true;
        self
    }
}

impl Role for Operator {
    const COUNTS: bool = false;

    async fn connect(&mut self, _client: &Client) -> Result<Link> {
        let token = self.console.socket_token().await?;
        Link::socket_io(&self.url, &self.origin, &json!({"v": 1, "token": token})).await
    }

    async fn welcomed(&mut self, client: &mut Client, welcome: &Value) -> Result<()> {
        // What the other window writes is not this one's.
        let participant = if self.watches { "watcher" } else { welcome["operator"]["id"].as_str().unwrap_or_default() };
        participant.clone_into(&mut client.history.participant);
        // Asked for after the welcome: what begins from now on is told by the operators' channel.
        for conversation in self.console.conversations().await? {
            client.follow(&conversation.channel, &conversation.id, conversation.last_seq);
        }
        Ok(())
    }

    fn told(&mut self, client: &mut Client, event: &Value) {
        if event["type"] != "conversation.changed" {
            return;
        }
        let data = &event["data"];
        let conversation = if data["conversation"].is_object() { &data["conversation"] } else { data };
        match (conversation["channel"].as_str(), conversation["id"].as_str(), conversation["last_seq"].as_u64()) {
            (Some(channel), Some(id), Some(last_seq)) => client.follow(channel, id, last_seq),
            _ => client.history.notes.push(format!("conversation.changed without the conversation: {event}")),
        }
    }

    fn write(&mut self, client: &mut Client, _now: Instant) -> Option<Instant> {
        if self.watches {
            return None;
        }
        let mut answers = Vec::new();
        for (conversation, entries) in &client.history.received {
            if !self.seen.contains_key(conversation) {
                self.seen.insert(conversation.clone(), 0);
            }
            let Some(seen) = self.seen.get_mut(conversation) else { continue };
            for entry in &entries[*seen..] {
                let asked = entry.kind == MESSAGE && entry.sender != client.history.participant;
                if asked && self.dice.below(self.answered) == 0 {
                    answers.push((format!("answer to {}", entry.seq), conversation.clone()));
                }
            }
            *seen = entries.len();
        }
        for (text, conversation) in answers {
            client.write(text, Some(&conversation));
        }
        None
    }

    fn hangs_up(&mut self) -> Option<Duration> {
        None
    }

    fn is_finished(&self) -> bool {
        true
    }
}
