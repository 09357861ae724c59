use std::fmt;

use super::{Keyring, State};
use crate::chain_head::ChainHead;
use crate::key::{Algorithm, BadSignature, Kid, PublicKey, Usage};
use crate::name::Name;
use crate::row::AuditRow;

/// A key whose signature counts, and what has to be shown beside it.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The key.
    pub public_key: &'a PublicKey,
    /// The head up to which it counts, if it is revoked: what it signed has to be shown to be an
    /// ancestor of it, or to be it.
    pub trusted: Option<ChainHead>,
}

/// Why a signature does not count, whatever its bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyFault {
    /// The keyring has no such key.
    Unknown(Kid),
    /// The key signs other things.
    Usage {
        /// The key.
        kid: Kid,
        /// What it signs.
        is: Usage,
        /// What it was used for.
        needs: Usage,
    },
    /// The algorithm is not the one of the registry.
    Algorithm {
        /// The key.
        kid: Kid,
        /// The algorithm that was claimed.
        claimed: Algorithm,
    },
    /// The key signs nothing yet.
    Candidate(Kid),
    /// The row lies outside the range of the key.
    Range {
        /// The key.
        kid: Kid,
        /// The row.
        seq: u64,
    },
    /// The key is revoked, and the row is not shown to be an ancestor of the trusted head.
    Revoked {
        /// The key.
        kid: Kid,
        /// The row.
        seq: u64,
        /// The trusted head.
        trusted: ChainHead,
    },
}

/// Why a row does not count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RowFault {
    /// The row belongs to another deployment or environment.
    Origin {
        /// Deployment of the row.
        deployment: Name,
        /// Environment of the row.
        environment: Name,
    },
    /// Its key does not count.
    Key(KeyFault),
    /// The signature does not verify.
    Signature(Kid),
}

impl Keyring {
    /// Whether `kid` may have signed something of `usage` at row `seq`. The algorithm is that of
    /// the registry; what is claimed is only compared with it.
    ///
    /// # Errors
    /// It may not.
    pub fn standing(
        &self,
        kid: &Kid,
        claimed: Algorithm,
        usage: Usage,
        seq: u64,
    ) -> Result<Standing<'_>, KeyFault> {
        let key = self
            .key(kid)
            .ok_or_else(|| KeyFault::Unknown(kid.clone()))?;
        if key.usage != usage {
            return Err(KeyFault::Usage {
                kid: kid.clone(),
                is: key.usage,
                needs: usage,
            });
        }
        if key.public_key.algorithm() != claimed {
            return Err(KeyFault::Algorithm {
                kid: kid.clone(),
                claimed,
            });
        }
        if key.state == State::Candidate {
            return Err(KeyFault::Candidate(kid.clone()));
        }
        let is_after = key.valid_to_seq.is_some_and(|to| seq > to);
        if key.valid_from_seq == 0 || seq < key.valid_from_seq || is_after {
            return Err(KeyFault::Range {
                kid: kid.clone(),
                seq,
            });
        }
        match key.revoked {
            Some(trusted) if seq > trusted.seq => Err(KeyFault::Revoked {
                kid: kid.clone(),
                seq,
                trusted,
            }),
            trusted => Ok(Standing {
                public_key: &key.public_key,
                trusted,
            }),
        }
    }

    /// Checks origin, key and signature of a row. Of a key that is revoked, the head is returned
    /// of which the row has to be shown to be an ancestor.
    ///
    /// # Errors
    /// The row does not count.
    pub fn verify_row(&self, row: &AuditRow) -> Result<Option<ChainHead>, RowFault> {
        let payload = row.payload();
        let origin = &payload.origin;
        if origin.deployment != self.deployment || origin.environment != self.environment {
            return Err(RowFault::Origin {
                deployment: origin.deployment.clone(),
                environment: origin.environment.clone(),
            });
        }
        let kid = &payload.signer_kid;
        let standing = self.standing(kid, payload.alg, Usage::Seal, row.seq())?;
        standing
            .public_key
            .verify_digest(&row.digest(), row.signature())
            .map_err(|BadSignature| RowFault::Signature(kid.clone()))?;
        match standing.trusted {
            Some(trusted) if trusted == row.head() => Ok(None),
            Some(trusted) if trusted.seq == row.seq() => Err(revoked(row, trusted)),
            trusted => Ok(trusted),
        }
    }

    /// Checks a row that stands alone. If its key is revoked, `ancestry` has to hold the rows after
    /// it up to the trusted head; otherwise it is not looked at.
    ///
    /// # Errors
    /// The row does not count.
    pub fn verify_lone_row(&self, row: &AuditRow, ancestry: &[AuditRow]) -> Result<(), RowFault> {
        match self.verify_row(row)? {
            Some(trusted) if !leads_to(row, ancestry, trusted) => Err(revoked(row, trusted)),
            _ => Ok(()),
        }
    }
}

/// Whether `rows` link `row` to `head`. Their digests link them, so that no signature is needed.
fn leads_to(row: &AuditRow, rows: &[AuditRow], head: ChainHead) -> bool {
    let mut last = row.head();
    for next in rows {
        if next.seq() != last.seq + 1 || next.prev() != Some(last.digest) {
            return false;
        }
        last = next.head();
        if last == head {
            return true;
        }
    }
    false
}

fn revoked(row: &AuditRow, trusted: ChainHead) -> RowFault {
    RowFault::Key(KeyFault::Revoked {
        kid: row.signer_kid().clone(),
        seq: row.seq(),
        trusted,
    })
}

impl From<KeyFault> for RowFault {
    fn from(fault: KeyFault) -> Self {
        Self::Key(fault)
    }
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(kid) => write!(f, "no key `{kid}` in the keyring"),
            Self::Usage { kid, is, needs } => {
                write!(f, "key `{kid}` is for {is} and was used for {needs}")
            }
            Self::Algorithm { kid, claimed } => {
                write!(f, "key `{kid}` does not sign by `{claimed}`")
            }
            Self::Candidate(kid) => write!(f, "key `{kid}` is a candidate, which signs nothing"),
            Self::Range { kid, seq } => {
                write!(f, "row `{seq}` lies outside the range of key `{kid}`")
            }
            Self::Revoked { kid, seq, trusted } => write!(
                f,
                "key `{kid}` is revoked and row `{seq}` is not shown to lead to `{trusted}`"
            ),
        }
    }
}

impl std::error::Error for KeyFault {}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Origin {
                deployment,
                environment,
            } => write!(
                f,
                "the row belongs to deployment `{deployment}`, environment `{environment}`"
            ),
            Self::Key(fault) => fault.fmt(f),
            Self::Signature(kid) => write!(f, "the signature by key `{kid}` does not verify"),
        }
    }
}

impl std::error::Error for RowFault {}
