//! What a virtual agent and its pairs of question and answer are. No I/O.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use utoipa::ToSchema;

use crate::clock::Millis;
use crate::ids::{ConversationId, FaqId, OperatorId, SiteId, UnansweredId, VisitorId};
use crate::rules::phrase::{Fit, Phrase};
use crate::rules::rule::{LANGUAGES_MAX, Texts};
use crate::text::Fields;

/// Longest name, greeting and answer, in characters.
const NAME_MAX: usize = 40;
const GREETING_MAX: usize = 500;
const ANSWER_MAX: usize = 2000;
/// Phrases of one language of a pair at most.
const PHRASES_MAX: usize = 20;
/// Misses after which a person is called, at most.
const MISSES_MAX: u8 = 5;

/// Phrases by language.
pub type Phrases = BTreeMap<String, Vec<String>>;

/// What the virtual agent of a site does.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Agent {
    /// Whose.
    pub site_id: SiteId,
    /// 1: it answers first.
    pub enabled: i64,
    /// The rest.
    pub settings: Json<Settings>,
}

/// How it does it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = VirtualAgentSettings)]
pub struct Settings {
    /// What it is called, per language, at most 40 characters.
    pub name: Texts,
    /// What it says first, per language, at most 500 characters; none: nothing.
    pub greeting: Texts,
    /// Questions in a row that it cannot answer before it calls a person, 1 to 5.
    pub misses: u8,
    /// While operators are online it leaves visitors to them and suggests its answers in the console instead.
    pub suggest_when_online: bool,
    /// Where nobody is there it asks for an address.
    pub ask_contact: bool,
}

impl Default for Settings {
    fn default() -> Self {
        let texts = |ko: &str, en: &str| Texts::from([("ko".to_owned(), ko.to_owned()), ("en".to_owned(), en.to_owned())]);
        Self {
            name: texts("도우미", "Assistant"),
            greeting: texts(
                "안녕하세요. 자주 묻는 질문에 바로 답해 드려요. 상담원이 필요하면 ‘상담원’이라고 적어 주세요.",
                "Hello. I answer frequent questions right away. Write “human” whenever you want a person.",
            ),
            misses: 2,
            suggest_when_online: true,
            ask_contact: true,
        }
    }
}

impl Settings {
    /// Puts what is wrong under its field's name, with the bound.
    pub fn check(&self, fields: &mut Fields) {
        bounded(fields, "settings.name", &self.name, NAME_MAX);
        bounded(fields, "settings.greeting", &self.greeting, GREETING_MAX);
        if !(1..=MISSES_MAX).contains(&self.misses) {
            fields.insert("settings.misses".to_owned(), format!("is {}; 1 to {MISSES_MAX} are allowed", self.misses));
        }
    }
}

fn bounded(fields: &mut Fields, field: &str, texts: &Texts, most: usize) {
    if texts.len() > LANGUAGES_MAX {
        fields.insert(field.to_owned(), format!("is in {} languages; at most {LANGUAGES_MAX} are allowed", texts.len()));
    }
    for (language, text) in texts {
        let length = text.chars().count();
        if text.trim().is_empty() || length > most {
            fields.insert(field.to_owned(), format!("has {length} characters in {language:?}; 1 to {most} are allowed"));
        }
    }
}

/// A question with its answer.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Pair {
    /// Id.
    pub id: FaqId,
    /// The site it is for; unset: all.
    pub site_id: Option<SiteId>,
    /// 1: it is used.
    pub enabled: i64,
    /// How it is asked.
    pub phrases: Json<Phrases>,
    /// What is answered.
    pub answers: Json<Texts>,
    /// How often it was.
    pub answered: i64,
    /// Who made it.
    pub created_by: OperatorId,
    /// When.
    pub created_at: Millis,
    /// When it changed last.
    pub updated_at: Millis,
}

/// A document as a row has it.
pub fn stored<T>(document: T) -> Json<T> {
    Json(document)
}

/// Puts what is wrong with phrases under their field.
pub fn check_phrases(fields: &mut Fields, phrases: &Phrases) {
    if phrases.values().all(Vec::is_empty) {
        fields.insert("phrases".to_owned(), "are needed in at least one language".to_owned());
    }
    if phrases.len() > LANGUAGES_MAX {
        fields.insert("phrases".to_owned(), format!("are in {} languages; at most {LANGUAGES_MAX} are allowed", phrases.len()));
    }
    for (language, list) in phrases {
        if list.len() > PHRASES_MAX {
            fields.insert(format!("phrases.{language}"), format!("are {}; at most {PHRASES_MAX} are allowed", list.len()));
        }
        for (index, phrase) in list.iter().enumerate() {
            if let Err(error) = Phrase::parse(phrase) {
                fields.insert(format!("phrases.{language}[{index}]"), error.to_string());
            }
        }
    }
}

/// Puts what is wrong with answers under their field.
pub fn check_answers(fields: &mut Fields, answers: &Texts) {
    if answers.is_empty() {
        fields.insert("answers".to_owned(), "are needed in at least one language".to_owned());
    }
    bounded(fields, "answers", answers, ANSWER_MAX);
}

/// A pair ready to be compared.
#[derive(Clone, Debug)]
pub struct Ready {
    /// Which.
    pub id: FaqId,
    /// For which site; unset: all.
    pub site_id: Option<SiteId>,
    /// Language and phrase.
    pub phrases: Vec<(String, Phrase)>,
    /// What is answered.
    pub answers: Texts,
}

/// Pairs that are used, ready to be compared.
pub fn ready(pairs: Vec<Pair>) -> Vec<Ready> {
    let used = pairs.into_iter().filter(|pair| pair.enabled != 0);
    used.map(|Pair { id, site_id, phrases, answers, .. }| {
        let of = |(language, list): (String, Vec<String>)| {
            list.into_iter().filter_map(move |phrase| Some((language.clone(), Phrase::parse(&phrase).ok()?))).collect::<Vec<_>>()
        };
        Ready { id, site_id, phrases: phrases.0.into_iter().flat_map(of).collect(), answers: answers.0 }
    })
    .collect()
}

/// The best answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Of which pair.
    pub id: FaqId,
    /// How well it fits.
    pub fit: Fit,
    /// What to say.
    pub text: String,
}

/// A question without an answer.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Unanswered {
    /// Id.
    pub id: UnansweredId,
    /// Where it was asked.
    pub site_id: SiteId,
    /// In the visitor's words.
    pub text: String,
    /// Their language.
    pub language: Option<String>,
    /// How often.
    pub times: i64,
    /// In which conversation last.
    pub conversation_id: ConversationId,
    /// By whom last.
    pub visitor_id: VisitorId,
    /// First and last time.
    pub first_at: Millis,
    /// See above.
    pub last_at: Millis,
}
