//! What is read of the counts that [`crate::visitor_events`] keeps.

mod store;

pub(super) use store::{days, distinct, minutes, revenue, tops};
