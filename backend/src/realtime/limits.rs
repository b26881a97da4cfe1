//! Rates that hold over all nodes, kept by the engine in Redis; while that is away each node keeps its own. Keys are people's addresses and the
//! like, which Redis has no need to know: it sees hashes.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use uuid::Uuid;
use xpush::limits::redis::RedisLimits;
use xpush::limits::{Drawn, Limits as _, Rate};

use super::Among;
use crate::rate::{Shared, Taken};
use crate::text;

/// A socket token is known to be used for longer than it is good.
const TOKENS: Rate = Rate { burst: 1, per_second: 1.0 / 120.0 };

/// Buckets of all nodes.
pub(super) struct SharedRates(RedisLimits);

/// For rates of this node, where it is one of several.
pub fn shared(among: &Among) -> Arc<dyn Shared> {
    Arc::new(SharedRates::new(among))
}

impl SharedRates {
    pub(super) fn new(among: &Among) -> Self {
        Self(RedisLimits::new(among.redis()))
    }

    /// True for whoever is the first of all nodes to show the token.
    pub(super) async fn first_use(&self, nonce: Uuid) -> bool {
        self.0.take(&format!("token:{nonce}"), TOKENS).await.is_ok()
    }
}

impl Shared for SharedRates {
    fn draw(&self, key: String, burst: f64, per_second: f64, count: i32) -> BoxFuture<'_, Taken> {
        async move {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and at least 1")]
            let rate = Rate { burst: burst as u32, per_second };
            let key = text::hex(&text::sha256(key.as_bytes())[..16]);
            let Drawn { result, left, full_after } = self.0.draw(&key, rate, count).await;
            Taken { result, left, full_after }
        }
        .boxed()
    }
}
