//! First set-up: the first tenant, its owner and its first site, in one transaction. Also what the demo starts with.

use crate::clock::Clock;
use crate::db::{Db, DbError};
use crate::error::{Error, ErrorCode, Result};
use crate::ids::{OperatorId, SiteId, TenantId};
use crate::operators::{self, NewOperator, Role, password};
use crate::scope::{SystemScope, TenantScope};
use crate::sites::{self, NewSite};
use crate::tenants::{self, Tenant};
use crate::text::{self, Fields};

/// What the first page asks for.
#[derive(Clone, Debug, Default)]
pub struct FirstSetup {
    /// The shop's name: of the tenant and of its first site.
    pub shop: String,
    /// The shop's domain.
    pub domain: String,
    /// The owner's name.
    pub name: String,
    /// The owner's address.
    pub email: String,
    /// The owner's password.
    pub password: String,
    /// `ko` or `en`.
    pub language: String,
    /// IANA name of the shop's and the owner's time zone, as the browser says; UTC if it is none.
    pub time_zone: String,
}

/// What it made.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    /// The tenant.
    pub tenant: TenantId,
    /// Its owner.
    pub owner: OperatorId,
    /// Its site.
    pub site: SiteId,
}

/// A site ready to insert, or what is wrong with which field. Its hours are those of `time_zone`, which may be changed later.
pub fn new_site(
    clock: &Clock,
    name: &str,
    domains: &[String],
    language: &str,
    time_zone: Option<&str>,
) -> std::result::Result<NewSite, Fields> {
    let mut fields = Fields::new();
    let name = text::name(&mut fields, "name", name);
    let domains = sites::valid_domains(&mut fields, domains);
    if !["ko", "en"].contains(&language) {
        fields.insert("language".to_owned(), "must be ko or en".to_owned());
    }
    if !fields.is_empty() {
        return Err(fields);
    }
    Ok(NewSite {
        id: clock.new_id(),
        // Keys are made per row and long enough that nobody guesses another shop's.
        site_key: text::random_word(20),
        name,
        language: language.to_owned(),
        domains,
        time_zone: time_zone.and_then(sites::time_zone).unwrap_or_else(|| "UTC".to_owned()),
        identity_secret: text::random_word(40),
        created_at: clock.now(),
    })
}

/// Makes the first tenant; `conflict` when there is one already.
pub async fn run(db: &Db, clock: &Clock, setup: &FirstSetup) -> Result<Made> {
    let mut fields = Fields::new();
    let owner_name = text::name(&mut fields, "name", &setup.name);
    let email = text::email(&mut fields, "email", &setup.email);
    password::check(&mut fields, "password", &setup.password);
    let site = match new_site(clock, &setup.shop, std::slice::from_ref(&setup.domain), &setup.language, Some(&setup.time_zone)) {
        Ok(site) => Some(site),
        Err(wrong) => {
            // The form's words for the site's fields.
            fields.extend(wrong.into_iter().map(|(name, what)| {
                (
                    if name == "name" {
                        "shop".to_owned()
                    } else if name == "domains" {
                        "domain".to_owned()
                    } else {
                        name
                    },
                    what,
                )
            }));
            None
        }
    };
    let Some(site) = site.filter(|_| fields.is_empty()) else { return Err(Error::fields(fields)) };
    let password_hash = password::hash(setup.password.clone()).await.map_err(|error| Error::internal(&error))?;
    let system = SystemScope::of_the_system();
    let tenant = Tenant { id: clock.new_id(), name: site.name.clone(), created_at: clock.now() };
    let owner = NewOperator {
        id: clock.new_id(),
        email,
        name: owner_name,
        role: Role::Owner,
        password_hash,
        language: Some(setup.language.clone()),
        time_zone: sites::time_zone(&setup.time_zone),
        created_at: clock.now(),
    };
    let scope = TenantScope::proven(tenant.id);
    let mut tx = db.begin().await?;
    if tenants::count_locked(&mut tx, system).await? > 0 {
        return Err(Error::new(ErrorCode::Conflict, "this installation is set up already; sign in instead"));
    }
    tenants::insert(&mut tx, system, &tenant).await?;
    operators::insert(&mut tx, scope, &owner).await.map_err(|error| match error {
        DbError::Duplicate => Error::new(ErrorCode::Conflict, "somebody signs in with this e-mail address already"),
        other => other.into(),
    })?;
    sites::insert(&mut tx, scope, &site).await?;
    tx.commit().await?;
    Ok(Made { tenant: tenant.id, owner: owner.id, site: site.id })
}
