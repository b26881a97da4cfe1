//! Identifiers: one newtype per kind of thing, so that a site's id cannot be passed for a visitor's.
//! Every id is a UUIDv7 made by [`crate::clock::Clock::new_id`]; this module knows no storage and no HTTP.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, sqlx::Type, utoipa::ToSchema)]
        #[serde(transparent)]
        #[sqlx(transparent)]
        #[schema(value_type = Uuid)]
        pub struct $name(pub Uuid);

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

id! {
    /// A paying customer.
    TenantId,
    /// A tenant's person who answers.
    OperatorId,
    /// One website with a widget.
    SiteId,
    /// A person on a site.
    VisitorId,
    /// A stay of a visitor.
    VisitId,
    /// A browser profile of a visitor or operator.
    DeviceId,
    /// A conversation of one visitor.
    ConversationId,
    /// An entry of a conversation's log.
    MessageId,
    /// Made by the sender when the person pressed send; names the message for ever.
    ClientMessageId,
    /// Whoever wrote something: a visitor's or operator's id, or nil for the system.
    ParticipantId,
    /// A message left while nobody was available.
    OfflineMessageId,
    /// A tenant's word for conversations.
    TagId,
    /// A text that operators say often.
    CannedResponseId,
    /// A file that somebody attached.
    FileId,
    /// A side effect waiting to be worked off.
    JobId,
    /// A rule that offers something.
    PromotionId,
    /// One firing of a promotion for one visitor.
    OfferId,
    /// A question with its answer.
    FaqId,
    /// A question that had no answer.
    UnansweredId,
    /// A person who was asked to join a tenant.
    InvitationId,
    /// A talk of many, all of whom see one log.
    CrowdId,
    /// A key of a tenant's program.
    ApiKeyId,
    /// An address that a tenant's program is told at.
    WebhookId,
    /// A realm of channels for clients that speak XPUSH's own protocol.
    ChannelAppId,
    /// One event, told to one webhook.
    DeliveryId,
}

impl From<VisitorId> for ParticipantId {
    fn from(id: VisitorId) -> Self {
        Self(id.0)
    }
}

impl From<OperatorId> for ParticipantId {
    fn from(id: OperatorId) -> Self {
        Self(id.0)
    }
}
