//! Any value of any field, out of a seed: what the round-trip tests draw their messages from.

use ledger::account::AccountSettings;
use ledger::asset::AssetCode;
use ledger::event::transfer::Commitments;
use ledger::event::{BookChange, HoldExpired, TransferPosted};
use ledger::leg::Side;
use ledger::registry::Name;
use ledger::window::WindowLimit;
use ledger::{
    AccountFlags, AccountId, AssetId, BookId, Code, Digest, Event, Height, Nanos, Seq, TenantId,
    Transfer, TransferFlags, TransferId,
};

use crate::field::{Blob, LongBlob, Text};
use crate::identity::Role;
use crate::message::{AsOf, Clock, EventRecords, ItemNote, Post, TransferState};

/// Longest bytes that are drawn: every cut of a message is tried.
const DRAWN_BYTES_MAX: usize = 160;

/// A stream of numbers out of a seed (SplitMix64).
pub(crate) struct Gen(pub(crate) u64);

impl Gen {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn bytes(&mut self, max: usize) -> Vec<u8> {
        let len = self.below(max + 1);
        (0..len).map(|_| self.next() as u8).collect()
    }

    fn text(&mut self, max: usize) -> String {
        let letters: String = (0..max / 2)
            .map(|_| if self.below(2) == 0 { 'a' } else { 'ä' })
            .collect();
        letters.chars().take(self.below(max / 2 + 1)).collect()
    }

    fn of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())]
    }
}

/// A type any value of which can be drawn.
pub(crate) trait Arb: Sized {
    fn arb(g: &mut Gen) -> Self;
}

macro_rules! arb {
    ($($type:ty: |$g:ident| $value:expr;)*) => {
        $(impl Arb for $type {
            fn arb($g: &mut Gen) -> Self {
                $value
            }
        })*
    };
}

arb! {
    u8: |g| g.next() as u8;
    u16: |g| g.next() as u16;
    u32: |g| g.next() as u32;
    u64: |g| g.next();
    u128: |g| u128::from(g.next()) << 64 | u128::from(g.next());
    i128: |g| u128::arb(g) as i128;
    bool: |g| g.below(2) == 1;
    TenantId: |g| Self(Arb::arb(g));
    BookId: |g| Self(Arb::arb(g));
    AssetId: |g| Self(Arb::arb(g));
    AccountId: |g| Self(Arb::arb(g));
    TransferId: |g| Self(Arb::arb(g));
    Seq: |g| Self(Arb::arb(g));
    Height: |g| Self(Arb::arb(g));
    Nanos: |g| Self(Arb::arb(g));
    Digest: |g| Self::of(&g.next().to_le_bytes());
    Code: |g| g.of(Self::ALL);
    Role: |g| g.of(Self::ALL);
    Side: |g| g.of(&[Self::Debit, Self::Credit]);
    Clock: |g| g.of(&[Self::Seq, Self::PostedAt, Self::EffectiveAt]);
    BookChange: |g| g.of(&[
        Self::Halted, Self::Resumed, Self::Locked, Self::Opened, Self::SealedRequired,
        Self::SealedNotRequired,
    ]);
    TransferState: |g| g.of(&[
        Self::Posted, Self::HoldOpen, Self::HoldCaptured, Self::HoldVoided, Self::HoldExpired,
        Self::Reversed,
    ]);
    Name: |g| Self::parse(&format!("n-{}", g.below(1_000))).unwrap();
    AssetCode: |g| Self::parse(&format!("A{}", g.below(1_000))).unwrap();
    AsOf: |g| match g.below(4) {
        0 => Self::Now,
        1 => Self::Seq(Arb::arb(g)),
        2 => Self::PostedAt(Arb::arb(g)),
        _ => Self::Effective { date: Arb::arb(g), known_at: Arb::arb(g) },
    };
    WindowLimit: |g| if g.below(2) == 0 {
        Self::default()
    } else {
        Self { seconds: g.next() as u32 | 1, count: Arb::arb(g), amount: Arb::arb(g) }
    };
    AccountSettings: |g| Self {
        flags: AccountFlags(g.next() as u16 & AccountFlags::SETTABLE),
        floor: Arb::arb(g),
        ceiling: Arb::arb(g),
        limits: [Arb::arb(g), Arb::arb(g)],
        tags: Arb::arb(g),
    };
    Commitments: |g| Self { reference: Arb::arb(g), metadata: Arb::arb(g) };
    TransferPosted: |g| Self {
        flags: TransferFlags(g.next() as u16 & TransferFlags::KNOWN),
        code: Arb::arb(g),
        result: Arb::arb(g),
        asset: Arb::arb(g),
        timeout: Arb::arb(g),
        seq: Arb::arb(g),
        posted_at: Arb::arb(g),
        effective_at: Arb::arb(g),
        user_data: Arb::arb(g),
        debit_seq: Arb::arb(g),
        credit_seq: Arb::arb(g),
        id: Arb::arb(g),
        debit: Arb::arb(g),
        credit: Arb::arb(g),
        amount: Arb::arb(g),
        requested: Arb::arb(g),
        released: Arb::arb(g),
        target: Arb::arb(g),
        commitments: Arb::arb(g),
    };
    HoldExpired: |g| Self {
        seq: Arb::arb(g),
        posted_at: Arb::arb(g),
        hold: Arb::arb(g),
        debit: Arb::arb(g),
        credit: Arb::arb(g),
        released: Arb::arb(g),
        debit_seq: Arb::arb(g),
        credit_seq: Arb::arb(g),
    };
    EventRecords: |g| {
        let mut bytes = Vec::new();
        for _ in 0..=g.below(4) {
            Event::Transfer(Arb::arb(g)).encode(&mut bytes);
            Event::HoldExpired(Arb::arb(g)).encode(&mut bytes);
        }
        Self::new(bytes).unwrap()
    };
    Transfer: |g| Self {
        id: Arb::arb(g),
        debit: Arb::arb(g),
        credit: Arb::arb(g),
        amount: Arb::arb(g),
        target: Arb::arb(g),
        effective_at: Arb::arb(g),
        posted_at: Arb::arb(g),
        user_data: Arb::arb(g),
        asset: Arb::arb(g),
        timeout: Arb::arb(g),
        code: Arb::arb(g),
        flags: TransferFlags(Arb::arb(g)),
    };
    Post: |g| {
        let transfers: Vec<_> = (0..=g.below(5)).map(|_| Arb::arb(g)).collect();
        let noted = (0..transfers.len() as u32).filter(|_| g.below(2) == 0).collect::<Vec<_>>();
        let notes = noted.into_iter().map(|index| ItemNote {
            index,
            reference: format!("r{}", g.text(40)).into_bytes(),
            metadata: g.bytes(40),
        });
        Self { notes: notes.collect(), transfers }
    };
}

impl<T: Arb> Arb for Option<T> {
    fn arb(g: &mut Gen) -> Self {
        bool::arb(g).then(|| T::arb(g))
    }
}

impl<T: Arb> Arb for Vec<T> {
    fn arb(g: &mut Gen) -> Self {
        (0..g.below(4)).map(|_| T::arb(g)).collect()
    }
}

impl<const MAX: usize> Arb for Blob<MAX> {
    fn arb(g: &mut Gen) -> Self {
        Self::new(g.bytes(MAX.min(DRAWN_BYTES_MAX))).unwrap()
    }
}

impl<const MAX: usize> Arb for LongBlob<MAX> {
    fn arb(g: &mut Gen) -> Self {
        Self::new(g.bytes(MAX.min(DRAWN_BYTES_MAX))).unwrap()
    }
}

impl<const MAX: usize> Arb for Text<MAX> {
    fn arb(g: &mut Gen) -> Self {
        Self::new(g.text(MAX.min(DRAWN_BYTES_MAX))).unwrap()
    }
}
