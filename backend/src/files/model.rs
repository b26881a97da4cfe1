//! What a kept file is. No I/O.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Millis;
use crate::ids::{FileId, ParticipantId, SiteId};
use crate::scope::SiteScope;

/// A row of `files`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct FileRow {
    /// Id.
    pub id: FileId,
    /// The site it was sent on.
    pub site_id: SiteId,
    /// Who sent it.
    pub uploader_id: ParticipantId,
    /// As people call it.
    pub name: String,
    /// What it is.
    pub media_type: String,
    /// Its length.
    pub size_bytes: i64,
    /// Of pictures.
    pub width: Option<i64>,
    /// Of pictures.
    pub height: Option<i64>,
    /// Length of the thumbnail, 0 without one.
    pub thumbnail_bytes: i64,
    /// When it came.
    pub created_at: Millis,
}

impl FileRow {
    /// A row that says nothing of the content yet.
    pub(super) fn new(scope: SiteScope, id: FileId, uploader: ParticipantId, now: Millis) -> Self {
        Self {
            id,
            site_id: scope.site(),
            uploader_id: uploader,
            name: String::new(),
            media_type: String::new(),
            size_bytes: 0,
            width: None,
            height: None,
            thumbnail_bytes: 0,
            created_at: now,
        }
    }
}

/// A file as messages show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attachment {
    /// Id: goes into the message that carries it, and into requests for links.
    pub id: FileId,
    /// As people call it.
    pub name: String,
    /// What it is: `image/png`, `image/jpeg`, `application/pdf`, … `application/octet-stream`.
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    /// Pixels, of pictures.
    #[schema(required)]
    pub width: Option<i64>,
    /// Pixels, of pictures.
    #[schema(required)]
    pub height: Option<i64>,
}

impl From<&FileRow> for Attachment {
    fn from(row: &FileRow) -> Self {
        Self {
            id: row.id,
            name: row.name.clone(),
            media_type: row.media_type.clone(),
            size: row.size_bytes,
            width: row.width,
            height: row.height,
        }
    }
}

/// A file that a message carries.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Sent {
    /// The file.
    #[sqlx(flatten)]
    pub file: FileRow,
    /// The message's place in the log.
    pub seq: i64,
    /// When it was sent.
    pub at: Millis,
    /// By whom.
    pub sender_kind: String,
}
