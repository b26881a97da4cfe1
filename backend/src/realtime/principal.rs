//! Who a connection speaks for, as the log, the scopes and the engine name them.

use std::sync::Arc;

use xpush::Identity;

use super::names::Name;
use crate::conversations::{Sender, SenderKind};
use crate::ids::{ConversationId, DeviceId, OperatorId, ParticipantId, TenantId, VisitorId};
use crate::scope::{SiteScope, TenantScope};
use crate::visitors::{Acting, Profile};
use crate::visits::PageView;

/// Who a connection speaks for.
#[expect(clippy::large_enum_variant, reason = "one for each connection, and most connections are visitors'")]
#[derive(Clone, Debug)]
pub enum Principal {
    /// A person on a site.
    Visitor(VisitorPrincipal),
    /// A person who answers.
    Operator(OperatorPrincipal),
}

/// A visitor, proven by ticket.
#[derive(Clone, Debug)]
pub struct VisitorPrincipal {
    /// Their site.
    pub scope: SiteScope,
    /// Who.
    pub visitor: VisitorId,
    /// The public key of the site.
    pub site_key: String,
    /// Their browser profile.
    pub device: DeviceId,
    /// Browser and language.
    pub profile: Profile,
    /// The shop's server has said who they are.
    pub identified: bool,
    /// Who became part of them.
    pub merged: Arc<[VisitorId]>,
    /// Their latest conversation when they said hello.
    pub conversation: Option<ConversationId>,
    /// The page that the hello named.
    pub page: Option<Arc<PageView>>,
}

/// An operator, proven by socket token.
#[derive(Clone, Debug)]
pub struct OperatorPrincipal {
    /// Their tenant.
    pub scope: TenantScope,
    /// Who.
    pub id: OperatorId,
    /// Display name, as it is now.
    pub name: Name,
}

impl VisitorPrincipal {
    /// They themselves, and whoever became part of them.
    pub fn selves(&self) -> impl Iterator<Item = VisitorId> {
        std::iter::once(self.visitor).chain(self.merged.iter().copied())
    }

    /// True for themselves, and for whoever became part of them.
    pub fn is(&self, visitor: VisitorId) -> bool {
        self.selves().any(|own| own == visitor)
    }

    /// As they act now.
    pub fn acting(&self) -> Acting {
        Acting { scope: self.scope, visitor: self.visitor, device: self.device, profile: self.profile.clone() }
    }
}

impl Principal {
    /// As the log names them.
    pub fn sender(&self) -> Sender {
        match self {
            Self::Visitor(visitor) => Sender { kind: SenderKind::Visitor, id: visitor.visitor.into(), name: None },
            Self::Operator(operator) => Sender { kind: SenderKind::Operator, id: operator.id.into(), name: Some(operator.name.now()) },
        }
    }

    /// Who became part of them, as the log names them.
    pub fn also(&self) -> Vec<ParticipantId> {
        match self {
            Self::Visitor(visitor) => visitor.merged.iter().map(|id| (*id).into()).collect(),
            Self::Operator(_) => Vec::new(),
        }
    }

    /// Whose rows they may touch at most.
    pub fn tenant(&self) -> TenantScope {
        match self {
            Self::Visitor(visitor) => visitor.scope.wide(),
            Self::Operator(operator) => operator.scope,
        }
    }
}

// Keys carry the tenant, so that who came or went is known without asking the database.
pub(super) fn visitor_key(tenant: TenantId, visitor: VisitorId) -> String {
    format!("visitor/{tenant}/{visitor}")
}

pub(super) fn operator_key(tenant: TenantId, operator: OperatorId) -> String {
    format!("operator/{tenant}/{operator}")
}

pub(super) fn visitor_identity(visitor: &VisitorPrincipal) -> Identity {
    Identity { principal: visitor_key(visitor.scope.tenant(), visitor.visitor).into(), device: visitor.device.to_string().into() }
}
