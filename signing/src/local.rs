//! The development key: Ed25519, made at run time, never in production.

use std::fmt;

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use ed25519_dalek::{Signer as _, SigningKey};
use secrecy::SecretString;

use crate::error::{Fault, SignerError};
use crate::text::excerpt;

const NAME: &str = "development key";

/// A development key. Nothing that production is configured with can be made from it.
///
/// Writing it to a file, and reading it back, is up to whoever runs the development daemon.
#[derive(Clone)]
pub struct LocalDev(Box<SigningKey>);

impl LocalDev {
    /// A new key from the system's randomness.
    pub fn generate() -> Result<Self, SignerError> {
        let mut seed = [0; 32];
        aws_lc_rs::rand::fill(&mut seed).map_err(|_| {
            let why = Fault::Unavailable("the system gives no randomness".into());
            SignerError::new(NAME, why)
        })?;
        Ok(Self::from_seed(seed))
    }

    /// The key that `seed` stands for: for simulations that must repeat.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(Box::new(SigningKey::from_bytes(&seed)))
    }

    /// The key in a PKCS#8 PEM file.
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, SignerError> {
        let key = SigningKey::from_pkcs8_pem(pem).map_err(|e| {
            let why = format!(
                "this is no PKCS#8 PEM of an Ed25519 key: {}",
                excerpt(&e.to_string())
            );
            SignerError::new(NAME, Fault::Setting(why.into()))
        })?;
        Ok(Self(Box::new(key)))
    }

    /// PKCS#8 PEM, for a file that only its owner may read.
    pub fn to_pkcs8_pem(&self) -> Result<SecretString, SignerError> {
        let pem = self.0.to_pkcs8_pem(LineEnding::LF).map_err(|e| {
            let why = format!("it cannot be written as PEM: {e}");
            SignerError::new(NAME, Fault::Setting(why.into()))
        })?;
        Ok(SecretString::from(pem.as_str()))
    }

    /// The 32 bytes of the public key.
    pub fn public_bytes(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).to_bytes().to_vec()
    }

    pub(crate) fn name(&self) -> &str {
        NAME
    }
}

impl fmt::Debug for LocalDev {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalDev(<secret>)")
    }
}
