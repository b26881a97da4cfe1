//! Operators, oneself and tenants.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::present;
use crate::accounts::Invitation;
use crate::clock::Millis;
use crate::ids::{InvitationId, OperatorId, TenantId};
use crate::operators::login_sessions::{self, LoginSession};
use crate::operators::{Availability, Density, Notifications, Operator, Role, Theme};
use crate::sites::Language;

/// An operator, as colleagues see them.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Operator)]
pub struct OperatorOut {
    /// Id.
    pub id: OperatorId,
    /// Name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// What they chose.
    pub availability: Availability,
    /// Has a live connection now.
    pub present: bool,
    /// Sign-in address.
    pub email: String,
    /// Where the photo is.
    #[schema(required)]
    pub photo_url: Option<String>,
    /// Open conversations that routing gives them at once; null: the default.
    #[schema(required)]
    pub capacity: Option<i64>,
    /// Since when they may no longer sign in, in ms since 1970 UTC; null: they may.
    #[schema(required)]
    pub deactivated_at: Option<Millis>,
}

impl OperatorOut {
    /// From the row and the engine's knowledge.
    pub fn new(operator: Operator, present: bool, widget_origin: &str) -> Self {
        let photo_url = operator.photo_url(widget_origin);
        let Operator { id, name, role, availability, email, capacity, deactivated_at, .. } = operator;
        Self { id, name, role, availability, present, email, photo_url, capacity, deactivated_at }
    }
}

/// A change of an operator; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OperatorChange)]
pub struct OperatorIn {
    /// New role.
    pub role: Option<Role>,
    /// 1 to 100; null for the default.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    pub capacity: Option<Option<i64>>,
    /// True: may no longer sign in, and every login ends. False: may again.
    pub deactivated: Option<bool>,
}

/// Oneself: the operator, with what only they see.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Myself)]
pub struct MyselfOut {
    /// Id.
    pub id: OperatorId,
    /// Name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// What one chose.
    pub availability: Availability,
    /// Has a live connection now.
    pub present: bool,
    /// Sign-in address.
    pub email: String,
    /// Where the photo is.
    #[schema(required)]
    pub photo_url: Option<String>,
    /// What the console speaks; null: as the browser.
    #[schema(required, value_type = Option<Language>)]
    pub language: Option<String>,
    /// Light or dark.
    pub theme: Theme,
    /// Rows.
    pub density: Density,
    /// IANA name, or null for the browser's.
    #[schema(required)]
    pub time_zone: Option<String>,
    /// What calls for attention.
    pub notifications: Notifications,
    /// Open conversations that routing gives one at once; null: the default.
    #[schema(required)]
    pub capacity: Option<i64>,
}

impl MyselfOut {
    /// From the row and the engine's knowledge.
    pub fn new(me: Operator, present: bool, widget_origin: &str) -> Self {
        let preferences = me.preferences.0;
        Self {
            id: me.id,
            photo_url: me.photo_url(widget_origin),
            name: me.name,
            role: me.role,
            availability: me.availability,
            present,
            email: me.email,
            language: me.language,
            theme: preferences.theme,
            density: preferences.density,
            time_zone: me.time_zone,
            notifications: preferences.notifications,
            capacity: me.capacity,
        }
    }
}

/// A name with an id.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Named)]
pub struct NamedOut {
    /// Id.
    pub id: Uuid,
    /// Name.
    pub name: String,
}

/// Who is signed in, and to what.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Me)]
pub struct MeOut {
    /// Oneself.
    pub operator: MyselfOut,
    /// One's tenant.
    pub tenant: TenantOut,
    /// Where the widget is served.
    pub widget_url: String,
    /// One runs the installation, and may see its nodes.
    pub runs_installation: bool,
}

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tenant)]
pub struct TenantOut {
    /// Id.
    pub id: TenantId,
    /// Name.
    pub name: String,
}

/// A change of oneself; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MeChange)]
pub struct MeIn {
    /// 1 to 120 characters.
    pub name: Option<String>,
    /// What the console speaks.
    #[schema(value_type = Option<Language>)]
    pub language: Option<String>,
    /// Availability.
    pub availability: Option<Availability>,
    /// Light or dark.
    pub theme: Option<Theme>,
    /// Rows.
    pub density: Option<Density>,
    /// IANA name; null for the browser's.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    pub time_zone: Option<Option<String>>,
    /// What calls for attention.
    pub notifications: Option<NotificationsIn>,
}

/// A change of notifications; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NotificationsChange)]
pub struct NotificationsIn {
    /// A sound.
    pub sound: Option<bool>,
    /// The sound again until somebody answers.
    pub sound_repeat: Option<bool>,
    /// A notification of the system.
    pub desktop: Option<bool>,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordChange)]
pub struct PasswordIn {
    /// The one so far.
    pub current_password: String,
    /// 10 to 200 characters.
    pub new_password: String,
}

/// One of one's own logins.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LoginSession)]
pub struct LoginSessionOut {
    /// Names it; not the cookie.
    pub id: String,
    /// The login that asks.
    pub current: bool,
    /// The browser, as it says.
    #[schema(required)]
    pub user_agent: Option<String>,
    /// Where it was last used from.
    #[schema(required)]
    pub address: Option<String>,
    /// In ms since 1970 UTC.
    pub created_at: Millis,
    /// In ms since 1970 UTC; a minute exact.
    pub last_seen_at: Millis,
}

impl LoginSessionOut {
    /// As the login named `asking` sees it.
    pub fn new(login: LoginSession, asking: &str) -> Self {
        let id = login_sessions::name(&login.id);
        Self {
            current: id == asking,
            id,
            user_agent: login.user_agent,
            address: login.address,
            created_at: login.created_at,
            last_seen_at: login.last_seen_at,
        }
    }
}

/// A token for one Socket.IO connection.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SocketToken)]
pub struct SocketTokenOut {
    /// Goes into the hello, once.
    pub token: String,
    /// Good until, in ms since 1970 UTC.
    pub expires_at: Millis,
}

/// Somebody who was asked to join.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Invitation)]
pub struct InvitationOut {
    /// Id.
    pub id: InvitationId,
    /// Whom.
    pub email: String,
    /// As what.
    pub role: Role,
    /// By whom.
    pub invited_by: NamedOut,
    /// In ms since 1970 UTC.
    pub created_at: Millis,
    /// Until when the link is good, in ms since 1970 UTC.
    pub expires_at: Millis,
}

impl From<Invitation> for InvitationOut {
    fn from(invitation: Invitation) -> Self {
        let Invitation { id, email, role, inviter_id, inviter_name, created_at, expires_at, .. } = invitation;
        Self { id, email, role, invited_by: NamedOut { id: inviter_id.0, name: inviter_name }, created_at, expires_at }
    }
}

/// A new invitation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewInvitation)]
pub struct NewInvitationIn {
    /// An e-mail address.
    pub email: String,
    /// Owners only by owners.
    pub role: Role,
    /// Of the letter; else one's own.
    #[schema(value_type = Option<Language>)]
    pub language: Option<String>,
}
