//! Algorithms whose signatures others can check.

use std::fmt;

use verify::Algorithm;

/// An algorithm whose signatures others can check with a public key. HMAC is none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PublicAlgorithm {
    /// Ed25519 over the digest.
    Ed25519,
    /// RSA PKCS#1 v1.5 with SHA-256.
    RsaSha256,
}

impl PublicAlgorithm {
    /// The same, if others can check it.
    pub(crate) const fn of(algorithm: Algorithm) -> Option<Self> {
        match algorithm {
            Algorithm::Ed25519 => Some(Self::Ed25519),
            Algorithm::RsaSha256 => Some(Self::RsaSha256),
            Algorithm::HmacSha256 => None,
        }
    }

    /// The algorithm.
    pub(crate) const fn get(self) -> Algorithm {
        match self {
            Self::Ed25519 => Algorithm::Ed25519,
            Self::RsaSha256 => Algorithm::RsaSha256,
        }
    }
}

impl fmt::Display for PublicAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.get(), f)
    }
}
