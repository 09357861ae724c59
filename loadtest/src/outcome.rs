//! How every part of the tool ends.

use std::error::Error;

/// A value, or a message for the person who typed the command.
///
/// Nobody but that person reads these errors, so they stay text.
pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;
