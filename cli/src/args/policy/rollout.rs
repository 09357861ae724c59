//! Policies on their way into force, and out of it.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use verify::Kid;

use crate::span::Span;

/// What to do with policies at a daemon.
#[derive(Debug, Subcommand)]
pub(crate) enum RolloutCommand {
    /// Send a signed manifest and its component to the daemon, as a candidate
    Push(PushArgs),
    /// List policies: those in force, those before them, and candidates
    List(ScopeArgs),
    /// Show a manifest that is at the daemon
    Show(ShowArgs),
    /// Have a candidate asked beside the policies in force, and only counted
    Shadow(ShadowArgs),
    /// Put a candidate in force: without an approval, ask the approvers
    Activate(ChangeArgs),
    /// Let a policy give way to the one before it: without an approval, ask the approvers
    Rollback(ChangeArgs),
}

/// A policy to be sent.
#[derive(Debug, Args)]
pub(crate) struct PushArgs {
    /// The policy: a folder with a `policy.toml` and the `manifest.json` that `policy sign` wrote
    #[arg(default_value = ".", value_name = "FOLDER")]
    pub(crate) folder: PathBuf,
    /// The signed manifest, if it is elsewhere
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<PathBuf>,
    /// The component, if it is elsewhere; not needed where the daemon brings it
    #[arg(long, value_name = "FILE")]
    pub(crate) component: Option<PathBuf>,
}

/// Whose policies: your own, unless said otherwise.
#[derive(Clone, Debug, Args)]
pub(crate) struct ScopeArgs {
    /// Of this tenant
    #[arg(long, value_name = "NAME")]
    pub(crate) tenant: Option<String>,
    /// Of the platform
    #[arg(long, conflicts_with = "tenant")]
    pub(crate) platform: bool,
}

/// A manifest to be shown.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The manifest: its digest or the start of it
    pub(crate) manifest: String,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    /// Write the signed manifest into this file, as it was signed
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// A candidate to be asked beside others.
#[derive(Debug, Args)]
pub(crate) struct ShadowArgs {
    /// The manifest: its digest or the start of it
    pub(crate) manifest: String,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    /// How many requests of a hundred it is asked about, such as 10 or 0.5
    #[arg(long, value_name = "PERCENT", default_value = "100", value_parser = per_million)]
    pub(crate) sample: PerMillion,
    /// Ask it no more
    #[arg(long, conflicts_with = "sample")]
    pub(crate) stop: bool,
}

/// A change of policies.
#[derive(Debug, Args)]
pub(crate) struct ChangeArgs {
    /// The manifest: its digest or the start of it
    pub(crate) manifest: String,
    #[command(flatten)]
    pub(crate) scope: ScopeArgs,
    /// Your name as the approvers know you, to ask them; who asks does not count among them
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<Kid>,
    /// How long the approvers may take
    #[arg(long, value_name = "TIME", default_value = "24h")]
    pub(crate) within: Span,
}

/// Requests of a million.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct PerMillion(pub(crate) u32);

fn per_million(text: &str) -> Result<PerMillion, &'static str> {
    let error = "not a share; write 0.0001 to 100";
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > 4 || whole.len() > 3 {
        return Err(error);
    }
    let whole: u32 = whole.parse().map_err(|_| error)?;
    let part: u32 = format!("{part:0<4}").parse().map_err(|_| error)?;
    match whole * 10_000 + part {
        share @ 1..=1_000_000 => Ok(PerMillion(share)),
        _ => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_exact() {
        for (text, share) in [
            ("100", 1_000_000),
            ("10", 100_000),
            ("0.5", 5_000),
            ("0.0001", 1),
            ("33.3333", 333_333),
        ] {
            assert_eq!(per_million(text), Ok(PerMillion(share)), "{text}");
        }
        for text in ["", "0", "101", "1.00001", "-1", "1e2", ".5"] {
            assert!(per_million(text).is_err(), "{text}");
        }
    }
}
