use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Approval, ApprovalError, ApprovalSignature, Request};
use crate::key::{Algorithm, Kid, Signature};
use crate::limits::{APPROVERS_MAX, JSON_BYTES_MAX};
use crate::name::Name;
use crate::serde_hex::Hex;
use crate::time::Micros;

/// The members of a collected approval, in the order in which they stand.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Fields<'a> {
    digest_hex: Hex<32>,
    ok_count: u64,
    #[serde(borrow)]
    request: Cow<'a, RawValue>,
    requested_at: Micros,
    signatures: Vec<SignatureFields>,
    threshold: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SignatureFields {
    alg: Algorithm,
    kid: Kid,
    signature: Signature,
    signer_id: Name,
}

impl Approval {
    /// The approval as JSON, in its one spelling.
    ///
    /// # Errors
    /// None for texts and numbers.
    pub fn encode(&self) -> Result<Vec<u8>, ApprovalError> {
        let request = String::from_utf8(self.request.encode())
            .ok()
            .and_then(|text| RawValue::from_string(text).ok())
            .ok_or(ApprovalError::NotARequest)?;
        let fields = Fields {
            digest_hex: self.request.digest().into(),
            ok_count: self.signatures.len() as u64,
            request: Cow::Owned(request),
            requested_at: self.request.requested_at,
            signatures: self.signatures().map(SignatureFields::from).collect(),
            threshold: self.threshold as u64,
        };
        serde_json::to_vec(&fields).map_err(|_| ApprovalError::NotAnApproval)
    }

    /// Reads an approval. Its signatures are not checked here, and what it counts is not believed.
    ///
    /// # Errors
    /// The bytes are no approval, or another spelling of one.
    pub fn decode(bytes: &[u8]) -> Result<Self, ApprovalError> {
        if bytes.len() > JSON_BYTES_MAX {
            return Err(ApprovalError::NotAnApproval);
        }
        let fields: Fields<'_> =
            serde_json::from_slice(bytes).map_err(|_| ApprovalError::NotAnApproval)?;
        let request = Request::decode(fields.request.get().as_bytes())?;
        if fields.signatures.len() > APPROVERS_MAX {
            return Err(ApprovalError::NotAnApproval);
        }
        let signatures: BTreeMap<_, _> = fields
            .signatures
            .into_iter()
            .map(|signature| (signature.kid.clone(), signature.into()))
            .collect();
        let approval = Self {
            request,
            threshold: usize::try_from(fields.threshold).unwrap_or(usize::MAX),
            signatures,
        };
        // INVARIANT: a key that stands twice, a wrong count or digest is another spelling.
        if approval.encode()? == bytes {
            Ok(approval)
        } else {
            Err(ApprovalError::NotCanonical)
        }
    }
}

impl ApprovalSignature {
    /// The signature alone as JSON, in its one spelling: how an approver sends it.
    ///
    /// # Errors
    /// None for texts.
    pub fn encode(&self) -> Result<Vec<u8>, ApprovalError> {
        let fields = SignatureFields::from(self);
        serde_json::to_vec(&fields).map_err(|_| ApprovalError::NotAnApproval)
    }

    /// Reads a signature, which is not checked here.
    ///
    /// # Errors
    /// The bytes are no signature, or another spelling of one.
    pub fn decode(bytes: &[u8]) -> Result<Self, ApprovalError> {
        let fields: SignatureFields =
            serde_json::from_slice(bytes).map_err(|_| ApprovalError::NotAnApproval)?;
        let signature = Self::from(fields);
        if signature.encode()? == bytes {
            Ok(signature)
        } else {
            Err(ApprovalError::NotCanonical)
        }
    }
}

impl From<&ApprovalSignature> for SignatureFields {
    fn from(signature: &ApprovalSignature) -> Self {
        Self {
            alg: signature.alg,
            kid: signature.kid.clone(),
            signature: signature.signature.clone(),
            signer_id: signature.signer.clone(),
        }
    }
}

impl From<SignatureFields> for ApprovalSignature {
    fn from(fields: SignatureFields) -> Self {
        Self {
            signer: fields.signer_id,
            kid: fields.kid,
            alg: fields.alg,
            signature: fields.signature,
        }
    }
}
