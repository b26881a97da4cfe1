//! What one address may do, however many visitors it says it is.

use std::net::IpAddr;

use crate::config::Limits;
use crate::rate::RateLimiter;

/// What one address may do, however many visitors it says it is.
pub(super) struct ByAddress {
    pub(super) new_visitors: RateLimiter<IpAddr>,
    pub(super) offline_posts: RateLimiter<IpAddr>,
    pub(super) fallback: RateLimiter<IpAddr>,
}

impl ByAddress {
    pub(super) fn new(limits: &Limits) -> Self {
        let (visitors, messages) = (f64::from(limits.new_visitors_per_minute), f64::from(limits.offline_messages_per_hour));
        Self {
            new_visitors: RateLimiter::new(visitors / 60.0, visitors),
            offline_posts: RateLimiter::new(messages / 3600.0, messages),
            // As much as one connection may ask, for HTTP has none to count by.
            fallback: RateLimiter::new(50.0, 200.0),
        }
    }
}
