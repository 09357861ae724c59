//! What all requests share.

use verify::Signature;

use crate::audit::Audit;
use crate::config::Settings;
#[cfg(any(feature = "faults", debug_assertions))]
use crate::faults::Faults;
use crate::keys::{Key, Keys, Message};
use crate::rates::Rates;
use crate::refusal::Refusal;
use crate::state::State;

/// What all requests share.
pub(crate) struct Shared {
    /// What the proxy runs with.
    pub(crate) settings: Settings,
    /// Who signs.
    pub(crate) keys: Keys,
    /// What was signed.
    pub(crate) state: State,
    /// Who asked for what.
    pub(crate) audit: Audit,
    /// How many may ask.
    pub(crate) rates: Rates,
    /// What goes wrong on purpose.
    #[cfg(any(feature = "faults", debug_assertions))]
    pub(crate) faults: Faults,
}

impl Shared {
    /// Has a key sign.
    pub(crate) async fn sign(&self, key: &Key, message: Message<'_>) -> Result<Signature, Refusal> {
        #[cfg(any(feature = "faults", debug_assertions))]
        self.faults.before().await.map_err(Refusal::Signer)?;
        let signature = key.sign(message).await.map_err(Refusal::Signer)?;
        #[cfg(any(feature = "faults", debug_assertions))]
        let signature = self.faults.after(message, signature);
        Ok(signature)
    }
}
