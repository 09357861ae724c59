//! From the configuration of a key to what `signing` connects.

use signing::signer::Registered;
use signing::{
    Hmac, KeyName, KmsConfig, KmsCredentials, LocalDev, Patience, Pkcs11Config, ProductionSigner,
    ProxyConfig, ProxyIdentity, Signer, SignerConfig, SignerError,
};
use verify::{Algorithm, Kid};

use crate::config::problem::Problem;
use crate::config::signing::key::HmacPlace;
use crate::config::signing::place::{self, Place};
use crate::config::signing::{DeployedKey, Key};

/// Sessions of a PKCS#11 token.
const SESSIONS: usize = 8;

/// What is to be connected. What production configures is of a type of its own.
pub(super) enum Wanted {
    /// A key that production takes.
    Production(ProductionSigner),
    /// A key for development.
    Development(SignerConfig),
}

impl Wanted {
    /// Connects it.
    pub(super) async fn connect(
        &self,
        kid: Kid,
        registered: Registered,
    ) -> Result<Signer, SignerError> {
        match (self, registered) {
            (Self::Production(config), Registered::Public(key)) => config.connect(kid, key).await,
            (Self::Production(config), Registered::Shared) => {
                Signer::connect(config.config(), kid, Registered::Shared).await
            }
            (Self::Development(config), registered) => {
                Signer::connect(config, kid, registered).await
            }
        }
    }
}

/// What to connect for `key`, which stands at `at` in the file.
pub(super) fn wanted(key: &Key, at: &str) -> Result<Wanted, Problem> {
    let name = place(key, at);
    let bad = |error: SignerError| problem(&name, &error);
    match key {
        Key::Deployed(key) => deployed(key).map_err(bad),
        Key::Local(local) if local.algorithm.value.get() == Algorithm::Ed25519 => {
            let key = LocalDev::from_pkcs8_pem(local.pem.value.expose()).map_err(bad)?;
            Ok(Wanted::Development(SignerConfig::LocalDev(key)))
        }
        Key::Local(local) => {
            let fault = "a key of development is of ed25519";
            let at = local.algorithm.place(&format!("{at}.algorithm"));
            Err(Problem::of(
                at,
                local.algorithm.value,
                fault,
                "set it to ed25519",
            ))
        }
        Key::Hmac(hmac) => match &hmac.place {
            HmacPlace::Kms(key) => Ok(Wanted::Development(SignerConfig::Kms(kms(key)))),
            HmacPlace::Given(secret) => {
                let key = Hmac::new(&secret.value.get()).map_err(bad)?;
                Ok(Wanted::Development(SignerConfig::Hmac(key)))
            }
        },
    }
}

/// What to connect for a key outside of this process.
fn deployed(key: &DeployedKey) -> Result<Wanted, SignerError> {
    match &key.place {
        // Whoever has a profile of production got no such key.
        Place::Proxy(key) if !key.url.value.is_secure() => {
            Ok(Wanted::Development(SignerConfig::Proxy(proxy(key))))
        }
        _ => production(key).map(Wanted::Production),
    }
}

/// The same as a type that nothing else has.
pub(super) fn production(key: &DeployedKey) -> Result<ProductionSigner, SignerError> {
    match &key.place {
        Place::Kms(key) => ProductionSigner::kms(kms(key)),
        Place::Proxy(key) => ProductionSigner::proxy(proxy(key)),
        Place::Pkcs11(key) => Ok(ProductionSigner::pkcs11(pkcs11(key))),
    }
}

/// What a person would change for this key: the variable, or the key of the file.
pub(super) fn place(key: &Key, at: &str) -> String {
    match key {
        Key::Deployed(key) => deployed_place(key, at),
        Key::Local(local) => local.pem.place(&format!("{at}.local.key")),
        Key::Hmac(hmac) => match &hmac.place {
            HmacPlace::Kms(kms) => kms.key_id.place(&format!("{at}.kms.key_id")),
            HmacPlace::Given(secret) => secret.place(&format!("{at}.hmac.key_file")),
        },
    }
}

/// The same for a key outside of this process.
pub(super) fn deployed_place(key: &DeployedKey, at: &str) -> String {
    match &key.place {
        Place::Kms(kms) => kms.key_id.place(&format!("{at}.kms.key_id")),
        Place::Proxy(proxy) => proxy.url.place(&format!("{at}.proxy.url")),
        Place::Pkcs11(_) => format!("{at}.pkcs11"),
    }
}

/// A signer that did not sign, as a problem of the place that names it.
pub(super) fn problem(place: &str, error: &SignerError) -> Problem {
    let fault = format!("{}: {}", error.signer(), error.fault());
    Problem::missing(place, fault, error.fault().remedy())
}

fn kms(kms: &place::Kms) -> KmsConfig {
    KmsConfig {
        key_id: kms.key_id.value.as_str().into(),
        region: kms.region.as_deref().map(Into::into),
        endpoint_url: kms.endpoint.as_ref().map(|url| url.as_str().into()),
        credentials: KmsCredentials::Chain,
        patience: Patience::default(),
    }
}

fn proxy(proxy: &place::Proxy) -> ProxyConfig {
    ProxyConfig {
        url: proxy.url.value.as_str().into(),
        ca_pem: proxy.ca_pem.as_deref().map(Into::into),
        identity: match &proxy.identity {
            place::ProxyIdentity::Certificate { chain_pem, key_pem } => ProxyIdentity::MutualTls {
                chain_pem: chain_pem.as_str().into(),
                key_pem: key_pem.get(),
            },
            place::ProxyIdentity::ApiKey(key) => ProxyIdentity::ApiKey(key.value.get()),
        },
        patience: Patience::default(),
    }
}

fn pkcs11(pkcs11: &place::Pkcs11) -> Pkcs11Config {
    Pkcs11Config {
        module: pkcs11.module.clone(),
        token: pkcs11.token.as_str().into(),
        key: KeyName {
            label: Some(pkcs11.key_label.as_str().into()),
            id: None,
        },
        pin: pkcs11.pin.get(),
        sessions: SESSIONS,
        patience: Patience::default(),
    }
}
