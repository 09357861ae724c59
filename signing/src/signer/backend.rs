//! The ways to a key, behind one face.

use ledger::Digest;
use verify::{Algorithm, PublicKey, Signature};

use super::Registered;
use crate::config::SignerConfig;
use crate::error::{Fault, SignerError};
use crate::hmac::Hmac;
use crate::kms::Kms;
use crate::local::LocalDev;
use crate::pem::PemKey;
use crate::pkcs11::Token;
use crate::proxy::Proxy;

#[derive(Clone, Debug)]
pub(crate) enum Backend {
    Kms(Kms),
    Proxy(Proxy),
    Pkcs11(Token),
    LocalDev(LocalDev),
    Hmac(Hmac),
    Pem(PemKey),
}

impl Backend {
    pub(crate) async fn open(config: &SignerConfig) -> Result<Self, SignerError> {
        Ok(match config {
            SignerConfig::Kms(config) => Self::Kms(Kms::open(config).await),
            SignerConfig::Proxy(config) => Self::Proxy(Proxy::open(config)?),
            SignerConfig::Pkcs11(config) => Self::Pkcs11(Token::open(config)?),
            SignerConfig::LocalDev(key) => Self::LocalDev(key.clone()),
            SignerConfig::Hmac(key) => Self::Hmac(key.clone()),
        })
    }

    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Kms(kms) => kms.name(),
            Self::Proxy(proxy) => proxy.name(),
            Self::Pkcs11(token) => token.name(),
            Self::LocalDev(key) => key.name(),
            Self::Hmac(key) => key.name(),
            Self::Pem(key) => key.name(),
        }
    }

    /// Whether a key of this registration can be here, as far as can be told without asking.
    pub(super) fn suits(&self, key: &Registered) -> Result<(), SignerError> {
        let wrong = |why: &str| Err(SignerError::new(self.name(), Fault::WrongKey(why.into())));
        let held = match self {
            Self::LocalDev(held) => Some(held.public_key()?),
            Self::Pem(held) => Some(held.public_key()?),
            Self::Kms(_) | Self::Proxy(_) | Self::Pkcs11(_) | Self::Hmac(_) => None,
        };
        match (self, key) {
            (Self::Hmac(_), Registered::Public(_)) => {
                wrong("a public key is registered, and this is a shared secret")
            }
            (
                Self::Proxy(_) | Self::Pkcs11(_) | Self::LocalDev(_) | Self::Pem(_),
                Registered::Shared,
            ) => wrong("a shared secret is registered, and this has a public key"),
            (_, Registered::Public(key)) if held.as_ref().is_some_and(|held| held != key) => {
                wrong("it has another public key")
            }
            _ => Ok(()),
        }
    }

    /// The public key as DER, asked anew, from whoever can tell it. A proxy that says it is well
    /// tells nothing about its key, which its signatures show.
    pub(super) async fn public_key(
        &self,
        registered: &Registered,
    ) -> Result<Option<Vec<u8>>, SignerError> {
        match (self, registered) {
            (Self::Kms(_), Registered::Shared) => Ok(None),
            (Self::Kms(kms), Registered::Public(_)) => kms.public_key().await.map(Some),
            (Self::Pkcs11(token), _) => token.public_key().await.map(Some),
            (Self::Proxy(proxy), _) => proxy.health().await.map(|()| None),
            (Self::LocalDev(_) | Self::Hmac(_) | Self::Pem(_), _) => Ok(None),
        }
    }

    /// Signs the 32 bytes of a digest; for RSA they are the hash in the signature.
    pub(super) async fn sign_digest(
        &self,
        algorithm: Algorithm,
        digest: Digest,
    ) -> Result<Signature, SignerError> {
        let bytes = match (self, algorithm) {
            (Self::Kms(kms), Algorithm::RsaSha256) => kms.sign_rsa(digest).await?,
            (Self::Kms(kms), Algorithm::Ed25519) => kms.sign_ed25519(&digest.0).await?,
            (Self::Kms(kms), Algorithm::HmacSha256) => kms.mac(&digest.0).await?,
            (Self::Pkcs11(token), Algorithm::RsaSha256) => token.sign_rsa(digest).await?,
            (Self::Pkcs11(token), Algorithm::Ed25519) => token.sign_ed25519(&digest.0).await?,
            (Self::LocalDev(key), Algorithm::Ed25519) => key.sign(&digest.0),
            (Self::Hmac(key), Algorithm::HmacSha256) => key.sign(&digest.0),
            (Self::Pem(key), _) => key.sign_digest(digest)?,
            (Self::Proxy(_) | Self::Pkcs11(_) | Self::LocalDev(_) | Self::Hmac(_), _) => {
                return Err(self.cannot(algorithm));
            }
        };
        self.wrap(bytes)
    }

    /// Signs a text: Ed25519 its bytes, RSA their SHA-256.
    pub(super) async fn sign_text(
        &self,
        algorithm: Algorithm,
        text: &[u8],
    ) -> Result<Signature, SignerError> {
        let bytes = match (self, algorithm) {
            (_, Algorithm::RsaSha256) => {
                return self.sign_digest(algorithm, Digest::of(text)).await;
            }
            (Self::Kms(kms), Algorithm::Ed25519) => kms.sign_ed25519(text).await?,
            (Self::Pkcs11(token), Algorithm::Ed25519) => token.sign_ed25519(text).await?,
            (Self::LocalDev(key), Algorithm::Ed25519) => key.sign(text),
            (Self::Pem(key), Algorithm::Ed25519) => key.sign_raw(text)?,
            _ => return Err(self.cannot(algorithm)),
        };
        self.wrap(bytes)
    }

    /// Whether a code by a shared secret is right, as whoever has the secret says.
    pub(super) async fn mac_is_valid(
        &self,
        digest: Digest,
        mac: &Signature,
    ) -> Result<bool, SignerError> {
        match self {
            Self::Hmac(key) => Ok(key.verify(&digest.0, mac.as_bytes())),
            Self::Kms(kms) => kms.mac_is_valid(&digest.0, mac.as_bytes()).await,
            _ => Ok(false),
        }
    }

    fn wrap(&self, bytes: Vec<u8>) -> Result<Signature, SignerError> {
        let length = bytes.len();
        Signature::new(bytes).ok_or_else(|| {
            let why = format!("a signature of `{length}` bytes");
            SignerError::new(self.name(), Fault::Garbage(why.into()))
        })
    }

    fn cannot(&self, algorithm: Algorithm) -> SignerError {
        let why = format!("it does not sign by `{algorithm}`");
        SignerError::new(self.name(), Fault::Setting(why.into()))
    }
}

impl LocalDev {
    /// Its public key.
    ///
    /// # Errors
    /// It is one that strict verifiers refuse, which no key made here is.
    pub fn public_key(&self) -> Result<PublicKey, SignerError> {
        PublicKey::from_ed25519(&self.public_bytes())
            .map_err(|e| SignerError::new(self.name(), Fault::WrongKey(e.to_string().into())))
    }
}
