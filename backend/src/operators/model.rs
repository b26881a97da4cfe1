//! What an operator is. No I/O.

use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use utoipa::ToSchema;

use crate::clock::Millis;
use crate::ids::{OperatorId, TenantId};

/// What an operator may do in their tenant; each may what the next may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum Role {
    /// Everything.
    Owner,
    /// Everything but the tenant itself.
    Admin,
    /// Answers visitors.
    Operator,
}

impl Role {
    /// May change sites and other operators.
    pub fn administers(self) -> bool {
        matches!(self, Self::Owner | Self::Admin)
    }
}

/// What an operator chose; presence is another thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "TEXT", rename_all = "snake_case")]
pub enum Availability {
    /// Takes new conversations.
    Online,
    /// Back soon; visitors are told that nobody is there.
    Away,
    /// Not working.
    Offline,
}

/// An operator as stored, without the password.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Operator {
    /// The tenant.
    pub tenant_id: TenantId,
    /// Also the participant id in every log.
    pub id: OperatorId,
    /// How they sign in.
    pub email: String,
    /// How colleagues and visitors see them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// PHC string of argon2id.
    pub password_hash: String,
    /// What they chose.
    pub availability: Availability,
    /// `ko` or `en`, if chosen.
    pub language: Option<String>,
    /// Since when they may no longer sign in.
    pub deactivated_at: Option<Millis>,
    /// Open conversations that routing gives them at once, if it is not the default.
    pub capacity: Option<i64>,
    /// IANA name, if chosen.
    pub time_zone: Option<String>,
    /// How they like their console.
    pub preferences: Json<Preferences>,
    /// Names their photo, if they have one.
    pub photo_hash: Option<String>,
}

impl Operator {
    /// May sign in.
    pub fn is_active(&self) -> bool {
        self.deactivated_at.is_none()
    }

    /// Where their photo is, on the widget's origin.
    pub fn photo_url(&self, widget_origin: &str) -> Option<String> {
        photo_url(widget_origin, self.id, self.photo_hash.as_deref())
    }
}

/// Where a photo is; another photo has another address.
pub fn photo_url(widget_origin: &str, operator: OperatorId, hash: Option<&str>) -> Option<String> {
    hash.map(|hash| format!("{widget_origin}/photos/{operator}/{hash}"))
}

/// Bright or dark, or as the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system says.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// How much stands on a screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Density {
    /// Room around everything.
    #[default]
    Comfortable,
    /// More rows.
    Compact,
}

/// What calls for attention when somebody waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Notifications {
    /// A sound.
    #[schema(required)]
    pub sound: bool,
    /// The sound again until somebody answers.
    #[schema(required)]
    pub sound_repeat: bool,
    /// A notification of the system.
    #[schema(required)]
    pub desktop: bool,
}

impl Default for Notifications {
    fn default() -> Self {
        Self { sound: true, sound_repeat: false, desktop: false }
    }
}

/// What an operator chose for their own console; what is not stored is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Light or dark.
    pub theme: Theme,
    /// Rows.
    pub density: Density,
    /// Attention.
    pub notifications: Notifications,
}

/// What an insert needs.
#[derive(Clone, Debug)]
pub struct NewOperator {
    /// Fresh id.
    pub id: OperatorId,
    /// Lower-case address.
    pub email: String,
    /// Display name.
    pub name: String,
    /// Role.
    pub role: Role,
    /// PHC string of argon2id.
    pub password_hash: String,
    /// `ko` or `en`.
    pub language: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// Now.
    pub created_at: Millis,
}
