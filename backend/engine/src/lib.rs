//! XPUSH: connections, channels, presence and ordered delivery for a real-time product. The engine knows no word of the product.
//!
//! A map, from the outside in:
//! * [`policy`]: the trait by which a product plugs in (who may come, join, ask), and what it is told; [`refusal`]: how both say no.
//! * [`transport`]: WebSocket and Socket.IO endpoints as axum routers; `wire` is the JSON both speak.
//! * [`Engine`] (`node`): the handle: append, publish, follow, kick, drain. `requests` are the engine's own methods.
//! * `connections`, `presence`, `coalescer`, `rate`: pure, synchronous decisions, tested without I/O.
//! * `writer`: group commit into the product's [`log`]; `heartbeat`: tells every connection the top of its logged channels.
//! * `entropy`: where names and jitter come from, so that a run can be repeated.
//! * [`xpush_wire`]: the namespaces of the first XPUSH, for its own client libraries; judged by a trait of its own.
//! * [`bus`] and [`registry`]: node to node, each with a memory twin; `tasks`: the one place that spawns.
//!
//! The promise: a channel that is *logged* is delivered by sequence number. Publications may be lost on the way to a client, an acknowledged
//! append never is: the client sees the hole (by the next number or by a heartbeat) and asks `channel.since`.

pub mod allocation;
pub mod bus;
mod channel;
mod coalescer;
mod connections;
mod entropy;
mod heartbeat;
pub mod limits;
mod link;
pub mod log;
mod node;
mod options;
pub mod policy;
mod positions;
mod presence;
mod rate;
pub mod refusal;
pub mod registry;
mod requests;
mod roster;
mod tasks;
pub mod transport;
mod wire;
mod writer;
pub mod xpush_wire;

pub use channel::{ChannelId, Membership, Publication};
pub use connections::ConnectionId;
pub use entropy::Entropy;
pub use link::RedisConfig;
pub use log::{Appended, ChannelLog, Committed, Follow, Unappended, memory};
pub use node::{BusHealth, Cluster, ClusterHealth, Counts, Engine, LeaseHealth};
pub use options::{Coalesce, CoalesceStep, Options};
pub use policy::{Accepted, Caller, Handshake, Identity, Policy, TransportKind};
pub use refusal::{Code, Disconnect, Refusal};
pub use requests::Page;
pub use transport::Peer;
pub use writer::Turn;
