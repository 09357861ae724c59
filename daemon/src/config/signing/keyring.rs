//! The signed keyring that the configuration names, and why it is trusted.

use std::path::{Path, PathBuf};

use verify::keyring::SignersJson;
use verify::{ApproverSet, Keyring, Name, SignedKeyring};

use crate::config::files::{self, TEXT_BYTES_MAX};
use crate::config::problem::Problem;

/// A keyring that enough of the pinned approvers signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct TrustedKeyring {
    /// Where it was read.
    pub(crate) file: PathBuf,
    /// What was read.
    pub(crate) signed: SignedKeyring,
    /// The keys that count, those revoked beside it no more.
    pub(crate) keyring: Keyring,
}

/// The list of signers by which others verify.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct KernelSigners {
    /// Where it was read.
    pub(crate) file: PathBuf,
    /// What was read.
    pub(crate) list: SignersJson,
}

const KEY: &str = "signing.keyring";

impl TrustedKeyring {
    /// Reads and verifies `file`: of this deployment and environment, by these approvers.
    pub(super) fn read(
        file: &Path,
        deployment: &Name,
        environment: &Name,
        pinned: &ApproverSet,
    ) -> Result<Self, Problem> {
        let problem = |fault: String, advice: &str| Problem::of_file(KEY, file, fault, advice);
        let bytes = files::read(file, TEXT_BYTES_MAX)
            .map_err(|fault| Problem::of_file(KEY, file, fault.to_string(), fault.advice(file)))?;
        let export = "name a file that `ledgerctl signers export` wrote";
        let signed =
            SignedKeyring::decode(&bytes).map_err(|error| problem(error.to_string(), export))?;
        let advice = "have it approved by the threshold of `signing.approvers`";
        let keyring = signed
            .verify(pinned)
            .map_err(|error| problem(error.to_string(), advice))?;
        let named = [
            ("deployment", deployment, keyring.deployment()),
            ("environment", environment, keyring.environment()),
        ];
        for (part, asked, found) in named {
            if asked != found {
                let advice = format!("name the keyring of `signing.{part}`, or correct that");
                let fault = format!("is one of {part} `{found}`, not of `{asked}`");
                return Err(problem(fault, &advice));
            }
        }
        Ok(Self {
            file: file.to_owned(),
            signed,
            keyring,
        })
    }
}

impl KernelSigners {
    /// Reads `file`.
    pub(super) fn read(file: PathBuf) -> Result<Self, Problem> {
        let key = "signing.kernel_signers";
        let bytes = files::read(&file, TEXT_BYTES_MAX).map_err(|fault| {
            Problem::of_file(key, &file, fault.to_string(), fault.advice(&file))
        })?;
        match SignersJson::decode(&bytes) {
            Ok(list) => Ok(Self { file, list }),
            Err(error) => {
                let advice = "name a file that `ledgerctl signers export` wrote for the Kernel";
                Err(Problem::of_file(key, &file, error.to_string(), advice))
            }
        }
    }
}
