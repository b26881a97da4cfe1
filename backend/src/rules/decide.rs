//! Which rules fire for an event, and for every other one why not. The order is fixed: higher priority first, then the lower id. Pure: what
//! happened before comes in, what is to be done goes out, and the same input gives the same answer on every node.

use serde::Serialize;
use uuid::Uuid;

use super::condition::Failed;
use super::facts::{Fact, Facts, Value};
use super::rule::{Action, Ready, Trigger};

/// Milliseconds since 1970.
pub type Millis = i64;

/// What happened, to whom, and what is known at that moment.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The event.
    pub event: Trigger,
    /// The visitor.
    pub visitor: Uuid,
    /// Their visit.
    pub visit: Uuid,
    /// The page view it happened on.
    pub page_view: Uuid,
    /// When.
    pub at: Millis,
    /// What is known.
    pub facts: Facts,
}

/// A rule that fired for this visitor before, shown or held out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    /// Which.
    pub rule: Uuid,
    /// During which visit.
    pub visit: Uuid,
    /// On which page view.
    pub page_view: Uuid,
    /// When.
    pub at: Millis,
}

/// What is decided about one rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It fires.
    Fires,
    /// It would fire, but this visitor is of those who are shown nothing. Counts as fired for every limit.
    HeldOut,
    /// It is paused.
    Paused,
    /// It waits for another event.
    OtherEvent,
    /// The visitor's conversation is open.
    ConversationOpen,
    /// A condition does not hold; the first one that does not.
    Condition(Failed),
    /// A limit of its own is reached: `per_page`, `per_visit`, `per_visitor` or `pause_hours`.
    Limit(&'static str),
    /// Another rule of its group went first.
    Group(Uuid),
    /// The visitor was offered enough during this visit.
    Enough,
}

/// One rule and what was decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// Which rule.
    pub rule: Uuid,
    /// Which version of it.
    pub version: u32,
    /// The visitor's bucket for it, 0 to 9,999.
    pub bucket: u16,
    /// What.
    pub verdict: Verdict,
}

/// What all rules share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Caps {
    /// Offers that one visitor sees during one visit, of all rules together.
    pub offers_per_visit: u32,
}

impl Default for Caps {
    fn default() -> Self {
        Self { offers_per_visit: 3 }
    }
}

/// The visitor's bucket for a rule, 0 to 9,999: the same for ever, and independent from one rule to the next.
pub fn bucket(rule: Uuid, visitor: Uuid) -> u16 {
    // The finaliser of SplitMix64 over both ids (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
    let mix = |mut z: u64| {
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let (rule_high, rule_low) = rule.as_u64_pair();
    let (visitor_high, visitor_low) = visitor.as_u64_pair();
    let mixed = [rule_high, rule_low, visitor_high, visitor_low].into_iter().fold(0x9e37_79b9_7f4a_7c15, |sum: u64, word| mix(sum ^ word));
    u16::try_from(mixed % 10_000).unwrap_or(0)
}

/// Decides about every rule, in the order in which they fire. `past` are this visitor's firings, `offers` the ids of the rules that offer.
pub fn decide(rules: &[Ready], moment: &Moment, past: &[Past], caps: Caps) -> Vec<Decided> {
    let mut order: Vec<&Ready> = rules.iter().collect();
    order.sort_by_key(|ready| (std::cmp::Reverse(ready.rule.priority), ready.rule.id));
    let offering = |id: Uuid| rules.iter().any(|ready| ready.rule.id == id && offers(ready));
    let mut offered = past.iter().filter(|past| past.visit == moment.visit && offering(past.rule)).count();
    let mut taken: Vec<(&str, Uuid)> = Vec::new();
    let mut decided = Vec::with_capacity(order.len());
    for ready in order {
        let rule = &ready.rule;
        let bucket = bucket(rule.id, moment.visitor);
        let group = rule.group.as_deref().and_then(|name| taken.iter().find(|(taken, _)| *taken == name));
        let verdict = match refused(ready, moment, past) {
            Some(verdict) => verdict,
            None if group.is_some() => Verdict::Group(group.map_or(rule.id, |(_, first)| *first)),
            None if offers(ready) && offered >= caps.offers_per_visit as usize => Verdict::Enough,
            None if bucket < u16::from(rule.holdout) * 100 => Verdict::HeldOut,
            None => Verdict::Fires,
        };
        if matches!(verdict, Verdict::Fires | Verdict::HeldOut) {
            offered += usize::from(offers(ready));
            taken.extend(rule.group.as_deref().map(|name| (name, rule.id)));
        }
        decided.push(Decided { rule: rule.id, version: rule.version, bucket, verdict });
    }
    decided
}

fn offers(ready: &Ready) -> bool {
    ready.rule.actions.iter().any(|action| matches!(action, Action::Offer(_)))
}

/// What speaks against a rule by itself, the cheapest first.
fn refused(ready: &Ready, moment: &Moment, past: &[Past]) -> Option<Verdict> {
    let rule = &ready.rule;
    if !rule.enabled {
        return Some(Verdict::Paused);
    }
    if rule.on != moment.event {
        return Some(Verdict::OtherEvent);
    }
    if !rule.during_conversation && moment.facts.get(&Fact::ConversationOpen) == Some(&Value::Flag(true)) {
        return Some(Verdict::ConversationOpen);
    }
    if let Some(limit) = limit_reached(ready, moment, past) {
        return Some(Verdict::Limit(limit));
    }
    ready.when.check(&moment.facts).err().map(Verdict::Condition)
}

fn limit_reached(ready: &Ready, moment: &Moment, past: &[Past]) -> Option<&'static str> {
    let limits = ready.rule.limits;
    let mine = || past.iter().filter(|past| past.rule == ready.rule.id);
    let reached = |most: Option<u32>, count: usize| most.is_some_and(|most| count >= most as usize);
    if reached(limits.per_page, mine().filter(|past| past.page_view == moment.page_view).count()) {
        return Some("per_page");
    }
    if reached(limits.per_visit, mine().filter(|past| past.visit == moment.visit).count()) {
        return Some("per_visit");
    }
    if reached(limits.per_visitor, mine().count()) {
        return Some("per_visitor");
    }
    let last = mine().map(|past| past.at).max();
    let pausing = limits.pause_hours.zip(last).is_some_and(|(hours, last)| moment.at - last < i64::from(hours) * 3_600_000);
    pausing.then_some("pause_hours")
}

#[cfg(test)]
mod tests;
