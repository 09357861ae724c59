//! Keys that doubles sign with, made at run time.

use aws_lc_rs::digest::{self, SHA256};
use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    ED25519_PUBLIC_KEY_LEN, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
};
use ledger::Digest;
use verify::{Algorithm, Kid, PublicKey};

pub(crate) enum TestKey {
    Ed25519(Ed25519KeyPair),
    Rsa(KeyPair),
}

impl TestKey {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Ed25519 => Self::Ed25519(Ed25519KeyPair::generate().unwrap()),
            _ => Self::Rsa(KeyPair::generate(KeySize::Rsa2048).unwrap()),
        }
    }

    /// Another key of the same kind and size.
    pub(crate) fn like(public: &PublicKey) -> Self {
        match (public.algorithm(), public.signature_bytes()) {
            (Algorithm::RsaSha256, 384) => Self::Rsa(KeyPair::generate(KeySize::Rsa3072).unwrap()),
            (algorithm, _) => Self::new(algorithm),
        }
    }

    pub(crate) fn public(&self) -> PublicKey {
        match self {
            Self::Ed25519(key) => {
                let bytes: &[u8; ED25519_PUBLIC_KEY_LEN] =
                    key.public_key().as_ref().try_into().unwrap();
                PublicKey::from_ed25519(bytes).unwrap()
            }
            Self::Rsa(key) => {
                let der = AsDer::<PublicKeyX509Der<'_>>::as_der(key.public_key()).unwrap();
                PublicKey::from_spki_der(der.as_ref()).unwrap()
            }
        }
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.public().algorithm()
    }

    /// Signs 32 bytes: as the message of Ed25519, as the hash of RSA.
    pub(crate) fn sign_digest(&self, digest: Digest) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => key.sign(&digest.0).as_ref().to_vec(),
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                let digest = digest::Digest::import_less_safe(&digest.0, &SHA256).unwrap();
                key.sign_digest(&RSA_PKCS1_SHA256, &digest, &mut signature)
                    .unwrap();
                signature
            }
        }
    }

    /// Signs a text: its bytes with Ed25519, its hash with RSA.
    pub(crate) fn sign_note(&self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => key.sign(text).as_ref().to_vec(),
            Self::Rsa(_) => self.sign_digest(Digest::of(text)),
        }
    }
}

pub(crate) fn kid(text: &str) -> Kid {
    Kid::new(text).unwrap()
}
