//! What the proxy is there for, with the address, certificates and keys that go with it.

use std::fmt;
use std::net::SocketAddr;

use super::key::Key;
use super::problem::{Problem, Problems};
use super::provenance::Issued;
use super::raw::RawProfile;
use super::tls::Tls;

/// What the proxy is there for. Production knows neither plain HTTP nor a key in a file: there is
/// no variant that could say so.
#[derive(Debug)]
pub(crate) enum Profile {
    /// Signatures that count.
    Production {
        /// Where it listens.
        listen: SocketAddr,
        /// What it shows, and whom it asks.
        tls: Issued<Tls>,
        /// Its keys.
        keys: Vec<Issued<Key>>,
    },
    /// A developer's machine.
    Development {
        /// Where it listens.
        listen: Loopback,
        /// What it shows, and whom it asks; none for plain HTTP.
        tls: Option<Tls>,
        /// Its keys.
        keys: Vec<Key>,
    },
}

/// An address that only this machine reaches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Loopback(SocketAddr);

impl Loopback {
    /// Takes an address of this machine alone.
    pub(crate) fn of(address: SocketAddr) -> Option<Self> {
        address.ip().is_loopback().then_some(Self(address))
    }
}

impl Profile {
    /// Puts the parts together, if they may stand together.
    pub(crate) fn check(
        profile: RawProfile,
        listen: SocketAddr,
        tls: Option<Tls>,
        keys: Vec<Key>,
        problems: &mut Problems,
    ) -> Option<Self> {
        match profile {
            RawProfile::Production => {
                let tls = problems.keep(tls.ok_or_else(no_tls))?;
                let tls = problems.keep(Issued::of(tls).map_err(not_for_production));
                let keys = keys.into_iter().filter_map(|key| {
                    let at = key.at;
                    let marked = |part| not_for_production(&format!("key[{at}].{part}"));
                    problems.keep(Issued::of(key).map_err(marked))
                });
                let keys = keys.collect();
                Some(Self::Production {
                    listen,
                    tls: tls?,
                    keys,
                })
            }
            RawProfile::Development => {
                let listen = problems.keep(Loopback::of(listen).ok_or_else(|| {
                    let fault = "profile `development` is for this machine alone";
                    let advice = "listen on 127.0.0.1 or [::1], or set `profile = \"production\"`";
                    Problem::of("listen.address", listen, fault, advice)
                }));
                Some(Self::Development {
                    listen: listen?,
                    tls,
                    keys,
                })
            }
        }
    }

    /// Where it listens.
    pub(crate) fn listen(&self) -> SocketAddr {
        match self {
            Self::Production { listen, .. } => *listen,
            Self::Development { listen, .. } => listen.0,
        }
    }

    /// What it shows, and whom it asks; none for plain HTTP.
    pub(crate) fn tls(&self) -> Option<&Tls> {
        match self {
            Self::Production { tls, .. } => Some(tls.get()),
            Self::Development { tls, .. } => tls.as_ref(),
        }
    }

    /// Its keys.
    pub(crate) fn keys(&self) -> Vec<&Key> {
        match self {
            Self::Production { keys, .. } => keys.iter().map(Issued::get).collect(),
            Self::Development { keys, .. } => keys.iter().collect(),
        }
    }

    /// Whether signatures count.
    pub(crate) fn is_production(&self) -> bool {
        matches!(self, Self::Production { .. })
    }
}

fn no_tls() -> Problem {
    Problem {
        key: "tls".into(),
        value: None,
        fault: "missing, and profile `production` is served over HTTPS alone".into(),
        advice: "add `[tls]` with `certificate` and `key`".into(),
    }
}

fn not_for_production(key: &str) -> Problem {
    Problem {
        key: key.into(),
        value: None,
        fault: "made for development and not accepted in profile `production`".into(),
        advice: if key.starts_with("key[") {
            "hold the key in KMS or in a PKCS#11 token".into()
        } else {
            "use what your own authority issued".into()
        },
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Production { .. } => "production",
            Self::Development { .. } => "development",
        })
    }
}
