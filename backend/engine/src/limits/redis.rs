//! Buckets in Redis, shared by all nodes, by the clock of Redis. When it does not answer at once, the node's own buckets decide.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use redis::Value;
use tokio::time::{Instant, timeout};

use crate::limits::memory::MemoryLimits;
use crate::limits::{Drawn, Limits, Rate};
use crate::link::{RedisConfig, Scripts};

// Numbers are written with their fractions: Redis would cut those of a time. A clock that goes back gives nothing.
const TAKE: &str = r"
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local burst, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = burst
if kept[1] then tokens = math.min(burst, tonumber(kept[1]) + math.max(0, now - tonumber(kept[2])) * rate) end
local count = math.min(burst, tonumber(ARGV[3]))
local wait = 0
if tokens >= count then tokens = math.min(burst, tokens - count) else wait = math.max(1, math.ceil((count - tokens) / rate * 1000)) end
local full = math.ceil((burst - tokens) / rate * 1000)
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], full + 1000)
return {wait, math.floor(tokens), full}
";

/// A caller waits no longer for Redis.
const PATIENCE: Duration = Duration::from_millis(200);
/// After a failure Redis is left alone for so long.
const REST: Duration = Duration::from_secs(1);

/// Limits of all nodes.
pub struct RedisLimits {
    scripts: Scripts,
    own: MemoryLimits,
    rests_until: Mutex<Option<Instant>>,
}

impl RedisLimits {
    /// Connects when first asked.
    pub fn new(config: RedisConfig) -> Self {
        Self { scripts: Scripts::new(config), own: MemoryLimits::new(), rests_until: Mutex::new(None) }
    }

    /// Whether the limits are shared now; otherwise each node keeps its own.
    pub fn shared(&self) -> bool {
        self.rests_until.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|until| until <= Instant::now())
    }

    fn note(&self, works: bool) {
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = (!works).then(|| Instant::now() + REST);
    }

    async fn ask(&self, key: &str, rate: Rate, count: i32) -> Option<Drawn> {
        let arguments = [rate.burst.max(1).to_string(), rate.per_second.to_string(), count.to_string()];
        let keys = [self.scripts.key(&format!("rate:{key}"))];
        let answer = timeout(PATIENCE, self.scripts.run(TAKE, &keys, &arguments)).await.ok()?.ok()?;
        let Value::Array(numbers) = answer else { return None };
        let [Value::Int(wait), Value::Int(left), Value::Int(full)] = numbers[..] else { return None };
        let [wait, full_after] = [wait, full].map(|millis| Duration::from_millis(millis.unsigned_abs()));
        let result = if wait.is_zero() { Ok(()) } else { Err(wait) };
        Some(Drawn { result, left: u32::try_from(left).unwrap_or(0), full_after })
    }
}

impl Limits for RedisLimits {
    fn draw<'a>(&'a self, key: &'a str, rate: Rate, count: i32) -> BoxFuture<'a, Drawn> {
        async move {
            if self.shared() {
                if let Some(drawn) = self.ask(key, rate, count).await {
                    self.note(true);
                    return drawn;
                }
                tracing::warn!("shared limits are away; this node keeps its own");
                self.note(false);
            }
            self.own.draw_now(key, rate, count)
        }
        .boxed()
    }
}
