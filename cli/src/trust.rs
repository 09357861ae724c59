//! What is trusted: a keyring, by itself or by its approvers.

use std::path::Path;

use verify::{Keyring, SignedKeyring};

use crate::args::TrustArgs;
use crate::fault::{Fault, KeyFault};
use crate::files;

/// Longest keyring that is read, in bytes.
const KEYRING_BYTES_MAX: u64 = 4 << 20;

/// The keys that are trusted, and why.
pub(crate) struct Trust {
    pub(crate) keyring: Keyring,
    /// What the trust rests on, for people.
    pub(crate) anchor: String,
}

impl Trust {
    /// Loads what the command line names.
    pub(crate) fn load(args: &TrustArgs) -> Result<Self, Fault> {
        let trust = match &args.approvers {
            Some(approvers) => Self::approved(&args.keyring, approvers)?,
            None => Self::given(&args.keyring)?,
        };
        match &args.environment {
            Some(name) if name != trust.keyring.environment() => {
                let found = trust.keyring.environment().clone();
                let (file, asked) = (args.keyring.clone(), name.clone());
                Err(KeyFault::Environment(file, found, asked).into())
            }
            _ => Ok(trust),
        }
    }

    /// A keyring that enough of the approvers of another file signed.
    fn approved(file: &Path, approvers: &Path) -> Result<Self, Fault> {
        let pinned = read(approvers)?;
        let pinned = pinned.keyring().approvers();
        let File::Signed(signed) = read(file)? else {
            return Err(KeyFault::NotApproved(file.to_owned()).into());
        };
        let verified = signed.verify(pinned);
        let keyring = verified.map_err(|error| KeyFault::Untrusted(file.to_owned(), error))?;
        let (need, all) = (pinned.threshold(), pinned.iter().count());
        let anchor = format!("approved by {need} of the {all} approvers that you gave");
        Ok(Self { keyring, anchor })
    }

    /// A keyring that is trusted because it was given.
    pub(crate) fn given(file: &Path) -> Result<Self, Fault> {
        let (keyring, by) = match read(file)? {
            File::Plain(keyring) => (keyring, "signed by nobody"),
            File::Signed(signed) => {
                let verified = signed.verify(signed.keyring.approvers());
                let keyring =
                    verified.map_err(|error| KeyFault::Untrusted(file.to_owned(), error))?;
                (keyring, "signed by the approvers that it names itself")
            }
        };
        let anchor = format!("given by you, {by}");
        Ok(Self { keyring, anchor })
    }
}

/// The keyring in a file, signed or not.
pub(crate) fn keyring(file: &Path) -> Result<Keyring, Fault> {
    Ok(match read(file)? {
        File::Signed(signed) => signed.keyring,
        File::Plain(keyring) => keyring,
    })
}

/// A file of keys.
enum File {
    Signed(Box<SignedKeyring>),
    Plain(Keyring),
}

impl File {
    fn keyring(&self) -> &Keyring {
        match self {
            Self::Signed(signed) => &signed.keyring,
            Self::Plain(keyring) => keyring,
        }
    }
}

fn read(file: &Path) -> Result<File, Fault> {
    let bytes = files::read(file, KEYRING_BYTES_MAX)?;
    if let Ok(signed) = SignedKeyring::decode(&bytes) {
        return Ok(File::Signed(Box::new(signed)));
    }
    let keyring = Keyring::decode(&bytes);
    keyring
        .map(File::Plain)
        .map_err(|error| KeyFault::NotAKeyring(file.to_owned(), error).into())
}
