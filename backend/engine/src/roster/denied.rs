//! Principals whose absence was told although they may be present: on a node that fell silent and may only have been cut off, or that still
//! says so. What such a node believes to be told is older than that. Those whose absence was beyond doubt are remembered for a while too: a
//! node may not have heard that it was told.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use tokio::time::Instant;

use super::{BELIEVE, MOURN};

/// See the module.
#[derive(Default)]
pub(super) struct Denied {
    since: HashMap<Arc<str>, Denial>,
    forgetting: VecDeque<(Instant, Arc<str>)>,
    /// The same of those without doubt, which are forgotten earlier.
    forgetting_soon: VecDeque<(Instant, Arc<str>)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Denial {
    at: Instant,
    doubtful: bool,
}

impl Denied {
    /// The absence of a principal was told, and may be wrong if `doubtful`.
    pub(super) fn absent(&mut self, principal: &Arc<str>, doubtful: bool, now: Instant) {
        self.since.insert(Arc::clone(principal), Denial { at: now, doubtful });
        let queue = if doubtful { &mut self.forgetting } else { &mut self.forgetting_soon };
        queue.push_back((now, Arc::clone(principal)));
    }

    /// The presence of a principal was told.
    pub(super) fn present(&mut self, principal: &Arc<str>) {
        self.since.remove(principal);
    }

    pub(super) fn principals(&self) -> impl Iterator<Item = &Arc<str>> {
        self.since.keys()
    }

    pub(super) fn contains(&self, principal: &str) -> bool {
        self.since.contains_key(principal)
    }

    /// Forgets what no node can come back to contradict.
    pub(super) fn forget(&mut self, now: Instant) {
        for (queue, doubtful, kept) in [(&mut self.forgetting, true, MOURN), (&mut self.forgetting_soon, false, BELIEVE)] {
            while let Some((at, principal)) = queue.pop_front_if(|(at, _)| *at + kept <= now) {
                if self.since.get(&principal) == Some(&Denial { at, doubtful }) {
                    self.since.remove(&principal);
                }
            }
        }
    }
}
