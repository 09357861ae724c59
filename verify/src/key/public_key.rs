use std::fmt;

use ed25519_dalek::VerifyingKey;
use ledger::Digest;
use rsa::pkcs8::der::Decode as _;
use rsa::pkcs8::der::pem::PemLabel as _;
use rsa::pkcs8::{Document, EncodePublicKey as _, LineEnding, SubjectPublicKeyInfoRef};
use rsa::traits::PublicKeyParts as _;
use rsa::{BigUint, Pkcs1v15Sign, RsaPublicKey, pkcs1};
use sha2::Sha256;

use super::{Algorithm, BadSignature, Signature};
use crate::limits::{RSA_BITS_MAX, RSA_BITS_MIN};

/// A public key: Ed25519, or RSA of 2,048 to 8,192 bits.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(Inner);

#[derive(Clone, PartialEq, Eq)]
enum Inner {
    Ed25519(Box<VerifyingKey>),
    Rsa(Box<RsaPublicKey>),
}

/// Why bytes are not a public key that is accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeyError {
    /// The text is not one PEM block `PUBLIC KEY`.
    Pem,
    /// The bytes are not a DER `SubjectPublicKeyInfo` in its one encoding.
    Der,
    /// The key is neither Ed25519 nor RSA.
    Algorithm,
    /// The Ed25519 point has a small order or another encoding.
    Weak,
    /// The RSA modulus has fewer than 2,048 bits or more than 8,192.
    Bits(usize),
    /// The RSA exponent is even, below 65,537 or beyond 33 bits.
    Exponent,
}

const ED25519: &str = "1.3.101.112";
const RSA: &str = "1.2.840.113549.1.1.1";
const EXPONENT_MIN: u32 = 65_537;

impl PublicKey {
    /// Reads the 32 bytes of an Ed25519 key.
    ///
    /// # Errors
    /// They are no point, or one that strict verifiers refuse.
    pub fn from_ed25519(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::Weak)?;
        let is_canonical = key.to_edwards().compress().to_bytes() == *bytes;
        if key.is_weak() || !is_canonical {
            return Err(KeyError::Weak);
        }
        Ok(Self(Inner::Ed25519(Box::new(key))))
    }

    /// Reads a DER `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// The bytes are another thing, or a key that is not accepted.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| KeyError::Der)?;
        let bits = info.subject_public_key.as_bytes().ok_or(KeyError::Der)?;
        let oid = info.algorithm.oid.to_string();
        let key = match oid.as_str() {
            ED25519 => Self::from_ed25519(bits.try_into().map_err(|_| KeyError::Der)?)?,
            RSA => Self(Inner::Rsa(Box::new(rsa(bits)?))),
            _ => return Err(KeyError::Algorithm),
        };
        // INVARIANT: a key has one encoding, so that its fingerprint names it.
        if key.to_spki_der() == der {
            Ok(key)
        } else {
            Err(KeyError::Der)
        }
    }

    /// Reads one PEM block `PUBLIC KEY`.
    ///
    /// # Errors
    /// As [`PublicKey::from_spki_der`], or the text is not one such block.
    pub fn from_spki_pem(pem: &str) -> Result<Self, KeyError> {
        let (label, document) = Document::from_pem(pem).map_err(|_| KeyError::Pem)?;
        SubjectPublicKeyInfoRef::validate_pem_label(label).map_err(|_| KeyError::Pem)?;
        Self::from_spki_der(document.as_bytes())
    }

    /// The DER `SubjectPublicKeyInfo`.
    pub fn to_spki_der(&self) -> Vec<u8> {
        match &self.0 {
            Inner::Ed25519(key) => {
                let mut der = ED25519_PREFIX.to_vec();
                der.extend_from_slice(key.as_bytes());
                der
            }
            // A modulus within the limits has an encoding.
            Inner::Rsa(key) => key
                .to_public_key_der()
                .map(Document::into_vec)
                .unwrap_or_default(),
        }
    }

    /// The PEM block, with line feeds.
    pub fn to_spki_pem(&self) -> String {
        Document::from_der(&self.to_spki_der())
            .and_then(|document| {
                document.to_pem(SubjectPublicKeyInfoRef::PEM_LABEL, LineEnding::LF)
            })
            .unwrap_or_default()
    }

    /// How this key signs.
    pub fn algorithm(&self) -> Algorithm {
        match &self.0 {
            Inner::Ed25519(_) => Algorithm::Ed25519,
            Inner::Rsa(_) => Algorithm::RsaSha256,
        }
    }

    /// SHA-256 of the DER: the name of a key that no registry can give to another one.
    pub fn fingerprint(&self) -> Digest {
        Digest::of(&self.to_spki_der())
    }

    /// The 32 bytes of an Ed25519 key, `None` for another one.
    pub fn ed25519_bytes(&self) -> Option<&[u8; 32]> {
        match &self.0 {
            Inner::Ed25519(key) => Some(key.as_bytes()),
            Inner::Rsa(_) => None,
        }
    }

    /// Bytes of every signature of this key.
    pub fn signature_bytes(&self) -> usize {
        match &self.0 {
            Inner::Ed25519(_) => 64,
            Inner::Rsa(key) => key.size(),
        }
    }

    /// Checks a signature over the 32 bytes of `digest`: for Ed25519 they are the message, for RSA
    /// they are the SHA-256 that stands in the signature and are not hashed again.
    ///
    /// # Errors
    /// It is not a signature of this key over that digest.
    pub fn verify_digest(
        &self,
        digest: &Digest,
        signature: &Signature,
    ) -> Result<(), BadSignature> {
        match &self.0 {
            Inner::Ed25519(key) => verify_ed25519(key, &digest.0, signature),
            Inner::Rsa(key) => verify_rsa(key, digest, signature),
        }
    }

    /// Checks a signature over a text: for Ed25519 the text is the message, for RSA it is hashed
    /// with SHA-256 once.
    ///
    /// # Errors
    /// It is not a signature of this key over that text.
    pub fn verify_note(&self, text: &[u8], signature: &Signature) -> Result<(), BadSignature> {
        match &self.0 {
            Inner::Ed25519(key) => verify_ed25519(key, text, signature),
            Inner::Rsa(key) => verify_rsa(key, &Digest::of(text), signature),
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.algorithm(), self.fingerprint())
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pem => f.write_str("not one pem block `PUBLIC KEY`"),
            Self::Der => f.write_str("not a der public key in its one encoding"),
            Self::Algorithm => f.write_str("neither an ed25519 nor an rsa key"),
            Self::Weak => f.write_str("an ed25519 key that strict verifiers refuse"),
            Self::Bits(bits) => write!(
                f,
                "an rsa key of `{bits}` bits: take one of {RSA_BITS_MIN} to {RSA_BITS_MAX}"
            ),
            Self::Exponent => f.write_str("an rsa key whose exponent is not accepted: take 65537"),
        }
    }
}

impl std::error::Error for KeyError {}

/// `SEQUENCE { SEQUENCE { OID 1.3.101.112 } BIT STRING` up to the 32 bytes, RFC 8410 §4.
const ED25519_PREFIX: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

fn rsa(bits: &[u8]) -> Result<RsaPublicKey, KeyError> {
    let parts = pkcs1::RsaPublicKey::from_der(bits).map_err(|_| KeyError::Der)?;
    let modulus = BigUint::from_bytes_be(parts.modulus.as_bytes());
    let exponent = BigUint::from_bytes_be(parts.public_exponent.as_bytes());
    let bits = modulus.bits();
    if !(RSA_BITS_MIN..=RSA_BITS_MAX).contains(&bits) {
        return Err(KeyError::Bits(bits));
    }
    let is_even = exponent
        .to_bytes_le()
        .first()
        .is_none_or(|byte| byte & 1 == 0);
    if is_even || exponent < BigUint::from(EXPONENT_MIN) {
        return Err(KeyError::Exponent);
    }
    RsaPublicKey::new_with_max_size(modulus, exponent, RSA_BITS_MAX).map_err(|_| KeyError::Exponent)
}

fn verify_ed25519(
    key: &VerifyingKey,
    message: &[u8],
    signature: &Signature,
) -> Result<(), BadSignature> {
    let bytes: &[u8; 64] = signature.as_bytes().try_into().map_err(|_| BadSignature)?;
    key.verify_strict(message, &ed25519_dalek::Signature::from_bytes(bytes))
        .map_err(|_| BadSignature)
}

fn verify_rsa(
    key: &RsaPublicKey,
    digest: &Digest,
    signature: &Signature,
) -> Result<(), BadSignature> {
    key.verify(
        Pkcs1v15Sign::new::<Sha256>(),
        &digest.0,
        signature.as_bytes(),
    )
    .map_err(|_| BadSignature)
}
