//! The configuration of the process in which policies run apart.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ledger::Nanos;
use serde::Deserialize;

use crate::config::internal::{End, Internal, RawInternal};
use crate::config::problem::{ConfigError, Problem, Problems};
use crate::config::profile::Loopback;
use crate::config::provenance::Issued;
use crate::config::raw::{RawListen, RawProfile, RawTls};
use crate::config::size::Size;
use crate::config::{self, Variables, read};
use crate::environment::Environment;

/// The page that describes the file.
pub(crate) const PAGE: &str = "docs/operate/policy-host.md";

/// The file as it is written.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default)]
    profile: RawProfile,
    listen: RawListen,
    tls: RawTls,
    daemon: RawDaemon,
    #[serde(default)]
    limits: RawLimits,
}

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct RawDaemon {
    ca: PathBuf,
    crl: Option<PathBuf>,
    id: String,
}

#[derive(Deserialize, Debug, Default)]
#[serde(deny_unknown_fields)]
struct RawLimits {
    workers: Option<u64>,
    policies: Option<u64>,
    calls_in_flight: Option<u64>,
    instances: Option<Size>,
    components: Option<Size>,
}

/// What the process is there for. Production holds nothing that was made for development.
#[derive(Debug)]
enum Profile {
    Production {
        internal: Issued<Internal>,
        listen: SocketAddr,
    },
    Development {
        internal: Internal,
        listen: Loopback,
    },
}

/// How much of everything the process takes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct HostLimits {
    /// Threads that run policies.
    pub(crate) workers: usize,
    /// Policies that are held ready.
    pub(crate) policies: usize,
    /// Calls that wait or run.
    pub(crate) calls_in_flight: usize,
    /// Bytes of memory of instances that are kept for the next call.
    pub(crate) instance_bytes: u64,
    /// Bytes of components that are kept to load them with other configurations.
    pub(crate) component_bytes: usize,
}

/// Everything that the process runs with.
#[derive(Debug)]
pub(crate) struct HostSettings {
    file: PathBuf,
    environment: Environment,
    profile: Profile,
    pub(crate) limits: HostLimits,
}

impl HostSettings {
    /// Reads `file` and everything that it names. `now` is what certificates are checked against.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub(crate) fn load(
        file: &Path,
        environment: &Environment,
        now: Nanos,
    ) -> Result<Self, ConfigError> {
        let failed = |problems| ConfigError {
            file: file.to_owned(),
            problems,
        };
        let (raw, keys) = read::file::<Raw>(file, PAGE).map_err(|problem| failed(vec![problem]))?;
        let mut problems = Problems::default();
        let variables = Variables::check(&environment.given, &mut problems);
        let place = config::check_place(raw.profile, keys.source("profile"), &variables);
        problems.keep(place);
        let base = file.parent().unwrap_or(Path::new(""));
        let limits = raw.limits.check(&mut problems);
        let profile = Profile::check(
            raw.profile,
            &raw.listen,
            internal(raw.tls, raw.daemon),
            base,
            config::seconds(now),
            &mut problems,
        );
        match (profile, problems.into_vec()) {
            (Some(profile), problems) if problems.is_empty() => Ok(Self {
                file: file.to_owned(),
                environment: environment.clone(),
                profile,
                limits,
            }),
            (_, problems) => Err(failed(problems)),
        }
    }

    /// Reads the same file again: who this is and who may ask are taken from it.
    ///
    /// # Errors
    /// All that is wrong with it; what runs stays as it is.
    pub(crate) fn reload(&self, now: Nanos) -> Result<Self, ConfigError> {
        Self::load(&self.file, &self.environment, now)
    }

    /// What the process shows, and whom it expects.
    pub(crate) fn internal(&self) -> &Internal {
        match &self.profile {
            Profile::Production { internal, .. } => internal.get(),
            Profile::Development { internal, .. } => internal,
        }
    }

    /// Where it listens.
    pub(crate) fn listen(&self) -> SocketAddr {
        match &self.profile {
            Profile::Production { listen, .. } => *listen,
            Profile::Development { listen, .. } => listen.get(),
        }
    }
}

fn internal(tls: RawTls, daemon: RawDaemon) -> RawInternal {
    RawInternal {
        certificate: tls.certificate,
        key: tls.key,
        ca: daemon.ca,
        crl: daemon.crl,
        id: daemon.id,
    }
}

impl Profile {
    fn check(
        profile: RawProfile,
        listen: &RawListen,
        internal: RawInternal,
        base: &Path,
        now: i64,
        problems: &mut Problems,
    ) -> Option<Self> {
        let listen = problems.keep(address(listen));
        let internal = Internal::check(internal, End::Host, base, now, &[], problems);
        let (listen, internal) = (listen?, internal?);
        match profile {
            RawProfile::Production => {
                let bad = |part| End::Host.not_for_production(part);
                let internal = problems.keep(Issued::of(internal).map_err(bad))?;
                Some(Self::Production { internal, listen })
            }
            RawProfile::Development => {
                let listen = problems.keep(Loopback::of(listen).ok_or_else(|| {
                    let fault = "profile `development` is for this machine alone";
                    let advice = "listen on 127.0.0.1 or [::1], or set `profile = \"production\"`";
                    Problem::of("listen.address", listen, fault, advice)
                }))?;
                Some(Self::Development { internal, listen })
            }
        }
    }
}

fn address(raw: &RawListen) -> Result<SocketAddr, Problem> {
    let advice = "give an IP address and a port, such as `127.0.0.1:7272` or `[::1]:7272`";
    let text = raw
        .address
        .as_ref()
        .ok_or_else(|| Problem::missing("listen.address", "missing", advice))?;
    text.parse()
        .map_err(|_| Problem::of("listen.address", text, "not an address", advice))
}

impl RawLimits {
    fn check(&self, problems: &mut Problems) -> HostLimits {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut number = |key: &str, given: Option<u64>, default: u64, most: u64| {
            let value = given.unwrap_or(default);
            if !(1..=most).contains(&value) {
                let advice = format!("give a number from 1 to {most}");
                let key = format!("limits.{key}");
                problems.push(Problem::of(key, value, "out of range", advice));
            }
            usize::try_from(value).unwrap_or(usize::MAX)
        };
        let workers = number("workers", self.workers, cores as u64, 256);
        let policies = number("policies", self.policies, 4_096, 65_536);
        let calls_in_flight = number("calls_in_flight", self.calls_in_flight, 256, 4_096);
        let mut size = |key: &str, given: Option<Size>, default: Size| {
            let value = given.unwrap_or(default);
            let (least, most) = (Size::mib(32), Size::gib(64));
            if value < least || value > most {
                let advice = format!("give a size from {least} to {most}");
                let key = format!("limits.{key}");
                problems.push(Problem::of(key, value, "out of range", advice));
            }
            value.0
        };
        let instance_bytes = size("instances", self.instances, Size::mib(256));
        let components = size("components", self.components, Size::mib(128));
        HostLimits {
            workers,
            policies,
            calls_in_flight,
            instance_bytes,
            component_bytes: usize::try_from(components).unwrap_or(usize::MAX),
        }
    }
}
