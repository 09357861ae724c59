use std::fmt;
use std::path::PathBuf;

use ledger::{Code, Digest};
use verify::policy::{ManifestError, ManifestFault, Scope};

use super::COMPONENT_BYTES_MAX;

/// Why a file of a policy was not taken or is not here.
#[derive(Debug)]
pub(crate) enum StoreError {
    /// The disk fails.
    Disk(PathBuf, std::io::Error),
    /// The manifest is none.
    Manifest(ManifestError),
    /// The manifest does not count.
    Fault(ManifestFault),
    /// The manifest is of another scope.
    Scope(Scope),
    /// The bytes are others than named.
    Digest {
        /// What was named.
        expected: Digest,
        /// What they are.
        found: Digest,
    },
    /// No manifest that is here names the component.
    Unnamed(Digest),
    /// The component is not here whole.
    NoComponent(Digest),
    /// The component is empty or too long, or longer than was said.
    TooLarge(u64),
    /// The scope has as many manifests as it may, and all of them are needed.
    TooMany,
    /// The components of the scope, or of all scopes, have no more room.
    Full,
}

impl StoreError {
    /// What whoever asked is told.
    pub(crate) fn code(&self) -> Code {
        match self {
            Self::Disk(..) => Code::StorageFull,
            Self::Manifest(_) | Self::Fault(_) | Self::Scope(_) | Self::Digest { .. } => {
                Code::PolicyRefused
            }
            Self::Unnamed(_) | Self::NoComponent(_) => Code::NotFound,
            Self::TooLarge(_) => Code::TooLarge,
            Self::TooMany | Self::Full => Code::StorageFull,
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Disk(path, error) => write!(f, "`{}`: {error}", path.display()),
            Self::Manifest(error) => write!(f, "manifest: {error}"),
            Self::Fault(fault) => write!(f, "signature: {fault}"),
            Self::Scope(Some(tenant)) => write!(f, "the manifest is for tenant `{tenant}`"),
            Self::Scope(None) => f.write_str("the manifest is for the platform"),
            Self::Digest { expected, found } => {
                write!(f, "digest: the bytes are `{found}`, not `{expected}`")
            }
            Self::Unnamed(digest) => write!(
                f,
                "no manifest that is here names component `{digest}`: push its manifest first"
            ),
            Self::NoComponent(digest) => {
                write!(f, "component `{digest}` is not here whole: push it")
            }
            Self::TooLarge(bytes) => write!(
                f,
                "`{bytes}` bytes of a component: it has 1 to {COMPONENT_BYTES_MAX}, and as many \
                 as was said"
            ),
            Self::TooMany => f.write_str("too many manifests, and each is in force or in use"),
            Self::Full => f.write_str("no room for more components"),
        }
    }
}

impl std::error::Error for StoreError {}
