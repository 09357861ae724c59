//! What a case passes to a policy.

use std::collections::HashMap;

use super::file;
use crate::contract::{AccountColumns, Context, ResourceView, TransferColumns};
use crate::limits::ROWS_MAX;

/// Context, accounts and transfers of one case.
#[derive(Debug)]
pub(super) struct Scene {
    operation: String,
    kind: String,
    id: String,
    owner: String,
    owned: bool,
    tenant: String,
    principal: String,
    roles: Vec<String>,
    scopes: Vec<Box<str>>,
    attributes: Vec<(Box<str>, Box<str>)>,
    now: u64,
    request_id: u128,
    pub(super) accounts: AccountColumns,
    pub(super) batch: TransferColumns,
}

impl Scene {
    pub(super) fn read(
        context: file::Context,
        listed: Option<Vec<file::Account>>,
        transfers: Vec<file::Transfer>,
    ) -> Result<Self, String> {
        let (accounts, mut rows) = accounts(listed.as_deref().unwrap_or_default())?;
        let mut scene = Self {
            owned: context
                .resource
                .owned
                .unwrap_or(!context.resource.owner.is_empty()),
            operation: context.operation,
            kind: context.resource.kind,
            id: context.resource.id,
            owner: context.resource.owner,
            tenant: context.tenant,
            principal: context.principal,
            roles: context.roles,
            scopes: context.scopes,
            attributes: context.attributes.into_iter().collect(),
            now: context.now.nanos()?,
            request_id: context.request_id.value()?,
            accounts,
            batch: TransferColumns::default(),
        };
        for (index, transfer) in transfers.iter().enumerate() {
            let debit = scene.row(&transfer.debit, &mut rows, listed.is_some())?;
            let credit = scene.row(&transfer.credit, &mut rows, listed.is_some())?;
            push_transfer(&mut scene.batch, transfer, (debit, credit), index)?;
        }
        if scene.accounts.len() > ROWS_MAX || scene.batch.len() > ROWS_MAX {
            return Err(format!("more than {ROWS_MAX} accounts or transfers"));
        }
        Ok(scene)
    }

    /// The row of an account, which is made where no list says what exists.
    fn row(
        &mut self,
        id: &file::Number,
        rows: &mut HashMap<u128, u32>,
        is_listed: bool,
    ) -> Result<u32, String> {
        let id = id.value()?;
        if let Some(row) = rows.get(&id) {
            return Ok(*row);
        }
        if is_listed {
            return Err(format!("account `{id}` is not among the accounts"));
        }
        let account = file::Account {
            id: file::Number::Digits(id.to_string()),
            code: 1,
            asset: 1,
            state: Vec::new(),
            tags: Vec::new(),
        };
        push_account(&mut self.accounts, rows, &account)
    }

    /// The context, lent.
    pub(super) fn with_context<T>(&self, then: impl FnOnce(&Context<'_>) -> T) -> T {
        let roles: Vec<&str> = self.roles.iter().map(String::as_str).collect();
        then(&Context {
            operation: &self.operation,
            resource: ResourceView {
                kind: &self.kind,
                id: &self.id,
                owner: &self.owner,
                owned: self.owned,
            },
            tenant: &self.tenant,
            principal: &self.principal,
            roles: &roles,
            scopes: &self.scopes,
            attributes: &self.attributes,
            now: self.now,
            request_id_low: low(self.request_id),
            request_id_high: high(self.request_id),
        })
    }
}

fn accounts(listed: &[file::Account]) -> Result<(AccountColumns, HashMap<u128, u32>), String> {
    let (mut columns, mut rows) = (AccountColumns::default(), HashMap::new());
    for account in listed {
        let before = columns.len();
        let row = push_account(&mut columns, &mut rows, account)?;
        if row as usize != before {
            return Err(format!("account `{}` stands twice", account.id.value()?));
        }
    }
    Ok((columns, rows))
}

fn push_account(
    columns: &mut AccountColumns,
    rows: &mut HashMap<u128, u32>,
    account: &file::Account,
) -> Result<u32, String> {
    let id = account.id.value()?;
    if let Some(row) = rows.get(&id) {
        return Ok(*row);
    }
    let row = u32::try_from(columns.len()).map_err(|_| "too many accounts".to_owned())?;
    rows.insert(id, row);
    let mut tags = 0_u64;
    for &tag in &account.tags {
        tags |= 1_u64
            .checked_shl(tag.into())
            .ok_or_else(|| format!("tag `{tag}` is above 63"))?;
    }
    columns.id_low.push(low(id));
    columns.id_high.push(high(id));
    columns.code.push(account.code);
    columns.asset.push(account.asset);
    columns.state_bits.push(
        account
            .state
            .iter()
            .fold(0, |bits, state| bits | bit(*state)),
    );
    columns.tag_bits.push(tags);
    Ok(row)
}

fn push_transfer(
    columns: &mut TransferColumns,
    transfer: &file::Transfer,
    (debit, credit): (u32, u32),
    index: usize,
) -> Result<(), String> {
    let amount = transfer.amount.value()?;
    let id = match &transfer.id {
        Some(id) => id.value()?,
        None => index as u128 + 1,
    };
    columns.debit.push(debit);
    columns.credit.push(credit);
    columns.amount_low.push(low(amount));
    columns.amount_high.push(high(amount));
    columns.asset.push(transfer.asset);
    columns.code.push(transfer.code);
    columns.flag_bits.push(transfer.flags);
    columns.id_low.push(low(id));
    columns.id_high.push(high(id));
    columns.timeout.push(transfer.timeout);
    columns.effective_at.push(transfer.effective_at.nanos()?);
    columns.user_data.push(transfer.user_data);
    Ok(())
}

fn bit(state: file::State) -> u16 {
    match state {
        file::State::FrozenDebits => 1 << 1,
        file::State::FrozenCredits => 1 << 2,
        file::State::Closed => 1 << 3,
    }
}

fn low(value: u128) -> u64 {
    (value & u128::from(u64::MAX)) as u64
}

fn high(value: u128) -> u64 {
    (value >> 64) as u64
}
