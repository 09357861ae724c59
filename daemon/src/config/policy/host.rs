//! The process in which policies run apart, as the daemon reaches it: `[policy.host]`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::config::client_ca::ClientCa;
use crate::config::internal::{End, Internal, RawInternal};
use crate::config::problem::{Problem, Problems};
use crate::config::provenance::{Issued, Provenance};

/// The table as it is written.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub(crate) struct RawPolicyHost {
    address: String,
    certificate: PathBuf,
    key: PathBuf,
    ca: PathBuf,
    crl: Option<PathBuf>,
    id: String,
    silence_ms: Option<u64>,
}

/// The process in which policies run apart.
#[derive(PartialEq, Debug)]
pub(crate) struct PolicyHost {
    /// Address and port, or name and port, where it listens.
    pub(crate) address: String,
    /// What the daemon shows there, and whom it expects.
    pub(crate) internal: Internal,
    /// How long nothing may come from it before it counts as gone.
    pub(crate) silence: Duration,
}

const SILENCE_MS: u64 = 500;
const SILENCE_MS_MIN: u64 = 100;
const SILENCE_MS_MAX: u64 = 10_000;

impl PolicyHost {
    pub(super) fn check(
        raw: RawPolicyHost,
        base: &Path,
        now: i64,
        clients: &[ClientCa],
        problems: &mut Problems,
    ) -> Option<Self> {
        let address = problems.keep(address(raw.address));
        let silence = problems.keep(silence(raw.silence_ms));
        let internal = RawInternal {
            certificate: raw.certificate,
            key: raw.key,
            ca: raw.ca,
            crl: raw.crl,
            id: raw.id,
        };
        let internal = Internal::check(internal, End::Daemon, base, now, clients, problems);
        Some(Self {
            address: address?,
            internal: internal?,
            silence: silence?,
        })
    }

    pub(super) fn for_production(self) -> Result<Issued<Self>, Problem> {
        Issued::of(self).map_err(|part| End::Daemon.not_for_production(part))
    }
}

impl Provenance for PolicyHost {
    fn development_mark(&self) -> Option<&'static str> {
        self.internal.development_mark()
    }
}

fn address(text: String) -> Result<String, Problem> {
    let is_name = |name: &str| {
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        !name.is_empty() && name.len() <= 253 && name.chars().all(is_of_name)
    };
    let named = text
        .rsplit_once(':')
        .is_some_and(|(name, port)| is_name(name) && port.parse::<u16>().is_ok_and(|p| p > 0));
    if named || text.parse::<SocketAddr>().is_ok_and(|at| at.port() > 0) {
        return Ok(text);
    }
    let advice = "give an address and a port, such as `127.0.0.1:7272` or `policies.internal:7272`";
    Err(Problem::of(
        "policy.host.address",
        text,
        "not an address with a port",
        advice,
    ))
}

fn silence(given: Option<u64>) -> Result<Duration, Problem> {
    let millis = given.unwrap_or(SILENCE_MS);
    if (SILENCE_MS_MIN..=SILENCE_MS_MAX).contains(&millis) {
        return Ok(Duration::from_millis(millis));
    }
    let advice = format!("give a number from {SILENCE_MS_MIN} to {SILENCE_MS_MAX}");
    Err(Problem::of(
        "policy.host.silence_ms",
        millis,
        "out of range",
        advice,
    ))
}
