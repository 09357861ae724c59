//! Why a policy gave no verdict.

use std::fmt;

use ledger::Code;

use crate::contract::PolicyError;

/// Why a policy gave no verdict. Every one of them denies, for this request only.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// It broke off: a panic, an access out of bounds, too deep a recursion.
    Trapped,
    /// It took longer than it may.
    TimedOut,
    /// It asked for more memory than it may have.
    OutOfMemory,
    /// What it answered is against the contract.
    BadOutput(BadOutput),
    /// It failed too often lately and is not asked for a while.
    BreakerOpen,
    /// It says that it cannot decide.
    Failed(PolicyError),
    /// It could not be asked: no room for a further instance, or too many rows.
    Unavailable,
}

impl Fault {
    /// The code that a client is told.
    pub fn code(&self) -> Code {
        match self {
            Self::Trapped => Code::PolicyTrapped,
            Self::TimedOut => Code::PolicyTimedOut,
            Self::OutOfMemory => Code::PolicyOutOfMemory,
            Self::BadOutput(_) => Code::PolicyBadOutput,
            Self::BreakerOpen => Code::PolicyBreakerOpen,
            Self::Failed(_) => Code::PolicyFailed,
            Self::Unavailable => Code::PolicyUnavailable,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trapped => f.write_str("the policy trapped"),
            Self::TimedOut => f.write_str("the policy took too long"),
            Self::OutOfMemory => f.write_str("the policy wanted more memory than it may have"),
            Self::BadOutput(bad) => write!(f, "the policy answered against the contract: {bad}"),
            Self::BreakerOpen => f.write_str("the policy failed too often and is not asked"),
            Self::Failed(error) => write!(f, "the policy cannot decide: {error}"),
            Self::Unavailable => f.write_str("the policy cannot be asked now"),
        }
    }
}

impl std::error::Error for Fault {}

/// What about an answer is against the contract.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BadOutput {
    /// It is not of the declared type, or there is more of it than there may be.
    Malformed,
    /// A list of denied transfers without any.
    Empty,
    /// The index of a transfer that was not passed.
    OutOfRange(u32),
    /// An index that is not above the one before.
    NotRising(u32),
    /// A rule that the policy did not describe.
    UnknownRule(u16),
}

impl fmt::Display for BadOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed => f.write_str("malformed or too large"),
            Self::Empty => f.write_str("an empty list of denied transfers"),
            Self::OutOfRange(index) => write!(f, "index `{index}` is not one of the transfers"),
            Self::NotRising(index) => write!(f, "index `{index}` is not above the one before"),
            Self::UnknownRule(rule) => write!(f, "rule `{rule}` is not described"),
        }
    }
}
