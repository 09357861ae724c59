//! What policies are passed of a batch: its distinct accounts and its transfers, in columns.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::OnceLock;

use ledger::{AccountId, BookId, Transfer};

use crate::contract::{AccountColumns, Needs, TransferColumns};
use crate::facts::{Facts, FactsUnavailable, SeenFacts};

/// What is known of a batch, made as far as policies need it and only once for all of them.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    pub(crate) accounts: AccountColumns,
    pub(crate) transfers: TransferColumns,
    pub(crate) facts: Option<SeenFacts>,
    has: Needs,
}

impl Columns {
    /// Adds what `needs` ask for and is not there yet.
    ///
    /// # Errors
    /// Nobody knows the accounts now.
    pub(crate) fn fill(
        &mut self,
        needs: Needs,
        book: BookId,
        transfers: &[Transfer],
        facts: Option<&dyn Facts>,
    ) -> Result<(), FactsUnavailable> {
        if transfers.is_empty() {
            return Ok(());
        }
        // Transfers name accounts by their place, so accounts come first.
        if self.wants(needs, Needs::ACCOUNTS) {
            self.fill_accounts(book, transfers, facts.ok_or(FactsUnavailable)?)?;
        }
        if self.wants(needs, Needs::TRANSFERS) {
            self.fill_transfers(transfers);
        }
        let columns = &mut self.transfers;
        if needs.contains(Needs::TRANSFER_IDS) && !self.has.contains(Needs::TRANSFER_IDS) {
            columns.id_low = column(transfers, |t| low(t.id.0));
            columns.id_high = column(transfers, |t| high(t.id.0));
        }
        if needs.contains(Needs::TRANSFER_DETAILS) && !self.has.contains(Needs::TRANSFER_DETAILS) {
            columns.timeout = column(transfers, |t| t.timeout);
            columns.effective_at = column(transfers, |t| t.effective_at.0);
            columns.user_data = column(transfers, |t| t.user_data);
        }
        self.has = self.has | needs;
        Ok(())
    }

    fn wants(&self, needs: Needs, one: Needs) -> bool {
        needs.contains(one) && !self.has.contains(one)
    }

    fn fill_accounts(
        &mut self,
        book: BookId,
        transfers: &[Transfer],
        facts: &dyn Facts,
    ) -> Result<(), FactsUnavailable> {
        let mut distinct = Distinct::with_capacity(2 * transfers.len());
        let columns = &mut self.transfers;
        columns.debit = column(transfers, |t| distinct.place(t.debit));
        columns.credit = column(transfers, |t| distinct.place(t.credit));
        let mut ids = distinct.ids;
        let accounts = &mut self.accounts;
        let version = facts.look_up(book, &ids, accounts)?;
        let rows = [
            accounts.code.len(),
            accounts.asset.len(),
            accounts.state_bits.len(),
            accounts.tag_bits.len(),
        ];
        if rows != [ids.len(); 4] {
            return Err(FactsUnavailable);
        }
        accounts.id_low = ids.iter().map(|id| low(id.0)).collect();
        accounts.id_high = ids.iter().map(|id| high(id.0)).collect();
        ids.sort_unstable();
        self.facts = Some(SeenFacts {
            version,
            accounts: ids.into(),
        });
        Ok(())
    }

    fn fill_transfers(&mut self, transfers: &[Transfer]) {
        let columns = &mut self.transfers;
        columns.amount_low = column(transfers, |t| low(t.amount));
        columns.amount_high = column(transfers, |t| high(t.amount));
        columns.asset = column(transfers, |t| t.asset.0);
        columns.code = column(transfers, |t| t.code);
        columns.flag_bits = column(transfers, |t| t.flags.0);
        if columns.debit.is_empty() {
            columns.debit = vec![0; transfers.len()];
            columns.credit = vec![0; transfers.len()];
        }
    }
}

fn column<T>(transfers: &[Transfer], value: impl FnMut(&Transfer) -> T) -> Vec<T> {
    transfers.iter().map(value).collect()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the other half is in `high`"
)]
fn low(value: u128) -> u64 {
    value as u64
}

fn high(value: u128) -> u64 {
    (value >> 64) as u64
}

/// Distinct accounts, each with its place in order of first appearance.
struct Distinct {
    ids: Vec<AccountId>,
    /// Places, plus one, by hash: open addressing with at least half of the slots free.
    slots: Vec<u32>,
}

impl Distinct {
    fn with_capacity(accounts: usize) -> Self {
        Self {
            ids: Vec::with_capacity(accounts),
            slots: vec![0; (2 * accounts).next_power_of_two()],
        }
    }

    fn place(&mut self, id: AccountId) -> u32 {
        let mask = self.slots.len() - 1;
        let mut at = hash(id.0) & mask;
        loop {
            let place = self.slots[at];
            if place == 0 {
                self.ids.push(id);
                let place = u32::try_from(self.ids.len()).unwrap_or(u32::MAX);
                self.slots[at] = place;
                return place - 1;
            }
            if self.ids[place as usize - 1] == id {
                return place - 1;
            }
            at = (at + 1) & mask;
        }
    }
}

/// Both halves multiplied under seeds that nobody outside knows: who chooses ids cannot make them
/// meet in one slot.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a hash is as good as its low bits"
)]
fn hash(id: u128) -> usize {
    static SEEDS: OnceLock<[u64; 2]> = OnceLock::new();
    let [one, other] = SEEDS.get_or_init(|| {
        let random = RandomState::new();
        [random.hash_one(1), random.hash_one(2)]
    });
    let product = u128::from(low(id) ^ one) * u128::from(high(id) ^ other);
    (low(product) ^ high(product)) as usize
}

#[cfg(test)]
mod tests;
