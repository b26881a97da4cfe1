//! The one error of these tools: a sentence for the person who reads the terminal.

use std::error::Error;

/// Anything that stops a scenario before it can be judged.
pub type Fault = Box<dyn Error + Send + Sync>;

/// A result whose error is such a sentence.
pub type Result<T> = std::result::Result<T, Fault>;

/// An error made of a sentence.
pub fn fault<T>(sentence: impl Into<String>) -> Result<T> {
    Err(sentence.into().into())
}
