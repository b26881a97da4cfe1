//! Ports of servers that start later than their address is told, or come back to it. They are below those that the system gives to outgoing connections:
//! nobody's connection takes one while its server is away.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

const FIRST: u16 = 20_000;
const MANY: u16 = 12_000;

/// A port nobody listens on, and that no other test of this process was given.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Where this process begins; others begin elsewhere.
    let start = u16::try_from(std::process::id() % u32::from(MANY)).unwrap_or_default();
    loop {
        let port = FIRST + (start + NEXT.fetch_add(1, Ordering::Relaxed) % MANY) % MANY;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
