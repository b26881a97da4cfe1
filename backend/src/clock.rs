//! Time and fresh ids, passed in and never taken from the air, so that tests can move the clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use uuid::{NoContext, Timestamp, Uuid};

/// Milliseconds since 1970 UTC.
pub type Millis = i64;

/// One day.
pub const DAY: Millis = 24 * 60 * 60 * 1000;

/// Where "now" comes from.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    fixed: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands until [`Clock::advance`] moves it.
    pub fn fixed(at: Millis) -> Self {
        Self { fixed: Some(Arc::new(AtomicI64::new(at))) }
    }

    /// Moves a fixed clock; the machine's clock does not move.
    pub fn advance(&self, by: Millis) {
        if let Some(at) = &self.fixed {
            at.fetch_add(by, Ordering::SeqCst);
        }
    }

    /// Milliseconds since 1970 UTC.
    pub fn now(&self) -> Millis {
        match &self.fixed {
            Some(at) => at.load(Ordering::SeqCst),
            None => system_now(),
        }
    }

    /// A fresh UUIDv7 of this clock's time.
    pub fn new_id<T: From<Uuid>>(&self) -> T {
        let now = u64::try_from(self.now()).unwrap_or(0);
        let nanos = u32::try_from(now % 1000).unwrap_or(0) * 1_000_000;
        T::from(Uuid::new_v7(Timestamp::from_unix(NoContext, now / 1000, nanos)))
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
fn system_now() -> Millis {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
