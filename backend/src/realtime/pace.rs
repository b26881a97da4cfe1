//! What one address may do, however many visitors it says it is.

use std::net::IpAddr;
use std::sync::Arc;

use crate::config::Limits;
use crate::rate::{RateLimiter, Shared};

/// What one address may do, however many visitors it says it is.
pub(super) struct ByAddress {
    pub(super) new_visitors: RateLimiter<IpAddr>,
    pub(super) offline_posts: RateLimiter<IpAddr>,
    pub(super) fallback: RateLimiter<IpAddr>,
}

impl ByAddress {
    pub(super) fn new(limits: &Limits, shared: Option<&Arc<dyn Shared>>) -> Self {
        let (visitors, messages) = (f64::from(limits.new_visitors_per_minute), f64::from(limits.offline_messages_per_hour));
        Self {
            new_visitors: RateLimiter::new(visitors / 60.0, visitors).over_all("new visitors", shared),
            offline_posts: RateLimiter::new(messages / 3600.0, messages).over_all("offline posts of an address", shared),
            // As much as one connection may ask, for HTTP has none to count by.
            fallback: RateLimiter::new(50.0, 200.0).over_all("fallback", shared),
        }
    }
}
