//! A visitor who is on a site now, as operators see them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Millis;
use crate::conversations::Status;
use crate::ids::{ClientMessageId, ConversationId, OperatorId, SiteId, VisitorId};
use crate::visitor_events::Cart;
use crate::visits::{Campaign, Product};

/// A visitor who is on a site now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = LiveVisitor)]
pub struct LiveVisitor {
    /// Who.
    pub id: VisitorId,
    /// Where.
    pub site_id: SiteId,
    /// What to call them when they gave no name.
    pub label: String,
    /// Their name, if known.
    #[schema(required)]
    pub name: Option<String>,
    /// Their address, if known.
    #[schema(required)]
    pub email: Option<String>,
    /// The shop's own server has said who they are.
    pub identified: bool,
    /// The page they are on.
    #[schema(required)]
    pub page: Option<LivePage>,
    /// What it sells.
    #[schema(required)]
    pub product: Option<Product>,
    /// The pages before it in this stay, the newest first, at most 9.
    pub trail: Vec<LivePage>,
    /// When this stay began, in ms since 1970 UTC.
    pub since: Millis,
    /// Where they came from.
    #[schema(required)]
    pub referrer: Option<String>,
    /// Which advertisement they came from.
    #[schema(required)]
    pub campaign: Option<Campaign>,
    /// Such as Chrome.
    #[schema(required)]
    pub browser: Option<Cow<'static, str>>,
    /// Such as Android.
    #[schema(required)]
    pub os: Option<Cow<'static, str>>,
    /// `phone`, `tablet`, `desktop` or `bot`.
    #[schema(required)]
    pub device: Option<Cow<'static, str>>,
    /// Their browser's language.
    #[schema(required)]
    pub language: Option<String>,
    /// Which visit this is, 1 for the first; null until it was looked up.
    #[schema(required)]
    pub visits: Option<i64>,
    /// What is in their cart, as the shop says.
    #[schema(required)]
    pub cart: Option<Cart>,
    /// What they ordered in this stay.
    #[schema(required)]
    pub order: Option<LiveOrder>,
    /// Their latest conversation.
    #[schema(required)]
    pub conversation: Option<LiveConversation>,
    /// False while their connection is lost.
    pub connected: bool,
}

/// A page somebody is on, or was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LivePage {
    /// Address.
    pub url: String,
    /// Title.
    pub title: String,
    /// Since when, in ms since 1970 UTC.
    pub at: Millis,
}

/// What somebody ordered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LiveOrder {
    /// What it is worth.
    pub value: f64,
    /// Such as KRW.
    pub currency: String,
    /// When, in ms since 1970 UTC.
    pub at: Millis,
}

/// How it stands with somebody's conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LiveConversation {
    /// Which.
    pub id: ConversationId,
    /// How it stands.
    pub status: Status,
    /// Who answers it.
    #[schema(required)]
    pub assignee_id: Option<OperatorId>,
    /// See above.
    #[schema(required)]
    pub assignee_name: Option<String>,
}

/// What an operator says to a visitor who may not have said anything yet.
pub struct Greeting {
    /// To whom.
    pub visitor: VisitorId,
    /// Names the message.
    pub client_message_id: ClientMessageId,
    /// What.
    pub text: String,
    /// Fingerprint of the request.
    pub body_hash: Vec<u8>,
}
