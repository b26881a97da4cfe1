//! The matcher against how people really ask.

use super::*;

/// Six questions of a shop, as its owner would write them.
const SHOP: [(&str, &[&str]); 8] = [
    (
        "delivery",
        &[
            "배송 언제|기간|며칠|얼마나|도착",
            "택배 언제|도착",
            "언제 도착|와요|오나요",
            "delivery time|long|when",
            "ship|shipping when|long|time|days",
            "when arrive",
        ],
    ),
    ("fee", &["배송비|택배비", "무료배송", "shipping cost|fee|free|price", "delivery cost|fee|free"]),
    ("return", &["환불", "반품", "돈 돌려", "refund", "return item|order|policy|it|this", "money back"]),
    ("exchange", &["교환", "사이즈|색상 바꾸|변경", "exchange", "swap|change size|colour|color"]),
    ("stock", &["재고", "품절 언제|입고", "재입고", "in stock", "restock|back available|stock when"]),
    ("hours", &["영업시간|운영시간", "몇시 까지|부터|열|닫", "opening hours|times", "when open|close"]),
    ("payment", &["결제 방법|수단|안", "카드 할부|결제", "무통장 입금", "pay card|paypal|how", "payment method|methods|failed"]),
    ("cancel", &["주문|결제 취소", "cancel order|purchase|it"]),
];

/// What people ask, and which question it is; `-` is none of them.
const ASKED: [(&str, &str); 72] = [
    ("배송 언제 되나요?", "delivery"),
    ("배송은 며칠 걸려요", "delivery"),
    ("배송기간이 궁금해요", "delivery"),
    ("배송이얼마나걸리나요", "delivery"),
    ("배숑 언제 와요?", "delivery"),
    ("베송 얼마나 걸려요", "delivery"),
    ("택배 언제 도착해요", "delivery"),
    ("주문한거 언제 오나요", "delivery"),
    ("도착은 언제쯤인가요 배송이요", "delivery"),
    ("how long does delivery take", "delivery"),
    ("When will my delivery come?", "delivery"),
    ("shipping time to busan", "delivery"),
    ("how many days for shiping", "delivery"),
    ("when does it arrive", "delivery"),
    ("when will it arrve?", "delivery"),
    ("배송비 얼마예요", "fee"),
    ("배송비는 무료인가요?", "fee"),
    ("무료 배송 되나요", "fee"),
    ("택배비가 얼마죠", "fee"),
    ("is shipping free", "fee"),
    ("what is the delivery fee", "fee"),
    ("shipping costs?", "fee"),
    ("환불해주세요", "return"),
    ("환불 하고싶어요", "return"),
    ("환뷸 되나요", "return"),
    ("반품하려면 어떻게 해요", "return"),
    ("반품은요?", "return"),
    ("돈 돌려주세요", "return"),
    ("i want a refund", "return"),
    ("refnud please", "return"),
    ("can I return this item", "return"),
    ("I want my money back", "return"),
    ("what's your return policy", "return"),
    ("교환하고 싶은데요", "exchange"),
    ("사이즈 교환 되나요", "exchange"),
    ("사이즈를 바꾸고 싶어요", "exchange"),
    ("색상 변경 가능한가요", "exchange"),
    ("can i exchange this for a larger one", "exchange"),
    ("exchnage possible?", "exchange"),
    ("could I change the size", "exchange"),
    ("재고 있나요?", "stock"),
    ("재고있어요??", "stock"),
    ("품절인데 언제 들어와요", "stock"),
    ("재입고 예정 있나요", "stock"),
    ("is the bag in stock", "stock"),
    ("when will it be back in stock", "stock"),
    ("영업시간 알려주세요", "hours"),
    ("영업 시간이 어떻게 되나요", "hours"),
    ("몇시까지 해요?", "hours"),
    ("몇 시에 열어요", "hours"),
    ("운영시간요", "hours"),
    ("what are your opening hours", "hours"),
    ("when do you open", "hours"),
    ("when do you close today", "hours"),
    ("결제가 안돼요", "payment"),
    ("결제 방법 알려주세요", "payment"),
    ("카드 할부 되나요", "payment"),
    ("무통장입금 가능해요?", "payment"),
    ("can I pay by card", "payment"),
    ("do you take paypal to pay", "payment"),
    ("my payment failed", "payment"),
    ("주문 취소할게요", "cancel"),
    ("주문을 취소하고 싶어요", "cancel"),
    ("결제 취소 부탁드려요", "cancel"),
    ("please cancel my order", "cancel"),
    ("cancle my order", "cancel"),
    ("안녕하세요", "-"),
    ("이 가방 가죽인가요?", "-"),
    ("hello", "-"),
    ("is it leather", "-"),
    ("회의 중이에요", "-"),
    ("감사합니다", "-"),
];

fn answered(text: &str) -> &'static str {
    let words = Words::of(text);
    let fit = |phrases: &[&str]| phrases.iter().filter_map(|phrase| Phrase::parse(phrase).unwrap().fit(&words)).max();
    SHOP.iter().filter_map(|(name, phrases)| Some((fit(phrases)?, *name))).max_by_key(|&(fit, _)| fit).map_or("-", |(_, name)| name)
}

#[test]
fn questions_are_recognised_as_people_write_them() {
    let missed: Vec<String> = ASKED
        .iter()
        .filter_map(|&(text, meant)| Some((text, meant, answered(text))).filter(|(_, meant, found)| meant != found))
        .map(|(text, meant, found)| format!("{text:?} is {meant}, taken for {found}"))
        .collect();
    assert!(missed.len() <= 3, "{} of {} are missed:\n{}", missed.len(), ASKED.len(), missed.join("\n"));
    assert!(!missed.iter().any(|miss| miss.contains("is -")), "silence is better than a wrong answer: {missed:?}");
}

#[test]
fn the_language_of_phrases() {
    let fit = |phrase: &str, text: &str| Phrase::parse(phrase).unwrap().fit(&Words::of(text));
    assert!(fit("return -exchange", "I want to return it").is_some());
    assert_eq!(fit("return -exchange", "return or exchange"), None);
    assert!(fit("ㅂㅅ", "배송 언제 와요").is_some(), "initial consonants");
    assert!(fit("refund", "refunds?").is_some(), "plural");
    assert_eq!(fit("ship", "relationship"), None, "a part of a Latin word is another word");
    assert!(fit("배송 언제", "언제 배송").unwrap() == fit("배송 언제", "배송 언제").unwrap(), "in any order");
    assert!(fit("환불", "환불").unwrap() > fit("환불", "환볼").unwrap(), "exact beats near");
    assert!(fit("배송 기간", "배송 기간").unwrap() > fit("배송", "배송 기간").unwrap(), "more said beats less");
    assert_eq!(Phrase::parse(" -이것 "), Err(PhraseError::Empty));
    assert_eq!(Phrase::parse("?!"), Err(PhraseError::Empty));
    assert_eq!(Phrase::parse(&"가".repeat(201)), Err(PhraseError::TooLong));
    assert_eq!(Phrase::parse(&"가 ".repeat(13)), Err(PhraseError::TooLong));
}

proptest::proptest! {
    #[test]
    fn no_text_and_no_phrase_is_too_much(phrase in "\\PC{0,220}", text in "\\PC{0,300}") {
        if let Ok(phrase) = Phrase::parse(&phrase) {
            let _ = phrase.fit(&Words::of(&text));
        }
    }

    #[test]
    fn a_phrase_fits_itself(word in "[가-힣]{1,6}( [가-힣]{1,6}){0,3}") {
        let fit = Phrase::parse(&word).unwrap().fit(&Words::of(&word));
        proptest::prop_assert_eq!(fit.map(|fit| fit.exactness), Some(1000));
    }
}
