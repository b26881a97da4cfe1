//! Sites.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::present;
use crate::clock::Millis;
use crate::ids::{OperatorId, SiteId};
use crate::sites::settings::Settings;
use crate::sites::{self, BusinessHours, Language, RoutingMode, Site, SiteSide};

/// A site with its widget.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Site)]
pub struct SiteOut {
    /// Id.
    pub id: SiteId,
    /// Public key in the snippet.
    pub key: String,
    /// Name that visitors see.
    pub name: String,
    /// What the widget speaks with whoever reads no other of its languages; where `settings.follow_language` is false, with everybody.
    #[schema(value_type = Language)]
    pub language: String,
    /// `#rrggbb`.
    pub color: String,
    /// In which corner the launcher is.
    #[schema(value_type = SiteSide)]
    pub side: String,
    /// First line of the panel.
    #[schema(required)]
    pub greeting: Option<String>,
    /// Domains whose pages may carry the widget.
    pub domains: Vec<String>,
    /// Days within which a post reopens a resolved conversation.
    pub reopen_days: i64,
    /// Where offline messages are mailed; null: to the owners.
    #[schema(required)]
    pub offline_email: Option<String>,
    /// How its queue is given to operators.
    pub routing: RoutingOut,
    /// Minutes within which its visitors should be answered; who waits longer is urgent.
    pub answer_goal_min: i64,
    /// What to paste.
    pub snippet: String,
    /// Looks and words of the widget, what it asks and offers.
    pub settings: Settings,
    /// When a widget last said hello, in ms since 1970 UTC.
    #[schema(required)]
    pub last_seen_at: Option<Millis>,
    /// On which page.
    #[schema(required)]
    pub last_seen_url: Option<String>,
    /// In ms since 1970 UTC.
    pub created_at: Millis,
    /// IANA name of where it is.
    pub time_zone: String,
    /// When it is staffed, on its own wall clock.
    pub business_hours: BusinessHours,
    /// Operators who answer for it; null: everybody.
    #[schema(required)]
    pub members: Option<Vec<OperatorId>>,
    /// Inside its business hours now.
    pub open_now: bool,
}

impl SiteOut {
    /// With the snippet for this widget origin, as it is at this time.
    pub fn new(site: Site, widget_origin: &str, now: Millis) -> Self {
        Self {
            open_now: site.hours().is_open(now),
            snippet: sites::snippet(widget_origin, &site.site_key),
            id: site.id,
            key: site.site_key,
            name: site.name,
            language: site.language,
            color: site.color,
            side: site.side,
            greeting: site.greeting,
            domains: site.domains.0,
            reopen_days: site.reopen_days,
            offline_email: site.offline_email,
            routing: RoutingOut { mode: site.routing_mode, reassign_after_s: site.reassign_after_s },
            answer_goal_min: site.answer_goal_min,
            settings: site.settings.0,
            last_seen_at: site.last_seen_at,
            last_seen_url: site.last_seen_url,
            created_at: site.created_at,
            time_zone: site.time_zone,
            business_hours: site.business_hours.0,
            members: site.members.map(|members| members.0),
        }
    }
}

/// How a site's queue is given to operators.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Routing)]
pub struct RoutingOut {
    /// By what the operator is chosen.
    pub mode: RoutingMode,
    /// Seconds after which an assignee who does not answer loses the conversation to another; null: never.
    #[schema(required)]
    pub reassign_after_s: Option<i64>,
}

/// A change of the routing; what is absent stays, null clears.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoutingChange)]
pub struct RoutingIn {
    /// By what the operator is chosen.
    pub mode: Option<RoutingMode>,
    /// 30 to 3600.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    pub reassign_after_s: Option<Option<i64>>,
}

/// What signs the identities of a site's visitors.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IdentitySecret)]
pub struct IdentitySecretOut {
    /// The key of HS256, as text.
    pub secret: String,
    /// When it replaced another, in ms since 1970 UTC.
    #[schema(required)]
    pub rotated_at: Option<Millis>,
}

/// A new site.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSite)]
pub struct NewSiteIn {
    /// 1 to 120 characters.
    pub name: String,
    /// 1 to 50 domains, such as shop.example.com or *.example.com.
    pub domains: Vec<String>,
    /// What the widget speaks with whoever reads no other of its languages; where `settings.follow_language` is false, with everybody.
    #[schema(value_type = Language)]
    pub language: String,
}

/// A change of a site; what is absent stays, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SiteChange)]
pub struct SiteIn {
    /// 1 to 120 characters.
    pub name: Option<String>,
    /// 1 to 50 domains.
    pub domains: Option<Vec<String>>,
    /// What the widget speaks.
    #[schema(value_type = Option<Language>)]
    pub language: Option<String>,
    /// `#rrggbb`.
    pub color: Option<String>,
    /// In which corner the launcher is.
    #[schema(value_type = Option<SiteSide>)]
    pub side: Option<String>,
    /// At most 500 characters.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub greeting: Option<Option<String>>,
    /// 0 to 3650.
    pub reopen_days: Option<i64>,
    /// An e-mail address.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub offline_email: Option<Option<String>>,
    /// Any part of `Site.settings`; what is not named stays.
    #[schema(value_type = Option<Object>)]
    pub settings: Option<serde_json::Value>,
    /// IANA name, such as Asia/Seoul.
    pub time_zone: Option<String>,
    /// `{"always": true}`, or a week.
    pub business_hours: Option<BusinessHours>,
    /// Operators who answer for it; null: everybody.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Vec<OperatorId>>)]
    pub members: Option<Option<Vec<OperatorId>>>,
    /// How its queue is given to operators.
    pub routing: Option<RoutingIn>,
    /// 1 to 1440.
    pub answer_goal_min: Option<i64>,
}
