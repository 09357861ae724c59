//! Approvals by several people: a request, the signatures collected over its digest, and whether
//! enough distinct ones are there.

mod document;
mod fault;
mod nonce;
mod request;

use std::collections::BTreeMap;

use ledger::Digest;

use crate::approver::{Approver, ApproverSet};
use crate::key::{Algorithm, BadSignature, Kid, Signature};
use crate::keyring::Keyring;
use crate::name::Name;
use crate::time::Micros;

pub use fault::{ApprovalError, ApprovalFault};
pub use nonce::{Nonce, Nonces};
pub use request::{Content, Request};

/// A request and the signatures collected so far.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Approval {
    request: Request,
    threshold: usize,
    signatures: BTreeMap<Kid, ApprovalSignature>,
}

/// One approver's signature over the digest of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApprovalSignature {
    /// Name of the approver.
    pub signer: Name,
    /// Key of the approver.
    pub kid: Kid,
    /// How it was signed.
    pub alg: Algorithm,
    /// The signature.
    pub signature: Signature,
}

/// What a request has to be about in order to count.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Who may approve, and how many it takes.
    pub approvers: &'a ApproverSet,
    /// The registry, so that a key of another usage is told from an unknown one.
    pub keyring: Option<&'a Keyring>,
    /// The deployment.
    pub deployment: &'a Name,
    /// Its environment.
    pub environment: &'a Name,
    /// Digest of the keyring that the request builds on; `None` when it is long past.
    pub state: Option<Digest>,
    /// The time; `None` when the request was carried out long ago.
    pub now: Option<Micros>,
}

impl<'a> Expected<'a> {
    /// What counts while `keyring` is the current one.
    pub fn of(keyring: &'a Keyring, now: Micros) -> Self {
        Self {
            approvers: keyring.approvers(),
            keyring: Some(keyring),
            deployment: keyring.deployment(),
            environment: keyring.environment(),
            state: Some(keyring.digest()),
            now: Some(now),
        }
    }
}

impl Approval {
    /// A request that nobody has signed yet.
    pub fn new(request: Request, threshold: usize) -> Self {
        Self {
            request,
            threshold,
            signatures: BTreeMap::new(),
        }
    }

    /// The request.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The signatures, by key id.
    pub fn signatures(&self) -> impl Iterator<Item = &ApprovalSignature> {
        self.signatures.values()
    }

    /// Signatures it takes.
    pub fn threshold(&self) -> usize {
        self.threshold
    }

    /// Whether enough signatures are here. Each was checked when it was added.
    pub fn is_complete(&self) -> bool {
        self.signatures.len() >= self.threshold
    }

    /// Takes a signature that counts.
    ///
    /// # Errors
    /// It does not count, or the request does not.
    pub fn add(
        &mut self,
        signature: ApprovalSignature,
        expected: &Expected<'_>,
    ) -> Result<(), ApprovalFault> {
        self.check_request(expected)?;
        if self.signatures.contains_key(&signature.kid) {
            return Err(ApprovalFault::Twice(signature.kid));
        }
        self.check_signature(&signature, expected)?;
        self.signatures.insert(signature.kid.clone(), signature);
        Ok(())
    }

    /// Whether the request counts and enough distinct approvers signed it. One signature that does
    /// not count spoils it.
    ///
    /// # Errors
    /// It does not, or too few did.
    pub fn check(&self, expected: &Expected<'_>) -> Result<(), ApprovalFault> {
        self.check_request(expected)?;
        // INVARIANT: one signature for each key id, and approvers have distinct keys.
        for signature in self.signatures() {
            self.check_signature(signature, expected)?;
        }
        let (have, need) = (self.signatures.len(), expected.approvers.threshold());
        if have < need {
            return Err(ApprovalFault::TooFew { have, need });
        }
        Ok(())
    }

    fn check_request(&self, expected: &Expected<'_>) -> Result<(), ApprovalFault> {
        let request = &self.request;
        if request.origin != *expected.deployment {
            return Err(ApprovalFault::Origin(request.origin.clone()));
        }
        if request.environment != *expected.environment {
            return Err(ApprovalFault::Environment(request.environment.clone()));
        }
        if expected.state.is_some_and(|state| state != request.state) {
            return Err(ApprovalFault::State(request.state));
        }
        if self.threshold != expected.approvers.threshold() {
            return Err(ApprovalFault::Threshold(self.threshold));
        }
        match expected.now {
            Some(now) if now >= request.expires_at => {
                Err(ApprovalFault::Expired(request.expires_at))
            }
            _ => Ok(()),
        }
    }

    fn check_signature(
        &self,
        signature: &ApprovalSignature,
        expected: &Expected<'_>,
    ) -> Result<(), ApprovalFault> {
        let kid = &signature.kid;
        let Some(approver) = expected.approvers.get(kid) else {
            let is_registered = expected.keyring.is_some_and(|ring| ring.key(kid).is_some());
            return Err(if is_registered {
                ApprovalFault::Usage(kid.clone())
            } else {
                ApprovalFault::Unknown(kid.clone())
            });
        };
        if self.is_requested_by(approver) {
            return Err(ApprovalFault::Requester(kid.clone()));
        }
        if signature.signer != approver.name {
            return Err(ApprovalFault::Signer(kid.clone()));
        }
        if signature.alg != approver.public_key.algorithm() {
            return Err(ApprovalFault::Algorithm(kid.clone()));
        }
        approver
            .public_key
            .verify_digest(&self.request.digest(), &signature.signature)
            .map_err(|BadSignature| ApprovalFault::Signature(kid.clone()))
    }

    fn is_requested_by(&self, approver: &Approver) -> bool {
        let requester = self.request.requested_by.as_str();
        requester == approver.name.as_str() || requester == approver.kid.as_str()
    }
}

#[cfg(test)]
pub(crate) mod tests;
