//! The authority whose client certificates are accepted. There is one: it is pinned.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::aws_lc_rs;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;

use super::certificate::{Certificate, RevocationList};
use super::problem::Problem;
use super::provenance::Provenance;
use super::raw::RawClientCa;

/// The authority whose client certificates are accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ClientCa {
    /// Where it was read.
    pub(crate) file: PathBuf,
    /// Its certificates; several while it changes its key.
    pub(crate) certificates: Vec<Certificate>,
    /// What it has revoked.
    pub(crate) revoked: Vec<RevocationList>,
}

impl ClientCa {
    /// Reads the authority; relative paths start at `base`, `now` is in seconds since 1970.
    pub(crate) fn check(raw: &RawClientCa, base: &Path, now: i64) -> Result<Self, Problem> {
        let file = base.join(&raw.file);
        let certificates = Certificate::read_all("client_ca.file", &file)?;
        for each in &certificates {
            let bad = |fault, advice| Problem::of_file("client_ca.file", &file, fault, advice);
            if !each.is_ca {
                let subject = &each.subject;
                let fault = format!("certificate of `{subject}` is not one of an authority");
                let advice = "name the certificate of the CA that issues to clients";
                return Err(bad(fault, advice));
            }
            each.valid_at(now)
                .map_err(|fault| bad(fault, "give the authority's new certificate"))?;
        }
        let revoked = match &raw.crl {
            Some(crl) => RevocationList::read_all("client_ca.crl", &base.join(crl))?,
            None => Vec::new(),
        };
        let made = Self {
            file,
            certificates,
            revoked,
        };
        made.verifier(true).map_err(|fault| {
            let advice = "give certificates and lists as the authority signed them";
            Problem::of_file("client_ca.file", &made.file, fault, advice)
        })?;
        Ok(made)
    }

    /// Who asks certificates of clients. Without `optional` nobody connects who shows none. A list
    /// of revoked certificates that is overdue refuses everyone: what was revoked since is unknown.
    pub(crate) fn verifier(&self, optional: bool) -> Result<Arc<dyn ClientCertVerifier>, String> {
        let mut roots = RootCertStore::empty();
        for each in &self.certificates {
            roots
                .add(each.der.clone())
                .map_err(|error| format!("cannot be trusted: {error}"))?;
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        if !self.revoked.is_empty() {
            verifier = verifier
                .with_crls(self.revoked.iter().map(|list| list.der.clone()))
                .enforce_revocation_expiration();
        }
        if optional {
            verifier = verifier.allow_unauthenticated();
        }
        verifier
            .build()
            .map_err(|error| format!("cannot be used: {error}"))
    }
}

impl Provenance for ClientCa {
    fn development_mark(&self) -> Option<&'static str> {
        let is_marked = self.certificates.iter().any(|each| each.is_development);
        is_marked.then_some("client_ca.file")
    }
}
