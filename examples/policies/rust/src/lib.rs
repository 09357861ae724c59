//! Whom this policy lets post what: it decides every request of the tenant that activated it.
//!
//! A policy has no clock, no network and no files. What it decides depends on its configuration
//! and on what it is passed, and on nothing else.

use std::collections::BTreeMap;
use std::ops::Range;

use plugins_sdk::{Amount, Config, Needs, Policy, PolicyError, Request, Rule, Transfer, Verdict};

const RULES: &[Rule] = &[UNKNOWN_OPERATION, OUTSIDE_HOURS, OVER_MAXIMUM, BLOCKED_TAG];
const UNKNOWN_OPERATION: Rule = Rule::new(
    1,
    "unknown-operation",
    "the operation is not known to this policy",
);
const OUTSIDE_HOURS: Rule = Rule::new(
    2,
    "outside-hours",
    "postings are taken in business hours only, UTC",
);
const OVER_MAXIMUM: Rule = Rule::new(
    3,
    "over-maximum",
    "a transfer is above the maximum of its asset",
);
const BLOCKED_TAG: Rule = Rule::new(
    4,
    "blocked-tag",
    "an account has a tag that may not pay or be paid",
);

/// What moves no money is none of this policy's business.
const OTHER_OPERATIONS: &str = "hello change_book list_assets list_books create_accounts \
    change_accounts lookup_accounts list_accounts lookup_transfers query_transfers balances_as_of \
    statement totals subscribe erase_note receipts seal_status prove_consistency prove_range \
    prove_statement prove_ledger checkpoint tlog_proof audit_rows keyring approvals \
    request_approval push_policy list_policies shadow_policy activate_policy";

const NANOS_PER_HOUR: u64 = 3_600_000_000_000;

/// What `init` makes of the configuration.
struct Spending {
    hours: Option<Range<u64>>,
    maximum: BTreeMap<u32, u128>,
    blocked_tags: u64,
}

impl Policy for Spending {
    const NAME: &'static str = "spending";
    const RULES: &'static [Rule] = RULES;

    fn init(config: &str) -> Result<Self, PolicyError> {
        let mut config = Config::parse(config)?;
        let this = Self {
            hours: config.take_if_set("hours")?.map(hours).transpose()?,
            maximum: maximum(config.take_if_set("maximum")?)?,
            blocked_tags: tag_bits(config.take_if_set("tags")?.unwrap_or_default())?,
        };
        config.finish()?;
        Ok(this)
    }

    /// Only what is named here is passed.
    fn needs(&self) -> Needs {
        let needs = Needs::ACCOUNTS | Needs::TRANSFERS;
        match self.hours {
            Some(_) => needs | Needs::TIME,
            None => needs,
        }
    }

    fn evaluate(&self, request: &Request) -> Verdict {
        match request.operation() {
            "post" | "dry_run" => self.postings(request),
            other if OTHER_OPERATIONS.split(' ').any(|known| known == other) => Verdict::Allow,
            _ => request.deny(&UNKNOWN_OPERATION, UNKNOWN_OPERATION.doc),
        }
    }
}

impl Spending {
    fn postings(&self, request: &Request) -> Verdict {
        if let Some(hours) = &self.hours {
            let hour = request.now() / NANOS_PER_HOUR % 24;
            if !hours.contains(&hour) {
                return request.deny(&OUTSIDE_HOURS, OUTSIDE_HOURS.doc);
            }
        }
        let mut denials = request.denials();
        for transfer in request.transfers() {
            if let Some(rule) = self.rule_of(request, &transfer) {
                let why = format_args!("{}: {}", rule.doc, transfer.amount);
                denials.deny(transfer.index, rule, why);
            }
        }
        denials.verdict()
    }

    /// The rule that denies a transfer, if one does.
    fn rule_of(&self, request: &Request, transfer: &Transfer) -> Option<&'static Rule> {
        let debit = request.account(transfer.debit);
        let credit = request.account(transfer.credit);
        // A transfer that does not say its asset has that of its accounts.
        let asset = match transfer.asset {
            0 => debit.asset,
            asset => asset,
        };
        let maximum = self.maximum.get(&asset);
        if maximum.is_some_and(|maximum| transfer.amount > *maximum) {
            Some(&OVER_MAXIMUM)
        } else if (debit.tags | credit.tags) & self.blocked_tags != 0 {
            Some(&BLOCKED_TAG)
        } else {
            None
        }
    }
}

fn hours(mut fields: Config) -> Result<Range<u64>, PolicyError> {
    let (from, to) = (fields.take("from")?, fields.take("to")?);
    fields.finish()?;
    if from > 24 || to > 24 {
        return bad("`hours` needs `from` and `to`, both from 0 to 24");
    }
    Ok(from..to)
}

/// By asset. Amounts are text: not every reader of JSON keeps the digits of a large number.
fn maximum(fields: Option<Config>) -> Result<BTreeMap<u32, u128>, PolicyError> {
    let mut maximum = BTreeMap::new();
    for (asset, Amount(amount)) in fields.map_or(Ok(Vec::new()), Config::take_all)? {
        let Ok(asset) = asset.parse() else {
            return bad("`maximum` needs numbers of assets");
        };
        maximum.insert(asset, amount);
    }
    Ok(maximum)
}

fn tag_bits(tags: Vec<u8>) -> Result<u64, PolicyError> {
    if tags.iter().any(|tag| *tag > 63) {
        return bad("a tag is from 0 to 63");
    }
    Ok(tags.iter().fold(0, |bits, tag| bits | 1 << tag))
}

fn bad<T>(why: &str) -> Result<T, PolicyError> {
    Err(PolicyError::BadConfig(why.to_owned()))
}

plugins_sdk::export!(Spending);

#[cfg(test)]
mod tests {
    use plugins_sdk::{Account, MemberDenial, Sample};

    use super::*;

    /// The same code as in the sandbox; `cases.json` is run there.
    #[test]
    fn a_maximum_holds() {
        let policy = Spending::init(r#"{"maximum": {"1": "1000"}}"#).unwrap();
        let account = Account {
            asset: 1,
            ..Account::default()
        };
        let transfers = [1_000, 1_001].map(|amount| Transfer {
            credit: 1,
            amount,
            ..Transfer::default()
        });
        let sample = Sample::new("post")
            .accounts([account; 2])
            .transfers(transfers);
        let denied = MemberDenial { index: 1, rule: 3 };
        assert_eq!(sample.ask(&policy), Verdict::AllowExcept(vec![denied]));
    }
}
