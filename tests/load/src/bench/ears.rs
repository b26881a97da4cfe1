//! What visitors and operators of a talk hear: answers to what was asked, receipts of what others wrote, page changes on the live board.

use std::collections::BTreeSet;

use super::fleet::{Clock, Heard, Id};
use super::marks::Reader;
use super::meter::Latencies;
use super::wire::{self, Dialect};

/// What was heard since the last look.
pub struct Ears {
    pub clock: Clock,
    pub reader: Reader,
    pub answers: Vec<(u64, bool)>,
    pub acks: Latencies,
    pub receipts: Latencies,
    pub heard: u64,
    /// Members whose receipts count: those who do not write.
    pub listens: Vec<bool>,
    pub dialects: Vec<Dialect>,
    pub channels: Vec<(Id, String)>,
    pub gone: u64,
    /// Operators at the live board, and the page changes that each has seen there.
    pub watchers: Vec<Id>,
    pub changes: BTreeSet<(Id, u64)>,
    pub board: Latencies,
}

/// Whether a frame is of such a channel; its name stands near the beginning.
fn is_of(text: &[u8], kind: &[u8]) -> bool {
    text.get(..48).is_some_and(|head| head.windows(kind.len()).any(|window| window == kind))
}

impl Ears {
    /// Takes in what a member heard.
    pub fn hear(&mut self, id: Id, heard: Heard<'_>) {
        let text = match heard {
            Heard::Text(text) => text,
            Heard::Gone => return self.gone += 1,
            Heard::Welcome(_) => return,
        };
        let dialect = self.dialects.get(id).copied().unwrap_or(Dialect::Frames);
        if let Some(answer) = wire::answer(dialect, text) {
            self.answers.push(answer);
            if self.channels.len() < self.channels.capacity()
                && let Some(channel) = wire::field(text, "channel")
            {
                self.channels.push((id, channel.to_owned()));
            }
            return;
        }
        let now = self.clock.micros();
        if self.watchers.contains(&id) && is_of(text, br#""ch":"b/"#) {
            for mark in self.reader.marks(text) {
                // A visitor's row is told again with every change of anything in it.
                if self.changes.insert((id, mark.number)) {
                    self.board.record(now.saturating_sub(mark.sent_us));
                }
            }
            return;
        }
        // Operators hear of a message a second time, in the row of their inbox.
        if !self.listens.get(id).copied().unwrap_or(false) || !is_of(text, br#""ch":"c/"#) {
            return;
        }
        for mark in self.reader.marks(text).iter().filter(|mark| mark.sent_us > 0) {
            self.receipts.record(now.saturating_sub(mark.sent_us));
            self.heard += 1;
        }
    }
}
