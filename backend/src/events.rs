//! Domain events: what happened, told after the commit to whoever wants to know. Features talk to one another through this enum only.
//! Lossy by design: whoever needs certainty reads the tables. Of several nodes each hears its own events, and those of the others that it may act
//! on, marked as from afar.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use crate::ids::{ConversationId, OfflineMessageId, OperatorId, SiteId, TenantId, VisitId, VisitorId};
use crate::scope::{SiteScope, carried};
use crate::visitor_events::{Acted, Cart};

/// Something that happened, as `noun.verb_past`.
#[derive(Clone, Debug)]
pub enum Event {
    /// `conversation.changed`: a row of the inbox is no longer what it was.
    ConversationChanged(TenantId, ConversationId),
    /// `conversation.grown`: the same, of one that got another entry or was read, and stands where it stood.
    ConversationGrown(TenantId, ConversationId),
    /// `virtual_agent.concerned`: a conversation that it has is no longer what it was.
    VirtualAgentConcerned(TenantId, ConversationId),
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
    /// From afar only: what a visitor has in their cart.
    CartSeen(TenantId, VisitorId, Arc<Cart>),
    /// From afar only: a node asks who is where.
    NodeAsked,
    /// From afar only: what other nodes said may be lost. Whoever listens to everything hears that it fell behind.
    NodesMissed,
}

/// Where a connected visitor is, as their browser says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PageEntered {
    /// Their site.
    #[serde(with = "carried")]
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
#[derive(Clone, Debug, Serialize, Deserialize)]
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

/// Where something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// On this node.
    Here,
    /// On another.
    Afar,
}

/// Where events are published and listened to.
#[derive(Clone, Debug)]
pub struct Events(broadcast::Sender<(Event, Heard)>);

/// What somebody hears.
#[derive(Debug)]
pub struct Listener {
    receiver: broadcast::Receiver<(Event, Heard)>,
    /// Unset: from everywhere.
    only: Option<Heard>,
    /// It fell behind, and was not told yet.
    behind: Option<u64>,
}

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::channel(65_536).0)
    }
}

impl Events {
    /// Tells everybody who listens now; nobody listening is fine.
    pub fn publish(&self, event: Event) {
        let _ = self.0.send((event, Heard::Here));
    }

    /// What another node told.
    pub fn publish_from_afar(&self, event: Event) {
        let _ = self.0.send((event, Heard::Afar));
    }

    /// Everything that happens on this node from now on.
    pub fn listen(&self) -> Listener {
        Listener { receiver: self.0.subscribe(), only: Some(Heard::Here), behind: None }
    }

    /// Everything that other nodes tell from now on.
    pub fn listen_afar(&self) -> Listener {
        Listener { only: Some(Heard::Afar), ..self.listen() }
    }

    /// Everything from now on, wherever it happens, as far as nodes tell one another.
    pub fn listen_everywhere(&self) -> Listener {
        Listener { only: None, ..self.listen() }
    }
}

impl Listener {
    /// The next event; `Lagged` where some may have been missed.
    pub async fn recv(&mut self) -> Result<Event, RecvError> {
        self.recv_from().await.map(|(event, _)| event)
    }

    /// As [`Self::recv`], with where it happened.
    pub async fn recv_from(&mut self) -> Result<(Event, Heard), RecvError> {
        if let Some(missed) = self.behind.take() {
            return Err(RecvError::Lagged(missed));
        }
        loop {
            let heard = self.receiver.recv().await?;
            if matches!(heard.0, Event::NodesMissed) && self.only != Some(Heard::Here) {
                return Err(RecvError::Lagged(0));
            }
            if self.only.is_none_or(|only| only == heard.1) {
                return Ok(heard);
            }
        }
    }

    /// An event that waits. That some were missed is said by the next [`Self::recv`].
    pub fn try_recv(&mut self) -> Option<Event> {
        while self.behind.is_none() {
            match self.receiver.try_recv() {
                Ok((Event::NodesMissed, _)) if self.only != Some(Heard::Here) => self.behind = Some(0),
                Ok((event, from)) if self.only.is_none_or(|only| only == from) => return Some(event),
                Ok(_) => {}
                Err(TryRecvError::Lagged(missed)) => self.behind = Some(missed),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return None,
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_hears_what_it_asked_for_and_that_it_may_have_missed_something() {
        let events = Events::default();
        let (mut here, mut afar, mut all) = (events.listen(), events.listen_afar(), events.listen_everywhere());
        let tenant = |number| TenantId(uuid::Uuid::from_u128(number));
        events.publish(Event::TagChanged(tenant(1)));
        events.publish_from_afar(Event::TagChanged(tenant(2)));
        events.publish_from_afar(Event::NodesMissed);
        events.publish(Event::TagChanged(tenant(3)));
        let heard = |event| if let Event::TagChanged(tenant) = event { tenant.0.as_u128() } else { 0 };
        assert_eq!((here.recv().await.map(heard), here.recv().await.map(heard)), (Ok(1), Ok(3)), "others' losses are not its own");
        assert_eq!((afar.recv().await.map(heard), afar.recv().await.map(heard)), (Ok(2), Err(RecvError::Lagged(0))));
        assert_eq!((all.try_recv().map(heard), all.try_recv().map(heard), all.try_recv().map(heard)), (Some(1), Some(2), None));
        assert_eq!((all.recv().await.map(heard), all.recv().await.map(heard)), (Err(RecvError::Lagged(0)), Ok(3)));
    }
}
