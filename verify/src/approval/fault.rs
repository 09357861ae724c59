use std::fmt;

use ledger::Digest;

use super::Nonce;
use crate::key::Kid;
use crate::name::Name;
use crate::time::Micros;

/// Why an approval does not count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ApprovalFault {
    /// The request is for another deployment.
    Origin(Name),
    /// The request is for another environment.
    Environment(Name),
    /// The request builds on another keyring than the current one.
    State(Digest),
    /// The request has expired.
    Expired(Micros),
    /// The request was carried out before.
    Nonce(Nonce),
    /// The request was made for another threshold.
    Threshold(usize),
    /// A key that nobody registered.
    Unknown(Kid),
    /// A registered key that is not for approvals.
    Usage(Kid),
    /// A key that signed already.
    Twice(Kid),
    /// The key of the person who requested.
    Requester(Kid),
    /// The key belongs to somebody else than the signature says.
    Signer(Kid),
    /// The key does not sign by the algorithm that the signature says.
    Algorithm(Kid),
    /// The signature does not verify.
    Signature(Kid),
    /// Fewer distinct approvers signed than it takes.
    TooFew {
        /// Signatures that count.
        have: usize,
        /// Signatures it takes.
        need: usize,
    },
}

impl fmt::Display for ApprovalFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Origin(name) => write!(f, "the request is for deployment `{name}`"),
            Self::Environment(name) => write!(f, "the request is for environment `{name}`"),
            Self::State(state) => write!(
                f,
                "the request builds on keyring `{state}`, not on the current one: request anew"
            ),
            Self::Expired(at) => write!(f, "the request expired at `{at}`: request anew"),
            Self::Nonce(nonce) => write!(f, "the request with nonce `{nonce}` was carried out"),
            Self::Threshold(threshold) => {
                write!(f, "the request was made for threshold `{threshold}`")
            }
            Self::Unknown(kid) => write!(f, "no approver has the key `{kid}`"),
            Self::Usage(kid) => write!(f, "key `{kid}` is not for approvals"),
            Self::Twice(kid) => write!(f, "key `{kid}` signed already"),
            Self::Requester(kid) => {
                write!(
                    f,
                    "key `{kid}` belongs to the requester, who does not count"
                )
            }
            Self::Signer(kid) => write!(f, "key `{kid}` belongs to another approver"),
            Self::Algorithm(kid) => write!(f, "key `{kid}` signs by another algorithm"),
            Self::Signature(kid) => write!(f, "the signature by key `{kid}` does not verify"),
            Self::TooFew { have, need } => {
                write!(f, "`{have}` approvers signed, it takes {need}")
            }
        }
    }
}

impl std::error::Error for ApprovalFault {}

/// Why bytes are not a request, or not an approval.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ApprovalError {
    /// They are not JSON with these members.
    NotARequest,
    /// They are not JSON with these members.
    NotAnApproval,
    /// A version that this build does not know, or another kind of document.
    Version(u64),
    /// An action that this build does not know.
    Action(String),
    /// A content that does not belong to the action.
    Content(&'static str),
    /// It was requested at or after its expiry.
    Times,
    /// Another spelling than the one that counts.
    NotCanonical,
}

impl fmt::Display for ApprovalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotARequest => f.write_str("not an approval request"),
            Self::NotAnApproval => f.write_str("not an approval"),
            Self::Version(version) => {
                write!(f, "unknown version `{version}` of an approval request")
            }
            Self::Action(action) => write!(f, "unknown action `{action}`"),
            Self::Content(action) => write!(f, "content does not belong to action `{action}`"),
            Self::Times => f.write_str("requested at or after its expiry"),
            Self::NotCanonical => f.write_str("not in its one spelling"),
        }
    }
}

impl std::error::Error for ApprovalError {}
