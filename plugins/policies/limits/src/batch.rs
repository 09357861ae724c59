//! The decision about a batch: the request as a whole first, then transfer by transfer.

use plugins_sdk::{Denials, Request, Rule, Transfer, Verdict};

use crate::accounts::Denied;
use crate::amounts::{Amounts, Exceeded, Line};
use crate::{Limits, rules};

impl Limits {
    /// Decides a posting or a dry run.
    pub(crate) fn judge(&self, request: &Request) -> Verdict {
        if let Some(hours) = &self.hours {
            let now = request.now();
            if !hours.are_open(now) {
                return request.deny(&rules::HOURS, format_args!("it is {}", hours.local(now)));
            }
        }
        if let Some(max) = self.max_transfers {
            let count = request.transfer_count();
            if count > max {
                let why = format_args!("{count} transfers, {max} are allowed");
                return request.deny(&rules::TRANSFERS, why);
            }
        }
        if self.amounts.is_none() && self.accounts.is_none() {
            return Verdict::Allow;
        }
        self.judge_transfers(request)
    }

    fn judge_transfers(&self, request: &Request) -> Verdict {
        let accounts = self.accounts.as_ref();
        let accounts = accounts.map(|accounts| (accounts, accounts.judge(request)));
        let mut tally = self.amounts.as_ref().map(Amounts::tally);
        let assets = &request.account_columns().asset;
        let mut denials = request.denials();
        for transfer in request.transfers() {
            let mut is_denied = false;
            if let Some((accounts, standings)) = &accounts
                && let Some(denied) = accounts.check(standings, &transfer)
            {
                is_denied = true;
                deny_account(&mut denials, request, &transfer, denied);
            }
            if let Some(tally) = &mut tally {
                let asset = match transfer.asset {
                    0 => assets[transfer.debit as usize],
                    asset => asset,
                };
                let line = tally.line(asset);
                if let Some(rule) = line.check(&transfer) {
                    is_denied = true;
                    deny_amount(&mut denials, &transfer, asset, (line, rule));
                }
                if !is_denied {
                    tally.add(&transfer);
                }
            }
        }
        if let Some(Exceeded { asset, total }) = tally.and_then(|tally| tally.exceeded()) {
            let why = format_args!("the batch moves more than {total} of asset `{asset}`");
            return request.deny(&rules::TOTAL, why);
        }
        denials.verdict()
    }
}

#[cold]
fn deny_account(denials: &mut Denials<'_>, request: &Request, of: &Transfer, denied: Denied) {
    match denied {
        Denied::Account { rule, place } => {
            let account = request.account(place);
            let (id, code) = (account.id, account.code);
            let why = format_args!("account `{id}` with code {code}: {}", rule.doc);
            denials.deny(of.index, rule, why);
        }
        Denied::Amount { max } => {
            let why = format_args!("{} is more than {max}", of.amount);
            denials.deny(of.index, &rules::CODE_LARGE, why);
        }
    }
}

#[cold]
fn deny_amount(
    denials: &mut Denials<'_>,
    of: &Transfer,
    asset: u32,
    (line, rule): (&Line, &'static Rule),
) {
    let (index, amount) = (of.index, of.amount);
    if *rule == rules::LARGE {
        let max = line.max;
        denials.deny(
            index,
            rule,
            format_args!("{amount} of asset `{asset}` is more than {max}"),
        );
    } else if *rule == rules::SMALL {
        let min = line.min;
        denials.deny(
            index,
            rule,
            format_args!("{amount} of asset `{asset}` is less than {min}"),
        );
    } else {
        denials.deny(index, rule, format_args!("asset `{asset}`: {}", rule.doc));
    }
}
