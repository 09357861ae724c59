use std::error::Error;
use std::fmt;

use verify::keyring::{KeyringError, State};
use verify::{Kid, Micros, Usage};

/// Why the registry refuses an event, or a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RegistryError {
    /// The row does not come after the last one that changed the registry.
    Order {
        /// The row.
        seq: u64,
        /// The last one.
        last: u64,
    },
    /// The keys do not allow the change.
    Keyring(KeyringError),
    /// A key that is not registered.
    Unknown(Kid),
    /// A key that signs other things.
    Usage {
        /// The key.
        kid: Kid,
        /// What it signs.
        is: Usage,
    },
    /// A key that signs nothing new in its state.
    State {
        /// The key.
        kid: Kid,
        /// Its state.
        state: State,
    },
    /// A key that signs later rows only.
    Early {
        /// The key.
        kid: Kid,
        /// The first row that it signs.
        from: u64,
    },
    /// An emergency key whose time is over.
    Expired {
        /// The key.
        kid: Kid,
        /// When it was over.
        at: Micros,
    },
}

impl fmt::Display for RegistryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Order { seq, last } => {
                write!(f, "row `{seq}` changes keys and does not follow row {last}")
            }
            Self::Keyring(error) => error.fmt(f),
            Self::Unknown(kid) => write!(f, "key `{kid}` is not registered: add and promote it"),
            Self::Usage { kid, is } => write!(f, "key `{kid}` is for {is}: use another one"),
            Self::State { kid, state } => {
                write!(f, "key `{kid}` is {state} and signs nothing: promote one")
            }
            Self::Early { kid, from } => {
                write!(f, "key `{kid}` signs from row {from} on: wait for it")
            }
            Self::Expired { kid, at } => {
                write!(
                    f,
                    "emergency key `{kid}` expired at `{at}`: promote another"
                )
            }
        }
    }
}

impl Error for RegistryError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Keyring(error) => Some(error),
            _ => None,
        }
    }
}
