//! Faults about keys, proofs and approvals.

use std::fmt;
use std::path::PathBuf;

use ledger::Digest;
use signing::SignerError;
use verify::approval::{ApprovalError, ApprovalFault};
use verify::approver::ApproverError;
use verify::key::KeyError;
use verify::keyring::{KeyringError, SignedKeyringError};
use verify::row::RowError;
use verify::{Kid, Name};

use crate::exit::Exit;

/// Why something about keys, proofs or approvals could not be done.
#[derive(Debug)]
pub(crate) enum KeyFault {
    /// A file holds no public key that is taken.
    PublicKey(PathBuf, KeyError),
    /// A file is no keyring.
    NotAKeyring(PathBuf, KeyringError),
    /// A file is no request for approval.
    NotAnApproval(PathBuf, ApprovalError),
    /// The approvers are no set.
    Approvers(ApproverError),
    /// A signature does not count.
    NotCounted(ApprovalFault),
    /// A keyring is not what approvers signed.
    Untrusted(PathBuf, SignedKeyringError),
    /// A keyring has no signatures of approvers.
    NotApproved(PathBuf),
    /// A keyring is of another environment than that asked for.
    Environment(PathBuf, Name, Name),
    /// A line beside a proof is no row of the audit chain.
    Row(PathBuf, RowError),
    /// Rows are given for more than one proof.
    RowsOfSeveral,
    /// The keyring of now does not allow the change.
    Change(KeyringError),
    /// The daemon has no keyring that approvers signed.
    NothingApproved,
    /// There is no such key.
    NoKey(Option<Kid>),
    /// No request that is open has this digest, or several begin so.
    NoRequest(String),
    /// A request is not about this change.
    AnotherRequest(Digest),
    /// What a request would do is not clear.
    Unclear(&'static str),
    /// Nobody is named who asks.
    NobodyAsks,
    /// Nobody is there to answer a question.
    NobodyAnswers,
    /// The approver's key is not named.
    NoApproverKey,
    /// The PIN of a token is not given.
    NoPin,
    /// How a proxy knows us is not given.
    NoProxyIdentity,
    /// Which approver has the key is not said.
    WhichApprover,
    /// The key is that of no approver.
    NoApprover,
    /// A signer does not sign.
    Signer(SignerError),
    /// The clock of this machine stands outside of what can be signed.
    Clock,
}

impl KeyFault {
    /// How the process ends.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Untrusted(..)
            | Self::NotApproved(_)
            | Self::Environment(..)
            | Self::Change(_)
            | Self::NothingApproved
            | Self::NoKey(_)
            | Self::NoRequest(_)
            | Self::AnotherRequest(_)
            | Self::Unclear(_)
            | Self::NotCounted(_)
            | Self::NoApprover => Exit::Refused,
            Self::Signer(error) if error.is_retryable() => Exit::Later,
            _ => Exit::Usage,
        }
    }
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PublicKey(file, error) => write!(f, "`{}`: {error}", file.display()),
            Self::NotAKeyring(file, error) => write!(
                f,
                "`{}` is no keyring: {error}; `signers export` writes one",
                file.display()
            ),
            Self::NotAnApproval(file, error) => write!(
                f,
                "`{}` is no request for approval: {error}",
                file.display()
            ),
            Self::Approvers(error) => fmt::Display::fmt(error, f),
            Self::NotCounted(fault) => write!(f, "not signed: {fault}"),
            Self::Untrusted(file, error) => {
                write!(f, "keyring `{}` is refused: {error}", file.display())
            }
            Self::NotApproved(file) => write!(
                f,
                "keyring `{}` is refused: it has no signatures of approvers; export it with \
                 `--format keyring`",
                file.display()
            ),
            Self::Environment(file, is, asked) => write!(
                f,
                "keyring `{}` is refused: it is of environment `{is}`, not `{asked}`",
                file.display()
            ),
            Self::Row(file, error) => write!(f, "`{}`: {error}", file.display()),
            Self::RowsOfSeveral => f.write_str("`--rows` belongs to one proof; verify it alone"),
            Self::Change(error) => write!(f, "{error}; `signers list` shows how the keys stand"),
            Self::NothingApproved => f.write_str(
                "no keyring is signed by the approvers yet; ask them with `signers approve`, or \
                 export it with `--format current`",
            ),
            Self::NoKey(Some(kid)) => {
                write!(f, "no key `{kid}`; `signers list` shows which there are")
            }
            Self::NoKey(None) => f.write_str("which key is not said; give `--kid`"),
            Self::NoRequest(text) => write!(
                f,
                "not one open request `{text}`; `approve list` shows which there are"
            ),
            Self::AnotherRequest(digest) => write!(
                f,
                "request `{digest}` is about something else, or the keys have changed since; \
                 `approve list` shows it"
            ),
            other => other.about_approvers(f),
        }
    }
}

impl KeyFault {
    fn about_approvers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unclear(why) => write!(f, "not signed: {why}"),
            Self::NobodyAsks => f.write_str("who asks is not said; give `--by`"),
            Self::NobodyAnswers => f.write_str(
                "nobody is at the terminal to confirm; look at it with `approve list`, then give \
                 `--yes`",
            ),
            Self::NoApproverKey => f.write_str(
                "your key is not named; give `--approver-key`, `--pkcs11-module`, `--kms-key` or \
                 `--proxy`",
            ),
            Self::NoPin => f.write_str("the token's PIN is not given; give `--pkcs11-pin`"),
            Self::NoProxyIdentity => f.write_str(
                "how the proxy knows you is not said; give `--proxy-cert` or `--proxy-api-key`",
            ),
            Self::WhichApprover => f.write_str("which approver you are is not said; give `--kid`"),
            Self::NoApprover => {
                f.write_str("the key is that of no approver; `signers list` shows who they are")
            }
            Self::Signer(error) => fmt::Display::fmt(error, f),
            Self::Clock => f.write_str("the clock of this machine is wrong; set it"),
            // Everything else is said above.
            _ => Ok(()),
        }
    }
}

impl std::error::Error for KeyFault {}

#[cfg(test)]
mod tests {
    use signing::Fault as SignerFault;

    use super::*;

    /// What a script does next depends on the code alone, and what a person does on the words.
    #[test]
    fn faults_about_keys_say_what_to_do() {
        let signer = |fault| KeyFault::Signer(SignerError::new("kms key `a`", fault));
        let ring = || PathBuf::from("ring.json");
        let rows = [
            (
                KeyFault::NothingApproved,
                Exit::Refused,
                "`signers approve`",
            ),
            (KeyFault::NoKey(None), Exit::Refused, "give `--kid`"),
            (
                KeyFault::NoRequest("0a".to_owned()),
                Exit::Refused,
                "`approve list`",
            ),
            (
                KeyFault::AnotherRequest(Digest::ZERO),
                Exit::Refused,
                "something else",
            ),
            (KeyFault::Unclear("why"), Exit::Refused, "not signed: why"),
            (
                KeyFault::NotApproved(ring()),
                Exit::Refused,
                "`--format keyring`",
            ),
            (KeyFault::NoApprover, Exit::Refused, "who they are"),
            (KeyFault::RowsOfSeveral, Exit::Usage, "verify it alone"),
            (KeyFault::NobodyAnswers, Exit::Usage, "give `--yes`"),
            (KeyFault::NoApproverKey, Exit::Usage, "`--kms-key`"),
            (KeyFault::NoPin, Exit::Usage, "`--pkcs11-pin`"),
            (KeyFault::NoProxyIdentity, Exit::Usage, "`--proxy-api-key`"),
            (KeyFault::WhichApprover, Exit::Usage, "`--kid`"),
            (KeyFault::NobodyAsks, Exit::Usage, "`--by`"),
            (KeyFault::Clock, Exit::Usage, "set it"),
            (signer(SignerFault::Throttled), Exit::Later, "kms key `a`"),
            (signer(SignerFault::Refused("no".into())), Exit::Usage, "no"),
        ];
        for (fault, exit, words) in rows {
            assert_eq!(fault.exit(), exit, "{fault}");
            assert!(fault.to_string().contains(words), "{fault}");
        }
    }
}
