//! What the daemon is there for, with the keys and authorities that go with it.

use std::fmt;
use std::net::SocketAddr;

use super::client_ca::ClientCa;
use super::policy::{DevelopmentPolicies, PolicyPlaces, ProductionPolicies};
use super::problem::{Problem, Problems};
use super::provenance::Issued;
use super::raw::RawProfile;
use super::server_identity::ServerIdentity;
use super::signing::{DeployedKey, Key, Signing};

/// What the daemon is there for. Production holds nothing that `ledgerd dev` made, seals with a key
/// that never enters this process, and takes no code of tenants into it; neither goes without
/// client certificates: there is no variant that could say so.
#[derive(Debug)]
pub(crate) enum Profile {
    /// Real money.
    Production {
        /// What the daemon shows.
        server: Issued<ServerIdentity>,
        /// Whom it listens to; at least one.
        clients: Vec<Issued<ClientCa>>,
        /// Where it listens.
        listen: SocketAddr,
        /// Who seals.
        signing: Box<Signing<DeployedKey>>,
        /// Where policies run: not one that a tenant wrote in this process.
        policies: ProductionPolicies,
    },
    /// A developer's machine.
    Development {
        /// What the daemon shows.
        server: ServerIdentity,
        /// Whom it listens to; at least one.
        clients: Vec<ClientCa>,
        /// Where it listens.
        listen: Loopback,
        /// Who seals; nobody where it is left out.
        signing: Option<Box<Signing<Key>>>,
        /// Where policies run.
        policies: DevelopmentPolicies,
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

    /// The address.
    pub(crate) fn get(self) -> SocketAddr {
        self.0
    }
}

impl Profile {
    /// Puts the parts together, if they may stand together.
    pub(crate) fn check(
        profile: RawProfile,
        server: ServerIdentity,
        clients: Vec<ClientCa>,
        listen: SocketAddr,
        signing: Option<Signing<Key>>,
        policies: Option<DevelopmentPolicies>,
        problems: &mut Problems,
    ) -> Option<Self> {
        match profile {
            RawProfile::Production => {
                let signing = signing.and_then(|signing| signing.for_production(problems));
                let policies = policies.and_then(|policies| policies.for_production(problems));
                let server = problems.keep(Issued::of(server).map_err(not_for_production));
                let clients = clients.into_iter().enumerate().filter_map(|(at, ca)| {
                    let key = |part| not_for_production(&format!("client_ca[{at}].{part}"));
                    problems.keep(Issued::of(ca).map_err(key))
                });
                let clients = clients.collect();
                Some(Self::Production {
                    server: server?,
                    clients,
                    listen,
                    signing: Box::new(signing?),
                    policies: policies?,
                })
            }
            RawProfile::Development => {
                let listen = problems.keep(Loopback::of(listen).ok_or_else(|| {
                    let fault = "profile `development` is for this machine alone";
                    let advice = "listen on 127.0.0.1 or [::1], or set `profile = \"production\"`";
                    Problem::of("listen.address", listen, fault, advice)
                }));
                Some(Self::Development {
                    server,
                    clients,
                    listen: listen?,
                    signing: signing.map(Box::new),
                    policies: policies?,
                })
            }
        }
    }

    /// What the daemon shows.
    pub(crate) fn server(&self) -> &ServerIdentity {
        match self {
            Self::Production { server, .. } => server.get(),
            Self::Development { server, .. } => server,
        }
    }

    /// Whom it listens to; at least one.
    pub(crate) fn clients(&self) -> Vec<&ClientCa> {
        match self {
            Self::Production { clients, .. } => clients.iter().map(Issued::get).collect(),
            Self::Development { clients, .. } => clients.iter().collect(),
        }
    }

    /// Where policies run.
    pub(crate) fn policies(&self) -> PolicyPlaces<'_> {
        match self {
            Self::Production { policies, .. } => policies.places(),
            Self::Development { policies, .. } => policies.places(),
        }
    }

    /// Where it listens.
    pub(crate) fn listen(&self) -> SocketAddr {
        match self {
            Self::Production { listen, .. } => *listen,
            Self::Development { listen, .. } => listen.0,
        }
    }

    /// Who seals, with keys of any kind; nobody, where development leaves it out.
    pub(crate) fn signing(&self) -> Option<Signing<Key>> {
        match self {
            Self::Production { signing, .. } => Some(signing.any()),
            Self::Development { signing, .. } => signing.as_deref().cloned(),
        }
    }
}

fn not_for_production(key: &str) -> Problem {
    Problem {
        key: key.into(),
        value: None,
        fault: "made for development and not accepted in profile `production`".into(),
        advice: "use what your own authority issued".into(),
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
