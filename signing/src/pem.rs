//! A private key in PEM, for the emergency signer alone.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{self, SHA256};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use ed25519_dalek::pkcs8::DecodePrivateKey as _;
use ed25519_dalek::{Signer as _, SigningKey};
use ledger::Digest;
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;
use secrecy::{ExposeSecret as _, SecretString};
use verify::PublicKey;
use verify::key::KeyError;

use crate::error::{Fault, SignerError};

const NAME: &str = "private key `AUDIT_SIGNING_PRIVATE_KEY`";

/// A private key as it stands in `AUDIT_SIGNING_PRIVATE_KEY`: Ed25519 or RSA, PKCS#8 or PKCS#1.
#[derive(Clone)]
pub struct PemKey(Kind);

#[derive(Clone)]
enum Kind {
    Ed25519(Box<SigningKey>),
    Rsa(Arc<KeyPair>),
}

impl PemKey {
    /// The key in `pem`.
    pub fn parse(pem: &SecretString) -> Result<Self, SignerError> {
        let wrong = |why: &str| SignerError::new(NAME, Fault::Setting(why.into()));
        let der = PrivateKeyDer::from_pem_slice(pem.expose_secret().as_bytes())
            .map_err(|_| wrong("this is no PEM of a private key"))?;
        match &der {
            PrivateKeyDer::Pkcs8(der) => {
                let der = der.secret_pkcs8_der();
                if let Ok(key) = SigningKey::from_pkcs8_der(der) {
                    return Ok(Self(Kind::Ed25519(Box::new(key))));
                }
                KeyPair::from_pkcs8(der)
            }
            PrivateKeyDer::Pkcs1(der) => KeyPair::from_der(der.secret_pkcs1_der()),
            _ => return Err(wrong("this kind of private key is not supported")),
        }
        .map(|key| Self(Kind::Rsa(Arc::new(key))))
        .map_err(|_| wrong("this is neither an Ed25519 key nor an RSA key of 2048 bits or more"))
    }

    /// Signs an RSA digest as it is; Ed25519 signs its bytes.
    pub(crate) fn sign_digest(&self, digest: Digest) -> Result<Vec<u8>, SignerError> {
        match &self.0 {
            Kind::Ed25519(key) => Ok(key.sign(&digest.0).to_bytes().to_vec()),
            Kind::Rsa(key) => {
                let failed = |_| SignerError::new(NAME, Fault::Refused("it cannot sign".into()));
                let mut signature = vec![0; key.public_modulus_len()];
                let digest =
                    digest::Digest::import_less_safe(&digest.0, &SHA256).map_err(failed)?;
                key.sign_digest(&RSA_PKCS1_SHA256, &digest, &mut signature)
                    .map_err(failed)?;
                Ok(signature)
            }
        }
    }

    /// Plain Ed25519 over `message`. RSA signs digests only.
    pub(crate) fn sign_raw(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        match &self.0 {
            Kind::Ed25519(key) => Ok(key.sign(message).to_bytes().to_vec()),
            Kind::Rsa(_) => self.sign_digest(Digest::of(message)),
        }
    }

    /// Its public key.
    ///
    /// # Errors
    /// It is one that verifiers refuse: too short, or with an unusual exponent.
    pub fn public_key(&self) -> Result<PublicKey, SignerError> {
        match &self.0 {
            Kind::Ed25519(key) => PublicKey::from_ed25519(&key.verifying_key().to_bytes()),
            Kind::Rsa(key) => match AsDer::<PublicKeyX509Der<'_>>::as_der(key.public_key()) {
                Ok(der) => PublicKey::from_spki_der(der.as_ref()),
                Err(_) => Err(KeyError::Der),
            },
        }
        .map_err(|e| SignerError::new(NAME, Fault::Setting(format!("this is {e}").into())))
    }

    pub(crate) fn name(&self) -> &str {
        NAME
    }
}

impl fmt::Debug for PemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PemKey(<secret>)")
    }
}
