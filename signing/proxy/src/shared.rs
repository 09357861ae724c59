//! What all requests share.

use crate::audit::Audit;
use crate::config::Settings;
#[cfg(any(feature = "faults", debug_assertions))]
use crate::faults::Faults;
use crate::keys::Keys;
use crate::rates::Rates;
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
