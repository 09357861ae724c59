//! The policies that this build brings: components of `plugins/policies`, by their digests.

use ledger::Digest;

use crate::limits::Limits;
use crate::load::{LoadError, LoadOptions};
use crate::policy::Policy;
use crate::runtime::Runtime;

/// A component that this build brings.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// Its name.
    pub name: &'static str,
    /// Its bytes.
    pub component: &'static [u8],
}

/// Keeps tenants within what is theirs.
pub const ISOLATION: Shipped = Shipped {
    name: "isolation",
    component: include_bytes!("../../policies/components/isolation.wasm"),
};

/// Gives each role its capabilities.
pub const RBAC: Shipped = Shipped {
    name: "rbac",
    component: include_bytes!("../../policies/components/rbac.wasm"),
};

/// Bounds amounts, batches, accounts and hours.
pub const LIMITS: Shipped = Shipped {
    name: "limits",
    component: include_bytes!("../../policies/components/limits.wasm"),
};

/// All of them.
pub const ALL: &[Shipped] = &[ISOLATION, RBAC, LIMITS];

/// Those that the platform asks about every request unless an approval says otherwise, in this
/// order.
pub const PLATFORM: &[Shipped] = &[ISOLATION, RBAC];

/// Their configuration.
pub const CONFIG: &str = "{}";

impl Shipped {
    /// Takes it into use, without a configuration.
    ///
    /// # Errors
    /// A step failed.
    pub fn load(&self, runtime: &Runtime) -> Result<Policy, LoadError> {
        Policy::load(
            runtime,
            &LoadOptions {
                name: self.name,
                component: self.component,
                digest: self.digest(),
                config: CONFIG,
                config_version: None,
                limits: Limits::default(),
                cases: None,
            },
        )
    }

    /// Digest of everything that its verdicts follow from.
    pub fn version(&self) -> Digest {
        Digest::of_parts(&[
            b"ledgerd shipped policy v1",
            &self.digest().0,
            CONFIG.as_bytes(),
        ])
    }

    /// SHA-256 of its bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(self.component)
    }

    /// The one with this digest.
    pub fn find(digest: Digest) -> Option<Self> {
        ALL.iter().copied().find(|one| one.digest() == digest)
    }
}

#[cfg(test)]
mod tests;
