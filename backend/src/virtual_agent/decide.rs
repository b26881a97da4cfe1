//! What the virtual agent does with a message of the visitor. Pure: the same message in the same state gets the same answer, whenever it is asked
//! again after a crash.

use std::sync::LazyLock;

use super::model::{Found, Ready, Settings};
use crate::ids::{FaqId, SiteId};
use crate::rules::phrase::Phrase;
use crate::rules::rule::{language_of, said_in};
use crate::rules::words::Words;
use crate::text::{self, Fields};

/// How far it has come with a visitor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// It answers.
    #[default]
    Talking,
    /// It has asked for an address.
    AskedContact,
    /// It has said that a person takes over, who now must.
    HandingOver,
}

/// Why a person takes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The visitor wants one.
    Requested,
    /// It could not answer.
    Misses,
    /// The visitor was asked for an address, and answered.
    Contact,
    /// Something that it cannot read.
    Attachment,
}

impl Reason {
    /// As the log has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Misses => "misses",
            Self::Contact => "contact",
            Self::Attachment => "attachment",
        }
    }
}

/// A message, and what is so at that moment.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'a> {
    /// What was written; unset: a file.
    pub text: Option<&'a str>,
    /// The visitor's language, or the site's.
    pub language: &'a str,
    /// The site's.
    pub site_language: &'a str,
    /// Where.
    pub site: SiteId,
    /// Somebody can answer now.
    pub available: bool,
    /// The agent has not said anything in this conversation.
    pub first: bool,
    /// How far it has come.
    pub stage: Stage,
    /// Questions in a row without an answer.
    pub misses: i64,
}

/// What follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Next {
    /// What is said, in order; the tag names each for ever.
    pub say: Vec<(&'static str, String)>,
    /// The pair that answered.
    pub answered: Option<FaqId>,
    /// The question goes to the list.
    pub missed: bool,
    /// Misses now.
    pub misses: i64,
    /// Stage now.
    pub stage: Stage,
    /// Why, with [`Stage::HandingOver`].
    pub reason: Option<Reason>,
    /// The visitor's address.
    pub email: Option<String>,
}

/// Ways to ask for a person, and to say hello and nothing else.
static PERSON: LazyLock<Vec<Phrase>> = LazyLock::new(|| {
    let phrases = [
        "상담원",
        "상담사",
        "직원 연결|통화|바꿔|불러",
        "사람 연결|상담|바꿔|불러",
        "human",
        "operator",
        "representative",
        "real person",
        "talk|speak|chat person|someone|agent|staff",
    ];
    phrases.iter().filter_map(|phrase| Phrase::parse(phrase).ok()).collect()
});
static HELLO: LazyLock<Vec<Phrase>> =
    LazyLock::new(|| ["안녕|안녕하세요|하이", "hello|hi|hey"].iter().filter_map(|phrase| Phrase::parse(phrase).ok()).collect());

/// True for a text with Hangul in it.
pub fn speaks_korean(text: &str) -> bool {
    text.chars().any(|letter| matches!(letter, '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}' | '\u{ac00}'..='\u{d7a3}'))
}

/// False for a text that has no language: an address, a number, the code of an order, a link.
fn has_words(text: &str) -> bool {
    let is_word = |word: &&str| {
        word.chars().any(char::is_alphabetic) && !word.contains(['@', '/']) && !word.chars().any(|letter| letter.is_ascii_digit())
    };
    text.split_whitespace().any(|word| is_word(&word))
}

/// The best answer to a question, in the language it was recognised in.
pub fn find_answer(pairs: &[Ready], site: SiteId, question: &str, reader: &str, site_language: &str) -> Option<Found> {
    let words = Words::of(question);
    let mut best: Option<Found> = None;
    for pair in pairs.iter().filter(|pair| pair.site_id.is_none_or(|own| own == site)) {
        for (language, phrase) in &pair.phrases {
            let Some(fit) = phrase.fit(&words) else { continue };
            if best.as_ref().is_none_or(|best| fit > best.fit) {
                let wanted = if pair.answers.keys().any(|key| language_of(key) == language_of(language)) { language } else { reader };
                let Some(text) = said_in(&pair.answers, wanted, site_language) else { continue };
                best = Some(Found { id: pair.id, fit, text: text.to_owned() });
            }
        }
    }
    best
}

/// Decides.
pub fn next(heard: &Heard<'_>, settings: &Settings, pairs: &[Ready]) -> Next {
    let text = heard.text.unwrap_or_default();
    let korean = speaks_korean(text) || (language_of(heard.language) == "ko" && (!text.is_ascii() || !has_words(text)));
    let reader = if korean {
        "ko"
    } else if language_of(heard.language) == "ko" {
        "en"
    } else {
        heard.language
    };
    let mut next = Next { misses: heard.misses, stage: heard.stage, ..Next::default() };
    if heard.first
        && let Some(greeting) = said_in(&settings.greeting, reader, heard.site_language)
    {
        next.say.push(("greeting", greeting.to_owned()));
    }
    if heard.text.is_none() {
        return over_to(next, Reason::Attachment, (heard, settings), korean);
    }
    if heard.stage == Stage::AskedContact
        && let Some(email) = email_in(text)
    {
        next.say.push((
            "thanks",
            pick(korean, "고마워요. 이 주소로 답을 보내 드릴게요.", "Thank you. The answer will be sent to this address."),
        ));
        next.email = Some(email);
        return Next { stage: Stage::HandingOver, reason: Some(Reason::Contact), ..next };
    }
    let words = Words::of(text);
    let says = |phrases: &[Phrase]| phrases.iter().any(|phrase| phrase.fit(&words).is_some());
    if says(&PERSON) {
        // Whoever begins with the wish for a person need not be told how to say it.
        next.say.clear();
        return over_to(next, Reason::Requested, (heard, settings), korean);
    }
    if let Some(found) = find_answer(pairs, heard.site, text, reader, heard.site_language) {
        next.say.push(("answer", found.text));
        return Next { answered: Some(found.id), misses: 0, ..next };
    }
    if words.list.len() <= 2 && says(&HELLO) {
        if next.say.is_empty() {
            next.say.push(("hello", pick(korean, "안녕하세요. 무엇을 도와드릴까요?", "Hello. What can I help you with?")));
        }
        return next;
    }
    next.missed = true;
    next.misses += 1;
    if next.misses >= i64::from(settings.misses) || heard.stage == Stage::AskedContact {
        return over_to(next, Reason::Misses, (heard, settings), korean);
    }
    let sorry = pick(
        korean,
        "잘 이해하지 못했어요. 다른 말로 다시 적어 주시겠어요? 상담원이 필요하면 ‘상담원’이라고 적어 주세요.",
        "I did not understand that. Could you put it another way? Write “human” if you want a person.",
    );
    next.say.push(("sorry", sorry));
    next
}

/// A person takes over; where nobody is there an address is asked for first, once.
fn over_to(mut next: Next, reason: Reason, (heard, settings): (&Heard<'_>, &Settings), korean: bool) -> Next {
    let ask = !heard.available && settings.ask_contact && heard.stage == Stage::Talking;
    let (tag, said) = if ask {
        let said = pick(
            korean,
            "지금은 상담원이 자리에 없어요. 이메일 주소를 적어 주시면 답을 보내 드릴게요.",
            "Nobody is here right now. Leave your e-mail address and the answer will be sent to you.",
        );
        ("contact", said)
    } else if heard.available {
        (
            "handover",
            pick(korean, "상담원에게 연결해 드릴게요. 잠시만 기다려 주세요.", "I am passing this on to a person. One moment, please."),
        )
    } else {
        ("later", pick(korean, "상담원이 돌아오면 여기에 답해 드릴게요.", "A person will answer here as soon as somebody is back."))
    };
    next.say.push((tag, said));
    if ask { Next { stage: Stage::AskedContact, ..next } } else { Next { stage: Stage::HandingOver, reason: Some(reason), ..next } }
}

fn pick(korean: bool, ko: &str, en: &str) -> String {
    if korean { ko } else { en }.to_owned()
}

/// The first e-mail address of a text.
fn email_in(said: &str) -> Option<String> {
    said.split(|letter: char| letter.is_whitespace() || matches!(letter, ',' | ';' | '(' | ')' | '<' | '>')).find_map(|word| {
        let word = word.trim_end_matches(|letter: char| letter == '.' || !letter.is_ascii());
        let mut fields = Fields::new();
        let email = text::email(&mut fields, "email", word);
        fields.is_empty().then_some(email)
    })
}

#[cfg(test)]
mod tests;
