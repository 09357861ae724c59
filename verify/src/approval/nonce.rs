use std::collections::BTreeMap;
use std::fmt;

use super::ApprovalFault;
use crate::hex;
use crate::time::Micros;

/// What makes a request another one than any before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nonce(pub [u8; 16]);

/// The nonces of requests that were carried out and have not expired.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Nonces(BTreeMap<Nonce, Micros>);

impl Nonces {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Uses a nonce, once. What has expired by `now` is forgotten: an expired request is refused
    /// for that.
    ///
    /// # Errors
    /// It was used before.
    pub fn take(
        &mut self,
        nonce: Nonce,
        expires_at: Micros,
        now: Micros,
    ) -> Result<(), ApprovalFault> {
        self.0.retain(|_, expires_at| *expires_at > now);
        if self.0.contains_key(&nonce) {
            return Err(ApprovalFault::Nonce(nonce));
        }
        self.0.insert(nonce, expires_at);
        Ok(())
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
