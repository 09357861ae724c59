//! Policies as they are signed, approved and put in force: manifests, and what the rows of the
//! audit chain have made of them.
//!
//! A policy itself is a component that decides requests; nothing here runs one.

mod book;
mod error;
mod manifest;
mod record;
mod signed;

use crate::text_enum::text_enum;

pub use book::{InForce, PolicyBook, PolicyConflict, Scope};
pub use error::{ManifestError, ManifestFault};
pub use manifest::{CONTRACT, Manifest, PolicyLimits};
pub use record::{BreakerRecord, BreakerState, PolicyRecord, RecordError};
pub use signed::SignedManifest;

text_enum! {
    /// What is done with a policy under an approval.
    PolicyAction, "action on a policy" {
        /// A manifest is put in force, in place of the one of its name.
        Activate = "activate",
        /// A manifest gives way to the one that was in force before it, or to none.
        Rollback = "rollback",
    }
}

#[cfg(test)]
pub(crate) mod tests;
