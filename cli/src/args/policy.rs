//! Policies: rules of a tenant, or of the platform, as sandboxed components.

mod author;

use clap::Subcommand;

pub(crate) use author::{
    AuthorCommand, BenchArgs, ExplainArgs, Language, NewArgs, PolicyKeyArgs, ProjectArgs, SignArgs,
};

/// What to do with policies.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// While a policy is written, without a connection
    #[command(flatten)]
    Author(AuthorCommand),
}
