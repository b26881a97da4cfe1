//! What a promotion is, and what of it a visitor is shown. No I/O.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use sqlx::types::Json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::clock::Millis;
use crate::ids::{OfferId, OperatorId, PromotionId, SiteId, VisitId, VisitorId};
use crate::rules::condition::{Compiled, Condition};
use crate::rules::rule::{Action, HOLDOUT_MAX, Limits, Offer, Ready, Rule, RuleError, Trigger};
use crate::text::Fields;

/// Longest window in which what a visitor does is credited to a promotion.
const ATTRIBUTION_HOURS_MAX: u32 = 24 * 30;
/// Longest address or name of a goal, in characters.
const GOAL_MAX: usize = 500;
/// At most so often.
const LIMIT_MAX: u32 = 1000;
/// Offers stand alone: of all promotions at most one is offered for an event.
const GROUP: &str = "promotions";

/// A promotion as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Promotion {
    /// Id.
    pub id: PromotionId,
    /// The site it is for; unset: all.
    pub site_id: Option<SiteId>,
    /// For people.
    pub name: String,
    /// `active` or `paused`.
    pub status: String,
    /// Counts up with every change of the definition.
    pub version: i64,
    /// The rest.
    pub definition: Json<Definition>,
    /// Not before.
    pub starts_at: Option<Millis>,
    /// Not from then on.
    pub ends_at: Option<Millis>,
    /// Who made it.
    pub created_by: OperatorId,
    /// When.
    pub created_at: Millis,
    /// When it changed last.
    pub updated_at: Millis,
}

/// What a promotion's definition was, from some time on.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Version {
    /// Its number.
    pub version: i64,
    /// What it said.
    pub definition: Json<Definition>,
    /// Who wrote it.
    pub changed_by: OperatorId,
    /// As they are called now.
    pub changed_by_name: String,
    /// When.
    pub at: Millis,
}

/// What is offered, when, to whom, and what counts as success.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PromotionDefinition)]
pub struct Definition {
    /// What is shown.
    pub offer: Offer,
    /// The event it waits for; null: it is sent by hand only.
    #[schema(required)]
    pub on: Option<Trigger>,
    /// What must be so.
    pub when: Condition,
    /// How often.
    #[serde(default)]
    pub limits: Limits,
    /// Higher goes first.
    #[serde(default)]
    pub priority: i32,
    /// Percent of the visitors who are shown nothing, 0 to 50.
    pub holdout: u8,
    /// What it is for; null: clicks.
    #[schema(required)]
    pub goal: Option<Goal>,
}

/// What counts as success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PromotionGoal)]
pub struct Goal {
    /// What kind.
    pub kind: GoalKind,
    /// Of `page`: its path, with `*` for any run of characters; of `event`: its name; of `order`: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Within so many hours after the offer, 1 to 720.
    pub within_hours: u32,
}

/// Kinds of goals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PromotionGoalKind)]
pub enum GoalKind {
    /// A page was opened.
    Page,
    /// An event of the shop's own.
    Event,
    /// An order was placed.
    Order,
}

/// A change of a promotion; `None` leaves the value.
#[derive(Clone, Debug, Default)]
pub struct Update {
    /// New name.
    pub name: Option<String>,
    /// New site, or all.
    pub site_id: Option<Option<SiteId>>,
    /// New definition.
    pub definition: Option<Definition>,
    /// Pause or go on.
    pub active: Option<bool>,
    /// New beginning.
    pub starts_at: Option<Option<Millis>>,
    /// New end.
    pub ends_at: Option<Option<Millis>>,
}

/// What was counted of one group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Visitors of the group.
    pub visitors: i64,
    /// Who saw it.
    pub shown: i64,
    /// Who clicked.
    pub clicked: i64,
    /// Who closed it.
    pub dismissed: i64,
    /// Who reached the goal.
    pub goals: i64,
    /// Orders credited.
    pub orders: i64,
    /// What they are worth, the currency of the most orders first.
    pub revenue: Vec<Revenue>,
}

/// Orders in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revenue {
    /// Such as KRW.
    pub currency: String,
    /// How many.
    pub orders: i64,
    /// What they are worth, in thousandths.
    pub value_milli: i64,
}

/// What a visitor's page reports of an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// It stands on the screen.
    Shown,
    /// Its button or picture was clicked.
    Clicked,
    /// It was closed.
    Dismissed,
}

/// A firing to store.
#[derive(Clone, Debug)]
pub struct NewOffer {
    /// Fresh id.
    pub id: OfferId,
    /// To whom.
    pub visitor: VisitorId,
    /// Where.
    pub site: SiteId,
    /// Which version fired.
    pub version: i64,
    /// What it may happen once for.
    pub occasion: Uuid,
    /// During which visit.
    pub visit: VisitId,
    /// On which page.
    pub page_view: Uuid,
    /// Shown nothing, and counted.
    pub held_out: bool,
    /// An operator pressed "send".
    pub by_hand: bool,
    /// When.
    pub at: Millis,
}

impl Promotion {
    /// May be offered now.
    pub fn is_on(&self, now: Millis) -> bool {
        self.status == "active" && self.starts_at.is_none_or(|at| at <= now) && self.ends_at.is_none_or(|at| now < at)
    }

    /// Of this site.
    pub fn is_for(&self, site: SiteId) -> bool {
        self.site_id.is_none_or(|own| own == site)
    }

    /// As a rule. One that is sent by hand only waits for nothing that happens.
    pub fn rule(&self) -> Option<Result<Ready, RuleError>> {
        let definition = &self.definition.0;
        let on = definition.on.clone()?;
        let rule = Rule {
            id: self.id.0,
            version: u32::try_from(self.version).unwrap_or(u32::MAX),
            name: self.name.clone(),
            priority: definition.priority,
            enabled: true,
            group: Some(GROUP.to_owned()),
            on,
            when: definition.when.clone(),
            limits: definition.limits,
            during_conversation: false,
            holdout: definition.holdout,
            actions: vec![Action::Offer(definition.offer.clone())],
        };
        Some(rule.ready())
    }

    /// The promotion after the change, or what is wrong with which field.
    pub fn apply(mut self, update: Update, now: Millis) -> Result<Self, Fields> {
        let mut fields = Fields::new();
        if let Some(name) = update.name {
            self.name = crate::text::name(&mut fields, "name", &name);
        }
        if let Some(definition) = update.definition {
            definition.check(&mut fields);
            if definition != self.definition.0 {
                self.version += 1;
                self.definition = Json(definition);
            }
        }
        self.site_id = update.site_id.unwrap_or(self.site_id);
        self.starts_at = update.starts_at.unwrap_or(self.starts_at);
        self.ends_at = update.ends_at.unwrap_or(self.ends_at);
        if self.starts_at.zip(self.ends_at).is_some_and(|(from, to)| from >= to) {
            fields.insert("ends_at".to_owned(), "must be after starts_at".to_owned());
        }
        if let Some(active) = update.active {
            (if active { "active" } else { "paused" }).clone_into(&mut self.status);
        }
        self.updated_at = now;
        if fields.is_empty() { Ok(self) } else { Err(fields) }
    }
}

impl Definition {
    /// Puts what is wrong under its field's name, with the bound.
    pub fn check(&self, fields: &mut Fields) {
        fields.extend(self.offer.problems().into_iter().map(|(field, why)| (format!("definition.{field}"), why)));
        let mut wrong = |field: &str, why: String| fields.insert(format!("definition.{field}"), why);
        if self.holdout > HOLDOUT_MAX {
            wrong("holdout", format!("is {}; 0 to {HOLDOUT_MAX} percent are allowed", self.holdout));
        }
        match &self.on {
            Some(Trigger::PageStay { seconds } | Trigger::SiteStay { seconds }) if !(1..=3600).contains(seconds) => {
                wrong("on.seconds", format!("is {seconds}; 1 to 3600 are allowed"));
            }
            Some(Trigger::Custom { name }) if name.is_empty() || name.len() > 64 => {
                wrong("on.name", "must have 1 to 64 bytes".to_owned());
            }
            Some(Trigger::MessageFromVisitor | Trigger::ConversationQueued { .. }) => {
                wrong("on.event", "cannot start a promotion, for none is shown over a conversation".to_owned());
            }
            _ => {}
        }
        for (name, limit) in [
            ("per_page", self.limits.per_page),
            ("per_visit", self.limits.per_visit),
            ("per_visitor", self.limits.per_visitor),
            ("pause_hours", self.limits.pause_hours),
        ] {
            if limit.is_some_and(|limit| !(1..=LIMIT_MAX).contains(&limit)) {
                wrong(&format!("limits.{name}"), format!("must be 1 to {LIMIT_MAX}"));
            }
        }
        if let Err(error) = self.when.compile() {
            wrong(&error.at, error.why);
        }
        if let Some((field, why)) = self.goal.as_ref().and_then(Goal::problem) {
            wrong(field, why);
        }
    }

    /// The conditions, which were checked when they were saved.
    pub fn conditions(&self) -> Option<Compiled> {
        self.when.compile().ok()
    }
}

impl Goal {
    fn problem(&self) -> Option<(&'static str, String)> {
        if !(1..=ATTRIBUTION_HOURS_MAX).contains(&self.within_hours) {
            return Some(("goal.within_hours", format!("is {}; 1 to {ATTRIBUTION_HOURS_MAX} are allowed", self.within_hours)));
        }
        let length = self.value.as_ref().map_or(0, |value| value.trim().chars().count());
        match self.kind {
            GoalKind::Order => None,
            GoalKind::Page if !self.value.as_ref().is_some_and(|path| path.starts_with('/') || path.starts_with('*')) => {
                Some(("goal.value", "must be the path of a page such as /order/done*".to_owned()))
            }
            _ if !(1..=GOAL_MAX).contains(&length) => Some(("goal.value", format!("must have 1 to {GOAL_MAX} characters"))),
            _ => None,
        }
    }
}

/// A definition as a row has it.
pub fn stored(definition: Definition) -> Json<Definition> {
    Json(definition)
}

/// Names a page within a visit: coming back to it is the same page, also after a restart of ours.
pub fn page_view(visit: VisitId, url: &str) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(visit.0.as_bytes());
    hash.update(url.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_of_a_visit_has_one_name() {
        let (visit, other) = (VisitId(Uuid::from_u128(1)), VisitId(Uuid::from_u128(2)));
        assert_eq!(page_view(visit, "https://a.test/"), page_view(visit, "https://a.test/"));
        assert_ne!(page_view(visit, "https://a.test/"), page_view(other, "https://a.test/"));
        assert_ne!(page_view(visit, "https://a.test/"), page_view(visit, "https://a.test/b"));
    }
}
