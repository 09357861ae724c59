use std::fmt;

use crate::chain_head::ChainHead;
use crate::key::Kid;
use crate::keyring::RowFault;

/// Why a chain does not hold. `seq` is the number of the row where it shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ChainFault {
    /// There are no rows.
    Empty,
    /// The chain begins later than it has to.
    HeadDropped {
        /// The row.
        seq: u64,
        /// The row that has to be there.
        expected: u64,
    },
    /// Rows are missing before this one.
    Missing {
        /// The row.
        seq: u64,
        /// The row that has to be there.
        expected: u64,
    },
    /// A row stands twice.
    Duplicate {
        /// The row.
        seq: u64,
    },
    /// A row stands after one that has to follow it.
    OutOfOrder {
        /// The row.
        seq: u64,
        /// The row that has to be there.
        expected: u64,
    },
    /// A row belongs before the head after which the chain was to begin.
    BeforeStart {
        /// The row.
        seq: u64,
    },
    /// The row does not name the digest of the one before.
    Link {
        /// The row.
        seq: u64,
    },
    /// The row is not later than the one before.
    Time {
        /// The row.
        seq: u64,
    },
    /// The row was made under an older lease than the one before.
    Lease {
        /// The row.
        seq: u64,
    },
    /// The origin epoch changed without a recovery, or did not rise at one.
    Epoch {
        /// The row.
        seq: u64,
    },
    /// The row does not count.
    Row {
        /// The row.
        seq: u64,
        /// Why.
        fault: RowFault,
    },
    /// A revoked key signed the row, which does not lead to the trusted head.
    Revoked {
        /// The key.
        kid: Kid,
        /// The row.
        seq: u64,
        /// The trusted head.
        trusted: ChainHead,
    },
    /// The row revokes a key for a trusted head that is not of this chain.
    Revocation {
        /// The row.
        seq: u64,
    },
    /// The chain ends before the head that is known.
    TailDropped {
        /// The known head.
        known: ChainHead,
        /// The last row.
        last: ChainHead,
    },
    /// The chain has another row where the known head was.
    Forked {
        /// The known head.
        known: ChainHead,
    },
    /// A recovery gave the known head up.
    Abandoned {
        /// The known head.
        known: ChainHead,
        /// The row of the recovery.
        seq: u64,
    },
    /// The known head lies before the rows that were given.
    KnownBeforeStart {
        /// The known head.
        known: ChainHead,
        /// The first row.
        first: u64,
    },
}

impl fmt::Display for ChainFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("there are no rows"),
            Self::HeadDropped { seq, expected } => {
                write!(f, "the chain begins at row `{seq}`, not at row {expected}")
            }
            Self::Missing { seq, expected } => {
                write!(f, "row `{seq}` follows where row {expected} has to be")
            }
            Self::Duplicate { seq } => write!(f, "row `{seq}` stands twice"),
            Self::OutOfOrder { seq, expected } => {
                write!(f, "row `{seq}` stands where row {expected} has to be")
            }
            Self::BeforeStart { seq } => write!(f, "row `{seq}` belongs before the first row"),
            Self::Link { seq } => {
                write!(f, "row `{seq}` does not name the digest of the row before")
            }
            Self::Time { seq } => write!(f, "row `{seq}` is not later than the row before"),
            Self::Lease { seq } => {
                write!(f, "row `{seq}` has an older lease than the row before")
            }
            Self::Epoch { seq } => {
                write!(
                    f,
                    "row `{seq}` changes the origin epoch as only a recovery may"
                )
            }
            Self::Row { seq, fault } => write!(f, "row `{seq}` does not count: {fault}"),
            Self::Revoked { kid, seq, trusted } => write!(
                f,
                "row `{seq}` is by the revoked key `{kid}` and does not lead to `{trusted}`"
            ),
            Self::Revocation { seq } => {
                write!(
                    f,
                    "row `{seq}` revokes a key for a head that is not of this chain"
                )
            }
            Self::TailDropped { known, last } => {
                write!(
                    f,
                    "the chain ends at `{last}`, before the known head `{known}`"
                )
            }
            Self::Forked { known } => {
                write!(f, "the chain has another row than the known head `{known}`")
            }
            Self::Abandoned { known, seq } => {
                write!(
                    f,
                    "the recovery in row `{seq}` gave the known head `{known}` up"
                )
            }
            Self::KnownBeforeStart { known, first } => write!(
                f,
                "the known head `{known}` lies before row {first}: give the rows from there"
            ),
        }
    }
}

impl std::error::Error for ChainFault {}
