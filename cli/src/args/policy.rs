//! Policies: rules of a tenant, or of the platform, as sandboxed components.

mod author;
mod rollout;

use clap::Subcommand;

pub(crate) use author::{
    AuthorCommand, BenchArgs, ExplainArgs, Language, NewArgs, PolicyKeyArgs, ProjectArgs, SignArgs,
};
pub(crate) use rollout::{ChangeArgs, PushArgs, RolloutCommand, ScopeArgs, ShadowArgs, ShowArgs};

/// What to do with policies.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// While a policy is written, without a connection
    #[command(flatten)]
    Author(AuthorCommand),
    /// At a daemon
    #[command(flatten)]
    Rollout(RolloutCommand),
}
