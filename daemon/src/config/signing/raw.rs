//! `[signing]` as it is written.

use std::path::PathBuf;

use serde::Deserialize;

/// The whole section.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawSigning {
    pub(crate) deployment: String,
    pub(crate) environment: String,
    pub(crate) keyring: PathBuf,
    pub(crate) approvers: RawApprovers,
    pub(crate) kernel_signers: Option<PathBuf>,
    pub(crate) anchor: RawAnchor,
    pub(crate) recovery: Option<PathBuf>,
    pub(crate) seal_interval_ms: Option<u64>,
    pub(crate) max_unsealed_transfers: Option<u64>,
    pub(crate) max_unsealed_seconds: Option<u64>,
    pub(crate) seal: RawKey,
    pub(crate) next: Option<RawKey>,
    pub(crate) checkpoint: Option<RawKey>,
    pub(crate) bundle: Option<RawKey>,
    pub(crate) emergency: Option<RawEmergency>,
}

/// A file, or the list itself.
#[derive(Deserialize, Debug)]
#[serde(
    untagged,
    expecting = "name a file, or give `threshold` and a list of `keys`, each with `kid`, `name`, \
                 `algorithm` and `public_key_pem`"
)]
pub(crate) enum RawApprovers {
    File(PathBuf),
    Listed(RawApproverList),
}

/// Who approves, and how many of them are needed.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawApproverList {
    pub(crate) threshold: u64,
    pub(crate) keys: Vec<RawApprover>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawApprover {
    pub(crate) kid: String,
    pub(crate) name: String,
    pub(crate) algorithm: String,
    pub(crate) public_key_pem: String,
}

/// `"proxy"`, or a directory.
#[derive(Deserialize, Debug)]
#[serde(untagged, expecting = "give `\"proxy\"` or `{ directory = \"DIR\" }`")]
pub(crate) enum RawAnchor {
    Word(RawAnchorWord),
    Place(RawAnchorPlace),
}

#[derive(Deserialize, Clone, Copy, Debug)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RawAnchorWord {
    Proxy,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawAnchorPlace {
    pub(crate) directory: PathBuf,
}

/// A key of one usage, in one of the places where keys can be.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawKey {
    pub(crate) kid: String,
    pub(crate) algorithm: Option<String>,
    pub(crate) kms: Option<RawKms>,
    pub(crate) proxy: Option<RawProxy>,
    pub(crate) pkcs11: Option<RawPkcs11>,
    pub(crate) local: Option<RawLocal>,
    pub(crate) hmac: Option<RawHmac>,
}

/// The key that seals while the regular one cannot, with the approval of doing so.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawEmergency {
    pub(crate) approval: PathBuf,
    pub(crate) public_key: Option<PathBuf>,
    pub(crate) kid: String,
    pub(crate) algorithm: String,
    pub(crate) kms: Option<RawKms>,
    pub(crate) proxy: Option<RawProxy>,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawKms {
    pub(crate) key_id: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) endpoint: Option<String>,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawProxy {
    pub(crate) url: Option<String>,
    pub(crate) ca: Option<PathBuf>,
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
    pub(crate) api_key_file: Option<PathBuf>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPkcs11 {
    pub(crate) module: PathBuf,
    pub(crate) token: String,
    pub(crate) key_label: String,
    pub(crate) pin_file: PathBuf,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawLocal {
    pub(crate) key: PathBuf,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawHmac {
    pub(crate) key_file: PathBuf,
}
