//! What is asked of a policy.

use std::cell::RefCell;
use std::fmt::Display;

use crate::rows::{self, Account, Details, Transfer};
use crate::{Accounts, Context, Denials, Needs, Reason, Rule, Transfers, Verdict};

/// Reasons that are kept: more than a batch has transfers.
const MAX_REASONS: usize = 16_384;

/// A request: who asks for what, and what the policy said it needs.
///
/// What it did not say it needs cannot be read: it would be empty, and a rule about transfers
/// would pass for want of any. Such a read panics.
#[derive(Debug)]
pub struct Request {
    needs: Needs,
    context: Context,
    accounts: Accounts,
    transfers: Transfers,
    reasons: Option<RefCell<Vec<Reason>>>,
}

impl Request {
    /// A request of these parts, for a policy that needs `needs`.
    ///
    /// # Panics
    /// Columns differ in length: rows would be missing.
    pub fn new(needs: Needs, context: Context, accounts: Accounts, transfers: Transfers) -> Self {
        assert!(
            are_even(&accounts, &transfers, needs),
            "columns differ in length"
        );
        Self {
            needs,
            context,
            accounts,
            transfers,
            reasons: None,
        }
    }

    /// Who asks for what, as it was passed.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Name of the operation.
    pub fn operation(&self) -> &str {
        &self.context.operation
    }

    /// Name of the principal's tenant; empty for the platform.
    pub fn tenant(&self) -> &str {
        &self.context.tenant
    }

    /// Whether the principal has this role.
    pub fn has_role(&self, role: &str) -> bool {
        self.context.roles.iter().any(|mine| mine == role)
    }

    /// Whether the principal has this scope.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.context.scopes.iter().any(|mine| mine == scope)
    }

    /// The value of an attribute.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut attributes = self.context.attributes.iter();
        attributes
            .find(|(mine, _)| mine == name)
            .map(|(_, value)| &**value)
    }

    /// Nanoseconds since 1970, UTC.
    ///
    /// # Panics
    /// The policy does not need `TIME`.
    pub fn now(&self) -> u64 {
        self.must_need(Needs::TIME);
        self.context.now
    }

    /// Id of the request.
    ///
    /// # Panics
    /// The policy does not need `REQUEST_ID`.
    pub fn id(&self) -> u128 {
        self.must_need(Needs::REQUEST_ID);
        rows::join(self.context.request_id_low, self.context.request_id_high)
    }

    /// The transfers of the batch.
    ///
    /// # Panics
    /// The policy does not need `TRANSFERS`.
    pub fn transfers(&self) -> impl Iterator<Item = Transfer> {
        self.must_need(Needs::TRANSFERS);
        rows::transfers(&self.transfers)
    }

    /// How many transfers the batch has.
    ///
    /// # Panics
    /// The policy does not need `TRANSFERS`.
    pub fn transfer_count(&self) -> usize {
        self.must_need(Needs::TRANSFERS);
        self.transfers.debit.len()
    }

    /// Id of the transfer at `index`.
    ///
    /// # Panics
    /// The policy does not need `TRANSFER_IDS`, or there is no such transfer.
    pub fn transfer_id(&self, index: usize) -> u128 {
        self.must_need(Needs::TRANSFER_IDS);
        rows::join(self.transfers.id_low[index], self.transfers.id_high[index])
    }

    /// More of the transfer at `index`.
    ///
    /// # Panics
    /// The policy does not need `TRANSFER_DETAILS`, or there is no such transfer.
    pub fn details(&self, index: usize) -> Details {
        self.must_need(Needs::TRANSFER_DETAILS);
        Details {
            timeout: self.transfers.timeout[index],
            effective_at: self.transfers.effective_at[index],
            user_data: self.transfers.user_data[index],
        }
    }

    /// The distinct accounts that the batch touches, in order of their places.
    ///
    /// # Panics
    /// The policy does not need `ACCOUNTS`.
    pub fn accounts(&self) -> impl Iterator<Item = Account> {
        self.must_need(Needs::ACCOUNTS);
        rows::accounts(&self.accounts)
    }

    /// The account at `place`, as a transfer names its two sides.
    ///
    /// # Panics
    /// The policy does not need `ACCOUNTS`, or there is no such account.
    pub fn account(&self, place: u32) -> Account {
        self.must_need(Needs::ACCOUNTS);
        let (at, columns) = (place as usize, &self.accounts);
        Account {
            id: rows::join(columns.id_low[at], columns.id_high[at]),
            code: columns.code[at],
            asset: columns.asset[at],
            state: columns.state_bits[at],
            tags: columns.tag_bits[at],
        }
    }

    /// The columns of accounts, as they were passed.
    pub fn account_columns(&self) -> &Accounts {
        &self.accounts
    }

    /// The columns of transfers, as they were passed.
    pub fn transfer_columns(&self) -> &Transfers {
        &self.transfers
    }

    /// Denies the whole request. `why` is written out only for who asks for an explanation.
    pub fn deny(&self, rule: &Rule, why: impl Display) -> Verdict {
        self.record(None, rule, why);
        Verdict::Deny(rule.number)
    }

    /// Collects the transfers that are denied while the others go on.
    pub fn denials(&self) -> Denials<'_> {
        Denials::new(self)
    }

    pub(crate) fn recording(self) -> Self {
        Self {
            reasons: Some(RefCell::default()),
            ..self
        }
    }

    pub(crate) fn into_reasons(self) -> Vec<Reason> {
        self.reasons.map(RefCell::into_inner).unwrap_or_default()
    }

    pub(crate) fn record(&self, index: Option<u32>, rule: &Rule, why: impl Display) {
        let Some(reasons) = &self.reasons else {
            return;
        };
        let mut reasons = reasons.borrow_mut();
        if reasons.len() < MAX_REASONS {
            reasons.push(Reason {
                index,
                rule: rule.number,
                text: why.to_string(),
            });
        }
    }

    fn must_need(&self, need: Needs) {
        assert!(
            self.needs.contains(need),
            "a policy reads what it does not say it needs"
        );
    }
}

/// Whether the columns of what is needed have one length.
fn are_even(a: &Accounts, t: &Transfers, needs: Needs) -> bool {
    let accounts = one_length(&[
        a.id_low.len(),
        a.id_high.len(),
        a.code.len(),
        a.asset.len(),
        a.state_bits.len(),
        a.tag_bits.len(),
    ]);
    let transfers = one_length(&[
        t.debit.len(),
        t.credit.len(),
        t.amount_low.len(),
        t.amount_high.len(),
        t.asset.len(),
        t.code.len(),
        t.flag_bits.len(),
    ]);
    let ids = one_length(&[t.id_low.len(), t.id_high.len()]);
    let details = one_length(&[t.timeout.len(), t.effective_at.len(), t.user_data.len()]);
    let of_transfers = [
        (Needs::TRANSFERS, transfers),
        (Needs::TRANSFER_IDS, ids),
        (Needs::TRANSFER_DETAILS, details),
    ];
    let mut needed = of_transfers
        .into_iter()
        .filter(|(need, _)| needs.contains(*need))
        .map(|(_, rows)| rows);
    let first = needed.next().unwrap_or(Some(0));
    accounts.is_some() && first.is_some() && needed.all(|rows| rows == first)
}

fn one_length(lengths: &[usize]) -> Option<usize> {
    let first = *lengths.first()?;
    lengths.iter().all(|len| *len == first).then_some(first)
}

#[cfg(test)]
mod tests;
