//! The demo: on the first start of an empty installation a tenant with a one-time random password, afterwards nothing is seeded again.

use axum::Router;

use crate::app::App;
use crate::error::{Error, Result};
use crate::pages::demo_shop::{self, DemoShop};
use crate::scope::{SiteScope, SystemScope, TenantScope};
use crate::setup::{self, FirstSetup};
use crate::tenants;
use crate::text;
use crate::{crowds, operators, sites};

/// The demo owner's address; it receives nothing.
pub const EMAIL: &str = "owner@demo.example";

/// The shop's routes, and what to print: the password on the first start only.
pub async fn start(app: &App) -> Result<(Router, Vec<String>)> {
    let system = SystemScope::of_the_system();
    let mut told = Vec::new();
    if tenants::is_empty(&app.db, system).await? {
        let password = text::random_word(16);
        let demo = FirstSetup {
            shop: "Moru".to_owned(),
            domain: format!("localhost:{}", app.listen.demo.port()),
            name: "Mina Han".to_owned(),
            email: EMAIL.to_owned(),
            password: password.clone(),
            language: "en".to_owned(),
            time_zone: "UTC".to_owned(),
        };
        setup::run(&app.db, &app.clock, &demo).await?;
        told.push(format!("Sign in as  {EMAIL}"));
        told.push(format!("Password    {password}"));
        told.push("            (shown this once; it is stored as a hash only)".to_owned());
    }
    let site = site(app).await?;
    crowd(app, &site).await?;
    let shop = DemoShop { widget_origin: app.listen.widget_origin(), site_key: site.site_key };
    Ok((demo_shop::router(shop), told))
}

/// The chat of the shop's live page; who deleted it gets it back at the next start.
async fn crowd(app: &App, site: &sites::Site) -> Result<()> {
    let scope = SiteScope::proven(site.tenant_id, site.id);
    if crowds::find_by_key(&app.db, scope, demo_shop::CROWD).await?.is_some() {
        return Ok(());
    }
    let new = crowds::NewCrowd::checked(demo_shop::CROWD, "Moru Live", &crowds::CrowdUpdate::default()).map_err(Error::fields)?;
    let mut tx = app.db.begin().await?;
    crowds::insert(&mut tx, scope, &app.clock, &new).await?;
    Ok(tx.commit().await?)
}

/// The demo tenant's first site. Its domain follows the demo's port, which may be another at every start.
async fn site(app: &App) -> Result<sites::Site> {
    let owner = operators::find_by_email(&app.db, SystemScope::of_the_system(), EMAIL).await?;
    let owner = owner.ok_or_else(|| {
        Error::invalid("this data folder belongs to a real installation; start it without --demo, or use another STALK_DATA")
    })?;
    let scope = TenantScope::proven(owner.tenant_id);
    let mut site = sites::list(&app.db, scope).await?.into_iter().next().ok_or_else(|| Error::not_found("demo site"))?;
    let domain = format!("localhost:{}", app.listen.demo.port());
    if !site.domains.contains(&domain) {
        site.domains.0.push(domain);
        let mut tx = app.db.begin().await?;
        sites::update(&mut tx, scope, &site).await?;
        tx.commit().await?;
    }
    Ok(site)
}
