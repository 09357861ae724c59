//! The file as it is written: shapes and nothing else. What it means is checked in the modules
//! beside this one.

use std::path::PathBuf;

use serde::Deserialize;

/// The whole file.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    #[serde(default)]
    pub(crate) profile: RawProfile,
    pub(crate) listen: RawListen,
    pub(crate) tls: Option<RawTls>,
    pub(crate) client_ca: Option<RawClientCa>,
    #[serde(default)]
    pub(crate) client: Vec<RawClient>,
    #[serde(default)]
    pub(crate) origin: Vec<RawOrigin>,
    #[serde(default)]
    pub(crate) exception: Vec<RawException>,
    #[serde(default)]
    pub(crate) key: Vec<RawKey>,
    pub(crate) state: RawState,
    pub(crate) audit: RawAudit,
    #[serde(default)]
    pub(crate) signing: RawSigning,
    #[serde(default)]
    pub(crate) limits: RawLimits,
}

/// What the proxy is there for: production, unless something else is said.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug, Default)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RawProfile {
    #[default]
    Production,
    Development,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawListen {
    pub(crate) address: String,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawTls {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawClientCa {
    pub(crate) file: PathBuf,
    pub(crate) crl: Option<PathBuf>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawClient {
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) uri: Option<String>,
    pub(crate) fingerprint: Option<String>,
    pub(crate) api_key_sha256: Option<String>,
    pub(crate) api_key_sha256_file: Option<PathBuf>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawOrigin {
    pub(crate) deployment: String,
    pub(crate) environment: String,
    pub(crate) epoch: Option<u64>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawException {
    pub(crate) deployment: String,
    pub(crate) environment: String,
    pub(crate) epoch: u64,
    pub(crate) seq: u64,
    pub(crate) digest_hex: String,
    pub(crate) reason: String,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawKey {
    pub(crate) kid: String,
    pub(crate) usage: String,
    pub(crate) algorithm: String,
    pub(crate) public_key: PathBuf,
    pub(crate) deployed_at: String,
    pub(crate) description: Option<String>,
    pub(crate) kms: Option<RawKms>,
    pub(crate) pkcs11: Option<RawPkcs11>,
    pub(crate) local: Option<RawLocal>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawKms {
    pub(crate) key_id: String,
    pub(crate) region: Option<String>,
    pub(crate) endpoint: Option<String>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPkcs11 {
    pub(crate) module: PathBuf,
    pub(crate) token: String,
    pub(crate) label: String,
    pub(crate) pin_file: PathBuf,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawLocal {
    pub(crate) file: PathBuf,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawState {
    pub(crate) directory: PathBuf,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawAudit {
    pub(crate) file: PathBuf,
    pub(crate) stdout: Option<bool>,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSigning {
    pub(crate) allow_sign_hash: Option<bool>,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawLimits {
    pub(crate) requests_per_second: Option<u64>,
    pub(crate) burst: Option<u64>,
    pub(crate) unauthenticated_per_second: Option<u64>,
    pub(crate) connections: Option<u64>,
    pub(crate) handshake_seconds: Option<u64>,
    pub(crate) header_seconds: Option<u64>,
    pub(crate) body_seconds: Option<u64>,
    pub(crate) order_milliseconds: Option<u64>,
}
