//! Time, for histories and timeouts; the only file here that reads the wall clock.

use std::time::{SystemTime, UNIX_EPOCH};

pub use tokio::time::Instant;

/// Milliseconds since 1970, UTC.
pub fn unix_millis() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "tools outside the product have the real clock only")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Whole milliseconds between two instants, zero when they stand the other way round.
pub fn millis_between(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.saturating_duration_since(from).as_millis()).unwrap_or(u64::MAX)
}
