//! Balances now and as of a point of one of the three clocks.

use ledger::fields::{Reader, Write};
use ledger::{AccountId, Balances, Height, Nanos, Seq};

use crate::field::{Field, MessageError};
use crate::message::macros::message;

/// The point that balances are asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AsOf {
    /// Now, holds included.
    Now,
    /// After the event with this sequence.
    Seq(Seq),
    /// After everything posted at or before this time.
    PostedAt(Nanos),
    /// After everything with an effective date at or before `date`, as it was known at a sequence.
    Effective {
        /// Business date.
        date: Nanos,
        /// Only events up to this sequence count; `u64::MAX` means all.
        known_at: Seq,
    },
}

/// A number, two `u64`: fixed, so that the ids after it stand at a fixed offset.
impl Field for AsOf {
    const MIN_BYTES: usize = 17;
    const FIXED: bool = true;

    fn kind() -> String {
        "AsOf".to_owned()
    }

    fn put(&self, out: &mut Vec<u8>) {
        let (number, point, known_at) = match self {
            Self::Now => (0, 0, 0),
            Self::Seq(seq) => (1, seq.0, 0),
            Self::PostedAt(time) => (2, time.0, 0),
            Self::Effective { date, known_at } => (3, date.0, known_at.0),
        };
        out.put_u8(number);
        out.put_u64(point);
        out.put_u64(known_at);
    }

    fn get(r: &mut Reader<'_>) -> Result<Self, MessageError> {
        match (r.u8()?, r.u64()?, r.u64()?) {
            (0, 0, 0) => Ok(Self::Now),
            (1, seq, 0) => Ok(Self::Seq(Seq(seq))),
            (2, time, 0) => Ok(Self::PostedAt(Nanos(time))),
            (3, date, known_at) => Ok(Self::Effective {
                date: Nanos(date),
                known_at: Seq(known_at),
            }),
            _ => Err(MessageError::bad("as of")),
        }
    }
}

message! {
    /// Asks for balances.
    pub struct BalancesAsOf {
        /// The point they are asked for.
        pub as_of: AsOf,
        /// The accounts.
        pub ids: Vec<AccountId>,
    }

    /// Balances.
    pub struct BalancesFound {
        /// Height of the book that the answer was read at.
        pub height: Height,
        /// Events of the book at that height.
        pub events: u64,
        /// In the order of the ids; absent where there is no such account. Held sums are 0 unless
        /// asked for now.
        pub rows: Vec<Option<Balances>>,
    }
}
