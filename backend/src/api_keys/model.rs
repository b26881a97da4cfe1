//! What a key may, and which request needs what. No I/O.

use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use utoipa::ToSchema;

use crate::clock::Millis;
use crate::ids::{ApiKeyId, OperatorId, TenantId};

/// What secrets begin with, so that a scanner of public repositories can know one.
pub const SECRET_PREFIX: &str = "stalk_";

/// What a key may do. Writing includes reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub enum KeyScope {
    /// Read conversations, messages, notes, files, offline messages; search.
    #[serde(rename = "conversations:read")]
    ConversationsRead,
    /// Post, assign, tag, snooze, resolve.
    #[serde(rename = "conversations:write")]
    ConversationsWrite,
    /// Read visitors and their page views.
    #[serde(rename = "visitors:read")]
    VisitorsRead,
    /// Change visitors and their attributes.
    #[serde(rename = "visitors:write")]
    VisitorsWrite,
    /// Read sites, operators, tags and canned responses.
    #[serde(rename = "settings:read")]
    SettingsRead,
    /// Change them; also read and rotate identity secrets, and keep apps.
    #[serde(rename = "settings:write")]
    SettingsWrite,
    /// Read promotions, rules and the virtual agent's answers.
    #[serde(rename = "automation:read")]
    AutomationRead,
    /// Change and send them.
    #[serde(rename = "automation:write")]
    AutomationWrite,
    /// Read statistics and who is on the sites now.
    #[serde(rename = "statistics:read")]
    StatisticsRead,
    /// Read webhooks and their deliveries.
    #[serde(rename = "webhooks:read")]
    WebhooksRead,
    /// Make, change and replay them.
    #[serde(rename = "webhooks:write")]
    WebhooksWrite,
    /// Open a socket, which sees and does what an operator's console does.
    #[serde(rename = "sockets")]
    Sockets,
}

impl KeyScope {
    /// True when whoever holds this one may do what needs `other`.
    fn covers(self, other: Self) -> bool {
        let reads = match self {
            Self::ConversationsWrite => Some(Self::ConversationsRead),
            Self::VisitorsWrite => Some(Self::VisitorsRead),
            Self::SettingsWrite => Some(Self::SettingsRead),
            Self::AutomationWrite => Some(Self::AutomationRead),
            Self::WebhooksWrite => Some(Self::WebhooksRead),
            _ => None,
        };
        self == other || reads == Some(other)
    }

    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::ConversationsRead => "conversations:read",
            Self::ConversationsWrite => "conversations:write",
            Self::VisitorsRead => "visitors:read",
            Self::VisitorsWrite => "visitors:write",
            Self::SettingsRead => "settings:read",
            Self::SettingsWrite => "settings:write",
            Self::AutomationRead => "automation:read",
            Self::AutomationWrite => "automation:write",
            Self::StatisticsRead => "statistics:read",
            Self::WebhooksRead => "webhooks:read",
            Self::WebhooksWrite => "webhooks:write",
            Self::Sockets => "sockets",
        }
    }
}

/// What a request needs of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// This scope.
    Scope(KeyScope),
    /// Any key.
    Any,
    /// A person: no key may.
    Login,
}

/// What this route of the API needs; `None` for a path that nobody has thought of, which no key may ask.
pub fn needed(reads: bool, path: &str) -> Option<Needed> {
    use KeyScope::{
        AutomationRead, AutomationWrite, ConversationsRead, ConversationsWrite, SettingsRead, SettingsWrite, Sockets, StatisticsRead,
        VisitorsRead, VisitorsWrite, WebhooksRead, WebhooksWrite,
    };
    let path = path.strip_prefix("/api/v1/")?;
    let either = |read, write| Some(Needed::Scope(if reads { read } else { write }));
    // An app is shown with the secret that signs its tokens.
    if path.ends_with("/identity-secret") || path == "apps" || path.starts_with("apps/") {
        return Some(Needed::Scope(SettingsWrite));
    }
    match path {
        "me" if reads => return Some(Needed::Any),
        "me/socket-tokens" => return Some(Needed::Scope(Sockets)),
        // Asks for links to files by POST, because there may be many.
        "conversations/{id}/attachment-links" => return Some(Needed::Scope(ConversationsRead)),
        // What is said to a visitor is said in a conversation.
        "visitors/{id}/greetings" => return Some(Needed::Scope(ConversationsWrite)),
        _ => {}
    }
    match path.split('/').next()? {
        "openapi.json" => Some(Needed::Any),
        "me" | "api-keys" | "nodes" => Some(Needed::Login),
        "conversations" | "files" | "search" | "offline-messages" => either(ConversationsRead, ConversationsWrite),
        "visitors" => either(VisitorsRead, VisitorsWrite),
        "sites" | "operators" | "invitations" | "tags" | "canned-responses" => either(SettingsRead, SettingsWrite),
        "promotions" | "rules" | "faq" | "virtual-agent" | "unanswered" => either(AutomationRead, AutomationWrite),
        "statistics" => Some(Needed::Scope(StatisticsRead)),
        "live-visitors" => Some(Needed::Scope(VisitorsRead)),
        "webhooks" => either(WebhooksRead, WebhooksWrite),
        _ => None,
    }
}

/// A key, without its secret.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ApiKey {
    /// Tenant.
    pub tenant_id: TenantId,
    /// Id.
    pub id: ApiKeyId,
    /// In whose name it asks.
    pub operator_id: OperatorId,
    /// Their name.
    pub operator_name: String,
    /// What its maker calls it.
    pub name: String,
    /// What it may.
    pub scopes: Json<Vec<KeyScope>>,
    /// The last characters of its secret.
    pub hint: String,
    /// When it was made.
    pub created_at: Millis,
    /// When it ends by itself.
    pub expires_at: Option<Millis>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Millis>,
}

impl ApiKey {
    /// True when one of its scopes covers this.
    pub fn may(&self, scope: KeyScope) -> bool {
        self.scopes.iter().any(|own| own.covers(scope))
    }
}

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// In whose name it asks.
    pub operator: OperatorId,
    /// What it is called.
    pub name: String,
    /// What it may.
    pub scopes: Vec<KeyScope>,
    /// When it ends by itself.
    pub expires_at: Option<Millis>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_includes_reading_and_nothing_else() {
        assert!(KeyScope::ConversationsWrite.covers(KeyScope::ConversationsRead));
        assert!(!KeyScope::ConversationsRead.covers(KeyScope::ConversationsWrite));
        assert!(!KeyScope::ConversationsWrite.covers(KeyScope::VisitorsRead));
        assert!(!KeyScope::Sockets.covers(KeyScope::ConversationsRead));
    }

    #[test]
    fn a_scope_is_written_as_it_is_named() {
        for scope in [KeyScope::ConversationsWrite, KeyScope::AutomationRead, KeyScope::Sockets, KeyScope::WebhooksWrite] {
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.name());
        }
    }

    #[test]
    fn secrets_and_keys_are_for_more_than_readers() {
        assert_eq!(needed(true, "/api/v1/sites/{id}/identity-secret"), Some(Needed::Scope(KeyScope::SettingsWrite)));
        assert_eq!(needed(true, "/api/v1/api-keys"), Some(Needed::Login));
        assert_eq!(needed(false, "/api/v1/me"), Some(Needed::Login));
        assert_eq!(needed(true, "/api/v1/me"), Some(Needed::Any));
        assert_eq!(needed(true, "/api/v1/unheard-of"), None);
        assert_eq!(needed(true, "/sign-in"), None);
    }
}
