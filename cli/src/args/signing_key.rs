//! A key of your own that lies elsewhere than in a file.

use std::path::PathBuf;

use clap::Args;

use super::signers::KmsArgs;

/// Where a key is that signs for you. A key in a file is named by an option of its own, in the
/// same group.
#[derive(Debug, Args)]
pub(crate) struct ElsewhereArgs {
    /// Your key is in a PKCS#11 token: the library of its maker
    #[arg(
        long,
        value_name = "FILE",
        group = "source",
        requires = "pkcs11_token",
        requires = "pkcs11_key"
    )]
    pub(crate) pkcs11_module: Option<PathBuf>,
    /// Label of the token
    #[arg(long, value_name = "LABEL")]
    pub(crate) pkcs11_token: Option<String>,
    /// Label of the key in the token
    #[arg(long, value_name = "LABEL")]
    pub(crate) pkcs11_key: Option<String>,
    /// File of the token's PIN
    #[arg(long, value_name = "FILE")]
    pub(crate) pkcs11_pin: Option<PathBuf>,
    /// Your key is in KMS: its id, ARN or alias
    #[arg(long, value_name = "KEY", group = "source")]
    pub(crate) kms_key: Option<String>,
    #[command(flatten)]
    pub(crate) kms: KmsArgs,
    /// Your key is behind a signing proxy
    #[arg(long, value_name = "URL", group = "source")]
    pub(crate) proxy: Option<String>,
    /// Certificate of the authority that vouches for the proxy, PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) proxy_ca: Option<PathBuf>,
    /// Your certificate for the proxy, PEM
    #[arg(long, value_name = "FILE", requires = "proxy_cert_key")]
    pub(crate) proxy_cert: Option<PathBuf>,
    /// The key of that certificate, PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) proxy_cert_key: Option<PathBuf>,
    /// File of your key to the proxy's interface
    #[arg(long, value_name = "FILE", conflicts_with = "proxy_cert")]
    pub(crate) proxy_api_key: Option<PathBuf>,
}
