use std::fmt;
use std::sync::Arc;

use ledger::Digest;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{ManifestError, PolicyAction, SignedManifest};
use crate::jcs;
use crate::name::Name;
use crate::serde_hex::Hex;
use crate::text_enum::text_enum;

const VERSION: u64 = 1;

/// The body of a row that tells of an activation or a rollback.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyRecord {
    /// What was done.
    pub action: PolicyAction,
    /// Who did it: the SPIFFE ID of the principal.
    pub actor: String,
    /// Digest of all policies in force afterwards, as seals have it.
    pub after: Digest,
    /// Digest of the request that approvers signed.
    pub approval: Digest,
    /// Digest of all policies in force before.
    pub before: Digest,
    /// Name of the manifest that is put in force, or that gives way.
    pub digest: Digest,
    /// The manifest that is put in force; none in a rollback.
    pub manifest: Option<Arc<SignedManifest>>,
    /// Name of the policy.
    pub name: Name,
    /// The tenant; `None` for the platform.
    pub tenant: Option<Name>,
}

text_enum! {
    /// What a breaker did.
    BreakerState, "state of a breaker" {
        /// It denies without asking the policy.
        Opened = "opened",
        /// It asks the policy again.
        Closed = "closed",
    }
}

/// The body of a row that tells of a breaker.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BreakerRecord {
    /// SHA-256 of the component.
    pub component: Digest,
    /// Name of the policy.
    pub name: Name,
    /// What the breaker did last.
    pub state: BreakerState,
    /// How often breakers of this policy changed since the row before about it.
    pub changes: u64,
    /// The tenant; `None` for the platform.
    pub tenant: Option<Name>,
}

/// Why a body does not tell of a policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RecordError {
    /// It is not an object with the members of one.
    NotARecord,
    /// A version that this build does not know.
    Version(u64),
    /// The manifest is none.
    Manifest(ManifestError),
    /// The manifest is missing, is another one, or does not belong here.
    AnotherManifest,
    /// Another spelling than the one that counts.
    NotCanonical,
}

/// The members of a change, in alphabetical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    action: PolicyAction,
    actor: String,
    after: Hex<32>,
    approval: Hex<32>,
    before: Hex<32>,
    digest: Hex<32>,
    manifest: Option<Box<RawValue>>,
    name: Name,
    tenant: Option<Name>,
    v: u64,
}

/// The members of a breaker's change, in alphabetical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct BreakerFields {
    changes: u64,
    component: Hex<32>,
    name: Name,
    state: BreakerState,
    tenant: Option<Name>,
    v: u64,
}

impl PolicyRecord {
    /// The canonical bytes.
    ///
    /// # Errors
    /// The manifest cannot be written, or the actor's name is no text of this kind.
    pub fn encode(&self) -> Result<Vec<u8>, RecordError> {
        let raw = |signed: &Arc<SignedManifest>| {
            let bytes = signed.encode().map_err(RecordError::Manifest)?;
            String::from_utf8(bytes)
                .ok()
                .and_then(|text| RawValue::from_string(text).ok())
                .ok_or(RecordError::NotARecord)
        };
        jcs::canonical(&Fields {
            action: self.action,
            actor: self.actor.clone(),
            after: self.after.into(),
            approval: self.approval.into(),
            before: self.before.into(),
            digest: self.digest.into(),
            manifest: self.manifest.as_ref().map(raw).transpose()?,
            name: self.name.clone(),
            tenant: self.tenant.clone(),
            v: VERSION,
        })
        .map_err(|_| RecordError::NotARecord)
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// They are no record, another spelling of one, or the manifest in it is not the one named.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let fields: Fields = serde_json::from_slice(bytes).map_err(|_| RecordError::NotARecord)?;
        if fields.v != VERSION {
            return Err(RecordError::Version(fields.v));
        }
        let manifest = match fields.manifest {
            Some(raw) => Some(Arc::new(
                SignedManifest::decode(raw.get().as_bytes()).map_err(RecordError::Manifest)?,
            )),
            None => None,
        };
        let record = Self {
            action: fields.action,
            actor: fields.actor,
            after: fields.after.into(),
            approval: fields.approval.into(),
            before: fields.before.into(),
            digest: fields.digest.into(),
            manifest,
            name: fields.name,
            tenant: fields.tenant,
        };
        record.check()?;
        if record.encode()? == bytes {
            Ok(record)
        } else {
            Err(RecordError::NotCanonical)
        }
    }

    fn check(&self) -> Result<(), RecordError> {
        let agrees = match (self.action, &self.manifest) {
            (PolicyAction::Activate, Some(signed)) => {
                signed.digest() == self.digest
                    && signed.manifest.name == self.name
                    && signed.manifest.tenant == self.tenant
            }
            (PolicyAction::Rollback, None) => true,
            (PolicyAction::Activate, None) | (PolicyAction::Rollback, Some(_)) => false,
        };
        agrees.then_some(()).ok_or(RecordError::AnotherManifest)
    }
}

impl BreakerRecord {
    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        let fields = BreakerFields {
            changes: self.changes,
            component: self.component.into(),
            name: self.name.clone(),
            state: self.state,
            tenant: self.tenant.clone(),
            v: VERSION,
        };
        // Structs of texts and numbers can be written.
        serde_json::to_vec(&fields).unwrap_or_default()
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// They are no record, or another spelling of one.
    pub fn decode(bytes: &[u8]) -> Result<Self, RecordError> {
        let fields: BreakerFields =
            serde_json::from_slice(bytes).map_err(|_| RecordError::NotARecord)?;
        if fields.v != VERSION {
            return Err(RecordError::Version(fields.v));
        }
        let record = Self {
            component: fields.component.into(),
            name: fields.name,
            state: fields.state,
            changes: fields.changes,
            tenant: fields.tenant,
        };
        if record.encode() == bytes {
            Ok(record)
        } else {
            Err(RecordError::NotCanonical)
        }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotARecord => f.write_str("not what a row tells of a policy"),
            Self::Version(version) => write!(f, "unknown version `{version}` of a record"),
            Self::Manifest(error) => error.fmt(f),
            Self::AnotherManifest => f.write_str("the manifest is missing, or another than named"),
            Self::NotCanonical => f.write_str("record is not in its one spelling"),
        }
    }
}

impl std::error::Error for RecordError {}
