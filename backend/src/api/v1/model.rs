//! JSON types of the API. Names end in `In` and `Out` here and lose the ending in the OpenAPI document.

mod conversations;
mod people;
mod visitors;

pub use conversations::*;
pub use people::*;
pub use visitors::*;
