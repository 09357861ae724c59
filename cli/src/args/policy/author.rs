//! What authors of policies do, without a connection.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use verify::{Kid, Name};

use crate::args::signing_key::ElsewhereArgs;

/// What authors of policies do, without a connection.
#[derive(Debug, Subcommand)]
pub(crate) enum AuthorCommand {
    /// Begin a policy: a folder with a rule, its cases and how it is built
    New(NewArgs),
    /// Show what a component is, and whether a daemon would take it
    Check(ProjectArgs),
    /// Run the cases under the limits of production, and show where the policy decides otherwise
    Test(ProjectArgs),
    /// Measure what the policy costs with batches of several sizes
    Bench(BenchArgs),
    /// Show why the policy decides a case as it does
    Explain(ExplainArgs),
    /// Sign component, configuration, limits and cases as one manifest
    Sign(Box<SignArgs>),
    /// Compile a component from standard input, within the limits of a daemon
    #[command(hide = true)]
    Compile,
}

/// A policy to be begun.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The folder to make; its name is that of the policy: 1 to 32 of a-z, 0-9 and -
    pub(crate) folder: PathBuf,
    /// What the policy is written in
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) lang: Language,
}

/// What a policy is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub(crate) enum Language {
    /// Rust: small and fast
    Rust,
    /// JavaScript
    Js,
    /// Python
    Python,
}

/// A policy that is being written.
#[derive(Debug, Args)]
pub(crate) struct ProjectArgs {
    /// The policy: a folder with a `policy.toml`
    #[arg(default_value = ".", value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
}

/// A policy to be measured.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
    /// Calls for each size of a batch; less where that would take longer than 10 s
    #[arg(long, value_name = "N", default_value = "200")]
    pub(crate) calls: NonZeroU32,
}

/// A case to be explained.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Name of the case
    pub(crate) case: String,
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
}

/// A policy to be signed.
#[derive(Debug, Args)]
pub(crate) struct SignArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArgs,
    #[command(flatten)]
    pub(crate) whose: WhoseArgs,
    /// Name of the deployment it is for
    #[arg(long, value_name = "NAME")]
    pub(crate) deployment: Name,
    /// Its environment, such as `production`
    #[arg(long, value_name = "NAME")]
    pub(crate) environment: Name,
    /// Id of the policy key, as the deployment knows it
    #[arg(long, value_name = "KID")]
    pub(crate) kid: Kid,
    #[command(flatten)]
    pub(crate) key: PolicyKeyArgs,
    /// Where the signed manifest goes; `manifest.json` in the folder without it
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// Whose requests a policy decides.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct WhoseArgs {
    /// The tenant whose requests it decides
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: Option<Name>,
    /// It decides everybody's requests
    #[arg(long)]
    pub(crate) platform: bool,
}

/// Where the policy key is.
#[derive(Debug, Args)]
pub(crate) struct PolicyKeyArgs {
    /// It is an Ed25519 private key in a file, PKCS#8 PEM
    #[arg(
        long,
        value_name = "FILE",
        group = "source",
        required_unless_present_any = ["pkcs11_module", "kms_key", "proxy"]
    )]
    pub(crate) policy_key: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) elsewhere: ElsewhereArgs,
    /// Its public half, PEM; needed with --proxy, which does not tell it
    #[arg(long, value_name = "FILE")]
    pub(crate) policy_public_key: Option<PathBuf>,
}
