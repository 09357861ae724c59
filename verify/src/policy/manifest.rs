use ledger::Digest;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::ManifestError;
use crate::jcs;
use crate::limits::{
    JSON_INT_MAX, MANIFEST_BYTES_MAX, POLICY_BASE_MICROS_MAX, POLICY_CASES_MAX,
    POLICY_CONFIG_BYTES_MAX, POLICY_MEMORY_BYTES_MAX, POLICY_MEMORY_BYTES_MIN,
    POLICY_PER_TRANSFER_NANOS_MAX,
};
use crate::name::Name;
use crate::serde_hex::Hex;

/// Version of the contract that a policy of today speaks: that of the package `ledgerd:policy`.
pub const CONTRACT: &str = "0.1.0";

const VERSION: u64 = 1;
const KIND: &str = "policy_manifest";

/// What a policy is made of: the component, how it is configured and limited, where it may be put
/// in force, and the cases that it has to decide as expected before it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Manifest {
    /// Cases that are run before the policy is taken: the text of a JSON array.
    pub cases: String,
    /// SHA-256 of the component.
    pub component: Digest,
    /// What the policy is configured with: a JSON text, as the policy is given it.
    pub config: String,
    /// Version of the configuration, as the policy describes it.
    pub config_version: u32,
    /// The deployment it is for.
    pub deployment: Name,
    /// Its environment.
    pub environment: Name,
    /// What the policy may use.
    pub limits: PolicyLimits,
    /// Name of the policy. One manifest of a name is in force at a time, for each tenant and for
    /// the platform.
    pub name: Name,
    /// The tenant whose requests it decides; `None` for the platform's policies, which decide
    /// everybody's.
    pub tenant: Option<Name>,
}

/// What a policy may use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyLimits {
    /// Time for a call, in microseconds, whatever it decides.
    pub base_micros: u64,
    /// Memory, in bytes.
    pub memory_bytes: u64,
    /// Time on top of that for each transfer, in nanoseconds.
    pub per_transfer_nanos: u64,
}

impl Default for PolicyLimits {
    /// What a policy written in Rust needs at most.
    fn default() -> Self {
        Self {
            base_micros: 5_000,
            memory_bytes: 16 << 20,
            per_transfer_nanos: 1_000,
        }
    }
}

/// The members of a manifest, in alphabetical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    cases: String,
    component: Hex<32>,
    config: String,
    config_version: u32,
    contract: String,
    deployment: Name,
    environment: Name,
    kind: String,
    limits: PolicyLimits,
    name: Name,
    tenant: Option<Name>,
    v: u64,
}

impl Manifest {
    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        let fields = Fields {
            cases: self.cases.clone(),
            component: self.component.into(),
            config: self.config.clone(),
            config_version: self.config_version,
            contract: CONTRACT.to_owned(),
            deployment: self.deployment.clone(),
            environment: self.environment.clone(),
            kind: KIND.to_owned(),
            limits: self.limits,
            name: self.name.clone(),
            tenant: self.tenant.clone(),
            v: VERSION,
        };
        // Structs of texts and numbers can be written.
        serde_json::to_vec(&fields).unwrap_or_default()
    }

    /// What a policy key signs: SHA-256 of the canonical bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.encode())
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// They are no manifest, another spelling of one, or beyond a limit.
    pub fn decode(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > MANIFEST_BYTES_MAX {
            return Err(ManifestError::TooLong(bytes.len()));
        }
        jcs::parse_canonical(bytes)?;
        let fields: Fields =
            serde_json::from_slice(bytes).map_err(|_| ManifestError::NotAManifest)?;
        if fields.v != VERSION || fields.kind != KIND {
            return Err(ManifestError::Version(fields.v));
        }
        if fields.contract != CONTRACT {
            return Err(ManifestError::Contract(fields.contract));
        }
        let manifest = Self {
            cases: fields.cases,
            component: fields.component.into(),
            config: fields.config,
            config_version: fields.config_version,
            deployment: fields.deployment,
            environment: fields.environment,
            limits: fields.limits,
            name: fields.name,
            tenant: fields.tenant,
        };
        manifest.check()?;
        if manifest.encode() == bytes {
            Ok(manifest)
        } else {
            Err(ManifestError::NotCanonical)
        }
    }

    /// Whether what it says is within the limits.
    ///
    /// # Errors
    /// It is not.
    pub fn check(&self) -> Result<(), ManifestError> {
        if self.config.len() > POLICY_CONFIG_BYTES_MAX {
            return Err(ManifestError::ConfigTooLong(self.config.len()));
        }
        serde_json::from_str::<IgnoredAny>(&self.config).map_err(|_| ManifestError::Config)?;
        let cases: Vec<IgnoredAny> =
            serde_json::from_str(&self.cases).map_err(|_| ManifestError::Cases)?;
        if cases.len() > POLICY_CASES_MAX {
            return Err(ManifestError::CasesTooMany(cases.len()));
        }
        self.limits.check()?;
        let bytes = self.encode().len();
        if bytes > MANIFEST_BYTES_MAX {
            return Err(ManifestError::TooLong(bytes));
        }
        Ok(())
    }
}

impl PolicyLimits {
    fn check(&self) -> Result<(), ManifestError> {
        let within = [
            ("base_micros", self.base_micros, 1, POLICY_BASE_MICROS_MAX),
            (
                "memory_bytes",
                self.memory_bytes,
                POLICY_MEMORY_BYTES_MIN,
                POLICY_MEMORY_BYTES_MAX,
            ),
            (
                "per_transfer_nanos",
                self.per_transfer_nanos,
                0,
                POLICY_PER_TRANSFER_NANOS_MAX,
            ),
        ];
        for (limit, value, min, max) in within {
            if !(min..=max).contains(&value) {
                return Err(ManifestError::Limit {
                    limit,
                    value,
                    min,
                    max,
                });
            }
        }
        Ok(())
    }
}

const _: () = assert!(POLICY_MEMORY_BYTES_MAX <= JSON_INT_MAX);
