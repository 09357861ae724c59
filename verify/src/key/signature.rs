use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base64;
use crate::limits::SIGNATURE_BYTES_MAX;

/// The bytes of a signature.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Signature(Vec<u8>);

/// A signature that does not verify.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadSignature;

impl Signature {
    /// Wraps `bytes`; `None` if there are none, or more than any key of ours gives.
    pub fn new(bytes: Vec<u8>) -> Option<Self> {
        (1..=SIGNATURE_BYTES_MAX)
            .contains(&bytes.len())
            .then_some(Self(bytes))
    }

    /// The signature that `text` spells in base64.
    pub fn from_base64(text: &str) -> Option<Self> {
        base64::decode(text).and_then(Self::new)
    }

    /// The signature in base64.
    pub fn to_base64(&self) -> String {
        base64::encode(&self.0)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_base64())
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_base64())
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_base64(&text).ok_or_else(|| D::Error::custom("not a signature in base64"))
    }
}

impl fmt::Display for BadSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the signature does not verify")
    }
}

impl std::error::Error for BadSignature {}
