//! Entry sets of the model: requests alone, known ids, and all or nothing.

use ledger::{Code, Seq, Transfer, TransferFlags};

use super::account::SUM_MAX;
use super::post::{Asked, Item, Posted};
use super::{Book, lowest};

impl Book {
    /// Decides one transfer, or several that stand or fall together.
    pub(crate) fn decide_set(&mut self, set: &[Asked<'_>], is_open: bool) -> Vec<Item> {
        let mut items: Vec<Option<Item>> = vec![None; set.len()];
        for (index, asked) in set.iter().enumerate() {
            let is_last = index + 1 == set.len();
            items[index] = self.without_state(asked, is_open && is_last);
        }
        if items.iter().any(Option::is_some) {
            return items.into_iter().map(or_failed).collect();
        }
        let before = self.clone();
        match self.apply_all(set) {
            Ok(items) => items,
            Err((index, code)) => {
                *self = before;
                items[index] = Some(Item { code, seq: Seq(0) });
                items.into_iter().map(or_failed).collect()
            }
        }
    }

    /// What the request alone and the known ids say, whatever state the book is in.
    fn without_state(&self, asked: &Asked<'_>, is_open: bool) -> Option<Item> {
        let mut codes = malformed(asked);
        if is_open {
            codes.push(Code::EntrySetOpen);
        }
        if let Some(code) = lowest(&codes) {
            return Some(Item { code, seq: Seq(0) });
        }
        let old = self.posted.get(&asked.t.id.0)?;
        let code = lowest(&differences(asked, old)).unwrap_or(Code::Exists);
        Some(Item { code, seq: old.event.seq })
    }

    fn apply_all(&mut self, set: &[Asked<'_>]) -> Result<Vec<Item>, (usize, Code)> {
        let mut items = vec![];
        for (index, asked) in set.iter().enumerate() {
            match lowest(&self.refusals(asked)) {
                Some(code) => return Err((index, code)),
                None => items.push(Item { code: Code::Created, seq: self.apply(asked) }),
            }
        }
        match self.net_refusal(set) {
            Some(refusal) => Err(refusal),
            None => Ok(items),
        }
    }
}

fn or_failed(item: Option<Item>) -> Item {
    item.unwrap_or(Item { code: Code::EntrySetFailed, seq: Seq(0) })
}

/// Every code that the request earns by itself.
fn malformed(asked: &Asked<'_>) -> Vec<Code> {
    let t = asked.t;
    let has = |flag: TransferFlags| asked.has(flag);
    let targets = has(TransferFlags::CAPTURE) || has(TransferFlags::VOID) || has(TransferFlags::REVERSAL);
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
        (Code::TimeoutNotAllowed, !has(TransferFlags::HOLD) && t.timeout != 0),
        (Code::CodeIsZero, t.code == 0),
        (Code::AmountIsZero, !has(TransferFlags::VOID) && t.amount == 0),
        (Code::AmountTooLarge, t.amount > SUM_MAX),
        (Code::PostedAtNotAllowed, has(TransferFlags::IMPORTED) == (t.posted_at.0 == 0)),
        (Code::NoteTooLong, asked.note.reference.len() > 128 || asked.note.metadata.len() > 4096),
    ];
    rules.into_iter().filter(|(_, applies)| *applies).map(|(code, _)| code).collect()
}

fn conflict(t: &Transfer) -> bool {
    let has = |flag: TransferFlags| t.flags.0 & flag.0 != 0;
    let (hold, capture) = (has(TransferFlags::HOLD), has(TransferFlags::CAPTURE));
    let (void, reversal) = (has(TransferFlags::VOID), has(TransferFlags::REVERSAL));
    let kinds = [hold, capture, void, reversal].into_iter().filter(|kind| *kind).count();
    let balancing = has(TransferFlags::BALANCING_DEBIT) || has(TransferFlags::BALANCING_CREDIT);
    kinds > 1
        || (has(TransferFlags::KEEP_OPEN) && !capture)
        || (balancing && (capture || void || reversal))
        || (has(TransferFlags::IMPORTED) && (hold || capture || void))
}

/// What of a request differs from what was posted under its id.
fn differences(asked: &Asked<'_>, old: &Posted) -> Vec<Code> {
    let (t, e) = (asked.t, &old.event);
    let effective = if t.effective_at.0 == 0 { e.posted_at } else { t.effective_at };
    let rules = [
        (Code::ExistsWithDifferentFlags, t.flags != e.flags),
        (Code::ExistsWithDifferentDebit, t.debit != e.debit),
        (Code::ExistsWithDifferentCredit, t.credit != e.credit),
        (Code::ExistsWithDifferentAmount, t.amount != e.requested),
        (Code::ExistsWithDifferentTarget, t.target != e.target),
        (Code::ExistsWithDifferentAsset, t.asset.0 != 0 && t.asset != e.asset),
        (Code::ExistsWithDifferentTimeout, t.timeout != e.timeout),
        (Code::ExistsWithDifferentCode, t.code != e.code),
        (Code::ExistsWithDifferentEffectiveAt, effective != e.effective_at),
        (Code::ExistsWithDifferentUserData, t.user_data != e.user_data),
        (Code::ExistsWithDifferentReference, asked.note.reference != old.note.reference),
        (Code::ExistsWithDifferentMetadata, asked.note.metadata != old.note.metadata),
        (Code::ExistsWithDifferentPostedAt, t.posted_at.0 != 0 && t.posted_at != e.posted_at),
    ];
    rules.into_iter().filter(|(_, applies)| *applies).map(|(code, _)| code).collect()
}
