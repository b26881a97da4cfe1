//! JSON types of the API. Names end in `In` and `Out` here and lose the ending in the OpenAPI document.

mod conversations;
mod crowds;
mod desk;
mod files;
mod nodes;
mod people;
mod programs;
mod promotions;
mod sites;
mod statistics;
mod virtual_agent;
mod visitors;

pub use conversations::*;
pub use crowds::*;
pub use desk::*;
pub use files::*;
pub use nodes::*;
pub use people::*;
pub use programs::*;
pub use promotions::*;
pub use sites::*;
pub use statistics::*;
pub use virtual_agent::*;
pub use visitors::*;

use serde::Deserialize;

/// Tells null from absent.
#[expect(clippy::option_option, reason = "absent leaves the value, null clears it")]
fn present<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}
