//! How operators are called now, the same for all connections of one: who is renamed writes under the new name at once, also on sockets that were
//! open before. Knows no connection.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, RwLock, Weak};

use crate::ids::OperatorId;

/// A name that its holders see change.
#[derive(Clone, Debug)]
pub struct Name(Arc<RwLock<String>>);

impl Name {
    /// As it is now.
    pub fn now(&self) -> String {
        self.0.read().map(|name| name.clone()).unwrap_or_default()
    }
}

/// The names of those who are connected.
#[derive(Debug, Default)]
pub(super) struct Names(Mutex<HashMap<OperatorId, Weak<RwLock<String>>>>);

impl Names {
    /// The name that all connections of the operator share, which was `name` a moment ago.
    pub(super) fn of(&self, operator: OperatorId, name: String) -> Name {
        let fresh = |name| Arc::new(RwLock::new(name));
        let Ok(mut held) = self.0.lock() else { return Name(fresh(name)) };
        held.retain(|_, name| name.strong_count() > 0);
        if let Some(shared) = held.get(&operator).and_then(Weak::upgrade) {
            set(&shared, name);
            return Name(shared);
        }
        let shared = fresh(name);
        held.insert(operator, Arc::downgrade(&shared));
        Name(shared)
    }

    /// From now on they are called so.
    pub(super) fn set(&self, operator: OperatorId, name: &str) {
        let shared = self.0.lock().ok().and_then(|held| held.get(&operator).and_then(Weak::upgrade));
        if let Some(shared) = shared {
            set(&shared, name.to_owned());
        }
    }
}

fn set(shared: &RwLock<String>, name: String) {
    if let Ok(mut held) = shared.write() {
        *held = name;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_name_is_that_of_every_connection_and_of_nobody_else() {
        let names = Names::default();
        let (first, second) = (OperatorId(uuid::Uuid::from_u128(1)), OperatorId(uuid::Uuid::from_u128(2)));
        let (desk, phone, other) =
            (names.of(first, "Mina".to_owned()), names.of(first, "Mina".to_owned()), names.of(second, "Jonas".to_owned()));
        names.set(first, "Mina Park");
        assert_eq!([desk.now(), phone.now(), other.now()], ["Mina Park", "Mina Park", "Jonas"]);
        drop((desk, phone));
        names.set(first, "nobody listens");
        assert_eq!(names.of(first, "Mina".to_owned()).now(), "Mina");
    }
}
