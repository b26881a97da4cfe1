//! A tenant's promotions, ready to be decided, and what is told of a moment: read once and remembered until somebody changes them.

use std::collections::HashMap;

use super::board::{Live, path_of};
use crate::clock::Millis;
use crate::ids::{PromotionId, SiteId};
use crate::promotions::{PastOffer, Promotion};
use crate::rules::decide::Past;
use crate::rules::facts::{Fact, Facts, Value};
use crate::rules::rule::{Ready, Trigger, language_of};
use crate::sites::{self, Site};
use crate::visitors::device::Device;
use crate::visits::Campaign;

/// Of one tenant.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) promotions: HashMap<PromotionId, Promotion>,
    /// Those that wait for an event.
    rules: Vec<(PromotionId, Ready)>,
    pub(super) sites: HashMap<SiteId, Site>,
}

/// What is read of a visitor before something is decided.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    pub(super) visits_before: i64,
    pub(super) conversation_open: bool,
    pub(super) past: Vec<PastOffer>,
    pub(super) attributes: serde_json::Map<String, serde_json::Value>,
    pub(super) operators_online: usize,
}

impl Known {
    pub(super) fn new(promotions: Vec<Promotion>, sites: Vec<Site>) -> Self {
        let rules = promotions
            .iter()
            .filter(|promotion| promotion.status == "active")
            .filter_map(|promotion| match promotion.rule()? {
                Ok(ready) => Some((promotion.id, ready)),
                Err(error) => {
                    tracing::warn!(promotion.id = %promotion.id, error = %error, "a stored promotion is no rule any more; it is left out");
                    None
                }
            })
            .collect();
        Self {
            rules,
            promotions: promotions.into_iter().map(|promotion| (promotion.id, promotion)).collect(),
            sites: sites.into_iter().map(|site| (site.id, site)).collect(),
        }
    }

    /// Rules that may fire on this site now.
    pub(super) fn rules_of(&self, site: SiteId, now: Millis) -> Vec<Ready> {
        let on = |id: &PromotionId| self.promotions.get(id).is_some_and(|promotion| promotion.is_for(site) && promotion.is_on(now));
        self.rules.iter().filter(|(id, _)| on(id)).map(|(_, ready)| ready.clone()).collect()
    }

    /// True where some rule of the site waits for such an event.
    pub(super) fn waits_for(&self, site: SiteId, wanted: impl Fn(&Trigger) -> bool) -> bool {
        let of = |id: &PromotionId| self.promotions.get(id).is_some_and(|promotion| promotion.is_for(site));
        self.rules.iter().any(|(id, ready)| of(id) && wanted(&ready.rule.on))
    }

    /// What rules of the site wait for that hangs on time.
    pub(super) fn stays_of(&self, site: SiteId) -> Vec<Trigger> {
        let of = |id: &PromotionId| self.promotions.get(id).is_some_and(|promotion| promotion.is_for(site));
        let timed = |on: &&Trigger| matches!(on, Trigger::PageStay { .. } | Trigger::SiteStay { .. });
        let mut stays: Vec<Trigger> = Vec::new();
        for on in self.rules.iter().filter(|(id, _)| of(id)).map(|(_, ready)| &ready.rule.on).filter(timed) {
            if !stays.contains(on) {
                stays.push(on.clone());
            }
        }
        stays
    }
}

/// As the decision takes it.
pub(super) fn past_of(history: &History) -> Vec<Past> {
    let past =
        |offer: &PastOffer| Past { rule: offer.promotion_id.0, visit: offer.visit_id.0, page_view: offer.page_view_id, at: offer.at };
    history.past.iter().map(past).collect()
}

#[expect(clippy::cast_precision_loss, reason = "counts and seconds are far below the limit of exact numbers")]
fn number(value: i64) -> Value {
    Value::Number(value as f64)
}

/// Everything that is known at this moment.
pub(super) fn facts_of(live: &Live, history: &History, site: &Site, now: Millis) -> Facts {
    let text = |text: &str| Value::Text(text.to_owned());
    let wall = sites::wall_clock(&site.time_zone, now);
    let online = i64::try_from(history.operators_online).unwrap_or(i64::MAX);
    let mut facts = Facts::default()
        .with(Fact::PageUrl, text(&live.url))
        .with(Fact::PagePath, text(path_of(&live.url)))
        .with(Fact::PageTitle, text(&live.title))
        .with(Fact::SecondsOnPage, number((now - live.page_since) / 1000))
        .with(Fact::SecondsOnSite, number((now - live.visit_since) / 1000))
        .with(Fact::PageViews, number(i64::from(live.page_views)))
        .with(Fact::Trail, Value::List(live.trail.clone()))
        .with(Fact::Visits, number(history.visits_before + 1))
        .with(Fact::Returning, Value::Flag(history.visits_before > 0))
        .with(Fact::Identified, Value::Flag(live.identified))
        .with(Fact::ConversationOpen, Value::Flag(history.conversation_open))
        .with(Fact::ShopOpen, Value::Flag(site.hours().is_open(now)))
        .with(Fact::OperatorsOnline, number(online))
        .with(Fact::Hour, number(i64::from(wall.hour)))
        .with(Fact::Weekday, text(wall.weekday))
        .with(Fact::Date, Value::Text(wall.date));
    let device = live.user_agent.as_deref().and_then(|agent| Device::of(agent).kind).map(text);
    let campaign = Campaign::of(&live.entry_url);
    let product = live.product.as_ref();
    for (fact, value) in [
        (Fact::Language, live.language.as_deref().map(language_of).map(Value::Text)),
        (Fact::Device, device),
        (Fact::Referrer, live.referrer.as_deref().map(host_of).map(text)),
        (Fact::CampaignSource, campaign.as_ref().and_then(|campaign| campaign.source.as_deref()).map(text)),
        (Fact::CampaignName, campaign.as_ref().and_then(|campaign| campaign.name.as_deref()).map(text)),
        (Fact::ProductId, product.and_then(|product| product.id.as_deref()).map(text)),
        (Fact::ProductName, product.map(|product| text(&product.name))),
        (Fact::ProductPrice, product.and_then(|product| product.price).map(Value::Number)),
        (Fact::ProductInStock, product.and_then(|product| product.in_stock).map(Value::Flag)),
        (Fact::CartValue, live.cart.and_then(|(value, _)| value).map(Value::Number)),
        (Fact::CartItems, live.cart.and_then(|(_, items)| items).map(Value::Number)),
    ] {
        if let Some(value) = value {
            facts = facts.with(fact, value);
        }
    }
    for (key, value) in &history.attributes {
        let value = match value {
            serde_json::Value::String(value) => Value::Text(value.clone()),
            serde_json::Value::Bool(value) => Value::Flag(*value),
            serde_json::Value::Number(value) => Value::Number(value.as_f64().unwrap_or(0.0)),
            _ => continue,
        };
        facts = facts.with(Fact::Attribute(key.clone()), value);
    }
    facts
}

fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#', ':']).next().unwrap_or_default()
}
