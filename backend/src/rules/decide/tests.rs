//! Decisions: order, limits, groups, holdout, and that the same input gives the same answer.

use proptest::prelude::*;

use super::*;
use crate::rules::condition::{All, Condition};
use crate::rules::rule::{Limits, Look, Offer, Rule};

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn rule(number: u128) -> Rule {
    Rule {
        id: id(number),
        version: 1,
        name: format!("Rule {number}"),
        priority: 0,
        enabled: true,
        group: None,
        on: Trigger::PageEnter,
        when: Condition::All(All { all: Vec::new() }),
        limits: Limits::default(),
        during_conversation: false,
        holdout: 0,
        actions: vec![Action::OpenPanel],
    }
}

fn offer() -> Action {
    let title = [("en".to_owned(), "Ten percent off".to_owned())].into();
    Action::Offer(Offer { look: Look::Card, title, text: [].into(), button: [].into(), url: None, image_url: None, coupon: None })
}

fn moment() -> Moment {
    Moment { event: Trigger::PageEnter, visitor: id(900), visit: id(800), page_view: id(700), at: 1_000_000_000, facts: Facts::default() }
}

fn verdicts(rules: Vec<Rule>, moment: &Moment, past: &[Past]) -> Vec<(u128, Verdict)> {
    let ready: Vec<Ready> = rules.into_iter().map(|rule| rule.ready().unwrap()).collect();
    decide(&ready, moment, past, Caps::default()).into_iter().map(|decided| (decided.rule.as_u128(), decided.verdict)).collect()
}

#[test]
fn higher_priority_goes_first_then_the_lower_id() {
    let rules = vec![rule(3), Rule { priority: 5, ..rule(9) }, rule(1)];
    assert_eq!(verdicts(rules, &moment(), &[]).iter().map(|(id, _)| *id).collect::<Vec<_>>(), [9, 1, 3]);
}

#[test]
fn every_reason_not_to_fire_is_told() {
    let on_cart = Rule { on: Trigger::CartChanged, ..rule(1) };
    let paused = Rule { enabled: false, ..rule(2) };
    let condition: Condition = serde_json::from_str(r#"{"fact":"cart.value","is":"above","value":10}"#).unwrap();
    let needs_cart = Rule { when: condition, ..rule(3) };
    let grouped = |number| Rule { group: Some("welcome".to_owned()), ..rule(number) };
    let told = verdicts(vec![on_cart, paused, needs_cart, grouped(4), grouped(5)], &moment(), &[]);
    assert_eq!(told[0].1, Verdict::OtherEvent);
    assert_eq!(told[1].1, Verdict::Paused);
    assert!(matches!(&told[2].1, Verdict::Condition(failed) if failed.test.fact == Fact::CartValue && failed.was.is_none()));
    assert_eq!(told[3].1, Verdict::Fires);
    assert_eq!(told[4].1, Verdict::Group(id(4)));
    let talking = Moment { facts: Facts::default().with(Fact::ConversationOpen, Value::Flag(true)), ..moment() };
    let rules = vec![rule(1), Rule { during_conversation: true, ..rule(2) }];
    assert_eq!(verdicts(rules, &talking, &[]), [(1, Verdict::ConversationOpen), (2, Verdict::Fires)]);
}

#[test]
fn limits_count_what_happened_in_their_span() {
    let limited = |limits| Rule { limits, ..rule(1) };
    let now = moment();
    let earlier = |visit, page, hours: i64| Past { rule: id(1), visit: id(visit), page_view: id(page), at: now.at - hours * 3_600_000 };
    let verdict = |limits, past: Past| verdicts(vec![limited(limits)], &now, &[past]).remove(0).1;
    let here = earlier(800, 700, 1);
    let other_page = earlier(800, 1, 1);
    let other_visit = earlier(1, 1, 30);
    let once = Some(1);
    assert_eq!(verdict(Limits { per_page: once, ..Limits::default() }, here), Verdict::Limit("per_page"));
    assert_eq!(verdict(Limits { per_page: once, ..Limits::default() }, other_page), Verdict::Fires);
    assert_eq!(verdict(Limits { per_visit: once, ..Limits::default() }, other_page), Verdict::Limit("per_visit"));
    assert_eq!(verdict(Limits { per_visit: once, ..Limits::default() }, other_visit), Verdict::Fires);
    assert_eq!(verdict(Limits { per_visitor: once, ..Limits::default() }, other_visit), Verdict::Limit("per_visitor"));
    assert_eq!(verdict(Limits { pause_hours: Some(24), ..Limits::default() }, here), Verdict::Limit("pause_hours"));
    assert_eq!(verdict(Limits { pause_hours: Some(24), ..Limits::default() }, other_visit), Verdict::Fires);
}

#[test]
fn one_visit_sees_no_more_offers_than_the_cap() {
    let offering = |number| Rule { actions: vec![offer()], ..rule(number) };
    let rules = vec![offering(1), offering(2), offering(3), offering(4), rule(5)];
    let told = verdicts(rules, &moment(), &[]);
    assert_eq!(told[2].1, Verdict::Fires);
    assert_eq!(told[3].1, Verdict::Enough);
    assert_eq!(told[4].1, Verdict::Fires, "what offers nothing is not capped");
}

#[test]
fn a_holdout_holds_out_its_share_and_always_the_same_people() {
    let ready = Rule { holdout: 10, ..rule(77) }.ready().unwrap();
    let held = |visitor: u128| {
        let moment = Moment { visitor: id(visitor), ..moment() };
        decide(std::slice::from_ref(&ready), &moment, &[], Caps::default())[0].verdict == Verdict::HeldOut
    };
    let out: Vec<u128> = (0..20_000).filter(|&visitor| held(visitor)).collect();
    assert!((1_800..=2_200).contains(&out.len()), "{} of 20,000", out.len());
    assert!(out.iter().all(|&visitor| held(visitor)));
    let both = (0..20_000_u128).filter(|&visitor| bucket(id(1), id(visitor)) < 1000 && bucket(id(2), id(visitor)) < 1000).count();
    assert!((130..=280).contains(&both), "{both}: the buckets of two rules are independent");
}

#[test]
fn a_rule_that_cannot_work_is_refused_by_its_field() {
    let refused = |rule: Rule| rule.ready().unwrap_err().to_string();
    assert!(refused(Rule { name: " ".to_owned(), ..rule(1) }).starts_with("name:"));
    assert!(refused(Rule { holdout: 51, ..rule(1) }).starts_with("holdout:"));
    assert!(refused(Rule { actions: Vec::new(), ..rule(1) }).starts_with("actions:"));
    assert!(refused(Rule { on: Trigger::PageStay { seconds: 0 }, ..rule(1) }).starts_with("on:"));
    assert!(refused(Rule { actions: vec![Action::Say { texts: [].into() }], ..rule(1) }).starts_with("actions:"));
    let Action::Offer(offer) = offer() else { unreachable!() };
    let unsafe_offer = Offer { url: Some("javascript:alert(1)".to_owned()), ..offer };
    assert!(refused(Rule { actions: vec![Action::Offer(unsafe_offer)], ..rule(1) }).contains("http(s)"));
}

#[test]
fn a_rule_is_read_as_it_is_written() {
    let written = serde_json::json!({
        "id": id(1), "version": 3, "name": "Long look", "enabled": true, "on": {"event": "page.stay", "seconds": 30},
        "when": {"all": [{"fact": "page.path", "is": "starts_with", "value": "/products/"}]},
        "limits": {"per_visit": 1}, "holdout": 10,
        "actions": [{"do": "offer", "look": "bubble", "title": {"ko": "10% 할인", "en": "10% off"}, "coupon": "AUTUMN"}, {"do": "open_panel"}],
    });
    let rule: Rule = serde_json::from_value(written.clone()).unwrap();
    assert_eq!(rule.on, Trigger::PageStay { seconds: 30 });
    let again: Rule = serde_json::from_value(serde_json::to_value(&rule).unwrap()).unwrap();
    assert_eq!(again, rule);
    let mut unknown = written;
    unknown["colour"] = "red".into();
    assert!(serde_json::from_value::<Rule>(unknown).is_err());
}

fn any_rule() -> impl Strategy<Value = Rule> {
    (0..40_u128, -2..3_i32, any::<bool>(), proptest::option::of("[ab]"), 0..30_u8, proptest::option::of(0..3_u32), any::<bool>()).prop_map(
        |(number, priority, enabled, group, holdout, per_visit, offers)| Rule {
            priority,
            enabled,
            group,
            holdout,
            limits: Limits { per_visit, ..Limits::default() },
            actions: vec![if offers { offer() } else { Action::OpenPanel }],
            ..rule(number)
        },
    )
}

proptest! {
    /// In whatever order the rules come: the same decisions, each rule once, limits and groups kept, however often the event comes.
    #[test]
    fn decisions_are_the_same_whatever_the_order_and_never_exceed_a_limit(
        rules in proptest::collection::vec(any_rule(), 0..12),
        events in 1_usize..8,
    ) {
        let mut unique = rules;
        unique.sort_by_key(|rule| rule.id);
        unique.dedup_by_key(|rule| rule.id);
        let ready: Vec<Ready> = unique.iter().cloned().map(|rule| rule.ready().unwrap()).collect();
        let reversed: Vec<Ready> = ready.iter().rev().cloned().collect();
        let mut past: Vec<Past> = Vec::new();
        for event in 0..events {
            let now = Moment { page_view: id(event as u128), at: i64::try_from(event).unwrap(), ..moment() };
            let decided = decide(&ready, &now, &past, Caps::default());
            prop_assert_eq!(&decided, &decide(&reversed, &now, &past, Caps::default()));
            prop_assert_eq!(decided.len(), ready.len());
            let fired: Vec<Uuid> = decided.iter().filter(|one| matches!(one.verdict, Verdict::Fires | Verdict::HeldOut)).map(|one| one.rule).collect();
            for group in ["a", "b"] {
                let members = unique.iter().filter(|rule| rule.group.as_deref() == Some(group) && fired.contains(&rule.id)).count();
                prop_assert!(members <= 1);
            }
            past.extend(fired.into_iter().map(|rule| Past { rule, visit: now.visit, page_view: now.page_view, at: now.at }));
        }
        for rule in &unique {
            let count = past.iter().filter(|past| past.rule == rule.id).count();
            prop_assert!(rule.limits.per_visit.is_none_or(|most| count <= most as usize));
        }
        let offered = past.iter().filter(|past| unique.iter().any(|rule| rule.id == past.rule && matches!(rule.actions[0], Action::Offer(_)))).count();
        prop_assert!(offered <= 3);
    }
}
