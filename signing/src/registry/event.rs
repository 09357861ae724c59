use verify::payload::Action;
use verify::{ChainHead, Kid, Micros, PublicKey, Usage};

/// A change of the registry, as a row of the chain tells of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyEvent {
    /// A key is known and signs nothing yet.
    Added {
        /// Id of the key.
        kid: Kid,
        /// The key.
        public_key: PublicKey,
        /// What it will sign.
        usage: Usage,
        /// When it came into the registry.
        deployed_at: Micros,
    },
    /// A key signs, again too.
    Promoted {
        /// Id of the key.
        kid: Kid,
        /// First row that it may sign.
        from_seq: u64,
    },
    /// A key gives way to another, and still signs.
    Retiring {
        /// Id of the key.
        kid: Kid,
    },
    /// A key signs no more.
    Retired {
        /// Id of the key.
        kid: Kid,
        /// Last row that it signed.
        to_seq: u64,
    },
    /// A key is trusted no further than a head.
    Revoked {
        /// Id of the key.
        kid: Kid,
        /// The last head whose ancestors count.
        trusted: ChainHead,
    },
    /// An approved key signs at once, for a while.
    Emergency {
        /// Id of the key.
        kid: Kid,
        /// The key.
        public_key: PublicKey,
        /// What it signs.
        usage: Usage,
        /// When it came into the registry.
        deployed_at: Micros,
        /// First row that it may sign.
        from_seq: u64,
        /// It signs nothing from then on.
        expires_at: Micros,
    },
}

impl KeyEvent {
    /// The key it is about.
    pub fn kid(&self) -> &Kid {
        match self {
            Self::Added { kid, .. }
            | Self::Promoted { kid, .. }
            | Self::Retiring { kid }
            | Self::Retired { kid, .. }
            | Self::Revoked { kid, .. }
            | Self::Emergency { kid, .. } => kid,
        }
    }

    /// The kind of row that tells of it; a revocation has a kind of its own.
    pub fn action(&self) -> Option<Action> {
        match self {
            Self::Added { .. } => Some(Action::KeyAdded),
            Self::Promoted { .. } => Some(Action::KeyPromoted),
            Self::Retiring { .. } => Some(Action::KeyRetiring),
            Self::Retired { .. } => Some(Action::KeyRetired),
            Self::Revoked { .. } => None,
            Self::Emergency { .. } => Some(Action::SignerEmergency),
        }
    }
}
