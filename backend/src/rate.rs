//! Token buckets: so many at once, so many a second after that. In the memory of a node that is alone; of several nodes somewhere they share.

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;

/// More buckets than this are swept of full ones, at most once a second.
const SWEEP_AT: usize = 10_000;
/// More than this are forgotten together: a flood of made-up keys must not fill the memory.
const MOST: usize = 200_000;

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

/// Buckets that several nodes share.
pub trait Shared: Send + Sync {
    /// Takes so many together, or none; fewer than none are given back.
    fn draw(&self, key: String, burst: f64, per_second: f64, count: i32) -> BoxFuture<'_, Taken>;
}

/// A rate for each key.
pub struct RateLimiter<K> {
    per_second: f64,
    burst: f64,
    buckets: Mutex<Buckets<K>>,
    /// Where the buckets are if not here, and what they are called there.
    shared: Option<(&'static str, Arc<dyn Shared>)>,
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

impl<K: Eq + Hash + Display> RateLimiter<K> {
    /// `burst` at once, then `per_second`.
    pub fn new(per_second: f64, burst: f64) -> Self {
        Self {
            per_second: per_second.max(0.000_1),
            burst: burst.max(1.0),
            buckets: Mutex::new(Buckets { by_key: HashMap::new(), swept: None }),
            shared: None,
        }
    }

    /// The same over all nodes, where there are several. The name tells it from other rates of the same keys.
    #[must_use]
    pub fn over_all(self, name: &'static str, shared: Option<&Arc<dyn Shared>>) -> Self {
        Self { shared: shared.map(|shared| (name, Arc::clone(shared))), ..self }
    }

    /// Takes one, or says how long to wait for the next.
    pub async fn take(&self, key: K) -> Result<(), Duration> {
        self.draw(key, 1).await.result
    }

    /// Takes so many together, or none.
    pub async fn take_all(&self, key: K, count: usize) -> Result<(), Duration> {
        self.draw(key, i32::try_from(count).unwrap_or(i32::MAX)).await.result
    }

    /// As [`Self::take`], for those who are told how many are left.
    pub async fn take_counted(&self, key: K) -> Taken {
        self.draw(key, 1).await
    }

    /// Gives one back: what was taken turned out not to count.
    pub async fn give_back(&self, key: K) {
        self.draw(key, -1).await;
    }

    async fn draw(&self, key: K, count: i32) -> Taken {
        match &self.shared {
            Some((name, shared)) => shared.draw(format!("{name}:{key}"), self.burst, self.per_second, count).await,
            None => self.draw_at(key, count, Instant::now()),
        }
    }

    fn draw_at(&self, key: K, count: i32, now: Instant) -> Taken {
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
        let count = f64::from(count).min(self.burst);
        let result = if bucket.tokens >= count {
            bucket.tokens = (bucket.tokens - count).min(self.burst);
            Ok(())
        } else {
            Err(Duration::from_secs_f64((count - bucket.tokens) / self.per_second))
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to the burst, which was whole")]
        let left = bucket.tokens as u32;
        Taken { result, left, full_after: Duration::from_secs_f64((self.burst - bucket.tokens) / self.per_second) }
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
            limiter.draw_at("a", 1, start).result.unwrap();
        }
        let wait = limiter.draw_at("a", 1, start).result.unwrap_err();
        assert!(wait > Duration::from_millis(95) && wait <= Duration::from_millis(100), "{wait:?}");
        limiter.draw_at("b", 1, start).result.unwrap();
        limiter.draw_at("a", 1, start + Duration::from_millis(101)).result.unwrap();
        limiter.draw_at("a", 1, start + Duration::from_millis(102)).result.unwrap_err();
    }

    #[test]
    fn whoever_asks_is_told_how_many_are_left() {
        let limiter = RateLimiter::new(10.0, 3.0);
        let start = Instant::now();
        let first = limiter.draw_at("a", 1, start);
        assert_eq!((first.result, first.left, first.full_after.as_millis()), (Ok(()), 2, 100));
        limiter.draw_at("a", 1, start).result.unwrap();
        assert_eq!(limiter.draw_at("a", 1, start).left, 0);
        assert_eq!(limiter.draw_at("a", 1, start + Duration::from_secs(9)).left, 2);
        assert_eq!(
            limiter.draw_at("a", -5, start + Duration::from_secs(9)).left,
            3,
            "what is given back is there again, and no more than fits"
        );
        assert!(limiter.draw_at("b", 2, start).result.is_ok() && limiter.draw_at("b", 2, start).result.is_err(), "all or none");
    }
}
