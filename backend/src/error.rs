//! The one error that edges answer: a code from docs/PROTOCOL.md, a sentence that names the thing, the limit and the way out, and, where they
//! help, messages per field and a time to wait. HTTP status and socket codes are both derived from the code.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::conversations::Refused;
use crate::crowds;
use crate::db::DbError;
use crate::text::Fields;

/// What kind of refusal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Not JSON, a field missing, unknown or of the wrong type.
    Invalid,
    /// No, forged or expired ticket, token or login.
    Unauthenticated,
    /// Known, but not allowed.
    Forbidden,
    /// Does not exist, or belongs to somebody else.
    NotFound,
    /// Same id with another body, or the state does not allow it.
    Conflict,
    /// Over a limit that the message names.
    TooLarge,
    /// Too fast.
    RateLimited,
    /// Try again; nothing is lost.
    Unavailable,
    /// Our fault.
    Internal,
}

/// Which refusal of a kind it is, for programs that tell people in words of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// More bytes than the site allows.
    FileTooLarge,
    /// Nothing in it.
    FileEmpty,
    /// It did not come whole.
    FileCut,
    /// A picture of more pixels than are decoded.
    TooManyPixels,
    /// It begins like a picture and is none.
    PictureBroken,
    /// The site takes pictures only.
    PicturesOnly,
    /// The site takes no files.
    NoFiles,
    /// The tenant's space for files is used up.
    SpaceUsedUp,
    /// Visitors only read in this crowd, until it is opened again.
    CrowdFrozen,
    /// This visitor only reads in this crowd; `retry_after_ms` where that ends.
    CrowdMuted,
    /// Too soon after the visitor's last message in a crowd that is slow.
    SlowMode,
    /// Guests only read in this crowd.
    IdentifiedOnly,
    /// The visitor has no name in crowds yet.
    NameMissing,
}

/// A refusal, as clients see it.
#[derive(Clone, Debug, Serialize, ToSchema, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// Stable, for programs.
    pub code: ErrorCode,
    /// For people.
    pub message: String,
    /// Which refusal of its code it is, where people are told by a program of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Fields>,
    /// When to try again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

/// What edges return.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// With a code and a sentence.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), reason: None, fields: None, retry_after_ms: None }
    }

    /// Says which refusal it is.
    #[must_use]
    pub fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// `invalid`.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Invalid, message)
    }

    /// `invalid`, by field.
    pub fn fields(fields: Fields) -> Self {
        let named: Vec<String> = fields.iter().map(|(name, what)| format!("{name} {what}")).collect();
        Self { fields: Some(fields), ..Self::invalid(named.join("; ")) }
    }

    /// `not_found`: the same answer for what does not exist and what is another tenant's.
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("there is no such {what}"))
    }

    /// `unauthenticated`.
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Unauthenticated, message)
    }

    /// `forbidden`.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Forbidden, message)
    }

    /// `rate_limited`.
    pub fn rate_limited(message: impl Into<String>, after: Duration) -> Self {
        let after = u64::try_from(after.as_millis()).unwrap_or(u64::MAX).max(1);
        Self { retry_after_ms: Some(after), ..Self::new(ErrorCode::RateLimited, message) }
    }

    /// `unavailable`, to be tried again in a second.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self { retry_after_ms: Some(1000), ..Self::new(ErrorCode::Unavailable, message) }
    }

    /// `internal`: the cause goes to the log, not to the client.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(error = %cause, "internal error");
        Self::new(ErrorCode::Internal, "something went wrong on our side; nothing you sent was stored; try again")
    }
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Duplicate => Self::new(ErrorCode::Conflict, "it exists already"),
            DbError::DiskFull => {
                tracing::error!("the disk is full: writes are refused until there is space");
                Self::unavailable("the server's disk is full; nothing was stored; keep what you wrote and try again later")
            }
            DbError::Unreachable(cause) => {
                tracing::warn!(error = %cause, "database not reachable");
                Self::unavailable("the database cannot be reached now; nothing was stored; try again")
            }
            DbError::Other(cause) => Self::internal(&cause),
        }
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        let code = match refused {
            Refused::NotFound(_) => ErrorCode::NotFound,
            Refused::Conflict(_) | Refused::State(_) => ErrorCode::Conflict,
            Refused::Forbidden(_) => ErrorCode::Forbidden,
        };
        Self::new(code, refused.to_string())
    }
}

impl From<crowds::Refused> for Error {
    fn from(refused: crowds::Refused) -> Self {
        use crowds::Refused as R;
        let (code, reason, left) = match &refused {
            R::NotFound(_) => (ErrorCode::NotFound, None, None),
            R::Conflict(_) | R::NotAMessage => (ErrorCode::Conflict, None, None),
            R::Frozen => (ErrorCode::Forbidden, Some(Reason::CrowdFrozen), None),
            R::Muted(left) => (ErrorCode::Forbidden, Some(Reason::CrowdMuted), *left),
            R::Slow(left) => (ErrorCode::RateLimited, Some(Reason::SlowMode), Some(*left)),
            R::IdentifiedOnly => (ErrorCode::Forbidden, Some(Reason::IdentifiedOnly), None),
            R::Nameless => (ErrorCode::Conflict, Some(Reason::NameMissing), None),
        };
        let retry_after_ms = left.map(|left| u64::try_from(left).unwrap_or(0).max(1));
        Self { reason, retry_after_ms, ..Self::new(code, refused.to_string()) }
    }
}
