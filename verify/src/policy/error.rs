use std::fmt;

use crate::jcs::JcsError;
use crate::key::{Algorithm, Kid, Usage};
use crate::limits::{
    MANIFEST_BYTES_MAX, POLICY_CASES_MAX, POLICY_CONFIG_BYTES_MAX, SIGNED_MANIFEST_BYTES_MAX,
};
use crate::name::Name;

/// Why bytes are no manifest, or no signed one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ManifestError {
    /// Longer than a manifest may be.
    TooLong(usize),
    /// Not JSON of the strict kind.
    Json(JcsError),
    /// Not an object with the members of a manifest.
    NotAManifest,
    /// Not an object with the members of a signed manifest.
    NotSigned,
    /// A version that this build does not know, or another kind of document.
    Version(u64),
    /// A contract that this build does not know.
    Contract(String),
    /// The configuration is longer than it may be.
    ConfigTooLong(usize),
    /// The configuration is not JSON.
    Config,
    /// The cases are not a JSON array.
    Cases,
    /// More cases than there may be.
    CasesTooMany(usize),
    /// A limit is out of range.
    Limit {
        /// Its name.
        limit: &'static str,
        /// What it is set to.
        value: u64,
        /// The least that it can be.
        min: u64,
        /// The most that it can be.
        max: u64,
    },
    /// Another spelling than the one that counts.
    NotCanonical,
}

/// Why a signed manifest does not count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ManifestFault {
    /// It is for another deployment.
    Deployment(Name),
    /// It is for another environment.
    Environment(Name),
    /// Nobody registered the key.
    Unknown(Kid),
    /// The key signs other things.
    Usage {
        /// The key.
        kid: Kid,
        /// What it signs.
        is: Usage,
    },
    /// The key signs nothing yet.
    Candidate(Kid),
    /// The key signs nothing any more.
    Retired(Kid),
    /// The key is revoked.
    Revoked(Kid),
    /// The algorithm is not the one of the registry.
    Algorithm {
        /// The key.
        kid: Kid,
        /// The algorithm that was claimed.
        claimed: Algorithm,
    },
    /// The signature does not verify.
    Signature(Kid),
}

impl From<JcsError> for ManifestError {
    fn from(error: JcsError) -> Self {
        match error {
            JcsError::NotCanonical => Self::NotCanonical,
            error => Self::Json(error),
        }
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(bytes) => write!(
                f,
                "manifest of `{bytes}` bytes is longer than {MANIFEST_BYTES_MAX}, or signed than \
                 {SIGNED_MANIFEST_BYTES_MAX}"
            ),
            Self::Json(error) => write!(f, "manifest: {error}"),
            Self::NotAManifest => f.write_str("not a policy's manifest"),
            Self::NotSigned => f.write_str("not a signed manifest of a policy"),
            Self::Version(version) => write!(f, "unknown version `{version}` of a manifest"),
            Self::Contract(contract) => write!(
                f,
                "unknown contract `{contract}` of a policy, this build speaks {}",
                super::CONTRACT
            ),
            Self::ConfigTooLong(bytes) => write!(
                f,
                "configuration of `{bytes}` bytes is longer than {POLICY_CONFIG_BYTES_MAX}"
            ),
            Self::Config => f.write_str("the configuration is not JSON"),
            Self::Cases => f.write_str("the cases are not a JSON array"),
            Self::CasesTooMany(cases) => {
                write!(f, "`{cases}` cases: at most {POLICY_CASES_MAX} are bundled")
            }
            Self::Limit {
                limit,
                value,
                min,
                max,
            } => write!(f, "limit {limit} is `{value}`: write {min} to {max}"),
            Self::NotCanonical => f.write_str("manifest is not in its one spelling"),
        }
    }
}

impl std::error::Error for ManifestError {}

impl fmt::Display for ManifestFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deployment(name) => write!(f, "the manifest is for deployment `{name}`"),
            Self::Environment(name) => write!(f, "the manifest is for environment `{name}`"),
            Self::Unknown(kid) => write!(f, "no key `{kid}` in the keyring"),
            Self::Usage { kid, is } => write!(f, "key `{kid}` is for {is}, not for policies"),
            Self::Candidate(kid) => write!(f, "key `{kid}` is a candidate, which signs nothing"),
            Self::Retired(kid) => write!(f, "key `{kid}` is retired: sign with another one"),
            Self::Revoked(kid) => write!(f, "key `{kid}` is revoked"),
            Self::Algorithm { kid, claimed } => {
                write!(f, "key `{kid}` does not sign by `{claimed}`")
            }
            Self::Signature(kid) => write!(f, "the signature by key `{kid}` does not verify"),
        }
    }
}

impl std::error::Error for ManifestFault {}
