//! Domain events: what happened, told after the commit to whoever wants to know. Features talk to one another through this enum only.
//! In-process and lossy by design: whoever needs certainty reads the tables.

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::ids::{ConversationId, OfflineMessageId, OperatorId, SiteId, TenantId, VisitId, VisitorId};
use crate::scope::SiteScope;
use crate::visitor_events::Acted;

/// Something that happened, as `noun.verb_past`.
#[derive(Clone, Debug)]
pub enum Event {
    /// `conversation.changed`: a row of the inbox is no longer what it was.
    ConversationChanged(TenantId, ConversationId),
    /// `conversation.moved`: it came, or moved between queue, operators and statuses.
    ConversationMoved(TenantId, ConversationId),
    /// `offline_message.received`.
    OfflineMessageReceived(TenantId, OfflineMessageId),
    /// `operator.availability_changed`: chose another availability, or came or went.
    OperatorAvailabilityChanged(TenantId, OperatorId),
    /// `visitor.presence_changed`, of visitors that have a conversation.
    VisitorPresenceChanged(TenantId, VisitorId, bool),
    /// A widget of the site said hello, on this page if it named one; at most once a minute.
    SiteSeen(SiteScope, Option<String>),
    /// `tag.changed`: a tag came, went, or has another name or colour.
    TagChanged(TenantId),
    /// `canned_response.changed`: one came, went or changed.
    CannedResponseChanged(TenantId),
    /// `draft.changed`: an operator wrote on, or is done.
    DraftChanged(TenantId, OperatorId, ConversationId),
    /// `visitor.changed`: another page, name, address or attribute.
    VisitorChanged(TenantId, VisitorId),
    /// `visitor.acted`: a page entered, an event of the shop's own, a cart or an order; each once, after it was stored.
    VisitorActed(Arc<Acted>),
    /// `site.changed`: settings that hellos answer.
    SiteChanged(TenantId, SiteId),
    /// `operator.changed`: who they are, what they may, or that they left.
    OperatorChanged(TenantId, OperatorId),
    /// `visitor.page_entered`: a live connection is on this page, now or again.
    PageEntered(Arc<PageEntered>),
    /// `virtual_agent.changed`: its settings or its questions.
    VirtualAgentChanged(TenantId),
    /// `promotion.changed`: one came, went or changed.
    PromotionChanged(TenantId),
}

/// Where a connected visitor is, as their browser says.
#[derive(Clone, Debug)]
pub struct PageEntered {
    /// Their site.
    pub scope: SiteScope,
    /// Who.
    pub visitor: VisitorId,
    /// In which stay.
    pub visit: VisitId,
    /// When, in ms since 1970 UTC.
    pub at: i64,
    /// Address.
    pub url: String,
    /// Title.
    pub title: String,
    /// Where they came from.
    pub referrer: Option<String>,
    /// What the page sells.
    pub product: Option<PageProduct>,
    /// Browser language.
    pub language: Option<String>,
    /// User-Agent header.
    pub user_agent: Option<String>,
    /// The shop's server has said who they are.
    pub identified: bool,
}

/// What a page sells, as far as rules ask.
#[derive(Clone, Debug)]
pub struct PageProduct {
    /// The shop's number of it.
    pub id: Option<String>,
    /// Its name.
    pub name: String,
    /// Its price, if it is a number.
    pub price: Option<f64>,
    /// In stock, if the page says so.
    pub in_stock: Option<bool>,
}

/// Where events are published and listened to.
#[derive(Clone, Debug)]
pub struct Events(broadcast::Sender<Event>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::channel(65_536).0)
    }
}

impl Events {
    /// Tells everybody who listens now; nobody listening is fine.
    pub fn publish(&self, event: Event) {
        let _ = self.0.send(event);
    }

    /// Everything from now on.
    pub fn listen(&self) -> broadcast::Receiver<Event> {
        self.0.subscribe()
    }
}
