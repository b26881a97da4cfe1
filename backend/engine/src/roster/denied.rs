//! Principals whose absence was told although they may be present: on a node that fell silent and may only have been cut off, or that still
//! says so. What such a node believes to be told is older than that.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use tokio::time::Instant;

use super::MOURN;

/// See the module.
#[derive(Default)]
pub(super) struct Denied {
    since: HashMap<Arc<str>, Instant>,
    forgetting: VecDeque<(Instant, Arc<str>)>,
}

impl Denied {
    /// What was told last of a principal may be wrong, or is settled.
    pub(super) fn note(&mut self, principal: &Arc<str>, doubtful: bool, now: Instant) {
        if doubtful {
            self.since.insert(Arc::clone(principal), now);
            self.forgetting.push_back((now, Arc::clone(principal)));
        } else {
            self.since.remove(principal);
        }
    }

    pub(super) fn principals(&self) -> impl Iterator<Item = &Arc<str>> {
        self.since.keys()
    }

    pub(super) fn contains(&self, principal: &str) -> bool {
        self.since.contains_key(principal)
    }

    /// Forgets what no node can come back to contradict.
    pub(super) fn forget(&mut self, now: Instant) {
        while let Some((since, principal)) = self.forgetting.pop_front_if(|(since, _)| *since + MOURN <= now) {
            if self.since.get(&principal) == Some(&since) {
                self.since.remove(&principal);
            }
        }
    }
}
