use uuid::Uuid;

use super::*;
use crate::rules::rule::Texts;

fn pairs() -> Vec<Ready> {
    let pair = |id: u128, ko: &str, en: &str, answer: (&str, &str)| Ready {
        id: FaqId(Uuid::from_u128(id)),
        site_id: None,
        phrases: vec![("ko".to_owned(), Phrase::parse(ko).unwrap()), ("en".to_owned(), Phrase::parse(en).unwrap())],
        answers: Texts::from([("ko".to_owned(), answer.0.to_owned()), ("en".to_owned(), answer.1.to_owned())]),
    };
    vec![
        pair(1, "배송 언제|기간|며칠", "delivery|shipping long|when", ("2일 걸려요.", "Two days.")),
        pair(2, "반품|환불", "return|refund", ("7일 안에 돼요.", "Within 7 days.")),
    ]
}

fn heard(text: &str) -> Heard<'_> {
    let site = SiteId(Uuid::nil());
    Heard { text: Some(text), language: "en", site_language: "ko", site, available: true, first: false, stage: Stage::Talking, misses: 0 }
}

fn tags(next: &Next) -> Vec<&'static str> {
    next.say.iter().map(|(tag, _)| *tag).collect()
}

#[test]
fn it_answers_in_the_language_of_the_question() {
    let settings = Settings::default();
    let told = next(&heard("배송은 며칠 걸리나요?"), &settings, &pairs());
    assert_eq!(told.say, [("answer", "2일 걸려요.".to_owned())]);
    let told = next(&heard("how do refunds work"), &settings, &pairs());
    assert_eq!((told.say[0].1.as_str(), told.answered), ("Within 7 days.", Some(FaqId(Uuid::from_u128(2)))));
    let told = next(&Heard { first: true, ..heard("hello") }, &settings, &pairs());
    assert_eq!((tags(&told), told.missed), (vec!["greeting"], false));
}

#[test]
fn two_misses_or_a_wish_bring_a_person() {
    let settings = Settings::default();
    let told = next(&heard("do you like cats"), &settings, &pairs());
    assert_eq!((tags(&told), told.missed, told.misses, told.stage), (vec!["sorry"], true, 1, Stage::Talking));
    let told = next(&Heard { misses: 1, ..heard("고양이 좋아해요?") }, &settings, &pairs());
    assert_eq!((tags(&told), told.missed, told.stage, told.reason), (vec!["handover"], true, Stage::HandingOver, Some(Reason::Misses)));
    for wish in ["상담원이랑 얘기할래요", "직원 좀 바꿔 주세요", "I want to talk to a person", "human please"] {
        assert_eq!(next(&heard(wish), &settings, &pairs()).reason, Some(Reason::Requested), "{wish}");
        assert_eq!(tags(&next(&Heard { first: true, ..heard(wish) }, &settings, &pairs())), ["handover"], "{wish}");
    }
    assert_eq!(next(&Heard { text: None, ..heard("") }, &settings, &pairs()).reason, Some(Reason::Attachment));
    let told = next(&Heard { misses: 1, ..heard("환불") }, &settings, &pairs());
    assert_eq!((told.misses, told.stage), (0, Stage::Talking), "an answer makes good");
}

#[test]
fn where_nobody_is_there_it_asks_for_an_address_once() {
    let settings = Settings::default();
    let told = next(&Heard { available: false, ..heard("상담원") }, &settings, &pairs());
    assert_eq!((tags(&told), told.stage, told.reason), (vec!["contact"], Stage::AskedContact, None));
    let asked = |text| next(&Heard { available: false, stage: Stage::AskedContact, ..heard(text) }, &settings, &pairs());
    let told = asked("Mina@Example.com 이에요");
    assert_eq!((told.email.as_deref(), told.stage, told.reason), (Some("mina@example.com"), Stage::HandingOver, Some(Reason::Contact)));
    assert_eq!(tags(&asked("배송 언제 와요")), ["answer"]);
    let korean = |text| next(&Heard { language: "ko", available: false, stage: Stage::AskedContact, ..heard(text) }, &settings, &pairs());
    assert!(speaks_korean(&korean("mina@example.com").say[0].1), "an address is of no language");
    assert!(!speaks_korean(&korean("It is mina@example.com").say[0].1));
    let told = asked("싫어요");
    assert_eq!((tags(&told), told.stage), (vec!["later"], Stage::HandingOver));
    let silent = Settings { ask_contact: false, ..settings };
    assert_eq!(next(&Heard { available: false, ..heard("human") }, &silent, &pairs()).stage, Stage::HandingOver);
}
