//! Timers of stays: made when a page is entered on a site that has such a rule, and dropped when the page or the visit is over. Pure but for the
//! clock it is given.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::board::Live;
use crate::ids::{TenantId, VisitId, VisitorId};
use crate::rules::rule::Trigger;

/// Somebody may stay until then.
#[derive(Clone, Debug)]
pub(super) struct Stay {
    pub(super) tenant: TenantId,
    pub(super) visitor: VisitorId,
    visit: VisitId,
    page_view: Uuid,
    pub(super) trigger: Trigger,
}

impl Stay {
    /// Still on that page, or during that visit.
    pub(super) fn lasts(&self, live: &Live) -> bool {
        let same_page = live.page_view == self.page_view || matches!(self.trigger, Trigger::SiteStay { .. });
        live.visit == self.visit && same_page
    }
}

/// In the order in which they are over.
#[derive(Debug, Default)]
pub(super) struct Stays {
    waiting: BTreeMap<(Instant, u64), Stay>,
    made: u64,
}

impl Stays {
    /// Begins to wait. Of a stay on the site the first page of the visit decides.
    pub(super) fn add(&mut self, live: &Live, trigger: Trigger, first: bool) {
        let seconds = match &trigger {
            Trigger::PageStay { seconds } => *seconds,
            Trigger::SiteStay { seconds } if first => *seconds,
            _ => return,
        };
        self.made += 1;
        let at = Instant::now() + Duration::from_secs(u64::from(seconds));
        let (tenant, visitor, visit, page_view) = (live.scope.tenant(), live.visitor, live.visit, live.page_view);
        self.waiting.insert((at, self.made), Stay { tenant, visitor, visit, page_view, trigger });
    }

    /// When the next one is over.
    pub(super) fn next(&self) -> Option<Instant> {
        self.waiting.first_key_value().map(|((at, _), _)| *at)
    }

    /// Takes those that are over.
    pub(super) fn due(&mut self, now: Instant) -> Vec<Stay> {
        let later = self.waiting.split_off(&(now, u64::MAX));
        std::mem::replace(&mut self.waiting, later).into_values().collect()
    }
}
