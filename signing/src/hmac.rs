//! HMAC-SHA-256 with a shared key, outside production only: it proves nothing to others.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use secrecy::{ExposeSecret as _, SecretString};

use crate::error::{Fault, SignerError};

const NAME: &str = "shared key `AUDIT_SIGNING_KEY`";

/// Shortest shared key, in bytes.
const KEY_MIN: usize = 16;

/// A shared key for continuous integration.
#[derive(Clone)]
pub struct Hmac(Arc<hmac::Key>);

impl Hmac {
    /// The shared key as it stands in `AUDIT_SIGNING_KEY`.
    pub fn new(secret: &SecretString) -> Result<Self, SignerError> {
        let bytes = secret.expose_secret().as_bytes();
        if bytes.len() < KEY_MIN {
            let why = format!("it has `{}` bytes, fewer than {KEY_MIN}", bytes.len());
            return Err(SignerError::new(NAME, Fault::Setting(why.into())));
        }
        Ok(Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, bytes))))
    }

    /// The code of `message`.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        hmac::sign(&self.0, message).as_ref().to_vec()
    }

    /// Whether `tag` is the code of `message`, in constant time.
    pub fn verify(&self, message: &[u8], tag: &[u8]) -> bool {
        hmac::verify(&self.0, message, tag).is_ok()
    }

    pub(crate) fn name(&self) -> &str {
        NAME
    }
}

impl fmt::Debug for Hmac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hmac(<secret>)")
    }
}
