use std::fmt;

use super::{Change, State};
use crate::approver::ApproverError;
use crate::jcs::JcsError;
use crate::key::{KeyError, Kid};
use crate::limits::{JSON_INT_MAX, KEYS_MAX};

/// Why a keyring is refused, or a change of one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyringError {
    /// The bytes are not the document of a keyring.
    NotAKeyring,
    /// The bytes are not JSON of the kind that is signed.
    Json(JcsError),
    /// Another version, or another kind of document.
    Version(u64),
    /// Another spelling than the canonical one.
    NotCanonical,
    /// More than [`KEYS_MAX`] keys.
    Number(usize),
    /// The approvers are no set.
    Approvers(ApproverError),
    /// A key that is not accepted.
    Key(Kid, KeyError),
    /// A key of another algorithm than its entry says.
    Algorithm(Kid),
    /// A key for approvals stands among the others: it belongs to the approvers.
    Usage(Kid),
    /// State, range and revocation of a key contradict each other.
    Contradiction(Kid),
    /// A key id or a key that stands twice, among keys and approvers together.
    Twice(Kid),
    /// No such key.
    UnknownKey(Kid),
    /// A change that is not possible in the state of the key.
    Change {
        /// The key.
        kid: Kid,
        /// Its state.
        state: State,
        /// What was to be done.
        change: Change,
    },
    /// A row number that cannot be where the change takes effect.
    Seq(u64),
}

impl fmt::Display for KeyringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAKeyring => f.write_str("not the document of a keyring"),
            Self::Json(error) => write!(f, "not the document of a keyring: {error}"),
            Self::Version(version) => write!(f, "unknown version `{version}` of a keyring"),
            Self::NotCanonical => f.write_str("keyring is not in canonical form"),
            Self::Number(number) => write!(f, "`{number}` keys, {KEYS_MAX} are allowed"),
            Self::Approvers(error) => error.fmt(f),
            Self::Key(kid, error) => write!(f, "key `{kid}`: {error}"),
            Self::Algorithm(kid) => {
                write!(f, "key `{kid}` has another algorithm than is said of it")
            }
            Self::Usage(kid) => write!(
                f,
                "key `{kid}` is for approvals: name it among the approvers"
            ),
            Self::Contradiction(kid) => {
                write!(
                    f,
                    "state, range and revocation of key `{kid}` contradict each other"
                )
            }
            Self::Twice(kid) => write!(
                f,
                "key `{kid}` has the id or the key of another: a key has one id and one usage"
            ),
            Self::UnknownKey(kid) => write!(f, "no key `{kid}` in the keyring: add it first"),
            Self::Change { kid, state, change } => {
                write!(f, "key `{kid}` is {state}: it cannot {change}")
            }
            Self::Seq(seq) => write!(
                f,
                "row number `{seq}` lies before the key's first row, or beyond {JSON_INT_MAX}"
            ),
        }
    }
}

impl std::error::Error for KeyringError {}

impl From<ApproverError> for KeyringError {
    fn from(error: ApproverError) -> Self {
        Self::Approvers(error)
    }
}
