//! A token bucket: how many requests a connection may make. Pure: the time is passed in.

use tokio::time::Instant;

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
        Self { tokens: f64::from(burst), burst: f64::from(burst), per_second: f64::from(per_second), filled: now }
    }

    /// Takes one token; `false` when there is none.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let gained = now.saturating_duration_since(self.filled).as_secs_f64() * self.per_second;
        self.tokens = (self.tokens + gained).min(self.burst);
        self.filled = now;
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
