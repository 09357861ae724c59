//! Limits: bounds on amounts, batches, assets, accounts, tags and hours, as a configuration says.
//!
//! They are asked about postings and dry runs. What an operation that moves nothing may do is left
//! to roles; what is unknown is denied.

mod accounts;
mod amounts;
mod batch;
mod config;
mod hours;
mod list;
mod rules;

use catalogue::{Capability, Operation};
use plugins_sdk::{Needs, Policy, PolicyError, Request, Rule, Verdict};

use accounts::Accounts;
use amounts::Amounts;
use hours::Hours;

/// The policy.
#[derive(Debug)]
pub struct Limits {
    hours: Option<Hours>,
    max_transfers: Option<usize>,
    amounts: Option<Amounts>,
    accounts: Option<Accounts>,
}

impl Policy for Limits {
    const NAME: &'static str = "limits";
    const RULES: &'static [Rule] = rules::ALL;

    fn init(config: &str) -> Result<Self, PolicyError> {
        Self::of(config::Limits::parse(config)?)
    }

    fn needs(&self) -> Needs {
        let mut needs = Needs::empty();
        if self.hours.is_some() {
            needs |= Needs::TIME;
        }
        if self.max_transfers.is_some() {
            needs |= Needs::TRANSFERS;
        }
        if self.amounts.is_some() || self.accounts.is_some() {
            // Accounts also say the asset of a transfer that does not.
            needs |= Needs::TRANSFERS | Needs::ACCOUNTS;
        }
        needs
    }

    fn evaluate(&self, request: &Request) -> Verdict {
        let name = request.operation();
        let Some(operation) = Operation::find(name) else {
            return request.deny(
                &rules::UNKNOWN,
                format_args!("operation `{name}` is unknown"),
            );
        };
        match operation.capability {
            Capability::LedgerPost | Capability::LedgerImport => self.judge(request),
            _ => Verdict::Allow,
        }
    }
}

impl Limits {
    fn of(config: config::Limits) -> Result<Self, PolicyError> {
        Ok(Self {
            hours: config.hours.map(Hours::new).transpose()?,
            max_transfers: config.batch.and_then(|batch| batch.max_transfers),
            amounts: Amounts::new(config.assets, config.amounts)?,
            accounts: Accounts::new(config.codes, config.debit, config.credit)?,
        })
    }
}

plugins_sdk::export!(Limits);

#[cfg(test)]
mod tests;
