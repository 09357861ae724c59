//! One key and the way to it. What leaves here is verified.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ledger::{Digest, Nanos};
use verify::{Algorithm, Kid, PublicKey, Signature};

use crate::config::SignerConfig;
use crate::error::{Fault, SignerError};
use crate::limits::NOTE_MAX;
use crate::proxy::{Anchored, Signed};

mod backend;

pub(crate) use backend::Backend;

#[cfg(test)]
mod tests;

/// What every signer signs to show that it can: canonical JSON that is no row of a chain.
pub const SELF_TEST: &[u8] = br#"{"kind":"self_test","v":1}"#;

/// A key that signs, and the public half by which each of its signatures is verified before anybody
/// sees it.
#[derive(Debug)]
pub struct Signer {
    kid: Kid,
    key: Registered,
    backend: Backend,
    /// Nanoseconds of the last signature that verified, 0 before the first.
    last_verified: AtomicU64,
    signatures: AtomicU64,
}

/// What the registry knows about a key.
#[derive(Clone, Debug)]
pub enum Registered {
    /// Its public half.
    Public(PublicKey),
    /// Nothing: it is a secret that is shared with whoever verifies. Outside production only.
    Shared,
}

/// A row of the chain that is to be signed.
#[derive(Clone, Copy, Debug)]
pub struct SealRequest<'a> {
    /// Its payload in canonical form.
    pub canonical: &'a [u8],
    /// Digest of the row before it.
    pub prev: Option<Digest>,
    /// Its own digest: SHA-256 of both.
    pub digest: Digest,
}

/// How a signer is.
#[derive(Clone, Debug)]
pub struct Health {
    /// Whether it answers, and with the registered key where it can tell.
    pub key: Result<(), SignerError>,
    /// How long ago a signature verified, if one did.
    pub last_verified: Option<Duration>,
    /// Signatures that verified since the start.
    pub signatures: u64,
}

impl Signer {
    /// Makes the signer of `config` for a key of the registry. A remote one is not asked yet: that
    /// is what [`Signer::self_test`] is for.
    ///
    /// # Errors
    /// A setting does not work, or the key is another one than is registered.
    pub async fn connect(
        config: &SignerConfig,
        kid: Kid,
        key: impl Into<Registered>,
    ) -> Result<Self, SignerError> {
        let backend = Backend::open(config).await?;
        Self::over(backend, kid, key.into())
    }

    /// The public key that the signer of `config` says it has: what is registered, once people have
    /// compared it. A signing proxy and a shared secret tell none.
    ///
    /// # Errors
    /// It cannot be asked, or has a key that is not accepted.
    pub async fn published_key(config: &SignerConfig) -> Result<Option<PublicKey>, SignerError> {
        let backend = Backend::open(config).await?;
        let der = match &backend {
            Backend::Kms(kms) => kms.public_key().await?,
            Backend::Pkcs11(token) => token.public_key().await?,
            Backend::LocalDev(key) => return key.public_key().map(Some),
            Backend::Pem(key) => return key.public_key().map(Some),
            Backend::Proxy(_) | Backend::Hmac(_) => return Ok(None),
        };
        PublicKey::from_spki_der(&der).map(Some).map_err(|e| {
            let why = format!("its key is {e}");
            SignerError::new(backend.name(), Fault::WrongKey(why.into()))
        })
    }

    pub(crate) fn over(backend: Backend, kid: Kid, key: Registered) -> Result<Self, SignerError> {
        backend.suits(&key)?;
        Ok(Self {
            kid,
            key,
            backend,
            last_verified: AtomicU64::new(0),
            signatures: AtomicU64::new(0),
        })
    }

    /// Id of the key.
    pub fn kid(&self) -> &Kid {
        &self.kid
    }

    /// How it signs, as the registry says.
    pub fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    /// The registered public key; a shared secret has none.
    pub fn public_key(&self) -> Option<&PublicKey> {
        match &self.key {
            Registered::Public(key) => Some(key),
            Registered::Shared => None,
        }
    }

    /// Which signer this is, for people: "kms key `alias/seal`".
    pub fn name(&self) -> &str {
        self.backend.name()
    }

    /// Signs a row of the chain.
    ///
    /// # Errors
    /// There is no signature, or none that verifies.
    pub async fn sign_seal(&self, request: SealRequest<'_>) -> Result<Signature, SignerError> {
        let prev = request.prev.as_ref().map_or(&[][..], |prev| &prev.0);
        if Digest::of_parts(&[request.canonical, prev]) != request.digest {
            return Err(self.error(Fault::DigestMismatch));
        }
        let signature = match &self.backend {
            Backend::Proxy(proxy) => {
                let signed = proxy.sign_seal(request.canonical, request.prev, request.digest);
                self.said(signed.await?)?
            }
            backend => {
                backend
                    .sign_digest(self.algorithm(), request.digest)
                    .await?
            }
        };
        self.verified_digest(request.digest, signature).await
    }

    /// Signs a digest. A proxy does so with a key of usage `bundle`, or where it is configured to.
    ///
    /// # Errors
    /// There is no signature, or none that verifies.
    pub async fn sign_digest(&self, digest: Digest) -> Result<Signature, SignerError> {
        let signature = match &self.backend {
            Backend::Proxy(proxy) => self.said(proxy.sign_hash(&self.kid, digest).await?)?,
            backend => backend.sign_digest(self.algorithm(), digest).await?,
        };
        self.verified_digest(digest, signature).await
    }

    /// Signs SHA-256 of canonical JSON that is no row of a chain, such as an approval request or a
    /// manifest.
    ///
    /// # Errors
    /// There is no signature, or none that verifies.
    pub async fn sign_canonical(&self, canonical: &[u8]) -> Result<Signature, SignerError> {
        let digest = Digest::of(canonical);
        let signature = match &self.backend {
            Backend::Proxy(proxy) => {
                let signed = proxy.sign_canonical(&self.kid, canonical).await?;
                self.said(signed)?
            }
            backend => backend.sign_digest(self.algorithm(), digest).await?,
        };
        self.verified_digest(digest, signature).await
    }

    /// Signs the text of a note, such as a checkpoint: Ed25519 signs its bytes, RSA their SHA-256.
    ///
    /// # Errors
    /// There is no signature, or none that verifies.
    pub async fn sign_note(&self, text: &[u8]) -> Result<Signature, SignerError> {
        if text.len() > NOTE_MAX {
            let (bytes, most) = (text.len(), NOTE_MAX);
            return Err(self.error(Fault::TooLong { bytes, most }));
        }
        let Registered::Public(key) = &self.key else {
            let why = "a shared secret signs no notes: others could not verify them";
            return Err(self.error(Fault::Setting(why.into())));
        };
        let signature = match &self.backend {
            Backend::Proxy(proxy) => self.said(proxy.sign_note(&self.kid, text).await?)?,
            backend => backend.sign_text(key.algorithm(), text).await?,
        };
        let is_valid = key.verify_note(text, &signature).is_ok();
        self.verdict(is_valid, signature)
    }

    /// Compares the key with the registered one where the signer can tell it, and signs something
    /// that means nothing.
    ///
    /// # Errors
    /// It cannot be reached, does not sign, or has another key.
    pub async fn self_test(&self) -> Result<(), SignerError> {
        self.check_key().await?;
        self.sign_canonical(SELF_TEST).await.map(drop)
    }

    /// How it is at `now`. Nothing is signed for it.
    pub async fn health(&self, now: Nanos) -> Health {
        let last = self.last_verified.load(Ordering::Acquire);
        Health {
            key: self.check_key().await,
            last_verified: (last > 0).then(|| Duration::from_nanos(now.0.saturating_sub(last))),
            signatures: self.signatures.load(Ordering::Acquire),
        }
    }

    /// A signature from here was taken at `now`: the signer itself reads no clock.
    pub fn note_verified(&self, now: Nanos) {
        self.last_verified.fetch_max(now.0, Ordering::AcqRel);
    }

    /// What it remembers about the chain called `origin`, written `DEPLOYMENT/ENVIRONMENT`.
    ///
    /// # Errors
    /// It should know and cannot be asked.
    pub async fn anchor(&self, origin: &str) -> Result<Anchored, SignerError> {
        match &self.backend {
            Backend::Proxy(proxy) => proxy.anchor(origin).await,
            _ => Ok(Anchored::NotKept),
        }
    }

    async fn check_key(&self) -> Result<(), SignerError> {
        let Some(der) = self.backend.public_key(&self.key).await? else {
            return Ok(());
        };
        let told = PublicKey::from_spki_der(&der)
            .map_err(|e| self.error(Fault::WrongKey(format!("its key is {e}").into())))?;
        if self.public_key().is_some_and(|key| *key != told) {
            let why = format!("its public key is `{told:?}`");
            return Err(self.error(Fault::WrongKey(why.into())));
        }
        Ok(())
    }

    /// What a proxy says about a signature has to fit the registry.
    fn said(&self, signed: Signed) -> Result<Signature, SignerError> {
        if signed.kid != self.kid.as_str() {
            let why = format!("it signed as `{}`, not as `{}`", signed.kid, self.kid);
            return Err(self.error(Fault::WrongKey(why.into())));
        }
        let algorithm = self.algorithm();
        if let Some(alg) = &signed.alg
            && alg != algorithm.text()
        {
            let why = format!("it signed by `{alg}`, not by `{algorithm}`");
            return Err(self.error(Fault::WrongKey(why.into())));
        }
        Ok(signed.signature)
    }

    async fn verified_digest(
        &self,
        digest: Digest,
        signature: Signature,
    ) -> Result<Signature, SignerError> {
        let is_valid = match &self.key {
            Registered::Public(key) => key.verify_digest(&digest, &signature).is_ok(),
            Registered::Shared => self.backend.mac_is_valid(digest, &signature).await?,
        };
        self.verdict(is_valid, signature)
    }

    fn verdict(&self, is_valid: bool, signature: Signature) -> Result<Signature, SignerError> {
        if is_valid {
            self.signatures.fetch_add(1, Ordering::AcqRel);
            return Ok(signature);
        }
        let bytes = signature.as_bytes().len();
        let expected = self.public_key().map_or(32, PublicKey::signature_bytes);
        Err(self.error(if bytes == expected {
            Fault::WrongKey("its signature does not verify".into())
        } else {
            let why = format!("its signature has `{bytes}` bytes, not {expected}");
            Fault::Garbage(why.into())
        }))
    }

    fn error(&self, fault: Fault) -> SignerError {
        SignerError::new(self.backend.name(), fault)
    }
}

impl Registered {
    /// How a key of this kind signs.
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::Public(key) => key.algorithm(),
            Self::Shared => Algorithm::HmacSha256,
        }
    }
}

impl From<PublicKey> for Registered {
    fn from(key: PublicKey) -> Self {
        Self::Public(key)
    }
}
