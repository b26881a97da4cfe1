//! Visitors and what they left while nobody was available.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::conversations::ShopPageOut;
use super::people::NamedOut;
use super::present;
use crate::clock::Millis;
use crate::ids::{OfflineMessageId, SiteId, VisitId, VisitorId};
use crate::offline::OfflineMessage;
use crate::visitors::device::Device;
use crate::visitors::{self, Visitor};
use crate::visits::{Campaign, Product, Trodden, VisitorVisits};

/// A visitor.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Visitor)]
pub struct VisitorOut {
    /// Id.
    pub id: VisitorId,
    /// Site.
    pub site_id: SiteId,
    /// Name.
    #[schema(required)]
    pub name: Option<String>,
    /// E-mail.
    #[schema(required)]
    pub email: Option<String>,
    /// The name, or "Visitor 4F2A".
    pub label: String,
    /// Has a live connection now.
    pub present: bool,
    /// Proven to be somebody by the shop's own server.
    pub identified: bool,
    /// Who they are there.
    #[schema(required)]
    pub external_id: Option<String>,
    /// What the shop or its operators know of them: texts, numbers, true and false.
    #[schema(value_type = BTreeMap<String, AttributeValue>)]
    pub attributes: Map<String, Value>,
    /// Browser language.
    #[schema(required)]
    pub language: Option<String>,
    /// Browser, as it calls itself.
    #[schema(required)]
    pub user_agent: Option<String>,
    /// Browser, as people call it.
    pub device: DeviceOut,
    /// Such as Asia/Seoul.
    #[schema(required)]
    pub time_zone: Option<String>,
    /// In ms since 1970 UTC.
    pub first_seen_at: Millis,
    /// In ms since 1970 UTC.
    pub last_seen_at: Millis,
    /// How many visits.
    pub visits: i64,
    /// The page they are on, or were last.
    #[schema(required)]
    pub page: Option<VisitorPageOut>,
    /// What that page sells.
    #[schema(required)]
    pub product: Option<Product>,
    /// Where the latest visit came from.
    #[schema(required)]
    pub referrer: Option<String>,
    /// Which advertisement it came from.
    #[schema(required)]
    pub campaign: Option<Campaign>,
}

/// What an attribute can be.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum AttributeValue {
    /// A text.
    Text(String),
    /// A number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
}

/// What becomes of an attribute.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum AttributeChange {
    /// It is this from now on.
    Set(AttributeValue),
    /// It is removed.
    Removed,
}

/// A visitor's machine, as its User-Agent header says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Device)]
pub struct DeviceOut {
    /// Such as Chrome.
    #[schema(required)]
    pub browser: Option<String>,
    /// Such as Android.
    #[schema(required)]
    pub os: Option<String>,
    /// `phone`, `tablet`, `desktop` or `bot`.
    #[schema(required)]
    pub kind: Option<String>,
}

/// The page a visitor is on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VisitorPage)]
pub struct VisitorPageOut {
    /// Address.
    pub url: String,
    /// Title.
    pub title: String,
    /// Since when, in ms since 1970 UTC.
    pub since: Millis,
}

/// A page that a visitor was on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PageView)]
pub struct PageViewOut {
    /// When they came, in ms since 1970 UTC.
    pub at: Millis,
    /// When they went on to another page of the same visit, or from the site; null while they are on it, and where nobody saw them go.
    #[schema(required)]
    pub left_at: Option<Millis>,
    /// Address.
    pub url: String,
    /// Title.
    pub title: String,
    /// The stay it belongs to.
    pub visit_id: VisitId,
}

impl From<Trodden> for PageViewOut {
    fn from(Trodden { at, left_at, url, title, visit_id, .. }: Trodden) -> Self {
        Self { at, left_at, url, title, visit_id }
    }
}

/// A change of a visitor; what is absent stays, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VisitorChange)]
pub struct VisitorIn {
    /// At most 120 characters.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub name: Option<Option<String>>,
    /// An e-mail address.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub email: Option<Option<String>>,
    /// Merged into those there are, null removes one. At most 50, with names of at most 40 and texts of at most 500 characters.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, AttributeChange>, required = false)]
    pub attributes: Map<String, Value>,
}

impl VisitorOut {
    /// From the row, the visits and the engine's knowledge.
    pub fn new(visitor: Visitor, visits: VisitorVisits, present: bool) -> Self {
        let device = Device::of(visitor.user_agent.as_deref().unwrap_or_default());
        let latest = visits.latest;
        let page = latest.as_ref().and_then(|visit| {
            let (url, title) = (visit.page_url.clone()?, visit.page_title.clone().unwrap_or_default());
            Some(VisitorPageOut { url, title, since: visit.page_since.unwrap_or(visit.started_at) })
        });
        let referrer = latest.as_ref().and_then(|visit| visit.referrer.clone());
        let campaign = latest.as_ref().and_then(|visit| Campaign::of(visit.entry_url.as_deref()?));
        Self {
            id: visitor.id,
            site_id: visitor.site_id,
            label: visitors::label(visitor.id, visitor.name.as_deref()),
            name: visitor.name,
            email: visitor.email,
            present,
            identified: visitor.external_id.is_some(),
            external_id: visitor.external_id,
            attributes: visitor.attributes.0,
            language: visitor.language,
            user_agent: visitor.user_agent,
            device: DeviceOut {
                browser: device.browser.map(ToOwned::to_owned),
                os: device.os.map(ToOwned::to_owned),
                kind: device.kind.map(ToOwned::to_owned),
            },
            time_zone: visitor.time_zone,
            first_seen_at: visitor.first_seen_at,
            last_seen_at: visitor.last_seen_at,
            visits: visits.count,
            page,
            product: latest.and_then(|visit| visit.product).map(|product| product.0),
            referrer,
            campaign,
        }
    }
}

/// A message left while nobody was available.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OfflineMessage)]
pub struct OfflineMessageOut {
    /// Id.
    pub id: OfflineMessageId,
    /// Site.
    pub site: NamedOut,
    /// Who left it.
    pub visitor_id: VisitorId,
    /// How they want to be called.
    pub name: String,
    /// Where to answer.
    pub email: String,
    /// What they wrote.
    pub text: String,
    /// The page they were on.
    #[schema(required)]
    pub page: Option<ShopPageOut>,
    /// In ms since 1970 UTC.
    pub at: Millis,
    /// When it was marked as read, in ms since 1970 UTC.
    #[schema(required)]
    pub read_at: Option<Millis>,
}

impl From<OfflineMessage> for OfflineMessageOut {
    fn from(message: OfflineMessage) -> Self {
        Self {
            id: message.id,
            site: NamedOut { id: message.site_id.0, name: message.site_name },
            visitor_id: message.visitor_id,
            name: message.name,
            email: message.email,
            text: message.text,
            page: message.page_url.map(|url| ShopPageOut { url, title: message.page_title.unwrap_or_default() }),
            at: message.at,
            read_at: message.read_at,
        }
    }
}

/// Read or unread.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReadChange)]
pub struct ReadIn {
    /// True for read.
    pub read: bool,
}

/// Cursor and limit of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// 1 to 200, default 50.
    pub limit: Option<i64>,
}

/// What an operator says to a visitor who is there.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewGreeting)]
pub struct GreetingIn {
    /// A UUIDv7 of the sender's; names the message for ever.
    pub client_message_id: uuid::Uuid,
    /// At most 8,000 characters.
    pub text: String,
}
