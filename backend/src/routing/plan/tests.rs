//! Routing's promises: nobody waits while somebody has room, loads stay even, nobody gets what another has.

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

const SITE: u128 = 7;

fn site() -> SiteId {
    Uuid::from_u128(SITE).into()
}

fn operator(number: u128) -> OperatorId {
    Uuid::from_u128(1000 + number).into()
}

fn conversation(number: u128) -> ConversationId {
    Uuid::from_u128(1_000_000 + number).into()
}

fn rules(mode: Mode, reassign_after: Option<Millis>) -> HashMap<SiteId, SiteRule> {
    HashMap::from([(site(), SiteRule { mode, reassign_after, members: None, day: 0 })])
}

fn seat(number: u128, open: i64, capacity: i64) -> Seat {
    Seat { operator: operator(number), taking: true, lost: false, gone: None, open, today: vec![open], last: 0, capacity }
}

fn queued(number: u128, since: Millis) -> Case {
    Case {
        id: conversation(number),
        site_id: site(),
        assignee_id: None,
        assigned_at: None,
        waiting_since: Some(since),
        queued_since: Some(since),
    }
}

fn held(number: u128, by: u128, at: Millis, waiting: Option<Millis>) -> Case {
    Case {
        id: conversation(number),
        site_id: site(),
        assignee_id: Some(operator(by)),
        assigned_at: Some(at),
        waiting_since: waiting,
        queued_since: None,
    }
}

/// A shop whose operators come and go while visitors write.
struct Simulation {
    dice: u64,
    now: Millis,
    mode: Mode,
    seats: Vec<Seat>,
    cases: HashMap<ConversationId, Case>,
    arrived: u128,
    given: u64,
}

impl Simulation {
    fn new(seed: u64, mode: Mode) -> Self {
        let seats = (0..8).map(|number| seat(number, 0, 1 + i64::try_from(number).unwrap())).collect();
        Self { dice: seed | 1, now: 1_000_000, mode, seats, cases: HashMap::new(), arrived: 0, given: 0 }
    }

    /// Below `sides`; a linear congruence is chance enough.
    fn roll(&mut self, sides: u64) -> u64 {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.dice >> 33) % sides
    }

    fn something_happens(&mut self) {
        self.now += 1;
        match self.roll(10) {
            0..=3 => {
                self.arrived += 1;
                let case = queued(self.arrived, self.now);
                self.cases.insert(case.id, case);
            }
            // Answered, or gone before that.
            4..=7 => {
                let mut all: Vec<ConversationId> = self.cases.keys().copied().collect();
                all.sort();
                if !all.is_empty() {
                    let place = usize::try_from(self.roll(u64::try_from(all.len()).unwrap())).unwrap();
                    self.cases.remove(&all[place]);
                }
            }
            8 => {
                let place = usize::try_from(self.roll(8)).unwrap();
                let now = self.now;
                let seat = &mut self.seats[place];
                seat.taking = !seat.taking;
                seat.gone = (!seat.taking).then_some(now);
            }
            _ => {
                let (place, capacity) = (usize::try_from(self.roll(8)).unwrap(), i64::try_from(self.roll(12)).unwrap() + 1);
                self.seats[place].capacity = capacity;
            }
        }
        for seat in &mut self.seats {
            seat.open = i64::try_from(self.cases.values().filter(|case| case.assignee_id == Some(seat.operator)).count()).unwrap();
        }
    }

    fn routed(&mut self) {
        let cases: Vec<Case> = self.cases.values().copied().collect();
        let plan = plan(self.now, self.seats.clone(), &rules(self.mode, None), &cases);
        let mut moved = HashSet::new();
        for Move { conversation, from, to } in plan.moves {
            assert!(moved.insert(conversation), "{conversation} is moved twice");
            let case = self.cases.get_mut(&conversation).unwrap();
            assert_eq!(case.assignee_id, from);
            if let Some(to) = to {
                let least = self.seats.iter().filter(|seat| seat.taking && seat.open < seat.capacity).map(|seat| seat.open).min();
                let chosen = self.seats.iter_mut().find(|seat| seat.operator == to).unwrap();
                assert!(chosen.taking && chosen.open < chosen.capacity, "{to} has no room");
                if self.mode == Mode::LeastBusy {
                    assert_eq!(Some(chosen.open), least, "{to} was not the least busy");
                }
                (chosen.open, chosen.last) = (chosen.open + 1, self.now);
                self.given += 1;
            }
            if let Some(from) = from {
                self.seats.iter_mut().find(|seat| seat.operator == from).unwrap().open -= 1;
            }
            (case.assignee_id, case.assigned_at) = (to, to.map(|_| self.now));
            case.queued_since = to.is_none().then_some(self.now);
        }
        let room = self.seats.iter().any(|seat| seat.taking && seat.open < seat.capacity);
        let waits = self.cases.values().any(|case| case.assignee_id.is_none());
        assert!(!(room && waits), "somebody waits while somebody has room");
        let left = |case: &&Case| self.seats.iter().any(|seat| Some(seat.operator) == case.assignee_id && !seat.taking);
        assert_eq!(self.cases.values().filter(left).count(), 0, "somebody who is gone still has a waiting visitor");
    }
}

#[test]
fn ten_thousand_conversations_find_their_operator_while_operators_come_and_go() {
    for (mode, conversations) in [(Mode::LeastBusy, 10_000), (Mode::FewestToday, 2_000), (Mode::RoundRobin, 2_000)] {
        let mut shop = Simulation::new(4711, mode);
        while shop.arrived < conversations {
            shop.something_happens();
            shop.routed();
        }
        assert!(u128::from(shop.given) > conversations / 2, "{} of {conversations} were given", shop.given);
    }
}

proptest! {
    #[test]
    fn loads_are_within_one_of_even(operators in 1_u128..12, conversations in 0_u128..80) {
        let seats: Vec<Seat> = (0..operators).map(|number| seat(number, 0, 100)).collect();
        let cases: Vec<Case> = (0..conversations).map(|number| queued(number, 1)).collect();
        for mode in [Mode::LeastBusy, Mode::FewestToday, Mode::RoundRobin] {
            let plan = plan(10, seats.clone(), &rules(mode, None), &cases);
            prop_assert_eq!(plan.moves.len(), cases.len());
            let got = |number| plan.moves.iter().filter(|moved| moved.to == Some(operator(number))).count();
            let loads: Vec<usize> = (0..operators).map(got).collect();
            let (least, most) = (loads.iter().min().unwrap(), loads.iter().max().unwrap());
            prop_assert!(most - least <= 1, "{:?}", loads);
        }
    }

    #[test]
    fn operators_who_come_and_go_in_any_order_leave_nobody_waiting(seed in any::<u64>()) {
        let mut shop = Simulation::new(seed, Mode::LeastBusy);
        for _ in 0..150 {
            shop.something_happens();
            shop.routed();
        }
    }
}

#[test]
fn who_waits_longest_is_first_and_a_full_house_leaves_the_rest_in_the_queue() {
    let cases = [queued(1, 30), queued(2, 10), queued(3, 20)];
    let plan = plan(100, vec![seat(0, 3, 5)], &rules(Mode::LeastBusy, None), &cases);
    assert_eq!(plan.moves.iter().map(|moved| moved.conversation).collect::<Vec<_>>(), [conversation(2), conversation(3)]);
}

#[test]
fn only_members_of_a_site_get_its_conversations() {
    let mut rules = rules(Mode::LeastBusy, None);
    rules.get_mut(&site()).unwrap().members = Some(HashSet::from([operator(1)]));
    let plan = plan(100, vec![seat(0, 0, 5), seat(1, 3, 5)], &rules, &[queued(1, 1)]);
    assert_eq!(plan.moves[0].to, Some(operator(1)));
}

#[test]
fn a_manual_site_is_left_alone_but_for_who_was_deactivated() {
    let lost = Seat { taking: false, lost: true, gone: Some(50), ..seat(1, 1, 5) };
    let away = Seat { taking: false, gone: Some(50), ..seat(2, 1, 5) };
    let cases = [queued(1, 1), held(2, 1, 10, None), held(3, 2, 10, Some(20))];
    let plan = plan(100, vec![seat(0, 0, 5), lost, away], &rules(Mode::Manual, Some(1)), &cases);
    assert_eq!(plan.moves, [Move { conversation: conversation(2), from: Some(operator(1)), to: None }]);
}

#[test]
fn who_does_not_answer_in_time_loses_it_to_another_but_not_to_the_queue() {
    let cases = [held(1, 0, 1_000, Some(1_000))];
    let rules = rules(Mode::LeastBusy, Some(30_000));
    let both = vec![seat(0, 1, 5), seat(1, 4, 5)];
    assert_eq!(plan(30_999, both.clone(), &rules, &cases), Plan::default());
    assert_eq!(plan(31_000, both, &rules, &cases).moves[0].to, Some(operator(1)));
    let alone = plan(31_000, vec![seat(0, 1, 5)], &rules, &cases);
    assert_eq!((alone.moves.len(), alone.unsettled), (0, true));
}

#[test]
fn what_was_given_to_somebody_who_was_away_already_stays_theirs() {
    let away = Seat { taking: false, gone: Some(50), ..seat(0, 2, 5) };
    let cases = [held(1, 0, 60, Some(60)), held(2, 0, 40, None)];
    let plan = plan(100, vec![away, seat(1, 0, 5)], &rules(Mode::LeastBusy, None), &cases);
    assert_eq!(plan.moves, [Move { conversation: conversation(2), from: Some(operator(0)), to: Some(operator(1)) }]);
}
