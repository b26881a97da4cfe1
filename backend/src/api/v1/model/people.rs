//! Operators, oneself, tenants and sites.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Millis;
use crate::ids::{OperatorId, SiteId, TenantId};
use crate::operators::{Availability, Operator, Role};
use crate::sites::settings::Settings;
use crate::sites::{self, Site};

/// An operator, as colleagues see them.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Operator)]
pub struct OperatorOut {
    /// Id.
    pub id: OperatorId,
    /// Name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// What they chose.
    pub availability: Availability,
    /// Has a live connection now.
    pub present: bool,
}

impl OperatorOut {
    /// From the row and the engine's knowledge.
    pub fn new(operator: Operator, present: bool) -> Self {
        let Operator { id, name, role, availability, .. } = operator;
        Self { id, name, role, availability, present }
    }
}

/// Oneself: the operator, with what only they see.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Myself)]
pub struct MyselfOut {
    /// Id.
    pub id: OperatorId,
    /// Name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// What one chose.
    pub availability: Availability,
    /// Has a live connection now.
    pub present: bool,
    /// Sign-in address.
    pub email: String,
    /// `ko`, `en`, or null for the browser's.
    #[schema(required)]
    pub language: Option<String>,
}

/// A name with an id.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Named)]
pub struct NamedOut<T> {
    /// Id.
    pub id: T,
    /// Name.
    pub name: String,
}

/// Who is signed in, and to what.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Me)]
pub struct MeOut {
    /// Oneself.
    pub operator: MyselfOut,
    /// One's tenant.
    pub tenant: TenantOut,
    /// Where the widget is served.
    pub widget_url: String,
}

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tenant)]
pub struct TenantOut {
    /// Id.
    pub id: TenantId,
    /// Name.
    pub name: String,
}

/// A change of oneself; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MeChange)]
pub struct MeIn {
    /// 1 to 120 characters.
    pub name: Option<String>,
    /// `ko` or `en`.
    pub language: Option<String>,
    /// Availability.
    pub availability: Option<Availability>,
}

/// A token for one Socket.IO connection.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SocketToken)]
pub struct SocketTokenOut {
    /// Goes into the hello, once.
    pub token: String,
    /// Good until, in ms since 1970 UTC.
    pub expires_at: Millis,
}

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
    /// `ko` or `en`.
    pub language: String,
    /// `#rrggbb`.
    pub color: String,
    /// `left` or `right`.
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
}

impl SiteOut {
    /// With the snippet for this widget origin.
    pub fn new(site: Site, widget_origin: &str) -> Self {
        Self {
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
            settings: site.settings.0,
            last_seen_at: site.last_seen_at,
            last_seen_url: site.last_seen_url,
            created_at: site.created_at,
        }
    }
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
    /// `ko` or `en`.
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
    /// `ko` or `en`.
    pub language: Option<String>,
    /// `#rrggbb`.
    pub color: Option<String>,
    /// `left` or `right`.
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
}

/// Tells null from absent.
#[expect(clippy::option_option, reason = "absent leaves the value, null clears it")]
fn present<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}
