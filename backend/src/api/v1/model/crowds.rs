//! JSON of crowds.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Millis;
use crate::crowds::{self, Crowd, CrowdUpdate, Muted, Writers};
use crate::ids::{CrowdId, OperatorId, SiteId, VisitorId};

/// A talk of many, all of whom see one log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Crowd)]
pub struct CrowdOut {
    /// Id.
    pub id: CrowdId,
    /// Whose.
    pub site_id: SiteId,
    /// What stands in the page: `<div data-stalk-community="key">`. Null of one that a page made.
    #[schema(required)]
    pub key: Option<String>,
    /// The page that made it.
    #[schema(required)]
    pub page_url: Option<String>,
    /// What it is called.
    pub name: String,
    /// Messages that whoever joins is shown.
    pub history: i64,
    /// Who may write.
    pub writers: Writers,
    /// Seconds between two messages of one visitor; 0: as they like.
    pub slow_mode_s: i64,
    /// Visitors only read.
    pub frozen: bool,
    /// Connections that are there now, operators' included.
    pub members: usize,
    /// Entries of its log.
    pub last_seq: i64,
    /// The channel of its log.
    pub channel: String,
    /// When something was said last.
    #[schema(required)]
    pub posted_at: Option<Millis>,
    /// In ms since 1970 UTC.
    pub created_at: Millis,
}

impl CrowdOut {
    /// With how many are there.
    pub fn new(crowd: Crowd, members: usize) -> Self {
        let channel = crowds::log_channel(crowd.tenant_id, crowd.id);
        let Crowd { id, site_id, key, page_url, name, history, writers, slow_mode_s, frozen_at, last_seq, posted_at, created_at, .. } =
            crowd;
        let key = page_url.is_none().then_some(key);
        let frozen = frozen_at.is_some();
        Self { id, site_id, key, page_url, name, history, writers, slow_mode_s, frozen, members, last_seq, channel, posted_at, created_at }
    }
}

/// A new crowd.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCrowd)]
pub struct NewCrowdIn {
    /// 1 to 60 letters a to z, digits, - and _; unique on the site.
    pub key: String,
    /// 1 to 120 characters.
    pub name: String,
    /// 0 to 100; absent: 30.
    pub history: Option<i64>,
    /// Absent: everybody.
    pub writers: Option<Writers>,
    /// 0 to 3,600; absent: 0.
    pub slow_mode_s: Option<i64>,
}

/// A change of a crowd; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CrowdChange)]
pub struct CrowdIn {
    /// 1 to 120 characters.
    pub name: Option<String>,
    /// 0 to 100.
    pub history: Option<i64>,
    /// Who may write.
    pub writers: Option<Writers>,
    /// 0 to 3,600.
    pub slow_mode_s: Option<i64>,
    /// Visitors only read.
    pub frozen: Option<bool>,
}

impl From<CrowdIn> for CrowdUpdate {
    fn from(CrowdIn { name, history, writers, slow_mode_s, frozen }: CrowdIn) -> Self {
        Self { name, history, writers, slow_mode_s, frozen }
    }
}

/// A visitor who only reads in a crowd.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CrowdMute)]
pub struct MutedOut {
    /// Who.
    pub visitor_id: VisitorId,
    /// What they are called in crowds.
    #[schema(required)]
    pub name: Option<String>,
    /// Since when.
    pub muted_at: Millis,
    /// Until when; null: until it is lifted.
    #[schema(required)]
    pub muted_until: Option<Millis>,
    /// Who muted them.
    #[schema(required)]
    pub muted_by: Option<OperatorId>,
}

impl From<Muted> for MutedOut {
    fn from(Muted { visitor_id, name, muted_at, muted_until, muted_by }: Muted) -> Self {
        Self { visitor_id, name, muted_at, muted_until, muted_by }
    }
}
