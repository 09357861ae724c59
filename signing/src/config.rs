//! What a signer is made from, and what of it production can express.

use verify::{Kid, PublicKey};

use crate::error::{Fault, SignerError};
use crate::hmac::Hmac;
use crate::kms::KmsConfig;
use crate::local::LocalDev;
use crate::pkcs11::Pkcs11Config;
use crate::proxy::ProxyConfig;
use crate::signer::Signer;

/// Where a key is and how it is reached.
#[derive(Clone, Debug)]
pub enum SignerConfig {
    /// In AWS KMS.
    Kms(KmsConfig),
    /// Behind a signing proxy.
    Proxy(ProxyConfig),
    /// In a PKCS#11 token.
    Pkcs11(Pkcs11Config),
    /// In this process, for development.
    LocalDev(LocalDev),
    /// A secret shared with whoever verifies, for continuous integration.
    Hmac(Hmac),
}

/// Where production keeps a key.
///
/// INVARIANT: there is no way to make one from a development key or a shared secret, and what it
/// connects has a public key.
#[derive(Clone, Debug)]
pub struct ProductionSigner(SignerConfig);

impl ProductionSigner {
    /// A key in AWS KMS.
    ///
    /// # Errors
    /// KMS would be asked in plain text, over more than this machine.
    pub fn kms(config: KmsConfig) -> Result<Self, SignerError> {
        if let Some(url) = &config.endpoint_url
            && !is_https(url)
            && !is_loopback(url)
        {
            let name = format!("kms key `{}`", config.key_id);
            let why = format!("endpoint `{url}` is not `https`");
            return Err(SignerError::new(name, Fault::Setting(why.into())));
        }
        Ok(Self(SignerConfig::Kms(config)))
    }

    /// A key behind a signing proxy.
    ///
    /// # Errors
    /// The connection would not be HTTPS, or its authority is not pinned.
    pub fn proxy(config: ProxyConfig) -> Result<Self, SignerError> {
        let name = format!("signing proxy `{}`", config.url);
        let wrong = |why: &str| SignerError::new(name.as_str(), Fault::Setting(why.into()));
        if !is_https(&config.url) {
            return Err(wrong("production asks over `https` only"));
        }
        if config.ca_pem.is_none() {
            return Err(wrong(
                "production trusts one authority, which has to be given",
            ));
        }
        Ok(Self(SignerConfig::Proxy(config)))
    }

    /// A key in a PKCS#11 token.
    pub fn pkcs11(config: Pkcs11Config) -> Self {
        Self(SignerConfig::Pkcs11(config))
    }

    /// What it is made from.
    pub fn config(&self) -> &SignerConfig {
        &self.0
    }

    /// The signer; see [`Signer::connect`].
    ///
    /// # Errors
    /// As there.
    pub async fn connect(&self, kid: Kid, key: PublicKey) -> Result<Signer, SignerError> {
        Signer::connect(&self.0, kid, key).await
    }
}

fn is_https(url: &str) -> bool {
    let scheme = url.get(..8);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
}

/// Whether `url` leads to this machine: to a double in a test, or to a tunnel.
fn is_loopback(url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(url) else {
        return false;
    };
    let Some(host) = url.host_str() else {
        return false;
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.parse::<std::net::IpAddr>()
        .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
