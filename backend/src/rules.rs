//! Rules, the pure part: what one is ([`rule`]), what it may ask about ([`facts`]), its conditions ([`condition`]), how a visitor's question is
//! recognised ([`phrase`], [`words`]), and which of many fire, with the reason for every one that does not ([`decide`]). No I/O and no clock:
//! whoever calls brings the moment and what happened before, so the same decision can be tried out, explained and repeated on recorded events.

pub mod condition;
pub mod decide;
pub mod facts;
pub mod phrase;
pub mod rule;
pub mod words;
