//! "Test with this visitor": what would become of a promotion, saved or not, if its event happened to them now, and why not. Nothing is kept and
//! nothing is shown.

use super::Promoter;
use super::known::{self, facts_of};
use crate::error::{Error, Result};
use crate::ids::VisitorId;
use crate::promotions::Promotion;
use crate::rules::condition::Failed;
use crate::rules::decide::{Caps, Decided, Moment, Verdict, bucket, decide};
use crate::rules::facts::{Fact, Facts};
use crate::scope::TenantScope;

/// Why, or why not.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// It would be shown.
    Fires,
    /// The visitor belongs to the group that is shown nothing.
    HeldOut,
    /// Not connected now.
    Away,
    /// On another site.
    OtherSite,
    /// The promotion is paused.
    Paused,
    /// Before its beginning or after its end.
    NotNow,
    /// It is sent by hand only.
    ByHand,
    /// The visitor's panel is open.
    PanelOpen,
    /// Their conversation is open.
    ConversationOpen,
    /// The first condition that does not hold.
    Condition(Failed),
    /// A limit of its own.
    Limit(&'static str),
    /// They were offered enough during this visit.
    Enough,
}

/// The answer.
#[derive(Clone, Debug)]
pub struct Explained {
    /// Why, or why not.
    pub why: Why,
    /// The visitor's bucket, 0 to 9,999; the lowest are held out.
    pub bucket: u16,
    /// What is known of them now, by name.
    pub facts: Facts,
}

impl Promoter {
    /// Tries a promotion out on a visitor.
    pub async fn explain(&self, scope: TenantScope, promotion: &Promotion, visitor: VisitorId) -> Result<Explained> {
        let now = self.0.clock.now();
        let bucket = bucket(promotion.id.0, visitor.0);
        let told = |why: Why, facts: Facts| Ok(Explained { why, bucket, facts });
        let here = self.0.realtime.visitor_present(scope.tenant(), visitor);
        let Some(live) = self.live(scope.tenant(), visitor).filter(|_| here) else { return told(Why::Away, Facts::default()) };
        let known = self.known(scope.tenant()).await.ok_or_else(|| Error::unavailable("promotions cannot be read now; try again"))?;
        let Some(site) = known.sites.get(&live.scope.site()) else { return told(Why::Away, Facts::default()) };
        let history = self.history(&live).await?;
        let facts = facts_of(&live, &history, site, now);
        if !promotion.is_for(site.id) {
            return told(Why::OtherSite, facts);
        }
        if promotion.status != "active" {
            return told(Why::Paused, facts);
        }
        if !promotion.is_on(now) {
            return told(Why::NotNow, facts);
        }
        let Some(rule) = promotion.rule() else { return told(Why::ByHand, facts) };
        let rule = rule.map_err(|error| Error::invalid(error.to_string()))?;
        if self.0.realtime.panel_present(scope.tenant(), visitor) {
            return told(Why::PanelOpen, facts);
        }
        let moment = Moment {
            event: rule.rule.on.clone(),
            visitor: visitor.0,
            visit: live.visit.0,
            page_view: live.page_view,
            at: now,
            facts: after(facts.clone(), &rule.rule.on),
        };
        let decided = decide(&[rule], &moment, &known::past_of(&history), Caps::default());
        told(decided.into_iter().next().map_or(Why::Paused, why), facts)
    }
}

/// What would be known when the event comes: who stays for 30 seconds has been there for 30 seconds.
fn after(facts: Facts, on: &crate::rules::rule::Trigger) -> Facts {
    use crate::rules::facts::Value;
    use crate::rules::rule::Trigger;
    match on {
        Trigger::PageStay { seconds } => facts.with(Fact::SecondsOnPage, Value::Number(f64::from(*seconds))),
        Trigger::SiteStay { seconds } => facts.with(Fact::SecondsOnSite, Value::Number(f64::from(*seconds))),
        _ => facts,
    }
}

fn why(decided: Decided) -> Why {
    match decided.verdict {
        // Alone, it has no group and no other event.
        Verdict::Fires | Verdict::OtherEvent | Verdict::Group(_) => Why::Fires,
        Verdict::HeldOut => Why::HeldOut,
        Verdict::Paused => Why::Paused,
        Verdict::ConversationOpen => Why::ConversationOpen,
        Verdict::Condition(failed) => Why::Condition(failed),
        Verdict::Limit(limit) => Why::Limit(limit),
        Verdict::Enough => Why::Enough,
    }
}
