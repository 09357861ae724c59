//! What of a record the index takes, read straight from its bytes.

use ledger::event::kind;
use ledger::fields::DecodeError;
use ledger::id::Nanos;
use ledger::leg::Side;
use ledger::past::KeyKind;
use ledger::{Seq, TransferFlags};

use super::leg_code::HistoryLeg;

/// An account's leg.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct AccountLeg {
    pub(super) account: u128,
    pub(super) leg: HistoryLeg,
}

/// What of one record the index takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Taken {
    pub(super) seq: u64,
    /// The ids that point to this event.
    pub(super) keys: [Option<(KeyKind, u128)>; 2],
    pub(super) debit: AccountLeg,
    pub(super) credit: AccountLeg,
}

impl Taken {
    /// Both accounts.
    #[inline]
    pub(super) fn accounts(&self) -> [u128; 2] {
        [self.debit.account, self.credit.account]
    }
}

/// What the index takes of `record`, which is one whole record; `None` if it takes nothing.
#[inline]
pub(super) fn take(record: &[u8]) -> Result<Option<Taken>, DecodeError> {
    let raw = Raw(record);
    let taken = match record.first() {
        Some(&(kind::TRANSFER | kind::TRANSFER_NOTED)) => raw.transfer(),
        Some(&kind::HOLD_EXPIRED) => raw.expiry(),
        _ => return Ok(None),
    };
    match record.get(1) {
        Some(&ledger::event::VERSION) => {}
        Some(version) => return Err(DecodeError::UnknownVersion(u16::from(*version))),
        None => {
            return Err(DecodeError::Truncated {
                need: 2,
                have: record.len(),
            });
        }
    }
    let cut = DecodeError::Truncated {
        need: record.len() + 1,
        have: record.len(),
    };
    taken.ok_or(cut).map(Some)
}

/// Fields of a record by their offsets, which the format fixes.
struct Raw<'a>(&'a [u8]);

impl Raw<'_> {
    #[inline]
    fn u16(&self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(*self.0.get(at..)?.first_chunk()?))
    }

    #[inline]
    fn u64(&self, at: usize) -> Option<u64> {
        Some(u64::from_le_bytes(*self.0.get(at..)?.first_chunk()?))
    }

    #[inline]
    fn u128(&self, at: usize) -> Option<u128> {
        Some(u128::from_le_bytes(*self.0.get(at..)?.first_chunk()?))
    }

    #[inline]
    fn transfer(&self) -> Option<Taken> {
        let flags = TransferFlags(self.u16(2)?);
        let seq = self.u64(16)?;
        let amount = self.u128(112)?;
        let (posted, held) = if flags.has(TransferFlags::HOLD) {
            (0, amount)
        } else {
            (amount, 0)
        };
        let debit = HistoryLeg {
            seq: Seq(seq),
            account_seq: self.u64(48)?,
            effective_at: Nanos(self.u64(32)?),
            side: Side::Debit,
            posted,
            held,
            released: self.u128(144)?,
        };
        let credit = HistoryLeg {
            account_seq: self.u64(56)?,
            side: Side::Credit,
            ..debit
        };
        // A capture that keeps its hold open never ends it, not even when it drains it.
        let ends_hold = flags.has(TransferFlags::VOID)
            || flags.has(TransferFlags::CAPTURE) && !flags.has(TransferFlags::KEEP_OPEN);
        let target = self.u128(160)?;
        let second = if ends_hold {
            Some((KeyKind::HoldEnd, target))
        } else {
            flags
                .has(TransferFlags::REVERSAL)
                .then_some((KeyKind::Reversal, target))
        };
        Some(Taken {
            seq,
            keys: [Some((KeyKind::Transfer, self.u128(64)?)), second],
            debit: AccountLeg {
                account: self.u128(80)?,
                leg: debit,
            },
            credit: AccountLeg {
                account: self.u128(96)?,
                leg: credit,
            },
        })
    }

    #[inline]
    fn expiry(&self) -> Option<Taken> {
        let seq = self.u64(2)?;
        let debit = HistoryLeg {
            seq: Seq(seq),
            account_seq: self.u64(82)?,
            effective_at: Nanos(self.u64(10)?),
            side: Side::Debit,
            posted: 0,
            held: 0,
            released: self.u128(66)?,
        };
        let credit = HistoryLeg {
            account_seq: self.u64(90)?,
            side: Side::Credit,
            ..debit
        };
        Some(Taken {
            seq,
            keys: [Some((KeyKind::HoldEnd, self.u128(18)?)), None],
            debit: AccountLeg {
                account: self.u128(34)?,
                leg: debit,
            },
            credit: AccountLeg {
                account: self.u128(50)?,
                leg: credit,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use ledger::event::{HoldExpired, TransferPosted};
    use ledger::{AccountId, Code, Event, TransferId};
    use proptest::prelude::*;

    use super::*;

    fn transfer() -> impl Strategy<Value = Event> {
        let ids = (any::<u128>(), any::<u128>(), any::<u128>(), any::<u128>());
        let numbers = (
            any::<u64>(),
            any::<u64>(),
            any::<u64>(),
            any::<u64>(),
            any::<u64>(),
        );
        let amounts = (any::<u128>(), any::<u128>(), any::<u128>());
        let flags = 0..=TransferFlags::KNOWN;
        (flags, ids, numbers, amounts, any::<bool>()).prop_map(|(flags, ids, n, amounts, noted)| {
            let digest = ledger::Digest([7; 32]);
            let commitments = ledger::event::transfer::Commitments {
                reference: digest,
                metadata: digest,
            };
            Event::Transfer(TransferPosted {
                flags: TransferFlags(flags),
                code: 1,
                result: Code::Created,
                asset: ledger::AssetId(1),
                timeout: 9,
                seq: Seq(n.0),
                posted_at: Nanos(n.1),
                effective_at: Nanos(n.2),
                user_data: 4,
                debit_seq: n.3,
                credit_seq: n.4,
                id: TransferId(ids.0),
                debit: AccountId(ids.1),
                credit: AccountId(ids.2),
                amount: amounts.0,
                requested: amounts.1,
                released: amounts.2,
                target: TransferId(ids.3),
                commitments: noted.then_some(commitments),
            })
        })
    }

    fn expiry() -> impl Strategy<Value = Event> {
        let ids = (any::<u128>(), any::<u128>(), any::<u128>(), any::<u128>());
        (ids, any::<u64>(), any::<u64>(), any::<u64>(), any::<u64>()).prop_map(
            |((hold, debit, credit, released), seq, posted_at, debit_seq, credit_seq)| {
                Event::HoldExpired(HoldExpired {
                    seq: Seq(seq),
                    posted_at: Nanos(posted_at),
                    hold: TransferId(hold),
                    debit: AccountId(debit),
                    credit: AccountId(credit),
                    released,
                    debit_seq,
                    credit_seq,
                })
            },
        )
    }

    fn second_key(event: &Event) -> Option<(KeyKind, u128)> {
        let Event::Transfer(t) = event else {
            return None;
        };
        let capture = t.flags.has(TransferFlags::CAPTURE);
        let ends = capture && !t.flags.has(TransferFlags::KEEP_OPEN);
        if t.flags.has(TransferFlags::VOID) || ends {
            Some((KeyKind::HoldEnd, t.target.0))
        } else if t.flags.has(TransferFlags::REVERSAL) {
            Some((KeyKind::Reversal, t.target.0))
        } else {
            None
        }
    }

    proptest! {
        #[test]
        fn takes_the_legs_and_keys_of_the_event(event in prop_oneof![transfer(), expiry()]) {
            let mut record = Vec::new();
            event.encode(&mut record);
            let taken = take(&record).unwrap().unwrap();
            let legs = ledger::leg::legs(&event).unwrap();
            for (taken, leg) in [taken.debit, taken.credit].iter().zip(&legs) {
                prop_assert_eq!(taken.account, leg.account.0);
                prop_assert_eq!(taken.leg, HistoryLeg::from(leg));
            }
            let first = match &event {
                Event::Transfer(t) => (KeyKind::Transfer, t.id.0),
                Event::HoldExpired(e) => (KeyKind::HoldEnd, e.hold.0),
                _ => unreachable!(),
            };
            prop_assert_eq!(taken.keys, [Some(first), second_key(&event)]);
            record[1] = 2;
            prop_assert_eq!(take(&record), Err(DecodeError::UnknownVersion(2)));
        }
    }
}
