//! What the variables of the runbooks say, or their flags, or the files that they name: parsed,
//! and agreed among themselves.

mod unused;

use std::path::Path;

use secrecy::ExposeSecret;
use verify::Algorithm;

use super::files::{self, TEXT_BYTES_MAX};
use super::problem::{Problem, Problems};
use super::secret::Secret;

use super::source::{Source, Sourced};
use super::url::Url;
use crate::environment::{Given, Name, Way, Words};

pub(crate) use unused::Unused;

/// What the platform says that a machine is there for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// Real money, or its rehearsal.
    Production,
    /// Development and tests.
    Development,
}

/// What the variables say; whatever is not said is none.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Variables {
    /// `NODE_ENV`
    pub(crate) place: Option<Sourced<Place>>,
    /// `PORT`
    pub(crate) port: Option<Sourced<u16>>,
    /// `REQUIRE_KMS`
    pub(crate) require_kms: Option<Sourced<bool>>,
    /// `REQUIRE_SIGNING_PROXY`
    pub(crate) require_proxy: Option<Sourced<bool>>,
    /// `AUDIT_SIGNING_KMS_KEY_ID`
    pub(crate) kms_key_id: Option<Sourced<String>>,
    /// `AUDIT_SIGNING_ALG`
    pub(crate) algorithm: Option<Sourced<Algorithm>>,
    /// `SIGNING_PROXY_URL`
    pub(crate) proxy_url: Option<Sourced<Url>>,
    /// `SIGNING_PROXY_API_KEY`
    pub(crate) proxy_api_key: Option<Sourced<Secret>>,
    /// `AUDIT_SIGNING_KEY`
    pub(crate) hmac_key: Option<Sourced<Secret>>,
    /// `MOCK_AUDIT_SIGNING_KEY`
    pub(crate) mock_key: Option<Sourced<Secret>>,
    /// `AUDIT_SIGNING_PRIVATE_KEY`
    pub(crate) private_key: Option<Sourced<Secret>>,
    /// `DEV_SKIP_MTLS`
    pub(crate) skip_mtls: Option<Sourced<bool>>,
    /// What nothing uses yet.
    pub(crate) unused: Vec<Unused>,
}

/// Why a text is not what a variable holds, and what to do.
pub(super) struct Misfit(pub(super) &'static str, pub(super) &'static str);

impl Variables {
    /// Parses them all.
    pub(crate) fn check(given: &Given, problems: &mut Problems) -> Self {
        Self {
            place: said(given, Name::NodeEnv, place, problems),
            port: said(given, Name::Port, port, problems),
            require_kms: said(given, Name::RequireKms, switch, problems),
            require_proxy: said(given, Name::RequireSigningProxy, switch, problems),
            kms_key_id: said(given, Name::AuditSigningKmsKeyId, kms_key_id, problems),
            algorithm: said(given, Name::AuditSigningAlg, algorithm, problems),
            proxy_url: said(given, Name::SigningProxyUrl, url, problems),
            proxy_api_key: said(given, Name::SigningProxyApiKey, api_key, problems),
            hmac_key: said(given, Name::AuditSigningKey, any_secret, problems),
            mock_key: said(given, Name::MockAuditSigningKey, any_secret, problems),
            private_key: said(given, Name::AuditSigningPrivateKey, private_key, problems),
            skip_mtls: said(given, Name::DevSkipMtls, switch, problems),
            unused: unused::check(given, problems),
        }
    }

    /// Whether the machine is said to be there for production.
    pub(crate) fn is_production(&self) -> bool {
        self.place
            .as_ref()
            .is_some_and(|place| place.value == Place::Production)
    }
}

/// What all that speak about `name` say, if they say one thing.
pub(super) fn said<T: PartialEq>(
    given: &Given,
    name: Name,
    parse: impl Fn(&str) -> Result<T, Misfit>,
    problems: &mut Problems,
) -> Option<Sourced<T>> {
    let mut first: Option<(Way, Sourced<T>)> = None;
    for (way, words) in given.about(name) {
        let Some(value) = problems.keep(read(name, way, words, &parse)) else {
            continue;
        };
        match &first {
            Some((before, agreed)) if agreed.value != value => {
                let (key, other) = (before.call(name), way.call(name));
                problems.push(Problem {
                    fault: format!("contradicts {other}, which says something else"),
                    advice: format!("keep {key} or {other}, or let both say the same"),
                    value: None,
                    key,
                });
            }
            Some(_) => {}
            None => {
                let source = Source::Given(name, way);
                first = Some((way, Sourced { value, source }));
            }
        }
    }
    first.map(|(_, agreed)| agreed)
}

fn read<T>(
    name: Name,
    way: Way,
    words: &Words,
    parse: impl Fn(&str) -> Result<T, Misfit>,
) -> Result<T, Problem> {
    let key = way.call(name);
    let misfit = |value: Option<String>, Misfit(fault, advice)| Problem {
        key: key.clone(),
        value,
        fault: fault.into(),
        advice: advice.into(),
    };
    match words {
        Words::Text(text) => {
            let text = text.expose_secret().trim();
            let shown = (!name.is_secret()).then(|| text.to_owned());
            parse(text).map_err(|error| misfit(shown, error))
        }
        Words::File(path) => {
            let text = secret_of(path)
                .map_err(|(fault, advice)| Problem::of_file(key.clone(), path, fault, advice))?;
            let shown = Some(path.display().to_string());
            parse(text.expose().trim()).map_err(|error| misfit(shown, error))
        }
        Words::Unreadable => Err(misfit(None, Misfit("not UTF-8", "give text"))),
    }
}

/// The secret in a file that only its owner may open, or what is wrong and what to do.
pub(crate) fn secret_of(path: &Path) -> Result<Secret, (String, String)> {
    let bytes = files::read_secret(path, TEXT_BYTES_MAX)
        .map_err(|fault| (fault.to_string(), fault.advice(path)))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| {
        (
            "not UTF-8".to_owned(),
            "write the secret as text".to_owned(),
        )
    })?;
    let secret = Secret::new(text);
    if secret.expose().trim().is_empty() {
        return Err(("is empty".into(), "write the secret into it".into()));
    }
    Ok(secret)
}

fn place(text: &str) -> Result<Place, Misfit> {
    match text.to_ascii_lowercase().as_str() {
        "production" | "staging" => Ok(Place::Production),
        "development" | "test" => Ok(Place::Development),
        _ => Err(Misfit(
            "not a place that is known",
            "set it to production, staging, development or test",
        )),
    }
}

fn port(text: &str) -> Result<u16, Misfit> {
    let misfit = Misfit("not a port", "give a number from 1 to 65535");
    text.parse().ok().filter(|port| *port != 0).ok_or(misfit)
}

fn switch(text: &str) -> Result<bool, Misfit> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err(Misfit(
            "neither true nor false",
            "set it to true or false, or unset it",
        )),
    }
}

fn kms_key_id(text: &str) -> Result<String, Misfit> {
    if text.len() > 2_048 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let advice = "give the id, the ARN or the alias of a KMS key";
        return Err(Misfit("not the name of a key", advice));
    }
    Ok(text.to_owned())
}

fn algorithm(text: &str) -> Result<Algorithm, Misfit> {
    let advice = "set it to ed25519 or rsa-sha256, or outside production to hmac-sha256";
    let misfit = Misfit("not an algorithm of signatures", advice);
    Algorithm::from_text(text).ok_or(misfit)
}

pub(super) fn url(text: &str) -> Result<Url, Misfit> {
    let advice = "give an address such as https://signer.example:8443";
    Url::parse(text).map_err(|fault| Misfit(fault, advice))
}

fn api_key(text: &str) -> Result<Secret, Misfit> {
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        let advice = "give the key alone, without a scheme such as Bearer before it";
        return Err(Misfit("has blanks or letters beyond ASCII", advice));
    }
    Ok(Secret::new(text))
}

pub(super) fn any_secret(text: &str) -> Result<Secret, Misfit> {
    Ok(Secret::new(text))
}

/// A PEM text, whose lines some tools write with `\n` between them.
fn private_key(text: &str) -> Result<Secret, Misfit> {
    use rustls_pki_types::PrivatePkcs8KeyDer;
    use rustls_pki_types::pem::PemObject;
    let text = text.replace("\\n", "\n");
    let misfit = Misfit(
        "holds no private key in PKCS#8",
        "give it in PEM: BEGIN PRIVATE KEY",
    );
    PrivatePkcs8KeyDer::from_pem_slice(text.as_bytes()).map_err(|_| misfit)?;
    Ok(Secret::new(&text))
}
