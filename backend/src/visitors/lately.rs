//! What was written of visitors a moment ago. Every message of theirs would say the same again, and when somebody was seen last is kept to the
//! minute, so that a lively conversation needs neither row.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Mutex;

use super::Acting;
use crate::clock::Millis;
use crate::ids::{DeviceId, VisitorId};

/// When somebody was seen last is kept this exactly.
pub(super) const MINUTE: Millis = 60_000;
/// More than this, and those that would be written again are forgotten.
const SWEEP_AT: usize = 20_000;

/// See the module. For one process; what another wrote meanwhile stands until the minute is over.
#[derive(Debug, Default)]
pub struct Lately {
    hasher: RandomState,
    written: Mutex<HashMap<(VisitorId, DeviceId), (u64, Millis)>>,
}

impl Lately {
    /// Whether the rows are as this would write them.
    pub fn has(&self, acting: &Acting, now: Millis) -> bool {
        let Ok(written) = self.written.lock() else { return false };
        let known = written.get(&(acting.visitor, acting.device));
        known.is_some_and(|(profile, at)| (0..MINUTE).contains(&(now - at)) && *profile == self.hasher.hash_one(&acting.profile))
    }

    /// These were written, and the transaction is committed.
    pub fn add(&self, acting: &[Acting], now: Millis) {
        let Ok(mut written) = self.written.lock() else { return };
        if written.len() >= SWEEP_AT {
            written.retain(|_, (_, at)| now - *at < MINUTE);
        }
        written.extend(acting.iter().map(|one| ((one.visitor, one.device), (self.hasher.hash_one(&one.profile), now))));
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::{SiteId, TenantId};
    use crate::scope::SiteScope;
    use crate::visitors::Profile;

    #[test]
    fn what_was_written_is_known_for_a_minute_and_while_it_is_the_same() {
        let acting = |visitor, language: &str| Acting {
            scope: SiteScope::proven(TenantId(Uuid::nil()), SiteId(Uuid::nil())),
            visitor: VisitorId(Uuid::from_u128(visitor)),
            device: DeviceId(Uuid::nil()),
            profile: Profile { language: Some(language.to_owned()), ..Profile::default() },
        };
        let lately = Lately::default();
        assert!(!lately.has(&acting(1, "ko"), 0));
        lately.add(&[acting(1, "ko")], 0);
        assert!(lately.has(&acting(1, "ko"), MINUTE - 1) && !lately.has(&acting(1, "ko"), MINUTE));
        assert!(!lately.has(&acting(1, "en"), 1) && !lately.has(&acting(2, "ko"), 1));
    }
}
