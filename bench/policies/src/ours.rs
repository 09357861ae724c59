//! The rule as a policy of ours: a component, asked in columns.

use std::fs;
use std::path::Path;

use ledger::Digest;
use plugins_host::contract::ResourceView;
use plugins_host::{
    AccountColumns, Context, Limits, LoadOptions, Policy, Runtime, RuntimeOptions, TransferColumns,
    Verdict,
};
use serde_json::json;

use crate::Outcome;
use crate::world::{BLOCKED, Batch, HOURS, MAXIMA};

/// What a policy is asked about a batch.
#[derive(Default)]
pub struct Input {
    now: u64,
    accounts: AccountColumns,
    transfers: TransferColumns,
}

/// The component, loaded as a daemon would.
pub struct Ours {
    policy: Policy,
}

impl Ours {
    pub fn load(file: &Path) -> Outcome<Self> {
        let component =
            fs::read(file).map_err(|error| format!("cannot read `{}`: {error}", file.display()))?;
        let maximum = MAXIMA.map(|(asset, most)| (asset.to_string(), json!(most.to_string())));
        let config = json!({
            "hours": {"from": HOURS.0, "to": HOURS.1},
            "maximum": serde_json::Map::from_iter(maximum),
            "tags": BLOCKED,
        });
        let options = LoadOptions {
            name: "spending",
            component: &component,
            digest: Digest::of(&component),
            config: &config.to_string(),
            config_version: None,
            limits: Limits::ROOMY,
            cases: None,
        };
        let policy = Policy::load(&Runtime::new(RuntimeOptions::default())?, &options)?;
        Ok(Self { policy })
    }

    /// Fills the columns, as a daemon does of the accounts and transfers that it has.
    pub fn fill(&self, batch: &Batch, input: &mut Input) {
        let Input {
            now,
            accounts,
            transfers,
        } = input;
        *now = batch.now;
        accounts.clear();
        transfers.clear();
        for (place, account) in batch.accounts.iter().enumerate() {
            accounts.id_low.push(place as u64 + 1);
            accounts.id_high.push(0);
            accounts.code.push(1);
            accounts.asset.push(account.asset);
            accounts.state_bits.push(0);
            accounts.tag_bits.push(account.tags);
        }
        for transfer in &batch.transfers {
            transfers.debit.push(transfer.debit);
            transfers.credit.push(transfer.credit);
            transfers.amount_low.push(transfer.amount);
            transfers.amount_high.push(0);
            transfers.asset.push(transfer.asset);
            transfers.code.push(1);
            transfers.flag_bits.push(0);
        }
    }

    pub fn decide(&self, input: &Input) -> Outcome<Verdict> {
        let context = Context {
            operation: "post",
            resource: ResourceView {
                kind: "book",
                id: "2",
                owner: "acme",
                owned: true,
            },
            tenant: "acme",
            principal: "spiffe://example.org/acme/app",
            roles: &["write"],
            scopes: &[],
            attributes: &[],
            now: input.now,
            request_id_low: 0,
            request_id_high: 0,
        };
        Ok(self
            .policy
            .evaluate(&context, &input.accounts, &input.transfers)?)
    }

    /// For each of `size` transfers the rule that denies it, or 0.
    pub fn rules(verdict: &Verdict, size: usize) -> Vec<u16> {
        let mut rules = vec![0; size];
        match verdict {
            Verdict::Allow => {}
            Verdict::AllowExcept(members) => {
                for member in members {
                    rules[member.index as usize] = member.rule;
                }
            }
            Verdict::Deny(rule) => rules.fill(*rule),
        }
        rules
    }
}
