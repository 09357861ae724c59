//! Why there is no signature, and what to do about it.

use std::error::Error;
use std::fmt;

/// A signer that did not give a verified signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignerError {
    signer: Box<str>,
    fault: Fault,
}

/// What went wrong. Whoever retries asks [`Fault::is_retryable`].
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Fault {
    /// It asked for fewer requests.
    Throttled,
    /// It could not be reached, or failed by itself. The text says how.
    Unavailable(Box<str>),
    /// It gave no answer in this many milliseconds.
    TimedOut(u64),
    /// More requests wait than there is room for.
    Busy,
    /// It does not want to sign: rights, state of the key, its own rules. The text is its reason.
    Refused(Box<str>),
    /// It has no key of this name.
    NoSuchKey(Box<str>),
    /// It signs with another key than the registered one. The text says what shows it.
    WrongKey(Box<str>),
    /// Its answer makes no sense. The text says where.
    Garbage(Box<str>),
    /// It has already signed another digest at this place of the chain.
    Equivocation(Box<str>),
    /// More bytes than can be signed at once.
    TooLong {
        /// Bytes to be signed.
        bytes: usize,
        /// Most that are signed.
        most: usize,
    },
    /// A digest was asked for that is not the digest of its payload.
    DigestMismatch,
    /// A setting does not work. The text says which, and why.
    Setting(Box<str>),
    /// The approval of an emergency signer does not cover this. The text says why.
    NotApproved(Box<str>),
}

impl SignerError {
    /// `fault` of the signer called `signer`, for instance "kms key `alias/seal`".
    pub fn new(signer: impl Into<Box<str>>, fault: Fault) -> Self {
        Self {
            signer: signer.into(),
            fault,
        }
    }

    /// What went wrong.
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// Which signer it is about.
    pub fn signer(&self) -> &str {
        &self.signer
    }

    /// Whether the same request may succeed later with nobody having changed anything.
    pub fn is_retryable(&self) -> bool {
        self.fault.is_retryable()
    }
}

impl Fault {
    /// Whether the same request may succeed later with nobody having changed anything.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Throttled | Self::Unavailable(_) | Self::TimedOut(_) | Self::Busy => true,
            Self::Refused(_)
            | Self::NoSuchKey(_)
            | Self::WrongKey(_)
            | Self::Garbage(_)
            | Self::Equivocation(_)
            | Self::TooLong { .. }
            | Self::DigestMismatch
            | Self::Setting(_)
            | Self::NotApproved(_) => false,
        }
    }

    /// A short name for logs and metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Throttled => "throttled",
            Self::Unavailable(_) => "unavailable",
            Self::TimedOut(_) => "timed_out",
            Self::Busy => "busy",
            Self::Refused(_) => "refused",
            Self::NoSuchKey(_) => "no_such_key",
            Self::WrongKey(_) => "wrong_key",
            Self::Garbage(_) => "garbage",
            Self::Equivocation(_) => "equivocation",
            Self::TooLong { .. } => "too_long",
            Self::DigestMismatch => "digest_mismatch",
            Self::Setting(_) => "setting",
            Self::NotApproved(_) => "not_approved",
        }
    }

    /// What a person does about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Throttled => "it is asked again later: raise the quota if this goes on",
            Self::Unavailable(_) => "it is asked again later: see whether it runs and is reachable",
            Self::TimedOut(_) => "it is asked again later: see the network, or allow more time",
            Self::Busy => "it is asked again later: open more sessions if this goes on",
            Self::Refused(_) => "grant this daemon the right to sign, or enable the key",
            Self::NoSuchKey(_) => "correct the name of the key, or create it",
            Self::WrongKey(_) => "register the public key of this signer, or point at another one",
            Self::Garbage(_) => "see what answers in its place",
            Self::Equivocation(_) => {
                "stop: find out who else seals this chain before anything is signed again"
            }
            Self::TooLong { .. } => "ask for less at once",
            Self::DigestMismatch => "this is a defect of the caller: report it",
            Self::Setting(_) => "correct the setting",
            Self::NotApproved(_) => "ask the approvers for an approval of this key",
        }
    }
}

impl fmt::Display for SignerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}; {}",
            self.signer,
            self.fault,
            self.fault.remedy()
        )
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Throttled => f.write_str("too many requests"),
            Self::Unavailable(how) => write!(f, "unavailable: {how}"),
            Self::TimedOut(millis) => write!(f, "no answer in {millis} ms"),
            Self::Busy => f.write_str("too many requests wait already"),
            Self::Refused(why) => write!(f, "refused: {why}"),
            Self::NoSuchKey(name) => write!(f, "there is no key `{name}`"),
            Self::WrongKey(how) => write!(f, "it is not the registered key: {how}"),
            Self::Garbage(place) => write!(f, "the answer makes no sense: {place}"),
            Self::Equivocation(what) => write!(f, "another digest is already signed: {what}"),
            Self::TooLong { bytes, most } => {
                write!(f, "`{bytes}` bytes are to be signed, {most} at most")
            }
            Self::DigestMismatch => f.write_str("the digest is not that of the payload"),
            Self::Setting(why) => f.write_str(why),
            Self::NotApproved(why) => write!(f, "not approved: {why}"),
        }
    }
}

impl Error for SignerError {}
