//! The edge kit: what every HTTP surface shares. Knows the app's state, no feature's rules; next: `api`, `widget`, `pages`.

pub mod api_key;
pub mod csrf;
pub mod error;
pub mod extract;
pub mod files;
pub mod headers;
pub mod idempotency;
pub mod intake;
pub mod login;
pub mod paging;
pub mod peer;
