//! The decision: given operators, sites and open conversations, who gets what. Pure and in one pass, so that it can be tried ten thousand times.

use std::collections::{HashMap, HashSet};

use crate::clock::Millis;
use crate::ids::{ConversationId, OperatorId, SiteId};
use crate::sites::RoutingMode as Mode;

/// An operator, as far as routing looks at them.
#[derive(Clone, Debug)]
pub struct Seat {
    /// Who.
    pub operator: OperatorId,
    /// Takes new conversations: active, online, and present.
    pub taking: bool,
    /// Deactivated: whatever they have, nobody will answer it.
    pub lost: bool,
    /// Since when they are gone: deactivated, offline, or absent for longer than a reload takes.
    pub gone: Option<Millis>,
    /// Open conversations they have.
    pub open: i64,
    /// Conversations they got today, for each of the days that the sites are in.
    pub today: Vec<i64>,
    /// When they got the last one.
    pub last: Millis,
    /// Open conversations they can have.
    pub capacity: i64,
}

/// How one site's queue is given out.
#[derive(Clone, Debug)]
pub struct SiteRule {
    /// By what.
    pub mode: Mode,
    /// An assignee who lets a visitor wait so long (ms) loses the conversation to another one.
    pub reassign_after: Option<Millis>,
    /// Who answers there; unset: everybody.
    pub members: Option<HashSet<OperatorId>>,
    /// Which of [`Seat::today`] is today there.
    pub day: usize,
}

/// An open conversation.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub struct Case {
    /// Which.
    pub id: ConversationId,
    /// On which site.
    pub site_id: SiteId,
    /// Whose; nobody's is queued.
    pub assignee_id: Option<OperatorId>,
    /// Since when it is theirs.
    pub assigned_at: Option<Millis>,
    /// Since when the visitor waits.
    pub waiting_since: Option<Millis>,
    /// Place in the queue.
    pub queued_since: Option<Millis>,
}

/// An assignment to make, if it is still `from`'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    /// Which conversation.
    pub conversation: ConversationId,
    /// Whose it was.
    pub from: Option<OperatorId>,
    /// Whose it becomes; nobody's goes back to the queue.
    pub to: Option<OperatorId>,
}

/// What is to be done, and whether somebody who is gone still holds conversations because nobody has room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// In this order.
    pub moves: Vec<Move>,
    /// Look again soon.
    pub unsettled: bool,
}

/// Decides. What an assignee leaves behind goes first, then the queue in its order, each to the operator whom the site's mode names.
pub(crate) fn plan(now: Millis, seats: Vec<Seat>, rules: &HashMap<SiteId, SiteRule>, cases: &[Case]) -> Plan {
    let mut table = Table { seats: seats.into_iter().map(|seat| (seat.operator, seat)).collect(), turn: now };
    let mut plan = Plan::default();
    let mut waiting: Vec<Case> = cases.iter().filter(|case| case.assignee_id.is_none()).copied().collect();
    let mut held: Vec<Case> = cases.iter().filter(|case| case.assignee_id.is_some()).copied().collect();
    held.sort_by_key(|case| (case.waiting_since.unwrap_or(Millis::MAX), case.id));
    for case in held {
        let (Some(holder), Some(rule)) = (case.assignee_id, rules.get(&case.site_id)) else { continue };
        let Some(why) = table.leaves(now, holder, rule, &case) else { continue };
        if let Some(to) = table.choose(rule, Some(holder)) {
            table.hand_over(Some(holder), to);
            plan.moves.push(Move { conversation: case.id, from: Some(holder), to: Some(to) });
        } else if why == Why::Gone && (case.waiting_since.is_some() || table.is_lost(holder)) {
            // Nobody has room, but a visitor waits: better first in the queue than with somebody who is not there.
            table.give_back(holder);
            plan.moves.push(Move { conversation: case.id, from: Some(holder), to: None });
        } else {
            plan.unsettled = true;
        }
    }
    waiting.sort_by_key(|case| (case.queued_since, case.id));
    for case in waiting {
        let Some(rule) = rules.get(&case.site_id).filter(|rule| rule.mode != Mode::Manual) else { continue };
        if let Some(to) = table.choose(rule, None) {
            table.hand_over(None, to);
            plan.moves.push(Move { conversation: case.id, from: None, to: Some(to) });
        }
    }
    plan
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Why {
    Gone,
    Silent,
}

/// Who has how much, while the plan is made.
struct Table {
    seats: HashMap<OperatorId, Seat>,
    /// Later than every assignment so far, so that equals take turns within one plan too.
    turn: Millis,
}

impl Table {
    /// Why this conversation has to leave its assignee, if it has to. Who was given it while away keeps it: somebody wanted that.
    fn leaves(&self, now: Millis, holder: OperatorId, rule: &SiteRule, case: &Case) -> Option<Why> {
        let seat = self.seats.get(&holder)?;
        let assigned = case.assigned_at.unwrap_or(0);
        let gone = seat.gone.is_some_and(|since| assigned <= since);
        if gone && (rule.mode != Mode::Manual || self.is_lost(holder)) {
            return Some(Why::Gone);
        }
        let patience = rule.reassign_after.filter(|_| rule.mode != Mode::Manual)?;
        let since = case.waiting_since?.max(assigned);
        (since + patience <= now).then_some(Why::Silent)
    }

    fn is_lost(&self, operator: OperatorId) -> bool {
        self.seats.get(&operator).is_some_and(|seat| seat.lost)
    }

    /// Whom the mode names among those who take, have room, and answer at this site.
    fn choose(&self, rule: &SiteRule, but: Option<OperatorId>) -> Option<OperatorId> {
        if rule.mode == Mode::Manual {
            return None;
        }
        let member = |seat: &&Seat| rule.members.as_ref().is_none_or(|members| members.contains(&seat.operator));
        let fits = |seat: &&Seat| seat.taking && seat.open < seat.capacity && Some(seat.operator) != but;
        let order = |seat: &&Seat| match rule.mode {
            Mode::LeastBusy | Mode::Manual => (seat.open, seat.last, seat.operator),
            Mode::FewestToday => (seat.today.get(rule.day).copied().unwrap_or(0), seat.last, seat.operator),
            Mode::RoundRobin => (0, seat.last, seat.operator),
        };
        self.seats.values().filter(fits).filter(member).min_by_key(order).map(|seat| seat.operator)
    }

    fn hand_over(&mut self, from: Option<OperatorId>, to: OperatorId) {
        if let Some(from) = from {
            self.give_back(from);
        }
        self.turn += 1;
        if let Some(seat) = self.seats.get_mut(&to) {
            (seat.open, seat.last) = (seat.open + 1, self.turn);
            seat.today.iter_mut().for_each(|got| *got += 1);
        }
    }

    fn give_back(&mut self, from: OperatorId) {
        if let Some(seat) = self.seats.get_mut(&from) {
            seat.open -= 1;
        }
    }
}

#[cfg(test)]
mod tests;
