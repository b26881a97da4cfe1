//! Attachments and links to them.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::clock::Millis;
use crate::conversations::Side;
use crate::files::links::Link;
use crate::files::{Attachment, Sent};

/// How an uploaded file is called, and for which conversation it is.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UploadQuery {
    /// As people call it; cut to 120 characters.
    pub name: String,
    /// A conversation of the tenant.
    pub conversation: Uuid,
}

/// A file that waits for its message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeptAttachment)]
pub struct KeptOut {
    /// The file.
    pub attachment: Attachment,
}

/// Which links.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AttachmentLinksRequest)]
pub struct AttachmentLinksIn {
    /// At most 50 attachments of the conversation.
    pub ids: Vec<Uuid>,
}

/// The links.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AttachmentLinks)]
pub struct AttachmentLinksOut {
    /// In no order.
    pub links: Vec<Link>,
}

/// An attachment with the message that carries it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SentAttachment)]
pub struct SentAttachmentOut {
    /// The file.
    #[serde(flatten)]
    pub attachment: Attachment,
    /// The message's place in the log.
    pub seq: i64,
    /// When it was sent, in ms since 1970 UTC.
    pub at: Millis,
    /// Who sent it.
    #[schema(value_type = Side)]
    pub side: &'static str,
}

impl From<Sent> for SentAttachmentOut {
    fn from(sent: Sent) -> Self {
        let side = if sent.sender_kind == "visitor" { "visitor" } else { "operator" };
        Self { attachment: Attachment::from(&sent.file), seq: sent.seq, at: sent.at, side }
    }
}
