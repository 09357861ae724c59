//! Signing keys.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use ledger::Digest;
use signing::{KmsConfig, KmsCredentials, Patience};
use verify::{Kid, Usage};

use super::ceremony::CeremonyCommand;
use super::head::{self, HeadText};
use crate::span::Span;

/// What to do with signing keys.
#[derive(Debug, Subcommand)]
pub(crate) enum SignersCommand {
    /// List keys with their states, and who may approve
    List,
    /// Register a public key as a candidate
    Add(AddArgs),
    /// Register the public key of a KMS key as a candidate
    PublishFromKms(FromKmsArgs),
    /// Make a candidate active: without --request, ask the approvers
    Promote(PromoteArgs),
    /// Make a key that gives way active again: without --request, ask the approvers
    Reactivate(PromoteArgs),
    /// Have an active key give way to another; run again, it signs no more
    Retire(RetireArgs),
    /// Trust a key no further than a row
    Revoke(RevokeArgs),
    /// Ask the approvers to sign the keyring as it is now, for those who verify
    Approve(AskArgs),
    /// Write the keys into a file, for those who verify
    Export(ExportArgs),
    /// In files, without a connection
    #[command(flatten)]
    Ceremony(CeremonyCommand),
}

/// Why keys are changed: both are kept in the audit chain's bodies.
#[derive(Clone, Debug, Args)]
pub(crate) struct WhyArgs {
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// The ticket that says so
    #[arg(long, value_name = "TEXT")]
    pub(crate) ticket: String,
}

/// A public key to be registered.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// Id of the key
    pub(crate) kid: Kid,
    /// What it will sign
    #[arg(long, value_name = "USAGE", value_parser = usage)]
    pub(crate) usage: Usage,
    /// The public key, PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) public_key: PathBuf,
    /// What it is, for people
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) description: String,
    #[command(flatten)]
    pub(crate) why: WhyArgs,
}

/// A KMS key whose public key is to be registered.
#[derive(Debug, Args)]
pub(crate) struct FromKmsArgs {
    /// Id that the key gets here
    pub(crate) kid: Kid,
    /// The key in KMS: its id, ARN or alias
    #[arg(long, value_name = "KEY")]
    pub(crate) key_id: String,
    /// What it will sign
    #[arg(long, value_name = "USAGE", default_value = "seal", value_parser = usage)]
    pub(crate) usage: Usage,
    /// What it is, for people
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub(crate) description: String,
    #[command(flatten)]
    pub(crate) why: WhyArgs,
    #[command(flatten)]
    pub(crate) kms: KmsArgs,
}

/// Where KMS is.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct KmsArgs {
    /// Region of KMS; the environment's without it
    #[arg(long, value_name = "REGION")]
    pub(crate) kms_region: Option<String>,
    /// Another endpoint than that of the region
    #[arg(long, value_name = "URL")]
    pub(crate) kms_endpoint: Option<String>,
}

impl KmsArgs {
    /// A key in KMS, with whatever credentials the environment has.
    pub(crate) fn config(&self, key_id: &str) -> KmsConfig {
        let boxed = |text: &Option<String>| text.as_deref().map(Into::into);
        KmsConfig {
            key_id: key_id.into(),
            region: boxed(&self.kms_region),
            endpoint_url: boxed(&self.kms_endpoint),
            credentials: KmsCredentials::Chain,
            patience: Patience::default(),
        }
    }
}

/// A request to the approvers.
#[derive(Debug, Args)]
pub(crate) struct AskArgs {
    /// Your name as the approvers know you; who asks does not count among those who approve
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Kid,
    /// How long the approvers may take
    #[arg(long, value_name = "TIME", default_value = "24h")]
    pub(crate) within: Span,
}

/// A key to be promoted.
#[derive(Debug, Args)]
pub(crate) struct PromoteArgs {
    /// Id of the key
    pub(crate) kid: Kid,
    #[command(flatten)]
    pub(crate) approved: ApprovedArgs,
}

/// Either a request to the approvers, or the request that they approved.
#[derive(Debug, Args)]
pub(crate) struct ApprovedArgs {
    /// Your name as the approvers know you; who asks does not count among those who approve
    #[arg(long, value_name = "NAME", required_unless_present = "request")]
    pub(crate) by: Option<Kid>,
    /// How long the approvers may take
    #[arg(
        long,
        value_name = "TIME",
        default_value = "24h",
        conflicts_with = "request"
    )]
    pub(crate) within: Span,
    /// Digest of the request that was approved: do what it says
    #[arg(long, value_name = "DIGEST", value_parser = head::digest, requires = "reason")]
    pub(crate) request: Option<Digest>,
    /// Why
    #[arg(long, value_name = "TEXT", requires = "ticket")]
    pub(crate) reason: Option<String>,
    /// The ticket that says so
    #[arg(long, value_name = "TEXT")]
    pub(crate) ticket: Option<String>,
}

impl ApprovedArgs {
    /// Why, which the command line demands with a request.
    pub(crate) fn why(&self) -> WhyArgs {
        WhyArgs {
            reason: self.reason.clone().unwrap_or_default(),
            ticket: self.ticket.clone().unwrap_or_default(),
        }
    }
}

/// A key that gives way.
#[derive(Debug, Args)]
pub(crate) struct RetireArgs {
    /// Id of the key
    pub(crate) kid: Kid,
    #[command(flatten)]
    pub(crate) why: WhyArgs,
}

/// A key that is no longer trusted.
#[derive(Debug, Args)]
pub(crate) struct RevokeArgs {
    /// Id of the key
    pub(crate) kid: Kid,
    /// The last row that is trusted with its digest, or `none`
    #[arg(long, value_name = "ROW:DIGEST", value_parser = trusted)]
    pub(crate) trusted: Trusted,
    #[command(flatten)]
    pub(crate) why: WhyArgs,
}

/// Keys to be written into a file.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// How
    #[arg(long, value_enum, default_value_t = Format::Keyring)]
    pub(crate) format: Format,
    /// With --format pem: the key
    #[arg(long, value_name = "KID", required_if_eq("format", "pem"))]
    pub(crate) kid: Option<Kid>,
    /// Where it goes
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// How keys are written into a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Format {
    /// Signed by the approvers, with states and ranges: what `verify` reads
    Keyring,
    /// As it is now, which the approvers may not have signed
    Current,
    /// The list that other tools read: no states, no ranges
    Signers,
    /// One public key
    Pem,
}

/// The last row that a revoked key is trusted for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Trusted(pub(crate) Option<HeadText>);

fn trusted(text: &str) -> Result<Trusted, head::NoHead> {
    match text {
        "none" => Ok(Trusted(None)),
        text => text.parse().map(|head| Trusted(Some(head))),
    }
}

/// A usage of a key that is no approver's.
pub(super) fn usage(text: &str) -> Result<Usage, &'static str> {
    Usage::from_text(text)
        .filter(|usage| *usage != Usage::Approval)
        .ok_or("not a usage; write seal, checkpoint, bundle or policy")
}
