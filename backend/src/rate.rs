//! Token buckets: so many at once, so many a second after that. In memory and per node.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// More buckets than this are swept of full ones, at most once a second.
const SWEEP_AT: usize = 10_000;
/// More than this are forgotten together: a flood of made-up keys must not fill the memory.
const MOST: usize = 200_000;

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

/// A rate for each key.
#[derive(Debug)]
pub struct RateLimiter<K> {
    per_second: f64,
    burst: f64,
    buckets: Mutex<Buckets<K>>,
}

/// What became of a try to take one.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    /// Taken, or how long to wait for the next.
    pub result: Result<(), Duration>,
    /// How many could be taken now.
    pub left: u32,
    /// After so long without taking, all are there again.
    pub full_after: Duration,
}

#[derive(Debug)]
struct Buckets<K> {
    by_key: HashMap<K, Bucket>,
    swept: Option<Instant>,
}

impl<K: Eq + Hash> RateLimiter<K> {
    /// `burst` at once, then `per_second`.
    pub fn new(per_second: f64, burst: f64) -> Self {
        Self {
            per_second: per_second.max(0.000_1),
            burst: burst.max(1.0),
            buckets: Mutex::new(Buckets { by_key: HashMap::new(), swept: None }),
        }
    }

    /// Takes one, or says how long to wait for the next.
    pub fn take(&self, key: K) -> Result<(), Duration> {
        self.take_at(key, Instant::now())
    }

    /// As [`Self::take`], for those who are told how many are left.
    pub fn take_counted(&self, key: K) -> Taken {
        self.count_at(key, Instant::now())
    }

    fn take_at(&self, key: K, now: Instant) -> Result<(), Duration> {
        self.count_at(key, now).result
    }

    fn count_at(&self, key: K, now: Instant) -> Taken {
        let full = Taken { result: Ok(()), left: 0, full_after: Duration::ZERO };
        let Ok(mut buckets) = self.buckets.lock() else { return full };
        let due = buckets.swept.is_none_or(|at| now.duration_since(at) > Duration::from_secs(1));
        if buckets.by_key.len() > SWEEP_AT && due {
            let full_after = Duration::from_secs_f64(self.burst / self.per_second);
            buckets.by_key.retain(|_, bucket| now.duration_since(bucket.at) < full_after);
            buckets.swept = Some(now);
        }
        if buckets.by_key.len() > MOST {
            buckets.by_key.clear();
        }
        let bucket = buckets.by_key.entry(key).or_insert(Bucket { tokens: self.burst, at: now });
        bucket.tokens = (bucket.tokens + now.duration_since(bucket.at).as_secs_f64() * self.per_second).min(self.burst);
        bucket.at = now;
        let result = if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            Ok(())
        } else {
            Err(Duration::from_secs_f64((1.0 - bucket.tokens) / self.per_second))
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to the burst, which was whole")]
        let left = bucket.tokens as u32;
        Taken { result, left, full_after: Duration::from_secs_f64((self.burst - bucket.tokens) / self.per_second) }
    }

    /// Gives one back: what was taken turned out not to count.
    pub fn give_back(&self, key: &K) {
        if let Some(bucket) = self.buckets.lock().ok().as_mut().and_then(|buckets| buckets.by_key.get_mut(key)) {
            bucket.tokens = (bucket.tokens + 1.0).min(self.burst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate_holds() {
        let limiter = RateLimiter::new(10.0, 3.0);
        let start = Instant::now();
        for _ in 0..3 {
            limiter.take_at("a", start).unwrap();
        }
        let wait = limiter.take_at("a", start).unwrap_err();
        assert!(wait > Duration::from_millis(95) && wait <= Duration::from_millis(100), "{wait:?}");
        limiter.take_at("b", start).unwrap();
        limiter.take_at("a", start + Duration::from_millis(101)).unwrap();
        limiter.take_at("a", start + Duration::from_millis(102)).unwrap_err();
    }

    #[test]
    fn whoever_asks_is_told_how_many_are_left() {
        let limiter = RateLimiter::new(10.0, 3.0);
        let start = Instant::now();
        let first = limiter.count_at("a", start);
        assert_eq!((first.result, first.left, first.full_after.as_millis()), (Ok(()), 2, 100));
        limiter.take_at("a", start).unwrap();
        assert_eq!(limiter.count_at("a", start).left, 0);
        assert_eq!(limiter.count_at("a", start + Duration::from_secs(9)).left, 2);
    }
}
