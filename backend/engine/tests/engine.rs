//! The engine from outside: real listeners, real sockets, a product of its own.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that is surprised fails")]

#[path = "engine/both.rs"]
mod both;
#[path = "engine/cluster.rs"]
mod cluster;
#[path = "engine/contract.rs"]
mod contract;
#[path = "engine/hall.rs"]
mod hall;
#[path = "engine/lifetime.rs"]
mod lifetime;
#[path = "engine/limits.rs"]
mod limits;
#[path = "engine/lobby.rs"]
mod lobby;
#[path = "engine/redis_server.rs"]
mod redis_server;
#[path = "engine/socketio.rs"]
mod socketio;
#[path = "engine/socketio_client.rs"]
mod socketio_client;
#[path = "engine/websocket.rs"]
mod websocket;
#[path = "engine/websocket_client.rs"]
mod websocket_client;
#[path = "engine/wire.rs"]
mod wire;
#[path = "engine/words.rs"]
mod words;
