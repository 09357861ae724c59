//! Who may approve, and how many of them it takes.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::key::{Algorithm, Kid, PublicKey};
use crate::limits::APPROVERS_MAX;
use crate::name::Name;

/// A person who approves, and the key by which.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Approver {
    /// Id of the key.
    pub kid: Kid,
    /// Name of the person.
    pub name: Name,
    /// The key.
    pub public_key: PublicKey,
}

/// The registered approvers and their threshold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ApproverSet {
    approvers: BTreeMap<Kid, Approver>,
    threshold: usize,
}

/// Why approvers are no set that anything can rest on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ApproverError {
    /// Nobody, or more than [`APPROVERS_MAX`].
    Number(usize),
    /// The threshold is 0, or more than there are approvers.
    Threshold {
        /// The threshold.
        threshold: usize,
        /// Approvers there are.
        approvers: usize,
    },
    /// A key id, a name or a key that stands twice.
    Twice(Kid),
    /// A key that is not what its entry says.
    Key(Kid),
}

impl ApproverSet {
    /// Checks and takes the approvers.
    ///
    /// # Errors
    /// Somebody stands twice, by id, name or key, or the threshold cannot be met.
    pub fn new(approvers: Vec<Approver>, threshold: usize) -> Result<Self, ApproverError> {
        let number = approvers.len();
        if number == 0 || number > APPROVERS_MAX {
            return Err(ApproverError::Number(number));
        }
        if threshold == 0 || threshold > number {
            return Err(ApproverError::Threshold {
                threshold,
                approvers: number,
            });
        }
        let mut by_kid: BTreeMap<Kid, Approver> = BTreeMap::new();
        for approver in approvers {
            let is_twice = by_kid.values().any(|other| {
                other.kid == approver.kid
                    || other.name == approver.name
                    || other.public_key == approver.public_key
            });
            if is_twice {
                return Err(ApproverError::Twice(approver.kid));
            }
            by_kid.insert(approver.kid.clone(), approver);
        }
        Ok(Self {
            approvers: by_kid,
            threshold,
        })
    }

    /// The approver whose key has this id.
    pub fn get(&self, kid: &Kid) -> Option<&Approver> {
        self.approvers.get(kid)
    }

    /// Everybody, by key id.
    pub fn iter(&self) -> impl Iterator<Item = &Approver> {
        self.approvers.values()
    }

    /// Distinct approvers that have to sign.
    pub fn threshold(&self) -> usize {
        self.threshold
    }
}

impl fmt::Display for ApproverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => {
                write!(f, "`{number}` approvers: name 1 to {APPROVERS_MAX}")
            }
            Self::Threshold {
                threshold,
                approvers,
            } => write!(f, "threshold `{threshold}` of {approvers} approvers"),
            Self::Twice(kid) => write!(f, "approver `{kid}` has the id, name or key of another"),
            Self::Key(kid) => write!(
                f,
                "approver `{kid}` has a key that is not what is said of it"
            ),
        }
    }
}

impl std::error::Error for ApproverError {}

/// The members of an approver in JSON, in alphabetical order.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fields {
    algorithm: Algorithm,
    kid: Kid,
    name: Name,
    public_key_pem: String,
}

impl From<&Approver> for Fields {
    fn from(approver: &Approver) -> Self {
        Self {
            algorithm: approver.public_key.algorithm(),
            kid: approver.kid.clone(),
            name: approver.name.clone(),
            public_key_pem: approver.public_key.to_spki_pem(),
        }
    }
}

impl TryFrom<Fields> for Approver {
    type Error = ApproverError;

    fn try_from(fields: Fields) -> Result<Self, ApproverError> {
        match PublicKey::from_spki_pem(&fields.public_key_pem) {
            Ok(public_key) if public_key.algorithm() == fields.algorithm => Ok(Self {
                kid: fields.kid,
                name: fields.name,
                public_key,
            }),
            _ => Err(ApproverError::Key(fields.kid)),
        }
    }
}

#[cfg(test)]
mod tests;
