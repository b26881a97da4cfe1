//! What may become of an operator, and by whose word. No I/O.

use super::{Operator, Role};
use crate::clock::Millis;
use crate::ids::OperatorId;

/// Most open conversations that routing may give one operator at once.
pub const CAPACITY_MAX: i64 = 100;

/// A change of an operator by somebody who administers; `None` leaves the value, `Some(None)` clears it.
#[derive(Clone, Copy, Debug, Default)]
pub struct StandingUpdate {
    /// New role.
    pub role: Option<Role>,
    /// New or default capacity.
    pub capacity: Option<Option<i64>>,
    /// Leaves, or comes back.
    pub deactivated: Option<bool>,
}

/// Why it stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unchanged {
    /// An admin would touch an owner, or make one.
    #[error("only an owner can change an owner or make one; ask one of yours")]
    OwnersOnly,
    /// Nobody would be left who may do everything.
    #[error("this is the last active owner; make somebody else an owner first")]
    LastOwner,
}

/// The operator after the change. `owners` are the tenant's active owners.
pub fn changed(by: Role, operator: Operator, update: StandingUpdate, owners: &[OperatorId], now: Millis) -> Result<Operator, Unchanged> {
    let before = (operator.role, operator.deactivated_at);
    let mut after = operator;
    after.role = update.role.unwrap_or(after.role);
    after.capacity = update.capacity.unwrap_or(after.capacity);
    match update.deactivated {
        Some(true) if after.is_active() => after.deactivated_at = Some(now),
        Some(false) => after.deactivated_at = None,
        _ => {}
    }
    if by != Role::Owner && (before.0 == Role::Owner || after.role == Role::Owner) {
        return Err(Unchanged::OwnersOnly);
    }
    let was_owner = before == (Role::Owner, None);
    let is_owner = (after.role, after.deactivated_at) == (Role::Owner, None);
    if was_owner && !is_owner && owners.iter().all(|owner| *owner == after.id) {
        return Err(Unchanged::LastOwner);
    }
    Ok(after)
}

#[cfg(test)]
mod tests {
    use sqlx::types::Json;

    use super::*;
    use crate::clock::Clock;
    use crate::operators::{Availability, Preferences};

    fn operator(role: Role) -> Operator {
        let clock = Clock::system();
        Operator {
            tenant_id: clock.new_id(),
            id: clock.new_id(),
            email: "o@shop.test".to_owned(),
            name: "O".to_owned(),
            role,
            password_hash: String::new(),
            availability: Availability::Online,
            language: None,
            deactivated_at: None,
            capacity: None,
            time_zone: None,
            preferences: Json(Preferences::default()),
            photo_hash: None,
        }
    }

    #[test]
    fn only_owners_touch_owners_and_the_last_one_stays() {
        let (owner, other, plain) = (operator(Role::Owner), operator(Role::Owner), operator(Role::Operator));
        let demote = StandingUpdate { role: Some(Role::Admin), ..StandingUpdate::default() };
        let leave = StandingUpdate { deactivated: Some(true), ..StandingUpdate::default() };
        let promote = StandingUpdate { role: Some(Role::Owner), ..StandingUpdate::default() };
        let ask = |by, who: &Operator, update, owners: &[OperatorId]| changed(by, who.clone(), update, owners, 7);
        for update in [demote, leave] {
            assert_eq!(ask(Role::Admin, &owner, update, &[owner.id, other.id]).unwrap_err(), Unchanged::OwnersOnly);
            assert_eq!(ask(Role::Owner, &owner, update, &[owner.id]).unwrap_err(), Unchanged::LastOwner);
            ask(Role::Owner, &owner, update, &[owner.id, other.id]).unwrap();
        }
        assert_eq!(ask(Role::Admin, &plain, promote, &[owner.id]).unwrap_err(), Unchanged::OwnersOnly);
        assert_eq!(ask(Role::Admin, &plain, leave, &[owner.id]).unwrap().deactivated_at, Some(7));
        let busy = StandingUpdate { capacity: Some(Some(3)), ..StandingUpdate::default() };
        assert_eq!(ask(Role::Owner, &owner, busy, &[owner.id]).unwrap().capacity, Some(3));
        let gone = Operator { deactivated_at: Some(1), ..owner.clone() };
        ask(Role::Owner, &gone, demote, &[other.id]).unwrap();
    }
}
