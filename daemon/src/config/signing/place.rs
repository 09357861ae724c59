//! Places outside of this process where a key can be: KMS, a signing proxy, a PKCS#11 module.

use std::path::{Path, PathBuf};

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::raw::{RawKms, RawPkcs11, RawProxy};
use crate::config::files::{self, TEXT_BYTES_MAX};
use crate::config::problem::{Problem, Problems};
use crate::config::secret::Secret;
use crate::config::source::{self, Sourced};
use crate::config::url::Url;
use crate::config::variables;

/// Where a key is that never enters this process.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// AWS KMS.
    Kms(Kms),
    /// A signing proxy.
    Proxy(Proxy),
    /// A PKCS#11 module.
    Pkcs11(Pkcs11),
}

/// A key in AWS KMS.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Kms {
    /// Id, ARN or alias.
    pub(crate) key_id: Sourced<String>,
    /// Its region; the SDK's usual sources say it unless given.
    pub(crate) region: Option<String>,
    /// Where KMS answers; the SDK knows unless given.
    pub(crate) endpoint: Option<Url>,
}

/// A signing proxy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Proxy {
    /// Where it answers.
    pub(crate) url: Sourced<Url>,
    /// The authorities that may vouch for it, as PEM; none for plain HTTP.
    pub(crate) ca_pem: Option<String>,
    /// How it knows us.
    pub(crate) identity: ProxyIdentity,
}

/// How a signing proxy knows us.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ProxyIdentity {
    /// By a client certificate.
    Certificate {
        /// The certificate and those that vouch for it, as PEM.
        chain_pem: String,
        /// Its private key, as PEM.
        key_pem: Secret,
    },
    /// By a key in each request.
    ApiKey(Sourced<Secret>),
}

/// A key behind a PKCS#11 module.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Pkcs11 {
    /// The module's library.
    pub(crate) module: PathBuf,
    /// Label of the token.
    pub(crate) token: String,
    /// Label of the key on it.
    pub(crate) key_label: String,
    /// What opens the token.
    pub(crate) pin: Secret,
}

/// What flags and variables say about a place; nothing for keys that they do not speak about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spoken {
    pub(crate) key_id: Option<Sourced<String>>,
    pub(crate) url: Option<Sourced<Url>>,
    pub(crate) api_key: Option<Sourced<Secret>>,
}

impl Place {
    /// What it is called.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Kms(_) => "kms",
            Self::Proxy(_) => "proxy",
            Self::Pkcs11(_) => "pkcs11",
        }
    }
}

impl Kms {
    /// Checks the table at `key`.
    pub(super) fn check(
        raw: RawKms,
        key: &str,
        spoken: Spoken,
        problems: &mut Problems,
    ) -> Option<Self> {
        let show = |id: &String| Some(id.clone());
        let id = source::agree(&format!("{key}.key_id"), spoken.key_id, raw.key_id, show);
        let id = problems.keep(id)?.filter(|id| !id.value.trim().is_empty());
        let id = problems.keep(id.ok_or_else(|| {
            let advice = "give the id, ARN or alias of the key there or in \
                          AUDIT_SIGNING_KMS_KEY_ID";
            Problem::missing(format!("{key}.key_id"), "names no key", advice)
        }));
        let endpoint = raw.endpoint.map(|text| {
            Url::parse(&text).map_err(|fault| {
                let advice = "give an address such as https://kms.eu-central-1.amazonaws.com";
                Problem::of(format!("{key}.endpoint"), text, fault, advice)
            })
        });
        let endpoint = problems.keep(endpoint.transpose());
        Some(Self {
            key_id: id?,
            region: raw.region,
            endpoint: endpoint?,
        })
    }
}

impl Proxy {
    /// Checks the table at `key`; relative paths start at `base`.
    pub(super) fn check(
        raw: RawProxy,
        key: &str,
        spoken: Spoken,
        base: &Path,
        problems: &mut Problems,
    ) -> Option<Self> {
        let url = problems.keep(address(raw.url, key, spoken.url));
        let ca_pem = raw
            .ca
            .map(|file| certificates(&format!("{key}.ca"), &base.join(file)));
        let ca_pem = problems.keep(ca_pem.transpose());
        let api_key = raw.api_key_file.map(|file| {
            let file = base.join(file);
            let problem = |(fault, advice)| {
                Problem::of_file(format!("{key}.api_key_file"), &file, fault, advice)
            };
            variables::secret_of(&file).map_err(problem)
        });
        let api_key = problems.keep(api_key.transpose())?;
        let hidden = |_: &Secret| None;
        let api_key = source::agree(
            &format!("{key}.api_key_file"),
            spoken.api_key,
            api_key,
            hidden,
        );
        let api_key = problems.keep(api_key)?;
        let pair = match (raw.certificate, raw.key) {
            (None, None) => Ok(None),
            (Some(certificate), Some(private)) => {
                client_pair(key, &base.join(certificate), &base.join(private)).map(Some)
            }
            _ => Err(Problem::missing(
                key,
                "names one of `certificate` and `key`",
                "give both, or neither",
            )),
        };
        let pair = problems.keep(pair)?;
        let identity = problems.keep(identity(key, pair, api_key));
        let url = url?;
        if url.value.is_secure() && ca_pem.as_ref().is_some_and(Option::is_none) {
            let advice = "name the file of the authority that issued the proxy's certificate";
            let fault = "no authority vouches for the proxy";
            problems.push(Problem::missing(format!("{key}.ca"), fault, advice));
            return None;
        }
        Some(Self {
            url,
            ca_pem: ca_pem?,
            identity: identity?,
        })
    }
}

fn address(
    raw: Option<String>,
    key: &str,
    spoken: Option<Sourced<Url>>,
) -> Result<Sourced<Url>, Problem> {
    let key = format!("{key}.url");
    let advice = "give an address such as https://signer.example:8443";
    let read = |text: String| {
        Url::parse(&text).map_err(|fault| Problem::of(key.clone(), text, fault, advice))
    };
    let file = raw.map(read).transpose()?;
    let agreed = source::agree(&key, spoken, file, |url| Some(url.to_string()))?;
    agreed.ok_or_else(|| {
        let advice = "give the proxy's address there or in SIGNING_PROXY_URL";
        Problem::missing(&key, "names no proxy", advice)
    })
}

fn identity(
    key: &str,
    pair: Option<(String, Secret)>,
    api_key: Option<Sourced<Secret>>,
) -> Result<ProxyIdentity, Problem> {
    match (pair, api_key) {
        (Some((chain_pem, key_pem)), None) => Ok(ProxyIdentity::Certificate { chain_pem, key_pem }),
        (None, Some(api_key)) => Ok(ProxyIdentity::ApiKey(api_key)),
        (None, None) => Err(Problem::missing(
            key,
            "the proxy would not know us",
            "give `certificate` and `key`, or `api_key_file`, or SIGNING_PROXY_API_KEY_FILE",
        )),
        (Some(_), Some(api_key)) => Err(Problem::missing(
            api_key.place(&format!("{key}.api_key_file")),
            format!("`{key}` shows a client certificate already"),
            format!("remove either it or `{key}.certificate` and `{key}.key`"),
        )),
    }
}

fn client_pair(key: &str, certificate: &Path, private: &Path) -> Result<(String, Secret), Problem> {
    let chain = certificates(&format!("{key}.certificate"), certificate)?;
    let key = format!("{key}.key");
    let problem = |fault, advice| Problem::of_file(key.clone(), private, fault, advice);
    let secret = variables::secret_of(private).map_err(|(fault, advice)| problem(fault, advice))?;
    PrivateKeyDer::from_pem_slice(secret.expose().as_bytes()).map_err(|_| {
        let advice = "give the private key of the client certificate in PEM";
        problem("holds no private key".into(), advice.into())
    })?;
    Ok((chain, secret))
}

/// The text of a file that holds certificates and nothing else that counts.
fn certificates(key: &str, file: &Path) -> Result<String, Problem> {
    let problem = |fault: String, advice: String| Problem::of_file(key, file, fault, advice);
    let bytes = files::read(file, TEXT_BYTES_MAX)
        .map_err(|fault| problem(fault.to_string(), fault.advice(file)))?;
    let mut found = CertificateDer::pem_slice_iter(&bytes);
    let text = String::from_utf8(bytes.clone()).ok();
    match (found.next(), text) {
        (Some(Ok(_)), Some(text)) => Ok(text),
        _ => Err(problem(
            "holds no certificate".into(),
            "give certificates in PEM, as the CA handed them out".into(),
        )),
    }
}

impl Pkcs11 {
    /// Checks the table at `key`; relative paths start at `base`.
    pub(super) fn check(raw: RawPkcs11, key: &str, base: &Path) -> Result<Self, Problem> {
        let module = base.join(&raw.module);
        if !module.is_file() {
            let advice = "name the library of the module, such as libsofthsm2.so";
            let key = format!("{key}.module");
            return Err(Problem::of_file(key, &module, "not a file", advice));
        }
        let pin_file = base.join(&raw.pin_file);
        let pin = variables::secret_of(&pin_file).map_err(|(fault, advice)| {
            Problem::of_file(format!("{key}.pin_file"), &pin_file, fault, advice)
        })?;
        for (part, text) in [("token", &raw.token), ("key_label", &raw.key_label)] {
            if text.trim().is_empty() {
                let advice = "give the label that the module shows";
                return Err(Problem::of(
                    format!("{key}.{part}"),
                    text,
                    "names nothing",
                    advice,
                ));
            }
        }
        Ok(Self {
            module,
            token: raw.token,
            key_label: raw.key_label,
            pin,
        })
    }
}
