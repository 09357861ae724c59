//! The keys, each with the signer that reaches it.

use std::mem::ManuallyDrop;

use ledger::Digest;
use signing::{
    KeyName, KmsConfig, KmsCredentials, LocalDev, Patience, Pkcs11Config, ProductionSigner,
    SealRequest, Signer, SignerConfig, SignerError,
};
use verify::{Kid, PublicKey, Signature, Usage};

use crate::config::key::{self, Held};
use crate::config::{Problem, Profile};
use crate::refusal::{BadRequest, Refusal};

/// Sessions of a PKCS#11 token that are open at once, per key.
const SESSIONS: usize = 4;

/// The keys.
pub(crate) struct Keys(Vec<Key>);

/// A key that has shown that it signs.
pub(crate) struct Key {
    /// Its id.
    pub(crate) kid: Kid,
    /// The one thing that it may sign.
    pub(crate) usage: Usage,
    /// What its signatures are checked with.
    pub(crate) public: PublicKey,
    /// Since when it is in use, as others are told.
    pub(crate) deployed_at: String,
    /// What others are told about it.
    pub(crate) description: String,
    signer: Kept,
}

/// A signer that is never dropped. The library of a token must not close its sessions while the
/// process takes the library down: their threads wait for work that never comes, to the end.
type Kept = ManuallyDrop<Signer>;

/// What is to be signed.
#[derive(Clone, Copy)]
pub(crate) enum Message<'a> {
    /// A row of a chain.
    Row {
        /// Its payload.
        canonical: &'a [u8],
        /// The digest before it.
        prev: Option<Digest>,
        /// Its digest.
        digest: Digest,
    },
    /// A digest.
    Digest(Digest),
    /// The text of a note.
    Note(&'a [u8]),
}

impl Keys {
    /// Reaches every key and has each sign something that means nothing.
    ///
    /// # Errors
    /// All keys that cannot be used.
    pub(crate) async fn connect(profile: &Profile) -> Result<Self, Vec<Problem>> {
        let (mut keys, mut problems) = (Vec::new(), Vec::new());
        for key in profile.keys() {
            match connect(key, profile.is_production()).await {
                Ok(signer) => keys.push(Key {
                    kid: key.kid.clone(),
                    usage: key.usage,
                    public: key.public.clone(),
                    deployed_at: key.deployed_at.clone(),
                    description: key.description.clone(),
                    signer,
                }),
                Err(error) => problems.push(problem(key, &error)),
            }
        }
        if problems.is_empty() {
            Ok(Self(keys))
        } else {
            Err(problems)
        }
    }

    /// All of them, in the order of the configuration.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Key> {
        self.0.iter()
    }

    /// The key of this id, if it has one of these usages.
    pub(crate) fn named(&self, kid: &str, usages: &[Usage]) -> Result<&Key, Refusal> {
        self.iter()
            .find(|key| key.kid.as_str() == kid && usages.contains(&key.usage))
            .ok_or_else(|| Refusal::NoSuchKey(kid.to_owned()))
    }

    /// The only key with one of these usages.
    pub(crate) fn only(&self, usages: &[Usage]) -> Result<&Key, Refusal> {
        let mut fitting = self.iter().filter(|key| usages.contains(&key.usage));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (Some(_), Some(_)) => Err(BadRequest::WhichKey.into()),
            (None, _) => {
                let usages: Vec<&str> = usages.iter().map(|usage| usage.text()).collect();
                Err(Refusal::NoSuchKey(usages.join("` or `")))
            }
        }
    }
}

impl Key {
    /// Signs; what comes back has been verified.
    pub(crate) async fn sign(&self, message: Message<'_>) -> Result<Signature, SignerError> {
        match message {
            Message::Row {
                canonical,
                prev,
                digest,
            } => {
                let request = SealRequest {
                    canonical,
                    prev,
                    digest,
                };
                self.signer.sign_seal(request).await
            }
            Message::Digest(digest) => self.signer.sign_digest(digest).await,
            Message::Note(text) => self.signer.sign_note(text).await,
        }
    }
}

#[cfg(any(feature = "faults", debug_assertions))]
impl<'a> Message<'a> {
    /// The bytes that Ed25519 signs.
    pub(crate) fn bytes(&'a self) -> &'a [u8] {
        match self {
            Self::Row { digest, .. } | Self::Digest(digest) => &digest.0,
            Self::Note(text) => text,
        }
    }
}

async fn connect(key: &key::Key, is_production: bool) -> Result<Kept, SignerError> {
    let config = signer(key)?;
    let (kid, public) = (key.kid.clone(), key.public.clone());
    let signer = if is_production {
        // The types say it once more: a key of development has no way in here.
        let config = match config {
            SignerConfig::Kms(kms) => ProductionSigner::kms(kms)?,
            SignerConfig::Pkcs11(token) => ProductionSigner::pkcs11(token),
            SignerConfig::Proxy(_) | SignerConfig::LocalDev(_) | SignerConfig::Hmac(_) => {
                let fault = signing::Fault::Setting("this is no place for production".into());
                return Err(SignerError::new(key.place(), fault));
            }
        };
        config.connect(kid, public).await?
    } else {
        Signer::connect(&config, kid, public).await?
    };
    let signer = Kept::new(signer);
    signer.self_test().await?;
    Ok(signer)
}

fn signer(key: &key::Key) -> Result<SignerConfig, SignerError> {
    let patience = Patience::default();
    Ok(match &key.held {
        Held::Kms {
            key_id,
            region,
            endpoint,
        } => SignerConfig::Kms(KmsConfig {
            key_id: key_id.as_str().into(),
            region: region.as_deref().map(Into::into),
            endpoint_url: endpoint.as_deref().map(Into::into),
            credentials: KmsCredentials::Chain,
            patience,
        }),
        Held::Pkcs11 {
            module,
            token,
            label,
            pin,
        } => SignerConfig::Pkcs11(Pkcs11Config {
            module: module.clone(),
            token: token.as_str().into(),
            key: KeyName {
                label: Some(label.as_str().into()),
                id: None,
            },
            pin: pin.clone(),
            sessions: SESSIONS,
            patience,
        }),
        Held::Local { pem } => {
            use secrecy::ExposeSecret as _;
            SignerConfig::LocalDev(LocalDev::from_pkcs8_pem(pem.expose_secret())?)
        }
    })
}

fn problem(key: &key::Key, error: &SignerError) -> Problem {
    let fault = format!(
        "the self-test failed: {}: {}",
        error.signer(),
        error.fault()
    );
    Problem {
        key: key.place(),
        value: Some(key.kid.to_string()),
        fault,
        advice: error.fault().remedy().into(),
    }
}
