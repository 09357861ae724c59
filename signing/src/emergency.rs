//! The emergency signer: another key for a while, when enough approvers agreed to this very one.

use verify::approval::{Content, Expected};
use verify::{Approval, Kid, Micros, PublicKey};

use crate::config::ProductionSigner;
use crate::error::{Fault, SignerError};
use crate::pem::PemKey;
use crate::signer::{Backend, Signer};

/// Where an emergency key is.
#[derive(Clone, Debug)]
pub enum EmergencyKey {
    /// Where production keeps keys too.
    Remote(ProductionSigner),
    /// In `AUDIT_SIGNING_PRIVATE_KEY`.
    Pem(PemKey),
}

/// A signer that signs until its approval expires.
///
/// INVARIANT: the one way to make it checks the approval, and whoever uses it asks for the time:
/// here, or the registry that knows when it expires.
#[derive(Debug)]
pub struct EmergencySigner {
    signer: Signer,
    expires_at: Micros,
}

impl EmergencySigner {
    /// The emergency signer that `approval` allows at `now`. `expected` says what an approval has
    /// to be about in order to count.
    ///
    /// # Errors
    /// The approval does not count, is about another key, or has expired; or as
    /// [`Signer::connect`].
    pub async fn connect(
        key: &EmergencyKey,
        kid: Kid,
        public_key: PublicKey,
        approval: &Approval,
        expected: &Expected<'_>,
        now: Micros,
    ) -> Result<Self, SignerError> {
        let expires_at = approved(&kid, &public_key, approval, expected)?;
        let signer = match key {
            EmergencyKey::Remote(config) => config.connect(kid, public_key).await?,
            EmergencyKey::Pem(key) => {
                Signer::over(Backend::Pem(key.clone()), kid, public_key.into())?
            }
        };
        let emergency = Self { signer, expires_at };
        emergency.signer(now)?;
        Ok(emergency)
    }

    /// The signer, at a time before its approval expires.
    ///
    /// # Errors
    /// It has expired.
    pub fn signer(&self, now: Micros) -> Result<&Signer, SignerError> {
        if now < self.expires_at {
            return Ok(&self.signer);
        }
        let why = format!("it expired at `{}`", self.expires_at);
        Err(refused(self.signer.kid(), why))
    }

    /// The signer, for whoever asks a [`Registry`](crate::Registry) which key signs at what time.
    pub fn into_signer(self) -> Signer {
        self.signer
    }

    /// Its key id.
    pub fn kid(&self) -> &Kid {
        self.signer.kid()
    }

    /// It signs nothing from then on.
    pub fn expires_at(&self) -> Micros {
        self.expires_at
    }
}

/// Until when the approval lets this key sign.
fn approved(
    kid: &Kid,
    public_key: &PublicKey,
    approval: &Approval,
    expected: &Expected<'_>,
) -> Result<Micros, SignerError> {
    approval
        .check(expected)
        .map_err(|fault| refused(kid, fault.to_string()))?;
    match &approval.request().content {
        Content::Emergency {
            expires_at,
            kid: named,
            public_key: fingerprint,
        } => {
            if named != kid {
                return Err(refused(kid, format!("the approval is for key `{named}`")));
            }
            if *fingerprint != public_key.fingerprint() {
                let why = format!("the approval is for the public key `{fingerprint}`");
                return Err(refused(kid, why));
            }
            Ok(*expires_at)
        }
        other => {
            let why = format!("the approval is for `{}`", other.action());
            Err(refused(kid, why))
        }
    }
}

fn refused(kid: &Kid, why: String) -> SignerError {
    let name = format!("emergency signer `{kid}`");
    SignerError::new(name, Fault::NotApproved(why.into()))
}

#[cfg(test)]
mod tests;
