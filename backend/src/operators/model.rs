//! What an operator is. No I/O.

use serde::{Deserialize, Serialize};
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
    /// Names their photo, if they have one.
    pub photo_hash: Option<String>,
}

impl Operator {
    /// Where their photo is, on the widget's origin.
    pub fn photo_url(&self, widget_origin: &str) -> Option<String> {
        photo_url(widget_origin, self.id, self.photo_hash.as_deref())
    }
}

/// Where a photo is; another photo has another address.
pub fn photo_url(widget_origin: &str, operator: OperatorId, hash: Option<&str>) -> Option<String> {
    hash.map(|hash| format!("{widget_origin}/photos/{operator}/{hash}"))
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
    /// Now.
    pub created_at: Millis,
}

/// A change; `None` leaves the value.
#[derive(Clone, Debug, Default)]
pub struct OperatorUpdate {
    /// New name.
    pub name: Option<String>,
    /// New language.
    pub language: Option<String>,
    /// New availability.
    pub availability: Option<Availability>,
}
