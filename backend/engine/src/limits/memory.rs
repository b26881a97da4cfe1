//! Buckets in the memory of one node.

use std::collections::HashMap;
use std::future::ready;
use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::time::Instant;

use crate::limits::{Drawn, Limits, Rate};
use crate::rate::Bucket;

/// Buckets beyond which the full ones are forgotten first.
const TIDY: usize = 1_024;

#[derive(Default)]
struct Buckets {
    by_key: HashMap<String, Bucket>,
    /// When to look for full ones: at twice what was left the last time.
    tidy_at: usize,
}

/// Limits of one node.
#[derive(Default)]
pub struct MemoryLimits {
    buckets: Mutex<Buckets>,
}

impl MemoryLimits {
    /// Every bucket is full.
    pub fn new() -> Self {
        Self::default()
    }

    pub(super) fn draw_now(&self, key: &str, rate: Rate, count: i32) -> Drawn {
        let now = Instant::now();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.by_key.len() >= buckets.tidy_at.max(TIDY) {
            // A full bucket says nothing that a new one would not.
            buckets.by_key.retain(|_, bucket| !bucket.is_full(now));
            buckets.tidy_at = buckets.by_key.len() * 2;
        }
        if let Some(bucket) = buckets.by_key.get_mut(key) {
            return bucket.draw(count, now);
        }
        let mut bucket = Bucket::with(rate.burst.max(1), rate.per_second, now);
        let drawn = bucket.draw(count, now);
        buckets.by_key.insert(key.to_owned(), bucket);
        drawn
    }
}

impl Limits for MemoryLimits {
    fn draw<'a>(&'a self, key: &'a str, rate: Rate, count: i32) -> BoxFuture<'a, Drawn> {
        ready(self.draw_now(key, rate, count)).boxed()
    }
}
