//! The configuration: a file, read and checked whole before anything is opened.
//!
//! `raw` is the file's shape; each other module turns one part of it into types that cannot hold
//! what must not run. Every problem is named, with its key, its value and what to do.

pub(crate) mod client;
pub(crate) mod client_ca;
pub(crate) mod key;
pub(crate) mod limits;
pub(crate) mod origin;
pub(crate) mod profile;
pub(crate) mod raw;
pub(crate) mod read;
pub(crate) mod show;
pub(crate) mod tls;

pub(crate) use ::settings::{certificate, files, hex, problem, provenance, server_identity};

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::ServerConfig;
use verify::Micros;

pub(crate) use client::{Client, Proof, Role};
pub(crate) use limits::Limits;
pub(crate) use origin::Origins;
pub(crate) use problem::{ConfigError, Problem};
pub(crate) use profile::Profile;

use client_ca::ClientCa;
use key::Key;
use problem::Problems;
use raw::{Raw, RawListen, RawProfile};
use server_identity::ServerIdentity;
use tls::Tls;

use crate::clock;
use crate::environment::Environment;
use crate::state::Exception;

/// Everything that the proxy runs with.
#[derive(Debug)]
pub(crate) struct Settings {
    /// The file that it was read from.
    pub(crate) file: PathBuf,
    /// What the proxy is there for, with its address, certificates and keys.
    pub(crate) profile: Profile,
    /// How connections are taken; none for plain HTTP.
    pub(crate) acceptor: Option<Arc<ServerConfig>>,
    /// Who may ask.
    pub(crate) clients: Vec<Client>,
    /// Chains that may be signed.
    pub(crate) origins: Origins,
    /// Rows that may have their place although the rules say otherwise.
    pub(crate) exceptions: Vec<Exception>,
    /// Where it is kept what was signed.
    pub(crate) state: PathBuf,
    /// Where it is kept who asked for what.
    pub(crate) audit: PathBuf,
    /// Whether audit lines go to standard output too.
    pub(crate) audit_to_stdout: bool,
    /// Whether digests are signed of which nothing is known.
    pub(crate) allow_sign_hash: bool,
    /// How much of everything the proxy takes on.
    pub(crate) limits: Limits,
}

impl Settings {
    /// Reads `file` and everything that it names. `now` is what certificates are checked against.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub(crate) fn load(
        file: &Path,
        environment: &Environment,
        now: Micros,
    ) -> Result<Self, ConfigError> {
        let raw = read::raw(file).map_err(|problem| ConfigError::of(file, problem))?;
        let mut problems = Problems::default();
        let settings = Self::check(raw, file, environment, now, &mut problems);
        match (settings, problems.into_vec()) {
            (Some(settings), problems) if problems.is_empty() => Ok(settings),
            (_, problems) => Err(ConfigError {
                file: file.to_owned(),
                problems,
            }),
        }
    }

    /// What is not wrong and should be known.
    pub(crate) fn warnings(&self, now: Micros) -> Vec<String> {
        let now = clock::seconds(now);
        let mut warnings = Vec::new();
        let Some(tls) = self.profile.tls() else {
            return vec!["requests come over plain HTTP: this is for development alone".into()];
        };
        let leaf = tls.server.leaf();
        if leaf.is_some_and(|leaf| leaf.not_after - now < RENEWAL_SECONDS) {
            warnings.push("the certificate of the server ends within 7 days".into());
        }
        let lists = tls.clients.iter().flat_map(|ca| &ca.revoked);
        if lists
            .filter_map(|list| list.next_update)
            .any(|next| next < now)
        {
            warnings.push("a revocation list is overdue: client certificates are refused".into());
        }
        if self.profile.is_production() && self.allow_sign_hash {
            warnings.push("`signing.allow_sign_hash` is on: digests are signed blindly".into());
        }
        for each in &self.exceptions {
            let (deployment, environment) = (&each.deployment, &each.environment);
            let (epoch, seq, digest) = (each.epoch, each.seq, each.digest);
            warnings.push(format!(
                "exception: `{digest}` may have place {seq} of {deployment}/{environment} in \
                 epoch {epoch}, once"
            ));
        }
        warnings
    }

    fn check(
        raw: Raw,
        file: &Path,
        environment: &Environment,
        now: Micros,
        problems: &mut Problems,
    ) -> Option<Self> {
        let base = file.parent().unwrap_or(Path::new(""));
        let now = clock::seconds(now);
        check_place(raw.profile, environment, problems);
        let listen = problems.keep(check_listen(&raw.listen));
        let ca = match &raw.client_ca {
            Some(ca) => problems.keep(ClientCa::check(ca, base, now)),
            None => None,
        };
        let has_ca = raw.client_ca.is_some() && raw.tls.is_some();
        let clients = Client::check_all(raw.client, has_ca, base, problems);
        let tls = match &raw.tls {
            Some(tls) => {
                let (certificate, key) = (base.join(&tls.certificate), base.join(&tls.key));
                let server = problems.keep(ServerIdentity::read(&certificate, &key, now));
                server.map(|server| Tls {
                    server,
                    clients: ca,
                })
            }
            None => None,
        };
        let has_api_keys = clients
            .iter()
            .any(|each| matches!(each.proof, Proof::ApiKey(_)));
        let acceptor = match &tls {
            Some(tls) => problems.keep(tls.acceptor(has_api_keys)).map(Arc::new),
            None => None,
        };
        let keys = Key::check_all(raw.key, base, problems);
        let origins = Origins::check(raw.origin, raw.profile, problems);
        let exceptions = origin::exceptions(raw.exception, problems);
        let state = problems.keep(check_path("state.directory", &raw.state.directory, base));
        let audit = problems.keep(check_path("audit.file", &raw.audit.file, base));
        let limits = Limits::check(&raw.limits, problems);
        // A certificate that could not be read is told already: it is not missing.
        let is_told = raw.tls.is_some() && tls.is_none();
        if is_told {
            return None;
        }
        let profile = Profile::check(raw.profile, listen?, tls, keys, problems);
        Some(Self {
            file: file.to_owned(),
            profile: profile?,
            acceptor,
            clients,
            origins: origins?,
            exceptions,
            state: state?,
            audit: audit?,
            audit_to_stdout: raw.audit.stdout.unwrap_or(false),
            allow_sign_hash: raw
                .signing
                .allow_sign_hash
                .unwrap_or(raw.profile == RawProfile::Development),
            limits,
        })
    }
}

/// A server certificate that ends sooner is worth a word.
const RENEWAL_SECONDS: i64 = 7 * 86_400;

fn check_place(profile: RawProfile, environment: &Environment, problems: &mut Problems) {
    match profile {
        RawProfile::Development if environment.is_production() => {
            let advice = "set `profile = \"production\"`, or unset NODE_ENV on a developer's \
                          machine";
            let fault = "not accepted where NODE_ENV is `production`";
            problems.push(Problem::of("profile", "development", fault, advice));
        }
        RawProfile::Development => {}
        RawProfile::Production => {
            for name in &environment.not_for_production {
                problems.push(Problem {
                    key: (*name).to_owned(),
                    value: None,
                    fault: "is set, and has no place in profile `production`".into(),
                    advice: format!("unset {name}, or set `profile = \"development\"`"),
                });
            }
        }
    }
}

fn check_listen(raw: &RawListen) -> Result<SocketAddr, Problem> {
    raw.address.parse().map_err(|_| {
        let advice = "give an IP address and a port, such as `0.0.0.0:8443` or `[::1]:8443`";
        Problem::of("listen.address", &raw.address, "not an address", advice)
    })
}

fn check_path(key: &str, path: &Path, base: &Path) -> Result<PathBuf, Problem> {
    if path.as_os_str().is_empty() {
        let advice = "give a path on a disk of this machine";
        return Err(Problem::of(key, "", "names nothing", advice));
    }
    Ok(base.join(path))
}
