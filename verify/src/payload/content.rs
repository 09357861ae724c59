use ledger::Digest;

use super::Action;
use crate::chain_head::ChainHead;
use crate::key::Kid;

/// What a row states.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// The heads of all books.
    Seal(Seal),
    /// An action whose body stands beside the row.
    Action {
        /// What was done.
        action: Action,
        /// Commitment to the body.
        body: Digest,
    },
    /// A key was revoked. Whatever it signed counts for nothing beyond the trusted head.
    KeyRevoked {
        /// Commitment to the body.
        body: Digest,
        /// The key.
        kid: Kid,
        /// The last head whose ancestors count.
        trusted: ChainHead,
    },
    /// The chain goes on from an older head than the one that was known outside.
    Recovery(Recovery),
}

/// The statement of a seal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Seal {
    /// Books that the heads tree has a position for.
    pub books: u64,
    /// Root of the heads tree.
    pub heads_root: Digest,
    /// Digest of the policies in force.
    pub policy_set: Digest,
}

/// The statement of a recovery.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recovery {
    /// Commitment to the body.
    pub body: Digest,
    /// The head that was known outside and is given up.
    pub anchor: ChainHead,
}

impl Content {
    /// The text of `kind`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Seal(_) => "seal",
            Self::Action { action, .. } => action.text(),
            Self::KeyRevoked { .. } => "key_revoked",
            Self::Recovery(_) => "recovery",
        }
    }

    /// What tells rows apart for people.
    pub const fn event_type(&self) -> &'static str {
        match self {
            Self::Seal(_) => "ledger.seal",
            Self::KeyRevoked { .. } => "ledger.key",
            Self::Recovery(_) => "ledger.recovery",
            Self::Action { action, .. } => match action {
                Action::KeyAdded
                | Action::KeyPromoted
                | Action::KeyRetiring
                | Action::KeyRetired
                | Action::SignerEmergency => "ledger.key",
                Action::ApprovalSigned => "ledger.approval",
                Action::Operator => "ledger.operator",
                Action::PolicyActivated | Action::PolicyRolledBack | Action::PolicyBreaker => {
                    "ledger.policy"
                }
            },
        }
    }

    /// Commitment to the body beside the row; a seal has none.
    pub const fn body(&self) -> Option<&Digest> {
        match self {
            Self::Seal(_) => None,
            Self::Action { body, .. } | Self::KeyRevoked { body, .. } => Some(body),
            Self::Recovery(recovery) => Some(&recovery.body),
        }
    }

    /// Numbers that have to fit an integer of JSON.
    pub(super) fn numbers(&self) -> Option<(&'static str, u64)> {
        match self {
            Self::Seal(seal) => Some(("books", seal.books)),
            Self::Action { .. } => None,
            Self::KeyRevoked { trusted, .. } => Some(("revoked.trusted_seq", trusted.seq)),
            Self::Recovery(recovery) => Some(("recovered.anchor_seq", recovery.anchor.seq)),
        }
    }
}
