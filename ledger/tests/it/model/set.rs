//! Entry sets of the model: requests alone, known ids, and all or nothing.

use std::collections::BTreeSet;

use ledger::{Code, Nanos, Seq, Transfer, TransferFlags};

use super::account::SUM_MAX;
use super::post::{Asked, Item, Posted};
use super::{Book, lowest};

/// A member that is not posted by this request, or was posted before.
type Standstill = (usize, Item);

impl Book {
    /// Decides one transfer, or several that stand or fall together. The first member that fails
    /// says why; the others say that the set failed, unless they were posted before.
    pub(crate) fn decide_set(&mut self, set: &[Asked<'_>], is_open: bool) -> Vec<Item> {
        if is_open {
            let last = set.len() - 1;
            let mut codes = malformed(&set[last]);
            codes.push(Code::EntrySetOpen);
            let code = lowest(&codes).unwrap();
            return self.failed(set, (last, Item { code, seq: Seq(0) }));
        }
        if let Some(denied) = self.denied(set) {
            return self.failed(set, denied);
        }
        let before = (set.len() > 1).then(|| self.clone());
        match self.apply_all(set) {
            Ok(items) => items,
            Err(standstill) => {
                if let Some(before) = before {
                    *self = before;
                }
                self.failed(set, standstill)
            }
        }
    }

    /// What denies a set that has a member which policy denies and which is new: the first member
    /// with a code below those of the ledger's state.
    fn denied(&self, set: &[Asked<'_>]) -> Option<Standstill> {
        let is_new = |asked: &Asked<'_>| malformed(asked).is_empty() && self.known(asked).is_none();
        if !set.iter().any(|asked| asked.denied && is_new(asked)) {
            return None;
        }
        let code = |at: usize| -> Option<Item> {
            let asked = &set[at];
            let mut codes = malformed(asked);
            let known = self.known(asked);
            let twice = |other: &Asked<'_>| other.t.id == asked.t.id && is_new(other);
            if known.is_none() && set[..at].iter().any(twice) {
                codes.push(Code::IdRepeated);
            }
            if codes.is_empty() && known.is_some() {
                return known.filter(|item| item.code != Code::Exists);
            }
            if asked.denied {
                codes.push(Code::Denied);
            }
            lowest(&codes).map(|code| Item { code, seq: Seq(0) })
        };
        (0..set.len()).find_map(|at| Some((at, code(at)?)))
    }

    fn failed(&self, set: &[Asked<'_>], (failed, item): Standstill) -> Vec<Item> {
        let other = |asked: &Asked<'_>| {
            self.known(asked).unwrap_or(Item {
                code: Code::EntrySetFailed,
                seq: Seq(0),
            })
        };
        let at = |(index, asked)| if index == failed { item } else { other(asked) };
        set.iter().enumerate().map(at).collect()
    }

    /// The answer for an id that was posted before.
    pub(crate) fn known(&self, asked: &Asked<'_>) -> Option<Item> {
        let old = self.posted.get(&asked.t.id.0)?;
        let code = lowest(&differences(asked, old)).unwrap_or(Code::Exists);
        Some(Item {
            code,
            seq: old.event.seq,
        })
    }

    fn apply_all(&mut self, set: &[Asked<'_>]) -> Result<Vec<Item>, Standstill> {
        let mut items = vec![];
        let mut own_ids = BTreeSet::new();
        for (index, asked) in set.iter().enumerate() {
            let refused = |code| (index, Item { code, seq: Seq(0) });
            let mut codes = malformed(asked);
            if own_ids.contains(&asked.t.id) {
                codes.push(Code::IdRepeated);
            }
            if let Some(code) = lowest(&codes) {
                return Err(refused(code));
            }
            match self.known(asked) {
                Some(item) if item.code == Code::Exists => items.push(item),
                Some(item) => return Err((index, item)),
                None => match lowest(&self.refusals(asked)) {
                    Some(code) => return Err(refused(code)),
                    None => {
                        own_ids.insert(asked.t.id);
                        items.push(Item {
                            code: Code::Created,
                            seq: self.apply(asked),
                        });
                    }
                },
            }
        }
        let known = items.iter().position(|item| item.code == Code::Exists);
        match known {
            // A whole set that is known is no failure; a part of one is.
            Some(_) if items.iter().all(|item| item.code == Code::Exists) => Ok(items),
            Some(index) => Err((index, items[index])),
            None => match self.net_refusal(set) {
                Some((index, code)) => Err((index, Item { code, seq: Seq(0) })),
                None => Ok(items),
            },
        }
    }
}

/// Every code that the request earns by itself.
fn malformed(asked: &Asked<'_>) -> Vec<Code> {
    let t = asked.t;
    let has = |flag: TransferFlags| asked.has(flag);
    let targets =
        has(TransferFlags::CAPTURE) || has(TransferFlags::VOID) || has(TransferFlags::REVERSAL);
    let not_account = |id: u128| id == 0 || id == u128::MAX;
    let rules = [
        (Code::ReservedNotZero, t.flags.0 > 0b1_1111_1111),
        (Code::IdIsZero, t.id.0 == 0),
        (Code::IdIsMax, t.id.0 == u128::MAX),
        (Code::FlagsConflict, conflict(t)),
        (Code::DebitIsZero, not_account(t.debit.0)),
        (Code::CreditIsZero, not_account(t.credit.0)),
        (Code::AccountsAreTheSame, t.debit == t.credit),
        (Code::TargetRequired, targets && t.target.0 == 0),
        (Code::TargetNotAllowed, !targets && t.target.0 != 0),
        (
            Code::TimeoutNotAllowed,
            !has(TransferFlags::HOLD) && t.timeout != 0,
        ),
        (Code::CodeIsZero, t.code == 0),
        (
            Code::AmountIsZero,
            !has(TransferFlags::VOID) && t.amount == 0,
        ),
        (Code::AmountTooLarge, t.amount > SUM_MAX),
        (
            Code::PostedAtNotAllowed,
            has(TransferFlags::IMPORTED) == (t.posted_at.0 == 0),
        ),
        (
            Code::NoteTooLong,
            asked.note.reference.len() > 128 || asked.note.metadata.len() > 4096,
        ),
    ];
    rules
        .into_iter()
        .filter(|(_, applies)| *applies)
        .map(|(code, _)| code)
        .collect()
}

fn conflict(t: &Transfer) -> bool {
    let has = |flag: TransferFlags| t.flags.0 & flag.0 != 0;
    let (hold, capture) = (has(TransferFlags::HOLD), has(TransferFlags::CAPTURE));
    let (void, reversal) = (has(TransferFlags::VOID), has(TransferFlags::REVERSAL));
    let kinds = [hold, capture, void, reversal]
        .into_iter()
        .filter(|kind| *kind)
        .count();
    let balancing = has(TransferFlags::BALANCING_DEBIT) || has(TransferFlags::BALANCING_CREDIT);
    kinds > 1
        || (has(TransferFlags::KEEP_OPEN) && !capture)
        || (balancing && (capture || void || reversal))
        || (has(TransferFlags::IMPORTED) && (hold || capture || void))
}

/// What of a request differs from what was posted under its id.
fn differences(asked: &Asked<'_>, old: &Posted) -> Vec<Code> {
    let (t, e) = (asked.t, &old.event);
    let imported = e.flags.0 & TransferFlags::IMPORTED.0 != 0;
    let own_posted_at = if imported { e.posted_at } else { Nanos(0) };
    let effective = if t.effective_at.0 == 0 {
        e.posted_at
    } else {
        t.effective_at
    };
    let rules = [
        (Code::ExistsWithDifferentFlags, t.flags != e.flags),
        (Code::ExistsWithDifferentDebit, t.debit != e.debit),
        (Code::ExistsWithDifferentCredit, t.credit != e.credit),
        (Code::ExistsWithDifferentAmount, t.amount != e.requested),
        (Code::ExistsWithDifferentTarget, t.target != e.target),
        (
            Code::ExistsWithDifferentAsset,
            t.asset.0 != 0 && t.asset != e.asset,
        ),
        (Code::ExistsWithDifferentTimeout, t.timeout != e.timeout),
        (Code::ExistsWithDifferentCode, t.code != e.code),
        (
            Code::ExistsWithDifferentEffectiveAt,
            effective != e.effective_at,
        ),
        (
            Code::ExistsWithDifferentUserData,
            t.user_data != e.user_data,
        ),
        (
            Code::ExistsWithDifferentReference,
            asked.note.reference != old.note.reference,
        ),
        (
            Code::ExistsWithDifferentMetadata,
            asked.note.metadata != old.note.metadata,
        ),
        (
            Code::ExistsWithDifferentPostedAt,
            t.posted_at != own_posted_at,
        ),
    ];
    rules
        .into_iter()
        .filter(|(_, applies)| *applies)
        .map(|(code, _)| code)
        .collect()
}
