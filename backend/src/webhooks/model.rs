//! What a webhook, an event and a delivery are. No I/O.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::types::Json;
use utoipa::ToSchema;

use super::signature;
use crate::clock::Millis;
use crate::ids::{ConversationId, DeliveryId, SiteId, TenantId, VisitorId, WebhookId};

/// What can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "TEXT")]
pub enum EventKind {
    /// A visitor's first message began one.
    #[serde(rename = "conversation.opened")]
    #[sqlx(rename = "conversation.opened")]
    ConversationOpened,
    /// It has another assignee, or none.
    #[serde(rename = "conversation.assigned")]
    #[sqlx(rename = "conversation.assigned")]
    ConversationAssigned,
    /// It comes back by itself.
    #[serde(rename = "conversation.snoozed")]
    #[sqlx(rename = "conversation.snoozed")]
    ConversationSnoozed,
    /// Done.
    #[serde(rename = "conversation.resolved")]
    #[sqlx(rename = "conversation.resolved")]
    ConversationResolved,
    /// Not done after all.
    #[serde(rename = "conversation.reopened")]
    #[sqlx(rename = "conversation.reopened")]
    ConversationReopened,
    /// Somebody wrote.
    #[serde(rename = "message.posted")]
    #[sqlx(rename = "message.posted")]
    MessagePosted,
    /// Somebody wrote it otherwise.
    #[serde(rename = "message.edited")]
    #[sqlx(rename = "message.edited")]
    MessageEdited,
    /// Somebody took it back.
    #[serde(rename = "message.retracted")]
    #[sqlx(rename = "message.retracted")]
    MessageRetracted,
    /// An operator wrote to operators.
    #[serde(rename = "note.posted")]
    #[sqlx(rename = "note.posted")]
    NotePosted,
    /// The visitor said how it was.
    #[serde(rename = "rating.given")]
    #[sqlx(rename = "rating.given")]
    RatingGiven,
    /// A message was left while nobody was available.
    #[serde(rename = "offline_message.received")]
    #[sqlx(rename = "offline_message.received")]
    OfflineMessageReceived,
    /// Somebody tries the webhook out.
    #[serde(rename = "ping")]
    #[sqlx(rename = "ping")]
    Ping,
}

impl EventKind {
    /// Of a log's entry; `None` for entries that programs are not told.
    pub fn of_entry(kind: &str) -> Option<Self> {
        serde_json::from_value(Value::String(kind.to_owned())).ok()
    }
}

/// Something to be told.
#[derive(Clone, Debug)]
pub struct Happened {
    /// Whose.
    pub tenant: TenantId,
    /// On which site.
    pub site: Option<SiteId>,
    /// Its id, the same for every webhook.
    pub id: DeliveryId,
    /// What.
    pub kind: EventKind,
    /// When.
    pub at: Millis,
    /// Whom it is about: what they erase goes from the log too.
    pub visitor: Option<VisitorId>,
    /// Of which message, if it is one's text.
    pub message: Option<(ConversationId, i64)>,
    /// What the kind needs.
    pub data: Value,
}

impl Happened {
    pub(super) fn ping(tenant: TenantId, id: DeliveryId, at: Millis) -> Self {
        Self {
            tenant,
            site: None,
            id,
            kind: EventKind::Ping,
            at,
            visitor: None,
            message: None,
            data: json!({"message": "this webhook works"}),
        }
    }

    /// The body as it is sent.
    pub(super) fn body(&self) -> String {
        json!({"v": 1, "id": self.id, "type": self.kind, "at": self.at, "tenant_id": self.tenant, "site_id": self.site, "data": self.data})
            .to_string()
    }
}

/// A webhook, with the numbers of its last day.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Webhook {
    /// Id.
    pub id: WebhookId,
    /// Where to.
    pub url: String,
    /// What it is called.
    pub name: String,
    /// Its signing key.
    pub secret: Vec<u8>,
    /// Which events; empty: all.
    pub events: Json<Vec<EventKind>>,
    /// Of which site.
    pub site_id: Option<SiteId>,
    /// When it was made.
    pub created_at: Millis,
    /// Since when it is paused.
    pub paused_at: Option<Millis>,
    /// Arrived.
    pub delivered: i64,
    /// To be tried again.
    pub waiting: i64,
    /// Given up.
    pub failed: i64,
}

impl Webhook {
    /// The secret as its receiver needs it.
    pub fn shown_secret(&self) -> String {
        signature::shown(&self.secret)
    }
}

/// What decides whether a webhook is told.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Listening {
    /// Whose.
    pub tenant_id: TenantId,
    /// Id.
    pub id: WebhookId,
    /// Which events; empty: all.
    pub events: Json<Vec<EventKind>>,
    /// Of which site.
    pub site_id: Option<SiteId>,
}

impl Listening {
    pub(super) fn wants(&self, event: &Happened) -> bool {
        self.tenant_id == event.tenant
            && (self.events.is_empty() || self.events.contains(&event.kind))
            && self.site_id.is_none_or(|site| event.site == Some(site))
    }
}

/// A webhook to be made.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// What it is called.
    pub name: String,
    /// Where to.
    pub url: String,
    /// Which events; empty: all.
    pub events: Vec<EventKind>,
    /// Of which site.
    pub site: Option<SiteId>,
}

/// A change; `None` leaves the value.
#[derive(Clone, Debug, Default)]
pub struct WebhookUpdate {
    /// What it is called.
    pub name: Option<String>,
    /// Where to.
    pub url: Option<String>,
    /// Which events.
    pub events: Option<Vec<EventKind>>,
    /// Of which site; `Some(None)`: all.
    pub site: Option<Option<SiteId>>,
    /// `Some(None)` goes on.
    pub paused_at: Option<Option<Millis>>,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// To be tried, or tried again.
    Waiting,
    /// Under way.
    Sending,
    /// The receiver answered 2xx.
    Delivered,
    /// Given up after the last try.
    Failed,
}

/// A row of the log.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Delivery {
    /// The event's id.
    pub id: DeliveryId,
    /// What.
    pub event: EventKind,
    /// As it is sent.
    pub body: String,
    /// When it happened.
    pub created_at: Millis,
    /// When it is tried next.
    pub run_at: Millis,
    /// Until when a node holds it, while it is under way.
    pub leased_until: Option<Millis>,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was last tried.
    pub attempted_at: Option<Millis>,
    /// What the last try was answered.
    pub response_status: Option<i64>,
    /// How long that took.
    pub duration_ms: Option<i64>,
    /// Why it did not arrive.
    pub last_error: Option<String>,
    /// When it arrived.
    pub delivered_at: Option<Millis>,
    /// When it was given up.
    pub failed_at: Option<Millis>,
}

impl Delivery {
    /// Where it stands.
    pub fn state(&self) -> DeliveryState {
        match (self.delivered_at, self.failed_at, self.leased_until) {
            (Some(_), ..) => DeliveryState::Delivered,
            (None, Some(_), _) => DeliveryState::Failed,
            (None, None, Some(_)) => DeliveryState::Sending,
            (None, None, None) => DeliveryState::Waiting,
        }
    }
}

/// A delivery that this node holds for a while, with what sending it takes.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Due {
    /// Whose.
    pub tenant_id: TenantId,
    /// Of which webhook.
    pub webhook_id: WebhookId,
    /// The event's id.
    pub id: DeliveryId,
    /// The body.
    pub body: String,
    /// This try's number, from 1.
    pub attempts: i64,
    /// Where to.
    pub url: String,
    /// Signed with.
    pub secret: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn listening(events: &[EventKind], site: Option<u128>) -> Listening {
        Listening {
            tenant_id: Uuid::from_u128(1).into(),
            id: Uuid::from_u128(2).into(),
            events: Json(events.to_vec()),
            site_id: site.map(|site| Uuid::from_u128(site).into()),
        }
    }

    fn event(tenant: u128, site: u128) -> Happened {
        Happened {
            tenant: Uuid::from_u128(tenant).into(),
            site: Some(Uuid::from_u128(site).into()),
            id: Uuid::from_u128(9).into(),
            kind: EventKind::MessagePosted,
            at: 1,
            visitor: None,
            message: None,
            data: json!({"text": "hi"}),
        }
    }

    #[test]
    fn a_webhook_hears_what_it_asked_for_and_of_its_own_tenant_only() {
        assert!(listening(&[], None).wants(&event(1, 5)));
        assert!(!listening(&[], None).wants(&event(3, 5)));
        assert!(listening(&[EventKind::MessagePosted], Some(5)).wants(&event(1, 5)));
        assert!(!listening(&[EventKind::RatingGiven], None).wants(&event(1, 5)));
        assert!(!listening(&[], Some(6)).wants(&event(1, 5)));
    }

    #[test]
    fn kinds_are_named_as_the_log_names_its_entries() {
        assert_eq!(EventKind::of_entry("message.posted"), Some(EventKind::MessagePosted));
        assert_eq!(EventKind::of_entry("something.else"), None);
        let body: Value = serde_json::from_str(&event(1, 5).body()).unwrap();
        assert_eq!((&body["type"], &body["v"], &body["data"]["text"]), (&json!("message.posted"), &json!(1), &json!("hi")));
    }
}
