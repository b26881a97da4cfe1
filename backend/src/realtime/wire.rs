//! The product's words on the engine's wire: channel names, publications, and how errors become refusals and back.

use serde::Serialize;
use serde_json::Value;
use serde_json::value::to_raw_value;
use xpush::{ChannelId, Code, Publication, Refusal};

use crate::clock::Clock;
use crate::conversations::{self, Conversation, Receipts};
use crate::error::{Error, ErrorCode};
use crate::ids::{ConversationId, OperatorId, TenantId, VisitorId};
use crate::operators;
use crate::scope::SiteScope;

pub(super) fn visitor_channel(tenant: TenantId, visitor: VisitorId) -> ChannelId {
    format!("v/{tenant}/{visitor}").into()
}

/// Joined by a visitor's panel and by nothing else: it has members while the panel is the connected one.
pub(super) fn panel_channel(tenant: TenantId, visitor: VisitorId) -> ChannelId {
    format!("w/{tenant}/{visitor}").into()
}

pub(super) fn site_channel(scope: SiteScope) -> ChannelId {
    format!("s/{}/{}", scope.tenant(), scope.site()).into()
}

pub(super) fn operators_channel(tenant: TenantId) -> ChannelId {
    format!("o/{tenant}").into()
}

/// What concerns one operator alone.
pub(super) fn own_channel(tenant: TenantId, operator: OperatorId) -> ChannelId {
    format!("p/{tenant}/{operator}").into()
}

/// What a visitor sees of their conversation, the assignee's photo included.
pub(super) fn visitor_view(widget_origin: &str, conversation: &Conversation, receipts: Receipts, queue_position: Option<i64>) -> Value {
    let photo = conversation.assignee_id.and_then(|id| operators::photo_url(widget_origin, id, conversation.assignee_photo.as_deref()));
    conversations::visitor_view(conversation, receipts, queue_position, photo.as_deref())
}

/// A publication of this, encoded once.
pub(super) fn publication(channel: ChannelId, seq: Option<i64>, data: &impl Serialize) -> Option<Publication> {
    let data = to_raw_value(data).ok()?;
    Some(Publication { channel, seq: seq.and_then(|seq| u64::try_from(seq).ok()), data: data.into() })
}

/// An event that is not logged, in the one envelope.
pub(super) fn soft_event(clock: &Clock, kind: &str, conversation: Option<ConversationId>, data: Value) -> Value {
    let mut event = serde_json::json!({"v": 1, "id": clock.new_id::<uuid::Uuid>(), "type": kind, "at": clock.now()});
    if let Some(map) = event.as_object_mut() {
        map.insert("data".to_owned(), data);
        map.extend(conversation.map(|id| ("conversation".to_owned(), serde_json::json!(id))));
    }
    event
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let code = match error.code {
            ErrorCode::Invalid => Code::Invalid,
            ErrorCode::Unauthenticated => Code::Unauthenticated,
            ErrorCode::Forbidden => Code::Forbidden,
            ErrorCode::NotFound => Code::NotFound,
            ErrorCode::Conflict => Code::Conflict,
            ErrorCode::TooLarge => Code::TooLarge,
            ErrorCode::RateLimited => Code::RateLimited,
            ErrorCode::Unavailable => Code::Unavailable,
            ErrorCode::Internal => Code::Internal,
        };
        let mut refusal = Self::new(code, error.message);
        // The same word as over HTTP.
        refusal.reason = error.reason.and_then(|reason| serde_json::to_value(reason).ok()?.as_str().map(str::to_owned));
        refusal.fields = error.fields;
        refusal.retry_after_ms = error.retry_after_ms;
        refusal
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal.code {
            Code::Invalid => ErrorCode::Invalid,
            Code::Unauthenticated => ErrorCode::Unauthenticated,
            Code::Forbidden => ErrorCode::Forbidden,
            Code::NotFound => ErrorCode::NotFound,
            Code::Conflict => ErrorCode::Conflict,
            Code::TooLarge => ErrorCode::TooLarge,
            Code::RateLimited => ErrorCode::RateLimited,
            Code::Unavailable => ErrorCode::Unavailable,
            Code::Internal => ErrorCode::Internal,
        };
        let reason = refusal.reason.and_then(|reason| serde_json::from_value(Value::String(reason)).ok());
        Self { code, message: refusal.message, reason, fields: refusal.fields, retry_after_ms: refusal.retry_after_ms }
    }
}
