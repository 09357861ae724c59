//! Who asks: a connection's certificate, a request's API key, and the client that they stand for.

use std::net::SocketAddr;

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use ledger::Digest;
use rustls_pki_types::CertificateDer;
use subtle::{Choice, ConstantTimeEq as _};
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use crate::config::{Client, Proof};
use crate::refusal::Refusal;

/// The other end of a connection.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    /// Where it is.
    pub(crate) address: SocketAddr,
    /// What it showed in the handshake, which has been verified.
    pub(crate) certificate: Option<PeerCertificate>,
}

/// A certificate that was shown, and verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct PeerCertificate {
    /// SHA-256 of its DER bytes.
    pub(crate) fingerprint: Digest,
    /// Its one URI; none if it has none or several.
    pub(crate) uri: Option<String>,
    /// Seconds since 1970 of the last moment it is valid.
    not_after: i64,
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Caller<'a> {
    /// One of the clients.
    Client(&'a Client),
    /// Nobody who showed anything.
    Nobody,
}

impl PeerCertificate {
    /// Reads what matters of a certificate that was verified.
    pub(crate) fn read(der: &CertificateDer<'_>) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(der).ok()?;
        let names = parsed.subject_alternative_name().ok().flatten();
        let names = names.iter().flat_map(|names| &names.value.general_names);
        let mut uris = names.filter_map(|name| match name {
            GeneralName::URI(uri) => Some((*uri).to_owned()),
            _ => None,
        });
        let uri = match (uris.next(), uris.next()) {
            (Some(uri), None) => Some(uri),
            _ => None,
        };
        Some(Self {
            fingerprint: Digest::of(der),
            uri,
            not_after: parsed.validity().not_after.timestamp(),
        })
    }
}

impl Peer {
    /// What audit lines say about how it showed who it is.
    pub(crate) fn proof(&self, caller: Caller<'_>) -> String {
        match caller {
            Caller::Client(client) => client.proof.to_string(),
            Caller::Nobody => match &self.certificate {
                Some(PeerCertificate { uri: Some(uri), .. }) => uri.clone(),
                Some(certificate) => format!("fingerprint {}", certificate.fingerprint),
                None => String::new(),
            },
        }
    }

    /// Which of `clients` asks. `now` is in seconds since 1970: a connection may outlive what it
    /// was begun with.
    pub(crate) fn authenticate<'a>(
        &self,
        clients: &'a [Client],
        headers: &HeaderMap,
        now: i64,
    ) -> Result<Caller<'a>, Refusal> {
        let mut given = headers.get_all(AUTHORIZATION).into_iter();
        if let Some(first) = given.next() {
            let key = first.to_str().ok().and_then(bearer);
            return match (key, given.next()) {
                (Some(key), None) => by_api_key(clients, key),
                _ => Err(Refusal::Unknown),
            };
        }
        let Some(certificate) = &self.certificate else {
            return Ok(Caller::Nobody);
        };
        if now > certificate.not_after {
            return Err(Refusal::Unknown);
        }
        clients
            .iter()
            .find(|client| match &client.proof {
                Proof::Uri(uri) => certificate.uri.as_ref() == Some(uri),
                Proof::Fingerprint(digest) => certificate.fingerprint == *digest,
                Proof::ApiKey(_) => false,
            })
            .map(Caller::Client)
            .ok_or(Refusal::Unknown)
    }
}

/// Looks at every client, whichever is the right one, and compares digests in constant time.
fn by_api_key<'a>(clients: &'a [Client], key: &str) -> Result<Caller<'a>, Refusal> {
    let shown = Digest::of(key.as_bytes());
    let mut found = Err(Refusal::Unknown);
    for client in clients {
        let fits = match &client.proof {
            Proof::ApiKey(digest) => digest.0.ct_eq(&shown.0),
            Proof::Uri(_) | Proof::Fingerprint(_) => Choice::from(0),
        };
        if bool::from(fits) {
            found = Ok(Caller::Client(client));
        }
    }
    found
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, key) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}
