//! Buckets in Redis, shared by all nodes, by the clock of Redis. When it does not answer at once, the node's own buckets decide.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use redis::Value;
use tokio::time::{Instant, timeout};

use crate::limits::memory::MemoryLimits;
use crate::limits::{Limits, Rate};
use crate::link::{RedisConfig, Scripts};

// Numbers are written with their fractions: Redis would cut those of a time. A clock that goes back gives nothing.
const TAKE: &str = r"
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local burst, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens = burst
if kept[1] then tokens = math.min(burst, tonumber(kept[1]) + math.max(0, now - tonumber(kept[2])) * rate) end
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = math.max(1, math.ceil((1 - tokens) / rate * 1000)) end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((burst - tokens) / rate * 1000) + 1000)
return wait
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

    async fn ask(&self, key: &str, rate: Rate) -> Option<Result<(), Duration>> {
        let arguments = [rate.burst.max(1).to_string(), rate.per_second.to_string()];
        let keys = [self.scripts.key(&format!("rate:{key}"))];
        match timeout(PATIENCE, self.scripts.run(TAKE, &keys, &arguments)).await {
            Ok(Ok(Value::Int(0))) => Some(Ok(())),
            Ok(Ok(Value::Int(wait))) => Some(Err(Duration::from_millis(wait.unsigned_abs()))),
            _ => None,
        }
    }
}

impl Limits for RedisLimits {
    fn take<'a>(&'a self, key: &'a str, rate: Rate) -> BoxFuture<'a, Result<(), Duration>> {
        async move {
            if self.shared() {
                if let Some(taken) = self.ask(key, rate).await {
                    self.note(true);
                    return taken;
                }
                tracing::warn!("shared limits are away; this node keeps its own");
                self.note(false);
            }
            self.own.take_now(key, rate)
        }
        .boxed()
    }
}
