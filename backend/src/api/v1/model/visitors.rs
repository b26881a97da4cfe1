//! Visitors and what they left while nobody was available.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::conversations::ShopPageOut;
use super::people::NamedOut;
use crate::clock::Millis;
use crate::ids::{OfflineMessageId, SiteId, VisitorId};
use crate::offline::OfflineMessage;
use crate::visitors::{self, Visitor};
use crate::visits::VisitorVisits;

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
    /// Browser language.
    #[schema(required)]
    pub language: Option<String>,
    /// Browser.
    #[schema(required)]
    pub user_agent: Option<String>,
    /// In ms since 1970 UTC.
    pub first_seen_at: Millis,
    /// In ms since 1970 UTC.
    pub last_seen_at: Millis,
    /// How many visits.
    pub visits: i64,
    /// The page of the latest visit.
    #[schema(required)]
    pub current_page: Option<CurrentPageOut>,
}

/// The page of a visit.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CurrentPage)]
pub struct CurrentPageOut {
    /// Address.
    pub url: String,
    /// Title.
    pub title: String,
    /// Where the visit came from.
    #[schema(required)]
    pub referrer: Option<String>,
}

impl VisitorOut {
    /// From the row, the visits and the engine's knowledge.
    pub fn new(visitor: Visitor, visits: VisitorVisits, present: bool) -> Self {
        let current_page = visits.latest.and_then(|page| {
            Some(CurrentPageOut { url: page.page_url?, title: page.page_title.unwrap_or_default(), referrer: page.referrer })
        });
        Self {
            id: visitor.id,
            site_id: visitor.site_id,
            label: visitors::label(visitor.id, visitor.name.as_deref()),
            name: visitor.name,
            email: visitor.email,
            present,
            language: visitor.language,
            user_agent: visitor.user_agent,
            first_seen_at: visitor.first_seen_at,
            last_seen_at: visitor.last_seen_at,
            visits: visits.count,
            current_page,
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
    #[schema(value_type = NamedOut<Uuid>)]
    pub site: NamedOut<SiteId>,
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
            site: NamedOut { id: message.site_id, name: message.site_name },
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
