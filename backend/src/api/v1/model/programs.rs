//! What tenants' programs are given: keys, webhooks and apps.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::people::NamedOut;
use super::present;
use crate::api_keys::{ApiKey, KeyScope};
use crate::channel_apps::{AppMode, ChannelApp};
use crate::clock::Millis;
use crate::ids::{ApiKeyId, ChannelAppId, DeliveryId, SiteId, WebhookId};
use crate::webhooks::{Delivery, DeliveryState, EventKind, Webhook};

/// An API key, without its secret.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub struct ApiKeyOut {
    /// Id.
    pub id: ApiKeyId,
    /// What its maker calls it.
    pub name: String,
    /// What it may.
    pub scopes: Vec<KeyScope>,
    /// The last four characters of its secret.
    pub hint: String,
    /// In whose name it asks.
    pub operator: NamedOut,
    /// When it was made.
    pub created_at: Millis,
    /// When it ends by itself.
    pub expires_at: Option<Millis>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Millis>,
}

impl From<ApiKey> for ApiKeyOut {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id,
            name: key.name,
            scopes: key.scopes.0,
            hint: key.hint,
            operator: NamedOut { id: key.operator_id.0, name: key.operator_name },
            created_at: key.created_at,
            expires_at: key.expires_at,
            last_used_at: key.last_used_at,
        }
    }
}

/// A new API key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewApiKey)]
pub struct NewApiKeyIn {
    /// 1 to 60 characters.
    pub name: String,
    /// At least one.
    pub scopes: Vec<KeyScope>,
    /// When it ends by itself; absent: never.
    pub expires_at: Option<Millis>,
}

/// A new API key with its secret, which is told once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreatedApiKey)]
pub struct NewApiKeyOut {
    /// The key.
    #[serde(flatten)]
    pub key: ApiKeyOut,
    /// Goes into the header `Authorization: Bearer …`.
    pub secret: String,
}

/// An address that is told what happens.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub struct WebhookOut {
    /// Id.
    pub id: WebhookId,
    /// What it is called.
    pub name: String,
    /// Where events are sent by POST.
    pub url: String,
    /// Which events; empty: all.
    pub events: Vec<EventKind>,
    /// Of which site; null: all.
    pub site_id: Option<SiteId>,
    /// Events while it is paused are not sent, and not later either.
    pub paused: bool,
    /// The secret that deliveries are signed with, as Standard Webhooks writes it.
    pub secret: String,
    /// Deliveries of the last day that arrived.
    pub delivered: i64,
    /// Deliveries that wait for another try.
    pub waiting: i64,
    /// Deliveries of the last day that were given up.
    pub failed: i64,
    /// When it was made.
    pub created_at: Millis,
}

impl From<Webhook> for WebhookOut {
    fn from(webhook: Webhook) -> Self {
        Self {
            id: webhook.id,
            secret: webhook.shown_secret(),
            name: webhook.name,
            url: webhook.url,
            events: webhook.events.0,
            site_id: webhook.site_id,
            paused: webhook.paused_at.is_some(),
            delivered: webhook.delivered,
            waiting: webhook.waiting,
            failed: webhook.failed,
            created_at: webhook.created_at,
        }
    }
}

/// A realm of channels for clients that speak XPUSH's own protocol.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelApp)]
pub struct ChannelAppOut {
    /// Id.
    pub id: ChannelAppId,
    /// What clients send as `A`.
    pub key: String,
    /// What it is called.
    pub name: String,
    /// Who may come into its channels.
    pub mode: AppMode,
    /// Signs the tokens of mode `token`.
    pub secret: String,
    /// When it was made.
    pub created_at: Millis,
}

impl From<ChannelApp> for ChannelAppOut {
    fn from(app: ChannelApp) -> Self {
        let ChannelApp { id, app_key: key, name, mode, secret, created_at, .. } = app;
        Self { id, key, name, mode, secret, created_at }
    }
}

/// A new app.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewChannelApp)]
pub struct NewChannelAppIn {
    /// 1 to 60 characters.
    pub name: String,
    /// Who may come; absent: who has a token.
    #[serde(default = "with_token")]
    pub mode: AppMode,
}

fn with_token() -> AppMode {
    AppMode::Token
}

/// A change of an app; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChannelAppChange)]
pub struct ChannelAppIn {
    /// 1 to 60 characters.
    pub name: Option<String>,
    /// Who may come. A change ends the connections that there are.
    pub mode: Option<AppMode>,
}

/// A new webhook.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWebhook)]
pub struct NewWebhookIn {
    /// 1 to 60 characters.
    pub name: String,
    /// An http or https address outside private networks.
    pub url: String,
    /// Which events; absent or empty: all.
    #[serde(default)]
    pub events: Vec<EventKind>,
    /// Of which site; absent: all.
    pub site_id: Option<SiteId>,
}

/// A change of a webhook; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = WebhookChange)]
pub struct WebhookIn {
    /// 1 to 60 characters.
    pub name: Option<String>,
    /// Where to.
    pub url: Option<String>,
    /// Which events; empty: all.
    pub events: Option<Vec<EventKind>>,
    /// Of which site; null: all.
    #[serde(default, deserialize_with = "present")]
    pub site_id: Option<Option<SiteId>>,
    /// Whether it is paused.
    pub paused: Option<bool>,
}

/// One event, told or to be told to one webhook.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub struct DeliveryOut {
    /// The event's id, which the receiver finds in `webhook-id`.
    pub id: DeliveryId,
    /// What happened.
    pub event: EventKind,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i64,
    /// When it happened.
    pub created_at: Millis,
    /// When it was last tried.
    pub attempted_at: Option<Millis>,
    /// When it is tried next.
    pub next_attempt_at: Option<Millis>,
    /// The HTTP status of the last answer.
    pub response_status: Option<i64>,
    /// How long the last try took, in milliseconds.
    pub duration_ms: Option<i64>,
    /// Why the last try did not arrive.
    pub error: Option<String>,
    /// The body, exactly as it is sent.
    pub body: String,
}

impl From<Delivery> for DeliveryOut {
    fn from(delivery: Delivery) -> Self {
        let state = delivery.state();
        Self {
            id: delivery.id,
            event: delivery.event,
            state,
            attempts: delivery.attempts,
            created_at: delivery.created_at,
            attempted_at: delivery.attempted_at,
            next_attempt_at: (state == DeliveryState::Waiting).then_some(delivery.run_at),
            response_status: delivery.response_status,
            duration_ms: delivery.duration_ms,
            error: delivery.last_error,
            body: delivery.body,
        }
    }
}

/// Which deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeliveryQuery {
    /// 1 to 200; 50.
    pub limit: Option<i64>,
    /// From `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// An event made for trying a webhook out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookTest)]
pub struct TestOut {
    /// The delivery's id.
    pub id: Uuid,
}
