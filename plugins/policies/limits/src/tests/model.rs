//! The same rules told again, slowly: from the configuration as it is written, transfer by
//! transfer, with nothing looked up before.

use plugins_sdk::{Account, Amount, MemberDenial, Rule, Transfer, Verdict};

use crate::config::{Bounds, Limits, Lists, Side};
use crate::rules;

/// The verdict on a posting at a minute of the week, counted from Monday in UTC.
pub(super) fn judge(
    config: &Limits,
    minute: i64,
    accounts: &[Account],
    transfers: &[Transfer],
) -> Verdict {
    if !is_open(config, minute) {
        return deny(&rules::HOURS);
    }
    let max = config.batch.as_ref().and_then(|batch| batch.max_transfers);
    if max.is_some_and(|max| transfers.len() > max) {
        return deny(&rules::TRANSFERS);
    }
    let mut members = Vec::new();
    let mut passed = Vec::new();
    for (index, transfer) in transfers.iter().enumerate() {
        let sides = (
            &accounts[transfer.debit as usize],
            &accounts[transfer.credit as usize],
        );
        let asset = if transfer.asset == 0 {
            sides.0.asset
        } else {
            transfer.asset
        };
        match check(config, transfer, sides, asset) {
            Some(rule) => members.push(MemberDenial {
                index: index.try_into().unwrap(),
                rule: rule.number,
            }),
            None => passed.push((asset, transfer)),
        }
    }
    for bound in config.amounts.iter().flatten() {
        let of_asset = passed.iter().filter(|(asset, transfer)| {
            bound.asset == Some(*asset) && !transfer.has(Transfer::VOID)
        });
        let mut amounts = of_asset.map(|(_, transfer)| transfer.amount);
        let sum = amounts.try_fold(0_u128, u128::checked_add);
        let Some(Amount(total)) = bound.batch_total else {
            continue;
        };
        if sum.is_none_or(|sum| sum > total) {
            return deny(&rules::TOTAL);
        }
    }
    if members.is_empty() {
        Verdict::Allow
    } else {
        Verdict::AllowExcept(members)
    }
}

fn deny(rule: &Rule) -> Verdict {
    Verdict::Deny(rule.number)
}

/// Goes through the week minute by minute.
fn is_open(config: &Limits, minute: i64) -> bool {
    const DAY: i64 = 1440;
    let Some(hours) = &config.hours else {
        return true;
    };
    let local = minute + i64::from(hours.utc_offset_minutes.unwrap_or_default());
    let time = |text: &str| {
        let (hour, minute) = text.split_once(':').unwrap();
        hour.parse::<i64>().unwrap() * 60 + minute.parse::<i64>().unwrap()
    };
    hours.open.iter().any(|window| {
        let (from, to) = (time(&window.from), time(&window.to));
        let to = if to <= from { to + DAY } else { to };
        window.days.iter().any(|day| {
            let start = i64::from(day.0) * DAY;
            (start + from..start + to).any(|open| (open - local) % (7 * DAY) == 0)
        })
    })
}

fn check(
    config: &Limits,
    transfer: &Transfer,
    (debit, credit): (&Account, &Account),
    asset: u32,
) -> Option<&'static Rule> {
    let debited = check_account(
        config,
        debit,
        config.debit.as_ref(),
        [
            &rules::DEBIT_DENIED,
            &rules::DEBIT,
            &rules::DEBIT_TAG_DENIED,
            &rules::DEBIT_TAG,
        ],
    );
    let credited = check_account(
        config,
        credit,
        config.credit.as_ref(),
        [
            &rules::CREDIT_DENIED,
            &rules::CREDIT,
            &rules::CREDIT_TAG_DENIED,
            &rules::CREDIT_TAG,
        ],
    );
    debited
        .or(credited)
        .or_else(|| check_codes(config, transfer, [debit, credit]))
        .or_else(|| check_amount(config, transfer, asset))
}

fn check_account(
    config: &Limits,
    account: &Account,
    side: Option<&Side>,
    [denied, only, denied_tag, only_tag]: [&'static Rule; 4],
) -> Option<&'static Rule> {
    if let Some(codes) = &config.codes {
        if has(codes.deny.as_ref(), &account.code) {
            return Some(&rules::CODE_DENIED);
        }
        if lacks(codes.allow.as_ref(), &account.code) {
            return Some(&rules::CODE);
        }
    }
    if let Some(lists) = side.and_then(|side| side.accounts.as_ref()) {
        if has(lists.deny.as_ref(), &Amount(account.id)) {
            return Some(denied);
        }
        if lacks(lists.allow.as_ref(), &Amount(account.id)) {
            return Some(only);
        }
    }
    if let Some(Lists { allow, deny }) = side.and_then(|side| side.tags.as_ref()) {
        let bears = |tags: &Vec<u8>| tags.iter().any(|tag| account.has_tag(*tag));
        if deny.as_ref().is_some_and(bears) {
            return Some(denied_tag);
        }
        if allow.as_ref().is_some_and(|tags| !bears(tags)) {
            return Some(only_tag);
        }
    }
    None
}

fn check_codes(
    config: &Limits,
    transfer: &Transfer,
    accounts: [&Account; 2],
) -> Option<&'static Rule> {
    let bounds = config.codes.as_ref()?.amounts.as_ref()?;
    let is_broken = bounds.iter().any(|bound| {
        let concerns = |account: &Account| {
            account.code == bound.code && bound.asset.is_none_or(|asset| asset == account.asset)
        };
        accounts.into_iter().any(concerns) && transfer.amount > bound.max.0
    });
    (is_broken && !transfer.has(Transfer::VOID)).then_some(&rules::CODE_LARGE)
}

fn check_amount(config: &Limits, transfer: &Transfer, asset: u32) -> Option<&'static Rule> {
    if let Some(assets) = &config.assets {
        if has(assets.deny.as_ref(), &asset) {
            return Some(&rules::ASSET_DENIED);
        }
        if lacks(assets.allow.as_ref(), &asset) {
            return Some(&rules::ASSET);
        }
    }
    let amounts = config.amounts.as_ref()?;
    let of = |asset: Option<u32>| amounts.iter().find(move |bound| bound.asset == asset);
    let Bounds { min, max, .. } = of(Some(asset)).or_else(|| of(None))?;
    if transfer.has(Transfer::VOID) {
        return None;
    }
    if max.is_some_and(|Amount(max)| transfer.amount > max) {
        return Some(&rules::LARGE);
    }
    let follows = transfer.has(Transfer::CAPTURE) || transfer.has(Transfer::REVERSAL);
    let is_small = min.is_some_and(|Amount(min)| transfer.amount < min);
    (is_small && !follows).then_some(&rules::SMALL)
}

fn has<T: PartialEq>(list: Option<&Vec<T>>, value: &T) -> bool {
    list.is_some_and(|list| list.contains(value))
}

fn lacks<T: PartialEq>(list: Option<&Vec<T>>, value: &T) -> bool {
    list.is_some_and(|list| !list.contains(value))
}
