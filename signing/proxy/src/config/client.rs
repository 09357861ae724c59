//! Who may ask, how each shows who it is, and what each may ask for.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use ledger::Digest;

use super::files::{self, TEXT_BYTES_MAX};
use super::hex;
use super::problem::{Problem, Problems};
use super::raw::RawClient;

/// Somebody who may ask.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Client {
    /// What audit lines call it.
    pub(crate) name: String,
    /// How it shows who it is.
    pub(crate) proof: Proof,
    /// What it may ask for.
    pub(crate) role: Role,
}

/// How a client shows who it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Proof {
    /// A certificate with exactly this URI.
    Uri(String),
    /// The certificate with this SHA-256 of its DER bytes.
    Fingerprint(Digest),
    /// A key of which only the SHA-256 is known here.
    ApiKey(Digest),
}

/// What a client may ask for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Role {
    /// Anchors, public keys, and whether signatures verify.
    Reader,
    /// Signatures too.
    Signer,
}

impl Client {
    /// Checks all of them.
    pub(crate) fn check_all(
        raw: Vec<RawClient>,
        has_ca: bool,
        base: &Path,
        problems: &mut Problems,
    ) -> Vec<Self> {
        if raw.is_empty() {
            problems.push(Problem {
                key: "client".into(),
                value: None,
                fault: "no client is given, and nobody else is answered".into(),
                advice: "add a `[[client]]` with `uri`, `fingerprint` or `api_key_sha256`".into(),
            });
        }
        let (mut names, mut proofs) = (BTreeSet::new(), BTreeSet::new());
        let mut clients = Vec::with_capacity(raw.len());
        for (at, raw) in raw.into_iter().enumerate() {
            let Some(client) = problems.keep(Self::check(raw, at, has_ca, base)) else {
                continue;
            };
            let advice = "give each client one section, with a name and a proof of its own";
            let key = |part: &str| format!("client[{at}].{part}");
            if !names.insert(client.name.clone()) {
                let problem = Problem::of(key("name"), &client.name, "is used before", advice);
                problems.push(problem);
            }
            if !proofs.insert(client.proof.clone()) {
                let part = client.proof.key();
                problems.push(Problem {
                    key: key(part),
                    value: None,
                    fault: "is the same as that of another client".into(),
                    advice: advice.into(),
                });
            }
            clients.push(client);
        }
        clients
    }

    fn check(raw: RawClient, at: usize, has_ca: bool, base: &Path) -> Result<Self, Problem> {
        let key = |name: &str| format!("client[{at}].{name}");
        if !is_name(&raw.name) {
            let advice = "use 1 to 64 of `a` to `z`, `0` to `9`, `-`, `_` and `.`";
            return Err(Problem::of(key("name"), raw.name, "not a name", advice));
        }
        let role = match raw.role.as_str() {
            "signer" => Role::Signer,
            "reader" => Role::Reader,
            other => {
                let advice = "use `signer` or `reader`";
                return Err(Problem::of(key("role"), other, "unknown role", advice));
            }
        };
        let given = [
            raw.uri.is_some(),
            raw.fingerprint.is_some(),
            raw.api_key_sha256.is_some(),
            raw.api_key_sha256_file.is_some(),
        ];
        if given.into_iter().filter(|is| *is).count() != 1 {
            return Err(Problem::of(
                format!("client[{at}]"),
                &raw.name,
                "needs exactly one proof of who it is",
                "give one of `uri`, `fingerprint`, `api_key_sha256` and `api_key_sha256_file`",
            ));
        }
        let proof = match (raw.uri, raw.fingerprint, raw.api_key_sha256) {
            (Some(uri), ..) => uri_proof(uri, key("uri"))?,
            (_, Some(text), _) => fingerprint(&text, key("fingerprint"))?,
            (.., Some(text)) => api_key(&text, key("api_key_sha256"))?,
            _ => {
                let file = base.join(raw.api_key_sha256_file.unwrap_or_default());
                api_key_file(&file, key("api_key_sha256_file"))?
            }
        };
        if !has_ca && !matches!(proof, Proof::ApiKey(_)) {
            let part = proof.key();
            return Err(Problem {
                key: key(part),
                value: None,
                fault: "a certificate is asked for, and no authority vouches for any".into(),
                advice: "add `[client_ca]` and `[tls]`, or give the client an API key".into(),
            });
        }
        Ok(Self {
            name: raw.name,
            proof,
            role,
        })
    }
}

impl Proof {
    fn key(&self) -> &'static str {
        match self {
            Self::Uri(_) => "uri",
            Self::Fingerprint(_) => "fingerprint",
            Self::ApiKey(_) => "api_key_sha256",
        }
    }
}

/// Whether `text` can stand in audit lines and answers as it is.
pub(crate) fn is_name(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}

fn uri_proof(uri: String, key: String) -> Result<Proof, Problem> {
    let tail = uri.strip_prefix("spiffe://").unwrap_or_default();
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._/".contains(&b);
    let (domain, path) = tail.split_once('/').unwrap_or_default();
    if domain.is_empty() || path.is_empty() || tail.len() > 255 || !tail.bytes().all(fits) {
        let advice = "give the SPIFFE ID exactly as the certificate has it";
        return Err(Problem::of(key, uri, "not a SPIFFE ID", advice));
    }
    Ok(Proof::Uri(uri))
}

fn fingerprint(text: &str, key: String) -> Result<Proof, Problem> {
    let advice = "give the SHA-256 of the certificate's DER bytes in 64 hex digits";
    let digest = hex::digest(text);
    let digest = digest.ok_or_else(|| Problem::of(key, text, "not a fingerprint", advice))?;
    Ok(Proof::Fingerprint(digest))
}

/// The value is not told: whoever wrote the key itself in its place would find it in a log.
fn api_key(text: &str, key: String) -> Result<Proof, Problem> {
    let bad = |fault: &str| Problem {
        key: key.clone(),
        value: None,
        fault: fault.into(),
        advice: "give the SHA-256 of the API key in 64 hex digits, not the key".into(),
    };
    let digest = hex::digest(text).ok_or_else(|| bad("not a SHA-256"))?;
    if digest == Digest::of(b"") {
        return Err(bad("is the SHA-256 of nothing"));
    }
    Ok(Proof::ApiKey(digest))
}

fn api_key_file(file: &Path, key: String) -> Result<Proof, Problem> {
    let bytes = files::read(file, TEXT_BYTES_MAX)
        .map_err(|fault| Problem::of_file(&key, file, fault.to_string(), fault.advice(file)))?;
    let text = String::from_utf8_lossy(&bytes);
    // What `sha256sum` prints has the name of a file after the digest.
    api_key(text.split_whitespace().next().unwrap_or_default(), key)
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uri(uri) => f.write_str(uri),
            Self::Fingerprint(digest) => write!(f, "fingerprint {digest}"),
            Self::ApiKey(_) => f.write_str("API key"),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reader => "reader",
            Self::Signer => "signer",
        })
    }
}
