//! What a visitor's browser may call, on its own origin: loader, panel, and the HTTP fallback of the socket protocol. No cookie is read or set.

pub mod fallback;
pub mod files;
pub mod sessions;
pub mod uploads;
