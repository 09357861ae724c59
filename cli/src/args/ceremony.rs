//! What is done with keys in files, where no daemon runs or none can sign.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};
use verify::{Kid, Name, Usage};

use super::head::HeadText;
use crate::span::Span;

/// What is done with keys in files, without a connection.
#[derive(Debug, Subcommand)]
pub(crate) enum CeremonyCommand {
    /// Write the first keyring of a deployment into a file
    Init(InitArgs),
    /// Draft a request to trust a keyring, for `approve --file`
    Draft(DraftArgs),
    /// Draft a request to let an emergency signer sign for a while, for `approve --file`
    Emergency(EmergencyArgs),
    /// Draft a request to go on from an older journal, for `approve --file`
    Recover(RecoverArgs),
    /// Join a keyring and its approval into the file that daemons and `verify` read
    Assemble(AssembleArgs),
}

/// The first keyring.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// Name of the deployment
    #[arg(long, value_name = "NAME")]
    pub(crate) deployment: Name,
    /// Its environment, such as `production`
    #[arg(long, value_name = "NAME")]
    pub(crate) environment: Name,
    /// Who may approve: name, id of the key and its public half, PEM
    #[arg(long, required = true, value_name = "NAME=KID=FILE")]
    pub(crate) approver: Vec<ApproverText>,
    /// How many of them must
    #[arg(long, value_name = "N")]
    pub(crate) threshold: usize,
    /// A key that is active from the first row on: its id, usage and public half, PEM
    #[arg(long, required = true, value_name = "KID=USAGE=FILE")]
    pub(crate) with: Vec<KeyText>,
    /// Where the keyring goes
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// A request that is written into a file.
#[derive(Debug, Args)]
pub(crate) struct PaperArgs {
    /// The keyring that holds now: of `init`, or of `signers export --format current`
    #[arg(long, value_name = "FILE")]
    pub(crate) keyring: PathBuf,
    /// Your name as the approvers know you; who asks does not count among those who approve
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Kid,
    /// How long the approvers may take, and what they approved may be used
    #[arg(long, value_name = "TIME", default_value = "24h")]
    pub(crate) within: Span,
    /// Where the request goes
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// A keyring to be trusted.
#[derive(Debug, Args)]
pub(crate) struct DraftArgs {
    #[command(flatten)]
    pub(crate) paper: PaperArgs,
}

/// An emergency signer.
#[derive(Debug, Args)]
pub(crate) struct EmergencyArgs {
    /// Id of the key
    pub(crate) kid: Kid,
    /// Its public half, PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) public_key: PathBuf,
    /// How long it may sign, from now on
    #[arg(long = "for", value_name = "TIME", default_value = "24h")]
    pub(crate) signs: Span,
    #[command(flatten)]
    pub(crate) paper: PaperArgs,
}

/// A journal that is older than what is known outside.
#[derive(Debug, Args)]
pub(crate) struct RecoverArgs {
    /// The row that is known outside and given up, as the daemon names it
    #[arg(long, value_name = "ROW:DIGEST")]
    pub(crate) anchor: HeadText,
    /// The epoch that begins: above every one before
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..))]
    pub(crate) epoch: u64,
    #[command(flatten)]
    pub(crate) paper: PaperArgs,
}

/// A keyring and its approval.
#[derive(Debug, Args)]
pub(crate) struct AssembleArgs {
    /// The keyring
    #[arg(long, value_name = "FILE")]
    pub(crate) keyring: PathBuf,
    /// Its approval, signed by enough approvers
    #[arg(long, value_name = "FILE")]
    pub(crate) approval: PathBuf,
    /// Where the signed keyring goes
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// `NAME=KID=FILE`
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ApproverText {
    pub(crate) name: Name,
    pub(crate) kid: Kid,
    pub(crate) file: PathBuf,
}

/// `KID=USAGE=FILE`
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct KeyText {
    pub(crate) kid: Kid,
    pub(crate) usage: Usage,
    pub(crate) file: PathBuf,
}

impl FromStr for ApproverText {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let parse = || {
            let (name, rest) = text.split_once('=')?;
            let (kid, file) = rest.split_once('=').filter(|(_, file)| !file.is_empty())?;
            Some(Self {
                name: Name::new(name).ok()?,
                kid: Kid::new(kid).ok()?,
                file: file.into(),
            })
        };
        parse().ok_or("not an approver; write NAME=KID=FILE, such as ann=approver-ann=ann.pem")
    }
}

impl FromStr for KeyText {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        let parse = || {
            let (kid, rest) = text.split_once('=')?;
            let (usage, file) = rest.split_once('=').filter(|(_, file)| !file.is_empty())?;
            Some(Self {
                kid: Kid::new(kid).ok()?,
                usage: super::signers::usage(usage).ok()?,
                file: file.into(),
            })
        };
        parse().ok_or("not a key; write KID=USAGE=FILE, such as seal-1=seal=seal-1.pem")
    }
}
