//! One end of the internal plane: what it shows, and the one peer that it expects.

use std::fmt;
use std::path::{Path, PathBuf};

use ledger::Nanos;
use wire::endpoint::{Credentials, Pin, Pinned};
use wire::identity::{PeerCertificate, SpiffeId};

use super::certificate::{Certificate, RevocationList};
use super::client_ca::{ClientCa, RESERVED_SUFFIX};
use super::problem::{Problem, Problems};
use super::provenance::Provenance;
use super::server_identity::ServerIdentity;

/// Which end it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum End {
    /// It connects.
    Daemon,
    /// It listens.
    Host,
}

/// What the file says of one end.
pub(crate) struct RawInternal {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
    pub(crate) ca: PathBuf,
    pub(crate) crl: Option<PathBuf>,
    pub(crate) id: String,
}

/// One end of the internal plane.
pub(crate) struct Internal {
    end: End,
    shown: ServerIdentity,
    /// File of the authority that vouches for both ends.
    file: PathBuf,
    roots: Vec<Certificate>,
    revoked: Vec<RevocationList>,
    peer: SpiffeId,
}

impl End {
    /// Where the file says what this end shows.
    const fn own(self) -> &'static str {
        match self {
            Self::Daemon => "policy.host",
            Self::Host => "tls",
        }
    }

    /// Where the file says whom this end expects.
    const fn others(self) -> &'static str {
        match self {
            Self::Daemon => "policy.host",
            Self::Host => "daemon",
        }
    }

    /// What is said of a part that was made for development, in production.
    pub(crate) fn not_for_production(self, part: &str) -> Problem {
        let section = match part {
            "certificate" | "key" => self.own(),
            _ => self.others(),
        };
        let fault = "made for development and not accepted in profile `production`";
        let advice = "use what your own internal authority issued";
        Problem::missing(format!("{section}.{part}"), fault, advice)
    }
}

impl Internal {
    /// Reads what this end shows and whom it expects, which none of `clients` may vouch for;
    /// relative paths start at `base`, `now` is in seconds since 1970.
    pub(crate) fn check(
        raw: RawInternal,
        end: End,
        base: &Path,
        now: i64,
        clients: &[ClientCa],
        problems: &mut Problems,
    ) -> Option<Self> {
        let (certificate, key) = (base.join(&raw.certificate), base.join(&raw.key));
        let shown = ServerIdentity::read_at(end.own(), &certificate, &key, now);
        let shown = problems.keep(shown);
        let file = base.join(&raw.ca);
        let roots = problems.keep(roots(end, &file, now));
        let revoked = match raw.crl {
            None => Some(Vec::new()),
            Some(crl) => {
                let key = format!("{}.crl", end.others());
                problems.keep(RevocationList::read_all(&key, &base.join(crl)))
            }
        };
        let peer = problems.keep(peer(end, &raw.id));
        let made = Self {
            end,
            shown: shown?,
            file,
            roots: roots?,
            revoked: revoked?,
            peer: peer?,
        };
        let apart = problems.keep(made.check_apart(clients));
        apart.and(problems.keep(made.check_shown(&certificate, now)))?;
        Some(made)
    }

    /// What it shows.
    pub(crate) fn credentials(&self) -> Credentials {
        Credentials {
            chain: self.shown.chain(),
            key: self.shown.key(),
        }
    }

    /// Whom it expects.
    pub(crate) fn pin(&self) -> Pin {
        self.pin_of(self.peer.clone())
    }

    /// The certificate that it shows.
    pub(crate) fn leaf(&self) -> Option<&Certificate> {
        self.shown.leaf()
    }

    /// Whether both ends are known by an authority that vouches for clients too, which must not be:
    /// whoever issues to tenants could issue an end of this plane.
    fn check_apart(&self, clients: &[ClientCa]) -> Result<(), Problem> {
        let is_root = |key| self.roots.iter().any(|root| root.public_key == key);
        let shared = clients
            .iter()
            .find(|ca| ca.certificates.iter().any(|each| is_root(each.public_key)));
        let Some(ca) = shared else {
            return Ok(());
        };
        let key = format!("{}.ca", self.end.others());
        let fault = format!("is the authority of clients in `{}` too", ca.file.display());
        let advice = "give this plane a root of its own, which issues to nobody else";
        Err(Problem::of_file(key, &self.file, fault, advice))
    }

    fn pin_of(&self, id: SpiffeId) -> Pin {
        Pin {
            roots: self.roots.iter().map(|each| each.der.clone()).collect(),
            crls: self.revoked.iter().map(|list| list.der.clone()).collect(),
            id,
        }
    }

    /// The peer would refuse what its authority does not vouch for: better to learn it here.
    fn check_shown(&self, file: &Path, now: i64) -> Result<(), Problem> {
        let key = format!("{}.certificate", self.end.own());
        let bad = |fault: String| {
            let advice = format!(
                "have it issued with one SPIFFE ID by the authority in `{}`",
                self.file.display()
            );
            Problem::of_file(key.clone(), file, fault, advice)
        };
        let chain = self.shown.chain();
        let leaf = chain.first().map(AsRef::as_ref).unwrap_or_default();
        let own = PeerCertificate::parse(leaf).map_err(|error| bad(error.to_string()))?;
        let pinned = Pinned::new(&self.pin_of(own.id)).map_err(|error| {
            let advice = "give certificates and lists as the authority signed them";
            let key = format!("{}.ca", self.end.others());
            Problem::of_file(key, &self.file, format!("cannot be used: {error}"), advice)
        })?;
        let now = Nanos(
            u64::try_from(now)
                .unwrap_or(0)
                .saturating_mul(1_000_000_000),
        );
        let verified = match self.end {
            End::Daemon => pinned.verify_client(&chain, now),
            End::Host => pinned.verify_server(&chain, now),
        };
        verified.map_err(|error| bad(error.to_string()))
    }
}

fn roots(end: End, file: &Path, now: i64) -> Result<Vec<Certificate>, Problem> {
    let key = format!("{}.ca", end.others());
    let roots = Certificate::read_all(&key, file)?;
    for each in &roots {
        let bad = |fault, advice| Problem::of_file(&key, file, fault, advice);
        if !each.is_ca {
            let fault = format!(
                "certificate of `{}` is not one of an authority",
                each.subject
            );
            return Err(bad(fault, "name the certificate of the internal authority"));
        }
        each.valid_at(now)
            .map_err(|fault| bad(fault, "give the authority's new certificate"))?;
    }
    Ok(roots)
}

fn peer(end: End, text: &str) -> Result<SpiffeId, Problem> {
    SpiffeId::parse(text).map_err(|error| {
        let key = format!("{}.id", end.others());
        let advice = "give the exact identity, such as spiffe://internal.example/policy-host";
        Problem::of(key, text, format!("not a SPIFFE ID: {error}"), advice)
    })
}

impl Provenance for Internal {
    fn development_mark(&self) -> Option<&'static str> {
        match self.shown.development_mark() {
            Some("tls.key") => return Some("key"),
            Some(_) => return Some("certificate"),
            None => {}
        }
        if self.roots.iter().any(|each| each.is_development) {
            Some("ca")
        } else if self.peer.trust_domain().ends_with(RESERVED_SUFFIX) {
            Some("id")
        } else {
            None
        }
    }
}

/// Whether anything differs that takes a new connection.
impl PartialEq for Internal {
    fn eq(&self, other: &Self) -> bool {
        self.shown.chain() == other.shown.chain() && self.pin() == other.pin()
    }
}

/// Without the key.
impl fmt::Debug for Internal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Internal")
            .field("end", &self.end)
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}
