//! The configuration: a file, read and checked whole before anything is opened.
//!
//! `raw` is the file's shape; each other module turns one part of it into types that cannot hold
//! what must not run. Every problem is named, with its key, its value and what to do.

pub(crate) mod attributes;
pub(crate) mod client_ca;
pub(crate) mod deny_list;
pub(crate) mod internal;
pub(crate) mod journal;
pub(crate) mod limits;
pub(crate) mod mapping;
pub(crate) mod policy;
pub(crate) mod profile;
pub(crate) mod raw;
pub(crate) mod read;
pub(crate) mod scope;
pub(crate) mod secret;
pub(crate) mod signing;
pub(crate) mod size;
pub(crate) mod source;
pub(crate) mod table;
pub(crate) mod url;
pub(crate) mod variables;
mod warnings;

pub(crate) use ::settings::{certificate, files, hex, problem, provenance, server_identity};

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ledger::{Digest, Nanos};

use wire::endpoint::{Authorities, ClientAuthority};

pub(crate) use attributes::TenantAttributes;
pub(crate) use client_ca::ClientCa;
pub(crate) use deny_list::DenyList;
pub(crate) use journal::Journal;
pub(crate) use limits::Limits;
pub(crate) use mapping::Mapping;
pub(crate) use problem::{ConfigError, Problem};
pub(crate) use profile::Profile;
pub(crate) use scope::Given;
pub(crate) use server_identity::ServerIdentity;
pub(crate) use signing::{Signing, TrustedKeyring};
pub(crate) use variables::Variables;

use problem::Problems;
use raw::{
    Raw, RawClientCa, RawClock, RawIdentity, RawListen, RawProfile, RawScope, RawTenantAttributes,
};

use policy::DevelopmentPolicies;
use signing::Beside;
use source::{Keys, Source, Sourced};
use variables::Place;

use crate::environment::Environment;

/// Everything that the daemon runs with.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The file that it was read from.
    pub(crate) file: PathBuf,
    /// What the daemon is there for, with its address, keys and authorities.
    pub(crate) profile: Profile,
    /// Whom it listens to, ready to be asked.
    pub(crate) authorities: Arc<Authorities>,
    /// Certificates with a mapped identity.
    pub(crate) mappings: Vec<Mapping>,
    /// Who is given what beyond its role.
    pub(crate) scopes: Vec<Given>,
    /// What policies are told of tenants.
    pub(crate) tenant_attributes: Vec<TenantAttributes>,
    /// Certificates that are refused.
    pub(crate) deny_list: DenyList,
    /// Where blocks go.
    pub(crate) journal: Journal,
    /// How much of everything the daemon takes on.
    pub(crate) limits: Limits,
    /// Largest step of the wall clock that is believed; a larger one stops the books.
    pub(crate) max_clock_step: Duration,
    /// What flags and variables say.
    pub(crate) variables: Variables,
    /// Where the port comes from.
    pub(crate) listen_source: Source,
    /// Keys that the file sets.
    pub(crate) keys: Keys,
    pub(crate) environment: Environment,
}

impl Settings {
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
        let settings = Self::check(raw, keys, file, environment, now, &mut problems);
        match (settings, problems.into_vec()) {
            (Some(settings), problems) if problems.is_empty() => Ok(settings),
            (_, problems) => Err(failed(problems)),
        }
    }

    /// Reads the same file again: for a running daemon, which takes identities, authorities and
    /// lists from it and leaves the rest as it is.
    ///
    /// # Errors
    /// All that is wrong with it; what runs stays as it is.
    pub(crate) fn reload(&self, now: Nanos) -> Result<Self, ConfigError> {
        Self::load(&self.file, &self.environment, now)
    }

    /// What policies are told of everyone: the environment in which the daemon runs.
    pub(crate) fn environment_name(&self) -> String {
        let signing = self.profile.signing();
        signing.map_or_else(
            || self.profile.to_string(),
            |signing| signing.sealing.environment.to_string(),
        )
    }

    /// Who may vouch for clients, as the endpoint asks them.
    pub(crate) fn client_authorities(&self) -> Vec<ClientAuthority> {
        self.profile
            .clients()
            .into_iter()
            .map(ClientCa::authority)
            .collect()
    }

    /// Keys in which `newer` differs from what runs and that only a restart changes.
    pub(crate) fn needs_restart(&self, newer: &Self) -> Vec<&'static str> {
        let signing = match (self.profile.signing(), newer.profile.signing()) {
            (Some(now), Some(newer)) => now.needs_restart(&newer),
            (now, newer) => now.is_some() != newer.is_some(),
        };
        let differs = [
            (
                "profile",
                self.profile.to_string() != newer.profile.to_string(),
            ),
            ("listen", self.profile.listen() != newer.profile.listen()),
            ("journal", self.journal != newer.journal),
            ("signing", signing),
            (
                "policy",
                self.profile
                    .policies()
                    .needs_restart(&newer.profile.policies()),
            ),
            ("limits", self.limits != newer.limits),
            ("clock", self.max_clock_step != newer.max_clock_step),
        ];
        differs
            .into_iter()
            .filter(|(_, differs)| *differs)
            .map(|(key, _)| key)
            .collect()
    }

    /// What is not wrong and should be known.
    pub(crate) fn warnings(&self, now: Nanos) -> Vec<String> {
        let now = seconds(now);
        let mut warnings = warnings::of(self);
        for ca in self.profile.clients() {
            if ca
                .revoked
                .iter()
                .any(|list| list.next_update.is_some_and(|next| next < now))
            {
                let file = ca.file.display();
                warnings.push(format!(
                    "the revocation list of `{file}` is overdue: its clients are refused"
                ));
            }
        }
        let leaf = self.profile.server().leaf();
        if leaf.is_some_and(|leaf| leaf.not_after - now < RENEWAL_SECONDS) {
            warnings.push("the certificate of the server ends within 7 days".into());
        }
        warnings
    }

    fn check(
        raw: Raw,
        keys: Keys,
        file: &Path,
        environment: &Environment,
        now: Nanos,
        problems: &mut Problems,
    ) -> Option<Self> {
        let base = file.parent().unwrap_or(Path::new(""));
        let now = seconds(now);
        let variables = Variables::check(&environment.given, problems);
        problems.keep(check_place(raw.profile, keys.source("profile"), &variables));
        let is_production = raw.profile == RawProfile::Production;
        let listen = problems.keep(check_listen(&raw.listen, is_production, &variables));
        let (certificate, key) = (base.join(&raw.tls.certificate), base.join(&raw.tls.key));
        let server = problems.keep(ServerIdentity::read(&certificate, &key, now));
        let clients = check_clients(raw.client_ca, base, now, problems);
        let mappings = check_mappings(raw.identity, problems);
        let scopes = check_scopes(raw.scope, &clients, &mappings, problems);
        let tenant_attributes = check_attributes(raw.tenant_attributes, problems);
        let deny_list = match raw.deny_list {
            Some(list) => problems.keep(DenyList::read(&base.join(list))),
            None => Some(DenyList::default()),
        };
        let journal = problems.keep(Journal::check(&raw.journal, base));
        let beside = Beside {
            variables: &variables,
            is_production,
            base,
            journal: &base.join(&raw.journal.directory),
        };
        let signing = Signing::check(raw.signing, &beside, problems);
        let raw_policy = raw.policy.unwrap_or_default();
        let policies =
            DevelopmentPolicies::check(raw_policy, is_production, base, now, &clients, problems);
        let limits = Limits::check(&raw.limits, problems);
        let max_clock_step = problems.keep(check_clock(&raw.clock));
        let authorities = check_together(&clients);
        let Sourced { value, source } = listen?;
        let profile = Profile::check(
            raw.profile,
            server?,
            clients,
            value,
            signing,
            policies,
            problems,
        );
        Some(Self {
            file: file.to_owned(),
            profile: profile?,
            authorities: Arc::new(problems.keep(authorities)?),
            mappings,
            scopes,
            tenant_attributes,
            deny_list: deny_list?,
            journal: journal?,
            limits,
            max_clock_step: max_clock_step?,
            variables,
            listen_source: source,
            keys,
            environment: environment.clone(),
        })
    }
}

/// The page that describes the file.
const PAGE: &str = "docs/operate/configuration.md";
/// A server certificate that ends sooner is worth a word.
const RENEWAL_SECONDS: i64 = 7 * 86_400;
const CLOCK_STEP_SECONDS: u64 = 60;
const CLOCK_STEP_SECONDS_MAX: u64 = 86_400;

/// Whole seconds since 1970, as certificates count.
pub(crate) fn seconds(at: Nanos) -> i64 {
    i64::try_from(at.0 / 1_000_000_000).unwrap_or(i64::MAX)
}

/// What the platform says that the machine is there for must be what the file says.
pub(crate) fn check_place(
    profile: RawProfile,
    source: Source,
    variables: &Variables,
) -> Result<(), Problem> {
    let Some(place) = &variables.place else {
        return Ok(());
    };
    let name = place.place("profile");
    match (profile, place.value) {
        (RawProfile::Development, Place::Production) => {
            let advice =
                format!("set `profile = \"production\"`, or unset {name} on a developer's machine");
            let fault = format!("not accepted where {name} is `production` or `staging`");
            Err(Problem::of("profile", "development", fault, advice))
        }
        (RawProfile::Production, Place::Development) => {
            let says = match source {
                Source::Default => "of the file is missing, which means",
                _ => "of the file is",
            };
            let fault = format!("contradicts the configuration: `profile` {says} `production`");
            let advice = format!("set `profile = \"development\"`, or set {name} to production");
            Err(Problem::of(name, "development", fault, advice))
        }
        _ => Ok(()),
    }
}

/// The address of the file, with the port of the variable where the file says none.
fn check_listen(
    raw: &RawListen,
    is_production: bool,
    variables: &Variables,
) -> Result<Sourced<SocketAddr>, Problem> {
    let key = "listen.address";
    let advice = "give an IP address and a port, such as `0.0.0.0:7171` or `[::1]:7171`";
    let parse = |text: &String| {
        text.parse::<SocketAddr>()
            .map_err(|_| Problem::of(key, text, "not an address", advice))
    };
    let file = raw.address.as_ref().map(parse).transpose()?;
    match (file, &variables.port) {
        (Some(address), Some(port)) if address.port() != port.value => {
            let name = port.place(key);
            let fault = format!("contradicts the configuration file, where `{key}` is `{address}`");
            let advice = format!("remove {name}, or let `{key}` end with `:{}`", port.value);
            Err(Problem::of(name, port.value, fault, advice))
        }
        (Some(address), port) => {
            let source = port.as_ref().map_or(Source::File, |port| port.source);
            Ok(Sourced {
                value: address,
                source,
            })
        }
        (None, Some(port)) => {
            let ip = if is_production {
                IpAddr::from(Ipv4Addr::UNSPECIFIED)
            } else {
                IpAddr::from(Ipv4Addr::LOCALHOST)
            };
            Ok(Sourced {
                value: SocketAddr::new(ip, port.value),
                source: port.source,
            })
        }
        (None, None) => Err(Problem::missing(key, "missing, and so is PORT", advice)),
    }
}

fn check_clients(
    raw: Vec<RawClientCa>,
    base: &Path,
    now: i64,
    problems: &mut Problems,
) -> Vec<ClientCa> {
    let mut seen = BTreeSet::new();
    let mut clients = Vec::with_capacity(raw.len());
    for (at, raw) in raw.into_iter().enumerate() {
        let Some(ca) = problems.keep(ClientCa::check(raw, at, base, now)) else {
            continue;
        };
        // Each key has one authority, or what it may name would depend on the order here.
        let keys: BTreeSet<Digest> = ca.certificates.iter().map(|each| each.public_key).collect();
        if !seen.is_disjoint(&keys) {
            let fault = "the key of this authority is listed before";
            let advice = "list each authority once, with all its tenants and roles";
            problems.push(Problem::of_file(
                format!("client_ca[{at}].file"),
                &ca.file,
                fault,
                advice,
            ));
        }
        seen.extend(keys);
        clients.push(ca);
    }
    clients
}

/// Each was checked by itself before, so that together they fail only when there is none.
fn check_together(clients: &[ClientCa]) -> Result<Authorities, Problem> {
    let asked: Vec<ClientAuthority> = clients.iter().map(ClientCa::authority).collect();
    Authorities::new(&asked).map_err(|error| Problem {
        key: "client_ca".into(),
        value: None,
        fault: format!("{error}, and nobody connects without a client certificate"),
        advice: "add a `[[client_ca]]` with the CA that issues to clients".into(),
    })
}

fn check_mappings(raw: Vec<RawIdentity>, problems: &mut Problems) -> Vec<Mapping> {
    let mut mappings: Vec<Mapping> = Vec::with_capacity(raw.len());
    for (at, raw) in raw.into_iter().enumerate() {
        let Some(mapping) = problems.keep(Mapping::check(raw, at)) else {
            continue;
        };
        if mappings.iter().any(|before| before.of == mapping.of) {
            let advice = "map each certificate or URI once";
            let key = format!("identity[{at}]");
            problems.push(Problem::of(key, mapping.role, "is mapped before", advice));
        }
        mappings.push(mapping);
    }
    mappings
}

fn check_scopes(
    raw: Vec<RawScope>,
    clients: &[ClientCa],
    mappings: &[Mapping],
    problems: &mut Problems,
) -> Vec<Given> {
    let mut scopes: Vec<Given> = Vec::with_capacity(raw.len());
    for (at, raw) in raw.into_iter().enumerate() {
        let Some(given) = problems.keep(Given::check(raw, at, clients, mappings)) else {
            continue;
        };
        if scopes.iter().any(|before| before.to == given.to) {
            let (key, advice) = (format!("scope[{at}]"), "list its scopes in one entry");
            problems.push(Problem::of(key, &given.to, "is listed before", advice));
        }
        scopes.push(given);
    }
    scopes
}

fn check_attributes(
    raw: Vec<RawTenantAttributes>,
    problems: &mut Problems,
) -> Vec<TenantAttributes> {
    let mut seen = BTreeSet::new();
    let mut checked = Vec::with_capacity(raw.len());
    for (at, raw) in raw.into_iter().enumerate() {
        let Some(each) = problems.keep(TenantAttributes::check(raw, at)) else {
            continue;
        };
        if !seen.insert(each.tenant) {
            let key = format!("tenant_attributes[{at}].tenant");
            let advice = "list each tenant once, with all its attributes";
            problems.push(Problem::of(key, each.tenant, "is listed before", advice));
        }
        checked.push(each);
    }
    checked
}

fn check_clock(raw: &RawClock) -> Result<Duration, Problem> {
    let seconds = raw.max_step_seconds.unwrap_or(CLOCK_STEP_SECONDS);
    if !(1..=CLOCK_STEP_SECONDS_MAX).contains(&seconds) {
        let advice = format!("give a number from 1 to {CLOCK_STEP_SECONDS_MAX}");
        return Err(Problem::of(
            "clock.max_step_seconds",
            seconds,
            "out of range",
            advice,
        ));
    }
    Ok(Duration::from_secs(seconds))
}
