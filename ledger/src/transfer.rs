//! A transfer as a client asks for it: an amount from one account to another.

use crate::fields::{DecodeError, Reader, Write};
use crate::id::{AccountId, AssetId, Nanos, TransferId};

/// What a transfer does besides moving its amount. Bits of a `u16`; numbers are frozen.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TransferFlags(pub u16);

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:literal, $text:literal;)*) => {
        impl TransferFlags {
            $($(#[$doc])* pub const $name: Self = Self(1 << $bit);)*
            /// Every flag there is, with its name.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$name, $text),)*];
        }
    };
}

flags! {
    /// The next transfer of the batch belongs to the same entry set: all or nothing.
    LINKED = 0, "linked";
    /// Holds the amount instead of posting it; `timeout` seconds later it expires (0: never).
    HOLD = 1, "hold";
    /// Posts the amount out of the hold named by `target`; what is left of the hold is released.
    CAPTURE = 2, "capture";
    /// Releases the hold named by `target`.
    VOID = 3, "void";
    /// With `CAPTURE`: what is left of the hold stays held.
    KEEP_OPEN = 4, "keep_open";
    /// Posts at most what the debit account's floor allows.
    BALANCING_DEBIT = 5, "balancing_debit";
    /// Posts at most what the credit account's ceiling allows.
    BALANCING_CREDIT = 6, "balancing_credit";
    /// Gives back the whole of the transfer named by `target`, once.
    REVERSAL = 7, "reversal";
    /// Carries its own posted time; only while the book is `importing`.
    IMPORTED = 8, "imported";
}

impl TransferFlags {
    /// No flag.
    pub const NONE: Self = Self(0);
    /// Bits that mean something.
    pub const KNOWN: u16 = 0x01ff;

    /// Whether every bit of `other` is set.
    #[inline]
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any bit of `other` is set.
    #[inline]
    pub const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both sets of bits.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These bits without those of `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl std::fmt::Debug for TransferFlags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut first = true;
        for (flag, name) in Self::ALL {
            if self.has(*flag) {
                f.write_str(if first { name } else { "|" })?;
                if !first {
                    f.write_str(name)?;
                }
                first = false;
            }
        }
        if self.0 & !Self::KNOWN != 0 {
            write!(f, "|{:#x}", self.0 & !Self::KNOWN)?;
        }
        Ok(())
    }
}

/// A transfer as asked for. 128 bytes on the wire, see [`Transfer::encode`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transfer {
    /// The client's id, unique in the book for ever: a retry carries the same.
    pub id: TransferId,
    /// Account that gives.
    pub debit: AccountId,
    /// Account that receives.
    pub credit: AccountId,
    /// Minor units of the accounts' asset. For a balancing transfer the most that may move.
    pub amount: u128,
    /// Hold to capture or void, or transfer to reverse; 0 otherwise.
    pub target: TransferId,
    /// Business date in nanoseconds UTC; 0 means the posted time.
    pub effective_at: Nanos,
    /// Own posted time with `IMPORTED`; 0 otherwise.
    pub posted_at: Nanos,
    /// The client's own number, not interpreted.
    pub user_data: u64,
    /// Asset that the client believes the accounts have; 0 leaves it unchecked.
    pub asset: AssetId,
    /// Seconds until a hold expires; 0 means never.
    pub timeout: u32,
    /// The client's own classification, not 0.
    pub code: u16,
    /// What the transfer does.
    pub flags: TransferFlags,
}

impl Transfer {
    /// Bytes of an encoded transfer.
    pub const BYTES: usize = 128;

    /// A plain transfer of `amount`; everything else unset.
    pub fn new(id: u128, debit: u128, credit: u128, amount: u128, code: u16) -> Self {
        Self {
            id: TransferId(id),
            debit: AccountId(debit),
            credit: AccountId(credit),
            amount,
            target: TransferId(0),
            effective_at: Nanos(0),
            posted_at: Nanos(0),
            user_data: 0,
            asset: AssetId(0),
            timeout: 0,
            code,
            flags: TransferFlags::NONE,
        }
    }

    /// Appends the 128 bytes of this transfer: the fields in their order here, little-endian,
    /// then 12 zero bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.put_u128(self.id.0);
        out.put_u128(self.debit.0);
        out.put_u128(self.credit.0);
        out.put_u128(self.amount);
        out.put_u128(self.target.0);
        out.put_u64(self.effective_at.0);
        out.put_u64(self.posted_at.0);
        out.put_u64(self.user_data);
        out.put_u32(self.asset.0);
        out.put_u32(self.timeout);
        out.put_u16(self.code);
        out.put_u16(self.flags.0);
        out.put(&[0; 12]);
    }

    /// Reads the 128 bytes that [`Transfer::encode`] writes.
    ///
    /// # Errors
    /// Too few bytes, or reserved bytes that are not zero.
    #[inline]
    pub fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let b = reader.array::<{ Self::BYTES }>()?;
        if b[116..] != [0; 12] {
            return Err(DecodeError::BadField("reserved"));
        }
        // Fixed offsets: twice as fast as reading field after field, and this runs per transfer.
        Ok(Self {
            id: TransferId(u128::from_le_bytes(part(&b, 0))),
            debit: AccountId(u128::from_le_bytes(part(&b, 16))),
            credit: AccountId(u128::from_le_bytes(part(&b, 32))),
            amount: u128::from_le_bytes(part(&b, 48)),
            target: TransferId(u128::from_le_bytes(part(&b, 64))),
            effective_at: Nanos(u64::from_le_bytes(part(&b, 80))),
            posted_at: Nanos(u64::from_le_bytes(part(&b, 88))),
            user_data: u64::from_le_bytes(part(&b, 96)),
            asset: AssetId(u32::from_le_bytes(part(&b, 104))),
            timeout: u32::from_le_bytes(part(&b, 108)),
            code: u16::from_le_bytes(part(&b, 112)),
            flags: TransferFlags(u16::from_le_bytes(part(&b, 114))),
        })
    }
}

/// `N` bytes of a transfer from `at` on; constant places inside it, so the check is optimised out.
#[inline]
fn part<const N: usize>(bytes: &[u8; Transfer::BYTES], at: usize) -> [u8; N] {
    let mut part = [0; N];
    part.copy_from_slice(&bytes[at..at + N]);
    part
}
