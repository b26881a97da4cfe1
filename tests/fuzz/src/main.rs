//! Anybody's bytes as a rule, and as what a visitor typed: nothing may panic, take long, or be read differently the second time.
//!
//! An input is the JSON of a rule, a zero byte, and a text. `make fuzz` runs it; the seeds are in `corpus/rule`.

#![no_main]

#[allow(dead_code, unreachable_pub, reason = "the product's own source, of which a part is asked here")]
#[path = "../../../backend/src/rules"]
mod rules {
    pub mod condition;
    pub mod decide;
    pub mod facts;
    pub mod phrase;
    pub mod rule;
    pub mod words;
}

use libfuzzer_sys::fuzz_target;

use rules::decide::{Caps, Moment, Past, Verdict, bucket, decide};
use rules::facts::{Fact, Facts, Kind, Value};
use rules::phrase::Phrase;
use rules::rule::Rule;
use rules::words::Words;

const KNOWN: [&str; 9] = [
    "page.url",
    "page.path",
    "visit.trail",
    "visit.page_views",
    "visitor.returning",
    "visitor.language",
    "cart.value",
    "message.text",
    "visitor.attribute.plan",
];

/// What is known of a visitor who typed this.
#[expect(clippy::cast_precision_loss, reason = "any number will do")]
fn facts(text: &str) -> Facts {
    let value = |kind| match kind {
        Some(Kind::Number) => Value::Number(text.len() as f64),
        Some(Kind::Flag) => Value::Flag(text.len() > 9),
        Some(Kind::List) => Value::List(text.split_whitespace().map(str::to_owned).collect()),
        _ => Value::Text(text.to_owned()),
    };
    KNOWN.iter().filter_map(|name| Fact::named(name)).fold(Facts::default(), |facts, fact| {
        let value = value(fact.kind());
        facts.with(fact, value)
    })
}

fuzz_target!(|data: &[u8]| {
    let mut halves = data.splitn(2, |&byte| byte == 0);
    let (written, typed) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
    let typed = String::from_utf8_lossy(typed);
    let Ok(rule) = serde_json::from_slice::<Rule>(written) else {
        if let Ok(phrase) = Phrase::parse(&String::from_utf8_lossy(written)) {
            let _ = phrase.fit(&Words::of(&typed));
        }
        return;
    };
    let again: Rule = serde_json::from_slice(&serde_json::to_vec(&rule).expect("a rule can be written")).expect("and read again");
    assert_eq!(again, rule, "read differently the second time");
    let Ok(ready) = rule.ready() else { return };

    let id = ready.rule.id;
    let moment = Moment { event: ready.rule.on.clone(), visitor: id, visit: id, page_view: id, at: 1_000_000, facts: facts(&typed) };
    let rules = [ready];
    let decided = decide(&rules, &moment, &[], Caps::default());
    assert_eq!(decided, decide(&rules, &moment, &[], Caps::default()), "the same question, another answer");
    assert_eq!((decided.len(), decided[0].bucket), (1, bucket(id, id)));
    assert!(decided[0].bucket < 10_000);
    if matches!(decided[0].verdict, Verdict::Fires | Verdict::HeldOut) {
        assert!(rules[0].rule.enabled && rules[0].when.check(&moment.facts).is_ok());
        let past = [Past { rule: id, visit: id, page_view: id, at: moment.at }; 100];
        let after = decide(&rules, &moment, &past, Caps::default());
        let limits = rules[0].rule.limits;
        let capped = [limits.per_page, limits.per_visit, limits.per_visitor].into_iter().flatten().any(|most| most <= 100);
        assert!(!capped || !matches!(after[0].verdict, Verdict::Fires | Verdict::HeldOut), "fires beyond its limit");
    }
});
