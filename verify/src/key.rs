//! Keys by which things are signed: their ids, algorithms and usages, public halves and signatures.

mod algorithm;
mod kid;
mod public_key;
mod signature;
mod usage;

pub use algorithm::Algorithm;
pub use kid::{BadKid, Kid};
pub use public_key::{KeyError, PublicKey};
pub use signature::{BadSignature, Signature};
pub use usage::Usage;

#[cfg(test)]
pub(crate) mod tests;
