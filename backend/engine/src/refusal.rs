//! How the engine and the product say no: error codes of answers and numbered disconnects.
//! Knows no transport; `wire` writes these down.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

/// Why a request is refused. Serialises in snake case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Not JSON, a field missing, unknown or of the wrong type.
    Invalid,
    /// No credential, or a forged or expired one.
    Unauthenticated,
    /// Known, but not allowed.
    Forbidden,
    /// Does not exist, or belongs to somebody else.
    NotFound,
    /// Same id with another body, or the state does not allow it.
    Conflict,
    /// Over a limit; the message names it.
    TooLarge,
    /// Too fast; see `retry_after_ms`.
    RateLimited,
    /// Storage away or shutting down: try again, nothing is lost.
    Unavailable,
    /// Our fault.
    Internal,
}

impl Code {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::TooLarge => "too_large",
            Self::RateLimited => "rate_limited",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// The HTTP status that says the same.
    pub fn http_status(self) -> u16 {
        match self {
            Self::Invalid => 422,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::TooLarge => 413,
            Self::RateLimited => 429,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }

    /// The disconnect that a handshake refused with this code is answered with, unless the refusal names another.
    pub fn disconnect(self) -> Disconnect {
        match self {
            Self::Invalid | Self::Conflict | Self::TooLarge => Disconnect::ProtocolError,
            Self::Unauthenticated => Disconnect::CredentialRefused,
            Self::Forbidden => Disconnect::Forbidden,
            Self::NotFound => Disconnect::NotFound,
            Self::RateLimited => Disconnect::TooFast,
            Self::Unavailable => Disconnect::GoingAway,
            Self::Internal => Disconnect::Internal,
        }
    }
}

/// A refused request or handshake. Serialises as `{"code","message","reason"?,"fields"?,"retry_after_ms"?}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{}: {message}", code.as_str())]
pub struct Refusal {
    /// What kind of no.
    pub code: Code,
    /// For a person: names the thing, the limit and the way out.
    pub message: String,
    /// Which refusal of its code it is, for programs that tell people in their own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<BTreeMap<String, String>>,
    /// When trying again makes sense.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// The disconnect a refused handshake is answered with; by default [`Code::disconnect`].
    #[serde(skip)]
    pub disconnect: Option<Disconnect>,
}

impl Refusal {
    /// A refusal without details.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), reason: None, fields: None, retry_after_ms: None, disconnect: None }
    }

    /// Says what is wrong with one field; may be repeated.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, message: impl Into<String>) -> Self {
        self.fields.get_or_insert_default().insert(name.into(), message.into());
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after_ms = Some(millis(delay));
        self
    }

    /// Names the disconnect that a refused handshake ends with.
    #[must_use]
    pub fn disconnect(mut self, disconnect: Disconnect) -> Self {
        self.disconnect = Some(disconnect);
        self
    }
}

/// Why the server closes a connection. The range of the number tells the client what to do: 40xx reconnect and resume, 41xx get a new
/// credential first, 42xx stay away until something changes, 43xx reconnect after `retry_after_ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Disconnect {
    /// The node shuts down.
    GoingAway,
    /// The client did not read fast enough.
    SlowConsumer,
    /// Nothing was heard for 2.5 heartbeats.
    HeartbeatMissed,
    /// Our fault.
    Internal,
    /// The credential is forged or expired.
    CredentialRefused,
    /// The login behind the credential ended.
    LoginEnded,
    /// What the client says of itself beside its credential is not proven; it comes back without.
    IdentityRefused,
    /// Known, but not allowed.
    Forbidden,
    /// What was asked for does not exist.
    NotFound,
    /// The client speaks a version that is not served.
    VersionRefused,
    /// The client does not keep to the protocol.
    ProtocolError,
    /// Too many connections from one address.
    TooManyConnections,
    /// Too many requests.
    TooFast,
}

impl Disconnect {
    /// The number, also the WebSocket close code.
    pub fn code(self) -> u16 {
        match self {
            Self::GoingAway => 4000,
            Self::SlowConsumer => 4001,
            Self::HeartbeatMissed => 4002,
            Self::Internal => 4003,
            Self::CredentialRefused => 4100,
            Self::LoginEnded => 4101,
            Self::IdentityRefused => 4102,
            Self::Forbidden => 4200,
            Self::NotFound => 4201,
            Self::VersionRefused => 4202,
            Self::ProtocolError => 4203,
            Self::TooManyConnections => 4300,
            Self::TooFast => 4301,
        }
    }

    const ALL: [Self; 13] = [
        Self::GoingAway,
        Self::SlowConsumer,
        Self::HeartbeatMissed,
        Self::Internal,
        Self::CredentialRefused,
        Self::LoginEnded,
        Self::IdentityRefused,
        Self::Forbidden,
        Self::NotFound,
        Self::VersionRefused,
        Self::ProtocolError,
        Self::TooManyConnections,
        Self::TooFast,
    ];

    /// The disconnect of a number.
    pub(crate) fn of_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|disconnect| disconnect.code() == code)
    }

    /// The word that goes with the number.
    pub fn name(self) -> &'static str {
        match self {
            Self::GoingAway => "going_away",
            Self::SlowConsumer => "slow_consumer",
            Self::HeartbeatMissed => "heartbeat_missed",
            Self::Internal => "internal",
            Self::CredentialRefused => "credential_refused",
            Self::LoginEnded => "login_ended",
            Self::IdentityRefused => "identity_refused",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::VersionRefused => "version_refused",
            Self::ProtocolError => "protocol_error",
            Self::TooManyConnections => "too_many_connections",
            Self::TooFast => "too_fast",
        }
    }

    /// Whether a client comes back by itself with the credential it has.
    pub fn reconnects(self) -> bool {
        matches!(self.code(), 4000..=4099 | 4300..=4399)
    }
}

/// Whole milliseconds of a duration, as the wire counts.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
