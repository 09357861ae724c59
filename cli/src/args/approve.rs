//! Requests to be approved.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use verify::Kid;

use super::signing_key::ElsewhereArgs;

/// Requests to be listed, or one to be approved.
#[derive(Debug, Args)]
pub(crate) struct ApproveArgs {
    /// `list`, or the digest of a request, of which the first 8 digits are enough
    #[arg(default_value = "list", value_name = "list|REQUEST")]
    pub(crate) request: Request,
    /// A request in a file in place of the daemon's: your signature is added to it
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "request",
        requires = "keyring"
    )]
    pub(crate) file: Option<PathBuf>,
    /// With --file: the keyring that holds now
    #[arg(long, value_name = "FILE", requires = "file")]
    pub(crate) keyring: Option<PathBuf>,
    /// Your key: an Ed25519 private key, PKCS#8 PEM
    #[arg(long, value_name = "FILE", group = "source")]
    pub(crate) approver_key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) elsewhere: ElsewhereArgs,
    /// Id of your key; not needed with --approver-key
    #[arg(long, value_name = "KID")]
    pub(crate) kid: Option<Kid>,
    /// Sign without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

/// Which request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Request {
    /// All of them, to be listed.
    List,
    /// The one whose digest begins so.
    Digest(String),
}

/// Why text is not the beginning of a digest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NoRequest;

/// Fewest digits that name a request.
const DIGITS_MIN: usize = 8;

impl FromStr for Request {
    type Err = NoRequest;

    fn from_str(text: &str) -> Result<Self, NoRequest> {
        if text == "list" {
            return Ok(Self::List);
        }
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if (DIGITS_MIN..=64).contains(&text.len()) && text.bytes().all(is_digit) {
            Ok(Self::Digest(text.to_owned()))
        } else {
            Err(NoRequest)
        }
    }
}

impl fmt::Display for NoRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a request; write `list`, or 8 to 64 hexadecimal digits of its digest")
    }
}

impl std::error::Error for NoRequest {}
