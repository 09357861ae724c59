//! Why a claim is refused.

use std::fmt;

use ledger::Digest;

/// Why a claim is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Conflict {
    /// Another digest was claimed at this place.
    Equivocation {
        /// The place.
        seq: u64,
        /// What was claimed there.
        claimed: Digest,
    },
    /// The place is so old that what was claimed there is not kept.
    Forgotten {
        /// The place.
        seq: u64,
        /// The oldest that is kept.
        oldest: u64,
    },
    /// It does not come right after the last. The one before it may be on its way.
    Gap {
        /// The place.
        seq: u64,
        /// The last that was claimed.
        last: u64,
    },
    /// It does not follow from the one before it.
    OtherPrevious {
        /// The place.
        seq: u64,
        /// The digest of the one before it.
        previous: Digest,
    },
    /// It was made under a lease that is over: somebody else has taken it since.
    LeaseBehind {
        /// Epoch of the lease.
        own: u64,
        /// The newest that is known.
        newest: u64,
    },
    /// The chain has gone on to a newer epoch.
    EpochBehind {
        /// The epoch.
        epoch: u64,
        /// The newest that is known.
        newest: u64,
    },
    /// A new epoch begins with a recovery that names the last head of the one before.
    NotARecovery {
        /// The new epoch.
        epoch: u64,
        /// The last head.
        anchor_seq: u64,
        /// Its digest.
        anchor_digest: Digest,
    },
    /// Another root was claimed for this size.
    OtherRoot {
        /// The size.
        size: u64,
        /// What was claimed for it.
        claimed: Digest,
    },
    /// The size is so small that what was claimed for it is not kept.
    SizeForgotten {
        /// The size.
        size: u64,
        /// The smallest that is kept.
        smallest: u64,
    },
    /// Checkpoints of as many logs are kept as there is room for.
    TooManyLogs,
}

impl Conflict {
    /// A short name for answers, audit lines and programs.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Equivocation { .. } => "equivocation",
            Self::Forgotten { .. } => "forgotten",
            Self::Gap { .. } => "gap",
            Self::OtherPrevious { .. } => "other_previous",
            Self::LeaseBehind { .. } => "lease_behind",
            Self::EpochBehind { .. } => "epoch_behind",
            Self::NotARecovery { .. } => "not_a_recovery",
            Self::OtherRoot { .. } => "other_root",
            Self::SizeForgotten { .. } => "size_forgotten",
            Self::TooManyLogs => "too_many_logs",
        }
    }
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equivocation { seq, claimed } => {
                write!(f, "another digest, `{claimed}`, has place `{seq}` already")
            }
            Self::Forgotten { seq, oldest } => write!(
                f,
                "place `{seq}` is older than `{oldest}`, the oldest whose digest is kept"
            ),
            Self::Gap { seq, last } => write!(
                f,
                "place `{seq}` does not come right after `{last}`, the last that was claimed"
            ),
            Self::OtherPrevious { seq, previous } => write!(
                f,
                "place `{seq}` does not follow from `{previous}`, the digest before it"
            ),
            Self::LeaseBehind { own, newest } => write!(
                f,
                "lease `{own}` is over: lease `{newest}` has signed since"
            ),
            Self::EpochBehind { epoch, newest } => write!(
                f,
                "epoch `{epoch}` has ended: the chain has gone on to epoch `{newest}`"
            ),
            Self::NotARecovery {
                epoch,
                anchor_seq,
                anchor_digest,
            } => write!(
                f,
                "epoch `{epoch}` has to begin with a recovery that names the last head, \
                 `{anchor_seq}` with digest `{anchor_digest}`"
            ),
            Self::OtherRoot { size, claimed } => {
                write!(f, "another root, `{claimed}`, has size `{size}` already")
            }
            Self::SizeForgotten { size, smallest } => write!(
                f,
                "size `{size}` is smaller than `{smallest}`, the smallest whose root is kept"
            ),
            Self::TooManyLogs => f.write_str("checkpoints of no more logs can be kept here"),
        }
    }
}
