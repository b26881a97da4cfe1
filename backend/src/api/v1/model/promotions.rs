//! JSON of promotions.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use utoipa::ToSchema;
use uuid::Uuid;

use super::people::NamedOut;
use super::present;
use crate::clock::Millis;
use crate::ids::{PromotionId, SiteId, VisitorId};
use crate::promotion_worker::{Audience, Explained, LivePerson, Sent, To, Why};
use crate::promotions::{Definition, Promotion, Sums, Version};
use crate::rules::condition::Test;
use crate::rules::facts::Value as FactValue;
use crate::statistics::Revenue;
use crate::text::Fields;

/// Path patterns of one send at most.
const PATHS_MAX: usize = 20;
/// Visitors that one send names at most.
const VISITORS_MAX: usize = 1000;

/// A rule that offers something, with what came of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Promotion)]
pub struct PromotionOut {
    /// Id.
    pub id: PromotionId,
    /// The site it is for; null: all.
    #[schema(required)]
    pub site_id: Option<SiteId>,
    /// For people.
    pub name: String,
    /// Offered by its rule, and may be sent; else it is paused.
    pub active: bool,
    /// Counts up with every change of the definition.
    pub version: i64,
    /// What is offered, when and to whom.
    pub definition: Definition,
    /// Not before, in ms since 1970 UTC.
    #[schema(required)]
    pub starts_at: Option<Millis>,
    /// Not from then on.
    #[schema(required)]
    pub ends_at: Option<Millis>,
    /// In ms since 1970 UTC.
    pub created_at: Millis,
    /// In ms since 1970 UTC.
    pub updated_at: Millis,
    /// Of those who may see it.
    pub seen: PromotionSumsOut,
    /// Of those who are shown nothing, so that one can tell what the promotion achieves.
    pub held_out: PromotionSumsOut,
}

/// A picture that was kept.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Picture)]
pub struct PictureOut {
    /// Where everybody sees it.
    pub url: String,
}

/// What was counted of one group; of each visitor everything once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionSums)]
pub struct PromotionSumsOut {
    /// Visitors of the group.
    pub visitors: i64,
    /// Who saw it.
    pub shown: i64,
    /// Who clicked.
    pub clicked: i64,
    /// Who closed it.
    pub dismissed: i64,
    /// Who reached the goal within its window.
    pub goals: i64,
    /// Orders within the window.
    pub orders: i64,
    /// What they are worth, by currency, the most orders first.
    pub revenue: Vec<Revenue>,
}

impl From<Sums> for PromotionSumsOut {
    fn from(sums: Sums) -> Self {
        let Sums { visitors, shown, clicked, dismissed, goals, orders, revenue } = sums;
        let revenue = revenue.into_iter().map(|one| Revenue::new(one.currency, one.orders, one.value_milli)).collect();
        Self { visitors, shown, clicked, dismissed, goals, orders, revenue }
    }
}

impl PromotionOut {
    /// With what came of it.
    pub fn new(promotion: Promotion, [seen, held_out]: [Sums; 2]) -> Self {
        let Promotion { id, site_id, name, status, version, definition, starts_at, ends_at, created_at, updated_at, .. } = promotion;
        Self {
            id,
            site_id,
            name,
            active: status == "active",
            version,
            definition: definition.0,
            starts_at,
            ends_at,
            created_at,
            updated_at,
            seen: seen.into(),
            held_out: held_out.into(),
        }
    }
}

/// What a promotion's definition was, from some time on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionVersion)]
pub struct PromotionVersionOut {
    /// Its number; offers are stamped with it.
    pub version: i64,
    /// What it said. To go back to it, change the promotion to it.
    pub definition: Definition,
    /// Who wrote it.
    pub changed_by: NamedOut,
    /// In ms since 1970 UTC.
    pub at: Millis,
}

impl From<Version> for PromotionVersionOut {
    fn from(Version { version, definition, changed_by, changed_by_name, at }: Version) -> Self {
        Self { version, definition: definition.0, changed_by: NamedOut { id: changed_by.0, name: changed_by_name }, at }
    }
}

/// A new promotion.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPromotion)]
pub struct NewPromotionIn {
    /// 1 to 120 characters.
    pub name: String,
    /// A site; absent or null: all.
    #[schema(value_type = Option<Uuid>)]
    pub site_id: Option<SiteId>,
    /// Begins at once; absent: false.
    #[serde(default)]
    pub active: bool,
    /// What is offered, when and to whom. `GET /api/v1/promotions/schema` has its JSON schema.
    pub definition: Definition,
    /// Not before, in ms since 1970 UTC.
    pub starts_at: Option<Millis>,
    /// Not from then on.
    pub ends_at: Option<Millis>,
}

/// A change of a promotion; what is absent stays, null clears.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PromotionChange)]
pub struct PromotionIn {
    /// 1 to 120 characters.
    pub name: Option<String>,
    /// A site, or null for all.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    pub site_id: Option<Option<SiteId>>,
    /// Pause or go on; takes effect at once, also on screens.
    pub active: Option<bool>,
    /// What is offered, when and to whom.
    pub definition: Option<Definition>,
    /// Not before, in ms since 1970 UTC.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    pub starts_at: Option<Option<Millis>>,
    /// Not from then on.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    pub ends_at: Option<Option<Millis>>,
}

/// "Send now".
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPromotionSend)]
pub struct SendIn {
    /// Names this press of the button: a repeat with the same one offers nothing twice.
    pub send_id: Uuid,
    /// To one visitor; then there are no pages.
    #[schema(value_type = Option<Uuid>)]
    pub visitor_id: Option<VisitorId>,
    /// To these visitors, at most 1,000; then there are no pages either.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>)]
    pub visitor_ids: Vec<VisitorId>,
    /// Only on this site.
    #[schema(value_type = Option<Uuid>)]
    pub site_id: Option<SiteId>,
    /// Paths such as `/products/*`, at most 20; none: any page.
    #[serde(default)]
    pub pages: Vec<String>,
}

/// Checked path patterns.
pub fn paths(fields: &mut Fields, pages: Vec<String>) -> Vec<String> {
    if pages.len() > PATHS_MAX {
        fields.insert("pages".to_owned(), format!("are {}; at most {PATHS_MAX} are allowed", pages.len()));
    }
    for path in &pages {
        if !(path.starts_with('/') || path.starts_with('*')) || path.chars().count() > 500 {
            fields.insert("pages".to_owned(), format!("{path:?} is not a path such as /products/* of at most 500 characters"));
        }
    }
    pages
}

impl SendIn {
    /// To whom, or what is wrong.
    pub fn to(self) -> Result<(Uuid, To), Fields> {
        let mut fields = Fields::new();
        let by_page = !self.pages.is_empty() || self.site_id.is_some();
        if self.visitor_id.is_some() && by_page {
            fields.insert("visitor_id".to_owned(), "cannot come with pages or a site".to_owned());
        }
        if !self.visitor_ids.is_empty() && by_page {
            fields.insert("visitor_ids".to_owned(), "cannot come with pages or a site".to_owned());
        }
        if self.visitor_ids.len() > VISITORS_MAX {
            fields.insert("visitor_ids".to_owned(), format!("are {}; at most {VISITORS_MAX} are allowed", self.visitor_ids.len()));
        }
        let paths = paths(&mut fields, self.pages);
        let visitors: HashSet<VisitorId> = self.visitor_ids.into_iter().chain(self.visitor_id).collect();
        let to = if visitors.is_empty() { To::Pages { site: self.site_id, paths } } else { To::Visitors(visitors) };
        if fields.is_empty() { Ok((self.send_id, to)) } else { Err(fields) }
    }
}

/// What became of a send.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionSend)]
pub struct SentOut {
    /// On their screens now.
    pub offered: usize,
    /// Of the group that is shown nothing.
    pub held_out: usize,
    /// In a conversation, which is not disturbed.
    pub in_conversation: usize,
    /// Had it by this very send already.
    pub repeated: usize,
}

impl From<Sent> for SentOut {
    fn from(Sent { offered, held_out, in_conversation, repeated }: Sent) -> Self {
        Self { offered, held_out, in_conversation, repeated }
    }
}

/// Who is on such pages now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionAudience)]
pub struct AudienceOut {
    /// How many.
    pub live: usize,
    /// At most 50 of them, the latest first.
    pub people: Vec<LivePersonOut>,
}

/// A visitor who is there now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LivePerson)]
pub struct LivePersonOut {
    /// Who.
    pub visitor_id: VisitorId,
    /// As people call them.
    pub name: String,
    /// On which site.
    pub site_id: SiteId,
    /// Address of the page.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Browser language.
    #[schema(required)]
    pub language: Option<String>,
}

impl From<Audience> for AudienceOut {
    fn from(Audience { live, people }: Audience) -> Self {
        let person = |LivePerson { visitor, name, site, url, title, language, .. }: LivePerson| LivePersonOut {
            visitor_id: visitor,
            name,
            site_id: site,
            url,
            title,
            language,
        };
        Self { live, people: people.into_iter().map(person).collect() }
    }
}

/// "Test with this visitor": a stored promotion, or one that is not saved yet.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewDryRun)]
pub struct DryRunIn {
    /// Who; they must be there now.
    #[schema(value_type = Uuid)]
    pub visitor_id: VisitorId,
    /// A stored one, as it is.
    #[schema(value_type = Option<Uuid>)]
    pub promotion_id: Option<PromotionId>,
    /// This definition instead of the stored one's, as if it were active now.
    pub definition: Option<Definition>,
    /// With it: the site it would be for.
    #[schema(value_type = Option<Uuid>)]
    pub site_id: Option<SiteId>,
}

/// What would become of it, and why.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DryRun)]
pub struct DryRunOut {
    /// True: it would be on their screen.
    pub shown: bool,
    /// Why, or why not.
    pub why: DryRunWhy,
    /// Of `condition`: the way to the first one that does not hold, such as `when.all[1]`.
    #[schema(required)]
    pub at: Option<String>,
    /// And the condition itself.
    #[schema(required)]
    pub test: Option<Test>,
    /// Of `limit`: its name.
    #[schema(required)]
    pub limit: Option<String>,
    /// The visitor's bucket, 0 to 9,999; the lowest are held out.
    pub bucket: u16,
    /// What is known of the visitor now.
    #[schema(value_type = BTreeMap<String, FactValue>)]
    pub facts: BTreeMap<String, Value>,
}

/// Reasons of a dry run.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DryRunWhy {
    /// It would be shown.
    Fires,
    /// Of the group that is shown nothing.
    HeldOut,
    /// Not connected now.
    Away,
    /// On another site.
    OtherSite,
    /// The promotion is paused.
    Paused,
    /// Before its beginning or after its end.
    NotNow,
    /// Sent by hand only.
    ByHand,
    /// The visitor's panel is open.
    PanelOpen,
    /// Their conversation is open.
    ConversationOpen,
    /// A condition does not hold.
    Condition,
    /// A limit is reached.
    Limit,
    /// They were offered enough during this visit.
    Enough,
}

impl From<Explained> for DryRunOut {
    fn from(Explained { why, bucket, facts }: Explained) -> Self {
        let (mut at, mut test, mut limit) = (None, None, None);
        let name = match why {
            Why::Fires => DryRunWhy::Fires,
            Why::HeldOut => DryRunWhy::HeldOut,
            Why::Away => DryRunWhy::Away,
            Why::OtherSite => DryRunWhy::OtherSite,
            Why::Paused => DryRunWhy::Paused,
            Why::NotNow => DryRunWhy::NotNow,
            Why::ByHand => DryRunWhy::ByHand,
            Why::PanelOpen => DryRunWhy::PanelOpen,
            Why::ConversationOpen => DryRunWhy::ConversationOpen,
            Why::Condition(failed) => {
                (at, test) = (Some(failed.at), Some(failed.test));
                DryRunWhy::Condition
            }
            Why::Limit(reached) => {
                limit = Some(reached.to_owned());
                DryRunWhy::Limit
            }
            Why::Enough => DryRunWhy::Enough,
        };
        let facts = facts.iter().map(|(fact, value)| (fact.name(), serde_json::json!(value))).collect();
        Self { shown: matches!(name, DryRunWhy::Fires), why: name, at, test, limit, bucket, facts }
    }
}
