//! Load generator, fault harness and history checker for STALK: everything here stands outside the product and knows
//! it only by its sockets and its REST interface (docs/PROTOCOL.md).
//!
//! * `server`, `postgres`, `redis`: the programs under test, started and killed on free ports; `proxy`: what stands between them, and misbehaves;
//! * `link` (a WebSocket with one of two codecs), `client` (the pure rules of sections 5 and 6);
//! * `actor`: the life of a client over many connections; `visitor`, `operator`: its two roles; `stage`: what a scenario and its actors tell each other;
//! * `rest`: the console's API, which also tells the final truth;
//! * `history`, `checker`: what was seen, and the pure judgement about it;
//! * `kill`, `start`, `cluster` (three nodes, and one fault after the other): the scenarios;
//! * `bench`: the load generator and its rows.

pub mod actor;
pub mod bench;
pub mod checker;
pub mod client;
pub mod clock;
pub mod cluster;
pub mod dice;
pub mod fault;
pub mod history;
pub mod kill;
pub mod link;
pub mod operator;
pub mod postgres;
pub mod proxy;
pub mod redis;
pub mod report;
pub mod rest;
pub mod server;
pub mod stage;
pub mod start;
pub mod visitor;
