//! What a canned response is. No I/O.

use crate::clock::Millis;
use crate::ids::{CannedResponseId, OperatorId, SiteId};
use crate::text::{self, Fields};

/// Characters of a shortcut at most.
const SHORTCUT_MAX: usize = 40;
/// Characters of a text at most.
pub const TEXT_MAX: usize = 4000;

/// A canned response as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct CannedResponse {
    /// Id.
    pub id: CannedResponseId,
    /// What an operator types to find it.
    pub shortcut: String,
    /// What is inserted, with variables such as `{{visitor.name|you}}`.
    pub text: String,
    /// The site it is for; unset: all.
    pub site_id: Option<SiteId>,
    /// Who made it.
    pub created_by: OperatorId,
    /// Their name now.
    pub created_by_name: String,
    /// When it changed last.
    pub updated_at: Millis,
}

/// What an insert needs.
#[derive(Clone, Debug)]
pub struct NewCannedResponse {
    /// Fresh id.
    pub id: CannedResponseId,
    /// A valid shortcut.
    pub shortcut: String,
    /// A cleaned text.
    pub text: String,
    /// A site of the tenant, or all.
    pub site_id: Option<SiteId>,
    /// Who.
    pub created_by: OperatorId,
    /// Now.
    pub created_at: Millis,
}

/// A change; `None` leaves the value.
#[derive(Clone, Debug, Default)]
pub struct CannedResponseUpdate {
    /// New shortcut.
    pub shortcut: Option<String>,
    /// New text.
    pub text: Option<String>,
    /// New site, or all.
    pub site_id: Option<Option<SiteId>>,
    /// Now.
    pub updated_at: Millis,
}

/// A shortcut as it is stored: lower case, of a-z, 0-9, `-`, `_` and Hangul. Or what is wrong.
pub fn valid_shortcut(fields: &mut Fields, typed: &str) -> String {
    let shortcut = text::required(fields, "shortcut", &text::key(typed), SHORTCUT_MAX);
    let fits = |letter: char| {
        letter.is_ascii_lowercase()
            || letter.is_ascii_digit()
            || matches!(letter, '-' | '_' | '\u{ac00}'..='\u{d7a3}' | '\u{3131}'..='\u{318e}')
    };
    if !shortcut.chars().all(fits) {
        fields.insert("shortcut".to_owned(), "may have a-z, 0-9, -, _ and Hangul only".to_owned());
    }
    shortcut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortcut_is_one_word_that_a_keyboard_has() {
        let mut fields = Fields::new();
        // The second is what a Mac sends for 환불.
        for (typed, stored) in [(" Hello-1 ", "hello-1"), ("\u{1112}\u{116a}\u{11ab}\u{1107}\u{116e}\u{11af}", "환불"), ("ㅎㅇ", "ㅎㅇ")]
        {
            assert_eq!(valid_shortcut(&mut fields, typed), stored);
        }
        assert!(fields.is_empty(), "{fields:?}");
        for bad in ["", "two words", "a/b", "é", &"x".repeat(41)] {
            let mut fields = Fields::new();
            valid_shortcut(&mut fields, bad);
            assert!(fields.contains_key("shortcut"), "{bad:?} was taken");
        }
    }
}
