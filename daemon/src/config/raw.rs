//! The file as it is written: shapes and nothing else. What it means is checked in the modules
//! beside this one.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::policy::RawPolicy;
use super::signing::raw::RawSigning;
use super::size::Size;

/// The whole file.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    #[serde(default)]
    pub(crate) profile: RawProfile,
    pub(crate) deny_list: Option<PathBuf>,
    #[serde(default)]
    pub(crate) listen: RawListen,
    pub(crate) tls: RawTls,
    #[serde(default)]
    pub(crate) client_ca: Vec<RawClientCa>,
    #[serde(default)]
    pub(crate) identity: Vec<RawIdentity>,
    #[serde(default)]
    pub(crate) scope: Vec<RawScope>,
    #[serde(default)]
    pub(crate) tenant_attributes: Vec<RawTenantAttributes>,
    pub(crate) journal: RawJournal,
    pub(crate) signing: Option<RawSigning>,
    pub(crate) policy: Option<RawPolicy>,
    #[serde(default)]
    pub(crate) limits: RawLimits,
    #[serde(default)]
    pub(crate) clock: RawClock,
}

/// What the daemon is there for: production, unless the file says otherwise.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug, Default)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RawProfile {
    #[default]
    Production,
    Development,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawListen {
    pub(crate) address: Option<String>,
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
    pub(crate) trust_domain: String,
    pub(crate) tenants: Vec<String>,
    pub(crate) roles: Vec<String>,
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawIdentity {
    pub(crate) fingerprint: Option<String>,
    pub(crate) uri: Option<String>,
    pub(crate) tenant: Option<String>,
    pub(crate) role: String,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawScope {
    pub(crate) fingerprint: Option<String>,
    pub(crate) uri: Option<String>,
    pub(crate) scopes: Vec<String>,
}

#[derive(Deserialize, Debug)]
pub(crate) struct RawTenantAttributes {
    pub(crate) tenant: String,
    /// Every other key is the name of an attribute.
    #[serde(flatten)]
    pub(crate) attributes: BTreeMap<String, String>,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawJournal {
    pub(crate) kind: RawJournalKind,
    pub(crate) directory: PathBuf,
    pub(crate) segment_bytes: Option<Size>,
    pub(crate) snapshot_every_bytes: Option<Size>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RawJournalKind {
    Embedded,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawLimits {
    pub(crate) id_memory: Option<Size>,
    pub(crate) admission: Option<Size>,
    pub(crate) tenant_share_percent: Option<u64>,
    pub(crate) connections: Option<u64>,
    pub(crate) handshakes: Option<u64>,
    pub(crate) requests_in_flight: Option<u64>,
    pub(crate) frame_seconds: Option<u64>,
    pub(crate) query_rows: Option<u64>,
    pub(crate) accounts_per_book: Option<u64>,
    pub(crate) open_holds_per_book: Option<u64>,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawClock {
    pub(crate) max_step_seconds: Option<u64>,
}
