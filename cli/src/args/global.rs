//! Options of every command.

use std::path::PathBuf;

use clap::Args;

use crate::span::Span;

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connection and output")]
pub(crate) struct Global {
    /// A connection profile, or a folder of them such as `ledgerd dev` writes
    #[arg(long, global = true, value_name = "PATH", env = "LEDGERCTL_PROFILE")]
    pub(crate) profile: Option<PathBuf>,
    /// Which profile of the folder: the name of its file without `.toml`
    #[arg(long = "as", global = true, value_name = "NAME", env = "LEDGERCTL_AS")]
    pub(crate) identity: Option<String>,
    /// Data folder of a `ledgerd dev` on this machine, whose profiles are in `keys`; comes before
    /// --profile
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// The server, as HOST:PORT
    #[arg(long, global = true, value_name = "HOST:PORT")]
    pub(crate) connect: Option<String>,
    /// The name that the server's certificate must be for
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) server_name: Option<String>,
    /// Certificates of the authorities that vouch for the server, PEM
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Your certificate, PEM
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) cert: Option<PathBuf>,
    /// The key of your certificate, PEM
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// The book, by name or number; not needed if you can see only one
    #[arg(long, global = true, value_name = "NAME|ID", env = "LEDGERCTL_BOOK")]
    pub(crate) book: Option<String>,
    /// Print JSON instead of tables
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// How long to wait for an answer, such as 5s
    #[arg(long, global = true, value_name = "TIME", default_value = "30s")]
    pub(crate) timeout: Span,
}
