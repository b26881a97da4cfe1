//! What a client may ask without being cut (the head of docs/PROTOCOL.md): so many requests a second, and so many that wait for their answers.
//! It keeps a little below both, because its clock is not the server's.

use std::time::Duration;

use crate::clock::Instant;

/// Reads that wait for their answers at most; the server allows 64 requests, and a message and heartbeats come on top.
const WAITING: usize = 32;
/// Requests at once; the server allows 200.
const BURST: f64 = 160.0;
/// Requests a second after that; the server allows 50.
const PER_SECOND: f64 = 40.0;

/// A token bucket for one connection, and the bound of what waits.
#[derive(Debug)]
pub(super) struct Pace {
    tokens: f64,
    filled: Option<Instant>,
}

impl Default for Pace {
    /// Of a new connection: the server counts from zero as well.
    fn default() -> Self {
        Self { tokens: BURST, filled: None }
    }
}

impl Pace {
    /// Takes the right to one more request, if there is one now.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let since = self.filled.map_or(Duration::ZERO, |filled| now.saturating_duration_since(filled));
        self.tokens = (self.tokens + since.as_secs_f64() * PER_SECOND).min(BURST);
        self.filled = Some(now);
        let has_one = self.tokens >= 1.0;
        if has_one {
            self.tokens -= 1.0;
        }
        has_one
    }

    /// When there will be another, after there was none.
    pub(super) fn next(now: Instant) -> Instant {
        now + Duration::from_secs_f64(1.0 / PER_SECOND)
    }

    /// How many more reads may wait beside so many requests.
    pub(super) fn room(waiting: usize) -> usize {
        WAITING.saturating_sub(waiting)
    }
}
