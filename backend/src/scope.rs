//! Who may touch which rows. A scope has private fields and is made only by the login, ticket and API-key extractors, by sockets
//! accepted from those, and by jobs; every store function takes one first. [`SystemScope`] marks the short list of global look-ups.

use crate::ids::{SiteId, TenantId};

/// All rows of one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TenantScope {
    tenant: TenantId,
}

/// The rows of one site of one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SiteScope {
    tenant: TenantId,
    site: SiteId,
}

/// Look-ups that come before any tenant is known: sign-in by e-mail, boot by site key, first set-up, job claiming, login sessions.
#[derive(Clone, Copy, Debug)]
pub struct SystemScope(());

impl TenantScope {
    /// To be called by an extractor that has proven the tenant.
    pub(crate) fn proven(tenant: TenantId) -> Self {
        Self { tenant }
    }

    /// The tenant all statements are bound to.
    pub fn tenant(self) -> TenantId {
        self.tenant
    }
}

impl SiteScope {
    /// To be called by an extractor that has proven the site.
    pub(crate) fn proven(tenant: TenantId, site: SiteId) -> Self {
        Self { tenant, site }
    }

    /// The tenant all statements are bound to.
    pub fn tenant(self) -> TenantId {
        self.tenant
    }

    /// The site all statements are bound to.
    pub fn site(self) -> SiteId {
        self.site
    }

    /// The wider scope, for rows that belong to the tenant.
    pub fn wide(self) -> TenantScope {
        TenantScope { tenant: self.tenant }
    }
}

/// A scope on its way between nodes: the one that sends it has proven it, and nobody else can send.
pub(crate) mod carried {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use super::{SiteId, SiteScope, TenantId};

    pub(crate) fn serialize<S: Serializer>(scope: &SiteScope, serializer: S) -> Result<S::Ok, S::Error> {
        (scope.tenant, scope.site).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SiteScope, D::Error> {
        let (tenant, site) = <(TenantId, SiteId)>::deserialize(deserializer)?;
        Ok(SiteScope::proven(tenant, site))
    }
}

impl SystemScope {
    /// Named, so that its uses can be counted: see the list in docs/ARCHITECTURE.md.
    pub(crate) fn of_the_system() -> Self {
        Self(())
    }
}
