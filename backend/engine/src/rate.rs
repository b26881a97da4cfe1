//! A token bucket: how many requests a connection may make, and what `limits` keep. Pure: the time is passed in.

use std::time::Duration;

use tokio::time::Instant;

use crate::limits::Drawn;

/// Holds up to `burst` tokens and gains `per_second` each second.
#[derive(Debug)]
pub(crate) struct Bucket {
    tokens: f64,
    burst: f64,
    per_second: f64,
    filled: Instant,
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn new(burst: u32, per_second: u32, now: Instant) -> Self {
        Self::with(burst, f64::from(per_second), now)
    }

    /// A full bucket that may gain less than one token a second.
    pub(crate) fn with(burst: u32, per_second: f64, now: Instant) -> Self {
        Self { tokens: f64::from(burst), burst: f64::from(burst), per_second, filled: now }
    }

    fn fill(&mut self, now: Instant) {
        let gained = now.saturating_duration_since(self.filled).as_secs_f64() * self.per_second;
        self.tokens = (self.tokens + gained).min(self.burst);
        self.filled = now;
    }

    /// Whether nothing would be left to gain.
    pub(crate) fn is_full(&mut self, now: Instant) -> bool {
        self.fill(now);
        self.tokens >= self.burst
    }

    /// Takes so many tokens together, or says how long it takes until they are there; fewer than none are put back.
    pub(crate) fn draw(&mut self, count: i32, now: Instant) -> Drawn {
        self.fill(now);
        let seconds = |seconds: f64| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        let count = f64::from(count).min(self.burst);
        let result = if self.tokens >= count {
            self.tokens = (self.tokens - count).min(self.burst);
            Ok(())
        } else {
            Err(seconds((count - self.tokens) / self.per_second).max(Duration::from_millis(1)))
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to the burst, which was whole")]
        let left = self.tokens as u32;
        Drawn { result, left, full_after: seconds((self.burst - self.tokens) / self.per_second) }
    }

    /// Takes one token; `false` when there is none.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        self.fill(now);
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_what_follows_waits_for_new_tokens() {
        let start = Instant::now();
        let mut bucket = Bucket::new(3, 2, start);
        assert!((0..3).all(|_| bucket.take(start)));
        assert!(!bucket.take(start));
        assert!(bucket.take(start + Duration::from_millis(500)));
        assert!(!bucket.take(start + Duration::from_millis(500)));
    }

    #[test]
    fn a_long_rest_never_holds_more_than_the_burst() {
        let start = Instant::now();
        let mut bucket = Bucket::new(3, 2, start);
        let later = start + Duration::from_hours(1);
        assert_eq!((0..10).filter(|_| bucket.take(later)).count(), 3);
    }
}
