//! JSON of virtual agents, their pairs, and questions without an answer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::present;
use crate::clock::Millis;
use crate::ids::{ConversationId, FaqId, SiteId, UnansweredId};
use crate::rules::rule::Texts;
use crate::virtual_agent::{Found, Pair, Phrases, Settings, Unanswered};

/// What the virtual agent of a site does.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VirtualAgent)]
pub struct AgentOut {
    /// Whose.
    pub site_id: SiteId,
    /// The site's name.
    pub site_name: String,
    /// It answers first.
    pub enabled: bool,
    /// How.
    pub settings: Settings,
}

/// A change; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VirtualAgentChange)]
pub struct AgentIn {
    /// On or off.
    pub enabled: Option<bool>,
    /// How.
    pub settings: Option<Settings>,
}

/// A question with its answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FaqPair)]
pub struct FaqOut {
    /// Id.
    pub id: FaqId,
    /// The site it is for; null: all.
    #[schema(required)]
    pub site_id: Option<SiteId>,
    /// It is used.
    pub enabled: bool,
    /// How it is asked, per language: `배송 언제|기간`, every word in any order, `|` another word, `-` none of.
    #[schema(value_type = BTreeMap<String, Vec<String>>)]
    pub phrases: Phrases,
    /// What is answered, per language.
    pub answers: Texts,
    /// How often it was.
    pub answered: i64,
    /// In ms since 1970 UTC.
    pub updated_at: Millis,
}

impl From<Pair> for FaqOut {
    fn from(pair: Pair) -> Self {
        let Pair { id, site_id, enabled, phrases, answers, answered, updated_at, .. } = pair;
        Self { id, site_id, enabled: enabled != 0, phrases: phrases.0, answers: answers.0, answered, updated_at }
    }
}

/// A new pair.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewFaqPair)]
pub struct NewFaqIn {
    /// A site; absent or null: all.
    #[schema(value_type = Option<Uuid>)]
    pub site_id: Option<SiteId>,
    /// Absent: true.
    pub enabled: Option<bool>,
    /// At most 20 of a language, each of at most 200 characters and 12 words.
    #[schema(value_type = BTreeMap<String, Vec<String>>)]
    pub phrases: Phrases,
    /// 1 to 2,000 characters each.
    pub answers: Texts,
}

/// A change of a pair; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FaqPairChange)]
pub struct FaqIn {
    /// A site, or null for all.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    pub site_id: Option<Option<SiteId>>,
    /// Used or not.
    pub enabled: Option<bool>,
    /// How it is asked.
    #[schema(value_type = Option<BTreeMap<String, Vec<String>>>)]
    pub phrases: Option<Phrases>,
    /// What is answered.
    pub answers: Option<Texts>,
}

/// A question that no pair answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UnansweredQuestion)]
pub struct UnansweredOut {
    /// Id.
    pub id: UnansweredId,
    /// Where it was asked.
    pub site_id: SiteId,
    /// In the visitor's words.
    pub text: String,
    /// Their language.
    #[schema(required)]
    pub language: Option<String>,
    /// How often.
    pub times: i64,
    /// In which conversation last.
    pub conversation_id: ConversationId,
    /// When first, in ms since 1970 UTC.
    pub first_at: Millis,
    /// When last.
    pub last_at: Millis,
}

impl From<Unanswered> for UnansweredOut {
    fn from(question: Unanswered) -> Self {
        let Unanswered { id, site_id, text, language, times, conversation_id, first_at, last_at, .. } = question;
        Self { id, site_id, text, language, times, conversation_id, first_at, last_at }
    }
}

/// A question to try out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAnswerTry)]
pub struct TryIn {
    /// On which site.
    #[schema(value_type = Uuid)]
    pub site_id: SiteId,
    /// 1 to 2,000 characters.
    pub text: String,
}

/// What would be answered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SuggestedAnswer)]
pub struct AnswerOut {
    /// By which pair; null: none.
    #[schema(required)]
    pub faq_id: Option<FaqId>,
    /// What.
    #[schema(required)]
    pub text: Option<String>,
    /// 0 to 1,000: how exactly the words were found.
    #[schema(required)]
    pub exactness: Option<u32>,
}

impl From<Option<Found>> for AnswerOut {
    fn from(found: Option<Found>) -> Self {
        let exactness = found.as_ref().map(|found| found.fit.exactness);
        let (faq_id, text) = found.map(|found| (found.id, found.text)).unzip();
        Self { faq_id, text, exactness }
    }
}
