//! What a rule is: an event, conditions, limits, actions. Read strictly and checked once when saved. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::condition::{Compiled, Condition, ConditionError};

/// Most actions of a rule.
pub const ACTIONS_MAX: usize = 10;
/// Longest text of an action, in characters.
pub const TEXT_MAX: usize = 2000;
/// Longest first line, text, button and coupon of an offer, in characters, and longest address.
pub const TITLE_MAX: usize = 120;
/// See above.
pub const OFFER_TEXT_MAX: usize = 500;
/// See above.
pub const BUTTON_MAX: usize = 40;
/// See above.
pub const COUPON_MAX: usize = 64;
/// See above.
pub const URL_MAX: usize = 2048;
/// Languages of one text at most.
pub const LANGUAGES_MAX: usize = 10;
/// Part of the visitors, in percent, that may be held out at most: more would be no promotion.
pub const HOLDOUT_MAX: u8 = 50;

/// A rule as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its id; among equals of priority the lower one goes first.
    pub id: Uuid,
    /// Counts up with every change; each firing is stamped with it.
    pub version: u32,
    /// For people.
    pub name: String,
    /// Higher goes first.
    #[serde(default)]
    pub priority: i32,
    /// Paused rules never fire.
    pub enabled: bool,
    /// Of the rules of one group at most one fires for an event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// What must happen.
    pub on: Trigger,
    /// What must be so.
    pub when: Condition,
    /// How often.
    #[serde(default)]
    pub limits: Limits,
    /// May it fire while the visitor's conversation is open?
    #[serde(default)]
    pub during_conversation: bool,
    /// Percent of the visitors who are shown nothing, so that one can tell what the rule achieves.
    #[serde(default)]
    pub holdout: u8,
    /// What is done, in order.
    pub actions: Vec<Action>,
}

/// The event that a rule waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", deny_unknown_fields)]
#[schema(as = RuleTrigger)]
pub enum Trigger {
    /// A page was opened.
    #[serde(rename = "page.enter")]
    PageEnter,
    /// Somebody stayed this long on one page.
    #[serde(rename = "page.stay")]
    PageStay {
        /// 1 to 3,600.
        seconds: u32,
    },
    /// Somebody stayed this long on the site.
    #[serde(rename = "site.stay")]
    SiteStay {
        /// 1 to 3,600.
        seconds: u32,
    },
    /// The first page of a visit that is not the first visit.
    #[serde(rename = "visitor.returned")]
    VisitorReturned,
    /// Something was put into the cart or taken out.
    #[serde(rename = "cart.changed")]
    CartChanged,
    /// An order was placed.
    #[serde(rename = "order.placed")]
    OrderPlaced,
    /// The visitor wrote.
    #[serde(rename = "message.from_visitor")]
    MessageFromVisitor,
    /// A conversation waits without an assignee for this long.
    #[serde(rename = "conversation.queued")]
    ConversationQueued {
        /// 0 to 3,600.
        seconds: u32,
    },
    /// An event of the shop's own.
    #[serde(rename = "custom")]
    Custom {
        /// Its name.
        name: String,
    },
}

/// How often a rule fires for one visitor; absent means without limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RuleLimits)]
pub struct Limits {
    /// On one page view.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u32>,
    /// During one visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_visit: Option<u32>,
    /// For ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_visitor: Option<u32>,
    /// Not again for this many hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause_hours: Option<u32>,
}

/// A text per language (`ko`, `en`).
pub type Texts = BTreeMap<String, String>;

/// What a rule does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = RuleAction)]
pub enum Action {
    /// The virtual agent says this.
    Say {
        /// What.
        texts: Texts,
    },
    /// A promotion is shown.
    Offer(Offer),
    /// The visitor is asked for a name and an address.
    AskContact,
    /// A person takes over.
    HandOver,
    /// The conversation gets a tag.
    Tag {
        /// Its name.
        tag: String,
    },
    /// Operators read this, visitors do not.
    Note {
        /// What.
        text: String,
    },
    /// The panel opens.
    OpenPanel,
}

/// What a promotion shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Offer {
    /// Where on the page.
    pub look: Look,
    /// First line.
    pub title: Texts,
    /// The rest.
    #[serde(default)]
    pub text: Texts,
    /// On the button.
    #[serde(default)]
    pub button: Texts,
    /// Where the button leads: http or https.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// A picture: http or https.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_url: Option<String>,
    /// A code to copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon: Option<String>,
}

/// How a promotion looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OfferLook)]
pub enum Look {
    /// Beside the launcher.
    Bubble,
    /// Along the edge of the page.
    Banner,
    /// With picture and button.
    Card,
}

/// Why a rule cannot be saved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// In its conditions.
    #[error(transparent)]
    Condition(#[from] ConditionError),
    /// Elsewhere.
    #[error("{field}: {why}")]
    Field {
        /// Which.
        field: &'static str,
        /// What to change.
        why: String,
    },
}

/// A rule that was checked and is ready to be decided.
#[derive(Clone, Debug)]
pub struct Ready {
    /// As written.
    pub rule: Rule,
    /// Its conditions.
    pub when: Compiled,
}

impl Rule {
    /// Checks everything and prepares the conditions.
    pub fn ready(self) -> Result<Ready, RuleError> {
        let field = |field, why: &str| Err(RuleError::Field { field, why: why.to_owned() });
        if !(1..=120).contains(&self.name.trim().chars().count()) {
            return field("name", "must have 1 to 120 characters");
        }
        if self.holdout > HOLDOUT_MAX {
            return field("holdout", "at most 50 percent can be held out");
        }
        if self.actions.is_empty() || self.actions.len() > ACTIONS_MAX {
            return field("actions", "name 1 to 10 actions");
        }
        match &self.on {
            Trigger::PageStay { seconds } | Trigger::SiteStay { seconds } if !(1..=3600).contains(seconds) => {
                return field("on", "seconds must be 1 to 3600");
            }
            Trigger::ConversationQueued { seconds } if *seconds > 3600 => return field("on", "seconds must be 0 to 3600"),
            Trigger::Custom { name } if name.is_empty() || name.len() > 64 => return field("on", "an event's name has 1 to 64 bytes"),
            _ => {}
        }
        for action in &self.actions {
            action.check().map_err(|why| RuleError::Field { field: "actions", why: why.to_owned() })?;
        }
        let when = self.when.compile()?;
        Ok(Ready { rule: self, when })
    }
}

impl Action {
    fn check(&self) -> Result<(), &'static str> {
        match self {
            Self::Say { texts } => said(texts),
            Self::Offer(offer) if !offer.problems().is_empty() => {
                Err("an offer needs a title of at most 120 characters and http(s) addresses")
            }
            Self::Tag { tag } if tag.trim().is_empty() || tag.chars().count() > 40 => Err("a tag has 1 to 40 characters"),
            Self::Note { text } if text.trim().is_empty() || text.chars().count() > TEXT_MAX => Err("a note has 1 to 2000 characters"),
            Self::Offer(_) | Self::AskContact | Self::HandOver | Self::OpenPanel | Self::Tag { .. } | Self::Note { .. } => Ok(()),
        }
    }
}

impl Offer {
    /// What is wrong with which field of it, each with its bound; nothing where all is well.
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        let mut texts = |field: &'static str, texts: &Texts, most: usize, needed: bool| {
            if needed && texts.is_empty() {
                problems.push((field, "is needed in at least one language".to_owned()));
            } else if texts.len() > LANGUAGES_MAX {
                problems.push((field, format!("is in {} languages; at most {LANGUAGES_MAX} are allowed", texts.len())));
            }
            for (language, text) in texts {
                let length = text.chars().count();
                if text.trim().is_empty() {
                    problems.push((field, format!("must not be empty in {language:?}; leave the language out")));
                } else if length > most {
                    problems.push((field, format!("has {length} characters in {language:?}; at most {most} are allowed")));
                }
            }
        };
        texts("offer.title", &self.title, TITLE_MAX, true);
        texts("offer.text", &self.text, OFFER_TEXT_MAX, false);
        texts("offer.button", &self.button, BUTTON_MAX, false);
        for (field, address) in [("offer.url", &self.url), ("offer.image_url", &self.image_url)] {
            let fits = |text: &String| {
                text.len() <= URL_MAX
                    && (text.starts_with("https://") || text.starts_with("http://"))
                    && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control())
            };
            if !address.as_ref().is_none_or(fits) {
                problems.push((field, format!("must begin with https:// or http:// and have at most {URL_MAX} characters")));
            }
        }
        let coupon = self.coupon.as_ref().map(|code| code.trim().chars().count());
        if coupon.is_some_and(|length| !(1..=COUPON_MAX).contains(&length)) {
            problems.push(("offer.coupon", format!("must have 1 to {COUPON_MAX} characters")));
        }
        problems
    }
}

fn said(texts: &Texts) -> Result<(), &'static str> {
    if texts.is_empty() || texts.values().any(|text| text.trim().is_empty() || text.chars().count() > TEXT_MAX) {
        return Err("a text is needed in at least one language, with 1 to 2000 characters in each");
    }
    Ok(())
}

/// The part of a language's name that texts are written for: `ko` of `ko-KR`.
pub fn language_of(name: &str) -> String {
    name.split(['-', '_']).next().unwrap_or_default().to_lowercase()
}

/// The text for a reader: in their language, else in the site's, else in English, else in whatever there is.
pub fn said_in<'a>(texts: &'a Texts, reader: &str, site: &str) -> Option<&'a str> {
    let wanted = [language_of(reader), language_of(site), "en".to_owned()];
    let found = wanted.iter().find_map(|wanted| texts.iter().find(|(language, _)| language_of(language) == *wanted));
    found.or_else(|| texts.iter().next()).map(|(_, text)| text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_gets_their_language_or_the_sites() {
        let texts =
            Texts::from([("ko".to_owned(), "안녕".to_owned()), ("en".to_owned(), "Hi".to_owned()), ("de".to_owned(), "Tag".to_owned())]);
        assert_eq!(said_in(&texts, "ko-KR", "en"), Some("안녕"));
        assert_eq!(said_in(&texts, "fr", "de"), Some("Tag"));
        assert_eq!(said_in(&texts, "", "ja"), Some("Hi"));
        assert_eq!(said_in(&Texts::from([("ja".to_owned(), "x".to_owned())]), "ko", "ko"), Some("x"));
        assert_eq!(said_in(&Texts::new(), "ko", "ko"), None);
    }
}
