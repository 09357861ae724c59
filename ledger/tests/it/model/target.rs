//! What captures, voids and reversals refer to, in the model.

use ledger::{Code, TransferFlags};

use super::post::Asked;
use super::{Book, Ended, Hold, Posted};

impl Book {
    pub(crate) fn target_refusals(&self, asked: &Asked<'_>) -> Vec<Code> {
        if asked.t.target.0 == 0 {
            return vec![];
        }
        let Some(target) = self.posted.get(&asked.t.target.0) else {
            return vec![Code::TargetNotFound];
        };
        if asked.has(TransferFlags::REVERSAL) {
            return self.reversal_refusals(asked, target);
        }
        match self.holds.get(&asked.t.target.0) {
            Some(hold) => hold_refusals(asked, hold, self.posted_at(asked)),
            None => vec![Code::TargetNotHold],
        }
    }

    fn reversal_refusals(&self, asked: &Asked<'_>, target: &Posted) -> Vec<Code> {
        let mut codes = vec![];
        let was = |flag: TransferFlags| target.event.flags.0 & flag.0 != 0;
        if [
            TransferFlags::HOLD,
            TransferFlags::VOID,
            TransferFlags::REVERSAL,
        ]
        .map(was)
            != [false; 3]
        {
            codes.push(Code::TargetNotReversible);
        }
        if asked.t.debit != target.event.credit {
            codes.push(Code::TargetDebitDiffers);
        }
        if asked.t.credit != target.event.debit {
            codes.push(Code::TargetCreditDiffers);
        }
        if asked.t.amount != target.event.amount {
            codes.push(Code::TargetAmountDiffers);
        }
        if self.reversals.contains_key(&asked.t.target.0) {
            codes.push(Code::AlreadyReversed);
        }
        codes
    }
}

/// Amounts are compared with what is left only while something is left to compare with: a hold that
/// ended answers how it ended.
fn hold_refusals(asked: &Asked<'_>, hold: &Hold, posted_at: u64) -> Vec<Code> {
    let mut codes = vec![];
    if asked.t.debit.0 != hold.debit {
        codes.push(Code::TargetDebitDiffers);
    }
    if asked.t.credit.0 != hold.credit {
        codes.push(Code::TargetCreditDiffers);
    }
    let capture = asked.has(TransferFlags::CAPTURE);
    match hold.ended {
        Some(Ended::Captured) => codes.push(Code::HoldCaptured),
        Some(Ended::Voided) => codes.push(Code::HoldVoided),
        Some(Ended::Expired) => codes.push(Code::HoldExpired),
        None if capture => {
            if asked.t.amount > hold.left {
                codes.push(Code::TargetExceeded);
            }
            if hold.expires_at.is_some_and(|at| at <= posted_at) {
                codes.push(Code::HoldExpired);
            }
        }
        None if asked.t.amount != 0 && asked.t.amount != hold.left => {
            codes.push(Code::TargetAmountDiffers);
        }
        None => {}
    }
    codes
}
