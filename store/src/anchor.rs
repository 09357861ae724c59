//! Anchors: the last head of each chain, kept where whoever writes the journal does not keep it.
//!
//! A journal that was restored from an older copy looks whole; only what stands elsewhere shows
//! that it went further once. An anchor never goes back.
//!
//! This is not: the anchor that a signing proxy keeps of its own (see `signing/proxy`).

mod dir;
mod error;
mod file;

use ledger::Digest;
use verify::{Kid, Signature};

pub use dir::DirAnchor;
pub use error::AnchorError;

/// The last known head of a chain.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Anchor {
    /// Whose chain: deployment and environment.
    pub origin: String,
    /// Epoch of the origin. A recovery begins a new one, in which sequences may be lower.
    pub epoch: u64,
    /// Number of the row.
    pub seq: u64,
    /// Its digest.
    pub digest: Digest,
    /// The signature over the digest.
    pub signature: Signature,
    /// The key that signed.
    pub signer_kid: Kid,
}

#[cfg(test)]
mod tests;
