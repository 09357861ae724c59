//! The postings of an account with running balances.

use ledger::{AccountId, Height};

use crate::message::macros::message;
use crate::message::{Cursor, TransferRow};

/// Which clock a statement's range is given in and its lines are in order of. Numbers are frozen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum Clock {
    /// Sequence in the book.
    Seq = 1,
    /// Posted time.
    PostedAt = 2,
    /// Effective date, then sequence.
    EffectiveAt = 3,
}

impl Clock {
    /// The clock with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Seq,
            2 => Self::PostedAt,
            3 => Self::EffectiveAt,
            _ => return None,
        })
    }
}

crate::field::choice! {
    Clock(u8), "1 sequence, 2 posted time, 3 effective date",
        |v| v as u8, |n| Self::from_number(n);
}

message! {
    /// Asks for an account's postings.
    pub struct Statement {
        /// The account.
        pub account: AccountId,
        /// What `from` and `to` count.
        pub clock: Clock,
        /// At or after.
        pub from: u64,
        /// Before; 0 means no end.
        pub to: u64,
        /// Most lines wanted; 0 leaves it to the server.
        pub limit: u32,
        /// `next` of the answer before; empty from the start.
        pub cursor: Cursor,
    }

    /// A posting and the balance after it.
    pub struct StatementLine {
        /// The transfer.
        pub row: TransferRow,
        /// Posted credits - posted debits of the account after it, in minor units.
        pub balance: i128,
    }

    /// A page of a statement.
    pub struct StatementPage {
        /// Height of the book that the answer was read at.
        pub height: Height,
        /// Posted debits before the page's first line, in minor units.
        pub opening_debits: u128,
        /// Posted credits before the page's first line, in minor units.
        pub opening_credits: u128,
        /// The postings, in order.
        pub lines: Vec<StatementLine>,
        /// Where the next page starts; empty at the end.
        pub next: Cursor,
    }
}
