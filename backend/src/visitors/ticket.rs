//! The visitor ticket: the signed proof of being the same visitor, bound to one site. Kept by the loader in the shop page's own storage.

use serde::{Deserialize, Serialize};

use crate::clock::{DAY, Millis};
use crate::ids::{DeviceId, SiteId, TenantId, VisitorId};
use crate::scope::SiteScope;
use crate::signing::Signer;

const PURPOSE: &str = "visitor-ticket";
/// How long a ticket is good for after its last renewal.
pub const LIFETIME: Millis = 400 * DAY;

/// What a ticket says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    #[serde(rename = "t")]
    tenant: TenantId,
    #[serde(rename = "s")]
    site: SiteId,
    /// Who.
    #[serde(rename = "v")]
    pub visitor: VisitorId,
    /// On which browser profile.
    #[serde(rename = "d")]
    pub device: DeviceId,
    /// Good until.
    #[serde(rename = "x")]
    pub expires_at: Millis,
}

/// Why a ticket is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// Not ours, or touched.
    #[error("the visitor ticket is not valid")]
    Forged,
    /// Too old.
    #[error("the visitor ticket has expired")]
    Expired,
    /// Of another site.
    #[error("the visitor ticket belongs to another site")]
    OtherSite,
}

impl Ticket {
    /// A new visitor's first ticket.
    pub fn new(scope: SiteScope, visitor: VisitorId, device: DeviceId, now: Millis) -> Self {
        Self { tenant: scope.tenant(), site: scope.site(), visitor, device, expires_at: now + LIFETIME }
    }

    /// The ticket to keep from now on: the same while more than half of its life is left.
    #[must_use]
    pub fn renewed(self, now: Millis) -> Self {
        if self.expires_at - now > LIFETIME / 2 { self } else { Self { expires_at: now + LIFETIME, ..self } }
    }

    /// As it travels.
    pub fn sign(&self, signer: &Signer) -> Option<String> {
        signer.sign(PURPOSE, self)
    }

    /// A ticket of this site that is still good.
    pub fn verify(signer: &Signer, token: &str, scope: SiteScope, now: Millis) -> Result<Self, TicketError> {
        let ticket: Self = signer.verify(PURPOSE, token).ok_or(TicketError::Forged)?;
        if (ticket.tenant, ticket.site) != (scope.tenant(), scope.site()) {
            return Err(TicketError::OtherSite);
        }
        if ticket.expires_at <= now {
            return Err(TicketError::Expired);
        }
        Ok(ticket)
    }
}
