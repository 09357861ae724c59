use std::fmt;

use crate::hex;

/// Joins a row with what was logged about it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Trace(pub [u8; 16]);

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
