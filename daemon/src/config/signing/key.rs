//! Keys that sign, and which of them production takes.

use std::path::{Path, PathBuf};

use verify::{Algorithm, Kid};

use super::algorithm::PublicAlgorithm;
use super::place::{Kms, Pkcs11, Place, Proxy, ProxyIdentity, Spoken};
use super::raw::RawKey;
use crate::config::problem::{Problem, Problems};
use crate::config::secret::Secret;
use crate::config::source::{self, Source, Sourced};
use crate::config::variables;
use crate::devca::mark;

/// A key that signs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Key {
    /// One that never enters this process, with public keys for others.
    Deployed(DeployedKey),
    /// One of a developer, in a file or a variable.
    Local(LocalKey),
    /// A shared secret, which proves nothing to others.
    Hmac(HmacKey),
}

/// A key that never enters this process, whose signatures others can check: the only kind that
/// production has a place for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct DeployedKey {
    pub(crate) kid: Kid,
    pub(crate) algorithm: Sourced<PublicAlgorithm>,
    pub(crate) place: Place,
}

/// A private key that this process holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LocalKey {
    pub(crate) kid: Kid,
    pub(crate) algorithm: Sourced<PublicAlgorithm>,
    /// PKCS#8 in PEM.
    pub(crate) pem: Sourced<Secret>,
}

/// A shared secret.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct HmacKey {
    pub(crate) kid: Kid,
    pub(crate) place: HmacPlace,
}

/// Where a shared secret is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum HmacPlace {
    /// In KMS.
    Kms(Kms),
    /// In this process.
    Given(Sourced<Secret>),
}

/// What flags and variables say about the key that seals; nothing about other keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct SpokenKey {
    pub(crate) place: Spoken,
    pub(crate) algorithm: Option<Sourced<Algorithm>>,
    pub(crate) hmac: Option<Sourced<Secret>>,
    pub(crate) private: Option<Sourced<Secret>>,
}

/// The places where a key can be, as the file and variables name them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Kms,
    Proxy,
    Pkcs11,
    Local,
    Hmac,
}

impl Key {
    /// What its place is called.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Deployed(key) => key.place.kind(),
            Self::Local(_) => "local",
            Self::Hmac(_) => "hmac",
        }
    }

    /// Its id.
    pub(crate) const fn kid(&self) -> &Kid {
        match self {
            Self::Deployed(key) => &key.kid,
            Self::Local(key) => &key.kid,
            Self::Hmac(key) => &key.kid,
        }
    }

    /// Its algorithm and who says so.
    pub(crate) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Deployed(key) => key.algorithm.value.get(),
            Self::Local(key) => key.algorithm.value.get(),
            Self::Hmac(_) => Algorithm::HmacSha256,
        }
    }

    /// Checks the table at `key`, such as `signing.seal`; relative paths start at `base`.
    pub(super) fn check(
        raw: RawKey,
        key: &str,
        spoken: SpokenKey,
        is_production: bool,
        base: &Path,
        problems: &mut Problems,
    ) -> Option<Self> {
        let kid = problems.keep(kid(&raw.kid, key));
        let asked = algorithm(raw.algorithm.as_deref(), key, spoken.algorithm.clone());
        let asked = problems.keep(asked);
        let kind = problems.keep(kind(&raw, key, &spoken))?;
        let algorithm = asked.and_then(|asked| {
            let algorithm = asked
                .or_else(|| (!is_production).then(|| kind.usual_algorithm()))
                .ok_or_else(|| no_algorithm(key))
                .and_then(|algorithm| kind.agree(algorithm, key, is_production));
            problems.keep(algorithm)
        });
        let held = kind.held(raw, (key, base), spoken, problems);
        held?.with(kid?, algorithm?)
    }
}

impl DeployedKey {
    /// Takes a key that production may sign with. `key` is where it stands in the file.
    pub(super) fn of(any: Key, key: &str) -> Result<Self, Problem> {
        let advice = "use `kms`, `proxy` or `pkcs11`";
        let refused = |place: String, fault: &str| {
            Err(Problem::missing(
                place,
                format!("{fault} not accepted in profile `production`"),
                advice,
            ))
        };
        match any {
            Key::Deployed(deployed) => {
                deployed.refuse_plain_http(key)?;
                deployed.refuse_development(key)?;
                Ok(deployed)
            }
            Key::Local(local) => {
                let place = local.pem.place(&format!("{key}.local"));
                refused(place, "a private key in this process is")
            }
            Key::Hmac(hmac) => {
                let place = match hmac.place {
                    HmacPlace::Kms(_) => format!("{key}.algorithm"),
                    HmacPlace::Given(secret) => secret.place(&format!("{key}.hmac")),
                };
                refused(place, "hmac-sha256 proves nothing to others and is")
            }
        }
    }

    fn refuse_development(&self, key: &str) -> Result<(), Problem> {
        let Place::Proxy(proxy) = &self.place else {
            return Ok(());
        };
        match &proxy.identity {
            ProxyIdentity::Certificate { key_pem, .. }
                if mark::is_in_key(key_pem.expose().as_bytes()) =>
            {
                let fault = "made for development and not accepted in profile `production`";
                let advice = "use what your own authority issued";
                Err(Problem::missing(format!("{key}.proxy.key"), fault, advice))
            }
            _ => Ok(()),
        }
    }

    fn refuse_plain_http(&self, key: &str) -> Result<(), Problem> {
        let plain = match &self.place {
            Place::Proxy(proxy) if !proxy.url.value.is_secure() => (
                proxy.url.place(&format!("{key}.proxy.url")),
                &proxy.url.value,
            ),
            // A tunnel of this machine, or a double of KMS in a test.
            Place::Kms(Kms {
                endpoint: Some(url),
                ..
            }) if !url.is_secure() && !url.is_loopback() => (format!("{key}.kms.endpoint"), url),
            _ => return Ok(()),
        };
        let advice = "use its https address";
        let fault = "plain http is not accepted in profile `production`";
        Err(Problem::of(plain.0, plain.1, fault, advice))
    }
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Kms => "kms",
            Self::Proxy => "proxy",
            Self::Pkcs11 => "pkcs11",
            Self::Local => "local",
            Self::Hmac => "hmac",
        }
    }

    const fn usual_algorithm(self) -> Sourced<Algorithm> {
        Sourced {
            value: match self {
                Self::Hmac => Algorithm::HmacSha256,
                Self::Kms | Self::Proxy | Self::Pkcs11 | Self::Local => Algorithm::Ed25519,
            },
            source: Source::Default,
        }
    }

    /// The algorithm, if a key of this kind can have it.
    fn agree(
        self,
        algorithm: Sourced<Algorithm>,
        key: &str,
        is_production: bool,
    ) -> Result<Sourced<Algorithm>, Problem> {
        let is_hmac = algorithm.value == Algorithm::HmacSha256;
        let agrees = match self {
            Self::Hmac => is_hmac,
            Self::Kms => true,
            Self::Proxy | Self::Pkcs11 | Self::Local => !is_hmac,
        };
        let place = algorithm.place(&format!("{key}.algorithm"));
        if is_hmac && is_production {
            let fault = "proves nothing to others and is not accepted in profile `production`";
            let advice = "use ed25519 or rsa-sha256";
            return Err(Problem::of(place, algorithm.value, fault, advice));
        }
        if !agrees {
            let fault = format!("does not go with `{key}.{}`", self.name());
            let advice = "use hmac-sha256 with `hmac` and `kms` alone, and outside production";
            return Err(Problem::of(place, algorithm.value, fault, advice));
        }
        Ok(algorithm)
    }

    /// What the table of this kind says of where the key is.
    fn held(
        self,
        raw: RawKey,
        (key, base): (&str, &Path),
        spoken: SpokenKey,
        problems: &mut Problems,
    ) -> Option<Held> {
        let table = format!("{key}.{}", self.name());
        let place = match self {
            Self::Kms => {
                let raw = raw.kms.unwrap_or_default();
                Place::Kms(Kms::check(raw, &table, spoken.place, problems)?)
            }
            Self::Proxy => {
                let raw = raw.proxy.unwrap_or_default();
                Place::Proxy(Proxy::check(raw, &table, spoken.place, base, problems)?)
            }
            Self::Pkcs11 => {
                Place::Pkcs11(problems.keep(Pkcs11::check(raw.pkcs11?, &table, base))?)
            }
            Self::Local => {
                let file = raw.local.map(|raw| raw.key);
                let pem = secret(file, &format!("{table}.key"), spoken.private, base);
                return Some(Held::Private(problems.keep(pem)??));
            }
            Self::Hmac => {
                let file = raw.hmac.map(|raw| raw.key_file);
                let shared = secret(file, &format!("{table}.key_file"), spoken.hmac, base);
                return Some(Held::Shared(problems.keep(shared)??));
            }
        };
        Some(Held::Outside(place))
    }
}

/// Where a key is, before its algorithm says what it is.
enum Held {
    Outside(Place),
    Private(Sourced<Secret>),
    Shared(Sourced<Secret>),
}

impl Held {
    /// The key, if there is one of this algorithm in this place.
    fn with(self, kid: Kid, algorithm: Sourced<Algorithm>) -> Option<Key> {
        let public = PublicAlgorithm::of(algorithm.value).map(|value| algorithm.map(|_| value));
        Some(match (self, public) {
            (Self::Outside(place), Some(algorithm)) => Key::Deployed(DeployedKey {
                kid,
                algorithm,
                place,
            }),
            (Self::Private(pem), Some(algorithm)) => Key::Local(LocalKey {
                kid,
                algorithm,
                pem,
            }),
            (Self::Outside(Place::Kms(kms)), None) => Key::Hmac(HmacKey {
                kid,
                place: HmacPlace::Kms(kms),
            }),
            (Self::Shared(secret), None) => Key::Hmac(HmacKey {
                kid,
                place: HmacPlace::Given(secret),
            }),
            (Self::Outside(_) | Self::Private(_), None) | (Self::Shared(_), Some(_)) => {
                return None;
            }
        })
    }
}

/// What kind of key the file and variables name; none, where they name none or several.
pub(super) fn kind_of(raw: &RawKey, spoken: &SpokenKey) -> Option<&'static str> {
    kind(raw, "", spoken).ok().map(Kind::name)
}

pub(super) fn kid(text: &str, key: &str) -> Result<Kid, Problem> {
    Kid::new(text).map_err(|_| {
        let advice = "give the id of the key in the keyring, 1 to 128 of `[A-Za-z0-9:/_.@=-]`";
        Problem::of(format!("{key}.kid"), text, "not the id of a key", advice)
    })
}

/// The one place that the file and variables name.
fn kind(raw: &RawKey, key: &str, spoken: &SpokenKey) -> Result<Kind, Problem> {
    let tables = [
        (Kind::Kms, raw.kms.is_some()),
        (Kind::Proxy, raw.proxy.is_some()),
        (Kind::Pkcs11, raw.pkcs11.is_some()),
        (Kind::Local, raw.local.is_some()),
        (Kind::Hmac, raw.hmac.is_some()),
    ];
    let in_file = tables.into_iter().filter(|(_, is_there)| *is_there);
    let mut named: Vec<(Kind, String)> = in_file
        .map(|(kind, _)| (kind, format!("{key}.{}", kind.name())))
        .collect();
    let place = &spoken.place;
    let by_variable = [
        (Kind::Kms, place.key_id.as_ref().map(|said| said.place(key))),
        (Kind::Proxy, place.url.as_ref().map(|said| said.place(key))),
        (
            Kind::Local,
            spoken.private.as_ref().map(|said| said.place(key)),
        ),
        (Kind::Hmac, spoken.hmac.as_ref().map(|said| said.place(key))),
    ];
    named.extend(
        by_variable
            .into_iter()
            .filter_map(|(kind, said)| Some((kind, said?))),
    );
    match named.as_slice() {
        [] => {
            let advice = format!(
                "add `[{key}.kms]`, `[{key}.proxy]` or `[{key}.pkcs11]`, or set \
                 AUDIT_SIGNING_KMS_KEY_ID or SIGNING_PROXY_URL"
            );
            Err(Problem::missing(key, "says of no key where it is", advice))
        }
        [(first, place), rest @ ..] => match rest.iter().find(|(kind, _)| kind != first) {
            None => Ok(*first),
            Some((_, other)) => {
                let advice = format!("keep {place} or {other}: one key seals");
                let fault = format!("contradicts {other}, which names another signer");
                Err(Problem::missing(place.clone(), fault, advice))
            }
        },
    }
}

fn algorithm(
    raw: Option<&str>,
    key: &str,
    spoken: Option<Sourced<Algorithm>>,
) -> Result<Option<Sourced<Algorithm>>, Problem> {
    let key = format!("{key}.algorithm");
    let file = match raw {
        None => None,
        Some(text) => Some(Algorithm::from_text(text).ok_or_else(|| {
            let advice = "give `ed25519` or `rsa-sha256`, or outside production `hmac-sha256`";
            Problem::of(&key, text, "not an algorithm of signatures", advice)
        })?),
    };
    source::agree(&key, spoken, file, |algorithm| Some(algorithm.to_string()))
}

fn no_algorithm(key: &str) -> Problem {
    let place = format!("{key}.algorithm");
    let advice = "set it, or AUDIT_SIGNING_ALG, to ed25519 or rsa-sha256, as the key is";
    Problem::missing(place, "missing; production has no default for it", advice)
}

/// A secret of a file or a variable that this process holds.
fn secret(
    file: Option<PathBuf>,
    key: &str,
    spoken: Option<Sourced<Secret>>,
    base: &Path,
) -> Result<Option<Sourced<Secret>>, Problem> {
    let read = |file: PathBuf| {
        let file = base.join(file);
        variables::secret_of(&file)
            .map_err(|(fault, advice)| Problem::of_file(key, &file, fault, advice))
    };
    source::agree(key, spoken, file.map(read).transpose()?, |_| None)
}
