//! Which accounts may be debited and credited, and for how much.

use plugins_sdk::{Account, Amount, PolicyError, Request, Rule, Transfer};

use crate::config::{CodeBound, Codes, Lists, Side};
use crate::list::{CodeSet, IdSet};
use crate::rules;

/// Bounds by code; `u16` counts them.
const MAX_CODE_BOUNDS: usize = 1024;

/// What is looked up once for every account of a batch.
#[derive(Debug)]
pub(crate) struct Accounts {
    allowed_codes: Option<CodeSet>,
    denied_codes: Option<CodeSet>,
    /// In order of code. The first bounds nothing, and is that of accounts that do not exist.
    caps: Vec<Cap>,
    debit: SideRules,
    credit: SideRules,
}

/// The most that a transfer may move from or to accounts of a code.
#[derive(Clone, Copy, Debug)]
struct Cap {
    code: u16,
    asset: Option<u32>,
    max: u128,
}

/// The lists of one side.
#[derive(Debug)]
struct SideRules {
    allowed: Option<IdSet>,
    denied: Option<IdSet>,
    /// Bits; all of them if there is no list.
    allowed_tags: Option<u64>,
    denied_tags: u64,
    rules: [&'static Rule; 4],
}

/// What was found out about an account: small, since a batch touches twice as many as it has
/// transfers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Standing {
    /// Number of the rule that denies debits; 0 if none does.
    debit: u8,
    credit: u8,
    cap: u16,
}

/// Why a transfer is denied.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Denied {
    /// It touches the account at a place.
    Account { rule: &'static Rule, place: u32 },
    /// It moves more than one of its accounts may.
    Amount { max: u128 },
}

impl Accounts {
    /// None if the configuration limits nothing.
    pub(crate) fn new(
        codes: Option<Codes>,
        debit: Option<Side>,
        credit: Option<Side>,
    ) -> Result<Option<Self>, PolicyError> {
        if codes.is_none() && debit.is_none() && credit.is_none() {
            return Ok(None);
        }
        let (allowed, denied, bounds) = codes.map_or((None, None, None), |codes| {
            (codes.allow, codes.deny, codes.amounts)
        });
        Ok(Some(Self {
            allowed_codes: allowed.as_deref().map(CodeSet::new),
            denied_codes: denied.as_deref().map(CodeSet::new),
            caps: caps(&bounds.unwrap_or_default())?,
            debit: SideRules::new(
                debit,
                [
                    &rules::DEBIT,
                    &rules::DEBIT_DENIED,
                    &rules::DEBIT_TAG,
                    &rules::DEBIT_TAG_DENIED,
                ],
            )?,
            credit: SideRules::new(
                credit,
                [
                    &rules::CREDIT,
                    &rules::CREDIT_DENIED,
                    &rules::CREDIT_TAG,
                    &rules::CREDIT_TAG_DENIED,
                ],
            )?,
        }))
    }

    /// What the rules say of each account of a batch.
    pub(crate) fn judge(&self, request: &Request) -> Vec<Standing> {
        // Neighbours mostly have the same code and asset.
        let mut last = (0, 0);
        let mut cap = self.cap(0, 0);
        request
            .accounts()
            .map(|account| {
                if last != (account.code, account.asset) {
                    last = (account.code, account.asset);
                    cap = self.cap(account.code, account.asset);
                }
                let by_code = self.check_code(account.code);
                let side = |side: &SideRules| by_code.or_else(|| side.check(&account));
                Standing {
                    debit: side(&self.debit).map_or(0, number),
                    credit: side(&self.credit).map_or(0, number),
                    cap,
                }
            })
            .collect()
    }

    /// Why a transfer is denied, if it is. Because of its amount a void is not: it moves nothing.
    #[inline]
    pub(crate) fn check(&self, standings: &[Standing], transfer: &Transfer) -> Option<Denied> {
        let (debit, credit) = (
            standings[transfer.debit as usize],
            standings[transfer.credit as usize],
        );
        let (number, place) = if debit.debit == 0 {
            (credit.credit, transfer.credit)
        } else {
            (debit.debit, transfer.debit)
        };
        if number != 0 {
            let rule = rules::ALL.get(usize::from(number) - 1)?;
            return Some(Denied::Account { rule, place });
        }
        let max = self.max(debit).min(self.max(credit));
        let is_large = transfer.amount > max && !transfer.has(Transfer::VOID);
        is_large.then_some(Denied::Amount { max })
    }

    /// The most that may move from or to an account.
    #[inline]
    fn max(&self, of: Standing) -> u128 {
        self.caps[usize::from(of.cap)].max
    }

    fn check_code(&self, code: u16) -> Option<&'static Rule> {
        if self
            .denied_codes
            .as_ref()
            .is_some_and(|codes| codes.contains(code))
        {
            Some(&rules::CODE_DENIED)
        } else if self
            .allowed_codes
            .as_ref()
            .is_some_and(|codes| !codes.contains(code))
        {
            Some(&rules::CODE)
        } else {
            None
        }
    }

    /// The place of the lowest of the caps that hold for a code and an asset.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "there are `MAX_CODE_BOUNDS` at most"
    )]
    fn cap(&self, code: u16, asset: u32) -> u16 {
        let first = self.caps.partition_point(|cap| cap.code < code);
        let of_code = (first..).zip(&self.caps[first..]);
        of_code
            .take_while(|(_, cap)| cap.code == code)
            .filter(|(_, cap)| cap.asset.is_none_or(|only| only == asset))
            .min_by_key(|(_, cap)| cap.max)
            .map_or(0, |(at, _)| at as u16)
    }
}

impl SideRules {
    fn new(side: Option<Side>, rules: [&'static Rule; 4]) -> Result<Self, PolicyError> {
        let (accounts, tags) = side.map_or((None, None), |side| (side.accounts, side.tags));
        let (allowed, denied) = accounts.map_or((None, None), |lists| (lists.allow, lists.deny));
        let (allowed_tags, denied_tags) = tags.map_or(Ok((None, 0)), |lists| tag_bits(&lists))?;
        Ok(Self {
            allowed: allowed.as_deref().map(ids),
            denied: denied.as_deref().map(ids),
            allowed_tags,
            denied_tags,
            rules,
        })
    }

    fn check(&self, account: &Account) -> Option<&'static Rule> {
        let [only, denied, only_tags, denied_tags] = self.rules;
        if self
            .denied
            .as_ref()
            .is_some_and(|ids| ids.contains(account.id))
        {
            Some(denied)
        } else if self
            .allowed
            .as_ref()
            .is_some_and(|ids| !ids.contains(account.id))
        {
            Some(only)
        } else if account.tags & self.denied_tags != 0 {
            Some(denied_tags)
        } else if self
            .allowed_tags
            .is_some_and(|tags| account.tags & tags == 0)
        {
            Some(only_tags)
        } else {
            None
        }
    }
}

/// All numbers of rules are below 256.
fn number(rule: &Rule) -> u8 {
    u8::try_from(rule.number).unwrap_or(u8::MAX)
}

fn ids(list: &[Amount]) -> IdSet {
    IdSet::new(list.iter().map(|Amount(id)| *id))
}

fn tag_bits(lists: &Lists<u8>) -> Result<(Option<u64>, u64), PolicyError> {
    let allowed = lists.allow.as_deref().map(bits).transpose()?;
    let denied = lists.deny.as_deref().map(bits).transpose()?;
    Ok((allowed, denied.unwrap_or_default()))
}

fn bits(tags: &[u8]) -> Result<u64, PolicyError> {
    tags.iter().try_fold(0, |bits, tag| match tag {
        0..64 => Ok(bits | 1 << tag),
        _ => Err(PolicyError::BadConfig(format!("there is no tag `{tag}`"))),
    })
}

fn caps(bounds: &[CodeBound]) -> Result<Vec<Cap>, PolicyError> {
    if bounds.len() > MAX_CODE_BOUNDS {
        let text = format!("`codes`: more than {MAX_CODE_BOUNDS} amounts");
        return Err(PolicyError::BadConfig(text));
    }
    let mut caps = vec![Cap {
        code: 0,
        asset: None,
        max: u128::MAX,
    }];
    for bound in bounds {
        let at = caps.partition_point(|cap| cap.code <= bound.code);
        let cap = Cap {
            code: bound.code,
            asset: bound.asset,
            max: bound.max.0,
        };
        caps.insert(at, cap);
    }
    Ok(caps)
}
